/// The stages of a study in the order in which they run. Adding one is a file and a line here.
public enum StudyStages {
    /// Stages that share the demonstrations they load.
    public static var all: [any Stage] {
        let cache = StudyDataCache()
        return [
            DataStage(cache: cache), PictureStage(cache: cache), TrainDiffusionStage(cache: cache),
            TrainControlsStage(cache: cache), TrainContrastiveStage(cache: cache),
            EmbedStage(cache: cache), QueryStage(cache: cache), ManifoldStage(), ProbeStage(cache: cache), ReportStage(cache: cache),
        ]
    }
}
