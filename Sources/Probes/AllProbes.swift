/// Every probe, in the order they run. Adding one is a folder and a line here.
public enum AllProbes {
    public static let all: [any Probe] = [
        DataAudit(), TrainPointRecall(), PaperAudit(), CalibratedMemorization(), ExplanationContest(),
        ExactDenoiserComparison(), InterpolationSweep(), CopyBlendNovel(), NonsenseFallback(), InputKey(), TwinModels(), TrainingTime(), DataSize(),
        Multimodality(), ManifoldMemory(), Reactivity(), TaskSuccess(), CoverageAgainstMemory(), MonitorBench(),
        Sensitivity(), InferenceCost(), SpliceTest(), EmbeddingAudit(), ConclusionRobustness(), OpenLoopError(), Spacing(),
    ]
}
