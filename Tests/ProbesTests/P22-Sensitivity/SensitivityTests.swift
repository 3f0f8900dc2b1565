import Basics
import Testing

@testable import Probes

@Suite struct SensitivityTests {
    private let designed = DesignedStudy()

    /// A move of 20 mm is a way of 1 in the latent plane.
    private func answers(_ policy: PolicyID, _ answer: (Double) -> [Float]) -> DesignedAnswers {
        designed.answers(
            policy, .smallMoves, (0..<5).flatMap { _ in Design.moveMetres.map { answer($0 * 50) } }, perGroup: 11,
            demonstrations: (0..<5).flatMap { [Int](repeating: 32 + $0, count: 11) },
            coordinate: (0..<5).flatMap { _ in Design.moveMetres })
    }

    private func constant(_ value: Float) -> [Float] { [Float](repeating: value, count: 24) }

    @Test func `an even change has a tenth in each step, a jump has all in one`() throws {
        let result = try designed.run(
            Sensitivity(),
            [
                answers("expert") { constant(Float($0)) }, answers("memorizer") { constant($0 > 0.55 ? 1 : 0) },
                answers("mean") { _ in constant(0.3) },
            ])
        func value(_ endpoint: String, _ policy: String) -> Double? { result.row(endpoint, policy, "small_moves")?.value }
        #expect(abs((value("p22_largest_step", "expert") ?? 0) - 0.1) < 1e-3)
        #expect(abs((value("p22_largest_step", "memorizer") ?? 0) - 1) < 1e-6)
        #expect(value("p22_largest_step", "mean") == nil && value("p22_sensitivity", "mean") == 0)
        // The same change in one step of 2 mm instead of ten.
        let ratio = (value("p22_sensitivity", "memorizer") ?? 0) / (value("p22_sensitivity", "expert") ?? 1)
        #expect(abs(ratio - 10) < 0.01)
    }
}
