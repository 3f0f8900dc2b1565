import Basics
import Foundation
import Probes
import Testing

@Suite struct TrainingTimeTests {
    /// A family seen at 1000, 2000 and 4000 steps that answers as given.
    private func result(_ answers: [SyntheticStudy.Answer], losses: [DenoisingLoss] = []) throws -> ProbeResult {
        let study = SyntheticStudy()
        let steps = answers.indices.map { 1000 << $0 }
        var measurements = Measurements()
        // Out of order, beside a family with one number of steps, which is no training curve.
        measurements.records = steps.reversed().map {
            SyntheticStudy.record("diffusion_at_\($0)", family: "diffusion", steps: $0)
        }
        measurements.records.append(SyntheticStudy.record("alone", family: "alone"))
        measurements[DenoisingLoss.self] = losses
        let context = try study.context(
            zip(steps, answers).map { ("diffusion_at_\($0)", $1) } + [("alone", .memorizer)], train: study.train,
            reference: study.reference, measurements)
        return try TrainingTime().run(context)
    }

    @Test func `memory that grows with training has its onset and its slope per doubling`() throws {
        let result = try result([.mixture(0, seed: 0), .mixture(0.4, seed: 1), .mixture(0.8, seed: 2)])
        let table = try #require(result.table("p12_training"))
        #expect(table.numbers("steps") == [1000, 2000, 4000])
        #expect(table.numbers("loss") == [0.001, 0.0005, 0.00025])
        let trend = try #require(result.row("p12_trend", "diffusion", "heldout"))
        let truth = try #require(table.numbers("heldout_dcr_share").first)
        #expect(abs((trend.value ?? 0) - 0.4 * (1 - truth)) < 0.06)
        #expect(trend.verdict == .growsWithTraining && trend.n == 24)
        #expect(result.row("p12_onset", "diffusion", "heldout")?.value == 2000)
        #expect(result.row("p12_onset", "diffusion", "heldout")?.controlValue == truth)
        #expect(table.numbers("generalization_gap").allSatisfy { $0 >= 0.5 })
        #expect(result.row("p12_dcr_share", "diffusion_at_4000", "heldout")?.verdict == .memorized)
    }

    @Test func `a lookup has its onset at once, a generaliser none, and an interpolator has not fitted`() throws {
        let lookup = try result([.memorizer, .memorizer, .memorizer])
        #expect(lookup.row("p12_onset", "diffusion", "heldout")?.value == 1000)
        #expect(lookup.row("p12_trend", "diffusion", "heldout")?.value == 0)
        #expect(lookup.row("p12_trend", "diffusion", "heldout")?.verdict == .undecided)
        let generaliser = try result([.generalizer, .generalizer, .generalizer])
        #expect(generaliser.row("p12_onset", "diffusion", "heldout")?.value == nil)
        #expect(generaliser.row("p12_trend", "diffusion", "heldout")?.value == 0)
        let kernel = try result([.interpolator, .interpolator, .interpolator])
        #expect(kernel.row("p12_trend", "diffusion", "heldout")?.verdict == .notFitted)
        #expect(kernel.row("p12_dcr_share", "diffusion_at_1000", "heldout")?.verdict == .notFitted)
    }

    @Test func `the loss at held-out windows stands beside the share, with the demonstrations as its units`() throws {
        // It rises from 0.2 to 0.4 while that at training windows falls, and differs by 0.1 between two demonstrations.
        let losses = [1000, 2000].enumerated().flatMap { index, steps in
            [
                DenoisingLoss(
                    policy: PolicyID(stringLiteral: "diffusion_at_\(steps)"), condition: .heldout,
                    loss: [0.15, 0.15, 0.25, 0.25].map { $0 + 0.2 * Double(index) }, cluster: [40, 40, 41, 41]),
                DenoisingLoss(
                    policy: PolicyID(stringLiteral: "diffusion_at_\(steps)"), condition: .train, loss: [0.1 / Double(index + 1)],
                    cluster: [0]),
            ]
        }
        let table = try #require(try result([.generalizer, .generalizer, .generalizer], losses: losses).table("p12_training"))
        let validation = table.numbers("validation_loss"), training = table.numbers("training_loss")
        #expect(zip(validation, [0.2, 0.4]).allSatisfy { abs($0 - $1) < 1e-12 } && validation.count == 2)
        #expect(training == [0.1, 0.05])
        #expect(table.numbers("validation_loss_low").map { ($0 * 100).rounded() } == [15, 35])
        #expect(table.column("training_loss_low") == [.missing, .missing, .missing])
        #expect(table.column("validation_loss").last == .missing)
    }

    @Test func `memory that goes away with training fades`() throws {
        let result = try result([.mixture(0.9, seed: 0), .mixture(0.4, seed: 1), .mixture(0, seed: 2)])
        #expect(result.row("p12_trend", "diffusion", "heldout")?.verdict == .fadesWithTraining)
    }

    @Test func `without two training lengths there is nothing to measure`() throws {
        let context = try SyntheticStudy().context()
        #expect { try TrainingTime().run(context) } throws: { "\($0)".contains("p12 has nothing to measure") }
    }
}
