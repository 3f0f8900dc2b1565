/// A row of the comparison: ours, the libraries that do the same, and what it aims at.
public struct PeerRow: Sendable {
    public let row: BenchmarkRow
    /// The row's own peer first, which the target belongs to.
    public let libraries: [PeerLibrary]
    /// Smallest wanted ratio of the first library's time to ours. Documentation: nothing passes or fails by it.
    private let target: String

    /// What the project aims at beside this library, for the reader.
    public func target(of library: PeerLibrary) -> String { library == libraries[0] ? target : "-" }

    /// Those of the rows that have a peer.
    public static func all(_ rows: [BenchmarkRow]) -> [PeerRow] {
        rows.filter(\.hasPeer).map { PeerRow(row: $0, libraries: libraries(of: $0.name), target: target(of: $0.name)) }
    }

    private static func libraries(of row: String) -> [PeerLibrary] {
        if row.hasPrefix("lookup_") { return [.faiss, .usearch] }
        switch row {
        case "train_step_image", "train_step_alt", "forward_backward_unet": return [.torch, .torchCompile]
        case "memory_train_step": return [.torch]
        case "load_robomimic": return [.h5py]
        default: return [.torch, .onnxRuntime, .openvino]
        }
    }

    private static func target(of row: String) -> String {
        switch row {
        case "train_step_image", "train_step_alt", "alt_encode_one", "reference_unet_one_step", "lookup_top5_1000000": ">= 2"
        case "forward_backward_unet": ">= 1.5, aim 2.5"
        case "policy_query_100_steps": ">= 8"
        case "memory_train_step", "lookup_top5_10000", "load_robomimic": ">= 1"
        case let name where name.hasSuffix("_samples"): ">= 1.5"
        default: "-"
        }
    }
}

/// What is measured beside ours; the raw value is its name for the reader and for the peer's program.
public enum PeerLibrary: String, Sendable, CaseIterable {
    case torch = "PyTorch"
    case torchCompile = "torch.compile"
    case onnxRuntime = "ONNX Runtime"
    case openvino = "OpenVINO"
    case faiss = "FAISS"
    case usearch, h5py

    /// What it needs; networks are exported from PyTorch.
    public var packages: [PeerPackage] {
        switch self {
        case .torch, .torchCompile: [.numpy, .torch]
        case .onnxRuntime: [.numpy, .torch, .onnx, .onnxscript, .onnxruntime]
        case .openvino: [.numpy, .torch, .onnx, .onnxscript, .openvino]
        case .faiss: [.numpy, .faiss]
        case .usearch: [.numpy, .usearch]
        case .h5py: [.numpy, .h5py]
        }
    }
}

/// A package of Python's that the peer uses; the raw value is the module's name.
public enum PeerPackage: String, Sendable, CaseIterable {
    case numpy, torch, onnx, onnxscript, onnxruntime, openvino, faiss, usearch, h5py

    /// Its name for pip.
    public var package: String { self == .faiss ? "faiss-cpu" : rawValue }
}
