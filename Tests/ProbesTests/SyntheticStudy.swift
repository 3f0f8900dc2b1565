import Basics
import Foundation
import Probes

/// A study whose truth is known: a demonstration is a point θ in [-1, 1]², and its action sequences are a smooth
/// function of θ and time, plus a little noise of its own.
struct SyntheticStudy {
    static let horizon = 8, actions = 3, frames = 20
    let latent: [[Double]]
    let all: Chunks
    let train: Chunks
    let reference: Chunks
    let query: Chunks
    private let trainCount: Int

    init(train: Int = 16, reference: Int = 16, query: Int = 24, seed: UInt64 = 0) {
        var source = RandomSource(Seed(seed) / "latent")
        let latent = (0..<train + reference + query).map { _ in [source.uniform(-1, 1), source.uniform(-1, 1)] }
        self.latent = latent
        trainCount = train
        func chunks(_ demonstrations: Range<Int>) -> Chunks {
            var values: [Float] = []
            var labels: [(Int, Int)] = []
            for demonstration in demonstrations {
                for frame in 0..<Self.frames {
                    values += Self.sequence(latent[demonstration], frame).map { Float($0 + 0.01 * source.normal()) }
                    labels.append((demonstration, frame))
                }
            }
            return Chunks(
                horizon: Self.horizon, actionDimension: Self.actions, values: values, demonstration: labels.map(\.0),
                frame: labels.map(\.1))
        }
        let all = chunks(0..<latent.count)
        func rows(_ range: Range<Int>) -> Chunks {
            all.selecting((0..<all.count).filter { range.contains(all.demonstration[$0]) })
        }
        self.all = all
        self.train = rows(0..<train)
        self.reference = rows(train..<train + reference)
        self.query = rows(train + reference..<latent.count)
    }

    static func sequence(_ latent: [Double], _ frame: Int) -> [Double] {
        (0..<horizon).flatMap { step in
            let time = Double(frame + step) / Double(frames + horizon)
            return [latent[0] * time, latent[1] * (1 - time), 0.5 * sin(4 * time + latent[0] * latent[1])]
        }
    }

    /// Weights of the training demonstrations at a latent point: one-hot at the nearest, or a kernel.
    private func weights(_ point: [Double], kernel: Double?) -> [Double] {
        let squared = (0..<trainCount).map { pow(latent[$0][0] - point[0], 2) + pow(latent[$0][1] - point[1], 2) }
        guard let kernel else { return squared.map { $0 == squared.min() ? 1 : 0 } }
        let raw = squared.map { exp(-$0 / (2 * kernel * kernel)) }
        return raw.map { $0 / raw.reduce(0, +) }
    }

    /// The three oracles at every 4th frame of `asked`, two samples each: memorizer (nearest demonstration's chunk),
    /// interpolator (kernel mean), generalizer (the truth).
    func generated(_ policy: PolicyID, _ condition: Condition, asked: Chunks) -> GeneratedChunks {
        let rows = (0..<asked.count).filter { asked.frame[$0] % 4 == 0 }.flatMap { [$0, $0] }
        let truth = asked.selecting(rows)
        var values: [Float] = []
        for row in 0..<truth.count {
            let frame = truth.frame[row]
            let own = Array(truth.values[row * truth.width..<(row + 1) * truth.width])
            if policy == "generalizer" {
                values += own
                continue
            }
            let weights = weights(latent[truth.demonstration[row]], kernel: policy == "memorizer" ? nil : 0.3)
            var mean = [Float](repeating: 0, count: truth.width)
            for (demonstration, weight) in weights.enumerated() where weight > 0 {
                let start = (demonstration * Self.frames + frame) * train.width
                for column in 0..<train.width { mean[column] += Float(weight) * train.values[start + column] }
            }
            values += mean
        }
        return GeneratedChunks(
            policy: policy, condition: condition,
            chunks: Chunks(
                horizon: Self.horizon, actionDimension: Self.actions, values: values,
                demonstration: truth.demonstration, frame: truth.frame),
            observation: rows.indices.map { $0 / 2 }, sample: rows.indices.map { $0 % 2 }, truth: truth)
    }

    /// All oracles at training and held-out observations.
    func context(
        _ extra: [GeneratedChunks] = [], features: Bool = false, _ measurements: Measurements = Measurements(),
        rules: DecisionRules = DecisionRules(), workers: Int = 2
    ) throws -> ProbeContext {
        let oracles = [PolicyID("memorizer", .memorizer), "interpolator", "generalizer"].flatMap {
            [generated($0, "train", asked: train), generated($0, "heldout", asked: query)]
        }
        var measurements = measurements
        if features { measurements.spaces.insert(space, at: 0) }
        return try ProbeContext(
            train: train, reference: reference, query: query, generated: oracles + extra, measurements: measurements,
            rules: rules, resamples: 400, seed: Seed(1), pool: WorkerPool(workers: workers))
    }

    /// θ and time: perfect features.
    var space: ObservationSpace {
        ObservationSpace(
            space: Space("latent"), width: 3, train: features(train),
            conditions: ["train": features(asked(train)), "heldout": features(asked(query))])
    }

    /// The rows of a split that `generated` asks about, one per observation.
    func asked(_ chunks: Chunks) -> Chunks {
        chunks.selecting((0..<chunks.count).filter { chunks.frame[$0] % 4 == 0 })
    }

    private func features(_ chunks: Chunks) -> [Float] {
        (0..<chunks.count).flatMap { row in
            (latent[chunks.demonstration[row]] + [Double(chunks.frame[row]) / 10]).map { Float($0) }
        }
    }
}

/// Chunks that are points of [-1, 1]^k (or Gaussian), each a demonstration of its own, numbered from `first`.
func pointChunks(_ count: Int, dimension: Int, first: Int = 0, seed: UInt64, gaussian: Bool = false) -> Chunks {
    var source = RandomSource(Seed(seed) / "points" / first)
    let values = (0..<count).flatMap { _ in
        (0..<8).map { Float($0 < dimension ? (gaussian ? source.normal() : source.uniform(-1, 1)) : 0) }
    }
    return Chunks(
        horizon: 1, actionDimension: 8, values: values, demonstration: Array(first..<first + count),
        frame: [Int](repeating: 0, count: count))
}

/// Names as texts, in tests alone; those of the default study have their role.
extension PolicyID: ExpressibleByStringLiteral {
    private static let roles: [String: PolicyRole] = [
        "diffusion_ddpm": .subject, "diffusion_ddim": .sampler, "diffusion_ddpm_s1": .seed, "alt": .table, "kernel": .kernel,
        "pixel_nearest": .pixels, "behaviour_cloning": .learned, "memorizer": .memorizer, "interpolator": .interpolator,
        "generalizer": .generalizer, "mean": .mean, "expert": .expert, "exact_ddpm": .exact, "state_ddpm_s0": .standIn,
        "state_behaviour_cloning": .standInLearned, "random_init": .untrained, "half_trained": .halfTrained,
    ]
    public init(stringLiteral name: String) { self.init(name, Self.roles[name] ?? .control) }
}

extension Condition: ExpressibleByStringLiteral {
    public init(stringLiteral name: String) { self.init(name) }
}

extension Control: ExpressibleByStringLiteral {
    public init(stringLiteral name: String) { self.init(name) }
}

extension ProbeResult {
    func row(_ endpoint: String, _ policy: String = "data", _ condition: String = "train") -> SummaryRow? {
        summary.first { $0.endpoint.key == endpoint && $0.policy == policy && $0.condition.name == condition }
    }

    func table(_ name: String) -> Table? { tables.first { $0.name == name }?.table }
}

extension Table {
    /// Cells of a column in the rows whose named columns hold the given texts.
    func column(_ name: String, where filter: [String: String] = [:]) -> [Cell] {
        guard let place = columns.firstIndex(of: name) else { return [] }
        return rows.filter { row in
            filter.allSatisfy { key, value in columns.firstIndex(of: key).map { row[$0] == .text(value) } ?? false }
        }.map { $0[place] }
    }

    /// The texts of a column, in order of rows.
    func texts(_ name: String) -> [String] {
        column(name).compactMap { if case .text(let text) = $0 { text } else { nil } }
    }

    func numbers(_ name: String, where filter: [String: String] = [:]) -> [Double] {
        column(name, where: filter).compactMap {
            switch $0 {
            case .number(let value): value
            case .integer(let value): Double(value)
            default: nil
            }
        }
    }
}
