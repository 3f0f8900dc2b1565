import Basics
import Demonstrations
import Foundation

/// What a lookup makes of how similar the rows of its table are to the query.
public struct RetrievalRule: Sendable, Equatable {
    public enum Answer: Sendable, Equatable {
        /// The sequence of the best row.
        case nearest
        /// The mean of the best rows' sequences, weighted by exp(-distance): VINN (Pari et al. 2021).
        case softmaxMean
        /// The sequence of one of the best rows, drawn with equal chances.
        case sampled
    }

    public var answer = Answer.nearest
    /// Best rows that are looked at; one for `nearest`.
    public var neighbours = 1
    /// The best row of each demonstration in place of the best rows, which are mostly neighbours of one moment.
    public var areDistinct = false
    /// Steps between queries. Rows at which the demonstration recalled last has come that much further, give or take a quarter,
    /// are preferred: they count as nearer by `continuity` of the spread between best and worst row. Nil for no preference.
    public var advance: Int?
    /// Only the demonstration recalled first in the episode is looked up, from the frame recalled last on.
    public var locksEpisode = false

    static let continuity: Float = 0.05

    public init() {}

    public init(_ change: (inout RetrievalRule) -> Void) { change(&self) }

    /// Whether the best row by similarity is the answer, whatever was recalled before.
    var isPlain: Bool { answer == .nearest && !areDistinct && advance == nil && !locksEpisode }
}

extension RetrievalRule {
    /// Rows by preference, best first.
    /// - Parameters:
    ///   - similarity: of every row; larger is nearer.
    ///   - frames: of every row.
    ///   - recalled: in the episode before, oldest first.
    func order(_ similarity: [Float], frames: [FrameReference], recalled: [FrameReference]) -> [Int] {
        var score = similarity
        var candidates = Array(similarity.indices)
        if let advance, let last = recalled.last {
            let bonus = Self.continuity * ((similarity.max() ?? 0) - (similarity.min() ?? 0)), slack = max(1, advance / 4)
            for row in candidates where frames[row].demonstration == last.demonstration {
                if abs(frames[row].frame - last.frame - advance) <= slack { score[row] += bonus }
            }
        }
        if locksEpisode, let first = recalled.first, let last = recalled.last {
            let own = candidates.filter { frames[$0].demonstration == first.demonstration && frames[$0].frame >= last.frame }
            if !own.isEmpty { candidates = own }
        }
        candidates.sort { (score[$0].isNaN ? -.infinity : score[$0], -$0) > (score[$1].isNaN ? -.infinity : score[$1], -$1) }
        guard areDistinct else { return candidates }
        var seen: Set<Int> = []
        return candidates.filter { seen.insert(frames[$0].demonstration).inserted }
    }

    /// The weights of `rows` in a softmax mean, from their distances to the query.
    static func softmax(_ distances: [Float]) -> [Double] {
        let nearest = distances.min() ?? 0
        let weights = distances.map { exp(Double(nearest - $0)) }, total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }
}
