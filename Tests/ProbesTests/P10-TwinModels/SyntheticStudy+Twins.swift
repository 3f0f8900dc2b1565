import Basics
import Foundation
import Probes

/// Policies that read any set of demonstrations, for studies of twins, training seeds, steps and data sizes.
extension SyntheticStudy {
    /// What a policy answers at an observation.
    enum Answer {
        case memorizer, interpolator, generalizer
        /// The memorizer's answer at this share of the samples, else the truth with a little noise; from a seed.
        case mixture(Double, seed: UInt64)
        /// The truth with this much noise, so that training observations are not fitted; from a seed.
        case noise(Double, seed: UInt64)
    }

    /// Two samples at every 4th frame of `asked` from a policy trained on `table`.
    func generated(
        _ policy: String, _ condition: String, _ answer: Answer, asked: Chunks, table: Chunks
    ) -> GeneratedChunks {
        let rows = (0..<asked.count).filter { asked.frame[$0] % 4 == 0 }.flatMap { [$0, $0] }
        let truth = asked.selecting(rows)
        var values: [Float] = []
        for row in 0..<truth.count {
            let own = Array(truth.values[row * truth.width..<(row + 1) * truth.width])
            func noisy(_ deviation: Double, _ source: inout RandomSource) -> [Float] {
                own.map { $0 + Float(deviation * source.normal()) }
            }
            func lookup(kernel: Double?) -> [Float] {
                read(table, at: latent[truth.demonstration[row]], frame: truth.frame[row], kernel: kernel)
            }
            switch answer {
            case .generalizer: values += own
            case .memorizer: values += lookup(kernel: nil)
            case .interpolator: values += lookup(kernel: 0.3)
            case .mixture(let share, let seed):
                var source = RandomSource(Seed(seed) / condition / row)
                values += source.uniform(0, 1) < share ? lookup(kernel: nil) : noisy(0.01, &source)
            case .noise(let deviation, let seed):
                var source = RandomSource(Seed(seed) / condition / row)
                values += noisy(deviation, &source)
            }
        }
        return GeneratedChunks(
            policy: PolicyID(stringLiteral: policy), condition: Condition(condition), chunks: truth.replacingValues(values),
            observation: rows.indices.map { $0 / 2 }, sample: rows.indices.map { $0 % 2 }, truth: truth)
    }

    /// The chunk of the nearest demonstration of `table` at the same frame, or a kernel mean over demonstrations.
    private func read(_ table: Chunks, at point: [Double], frame: Int, kernel: Double?) -> [Float] {
        let rows = (0..<table.count).filter { table.frame[$0] == frame }
        let squared = rows.map {
            let own = latent[table.demonstration[$0]]
            return pow(own[0] - point[0], 2) + pow(own[1] - point[1], 2)
        }
        let raw = squared.map { value in
            kernel.map { exp(-value / (2 * $0 * $0)) } ?? (value == squared.min() ? 1 : 0)
        }
        let total = raw.reduce(0, +)
        return (0..<table.width).map { column in
            zip(rows, raw).reduce(Float(0)) { $0 + Float($1.1 / total) * table.values[$1.0 * table.width + column] }
        }
    }

    /// A study with `train` and `reference` as given, its policies asked at training and held-out observations.
    func context(
        _ policies: [(name: String, answer: Answer)], train: Chunks, reference: Chunks,
        _ measurements: Measurements = Measurements(), twin: [ProbeContext] = [], sizes: [ProbeContext] = [], splits: [ProbeContext] = []
    ) throws -> ProbeContext {
        var siblings = ProbeContext.Siblings()
        (siblings.twin, siblings.sizes, siblings.splits) = (twin, sizes, splits)
        return try ProbeContext(
            train: train, reference: reference, query: query,
            generated: policies.flatMap { policy in
                [
                    generated(policy.name, "train", policy.answer, asked: train, table: train),
                    generated(policy.name, "heldout", policy.answer, asked: query, table: train),
                ]
            }, measurements: measurements, siblings: siblings, resamples: 400, seed: Seed(1), pool: WorkerPool(workers: 2))
    }

    /// The first demonstrations of a split.
    func first(_ count: Int, of chunks: Chunks) -> Chunks {
        let kept = Set(chunks.demonstrations.prefix(count))
        return chunks.selecting((0..<chunks.count).filter { kept.contains(chunks.demonstration[$0]) })
    }

    /// The record of a policy trained on low-dim observations.
    static func record(
        _ policy: String, family: String, seed: Int = 0, steps: Int = 1000, demonstrations: Int = 16
    ) -> PolicyRecord {
        PolicyRecord(
            policy: PolicyID(stringLiteral: policy), family: family, observations: "low-dim", seed: seed, steps: steps,
            epochs: Double(steps) / 10, windows: demonstrations * frames, demonstrations: demonstrations,
            loss: 1 / Double(steps))
    }
}
