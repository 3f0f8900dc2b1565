/// "Did you mean": the known name closest to a mistyped one.
enum NearestName {
    /// The candidate with the smallest edit distance, nil when none is closer than half of the name's length.
    static func of(_ name: String, among candidates: [String]) -> String? {
        let ranked = candidates.map { (candidate: $0, distance: distance(Array(name), Array($0))) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, name.count / 2) ? best.candidate : nil
    }

    /// `a, b, c (did you mean b?)`
    static func list(_ candidates: [String], for name: String) -> String {
        guard !candidates.isEmpty else { return "none" }
        let nearest = of(name, among: candidates).map { " (did you mean \($0)?)" } ?? ""
        return candidates.joined(separator: ", ") + nearest
    }

    /// Levenshtein distance.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var row = Array(0...b.count)
        for i in 0..<a.count {
            var diagonal = row[0]
            row[0] = i + 1
            for j in 0..<b.count {
                let substituted = diagonal + (a[i] == b[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}
