/// "Did you mean": the known name closest to a mistyped one.
public enum NearestName {
    /// The candidate with the smallest edit distance; nil without candidates.
    public static func of(_ name: String, among candidates: [String]) -> String? {
        candidates.min { distance(name, $0) < distance(name, $1) }
    }

    /// `a, b, c (did you mean b?)`, without the question when no candidate is closer than half of the name's length.
    public static func list(_ candidates: [String], for name: String) -> String {
        guard let nearest = of(name, among: candidates) else { return "none" }
        let isClose = distance(name, nearest) <= max(1, name.count / 2)
        return candidates.joined(separator: ", ") + (isClose ? " (did you mean \(nearest)?)" : "")
    }

    /// Edits of one letter or swaps of neighbours between two words, whatever their case (Damerau-Levenshtein,
    /// optimal string alignment).
    public static func distance(_ first: String, _ second: String) -> Int {
        let a = Array(first.lowercased().unicodeScalars), b = Array(second.lowercased().unicodeScalars)
        var table = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in 0...a.count { table[i][0] = i }
        for j in 0...b.count { table[0][j] = j }
        for i in 0..<a.count {
            for j in 0..<b.count {
                let substitution = table[i][j] + (a[i] == b[j] ? 0 : 1)
                var best = min(substitution, table[i][j + 1] + 1, table[i + 1][j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, table[i - 1][j - 1] + 1) }
                table[i + 1][j + 1] = best
            }
        }
        return table[a.count][b.count]
    }
}
