import Basics
import Foundation
import Probes
import Testing

@Suite struct CoverageAgainstMemoryTests {
    private let study = SyntheticStudy()

    /// Truth where `isMemory` is false of the true chunk's density, the memorizer's chunk elsewhere.
    private func mixture(_ policy: PolicyID, _ isMemory: (Double) -> Bool) throws -> [GeneratedChunks] {
        let density = try #require(try CoverageAgainstMemory().run(try study.context()).table("p20_samples"))
            .numbers("density", where: ["policy": "generalizer"])
        let truth = study.generated("generalizer", "heldout", asked: study.query)
        let memory = study.generated("memorizer", "heldout", asked: study.query)
        let width = truth.chunks.width
        let values = density.enumerated().flatMap { row, density in
            (isMemory(density) ? memory : truth).chunks.values[row * width..<(row + 1) * width]
        }
        let train = study.generated("generalizer", "train", asked: study.train)
        return [
            GeneratedChunks(
                policy: policy, condition: "heldout", chunks: truth.chunks.replacingValues(values),
                observation: truth.observation, sample: truth.sample, truth: truth.truth),
            GeneratedChunks(
                policy: policy, condition: "train", chunks: train.chunks, observation: train.observation,
                sample: train.sample, truth: train.truth),
        ]
    }

    @Test func `the oracles come apart: memory 1 and no correlation, between, and the control itself`() throws {
        let result = try CoverageAgainstMemory().run(try study.context())
        let memorizer = try #require(result.row("p20_density_memory", "memorizer", "heldout"))
        #expect(memorizer.value == nil && memorizer.low == nil && memorizer.verdict == .undefined)
        #expect(result.table("p20_correlation")?.column("p", where: ["policy": "memorizer"]) == [.missing])
        func memory(_ policy: String) throws -> Double {
            try #require(result.row("p20_memory", policy, "heldout")?.value)
        }
        #expect(try memory("memorizer") == 1)
        #expect(try memory("interpolator") > memory("generalizer") && memory("interpolator") < 1)
        let control = try #require(result.row("p20_memory", "generalizer", "heldout")?.controlValue)
        #expect(abs(try memory("generalizer") - control) < 0.05)
        let generalizer = try #require(result.row("p20_density_memory", "generalizer", "heldout"))
        #expect(generalizer.controlValue.map { abs($0 - (generalizer.value ?? 9)) < 0.1 } == true)
        #expect(generalizer.verdict == .undecided)
        #expect(result.row("p20_density_memory", "interpolator", "heldout")?.verdict == .notFitted)
        #expect(result.table("p20_samples")?.rows.count == 3 * 24 * 5 * 2)
    }

    @Test func `density is minus the logarithm of the distance to the 5th nearest demonstration`() throws {
        let context = try study.context()
        let density = try #require(try CoverageAgainstMemory().run(context).table("p20_samples"))
            .numbers("density", where: ["policy": "generalizer"])
        let evaluated = try #require(
            context.evaluated.first { $0.policy == "generalizer" && $0.condition == "heldout" }?.truthToTrain)
        for (row, value) in density.enumerated() {
            let fifth = evaluated.byDemonstration[row * 16..<(row + 1) * 16].sorted()[4]
            #expect(abs(exp(-value) / Double(fifth) - 1) < 1e-6)
        }
        #expect(density.count == evaluated.count)
    }

    @Test func `memory where data is sparse, or dense, has the right sign, p and bins`() throws {
        let density = try #require(try CoverageAgainstMemory().run(try study.context()).table("p20_samples"))
            .numbers("density", where: ["policy": "generalizer"])
        let middle = density.sorted()[density.count / 2]
        let extra = try mixture("sparse") { $0 < middle } + mixture("dense") { $0 >= middle }
        let result = try CoverageAgainstMemory().run(try study.context(extra))
        #expect(result.row("p20_density_memory", "sparse", "heldout")?.verdict == .memoryWhereSparse)
        #expect(result.row("p20_density_memory", "dense", "heldout")?.verdict == .memoryWhereDense)
        let table = try #require(result.table("p20_correlation"))
        #expect(table.numbers("p", where: ["policy": "dense"])[0] < 0.01)
        let bins = try #require(result.table("p20_bins"))
        let dense = bins.numbers("memory", where: ["policy": "dense"])
        #expect(dense.count == 4 && dense[0] < 0.8 && dense[3] == 1)
        #expect(bins.numbers("memory", where: ["policy": "sparse"])[0] == 1)
        #expect(bins.numbers("rows", where: ["policy": "dense"]).reduce(0, +) == Double(density.count))
    }
}
