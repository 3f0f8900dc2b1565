import Basics
import CHDF5
import COpenBLAS
import CPNG
import CProcessor
import Foundation
import Store

/// What a bug report needs.
public struct SystemInformation: Codable, Sendable {
    /// The commit that the program was built from.
    public let program: String
    /// What it was built for and where.
    public let build: String
    public let versions: Versions
    public let machine: Machine
    /// Version line of gnuplot; nil when it is missing.
    public let gnuplot: String?

    public static func current(_ program: ProgramIdentity) throws -> SystemInformation {
        SystemInformation(
            program: program.description,
            build: "for \(String(cString: alt_processor_level()))" + (program.builtOn.map { ", on \($0)" } ?? ""), versions: .current(), machine: .current(),
            gnuplot: try ExternalProgram("gnuplot")?.run(["--version"]).output.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Label and value per line.
    public var lines: [[String]] {
        [
            ["program", program], ["build", build], ["swift", versions.swift], ["HDF5", versions.hdf5], ["libpng", versions.libpng],
            ["OpenBLAS", versions.openBlas.configuration],
            ["", "core \(versions.openBlas.core), \(versions.openBlas.threads) threads"],
            ["gnuplot", gnuplot ?? "missing: plots are left as scripts (apt-get install gnuplot-nox)"],
            ["processor", "\(machine.processor), \(machine.cores) cores"],
            ["memory", ByteCount.text(Int(machine.memoryBytes))], ["system", machine.operatingSystem],
        ]
    }
}

/// The computer a run was made on.
public struct Machine: Codable, Equatable, Sendable {
    public let processor: String
    public let cores: Int
    public let memoryBytes: UInt64
    public let operatingSystem: String

    public static func current() -> Machine {
        Machine(
            processor: processorName() ?? "unknown", cores: ProcessInfo.processInfo.activeProcessorCount,
            memoryBytes: ProcessInfo.processInfo.physicalMemory,
            operatingSystem: ProcessInfo.processInfo.operatingSystemVersionString)
    }

    private static func processorName() -> String? {
        guard let data = FileManager.default.contents(atPath: "/proc/cpuinfo") else { return nil }
        let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
}

/// Versions of what the numbers depend on.
public struct Versions: Codable, Equatable, Sendable {
    public struct OpenBLAS: Codable, Equatable, Sendable {
        /// Version and build options.
        public let configuration: String
        /// The kernels chosen for this CPU.
        public let core: String
        public let threads: Int
    }

    public let swift: String
    public let hdf5: String
    public let libpng: String
    public let openBlas: OpenBLAS

    /// The libraries as loaded, the compiler as it was when this was built.
    public static func current() -> Versions {
        var major: UInt32 = 0, minor: UInt32 = 0, release: UInt32 = 0
        H5get_libversion(&major, &minor, &release)
        let png = png_access_version_number()
        return Versions(
            swift: compiler, hdf5: "\(major).\(minor).\(release)",
            libpng: "\(png / 10_000).\(png / 100 % 100).\(png % 100)",
            openBlas: OpenBLAS(
                configuration: String(cString: openblas_get_config()), core: String(cString: openblas_get_corename()),
                threads: Int(openblas_get_num_threads())))
    }

    private static var compiler: String {
        #if compiler(>=6.5)
            "6.5 or later"
        #elseif compiler(>=6.4)
            "6.4"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }
}
