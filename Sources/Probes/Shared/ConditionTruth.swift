/// The true chunk behind each observation of a condition, by the observation's number.
struct ConditionTruth: Sendable {
    /// One row per observation, in the order of `observations`.
    let chunks: Chunks
    let observations: [Int]
    private let rows: [Int: Int]

    /// Nil where no policy was asked at observations of the condition that have true chunks.
    init?(_ condition: Condition, _ context: ProbeContext) {
        var parts: [Int: (chunks: Chunks, row: Int)] = [:]
        for evaluated in context.evaluated where evaluated.condition == condition {
            guard let truth = evaluated.generated.truth else { continue }
            for (row, observation) in evaluated.generated.observation.enumerated() where parts[observation] == nil {
                parts[observation] = (truth, row)
            }
        }
        let observations = parts.keys.sorted()
        guard !observations.isEmpty else { return nil }
        self.observations = observations
        let picked = observations.compactMap { parts[$0] }.map { $0.chunks.selecting([$0.row]) }
        chunks = Chunks(
            horizon: context.train.horizon, actionDimension: context.train.actionDimension,
            values: picked.flatMap(\.values), demonstration: picked.flatMap(\.demonstration),
            frame: picked.flatMap(\.frame), phase: picked.flatMap(\.phase))
        rows = Dictionary(uniqueKeysWithValues: observations.enumerated().map { ($1, $0) })
    }

    /// Row of `chunks`; nil for an observation without a true chunk.
    func row(_ observation: Int) -> Int? { rows[observation] }

    /// [H * D]
    func values(_ observation: Int) -> ArraySlice<Float>? {
        row(observation).map { chunks.values[$0 * chunks.width..<($0 + 1) * chunks.width] }
    }
}
