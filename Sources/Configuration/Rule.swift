/// What a value must satisfy, with the sentence that says so.
public struct Rule<Value> {
    public let expectation: String
    public let accepts: (Value) -> Bool

    public init(expectation: String, accepts: @escaping (Value) -> Bool) {
        self.expectation = expectation
        self.accepts = accepts
    }

    public static var anything: Rule { Rule(expectation: "anything") { _ in true } }

    /// The same rule where a value is given; null passes.
    public var ifPresent: Rule<Value?> {
        Rule<Value?>(expectation: expectation + ", or null") { value in value.map(accepts) ?? true }
    }

    /// The same rule for each element of a list of a given count.
    public func each(count: ClosedRange<Int>) -> Rule<[Value]> {
        let number = count.lowerBound == count.upperBound ? "\(count.lowerBound)" : "\(count.lowerBound) to \(count.upperBound)"
        return Rule<[Value]>(expectation: "\(number) values, each \(expectation)") { values in
            count.contains(values.count) && values.allSatisfy(accepts)
        }
    }
}

extension Rule where Value: SettingsValue & Comparable {
    public static func atLeast(_ bound: Value) -> Rule { Rule(expectation: "at least \(bound.shown)") { $0 >= bound } }
    public static func above(_ bound: Value) -> Rule { Rule(expectation: "above \(bound.shown)") { $0 > bound } }
    public static func within(_ bounds: ClosedRange<Value>) -> Rule {
        Rule(expectation: "from \(bounds.lowerBound.shown) to \(bounds.upperBound.shown)") { bounds.contains($0) }
    }
    public static func between(_ low: Value, below high: Value) -> Rule {
        Rule(expectation: "at least \(low.shown) and below \(high.shown)") { $0 >= low && $0 < high }
    }
    public static func strictlyBetween(_ low: Value, _ high: Value) -> Rule {
        Rule(expectation: "above \(low.shown) and below \(high.shown)") { $0 > low && $0 < high }
    }
}

extension Rule where Value == String {
    public static var notEmpty: Rule { Rule(expectation: "text that is not empty") { !$0.isEmpty } }
    /// A name that is safe as a folder's name.
    public static var folderName: Rule {
        Rule(expectation: "letters, digits, '-', '_' and '.', starting with a letter or digit") { text in
            guard let first = text.unicodeScalars.first, first != ".", first != "-", first != "_" else { return false }
            return text.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "-_.".unicodeScalars.contains(scalar))
            }
        }
    }
}
