/// Every probe, in the order they run. Adding one is a folder and a line here.
public enum AllProbes {
    public static let all: [any Probe] = [
        DataAudit(), TrainPointRecall(), PaperAudit(), CalibratedMemorization(), ExplanationContest(),
        ExactDenoiserComparison(), InterpolationSweep(), CopyBlendNovel(), NonsenseFallback(), InputKey(), TwinModels(), TrainingTime(), DataSize(),
        Multimodality(), ManifoldMemory(), Reactivity(), TaskSuccess(), CoverageAgainstMemory(), MonitorBench(),
        Sensitivity(), InferenceCost(), SpliceTest(), EmbeddingAudit(), ConclusionRobustness(), OpenLoopError(), Spacing(),
    ]

    /// The endpoint of a name in `summary.csv`, members of families included; nil for a name that none has.
    public static func endpoint(_ key: String) -> Endpoint? {
        let endpoints = all.flatMap(\.endpoints)
        if let endpoint = endpoints.first(where: { $0.key == key }) { return endpoint }
        return endpoints.first { key.hasPrefix($0.key) }.map { $0.member(key.dropFirst($0.key.count)) }
    }
}
