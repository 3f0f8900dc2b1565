import Basics
import Compute
import Networks
import Policies
import Testing

@Suite struct TrainerTests {
    /// 27 windows: six steps of 3 stay within one epoch, the fourth of 8 goes across the end of the first.
    @Test(arguments: [3, 8], [[3], [2, 4], [1, 2, 5]])
    func `an interrupted diffusion training ends with the bits of an uninterrupted one`(
        _ batchSize: Int, _ interruptions: [Int]
    ) throws {
        let tiny = TinyDemonstrations()
        try expectExactResume(interruptions) { tiny.diffusionTrainer(batchSize: batchSize) }
    }

    @Test(arguments: [3, 8], [[3], [2, 4], [1, 2, 5]])
    func `an interrupted contrastive training ends with the bits of an uninterrupted one`(
        _ batchSize: Int, _ interruptions: [Int]
    ) throws {
        let tiny = TinyDemonstrations()
        try expectExactResume(interruptions) { tiny.contrastiveTrainer(batchSize: batchSize) }
    }

    @Test(arguments: [3, 8], [[3], [2, 4], [1, 2, 5]])
    func `an interrupted training of an autoencoder ends with the bits of an uninterrupted one`(
        _ batchSize: Int, _ interruptions: [Int]
    ) throws {
        let tiny = TinyDemonstrations()
        try expectExactResume(interruptions) { tiny.autoencoderTrainer(batchSize: batchSize) }
    }

    @Test func `the number of workers does not change the trained weights`() throws {
        let tiny = TinyDemonstrations()
        try expectSame(
            run(tiny.diffusionTrainer(batchSize: 8, workers: 1), 3), run(tiny.diffusionTrainer(batchSize: 8, workers: 2), 3))
        try expectSame(
            run(tiny.contrastiveTrainer(batchSize: 8, workers: 1), 3),
            run(tiny.contrastiveTrainer(batchSize: 8, workers: 2), 3))
        try expectSame(
            run(tiny.autoencoderTrainer(batchSize: 8, workers: 1), 3),
            run(tiny.autoencoderTrainer(batchSize: 8, workers: 2), 3))
    }

    @Test func `an autoencoder starts from the contrastive encoder, on crops alone, and its loss falls`() throws {
        let tiny = TinyDemonstrations(), trainer = tiny.autoencoderTrainer(batchSize: 8)
        func encoder(_ trainer: EncoderTrainer) -> [[Float]] {
            trainer.state().model.filter { $0.name.hasPrefix(SharedEncoder.prefix) }.map(\.tensor.values)
        }
        #expect(encoder(trainer) == encoder(tiny.contrastiveTrainer()) && encoder(trainer).count > 10)
        let other = tiny.autoencoderTrainer(batchSize: 8, jitter: 1)
        let losses = try (0..<60).map { _ in try trainer.advance().loss }
        #expect(try (0..<3).map { _ in try other.advance().loss } == Array(losses.prefix(3)))
        #expect(Set(losses).count > 50 && losses.suffix(10).reduce(0, +) / 10 < 0.9 * losses[0])
    }

    @Test func `the average's step count is saved, and without it the average would be overwritten`() throws {
        let tiny = TinyDemonstrations()
        var state = try run(tiny.diffusionTrainer(), 4).state()
        #expect(state.counters == ["step": 4, "ema_step": 4])
        let restored = tiny.diffusionTrainer()
        try restored.restore(state, from: "checkpoint")
        #expect(restored.state().counters == state.counters)
        _ = try restored.advance()
        state.counters["ema_step"] = 0
        let forgetful = tiny.diffusionTrainer()
        try forgetful.restore(state, from: "checkpoint")
        _ = try forgetful.advance()
        #expect(forgetful.average.array != restored.average.array)
    }

    /// Pairing views of different frames could not get below the loss of guessing, ln 15.
    @Test func `contrastive training learns which views belong together`() throws {
        let tiny = TinyDemonstrations()
        let trainer = tiny.contrastiveTrainer(batchSize: 8)
        let losses = try (0..<60).map { _ in try trainer.advance().loss }
        #expect(losses.suffix(10).reduce(0, +) / 10 < 0.8 * losses[0])
    }

    /// A batch of 8 of 26 frames has some that are near each other; with all of a demonstration near, only those of other
    /// demonstrations are negatives.
    @Test func `neighbours that are spared are no negatives of a training`() throws {
        let tiny = TinyDemonstrations()
        let losses = try [0, 3, 100].map { try tiny.contrastiveTrainer(batchSize: 8, spared: $0).advance().loss }
        #expect(losses[0] > losses[1] && losses[1] > losses[2] && losses[2] > 0)
        // As many epochs over one demonstration teach nothing when all its frames are near.
        let alone = TinyDemonstrations(lengths: [12]).contrastiveTrainer(batchSize: 4, spared: 100)
        #expect(abs(try alone.advance().loss) < 1e-6)
    }

    @Test func `a policy without cameras trains on low-dim values alone`() throws {
        let tiny = TinyDemonstrations(cameras: [])
        let trainer = try run(tiny.diffusionTrainer(), 2)
        #expect(trainer.state().model.allSatisfy { $0.tensor.values.allSatisfy { $0.isFinite } })
    }

    @Test func `a state without counters is refused`() throws {
        let tiny = TinyDemonstrations()
        let trainers: [any Trainer] = [tiny.diffusionTrainer(), tiny.contrastiveTrainer(), tiny.autoencoderTrainer()]
        for trainer in trainers {
            var state = trainer.state()
            state.counters = [:]
            let failure = #expect(throws: Failure.self) { try trainer.restore(state, from: "last") }
            #expect(failure?.kind == .data)
        }
    }

    /// Its own training demonstrations stand for the held-out ones, so that the loss must fall.
    @Test(arguments: [3, 8, 40]) func `the held-out loss is that of the present weights, and a training does not notice it`(
        _ batchSize: Int
    ) throws {
        let tiny = TinyDemonstrations(), frames = tiny.frames
        let made: [(measured: any Trainer, plain: any Trainer)] = [
            (tiny.diffusionTrainer(batchSize: batchSize, heldout: tiny.windows), tiny.diffusionTrainer(batchSize: batchSize)),
            (tiny.contrastiveTrainer(batchSize: batchSize, heldout: frames), tiny.contrastiveTrainer(batchSize: batchSize)),
            (tiny.autoencoderTrainer(batchSize: batchSize, heldout: frames), tiny.autoencoderTrainer(batchSize: batchSize)),
        ]
        for (measured, plain) in made {
            #expect(plain.heldoutLoss() == nil)
            let first = try #require(measured.heldoutLoss())
            #expect(measured.heldoutLoss() == first)
            for _ in 0..<30 {
                #expect(try measured.advance().loss == plain.advance().loss)
                _ = measured.heldoutLoss()
            }
            let last = try #require(measured.heldoutLoss())
            // Three frames and their views are too few for contrast to learn in 30 steps.
            #expect(batchSize == 3 && measured.name == "alt" ? last != first : last < first, "\(measured.name)")
            expectSame(measured, plain)
        }
    }

    @Test func `the number of workers does not change the held-out loss`() {
        let tiny = TinyDemonstrations()
        func losses(_ workers: Int) -> [Float?] {
            [
                tiny.diffusionTrainer(batchSize: 8, workers: workers, heldout: tiny.windows).heldoutLoss(),
                tiny.contrastiveTrainer(batchSize: 8, workers: workers, heldout: tiny.frames).heldoutLoss(),
                tiny.autoencoderTrainer(batchSize: 8, workers: workers, heldout: tiny.frames).heldoutLoss(),
            ]
        }
        #expect(losses(1) == losses(2) && losses(1).allSatisfy { $0 != nil })
    }

    private func expectExactResume<T: Trainer>(_ interruptions: [Int], _ make: () -> T) throws {
        let straight = try run(make(), 6)
        var trainer = make()
        for step in 0..<6 {
            if interruptions.contains(step) {
                let state = trainer.state()
                trainer = make()
                try trainer.restore(state, from: "checkpoint")
            }
            #expect(trainer.step == step)
            _ = try trainer.advance()
        }
        expectSame(straight, trainer)
    }

    private func run<T: Trainer>(_ trainer: T, _ steps: Int) throws -> T {
        for _ in 0..<steps { _ = try trainer.advance() }
        return trainer
    }

    private func expectSame(_ first: any Trainer, _ second: any Trainer) {
        let first = first.state()
        let second = second.state()
        #expect(first.counters == second.counters)
        #expect(first.model.map(\.name) == second.model.map(\.name))
        #expect(first.model.map(\.tensor) == second.model.map(\.tensor))
        #expect(first.optimizer.map(\.tensor) == second.optimizer.map(\.tensor))
    }
}
