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
