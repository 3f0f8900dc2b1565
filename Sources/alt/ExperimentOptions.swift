import ArgumentParser
import Basics
import Study

/// The file, profile and overrides that several verbs take.
struct ExperimentOptions: ParsableArguments {
    @Argument(help: "An experiment's YAML file, or a run's config.yaml.", completion: .file(extensions: ["yaml", "yml"]))
    var config: String
    @Argument(help: "Changes as key.path=value, written as in YAML.") var overrides: [String] = []
    @Option(help: "A name below the file's `profiles`.") var profile: String?
    @Flag(help: "Short for --profile smoke: every stage in seconds.") var smoke = false

    func validate() throws {
        if smoke, let profile, profile != "smoke" {
            throw ValidationError("--smoke and --profile \(profile) exclude each other")
        }
    }

    func load() throws -> ExperimentFile {
        try ExperimentFile.load(config, profile: smoke ? "smoke" : profile, overrides: overrides)
    }
}
