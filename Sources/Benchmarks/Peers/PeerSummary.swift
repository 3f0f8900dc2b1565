/// One round of one row beside one library: ours and every variant of the library. Milliseconds, or MiB for memory.
public struct PeerTurn: Sendable, Equatable {
    public let ours: Double
    /// By variant, for instance a memory layout.
    public let peers: [String: Double]

    public init(ours: Double, peers: [String: Double]) {
        precondition(!peers.isEmpty, "a turn without a peer")
        self.ours = ours
        self.peers = peers
    }

    /// The variant with the smallest value; the first by name among equals.
    public var better: (variant: String, value: Double) {
        let best = peers.min { ($0.value, $0.key) < ($1.value, $1.key) }
        guard let best else { preconditionFailure("a turn without a peer") }
        return (best.key, best.value)
    }

    /// How many times ours goes into the better variant: above 1 ours is ahead.
    public var ratio: Double { better.value / ours }
}

/// All rounds of one row beside one library.
public struct PeerSummary: Sendable, Equatable {
    public let row: String
    public let library: PeerLibrary
    /// What the project aims at, for the reader.
    public let target: String
    public let turns: [PeerTurn]

    public init(row: String, library: PeerLibrary, target: String, turns: [PeerTurn]) {
        precondition(!turns.isEmpty, "a summary of no rounds")
        self.row = row
        self.library = library
        self.target = target
        self.turns = turns
    }

    var unit: String { row.hasPrefix("memory_") ? "MiB" : "ms" }
    /// Median over the rounds.
    public var ours: Double { Timing.median(turns.map(\.ours)) }
    /// Median over the rounds of the round's better variant.
    public var peer: Double { Timing.median(turns.map { $0.better.value }) }
    /// The variant that was better most often; the first by name among equals.
    public var variant: String {
        let counts = Dictionary(grouping: turns) { $0.better.variant }.mapValues(\.count)
        return counts.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key ?? ""
    }
    /// Median, smallest and largest of the rounds' ratios.
    public var ratio: (median: Double, low: Double, high: Double) {
        let ratios = turns.map(\.ratio)
        return (Timing.median(ratios), ratios.reduce(.infinity, min), ratios.reduce(0, max))
    }
}
