import Basics
import Testing

@testable import Policies

@Suite struct RandomNetworkDistillationTests {
    @Test func `observations far from the training ones score higher than unseen ones among them`() {
        var numbers = RandomNumbers("rnd")
        let train = numbers.normal(400 * 3), unseen = numbers.normal(100 * 3), far = numbers.normal(100 * 3).map { 4 * $0 + 5 }
        let novelty = RandomNetworkDistillation(rows: train, width: 3, seed: Seed(0))
        let near = novelty.scores(unseen).sorted()[90]
        #expect(novelty.scores(far).count { $0 > near } > 90)
        let fitted: Double = novelty.scores(train).reduce(0, +) / 400
        let distant: Double = novelty.scores(far).reduce(0, +) / 100
        #expect(fitted < 0.2 * distant)
    }

    @Test func `ridge regression solves the normal equations`() {
        // Minimises Σ (x w - y)² + n λ w²: w = Σ x y / (Σ x² + n λ).
        let solution = RidgeRegression.solve([[1], [2], [3]], [[2], [3], [7]], ridge: 0.5)
        #expect(abs(solution[0][0] - 29 / (14 + 1.5)) < 1e-12)
        let two = RidgeRegression.solve([[1, 0], [1, 1], [1, 2]], [[1], [3], [5]], ridge: 1e-12)
        #expect(abs(two[0][0] - 1) < 1e-6 && abs(two[1][0] - 2) < 1e-6)
    }
}
