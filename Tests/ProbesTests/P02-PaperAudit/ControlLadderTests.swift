import Basics
import Probes
import Testing

@Suite struct ControlLadderTests {
    @Test func `the rungs are there, in order of what they mean, and absent inputs leave rows out`() throws {
        let study = SyntheticStudy()
        let alt = study.generated("memorizer", "heldout", asked: study.query)
        let renamed = GeneratedChunks(
            policy: "alt", condition: "heldout", chunks: alt.chunks, observation: alt.observation, sample: alt.sample,
            truth: alt.truth)
        let table = try #require(try PaperAudit().run(study.context([renamed], features: true)).table("p02_controls"))
        func distance(_ control: String) -> Double {
            table.numbers("distance_median", where: ["control": control]).first ?? .nan
        }
        #expect(
            Set(table.texts("control")) == [
                "heldout", "alt", "self_noise", "jitter", "knn_mean", "phase_mean", "mean", "random_train",
            ])
        #expect(distance("alt") == 0)
        #expect(distance("self_noise") == 0)
        #expect(distance("jitter") > 0 && distance("jitter") < distance("heldout"))
        #expect(distance("heldout") < distance("random_train"))
        let bare = try #require(try PaperAudit().run(study.context()).table("p02_controls"))
        #expect(!bare.texts("control").contains("knn_mean"))
        #expect(!bare.texts("control").contains("alt"))
    }

    @Test func `jitter lies a quarter of the median D12 from its training chunk`() throws {
        let study = SyntheticStudy(train: 40)
        let context = try ProbeContext(
            train: study.train, query: study.query,
            generated: [study.generated("memorizer", "heldout", asked: study.query)], resamples: 50, seed: Seed(0),
            pool: WorkerPool(workers: 2))
        let table = try #require(try PaperAudit().run(context).table("p02_controls"))
        let spacing = try #require(try DataAudit().run(context).row("p00_d12_median")?.value)
        let jitter = table.numbers("distance_median", where: ["control": "jitter"])[0]
        #expect(jitter > 0.2 * spacing && jitter < 0.27 * spacing)
    }

    @Test func `the mean of the five nearest observations' chunks is the one measured`() throws {
        // Observation i is followed by action i up to 10 and by i² beyond: around 7 the five nearest average to 7.
        let actions = (0..<20).map { Float($0 < 10 ? $0 : $0 * $0) }
        func points(_ values: [Float], first: Int) -> Chunks {
            Chunks(
                horizon: 1, actionDimension: 1, values: values, demonstration: Array(first..<first + values.count),
                frame: values.map { _ in 0 })
        }
        let query = points([0], first: 20)
        var measurements = Measurements()
        measurements.spaces = [
            ObservationSpace(
                space: Space("i"), width: 1, train: (0..<20).map { Float($0) }, conditions: ["heldout": [7.2]])
        ]
        let context = try ProbeContext(
            train: points(actions, first: 0), query: query,
            generated: [
                GeneratedChunks(
                    policy: "p", condition: "heldout", chunks: query, observation: [0], sample: [0], truth: query)
            ],
            measurements: measurements, resamples: 10, seed: Seed(0))
        let table = try #require(try PaperAudit().run(context).table("p02_controls"))
        #expect(table.numbers("distance_median", where: ["control": "knn_mean"]) == [0])
    }
}
