import Foundation

/// What a bug report needs.
public struct SystemInformation: Codable, Sendable {
    public let versions: Versions
    public let machine: Machine
    /// Version line of gnuplot; nil when it is missing.
    public let gnuplot: String?

    public static func current() throws -> SystemInformation {
        SystemInformation(
            versions: .current(), machine: .current(),
            gnuplot: try ExternalProgram("gnuplot")?.run(["--version"]).output.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Label and value per line.
    public var lines: [[String]] {
        [
            ["swift", versions.swift], ["HDF5", versions.hdf5], ["libpng", versions.libpng],
            ["OpenBLAS", versions.openBlas.configuration],
            ["", "core \(versions.openBlas.core), \(versions.openBlas.threads) threads"],
            ["gnuplot", gnuplot ?? "missing: plots are left as scripts (apt-get install gnuplot-nox)"],
            ["processor", "\(machine.processor), \(machine.cores) cores"],
            ["memory", "\(machine.memoryBytes >> 20) MiB"], ["system", machine.operatingSystem],
        ]
    }
}
