import Plots

/// The figures of a probe, or of a group of probes, from the CSV files of a run.
protocol RunFigures: Sendable {
    /// None where the run lacks the probe's files.
    /// - Throws: `Failure` for a file that cannot be read.
    func plots(_ tables: RunTables) throws -> [Plot]
}

/// Which policies a figure shows: all of them would hide each other.
enum DrawnPolicies {
    /// Drawn in grey: not the policies under study but what they are compared with.
    static let controls: Set = [
        "memorizer", "interpolator", "generalizer", "mean", "pixel_nearest", "expert", "exact_ddpm", "random_init",
        "half_trained",
    ]
    static let learned = ["diffusion_ddpm", "behaviour_cloning", "alt", "kernel"]
    static let oracles = ["memorizer", "interpolator", "generalizer"]
    static let main = learned + oracles
}
