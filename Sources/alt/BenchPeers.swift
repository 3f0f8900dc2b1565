import ArgumentParser

struct BenchPeers: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "peers")
}
