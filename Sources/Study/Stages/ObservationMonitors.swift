import Basics
import Compute
import Demonstrations
import Networks
import Policies
import Probes
import Safetensors
import Store

/// The monitors that need the trained policy itself: how unusual it finds an observation.
///
/// - `ddpm_loss`: mean squared error of the network's answer at the policy's own sequence, noised anew.
/// - `temporal_consistency`: root mean square difference between what the policy plans now and what it planned
///   `executed_steps` earlier for the same time steps, mean over samples.
/// - `rnd`: see `RandomNetworkDistillation`, on the policy's encoding.
struct ObservationMonitors {
    private let policy: DiffusionPolicy
    private let data: StudyData
    private let settings: Settings
    private let process: DenoisingProcess
    private let novelty: RandomNetworkDistillation

    static let kind = Identity.Kind("monitors", code: ArithmeticCode.answers + ["Study/Stages/ObservationMonitors.swift"])

    /// Nil where the policy under study cannot be looked into.
    init?(_ maker: PolicyMaker) throws {
        guard let policy = try maker.subject() else { return nil }
        self.policy = policy
        process = try maker.denoising(of: policy)
        data = try maker.data()
        settings = maker.study.settings
        let (set, layout) = (data.set, data.layout)
        let encoded = policy.encode(data.train.map { layout.observation(of: $0, in: set) }).array
        novelty = RandomNetworkDistillation(
            rows: encoded, width: encoded.count / data.train.count, seed: settings.root / "monitors" / "rnd")
    }

    /// Names of monitors.
    private static let novelty = "rnd", loss = "ddpm_loss", consistency = "temporal_consistency"
    private var seed: Seed { settings.root / "monitors" }

    /// - Parameter planned: what the fast sampler answered, [observation][sample], normalised.
    func scores(_ condition: QueryCondition, _ planned: [[[Float]]]) throws -> [MonitorScores] {
        let encoded = policy.encode(condition.observations), draws = seed / "loss" / condition.condition
        let losses = losses(encoded, planned.map { $0[0] }, seeds: planned.indices.map { draws / $0 })
        return [
            MonitorScores(monitor: Self.novelty, condition: condition.condition, score: novelty.scores(encoded.array)),
            MonitorScores(monitor: Self.loss, condition: condition.condition, score: losses),
            MonitorScores(
                monitor: Self.consistency, condition: condition.condition, score: try inconsistency(condition, planned)),
        ]
    }

    /// Of queries in episodes, whichever policy acts; one score a query.
    /// - Parameters:
    ///   - encoded: observations as the policy under study encodes them, [queries, G].
    ///   - planned: what is carried out, and what was carried out before it (nil at the first query), normalised.
    ///   - seeds: of the noise of `ddpm_loss`.
    func scores(_ encoded: [Float], planned: [(now: [Float], before: [Float]?)], seeds: [Seed]) -> [(monitor: String, score: [Double])] {
        [
            (Self.novelty, novelty.scores(encoded)), (Self.loss, losses(FloatBuffer(encoded), planned.map(\.now), seeds: seeds)),
            // The first contradicts nothing: the least there is.
            (Self.consistency, planned.map { plan in plan.before.map { inconsistency(plan.now, $0) } ?? 0 }),
        ]
    }

    /// Noise levels at which the loss is taken, as fractions of the schedule, and draws at each.
    private static let levels = [0.1, 0.3, 0.5]
    private static let draws = 4

    /// - Parameter planned: [observations][T, A].
    private func losses(_ encoded: FloatBuffer, _ planned: [[Float]], seeds: [Seed]) -> [Double] {
        var noisy: [Float] = [], target: [Float] = [], timesteps: [Int] = [], rows: [Int] = []
        for (row, actions) in planned.enumerated() {
            for level in Self.levels {
                for draw in 0..<Self.draws {
                    let step = Int(level * Double(process.levels))
                    var source = RandomSource(seeds[row] / step / draw)
                    for action in actions {
                        let drawn = Float(source.normal())
                        target.append(process.target(clean: action, noise: drawn, at: step))
                        noisy.append(process.noised(action, noise: drawn, at: step))
                    }
                    timesteps.append(step)
                    rows.append(row)
                }
            }
        }
        let predicted = policy.evaluate(noisy: noisy, timesteps: timesteps, conditions: encoded, rows: rows)
        let perRow = target.count / max(1, planned.count)
        return planned.indices.map { row in
            let range = row * perRow..<(row + 1) * perRow
            return range.reduce(0.0) { $0 + Double((predicted[$1] - target[$1]) * (predicted[$1] - target[$1])) } / Double(perRow)
        }
    }

    private func inconsistency(_ condition: QueryCondition, _ planned: [[[Float]]]) throws -> [Double] {
        let before = try policy.predict(
            condition.earlier, samples: settings.probes.samples, seed: seed / "earlier" / condition.condition)
        return zip(planned, before).map { now, then in
            let distances = zip(now, then).map { now, then in
                inconsistency(now, data.normalizer.normalizeActions(then.actions))
            }
            return distances.reduce(0, +) / Double(distances.count)
        }
    }

    /// Of two sequences [T, A], one planned `executed_steps` after the other, over the time steps that both plan.
    private func inconsistency(_ now: [Float], _ then: [Float]) -> Double {
        let shift = data.layout.executedSteps * data.set.actionDimension, first = now.dropLast(shift)
        let squares = zip(first, then.dropFirst(shift)).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        return (squares / Double(first.count)).squareRoot()
    }
}

/// The monitors' scores under one condition, an entry of the store: `<monitor>` [observations].
struct MonitorAnswers {
    private let condition: QueryCondition
    /// What the fast sampler answered, which is cheap enough to ask twice, or the policy where it has none; nil where neither was asked.
    private let planned: SafetensorsFile?
    private let maker: PolicyMaker
    private static let file = "monitors.safetensors"

    init(_ condition: QueryCondition, _ answers: [(policy: PolicyID, file: SafetensorsFile)], _ maker: PolicyMaker) {
        self.condition = condition
        planned = (answers.first { $0.policy.role == .sampler } ?? answers.first { $0.policy.role == .subject })?.file
        self.maker = maker
    }

    private func identity() throws -> Identity {
        let sampler = maker.study.catalogue.first(.sampler) ?? maker.study.catalogue.first(.subject)
        var fingerprint = Fingerprint()
        if let sampler {
            fingerprint.add("sampler", try PolicyAnswers(entry: sampler, condition: condition, maker: maker).identity().fingerprint)
        }
        fingerprint.add("earlier", text: ObservationHash.of(condition.earlier))
        fingerprint.add("seed", text: "\(maker.study.settings.seed)")
        return Identity(ObservationMonitors.kind, fingerprint)
    }

    /// From the store; else measured now.
    func obtain(_ monitors: () throws -> ObservationMonitors?) throws -> [MonitorScores] {
        guard let planned, maker.study.settings.audit?.isNetwork != false else { return [] }
        let entry = try maker.run.obtain(identity(), "monitors, \(condition.condition)") { folder, _ in
            let actions = try planned.tensor("actions"), samples = actions.shape[1], width = actions.values.count / (condition.frames.count * samples)
            let sequences = condition.frames.indices.map { row in
                (0..<samples).map { Array(actions.values[(row * samples + $0) * width..<(row * samples + $0 + 1) * width]) }
            }
            guard let monitors = try monitors() else { throw Failure(.defect, "there is no network to monitor") }
            let scores = try monitors.scores(condition, sequences)
            try Safetensors.write(
                scores.map { ($0.monitor, Tensor(shape: [$0.score.count], values: $0.score.map(Float.init))) },
                metadata: ["condition": condition.condition.name], to: "\(folder)/\(Self.file)")
            return [Self.file]
        }
        let file = try Safetensors.decode(try entry.data(Self.file), from: "\(entry.path)/\(Self.file)")
        return try file.names.map { name in
            MonitorScores(
                monitor: name, condition: condition.condition,
                score: try file.finite(name, shape: [condition.frames.count]).map(Double.init))
        }
    }
}
