/// What a row of the comparison needs beside ours, and what it aims at.
public struct PeerRow: Sendable {
    public let row: BenchmarkRow
    /// Python modules the peer needs, by the name of their package.
    public let packages: [PeerPackage]
    /// Smallest wanted ratio of the peer's time to ours. Documentation: nothing passes or fails by it.
    public let target: String

    public static func all(_ rows: [BenchmarkRow]) -> [PeerRow] {
        rows.map { row in
            switch row.name {
            case "train_step_image", "train_step_alt": PeerRow(row: row, packages: [.numpy, .torch], target: ">= 1.5, aim 2")
            case "forward_backward_unet": PeerRow(row: row, packages: [.numpy, .torch], target: ">= 1.5, aim 2.5")
            case "policy_query_100_steps": PeerRow(row: row, packages: [.numpy, .torch], target: ">= 6")
            case "alt_encode_one": PeerRow(row: row, packages: [.numpy, .torch], target: ">= 2")
            case "reference_unet_one_step", "memory_train_step": PeerRow(row: row, packages: [.numpy, .torch], target: ">= 1")
            case "lookup_top5_10000": PeerRow(row: row, packages: [.numpy, .faiss], target: ">= 1")
            case "lookup_top5_1000000": PeerRow(row: row, packages: [.numpy, .faiss], target: ">= 2")
            case "load_robomimic": PeerRow(row: row, packages: [.numpy, .h5py], target: ">= 1")
            case let name where name.hasPrefix("lookup_"): PeerRow(row: row, packages: [.numpy, .faiss], target: "-")
            case let name where name.hasSuffix("_samples"):
                PeerRow(row: row, packages: [.numpy, .torch], target: ">= 1.5")
            default: PeerRow(row: row, packages: [.numpy, .torch], target: "-")
            }
        }
    }
}

/// A package of Python's that the peer uses; the raw value is the module's name.
public enum PeerPackage: String, Sendable, CaseIterable {
    case numpy, torch, faiss, h5py

    /// Its name for pip.
    public var package: String { self == .faiss ? "faiss-cpu" : rawValue }
}
