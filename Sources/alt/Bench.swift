import ArgumentParser

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time training, queries, lookups and loading against what this machine can do.",
        discussion: """
            Examples:
              alt bench                                   every row: milliseconds and share of the machine's limit
              alt bench --row train_step_image --runs 30
              alt bench --list
              alt bench peers --python python3            beside PyTorch, FAISS and h5py
              alt bench scaling                           against batch, workers, width, rows and demonstrations

            Results go to results/bench and replace those of the last benchmark.
            """,
        subcommands: [BenchRows.self, BenchPeers.self, BenchScaling.self, BenchMemory.self], defaultSubcommand: BenchRows.self)
}
