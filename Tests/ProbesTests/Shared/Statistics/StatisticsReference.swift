import Foundation
import TestSupport

/// Values of scipy, numpy, scikit-learn and statsmodels, made by Tests/Fixtures/make_statistics.py.
struct StatisticsReference: Decodable {
    struct Spearman: Decodable { let first, second, weights: [Double], correlation, weighted: Double }
    struct Scores: Decodable { let auroc, aupr, fpr95: Double }
    struct Detection: Decodable {
        let positive, negative, positive_weights, negative_weights: [Double], plain, weighted: Scores
    }
    struct Holm: Decodable { let p, adjusted: [Double] }
    struct Equivalence: Decodable { let value, low95, high95, low90, high90, margin, p: Double }
    struct Nested: Decodable { let values: [Double], seeds, demonstrations: [Int], low, high, deviation: Double }
    struct Permutation: Decodable { let first, second: [Double], p: Double }
    struct Eigen: Decodable { let size: Int, matrix, values: [Double] }
    struct Mahalanobis: Decodable { let width: Int, features, asked: [Float], distances: [Double] }
    struct Paired: Decodable { let b, c, n: Int, p: Double, tango90, tango95: [Double] }
    struct Detectable: Decodable { let n: Int, discordant, difference: Double }
    struct Betting: Decodable { let differences, e_values: [Double], low, high: Double }
    let spearman: [Spearman]
    let detection: [Detection]
    let holm: [Holm]
    let equivalence: [Equivalence]
    let nested: Nested
    let permutation: Permutation
    let eigen: Eigen
    let mahalanobis: Mahalanobis
    let paired: [Paired]
    let detectable: [Detectable]
    let betting: [Betting]

    static func load() throws -> StatisticsReference {
        let data = try Data(contentsOf: URL(fileURLWithPath: SharedData.fixture("statistics.json")))
        return try JSONDecoder().decode(StatisticsReference.self, from: data)
    }
}
