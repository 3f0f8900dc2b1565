import Basics
import Compute
import Networks
import Safetensors

/// Trains, samples and measures one cell.
struct ManifoldCellRun {
    private static let comparedSteps = 11
    let cell: ManifoldCell
    let configuration: ManifoldConfiguration
    let root: Seed
    let pool: WorkerPool
    /// Called before every step; what it throws ends the run, after a training under way was saved.
    let check: (Int) throws -> Void
    let states: any ManifoldStates

    func run() throws -> ManifoldResult {
        let training = cell.training(root), seed = cell.ownSeed(root)
        switch cell.model {
        case .truth:
            return given(cell.shape.curve.draw(configuration.samples, seed: seed / "samples"))
        case .square:
            var source = RandomSource(seed / "samples")
            return given((0..<2 * configuration.samples).map { _ in Float(source.uniform(-1.25, 1.25)) })
        case .exact:
            let exact = CurveDenoiser(points: training), schedule = cell.manner.schedule
            return try sampled(cell.manner.process) { exact.noise(at: $0, alphaBar: schedule.alphaBar($1)) }
        case .small, .large:
            return try trained(on: training)
        }
    }

    private func given(_ samples: [Float]) -> ManifoldResult {
        ManifoldResult(
            samples: samples, flowLines: [], distances: cell.shape.curve.distances(of: samples), loss: nil, steps: 0,
            parameters: 0, timesteps: [], noiseLevels: [], errorFresh: [], errorTraining: [])
    }

    private func sampled(
        _ process: any GenerativeProcess, _ answer: @escaping ([Float], Int) -> [Float]
    ) throws -> ManifoldResult {
        let sampler = ManifoldSampler(process: process, answer: answer)
        let samples = try sampler.sample(
            configuration.samples, flowLines: ManifoldCell.flowLines, seed: cell.ownSeed(root) / "samples"
        ) { try check(0) }
        var result = given(samples.points)
        result.flowLines = samples.flowLines
        return result
    }

    private func trained(on points: [Float]) throws -> ManifoldResult {
        guard let size = configuration.size(cell.model) else { preconditionFailure("\(cell.model) is not trained") }
        let network = ManifoldNetwork(size), process = cell.manner.process
        let trainer = ManifoldTrainer(
            network, configuration.training(cell), process: process, points: points, seed: cell.ownSeed(root),
            pool: pool)
        if let file = try states.saved() { try trainer.restore(file) }
        while !trainer.isFinished {
            do {
                try check(trainer.step)
            } catch {
                try states.save(trainer.state())
                throw error
            }
            try trainer.advance()
            if trainer.step % configuration.checkpointEvery == 0 { try states.save(trainer.state()) }
        }
        let prediction = ManifoldPrediction(
            network, parameters: trainer.parameters, rows: configuration.samples, diffusionSteps: process.levels,
            pool: pool)
        var result = try sampled(process) { prediction.noise(at: $0, step: $1) }
        result.loss = trainer.loss
        result.steps = trainer.step
        result.parameters = network.store.count
        try compare(prediction, with: CurveDenoiser(points: points), training: points, &result)
        return result
    }

    /// Evenly spread steps, first and last among them.
    private func compare(
        _ network: ManifoldPrediction, with exact: CurveDenoiser, training: [Float],
        _ result: inout ManifoldResult
    ) throws {
        let fresh = cell.fresh(configuration.samples, root), seed = cell.ownSeed(root) / "comparison"
        let schedule = cell.manner.schedule, process = cell.manner.process, last = schedule.steps - 1
        result.timesteps = (0..<Self.comparedSteps).map { $0 * last / (Self.comparedSteps - 1) }
        for step in result.timesteps {
            try check(result.steps)
            let alphaBar = schedule.alphaBar(step)
            result.noiseLevels.append(((1 - alphaBar) / alphaBar).squareRoot())
            var source = RandomSource(seed / step)
            func error(at clean: [Float]) -> Double {
                let noisy = clean.map { process.noised($0, noise: Float(source.normal()), at: step) }
                let own = network.noise(at: noisy, step: step), best = exact.noise(at: noisy, alphaBar: alphaBar)
                return zip(own, best).reduce(0) { $0 + pow2(Double($1.0 - $1.1)) } / Double(own.count)
            }
            result.errorFresh.append(error(at: fresh))
            // As many training points as fresh ones, some of them several times.
            let drawn = (0..<configuration.samples).flatMap { _ in
                let point = source.index(below: cell.points)
                return [training[2 * point], training[2 * point + 1]]
            }
            result.errorTraining.append(error(at: drawn))
        }
    }

    private func pow2(_ x: Double) -> Double { x * x }
}
