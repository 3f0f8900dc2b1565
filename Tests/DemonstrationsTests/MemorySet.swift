import Demonstrations

/// Small sets in memory, whose values tell where they come from.
enum MemorySet {
    /// No cameras; actions [d, t, a] = 100 d + t + a / 10, one low-dim value 1000 + 100 d + t.
    static func make(lengths: [Int], actionDimension: Int = 2) -> DemonstrationSet {
        let episodes = lengths.enumerated().map { demonstration, length in
            Episode(
                name: "demo_\(demonstration)", length: length,
                actions: (0..<length * actionDimension).map { index in
                    Float(100 * demonstration + index / actionDimension) + Float(index % actionDimension) / 10
                },
                lowDim: (0..<length).map { Float(1000 + 100 * demonstration + $0) })
        }
        return DemonstrationSet(
            path: "memory", cameras: [], lowDimKeys: [LowDimKey(key: "clock", width: 1)],
            actionDimension: actionDimension, episodes: episodes, environment: nil, pixels: [])
    }

    /// One episode per element; each is [N, A] actions and [N, L] low-dim values.
    static func make(
        actions: [[Float]], actionDimension: Int, lowDim: [[Float]], lowDimDimension: Int
    ) -> DemonstrationSet {
        let episodes = zip(actions, lowDim).enumerated().map { demonstration, rows in
            Episode(
                name: "demo_\(demonstration)", length: rows.0.count / actionDimension, actions: rows.0, lowDim: rows.1)
        }
        return DemonstrationSet(
            path: "memory", cameras: [], lowDimKeys: [LowDimKey(key: "state", width: lowDimDimension)],
            actionDimension: actionDimension, episodes: episodes, environment: nil, pixels: [])
    }
}
