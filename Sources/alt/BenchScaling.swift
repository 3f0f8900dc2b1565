import ArgumentParser

struct BenchScaling: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "scaling")
}
