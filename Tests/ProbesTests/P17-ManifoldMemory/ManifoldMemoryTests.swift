import Basics
import Foundation
import Testing

@testable import Probes

@Suite struct ManifoldMemoryTests {
    private static func circle(_ angles: [Double], radius: Double = 1) -> [Float] {
        angles.flatMap { [Float(radius * cos($0)), Float(radius * sin($0))] }
    }

    /// One seed of an oracle on the unit circle.
    private static func run(_ oracle: String, points: Int = 100, seed: Int = 0) -> ManifoldRun {
        var source = RandomSource(Seed(UInt64(seed)) / oracle)
        var shared = RandomSource(Seed(UInt64(seed)) / "training")
        func angles(_ count: Int, _ source: inout RandomSource) -> [Double] {
            (0..<count).map { _ in source.uniform(0, 2 * Double.pi) }
        }
        let training = circle(angles(points, &shared)), samples: [Float]
        switch oracle {
        case "memorizer":
            samples = (0..<1000).flatMap { _ in
                let row = source.index(below: points)
                return [training[2 * row] + 1e-4 * Float(source.normal()), training[2 * row + 1] + 1e-4 * Float(source.normal())]
            }
        case "generalizer", "truth": samples = circle(angles(1000, &source))
        case "inner circle": samples = circle(angles(1000, &source), radius: 0.5)
        case "half circle": samples = circle(angles(1000, &source).map { $0 / 2 })
        default: samples = (0..<2000).map { _ in Float(source.uniform(-1.25, 1.25)) }
        }
        return ManifoldRun(
            shape: "circle", capacity: oracle, settings: "corrected", seed: seed, training: training, samples: samples,
            fresh: circle(angles(1000, &source)), manifold: circle((0..<2000).map { 2 * Double.pi * Double($0) / 2000 }),
            distance: (0..<1000).map { abs(hypot(samples[2 * $0], samples[2 * $0 + 1]) - 1) })
    }

    private func result(_ runs: [ManifoldRun], workers: Int = 2) throws -> ProbeResult {
        var measurements = Measurements()
        measurements[ManifoldRun.self] = runs
        return try ManifoldMemory().run(
            try SyntheticStudy(train: 4, reference: 4, query: 4).context([], measurements, workers: workers))
    }

    private static let oracles = ["memorizer", "generalizer", "inner circle", "half circle", "square", "truth", "cloud"]
    private static let runs = oracles.flatMap { oracle in (0..<3).map { run(oracle, seed: $0) } }

    @Test func `oracles get the verdicts that their names say`() throws {
        let result = try result(Self.runs)
        let condition = "circle_100_corrected"
        for (policy, verdict) in [
            ("memorizer", Verdict.memorized), ("generalizer", .generalized), ("inner circle", .wrongManifold),
            ("half circle", .incomplete), ("cloud", .erratic),
        ] {
            #expect(result.row("p17_f_mem_one_third", policy, condition)?.verdict == verdict, "\(policy)")
        }
        let memorizer = try #require(result.row("p17_f_mem_one_third", "memorizer", condition))
        #expect(memorizer.value ?? 0 > 0.97 && memorizer.n == 3 && memorizer.unit == "seed" && memorizer.low != memorizer.high)
        #expect(memorizer.control.name == "truth" && abs((memorizer.controlValue ?? 0) - 1.0 / 3) < 0.05)
        #expect(result.row("p17_distance", "inner circle", condition)?.value.map { abs($0 - 0.5) < 1e-6 } == true)
        // Controls stand beside the policies, not among them.
        #expect(result.row("p17_distance", "truth", condition) == nil && result.row("p17_distance", "square", condition) == nil)
    }

    @Test(arguments: [20, 200, 5000])
    func `fresh points of a curve follow the null f_mem(c) = c`(points: Int) throws {
        // 20 points meet the curvature and one another's chance: average over draws of them.
        let runs = (0..<(points == 20 ? 40 : 8)).map { Self.run("truth", points: points, seed: $0) }
        let curve = try #require(try result(runs).table("p17_curves"))
        let shares = curve.numbers("f_mem"), null = curve.numbers("null")
        #expect(shares.count == 50)
        for (share, c) in zip(shares, null).dropLast() { #expect(abs(share - c) < 0.06) }
    }

    @Test func `the sweep finds what comparing with every point finds`() {
        var source = RandomSource(Seed(3))
        let points = (0..<600).map { _ in Float(source.normal()) }, queries = (0..<200).map { _ in Float(2 * source.normal()) }
        let found = PlaneNeighbours(points).nearestTwo(queries)
        for row in 0..<100 {
            let all = (0..<300).map { i -> Double in
                let x = Double(points[2 * i]) - Double(queries[2 * row]), y = Double(points[2 * i + 1]) - Double(queries[2 * row + 1])
                return (x * x + y * y).squareRoot()
            }.sorted()
            #expect(found[row].first == all[0] && found[row].second == all[1])
        }
    }

    @Test func `numbers of a few points are those counted by hand`() {
        // Two cells of the curve, one of which is hit; three of four samples lie in it.
        let run = ManifoldRun(
            shape: "pair", capacity: "small", settings: "authors", seed: 0, training: [0, 0, 1, 0],
            samples: [0, 0, 0, 0.02, 0.25, 0, 0, 0], fresh: [0, 0, 0, 0, 0, 0, 0, 0], manifold: [0, 0, 1, 0],
            distance: [0, 0.02, 0.25, 0])
        let numbers = ManifoldNumbers(
            run, training: PlaneNeighbours(run.training), manifold: PlaneNeighbours(run.manifold))
        #expect(numbers.precision == 0.75 && numbers.recall == 0.5 && numbers.spread == 1)
        #expect(abs(numbers.chamfer - ((0.02 + 0.25) / 4 + 0.75 / 2) / 2) < 1e-7)
        #expect(abs(numbers.ratios[2] - 1.0 / 3) < 1e-9 && numbers.memorized(below: 0.3) == 0.75)
        #expect(abs(numbers.distanceMedian - 0.01) < 1e-8)
    }

    @Test func `errors to the exact denoiser are averaged over seeds and given as distances of clean points`() throws {
        let runs = (0..<2).map { seed in
            var run = Self.run("generalizer", seed: seed)
            (run.timesteps, run.noiseLevels) = ([0, 99], [0.01, 4])
            (run.errorFresh, run.errorTraining) = ([8, Double(seed)], [2, 1])
            return run
        }
        let table = try #require(try result(runs).table("p17_denoiser"))
        #expect(table.numbers("error_fresh") == [8, 0.5] && table.numbers("error_fresh_high") == [8, 1])
        #expect(table.numbers("clean_distance_fresh") == [0.04, 4])
    }

    @Test func `points of the first seed are drawn with their flow lines`() throws {
        var run = Self.run("generalizer", points: 500)
        run.flowLines = (0..<2 * 9 * 2).map(Float.init)
        run.flowSteps = 9
        let table = try #require(try result([run, Self.run("generalizer", points: 500, seed: 1)]).table("p17_points"))
        #expect(table.column("x", where: ["kind": "training"]).count == 200)
        #expect(table.column("x", where: ["kind": "sample"]).count == 200)
        #expect(table.numbers("x", where: ["kind": "flow"]) == [0, 8, 16, 18, 26, 34])
    }

    @Test func `results are the same for any number of workers`() throws {
        let one = try result(Self.runs, workers: 1), two = try result(Self.runs, workers: 2)
        #expect(one.summary == two.summary)
        for (first, second) in zip(one.tables, two.tables) { #expect(first.table.csv == second.table.csv) }
    }

    @Test func `a sample that is not a number is a failure that names the cell`() {
        var run = Self.run("generalizer")
        run.samples[7] = .nan
        #expect {
            try result([run])
        } throws: {
            ($0 as? Failure)?.location == "manifold circle_100_corrected, generalizer, seed 0, entry 7"
        }
    }
}
