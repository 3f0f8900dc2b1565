import Basics
import Demonstrations
import Policies
import Testing

@Suite struct RetrievalTests {
    private let tiny = TinyDemonstrations()

    private func table(_ key: any ObservationKey, _ rule: RetrievalRule = RetrievalRule(), workers: Int = 2) -> ActionLookupTable {
        ActionLookupTable(
            key: key, rows: .init(key, set: tiny.set, layout: TinyDemonstrations.layout, windows: tiny.windows), rule: rule,
            pool: WorkerPool(workers: workers))
    }

    private var pose: PoseKey { PoseKey(tiny.normalizer) }

    @Test func `by pose every training frame finds itself and no flag is raised`() throws {
        let observations = tiny.frames.map { tiny.observation($0.demonstration, $0.frame) }
        let answers = try table(pose).predict(observations, samples: 1, seed: Seed(0))
        #expect(answers.map { $0[0].match?.frame } == tiny.frames.map { $0 })
        #expect(answers.allSatisfy { $0[0].isOutOfDistribution == nil && $0[0].match?.similarity == 0 })
    }

    @Test func `the mean of five neighbours lies between them, the nearest weighing most`() throws {
        let rule = RetrievalRule { ($0.answer, $0.neighbours) = (.softmaxMean, 5) }
        let mean = try table(pose, rule).predict([tiny.observation(0, 4)], samples: 2, seed: Seed(0))[0]
        let best = try table(pose).predict([tiny.observation(0, 4)], samples: 5, seed: Seed(0))[0]
        #expect(mean[0] == mean[1])
        for i in mean[0].actions.indices {
            let values = best.map { $0.actions[i] }
            #expect(mean[0].actions[i] >= values.min()! - 1e-6 && mean[0].actions[i] <= values.max()! + 1e-6)
        }
        #expect(mean[0].actions != best[0].actions)
    }

    @Test func `drawing from the best rows of several demonstrations gives each of them, by its seed`() throws {
        let rule = RetrievalRule { ($0.answer, $0.neighbours, $0.areDistinct) = (.sampled, 2, true) }
        let table = table(pose, rule)
        #expect(table.isStochastic)
        let samples = try table.predict([tiny.observation(0, 4)], samples: 40, seed: Seed(0))[0]
        #expect(Set(samples.compactMap { $0.match?.frame.demonstration }).count == 2)
        #expect(samples == (try table.predict([tiny.observation(0, 4)], samples: 40, seed: Seed(0))[0]))
    }

    @Test func `features before the head are unit vectors, and other rows than after it`() throws {
        let embedding = tiny.embedding(workers: 2)
        let observations = [tiny.observation(0, 3), tiny.observation(2, 5)]
        let head = EmbeddingKey(embedding), features = EmbeddingKey(embedding, .features)
        #expect(head.width == 8 && features.width == 16)
        let rows = features.rows(of: observations)
        for row in 0..<2 {
            #expect(abs(rows[row * 16..<(row + 1) * 16].reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        }
        #expect(head.rows(of: observations) == embedding.embed(observations.map { $0.images[1] }))
    }

    @Test func `a joined key gives both parts the same weight, whatever their units`() {
        let embedding = EmbeddingKey(tiny.embedding(workers: 2))
        let joined = JoinedKey(embedding, pose, windows: tiny.windows, in: tiny.set, layout: TinyDemonstrations.layout)
        #expect(joined.width == embedding.width + pose.width)
        let rows = joined.rows(of: tiny.windows, in: tiny.set, layout: TinyDemonstrations.layout)
        /// Median distance to the nearest row of another demonstration in some of the columns.
        func spacing(_ columns: Range<Int>) -> Float {
            let nearest = tiny.frames.indices.map { i in
                tiny.frames.indices.filter { tiny.frames[$0].demonstration != tiny.frames[i].demonstration }.map { j in
                    columns.reduce(Float(0)) {
                        let difference = rows[i * joined.width + $1] - rows[j * joined.width + $1]
                        return $0 + difference * difference
                    }.squareRoot()
                }.min()!
            }.sorted()
            return nearest[nearest.count / 2]
        }
        #expect(abs(spacing(0..<embedding.width) - 1) < 0.25)
        #expect(abs(spacing(embedding.width..<joined.width) - 1) < 0.25)
    }

    @Test func `a replay follows its demonstration by the steps done and repeats its last action`() throws {
        let policy = ReplayPolicy(
            .nearestStart(pose), set: tiny.set, layout: TinyDemonstrations.layout, windows: tiny.windows)
        let start = tiny.observation(1, 0)
        for step in [0, 4, 8, 40] {
            // What is seen on the way does not matter.
            var seen = tiny.observation(2, 7)
            if step == 0 { seen = start }
            seen.episode = EpisodeMemory(step: step, start: step == 0 ? nil : start, recalled: [], seed: Seed(1), state: [])
            let answer = try policy.predict([seen], samples: 1, seed: Seed(0))[0][0]
            #expect(answer.match?.frame == FrameReference(demonstration: 1, frame: min(step, tiny.lengths[1] - 1)))
            #expect(answer.actions == tiny.actions(1, min(step, tiny.lengths[1] - 1)))
        }
    }

    @Test func `a random replay draws a demonstration for each episode and stays with it`() throws {
        let policy = ReplayPolicy(.random, set: tiny.set, layout: TinyDemonstrations.layout, windows: tiny.windows)
        func replayed(_ episode: Int, _ step: Int) throws -> Int? {
            var seen = tiny.observation(0, 0)
            seen.episode = EpisodeMemory(step: step, start: nil, recalled: [], seed: Seed(1) / episode, state: [])
            return try policy.predict([seen], samples: 1, seed: Seed(UInt64(step)))[0][0].match?.frame.demonstration
        }
        for episode in 0..<20 { #expect(try replayed(episode, 0) == replayed(episode, 4)) }
        #expect(Set(try (0..<20).map { try replayed($0, 0) }).count == 3)
    }
}
