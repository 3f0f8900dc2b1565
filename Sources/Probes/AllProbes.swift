/// Every probe, in the order they run. Adding one is a folder and a line here.
public enum AllProbes {
    public static let all: [any Probe] = [
        DataAudit(), TrainPointRecall(), PaperAudit(), CalibratedMemorization(), ExplanationContest(),
        ExactDenoiserComparison(), CopyBlendNovel(), NonsenseFallback(), TwinModels(), TrainingTime(), DataSize(),
        ManifoldMemory(), Reactivity(), TaskSuccess(), CoverageAgainstMemory(), MonitorBench(), InferenceCost(), EmbeddingAudit(), ConclusionRobustness(),
        OpenLoopError(),
    ]
}
