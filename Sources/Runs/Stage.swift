import Basics
import Store

/// One step of a study, done once for the same inputs.
public protocol Stage: Sendable {
    /// As in messages and marker files: "train-diffusion".
    var name: String { get }
    /// What the result depends on. Called after the stages before have finished.
    func fingerprint(_ run: RunContext) throws -> Fingerprint
    /// Files inside the run's folder that must be there, as they were written, for the stage to count as finished.
    func outputs(_ run: RunContext) throws -> [String]
    /// Does the work. Checks `run.interruption` between steps and saves before throwing.
    /// - Throws: `Failure`; the run then ends with its exit code.
    func run(_ run: RunContext) throws
}

extension Stage {
    public func outputs(_ run: RunContext) throws -> [String] { [] }
}

extension Fingerprint {
    /// An earlier stage of the same run: whatever changed there changes this stage too.
    public mutating func add(stage name: String, of run: RunContext) throws {
        add("stage \(name)", text: try StageMarker.read(name, in: run.folder)?.fingerprint.digest ?? "not finished")
    }
}

/// `stages/<name>.json`: written after a stage succeeded, read to skip it.
public struct StageMarker: Codable, Equatable, Sendable {
    var name: String
    /// False while the stage works; what it wrote before is known all the same, to be removed where it is not written again.
    var isFinished = true
    var fingerprint: Fingerprint
    /// SHA-256 by path.
    var outputs: [String: String]

    private static func path(_ name: String, _ folder: RunFolder) -> String { folder.path("stages/\(name).json") }

    /// nil when the stage has not finished, or its marker is not as it was written.
    static func read(_ name: String, in folder: RunFolder) throws -> StageMarker? {
        try readAny(name, in: folder).flatMap { $0.isFinished ? $0 : nil }
    }

    static func isDamaged(_ name: String, in folder: RunFolder) throws -> Bool {
        try FileSystem.exists(path(name, folder)) && readAny(name, in: folder) == nil
    }

    private static func readAny(_ name: String, in folder: RunFolder) throws -> StageMarker? {
        guard FileSystem.exists(path(name, folder)) else { return nil }
        do {
            return try SealedJSON.read(StageMarker.self, from: path(name, folder))
        } catch let failure as Failure where failure.kind == .data {
            return nil
        }
    }

    func write(in folder: RunFolder) throws { try SealedJSON.write(self, to: Self.path(name, folder)) }

    /// Called before the stage works, so that a crash half-way cannot look finished.
    /// - Returns: the files that the stage wrote before.
    static func open(_ name: String, in folder: RunFolder) throws -> Set<String> {
        guard var marker = try readAny(name, in: folder) else { return [] }
        marker.isFinished = false
        try marker.write(in: folder)
        return Set(marker.outputs.keys)
    }

    /// Why the stage must run, or nil when it is unchanged.
    func reasonToRun(_ current: Fingerprint, in folder: RunFolder) throws -> String? {
        let changed = current.differences(from: fingerprint)
        if !changed.isEmpty { return "changed: \(changed.joined(separator: ", "))" }
        for (path, hash) in outputs.sorted(by: { $0.key < $1.key }) {
            let file = folder.path(path)
            guard FileSystem.exists(file), !FileSystem.isFolder(file) else { return "missing: \(path)" }
            if try FileHash.sha256(file) != hash { return "not as it was written: \(path)" }
        }
        return nil
    }
}

/// Runs stages in order and skips those whose inputs did not change.
public struct StageRunner: Sendable {
    public enum Outcome: Equatable, Sendable {
        case ran, unchanged
    }

    public let stages: [any Stage]

    public init(_ stages: [any Stage]) { self.stages = stages }

    /// - Returns: what happened to each stage, in order.
    /// - Throws: the first stage's `Failure`; later stages are not run. Anything else thrown is reported as a defect (exit 70).
    public func run(_ run: RunContext) throws -> [Outcome] {
        var outcomes: [Outcome] = []
        for (position, stage) in stages.enumerated() {
            let title = "stage \(position + 1) of \(stages.count), \(stage.name)"
            try run.folder.write(RunStatus(.running, stage: stage.name))
            do {
                try run.interruption.check()
                outcomes.append(try runOne(stage, title, run))
            } catch let failure as Failure {
                let status = RunStatus(
                    failure.kind == .interrupted ? .interrupted : .failed, stage: stage.name,
                    exitCode: failure.kind.exitCode, message: failure.what, details: failure.description)
                do { try run.folder.write(status) } catch {
                    // The stage's own failure is what the user must see.
                    run.log.warning("the status cannot be written: \(error)")
                }
                throw failure
            }
        }
        return outcomes
    }

    /// Which stages would run, and why: those whose inputs or outputs changed, and all that follow from them.
    public func outlook(_ run: RunContext) throws -> [(stage: String, reason: String?)] {
        var isOpen = false
        return try stages.map { stage in
            guard !isOpen, let marker = try StageMarker.read(stage.name, in: run.folder) else {
                isOpen = true
                return (stage.name, "not done yet")
            }
            let reason = try marker.reasonToRun(stage.fingerprint(run), in: run.folder)
            if reason != nil { isOpen = true }
            return (stage.name, reason)
        }
    }

    private func runOne(_ stage: any Stage, _ title: String, _ run: RunContext) throws -> Outcome {
        do {
            let fingerprint = try stage.fingerprint(run)
            let marker = try StageMarker.read(stage.name, in: run.folder)
            let reason = try marker?.reasonToRun(fingerprint, in: run.folder)
            if marker == nil, try StageMarker.isDamaged(stage.name, in: run.folder) {
                run.log.warning("\(run.folder.path("stages/\(stage.name).json")) is damaged; the stage is done again")
            }
            if reason == nil, marker != nil {
                run.log.info("\(title): unchanged, skipped")
                return .unchanged
            }
            run.log.info("\(title)\(reason.map { " again, \($0)" } ?? "")")
            let written = try StageMarker.open(stage.name, in: run.folder)
            let clock = ContinuousClock.now
            run.uses.begin(stage.name)
            try stage.run(run)
            var outputs: [String: String] = [:]
            for path in try stage.outputs(run) {
                let file = run.folder.path(path)
                guard FileSystem.exists(file) else {
                    throw Failure(.defect, "stage \(stage.name) did not write what it promised", at: file)
                }
                outputs[path] = try FileHash.sha256(file)
            }
            // Results of conditions or probes that are no longer asked must not stand beside those that are.
            for stale in written.subtracting(outputs.keys) where !FileSystem.isFolder(run.folder.path(stale)) {
                try FileSystem.remove(run.folder.path(stale))
            }
            if !run.uses.keepsAll { try run.folder.forget(stage.name, except: run.uses.names) }
            try StageMarker(name: stage.name, fingerprint: fingerprint, outputs: outputs).write(in: run.folder)
            try run.provenance.record(stage: stage.name, seconds: (ContinuousClock.now - clock) / .seconds(1))
            return .ran
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(
                .defect, "stage \(stage.name) failed in a way this program does not foresee", found: "\(error)",
                remedy: "please report it with the output of `alt info`")
        }
    }
}
