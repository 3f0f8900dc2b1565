import Basics
import Demonstrations
import Networks
import Policies
import Probes

/// Samples with the exact minimiser of the denoising loss over the training sequences instead of a network, through the
/// same reverse process: with a narrow kernel on the observations it is pure memorisation, by construction.
///
/// The observation's key is the trained policy's own encoding of it, the global condition.
struct ExactDenoiserPolicy: Policy {
    let isStochastic = true
    private let key: DiffusionPolicy
    private let denoiser: ExactDenoiser
    private let normalizer: Normalizer
    private let process: any GenerativeProcess
    private let table: ObservationKeyTable
    private let bandwidth: Double
    private let width: Int

    /// - Parameters:
    ///   - key: whose encoder says how near two observations are.
    ///   - bandwidth: kernel width over the `NeighbourSpacing` of the training observations.
    init(key: DiffusionPolicy, data: StudyData, process: any GenerativeProcess, bandwidth: Double) {
        self.key = key
        self.process = process
        normalizer = data.normalizer
        let chunks = StudyChunks(data).chunks(of: data.train)
        width = chunks.width
        denoiser = ExactDenoiser(chunks: chunks.values, width: chunks.width)
        table = ObservationKeyTable(
            rows: key.encode(data.train.map { data.layout.observation(of: $0, in: data.set) }).array,
            demonstration: chunks.demonstration)
        self.bandwidth = bandwidth * table.neighbourSpacing
    }

    func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        let queries = key.encode(observations).array
        return observations.indices.map { observation in
            let distances = table.squaredDistances(to: queries, row: observation)
            return (0..<samples).map { sample in
                let actions = draw(distances, RandomSource(seeds[observation] / sample))
                return Prediction(actions: normalizer.denormalizeActions(actions))
            }
        }
    }

    /// The kernel width, of `candidates`, at which the sampled sequences come nearest to the true ones of demonstrations that
    /// neither the table nor the encoder has seen: by the reference demonstrations a width is fitted, never by the queries.
    ///
    /// - Parameter seed: of the draws, the same for every width.
    static func fittedBandwidth(
        key: DiffusionPolicy, data: StudyData, process: DenoisingProcess, candidates: [Double], seed: Seed
    ) throws -> Double {
        // Every fourth window: neighbouring ones say nearly the same.
        let asked = data.reference.enumerated().filter { $0.offset % 4 == 0 }.map(\.element)
        let observations = asked.map { data.layout.observation(of: $0, in: data.set) }
        let truth = asked.map { data.normalizer.normalizeActions(data.layout.actions(of: $0, in: data.set)) }
        let errors = try candidates.map { bandwidth -> Double in
            let policy = ExactDenoiserPolicy(key: key, data: data, process: process, bandwidth: bandwidth)
            let answers = try policy.predict(observations, samples: 1, seed: seed)
            return zip(answers, truth).reduce(0) { sum, pair in
                let actions = data.normalizer.normalizeActions(pair.0[0].actions)
                return sum + zip(actions, pair.1).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
            }
        }
        let best = errors.indices.min { errors[$0] < errors[$1] } ?? 0
        return candidates[best]
    }

    private func draw(_ squaredDistances: [Float], _ source: RandomSource) -> [Float] {
        var source = source
        func noise() -> [Float] { (0..<width).map { _ in Float(source.normal()) } }
        var x = noise()
        process.reverse(&x, noise: { _ in noise() }) { x, index in
            let t = process.timesteps[index]
            let clean = denoiser.clean(
                x, mixture: process.mixture(at: t), squaredObservationDistances: squaredDistances,
                bandwidth: bandwidth)
            return zip(x, clean).map { process.answer(noisy: $0, clean: $1, at: t) }
        }
        return x
    }
}

/// Encodings of the training observations, and how far others are from them.
struct ObservationKeyTable {
    private let rows: [Float]
    private let demonstration: [Int]
    private let width: Int

    init(rows: [Float], demonstration: [Int]) {
        self.rows = rows
        self.demonstration = demonstration
        width = rows.count / demonstration.count
    }

    /// Squared distances of a query's row to every training row.
    func squaredDistances(to queries: [Float], row: Int) -> [Float] {
        demonstration.indices.map { index in
            var sum: Float = 0
            for column in 0..<width {
                let difference = queries[row * width + column] - rows[index * width + column]
                sum += difference * difference
            }
            return sum
        }
    }

    /// `NeighbourSpacing` of the training rows; 1 when all are of one demonstration.
    var neighbourSpacing: Double {
        let nearest = NeighbourSpacing.asked(of: demonstration.count).map { row in
            NeighbourSpacing.nearest(
                row, demonstration: demonstration,
                distances: squaredDistances(to: rows, row: row).map { Double($0).squareRoot() })
        }
        return NeighbourSpacing.median(nearest) ?? 1
    }
}
