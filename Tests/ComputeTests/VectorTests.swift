import Foundation
import Testing

@testable import Compute

@Suite struct VectorTests {
    @Test func `the exponential is within two roundings of the true one, and finite beyond its range`() {
        for x in stride(from: Float(-86.9), to: 87, by: 0.0137) {
            let exact = Foundation.exp(Double(x))
            #expect(abs(Double(Vector.exp(x)) / exact - 1) < 2.5e-7, "x = \(x)")
        }
        #expect(Vector.exp(0) == 1)
        #expect(Vector.exp(1_000).isFinite && Vector.exp(-1_000) >= 0)
    }

    @Test func `mish and its derivative are those of the definition in double`() {
        for x in stride(from: -40.0, to: 40, by: 0.0371) {
            let softplus = x > 30 ? x : Foundation.log1p(Foundation.exp(x))
            let hyperbolic = Foundation.tanh(softplus)
            let logistic = 1 / (1 + Foundation.exp(-x))
            let derivative = hyperbolic + x * (1 - hyperbolic * hyperbolic) * logistic
            #expect(abs(Double(Vector.mish(Float(x))) - x * hyperbolic) < 1e-6 * max(1, abs(x)), "x = \(x)")
            #expect(abs(Double(Vector.mishDerivative(Float(x))) - derivative) < 2e-6, "x = \(x)")
        }
    }
}
