import Basics
import Foundation
import Runs
import Store
import Synchronization

/// Counts its runs and writes one file.
final class FakeStage: Stage {
    let name: String
    let after: String?
    private let input: Mutex<String>
    private let counter = Mutex(0)
    private let body: @Sendable (RunContext) throws -> Void

    init(_ name: String, after: String? = nil, input: String = "", body: @escaping @Sendable (RunContext) throws -> Void = { _ in }) {
        self.name = name
        self.after = after
        self.input = Mutex(input)
        self.body = body
    }

    var runs: Int { counter.withLock { $0 } }

    func change(input text: String) { input.withLock { $0 = text } }

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        fingerprint.add("input", text: input.withLock { $0 })
        if let after { try fingerprint.add(stage: after, of: run) }
        return fingerprint
    }

    func outputs(_ run: RunContext) -> [String] { ["probes/\(name).txt"] }

    func run(_ run: RunContext) throws {
        counter.withLock { $0 += 1 }
        try body(run)
        try AtomicFile.write(name, to: run.folder.path("probes/\(name).txt"))
    }
}

extension RunConfiguration {
    static let fake = RunConfiguration(
        experiment: "mine", hash: "0123abcd", dataHash: "fedcba9876543210", seed: 5, yaml: "seed: 5\n", overrides: ["seed=5"])
}
