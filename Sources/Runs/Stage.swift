import Basics

/// Runs stages in order and skips those whose inputs did not change.
public struct StageRunner: Sendable {
    public enum Outcome: Equatable, Sendable {
        case ran, unchanged
    }

    public let stages: [any Stage]

    public init(_ stages: [any Stage]) { self.stages = stages }

    /// - Returns: what happened to each stage, in order.
    /// - Throws: the first stage's `Failure`; later stages are not run. Anything else thrown is reported as a defect (exit 70).
    public func run(_ context: StudyContext) throws -> [Outcome] {
        var outcomes: [Outcome] = []
        for (position, stage) in stages.enumerated() {
            let title = "stage \(position + 1) of \(stages.count), \(stage.name)"
            try context.runFolder.write(RunStatus(.running, stage: stage.name))
            do {
                try context.interruption.check()
                outcomes.append(try runOne(stage, title, context))
            } catch let failure as Failure {
                let status = RunStatus(
                    failure.kind == .interrupted ? .interrupted : .failed, stage: stage.name,
                    exitCode: failure.kind.exitCode, message: failure.what)
                do { try context.runFolder.write(status) } catch {
                    // The stage's own failure is what the user must see.
                    context.log.warning("the status cannot be written: \(error)")
                }
                throw failure
            }
        }
        return outcomes
    }

    private func runOne(_ stage: any Stage, _ title: String, _ context: StudyContext) throws -> Outcome {
        do {
            let fingerprint = try stage.fingerprint(context)
            let marker = try StageMarker.read(stage.name, in: context.runFolder)
            if let marker, marker.reasonToRun(fingerprint, in: context.runFolder) == nil {
                context.log.info("\(title): unchanged, skipped")
                return .unchanged
            }
            let reason = marker?.reasonToRun(fingerprint, in: context.runFolder)
            context.log.info("\(title)\(reason.map { " again, \($0)" } ?? "")")
            try StageMarker.remove(stage.name, in: context.runFolder)
            try stage.run(context)
            let outputs = try stage.outputs(context)
            if let missing = outputs.first(where: { !FileSystem.exists(context.runFolder.path($0)) }) {
                throw Failure(.diverged, "stage \(stage.name) did not write what it promised", at: context.runFolder.path(missing))
            }
            // Taken again: a stage may have made its own inputs, as generating a dataset does.
            try StageMarker(name: stage.name, fingerprint: try stage.fingerprint(context), outputs: outputs)
                .write(in: context.runFolder)
            return .ran
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(
                .diverged, "stage \(stage.name) failed in a way this program does not foresee", found: "\(error)",
                remedy: "please report it with the output of `alt info`")
        }
    }
}
