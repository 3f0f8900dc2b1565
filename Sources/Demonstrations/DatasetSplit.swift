import Basics
import Configuration

/// Disjoint sets of demonstrations, as positions in `DemonstrationSet.episodes`: to train on, an equally
/// drawn reference that no policy sees, and queries.
public struct DatasetSplit: Sendable, Equatable {
    public let train: [Int]
    public let reference: [Int]
    public let query: [Int]
    /// More to train on and as many more for reference, for studies of the number of demonstrations alone.
    public let spareTrain: [Int]
    public let spareReference: [Int]

    public init(
        train: [Int], reference: [Int], query: [Int], spareTrain: [Int] = [], spareReference: [Int] = []
    ) {
        self.train = train
        self.reference = reference
        self.query = query
        self.spareTrain = spareTrain
        self.spareReference = spareReference
    }

    /// Shuffles 0 ..< count by `seed`; the first `train` train, the next `reference` are the reference, then
    /// `spare` to train on and `spare` for reference; the rest are queries. Each part is sorted.
    /// - Throws: `Failure` (`data`) when there is no training demonstration or no query is left.
    public static func make(count: Int, train: Int, reference: Int, spare: Int = 0, seed: Seed) throws -> DatasetSplit {
        guard train >= 1, reference >= 0, spare >= 0, train + reference + 2 * spare < count else {
            throw Failure(
                .data, "the demonstrations cannot be split", at: "train \(train), reference \(reference), spare \(spare) each",
                expected: "train >= 1, reference >= 0 and train + reference + 2 spare < \(count), so that a query is left",
                found: "\(train) + \(reference) + 2 x \(spare) of \(count) demonstrations",
                remedy: "lower train, reference or spare, or use a file with more demonstrations")
        }
        var source = RandomSource(seed)
        let order = source.permutation(count)
        return DatasetSplit(
            train: order[..<train].sorted(), reference: order[train..<train + reference].sorted(),
            query: order[(train + reference + 2 * spare)...].sorted(),
            spareTrain: order[train + reference..<train + reference + spare].sorted(),
            spareReference: order[train + reference + spare..<train + reference + 2 * spare].sorted())
    }
}

/// How many whole demonstrations each part of a split has; what remains is asked about (query).
public struct SplitConfiguration: Equatable, Sendable {
    /// Demonstrations that the policies are trained on; at least two, since a second-nearest one is asked for.
    public var train = 16
    /// Demonstrations the policies never see, as many as `train`: the null of the share of nearest chunks.
    public var reference = 16

    public init() {}
}

extension SplitConfiguration: SettingsGroup {
    public static var fields: [SettingsField<SplitConfiguration>] {
        [
            SettingsField("train", \.train, .count(from: 2)),
            SettingsField("reference", \.reference, .count(from: 0)),
        ]
    }
}

/// The order people give numbered names: `demo_9` before `demo_10`. Independent of locale.
enum NaturalOrder {
    static func precedes(_ left: String, _ right: String) -> Bool {
        let a = pieces(of: left), b = pieces(of: right)
        for (x, y) in zip(a, b) where x != y {
            switch (x, y) {
            case (.number(let m), .number(let n)): return m.count != n.count ? m.count < n.count : m < n
            case (.number, .text): return true
            case (.text, .number): return false
            case (.text(let s), .text(let t)): return s < t
            }
        }
        // Same pieces so far: the shorter first; `demo_01` and `demo_1` differ only in zeros.
        return a.count != b.count ? a.count < b.count : left < right
    }

    /// The number at the end of a name, for instance 12 of `demo_12`.
    static func trailingNumber(of name: String) -> Int? {
        guard case .number(let digits)? = pieces(of: name).last else { return nil }
        return digits.isEmpty ? 0 : Int(digits)
    }

    private enum Piece: Equatable {
        case text(String)
        /// Decimal digits without leading zeros, so that longer means larger.
        case number(String)
    }

    private static func pieces(of name: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = Substring(name)
        while let first = rest.first {
            let isDigit = { (character: Character) in character.isASCII && character.isNumber }
            let wanted = isDigit(first)
            let run = rest.prefix { isDigit($0) == wanted }
            pieces.append(wanted ? .number(String(run.drop { $0 == "0" })) : .text(String(run)))
            rest = rest.dropFirst(run.count)
        }
        return pieces
    }
}
