import ArgumentParser

struct Dataset: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Inspect, validate or generate demonstrations.",
        discussion: """
            Examples:
              alt dataset generate lift --demonstrations 60 --seed 0 --output datasets/lift.hdf5
              alt dataset inspect datasets/lift.hdf5
              alt dataset validate datasets/lift.hdf5
            """,
        subcommands: [DatasetInspect.self, DatasetValidate.self, DatasetGenerate.self])
}
