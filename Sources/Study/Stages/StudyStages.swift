extension Study {
    /// The stages of a study, in order.
    public static var stages: [any Stage] {
        let cache = StudyDataCache()
        return [
            DataStage(cache: cache), TrainDiffusionStage(cache: cache), TrainContrastiveStage(cache: cache),
            EmbedStage(cache: cache), QueryStage(cache: cache), ProbeStage(cache: cache),
        ]
    }
}
