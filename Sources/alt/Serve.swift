import ArgumentParser
import Basics
import Configuration
import Networks
import PolicyServers
import Runs
import Study

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a policy to simulators and robots, by openpi's websocket protocol.",
        discussion: """
            Examples:
              alt serve RUN                                       the policy under study, by its fast sampler
              alt serve RUN --policy alt --port 8001              the lookup table, or another policy of the run
              alt serve RUN --checkpoint 2000                     as it was after 2,000 steps
              alt serve run/pretrained_model --workers 1          a diffusion policy that lerobot trained

            openpi-client's WebsocketClientPolicy asks it: a map of the observation's keys, images uint8 [H, W, 3] and low-dim values [width],
            with a leading axis of the observed steps or without. `episode` and `step` say where an episode is, `seed` what is drawn.
            Sources/PolicyServers/README.md says it all. Ctrl-C ends it.
            """)

    @Argument(help: "A run's folder, or a policy's.", completion: .directory) var folder: String
    @Option(help: "A policy of the run, by its name in the tables.") var policy: String?
    @Option(help: "Training steps of a kept checkpoint (diffusion.training.audited_steps).") var checkpoint: Int?
    @Option(help: "ddpm or ddim, for a policy in a folder; its own by default.") var sampler: DenoisingProcess.Kind?
    @Option(help: "Address to listen at; whoever reaches it may ask.") var host = "127.0.0.1"
    @Option(help: "0 for any that is free; the first line printed names it.") var port = ServerAddress.defaultPort
    @Option(help: "Clients at a time.") var clients = 32
    @Option(help: "Requests that are answered together at most.") var batch = 32
    @Option(help: "Of draws for requests that name no seed; the run's by default.") var seed: Int?
    @Flag(help: "Replies also say what the monitors score.") var monitors = false
    @Option(help: "Threads; answers do not depend on it.") var workers = 2
    @OptionGroup var said: ConsoleOptions

    func validate() throws {
        try Rule.within(0...65_535).check(port, "--port")
        try Rule.within(1...4096).check(clients, "--clients")
        try Rule.within(1...4096).check(batch, "--batch")
        try Settings.workersRule.check(workers, "--workers")
        if let seed { try Rule.seed.check(seed, "--seed") }
        if let checkpoint { try Rule.count(from: 1).check(checkpoint, "--checkpoint") }
    }

    func run() throws {
        let interruption = Interruption(), console = said.console
        interruption.install(saves: false)
        var offer = PolicyOffer(place: folder)
        (offer.policy, offer.checkpoint, offer.sampler, offer.seed) = (policy, checkpoint, sampler, seed)
        (offer.monitors, offer.workers) = (monitors, workers)
        let service = try offer.service(program: .current, console: console, interruption: interruption)
        var limits = ServerLimits()
        (limits.clients, limits.batch) = (clients, batch)
        let isVerbose = said.verbose
        let server = try PolicyServer(service, host: host, port: port, limits: limits, log: { if isVerbose { console.line($0) } }, warn: { console.line($0) })
        try Output.print("serving \(service.name) of \(folder) at \(server.address)")
        if !["127.0.0.1", "::1", "localhost"].contains(host) { console.line("whoever reaches this address may ask: there is no password") }
        let times = server.serve { interruption.requested }
        console.line(times.line)
    }
}
