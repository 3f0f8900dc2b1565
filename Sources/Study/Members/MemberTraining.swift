import Basics
import Networks
import Policies
import Runs
import Training

/// Runs one training to its end, or picks it up where it was stopped.
struct MemberTraining {
    let member: TrainingMember
    private let data: StudyData
    private let study: Study
    private let run: RunContext

    init(_ member: TrainingMember, _ study: Study, _ run: RunContext) throws {
        self.member = member
        self.study = study
        self.run = run
        data = try study.data(run, view: member.view, part: member.part)
    }

    func train() throws {
        let settings = study.settings, training = settings.diffusion.training
        let network = DiffusionNetwork(settings.diffusionNetwork(data.set))
        let trainer = DiffusionTrainer(
            name: member.name, network, settings.diffusionTraining(steps: member.steps), objective: member.objective,
            set: data.set, layout: data.layout, windows: data.train, normalizer: data.normalizer, seed: member.seed,
            pool: study.pool)
        run.log.info(
            """
            \(member.name): \(network.store.count) parameters, \(data.split.train.count) demonstrations, \
            \(data.train.count) windows, \(trainer.totalSteps) steps of \(training.batchSize)
            """)
        let kept = member.name == "diffusion" ? Set(training.auditedSteps) : []
        try TrainingLoop(run, trainer: member.name, checkpointEvery: training.checkpointEvery, kept: kept).run(trainer)
    }
}
