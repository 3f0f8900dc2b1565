import Basics
import Foundation
import Networks
import Policies
import Probes
import Runs
import Store

/// What a study would do, found out without writing anything: its data, which stages would run, which trainings, tables,
/// answers and curves are there, and how long the rest takes on this machine, measured by a few steps of each.
public struct StudyOutlook {
    private let experiment: ExperimentFile
    private let results: String
    private let study: Study
    private let console: Console
    private let interruption: Interruption
    private let program: ProgramIdentity

    /// - Throws: `Failure` when the demonstrations are there and cannot be read.
    public init(
        _ experiment: ExperimentFile, results: String, drawsPictures: Bool = true, program: ProgramIdentity, console: Console, interruption: Interruption
    ) throws {
        let isThere = FileSystem.exists(experiment.settings.data.path), experiment = isThere ? try experiment.resolvingAudit().namingObservations() : experiment
        self.experiment = experiment
        self.results = results
        self.program = program
        self.console = console
        self.interruption = interruption
        study = Study(experiment.settings, drawsPictures: drawsPictures)
    }

    private var settings: Settings { experiment.settings }

    /// Lines for people, in sections.
    /// - Throws: `Failure` for everything that the study itself would refuse before it trains.
    public func text() throws -> String {
        guard FileSystem.exists(settings.data.path) else { return try withoutData() }
        let configuration = try experiment.runConfiguration()
        let path = RunFolder.path(for: configuration, results: results)
        let run = RunContext.looking(at: configuration, in: path, program: program, console: console, interruption: interruption)
        let data = try study.data(run), conditions = try study.conditions(run)
        _ = try study.data(run, view: .state)
        let split = data.split
        var lines = [
            ["run", "\(path)\(FileSystem.exists(path) ? "" : ", new")"],
            [
                "data",
                """
                \(settings.data.path), \(data.set.episodes.count) demonstrations, \(data.set.totalFrames) steps: \(split.train.count) train, \
                \(split.reference.count) reference, \(split.query.count) query
                """,
            ],
            ["cameras", data.set.cameras.isEmpty ? "none" : data.set.cameras.map { "\($0.key) \($0.width) x \($0.height)" }.joined(separator: ", ")],
            ["low-dim", data.set.lowDimKeys.map { "\($0.key) [\($0.width)]" }.joined(separator: ", ")],
            ["asked", conditions.map { "\($0.condition) \($0.frames.count)" }.joined(separator: ", ")],
        ]
        let summary = data.summary(settings)
        try TrainableData(study: study, data: data, run: run).check(summary, study.partsThere(run))
        let unasked = try AskedProbes(study, ProbeInputs(study, run), summary).lines("will not be")
        for (index, line) in unasked.enumerated() { lines.append([index == 0 ? "probes" : "", line]) }
        let stages = try StageRunner(study.stages).outlook(run)
        for (index, stage) in stages.enumerated() {
            lines.append([index == 0 ? "stages" : "", "\(stage.stage): \(stage.reason ?? "unchanged, would be skipped")"])
        }
        let work = try StudyWork(study, run, results: results).all()
        for (index, piece) in work.enumerated() { lines.append([index == 0 ? "work" : "", piece.text]) }
        let seconds = work.compactMap(\.seconds).reduce(0, +)
        if stages.allSatisfy({ $0.reason == nil }) {
            lines.append(["time", "none: the run is finished"])
        } else {
            let unknown = work.filter { $0.seconds == nil }.map(\.name)
            lines.append([
                "time",
                "about \(ProgressText.duration(seconds)) with \(settings.workers) workers, as this machine is now"
                    + (unknown.isEmpty ? "" : ", and \(unknown.joined(separator: ", ")), which no run here has done yet"),
            ])
        }
        return TextColumns.align(lines)
    }

    private func withoutData() throws -> String {
        let made = settings.data.generate.map { "\($0.demonstrations) demonstrations of \($0.task) would be made" } ?? ""
        return TextColumns.align([
            ["run", "\(results)/\(settings.experiment)/study-\(try settings.configurationHash())-<data>-s\(settings.seed), new"],
            ["data", "\(settings.data.path) does not exist; \(made)"],
            ["stages", study.stages.map(\.name).joined(separator: ", ")],
            ["time", "not known before the data are there: `alt dataset generate` makes them"],
        ])
    }
}

/// The pieces of work of a study: what is there, and what the rest takes.
struct StudyWork {
    struct Piece {
        let name: String
        let state: String
        /// Nil where nothing here has measured it.
        let seconds: Double?

        var text: String {
            "\(name): \(state)" + ((seconds ?? 0) > 0 ? ", about \(ProgressText.duration(seconds ?? 0))" : "")
        }
    }

    private let study: Study
    private let run: RunContext
    private let results: String
    /// Steps of each training, or queries of each policy, that are timed after one that is not.
    private static let timed = 3

    init(_ study: Study, _ run: RunContext, results: String) {
        self.study = study
        self.run = run
        self.results = results
    }

    func all() throws -> [Piece] { try trainings() + encoders() + answers() + [rollouts(), monitors(), manifolds()].compactMap { $0 } + recorded() }

    private func trainings() throws -> [Piece] {
        let parts = StudyPart.all(study.settings), there = Set(try study.partsThere(run))
        var measured: [String: Double] = [:]
        return try (study.catalogue.trainings(parts, ofSubject: true) + study.catalogue.trainings(parts, ofSubject: false)).map { training in
            let isThere = there.contains(training.part), data = try study.data(run, view: training.view, part: isThere ? training.part : .main)
            // Trainings that see the same with the same network take the same time a step.
            let kind = "\(training.network) on \(training.view)"
            return try piece(training.name, isThere ? training.identity(study.settings, data) : nil, steps: training.steps) {
                if let known = measured[kind] { return known }
                let seconds = try secondsPerStep(training, data)
                measured[kind] = seconds
                return seconds
            }
        }
    }

    private func encoders() throws -> [Piece] {
        guard try !study.data(run).set.cameras.isEmpty else { return [] }
        return try EncoderTraining.all(study.settings).map { training in
            let data = try study.data(run, part: training.part), trainer = try training.trainer(data, study.pool)
            return try piece(training.name, training.identity(data), steps: trainer.totalSteps) { try secondsPerStep(of: trainer) }
        }
    }

    /// - Parameter identity: nil where its demonstrations are not made yet.
    private func piece(_ name: String, _ identity: Identity?, steps: Int, secondsPerStep: () throws -> Double) throws -> Piece {
        if let identity, run.store.has(identity) { return Piece(name: name, state: "found, \(run.store.name(identity))", seconds: 0) }
        try run.interruption.check()
        let isBegun = identity.map(run.store.isBegun) ?? false
        return Piece(
            name: name, state: "\(steps) steps\(isBegun ? ", of which some are done" : "")", seconds: try secondsPerStep() * Double(steps))
    }

    /// Small trainings go side by side, each on one thread.
    private func secondsPerStep(_ training: PolicyTraining, _ data: StudyData) throws -> Double {
        guard training.view == .state else { return try secondsPerStep(of: training.trainer(study.settings, data, study.pool)) }
        return try secondsPerStep(of: training.trainer(study.settings, data, WorkerPool(workers: 1))) / Double(study.settings.workers)
    }

    private func secondsPerStep(of trainer: any Trainer) throws -> Double {
        _ = try trainer.advance()
        let clock = ContinuousClock.now
        for _ in 0..<Self.timed { _ = try trainer.advance() }
        return (ContinuousClock.now - clock) / .seconds(Self.timed)
    }

    /// Answers that are not in the store. A policy's time is that of one observation times the others, which is more than a
    /// batch takes.
    private func answers() throws -> [Piece] {
        var found = 0, open: [(entry: CatalogueEntry, observations: Int)] = []
        for part in try study.partsThere(run) {
            let maker = PolicyMaker(study: study, run: run, part: part)
            for entry in try AskedPolicies(maker).entries() {
                for condition in try study.conditions(run, part) where entry.isAsked(condition) {
                    let answers = PolicyAnswers(entry: entry, condition: condition, maker: maker)
                    if run.store.has(try answers.identity()) { found += 1 } else { open.append((entry, condition.frames.count)) }
                }
            }
        }
        guard !open.isEmpty else { return [Piece(name: "answers", state: "\(found) found", seconds: 0)] }
        var seconds = 0.0
        for (_, group) in Dictionary(grouping: open, by: \.entry.id) {
            try run.interruption.check()
            seconds += try secondsPerQuery(group[0].entry) * Double(group.reduce(0) { $0 + $1.observations })
        }
        return [Piece(name: "answers", state: "\(found) found, \(open.count) to ask", seconds: seconds)]
    }

    /// By weights before their training: the time does not depend on them. Lookups take next to none.
    private func secondsPerQuery(_ entry: CatalogueEntry) throws -> Double {
        var maker = PolicyMaker(study: study, run: run)
        maker.isUntrained = true
        guard !entry.needsCameras, let policy = try entry.make(maker),
            let condition = try study.conditions(run).first(where: \.hasTruth)
        else { return 0 }
        let asked = Array(try study.observations(condition, entry.view, .main, run).prefix(4))
        let samples = policy.isStochastic ? study.settings.probes.samples : 1
        _ = try policy.predict([asked[0]], samples: samples, seed: Seed(0))
        let clock = ContinuousClock.now
        _ = try policy.predict(asked, samples: samples, seed: Seed(0))
        return (ContinuousClock.now - clock) / .seconds(asked.count)
    }

    /// Episodes that are not in the store. How long they take depends on how soon they end, so the time is that of an earlier run.
    private func rollouts() throws -> Piece? {
        guard let plan = try RolloutPlan(study, run) else { return nil }
        let blocks = try plan.cells.flatMap { cell in
            cell.blocks(plan.task, PolicyMaker(study: study, run: run, part: cell.part))
        } + (ChoiceEpisodes(study, run)?.blocks ?? [])
        let open = try blocks.filter { try !run.store.has($0.identity()) }
        let episodes = open.reduce(0) { $0 + $1.starts.count }
        let last = try ProvenanceFile.lastTimes(of: study.settings.experiment, in: results)[StageName.rollouts]
        return Piece(
            name: StageName.rollouts, state: open.isEmpty ? "\(blocks.count) blocks found" : "\(blocks.count - open.count) blocks found, \(episodes) episodes to run",
            seconds: open.isEmpty ? 0 : last)
    }

    /// Scores along episodes, which are measured where a probe asks for them: their time is part of its stage's.
    private func monitors() throws -> Piece? {
        let asked = try AskedProbes(study, ProbeInputs(study, run), study.data(run).summary(study.settings)).probes
        guard let plan = try RolloutPlan(study, run), asked.contains(where: { $0.needs.contains(.monitoredRollouts) }) else { return nil }
        let blocks = MonitoredRollouts(study, run, plan).blocks
        guard !blocks.isEmpty else { return nil }
        let found = try blocks.count { try run.store.has($0.identity()) }
        return Piece(
            name: "monitors", state: found == blocks.count ? "\(found) blocks found" : "\(found) blocks found, \(blocks.count - found) to follow",
            seconds: 0)
    }

    private func manifolds() throws -> Piece? {
        let files = ManifoldFiles(study.settings, run), configuration = files.configuration
        guard ManifoldStage(study: study).isWanted else { return nil }
        let open = configuration.cells.filter { !files.isFinished($0) }, found = configuration.cells.count - open.count
        guard let largest = open.max(by: { configuration.work($0) < configuration.work($1) }) else {
            return Piece(name: "manifolds", state: "\(found) cells found", seconds: 0)
        }
        try run.interruption.check()
        let rate = try ManifoldStudy(configuration, root: files.root, pool: study.pool).secondsPerWork(largest)
        let work = open.reduce(0) { $0 + configuration.work($1) }
        return Piece(name: "manifolds", state: "\(found) cells found, \(open.count) to learn", seconds: rate * Double(work))
    }

    /// What the stages took that cannot be measured beforehand, in the run of this experiment that did them last.
    private func recorded() throws -> [Piece] {
        let times = try ProvenanceFile.lastTimes(of: study.settings.experiment, in: results)
        return [StageName.probe, StageName.report].map { stage in
            Piece(name: stage, state: times[stage] == nil ? "not measured yet" : "as in an earlier run", seconds: times[stage])
        }
    }
}
