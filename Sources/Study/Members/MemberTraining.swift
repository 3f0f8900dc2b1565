import Compute
import Networks
import Policies

/// Runs one training to its end, or picks it up where it was stopped.
struct MemberTraining {
    let member: TrainingMember
    private let data: StudyData
    private let context: StudyContext

    init(_ member: TrainingMember, _ cache: StudyDataCache, _ context: StudyContext) throws {
        self.member = member
        self.context = context
        data = try cache.data(context, view: member.view).part(member.part)
    }

    func run() throws {
        let settings = context.settings, training = settings.diffusion.training
        let network = DiffusionNetwork(settings.diffusionNetwork(data.set))
        let trainer = DiffusionTrainer(
            name: member.name, network, settings.diffusionTraining(steps: member.steps),
            noise: settings.diffusion.noise.schedule, objective: member.objective, set: data.set, layout: data.layout,
            windows: data.train, normalizer: data.normalizer, seed: member.seed,
            pool: WorkerPool(workers: settings.workers))
        context.log.info(
            """
            \(member.name): \(network.store.count) parameters, \(data.split.train.count) demonstrations, \
            \(data.train.count) windows, \(trainer.totalSteps) steps of \(training.batchSize)
            """)
        let kept = member.name == "diffusion" ? Set(training.auditedSteps) : []
        try TrainingLoop(context, trainer: member.name, checkpointEvery: training.checkpointEvery, kept: kept).run(trainer)
    }
}
