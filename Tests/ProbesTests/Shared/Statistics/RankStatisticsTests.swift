import Foundation
import Probes
import Testing

@Suite struct RankStatisticsTests {
    @Test func `Spearman's correlation equals scipy's, with ties and under weights`() throws {
        for reference in try StatisticsReference.load().spearman {
            #expect(abs(Spearman.correlation(reference.first, reference.second) - reference.correlation) < 1e-12)
            let weighted = RankCorrelation(reference.first, reference.second).correlation(weights: reference.weights)
            #expect(abs(weighted - reference.weighted) < 1e-12)
        }
        #expect(Spearman.correlation([1, 1, 1], [1, 2, 3]).isNaN)
        #expect(Spearman.correlation([], []).isNaN)
        #expect(Spearman.correlation([1, 5, 9], [0, 3, 4]) == 1)
    }

    @Test func `AUROC, AUPR and FPR at 95 % TPR equal scikit-learn's, with ties and under weights`() throws {
        for reference in try StatisticsReference.load().detection {
            let ranking = DetectionRanking(positive: reference.positive, negative: reference.negative)
            let weighted = ranking.scores(
                positiveWeights: reference.positive_weights, negativeWeights: reference.negative_weights)
            let plain = DetectionScores(positive: reference.positive, negative: reference.negative)
            for (scores, expected) in [(plain, reference.plain), (weighted, reference.weighted)] {
                #expect(abs(scores.auroc - expected.auroc) < 1e-12)
                #expect(abs(scores.aupr - expected.aupr) < 1e-12)
                #expect(abs(scores.fpr95 - expected.fpr95) < 1e-12)
            }
            #expect(abs(plain.auroc - MannWhitney(reference.positive, reference.negative).area) < 1e-12)
        }
        let perfect = DetectionScores(positive: [2, 3], negative: [0, 1])
        #expect(perfect.auroc == 1 && perfect.aupr == 1 && perfect.fpr95 == 0)
        #expect(DetectionScores(positive: [], negative: [1]).auroc.isNaN)
    }

    @Test func `Holm's adjusted p values follow the definition`() throws {
        for reference in try StatisticsReference.load().holm {
            for (own, expected) in zip(Holm.adjusted(reference.p), reference.adjusted) {
                #expect(abs(own - expected) < 1e-15)
            }
        }
        #expect(Holm.adjusted([0.9, 0.8]) == [1, 1])
        #expect(Holm.adjusted([]) == [])
    }
}
