import Basics

/// The nearest known name to a mistyped one.
enum Suggestion {
    /// The key path to offer for `key`, unknown below `above` where `names` are known: a similar name there, the same
    /// name elsewhere, else the nearest name there.
    static func keyPath(for key: String, above: [String], names: [String]) -> String? {
        let here = NearestName.of(key, among: names)
        let inPlace = here.map { (above + [$0]).joined(separator: ".") }
        if let here, NearestName.distance(key, here) <= max(1, key.count / 3) { return inPlace }
        let elsewhere = Settings.keyPaths.first { $0.last == key }
            ?? Settings.keyPaths.first { NearestName.distance($0.last ?? "", key) == 1 }
        return elsewhere.map { $0.joined(separator: ".") } ?? inPlace
    }

    static func sentence(for word: String, among names: [String]) -> String? {
        NearestName.of(word, among: names).map { "did you mean \($0)?" }
    }
}
