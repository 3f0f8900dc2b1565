import Foundation

/// Where scaling is measured.
public struct ScalingSizes: Sendable, Equatable {
    public var batches = [8, 16, 32, 64, 128, 256]
    /// Factors of the compact U-Net's levels.
    public var widths = [0.5, 1, 2, 4]
    public var tableRows = [1_000, 10_000, 100_000, 1_000_000, 10_000_000]
    public var demonstrations = [4, 8, 16, 32, 64]

    public init() {}

    /// The smaller part of each, for a first look.
    public static var quick: ScalingSizes {
        var sizes = ScalingSizes()
        sizes.batches = [8, 16, 32, 64]
        sizes.widths = [0.5, 1, 2]
        sizes.tableRows = [1_000, 10_000, 100_000]
        sizes.demonstrations = [2, 4, 8]
        return sizes
    }

    /// For tests, with `BenchmarkSizes.tiny`.
    public static var tiny: ScalingSizes {
        var sizes = ScalingSizes()
        sizes.batches = [1, 2, 3]
        sizes.widths = [1, 2]
        sizes.tableRows = [20, 50]
        sizes.demonstrations = [1, 2]
        return sizes
    }

    /// Without the tables that need more than half of this machine's memory: floats, their compact form, and room to work.
    func fitting(memory: UInt64 = ProcessInfo.processInfo.physicalMemory) -> [Int] {
        tableRows.filter { UInt64($0) * UInt64(BenchmarkSizes.embedding) * 6 <= memory / 2 }
    }
}
