import Basics
import Foundation
import Networks
import Testing

@testable import Probes

@Suite struct ExactDenoiserComparisonTests {
    private let study = SyntheticStudy()
    /// Timestep and mixture.
    private static let levels = [(90, 0.05), (50, 0.4), (2, 0.98)].map { ($0, Mixture(alphaBar: $1)) }

    /// Noisy versions of the true held-out chunks, answered by `clean(x, mixture, observation)`.
    private func answers(
        _ policy: PolicyID, levels: [(Int, Mixture)] = levels,
        _ clean: (_ noisy: [Float], _ mixture: Mixture, _ observation: Int) -> [Float]
    ) -> DenoiserAnswers {
        let asked = study.asked(study.query)
        var source = RandomSource(Seed(3))
        var noisy: [Float] = []
        var cleaned: [Float] = []
        var rows: [(Int, Mixture, Int)] = []
        for (timestep, mixture) in levels {
            for row in 0..<asked.count {
                let x = asked.values[row * asked.width..<(row + 1) * asked.width].map {
                    mixture.data * $0 + mixture.noise * Float(source.normal())
                }
                noisy += x
                cleaned += clean(x, mixture, row)
                rows.append((timestep, mixture, row))
            }
        }
        return DenoiserAnswers(
            policy: policy, condition: "heldout", timestep: rows.map(\.0), mixture: rows.map(\.1),
            observation: rows.map(\.2), cluster: rows.map { asked.demonstration[$0.2] }, noisy: noisy, clean: cleaned)
    }

    private func run(_ denoisers: [DenoiserAnswers]) throws -> ProbeResult {
        var measurements = Measurements()
        measurements[DenoiserAnswers.self] = denoisers
        return try ExactDenoiserComparison().run(study.context(features: true, measurements))
    }

    /// The exact denoiser with a bandwidth of so many nearest-neighbour distances.
    private func exact(_ policy: PolicyID, _ bandwidth: Double) throws -> DenoiserAnswers {
        let spacing = study.space.neighbourSpacing(demonstration: study.train.demonstration, pool: WorkerPool(workers: 2))
        let distances = try #require(study.space.squaredDistances("heldout", pool: WorkerPool(workers: 2)))
        let denoiser = ExactDenoiser(chunks: study.train.values, width: study.train.width)
        return answers(policy) {
            denoiser.clean(
                $0, mixture: $1, squaredObservationDistances: distances[$2], bandwidth: bandwidth * spacing)
        }
    }

    @Test func `the exact denoiser fed as the learned one gives R² 1 and its bandwidth back`() throws {
        let result = try run([try exact("memorizer", 0.7), try exact("wide", 4)])
        let row = try #require(result.row("p05_r_squared", "memorizer", "heldout"))
        #expect((row.value ?? 0) > 0.9999 && row.verdict == .lookup && row.n == 24)
        #expect(result.row("p05_bandwidth_over_nn", "memorizer", "heldout")?.value.map { abs($0 - 0.7) < 0.01 } == true)
        #expect(result.row("p05_bandwidth_over_nn", "wide", "heldout")?.value.map { abs($0 - 4) < 0.1 } == true)
        #expect(result.row("p05_r_squared", "wide", "heldout").map { ($0.value ?? 0) > 0.9999 } == true)
        #expect(result.row("p05_r_squared", "wide", "heldout")?.verdict == .fitUnknown)
        let own = try #require(result.row("p05_own_minus_reference", "wide", "heldout"))
        #expect((own.low ?? -1) > 0 && own.control.name == "no_effect")
        let effective = try ["memorizer", "wide"].map {
            try #require(result.row("p05_effective_sequences", $0, "heldout")?.value)
        }
        #expect(effective[0] < effective[1] && effective[0] >= 1)
    }

    /// The minimiser of flow matching's loss answers a velocity; what it says the clean sequence is must be the exact denoiser.
    @Test func `the exact minimiser of flow matching, by the velocity it answers, gives R² 1 and its bandwidth back`() throws {
        let process = FlowMatchingProcess(levels: 100, steps: 10)
        let levels = [5, 30, 60, 90].map { ($0, process.mixture(at: $0)) }
        let timesteps = Dictionary(uniqueKeysWithValues: levels.map { ($1.alphaBar, $0) })
        let spacing = study.space.neighbourSpacing(demonstration: study.train.demonstration, pool: WorkerPool(workers: 2))
        let distances = try #require(study.space.squaredDistances("heldout", pool: WorkerPool(workers: 2)))
        let denoiser = ExactDenoiser(chunks: study.train.values, width: study.train.width)
        let minimiser = answers("memorizer", levels: levels) { x, mixture, observation in
            let clean = denoiser.clean(
                x, mixture: mixture, squaredObservationDistances: distances[observation], bandwidth: 0.7 * spacing)
            let t = timesteps[mixture.alphaBar] ?? 0
            return zip(x, clean).map { process.clean(noisy: $0, answer: process.answer(noisy: $0, clean: $1, at: t), at: t) }
        }
        let result = try run([minimiser])
        let row = try #require(result.row("p05_r_squared", "memorizer", "heldout"))
        #expect((row.value ?? 0) > 0.9999 && row.verdict == .lookup)
        #expect(result.row("p05_bandwidth_over_nn", "memorizer", "heldout")?.value.map { abs($0 - 0.7) < 0.01 } == true)
        let shares = try #require(result.table("p05_fit")).numbers("alpha_bar", where: ["policy": "memorizer"])
        #expect(zip(shares, levels).allSatisfy { abs($0 - $1.1.alphaBar) < 1e-9 } && shares.count == 4)
    }

    /// x and its mixture may be scaled together: that says nothing more of the clean sequence.
    @Test func `a mixture tells as much as the diffusion of its share`() {
        let denoiser = ExactDenoiser(chunks: [0, 0, 1, 0, 0, 2], width: 2), mixture = Mixture(data: 0.3, noise: 0.7)
        let length = (0.3 * 0.3 + 0.7 * 0.7 as Float).squareRoot(), x: [Float] = [0.4, 0.9]
        let own = denoiser.weights(x, mixture: mixture, squaredObservationDistances: [1, 2, 3], bandwidth: 2)
        let scaled = denoiser.weights(
            x.map { $0 / length }, mixture: Mixture(alphaBar: mixture.alphaBar), squaredObservationDistances: [1, 2, 3], bandwidth: 2)
        #expect(zip(own, scaled).allSatisfy { abs($0 - $1) < 1e-6 })
        // log w = -‖x - 0.3 a‖² / 0.98 - d² / 8
        let logs = [-(0.16 + 0.81) / 0.98 - 1.0 / 8, -(0.01 + 0.81) / 0.98 - 2.0 / 8, -(0.16 + 0.09) / 0.98 - 3.0 / 8]
        let total = logs.map { exp($0) }.reduce(0, +)
        for (weight, log) in zip(own, logs) { #expect(abs(weight - exp(log) / total) < 1e-6) }
    }

    @Test func `a table of nearest chunks has a narrow bandwidth, kernel means a wide one, and the truth is no table`()
        throws
    {
        let memorizer = study.generated("memorizer", "heldout", asked: study.query)
        let interpolator = study.generated("interpolator", "heldout", asked: study.query)
        let generalizer = study.generated("generalizer", "heldout", asked: study.query)
        func constant(_ generated: GeneratedChunks) -> DenoiserAnswers {
            answers(generated.policy) { _, _, observation in
                let width = generated.chunks.width
                return Array(generated.chunks.values[2 * observation * width..<(2 * observation + 1) * width])
            }
        }
        let result = try run([constant(memorizer), constant(interpolator), constant(generalizer)])
        func value(_ endpoint: String, _ policy: String) throws -> Double {
            try #require(result.row(endpoint, policy, "heldout")?.value)
        }
        #expect(try value("p05_r_squared", "memorizer") > 0.95)
        #expect(try value("p05_bandwidth_over_nn", "memorizer") < 0.3)
        #expect(result.row("p05_r_squared", "memorizer", "heldout")?.verdict == .lookup)
        #expect(try value("p05_bandwidth_over_nn", "interpolator") > value("p05_bandwidth_over_nn", "memorizer") * 2)
        #expect(try value("p05_r_squared", "generalizer") < value("p05_r_squared", "memorizer"))
        let separating = try ["memorizer", "generalizer"].map {
            try #require(result.row("p05_exact_minus_truth", $0, "heldout"))
        }
        #expect((separating[0].low ?? -1) > 0 && (separating[1].high ?? 1) < 0)
        #expect(result.row("p05_r_squared", "generalizer", "heldout")?.verdict == .notLookup)
        let table = try #require(result.table("p05_fit"))
        #expect(table.numbers("r_squared_truth", where: ["policy": "generalizer"]) == [1, 1, 1])
        #expect(table.numbers("r_squared_truth", where: ["policy": "memorizer"]).allSatisfy { $0 < 0.95 })
        #expect(try #require(result.table("p05_grid")).rows.count == 3 * 3 * 26)
    }

    @Test func `a wide bandwidth is no table, and without a truth nothing is said`() throws {
        let wide = try #require(try run([exact("memorizer", 4)]).row("p05_r_squared", "memorizer", "heldout"))
        #expect((wide.low ?? 0) > 0.8 && wide.verdict == .notLookup)
        var measurements = Measurements()
        measurements.spaces = [study.space]
        measurements[DenoiserAnswers.self] = [try exact("memorizer", 0.7)]
        let context = try ProbeContext(
            train: study.train, reference: study.reference, query: study.query,
            generated: [study.generated("memorizer", "train", asked: study.train)], measurements: measurements,
            resamples: 100, seed: Seed(1), pool: WorkerPool(workers: 2))
        let result = try ExactDenoiserComparison().run(context)
        let row = try #require(result.row("p05_r_squared", "memorizer", "heldout"))
        #expect((row.low ?? 0) > 0.8 && row.verdict == .undecided)
        #expect(try #require(result.row("p05_exact_minus_truth", "memorizer", "heldout")).value == nil)
    }

    @Test func `an untrained network is the control and no table`() throws {
        var source = RandomSource(Seed(8))
        let random = answers("random_init") { noisy, _, _ in noisy.map { _ in Float(source.normal()) } }
        let result = try run([try exact("memorizer", 0.5), random])
        let control = try #require(result.row("p05_r_squared", "random_init", "heldout"))
        #expect((control.high ?? 1) < 0.2)
        let row = try #require(result.row("p05_r_squared", "memorizer", "heldout"))
        #expect(row.control.name == "random_init" && row.controlValue == control.value)
        #expect(throws: Failure.self) { try run([]) }
    }

    @Test func `weights are a softmax, at its limits one chunk or all alike`() {
        let denoiser = ExactDenoiser(chunks: [0, 0, 1, 0, 0, 2], width: 2)
        let weights = denoiser.weights([0.5, 0.5], mixture: Mixture(alphaBar: 0.64), squaredObservationDistances: [1, 2, 3], bandwidth: 2)
        // log w = -‖x - 0.8 a‖² / 0.72 - d² / 8
        let logs = [-0.5 / 0.72 - 1.0 / 8, -(0.09 + 0.25) / 0.72 - 2.0 / 8, -(0.25 + 1.21) / 0.72 - 3.0 / 8]
        let total = logs.map { exp($0) }.reduce(0, +)
        for (weight, log) in zip(weights, logs) { #expect(abs(weight - exp(log) / total) < 1e-6) }
        let nearest = denoiser.clean([9, 9], mixture: Mixture(alphaBar: 0.1), squaredObservationDistances: [4, 1, 4], bandwidth: 0)
        #expect(nearest == [1, 0])
        let noise = denoiser.clean([0.3, -2], mixture: Mixture(alphaBar: 0), squaredObservationDistances: nil, bandwidth: .infinity)
        #expect(zip(noise, [1.0 / 3, 2.0 / 3]).allSatisfy { abs(Double($0) - $1) < 1e-6 })
        // Nearly no noise: the chunk that x is.
        let sharp = denoiser.clean([0, 2], mixture: Mixture(alphaBar: 0.9999), squaredObservationDistances: nil, bandwidth: .infinity)
        #expect(sharp == [0, 2])
    }

    @Test func `results do not depend on the number of workers`() throws {
        var measurements = Measurements()
        measurements[DenoiserAnswers.self] = [try exact("memorizer", 0.7)]
        let first = try ExactDenoiserComparison().run(study.context(features: true, measurements, workers: 1))
        let second = try ExactDenoiserComparison().run(study.context(features: true, measurements, workers: 2))
        #expect(first.summary == second.summary)
        for (one, two) in zip(first.tables, second.tables) { #expect(one.table.csv == two.table.csv) }
    }
}
