import ArgumentParser
import Benchmarks
import Configuration

struct BenchPeers: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers", abstract: "Time our rows and those of PyTorch, ONNX Runtime, OpenVINO, FAISS, usearch and h5py by turns.",
        discussion: """
            Examples:
              alt bench peers --python python3 --rounds 5
              alt bench peers --python peers/bin/python --row train_step_image

            The ratio is a library's time over ours, of its better variant in each round; the target is what the project aims at and
            decides nothing. A library that is missing, fails or answers differently has a line that says so, with the command that
            installs it. Writes peers.csv, peer_rounds.csv, peer_versions.csv and machine.csv.
            """)

    @Option(help: "A Python 3.10 or later with numpy and the peers to stand beside: torch, onnxruntime, openvino, faiss-cpu, usearch, h5py.") var python = "python3"
    @Option(help: "The peer's program.", completion: .file(extensions: ["py"])) var peer = "Tests/Fixtures/peers/torch_peer.py"
    @Option(help: "Rounds of each row.") var rounds = 5
    @Option(name: .customLong("row"), help: "Only this row; may be repeated.") var names: [String] = []
    @Option(help: "Timed runs of a turn; short rows get more, long ones fewer.") var runs = 7
    @OptionGroup var options: BenchOptions

    func validate() throws {
        try BenchOptions.runsRule.check(rounds, "--rounds")
        try BenchOptions.runsRule.check(runs, "--runs")
    }

    func run() throws {
        let rows = try BenchmarkRows.named(names, options.sizes)
        let folder = try BenchmarkFolder(results: options.results)
        let report = try BenchmarkFolder.withTemporaryFolder { temporary in
            try PeerComparison(
                rows: rows, context: try options.context(temporaryFolder: temporary), rounds: rounds,
                effort: Timing.Effort(runs: options.quick ? 3 : runs, seconds: 5)
            ).run(python: python, script: peer) { report in
                try folder.write(report.table, "peers.csv")
                try folder.write(report.rounds, "peer_rounds.csv")
            }
        }
        try folder.write(report.table, "peers.csv")
        try folder.write(report.packages, "peer_versions.csv")
        try options.writeMachine(to: folder)
        try Output.print(report.text(python: python), terminator: "")
        try Output.print("written  \(folder.path)")
    }
}
