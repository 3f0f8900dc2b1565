import Plots
import Probes

/// The figures of a study. A new probe's figures are one file in Figures and one line here.
struct StudyPlots {
    let tables: RunTables
    let rules: DecisionRules

    private var figures: [any RunFigures] {
        [
            TrainingLossFigures(),
            SpacingFigures(),
            PaperFigure(),
            EndpointFigures(),
            MemorizationFigures(),
            DecisionRuleFigures(),
            ExactDenoiserFigures(),
            BlendFigures(),
            RecallFigures(),
            TwinFigures(),
            TrainingLengthFigures(fit: rules.fit),
            DataSizeFigures(),
            DensityFigures(),
            MonitorFigures(),
            LatencyFigures(),
            RetrievalFigures(),
            RobustnessFigures(),
            OpenLoopFigures(),
        ]
    }

    func all() throws -> [Plot] { try figures.flatMap { try $0.plots(tables) } }
}
