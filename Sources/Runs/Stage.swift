import Basics

/// One step of a study, done once for the same inputs.
public protocol Stage: Sendable {
    /// As in messages and marker files: "train-diffusion".
    var name: String { get }
    /// What the result depends on. Called after the stages before have finished.
    func fingerprint(_ run: RunContext) throws -> Fingerprint
    /// Paths inside the run's folder that must be there for the stage to count as finished.
    func outputs(_ run: RunContext) throws -> [String]
    /// Does the work. Checks `run.interruption` between steps and saves before throwing.
    /// - Throws: `Failure`; the run then ends with its exit code.
    func run(_ run: RunContext) throws
}

extension Stage {
    public func outputs(_ run: RunContext) throws -> [String] { [] }
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
                    exitCode: failure.kind.exitCode, message: failure.what)
                do { try run.folder.write(status) } catch {
                    // The stage's own failure is what the user must see.
                    run.log.warning("the status cannot be written: \(error)")
                }
                throw failure
            }
        }
        return outcomes
    }

    private func runOne(_ stage: any Stage, _ title: String, _ run: RunContext) throws -> Outcome {
        do {
            let fingerprint = try stage.fingerprint(run)
            let marker = try StageMarker.read(stage.name, in: run.folder)
            if let marker, marker.reasonToRun(fingerprint, in: run.folder) == nil {
                run.log.info("\(title): unchanged, skipped")
                return .unchanged
            }
            let reason = marker?.reasonToRun(fingerprint, in: run.folder)
            run.log.info("\(title)\(reason.map { " again, \($0)" } ?? "")")
            try StageMarker.remove(stage.name, in: run.folder)
            try stage.run(run)
            let outputs = try stage.outputs(run)
            if let missing = outputs.first(where: { !FileSystem.exists(run.folder.path($0)) }) {
                throw Failure(.defect, "stage \(stage.name) did not write what it promised", at: run.folder.path(missing))
            }
            // Taken again: a stage may have made its own inputs, as generating a dataset does.
            try StageMarker(name: stage.name, fingerprint: try stage.fingerprint(run), outputs: outputs)
                .write(in: run.folder)
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
