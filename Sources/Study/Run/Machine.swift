import Foundation

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
