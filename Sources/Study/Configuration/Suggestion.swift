/// The nearest known name to a mistyped one.
enum Suggestion {
    /// The key path to offer for `key`, unknown below `above` where `names` are known: a similar name there, the same
    /// name elsewhere, else the nearest name there.
    static func keyPath(for key: String, above: [String], names: [String]) -> String? {
        let here = nearest(to: key, among: names)
        let inPlace = here.map { (above + [$0]).joined(separator: ".") }
        if let here, distance(key, here) <= max(1, key.count / 3) { return inPlace }
        let elsewhere = Settings.keyPaths.first { $0.last == key }
            ?? Settings.keyPaths.first { distance($0.last ?? "", key) == 1 }
        return elsewhere.map { $0.joined(separator: ".") } ?? inPlace
    }

    static func sentence(for word: String, among names: [String]) -> String? {
        nearest(to: word, among: names).map { "did you mean \($0)?" }
    }

    static func nearest(to word: String, among names: [String]) -> String? {
        names.min { distance(word, $0) < distance(word, $1) }
    }

    /// Edits of one letter or swaps of neighbours between two words (Damerau-Levenshtein, optimal string alignment).
    static func distance(_ first: String, _ second: String) -> Int {
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
