import Basics
import Foundation
import Study
import Synchronization

/// Counts its runs and writes one file.
final class FakeStage: Stage {
    let name: String
    let after: String?
    private let input: Mutex<String>
    private let counter = Mutex(0)
    private let body: @Sendable (StudyContext) throws -> Void

    init(_ name: String, after: String? = nil, input: String = "", body: @escaping @Sendable (StudyContext) throws -> Void = { _ in }) {
        self.name = name
        self.after = after
        self.input = Mutex(input)
        self.body = body
    }

    var runs: Int { counter.withLock { $0 } }

    func change(input text: String) { input.withLock { $0 = text } }

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        fingerprint.add("input", text: input.withLock { $0 })
        if let after { try fingerprint.add(stage: after, of: context) }
        return fingerprint
    }

    func outputs(_ context: StudyContext) -> [String] { ["probes/\(name).txt"] }

    func run(_ context: StudyContext) throws {
        counter.withLock { $0 += 1 }
        try body(context)
        try AtomicFile.write(name, to: context.runFolder.path("probes/\(name).txt"))
    }
}
