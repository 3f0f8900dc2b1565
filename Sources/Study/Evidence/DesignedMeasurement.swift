import Basics
import Demonstrations
import Policies
import Probes
import Safetensors
import Tabletop

/// Asks policies about observations that are made up for one probe. Their answers are entries of the store like all others.
struct DesignedMeasurement {
    private let maker: PolicyMaker

    init(_ maker: PolicyMaker) { self.maker = maker }

    /// - Parameter need: the kind of observations a probe asks for.
    func all(_ need: Need) throws -> [DesignedAnswers] {
        let study = maker.study, run = maker.run
        let data = try maker.data(), policies = AskedPolicies(maker)
        let designs = try DesignedConditions(data: data, state: study.data(run, view: .state), settings: study.settings).all(need)
        let entries = try policies.able().filter { $0.acts.contains(.plain) }
        let ways = try self.ways(data)
        let meter = run.progress.start("asking about designed observations", total: designs.count * entries.count)
        defer { meter.finish() }
        var done = 0
        return try designs.flatMap { design in
            try entries.compactMap { entry -> DesignedAnswers? in
                try run.interruption.check()
                done += 1
                meter.update(done, detail: "\(entry.id), \(design.query.condition)")
                // What acts by the simulator's state or by low-dim values alone is not told what a mixture shows.
                let isMixture = design.query.observeState == nil
                guard !design.query.frames.isEmpty, !isMixture || (entry.view == .images && !entry.needsSimulator) else { return nil }
                let file = try PolicyAnswers(entry: entry, condition: design.query, maker: maker).obtain { try policies.policy(entry) }
                return DesignedAnswers(
                    design: design.design,
                    generated: try GeneratedFile(condition: design.query, data: data).chunks(of: entry.id, in: file, prefix: ""),
                    coordinate: design.coordinate, other: design.other, ways: ways)
            }
        }
    }

    /// Which way each training demonstration takes round what stands in it; none where there is but one way.
    private func ways(_ data: StudyData) throws -> [Int: String] {
        guard RecordedScenes.task(of: data.set) is DetourTask else { return [:] }
        return try Dictionary(
            uniqueKeysWithValues: data.split.train.compactMap { demonstration in
                let path = try (0..<data.set.episodes[demonstration].length).map { frame in
                    try RecordedScenes.state(of: FrameReference(demonstration: demonstration, frame: frame), in: data.set).position
                }
                return DetourTask.side(of: path).map { (demonstration, $0.rawValue) }
            })
    }
}
