import Basics
import Testing

@testable import Probes

@Suite struct FeatureMonitorsTests {
    @Test func `eigenvalues equal numpy's and the vectors are orthonormal eigenvectors`() throws {
        let reference = try StatisticsReference.load().eigen
        let n = reference.size
        let eigen = SymmetricEigen(reference.matrix, size: n)
        for (own, expected) in zip(eigen.values, reference.values) { #expect(abs(own - expected) < 1e-10) }
        for (index, vector) in eigen.vectors.enumerated() {
            for row in 0..<n {
                var product = 0.0
                for column in 0..<n { product += reference.matrix[row * n + column] * vector[column] }
                #expect(abs(product - eigen.values[index] * vector[row]) < 1e-9)
            }
            for other in 0...index {
                let product = zip(vector, eigen.vectors[other]).map { $0 * $1 }.reduce(0, +)
                let expected: Double = other == index ? 1 : 0
                #expect(abs(product - expected) < 1e-10)
            }
        }
        #expect(SymmetricEigen([3], size: 1).values == [3])
    }

    @Test func `the Mahalanobis distance equals numpy's with the same shrinkage`() throws {
        let reference = try StatisticsReference.load().mahalanobis
        let distance = try #require(
            MahalanobisDistance(RowVectors(values: reference.features, width: reference.width)))
        let asked = RowVectors(values: reference.asked, width: reference.width)
        for (row, expected) in reference.distances.enumerated() {
            #expect(abs(distance.distance(asked.row(row)) / expected - 1) < 1e-5)
        }
        #expect(MahalanobisDistance(RowVectors(values: [Float](repeating: 0, count: 1026), width: 513)) == nil)
        #expect(MahalanobisDistance(RowVectors(values: [1, 2, 1, 2], width: 2)) == nil)
    }

    @Test func `principal components find the plane that points lie in, in narrow and in wide spaces`() {
        var source = RandomSource(Seed(2))
        let plane = (0..<60).map { _ in (source.normal(), 0.5 * source.normal()) }
        func components(_ width: Int) -> PrincipalComponents {
            var values = [Float](repeating: 1, count: 60 * width)
            for (row, point) in plane.enumerated() {
                values[row * width + 1] = Float(point.0)
                values[row * width + 3] = Float(point.1)
            }
            return PrincipalComponents(RowVectors(values: values, width: width), share: 0.9999)
        }
        for width in [5, 300] {
            let found = components(width)
            #expect(found.components.count == 2)
            // Distances within the plane survive the projection.
            var (first, second) = ([Double](repeating: 1, count: width), [Double](repeating: 1, count: width))
            (first[1], first[3], second[1], second[3]) = (2, -1, -1, 3)
            let differences = zip(found.coordinates(first), found.coordinates(second)).map { $0 - $1 }
            let squared = differences.map { $0 * $0 }.reduce(0, +)
            #expect(abs(squared - 25) < 1e-9)
        }
    }

    @Test func `k-means finds separated clusters, and fewer where there are fewer points`() {
        var source = RandomSource(Seed(3))
        let points = (0..<80).map { (row: Int) -> [Double] in
            [Double(row % 8) * 10 + 0.1 * source.normal(), 0.1 * source.normal()]
        }
        let centres = ClusterCentres(points, seed: Seed(0))
        #expect(centres.centres.count == 8)
        #expect(points.allSatisfy { centres.distance($0) < 1 })
        #expect(abs(centres.distance([75, 0]) - 5) < 0.2)
        #expect(ClusterCentres([[1], [1], [2]], seed: Seed(0)).centres.map { $0[0] }.sorted() == [1, 2])
    }

    @Test func `the conformal threshold is the right order statistic and alpha never below what n allows`() {
        let seven = (1...7).map(Double.init), rules = DecisionRules()
        #expect(ConformalThreshold(seven, rules).value == 7 && ConformalThreshold(seven, rules).alpha == 0.125)
        #expect(ConformalThreshold((1...15).map(Double.init), rules).value == 14)
        #expect(ConformalThreshold([1, 2, 3], rules).alpha == 0.25 && ConformalThreshold([1, 2, 3], rules).value == 3)
        #expect(ConformalThreshold.leaveOneOut(seven, rules) == 1.0 / 7)
        #expect(ConformalThreshold.leaveOneOut([1], rules) == nil)
        // The 3 largest of 24 lie above the 21st smallest of the others.
        let order = [5, 2, 9, 0, 14, 23, 7, 1, 20, 11, 3, 16, 8, 22, 4, 19, 6, 12, 10, 21, 13, 18, 15, 17].map(Double.init)
        #expect(ConformalThreshold.leaveOneOut(order, rules) == 0.125)
    }

    @Test func `the wanted rate of false alarms is that of the decision rules`() {
        var rules = DecisionRules()
        rules.falseAlarmRate = 0.5
        let seven = ConformalThreshold((1...7).map(Double.init), rules)
        #expect(seven.alpha == 0.5 && seven.value == 4)
        // Demonstrations 5, 6 and 7 exceed the 4th smallest of the other six, 4.
        #expect(ConformalThreshold.leaveOneOut((1...7).map(Double.init), rules) == 3.0 / 7)
    }
}
