import ArgumentParser

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the fully resolved configuration.",
        discussion: """
            Example:
              alt show experiments/tabletop-lift.yaml diffusion.training.steps=100
            """)

    @OptionGroup var experiment: ExperimentOptions

    func run() throws {
        print(try experiment.load().settings.resolvedYAML(), terminator: "")
    }
}
