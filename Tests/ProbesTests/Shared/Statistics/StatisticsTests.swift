import Basics
import Foundation
import Probes
import TestSupport
import Testing

/// Values of scipy and numpy, made by Tests/Fixtures/make_statistics.py.
private struct Reference: Decodable {
    struct MannWhitneyCase: Decodable { let first, second: [Double], u, z: Double }
    struct WilsonCase: Decodable { let successes, count: Int, low, high: Double }
    struct QuantileCase: Decodable { let sample, probabilities, values, weights: [Double], weighted_median: Double }
    struct EntropyCase: Decodable { let counts: [Double], nats: Double }
    struct BootstrapCase: Decodable { let values: [Double], groups: [Int], low, high, deviation: Double }
    let mann_whitney: [MannWhitneyCase]
    let wilson: [WilsonCase]
    let quantile: QuantileCase
    let entropy: EntropyCase
    let bootstrap: BootstrapCase

    static func load() throws -> Reference {
        let data = try Data(contentsOf: URL(fileURLWithPath: SharedData.fixture("statistics.json")))
        return try JSONDecoder().decode(Reference.self, from: data)
    }
}

@Suite struct StatisticsTests {
    @Test func `Mann-Whitney U and Z equal scipy's, with and without ties`() throws {
        for reference in try Reference.load().mann_whitney {
            let test = MannWhitney(reference.first, reference.second)
            #expect(test.u == reference.u)
            #expect(abs(test.z - reference.z) < 1e-6)
            #expect(abs(MannWhitney(reference.second, reference.first).z + reference.z) < 1e-6)
        }
        #expect(MannWhitney([2, 2], [2, 2, 2]).z == 0)
        #expect(MannWhitney([2, 2], [2, 2, 2]).area == 0.5)
    }

    @Test func `Wilson's interval equals scipy's`() throws {
        for reference in try Reference.load().wilson {
            let estimate = Wilson.estimate(
                share: Double(reference.successes) / Double(reference.count), count: reference.count)
            #expect(abs((estimate.low ?? .nan) - reference.low) < 1e-12)
            #expect(abs((estimate.high ?? .nan) - reference.high) < 1e-12)
        }
    }

    @Test func `Wilson's interval of none starts at 0 and of all ends at 1, exactly`() {
        for count in 1...200 {
            #expect(Wilson.estimate(share: 0, count: count).low == 0)
            #expect(Wilson.estimate(share: 1, count: count).high == 1)
        }
    }

    @Test func `quantiles and the weighted median equal numpy's`() throws {
        let reference = try Reference.load().quantile
        let sample = SortedSample(reference.sample)
        for (probability, value) in zip(reference.probabilities, reference.values) {
            #expect(abs(sample.quantile(probability) - value) < 1e-12)
        }
        #expect(abs(sample.median(weights: reference.weights) - reference.weighted_median) < 1e-12)
        #expect(sample.median(weights: [Double](repeating: 1, count: 23)) == sample.quantile(0.5))
        #expect(SortedSample([1, 2]).median(weights: [1, 1]) == 1.5)
        #expect(SortedSample([]).quantile(0.5).isNaN)
    }

    @Test func `entropy equals scipy's and top two mass counts two`() throws {
        let reference = try Reference.load().entropy
        #expect(abs(Concentration.entropy(reference.counts) - reference.nats) < 1e-12)
        #expect(abs(Concentration.topTwoMass(reference.counts) - 12.0 / 17) < 1e-12)
        #expect(Concentration.entropy([0, 4, 0]) == 0)
        #expect(Concentration.topTwoMass([3, 3]) == 1)
    }
}

@Suite struct HierarchicalBootstrapTests {
    @Test func `the two-level interval of a mean agrees with numpy's loops`() throws {
        let reference = try Reference.load().bootstrap
        let values = reference.values
        let bootstrap = HierarchicalBootstrap(levels: [reference.groups], resamples: 4000, seed: Seed(3), pool: WorkerPool(workers: 2))
        let estimate = bootstrap.estimate { weights in mean(values, weights) }
        // Both ends are quantiles of finitely many replicates: four standard errors of 4,000 draws.
        let tolerance = 4 * reference.deviation * 2.7 / Double(4000).squareRoot()
        #expect(abs((estimate.low ?? .nan) - reference.low) < tolerance)
        #expect(abs((estimate.high ?? .nan) - reference.high) < tolerance)
        #expect(bootstrap.units == 12)
    }

    @Test func `replicates do not depend on the number of workers and do on the seed`() {
        let groups = (0..<60).map { $0 / 5 }
        func draws(_ workers: Int, _ seed: UInt64) -> [[Double]] {
            HierarchicalBootstrap(levels: [groups], resamples: 50, seed: Seed(seed), pool: WorkerPool(workers: workers)).replicates { $0 }
        }
        #expect(draws(1, 0) == draws(2, 0))
        #expect(draws(1, 0) == draws(7, 0))
        #expect(draws(1, 0) != draws(1, 1))
    }

    @Test func `rows of one group come and go together, so copying rows does not narrow the interval`() {
        var source = RandomSource(Seed(5))
        let values = (0..<20).map { _ in source.normal() }
        let copied = values.flatMap { [Double](repeating: $0, count: 30) }
        func width(_ values: [Double], _ levels: [[Int]]) -> Double {
            let estimate = HierarchicalBootstrap(
                levels: levels, rowCount: values.count, resamples: 2000, seed: Seed(1), pool: WorkerPool(workers: 2)
            )
            .estimate { mean(values, $0) }
            return (estimate.high ?? .nan) - (estimate.low ?? .nan)
        }
        let grouped = width(copied, [(0..<600).map { $0 / 30 }])
        #expect(abs(grouped / width(values, []) - 1) < 0.1)
        #expect(width(copied, []) < grouped / 3)
    }

    @Test func `three levels draw within the levels above and one unit gives no interval`() {
        let seeds = (0..<24).map { $0 / 12 }
        let demonstrations = (0..<24).map { $0 / 4 }
        let bootstrap = HierarchicalBootstrap(
            levels: [seeds, demonstrations], resamples: 200, seed: Seed(2), pool: WorkerPool(workers: 1))
        #expect(bootstrap.units == 2)
        let totals = bootstrap.replicates { [$0.reduce(0, +)] }.map { $0[0] }
        #expect(totals.allSatisfy { $0 == 24 })
        let single = HierarchicalBootstrap(
            levels: [[Int](repeating: 7, count: 9)], resamples: 50, seed: Seed(2), pool: WorkerPool(workers: 1)
        )
        .estimate { mean((0..<9).map(Double.init), $0) }
        #expect(single == Estimate(value: 4))
    }

    @Test func `the three-level interval of a mean agrees with numpy's loops`() throws {
        let reference = try StatisticsReference.load().nested
        let values = reference.values
        let bootstrap = HierarchicalBootstrap(
            levels: [reference.seeds, reference.demonstrations], resamples: 4000, seed: Seed(6), pool: WorkerPool(workers: 2))
        let estimate = bootstrap.estimate { weights in mean(values, weights) }
        let tolerance = 4 * reference.deviation * 2.7 / Double(4000).squareRoot()
        #expect(abs((estimate.low ?? .nan) - reference.low) < tolerance)
        #expect(abs((estimate.high ?? .nan) - reference.high) < tolerance)
        #expect(bootstrap.units == 5)
    }

    private func mean(_ values: [Double], _ weights: [Double]) -> Double {
        zip(values, weights).map { $0 * $1 }.reduce(0, +) / weights.reduce(0, +)
    }
}
