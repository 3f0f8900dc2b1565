import Basics
import Yams

/// A type that can stand behind one key of a configuration.
public protocol SettingsValue: Equatable, Sendable {
    /// What a user should write, for messages: "a whole number".
    static var form: String { get }
    /// - Throws: `Failure` (`data`) naming the place, what was expected and what was found.
    static func decode(_ node: ConfigurationNode) throws -> Self
    var yaml: Node { get }
    /// The value as it appears in messages.
    var shown: String { get }
}

extension SettingsValue {
    public var shown: String { "\(self)" }
}

extension Int: SettingsValue {
    public static var form: String { "a whole number" }
    public static func decode(_ node: ConfigurationNode) throws -> Int {
        guard let value = node.plainText.flatMap({ Int($0) }) else { throw node.wrongType(expected: form) }
        return value
    }
    public var yaml: Node { Node(String(self)) }
}

extension Double: SettingsValue {
    public static var form: String { "a number" }
    public static func decode(_ node: ConfigurationNode) throws -> Double {
        guard let text = node.plainText, text.allSatisfy({ "+-.eE0123456789".contains($0) }),
            let value = Double(text), value.isFinite
        else { throw node.wrongType(expected: form) }
        return value
    }
    /// Shortest form that round-trips, with a point before an exponent: YAML 1.1 readers take `1e-06` for text.
    public var yaml: Node {
        let text = "\(self)"
        guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return Node(text) }
        return Node(String(text[..<exponent] + ".0" + text[exponent...]))
    }
}

extension Bool: SettingsValue {
    public static var form: String { "true or false" }
    public static func decode(_ node: ConfigurationNode) throws -> Bool {
        switch node.plainText {
        case "true": return true
        case "false": return false
        default: throw node.wrongType(expected: form)
        }
    }
    public var yaml: Node { Node(String(self)) }
}

extension String: SettingsValue {
    public static var form: String { "text" }
    public static func decode(_ node: ConfigurationNode) throws -> String {
        guard case .scalar(let scalar) = node.node, !node.isNull else { throw node.wrongType(expected: form) }
        return scalar.string
    }
    /// Quoted wherever a YAML reader could take the plain text for something else.
    public var yaml: Node {
        let isPlain = first.map { $0.isLetter || $0 == "/" || $0 == "." } ?? false
        let isWord = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(lowercased())
        let isSafe = allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-./".contains($0)) }
        return Node(self, .implicit, isPlain && isSafe && !isWord && Double(self) == nil ? .any : .doubleQuoted)
    }
}

extension Optional: SettingsValue where Wrapped: SettingsValue {
    public static var form: String { Wrapped.form + " or null" }
    public static func decode(_ node: ConfigurationNode) throws -> Wrapped? {
        if node.isNull { return nil }
        do {
            return try Wrapped.decode(node)
        } catch var failure as Failure {
            if failure.expected == Wrapped.form { failure.expected = form }
            throw failure
        }
    }
    public var yaml: Node { self?.yaml ?? Node("null") }
    public var shown: String { self?.shown ?? "null" }
}

extension Array: SettingsValue where Element: SettingsValue {
    public static var form: String { "a list, each element \(Element.form)" }
    public static func decode(_ node: ConfigurationNode) throws -> [Element] {
        guard case .sequence(let sequence) = node.node else { throw node.wrongType(expected: form) }
        return try sequence.enumerated().map { try Element.decode(node.element($0.offset, $0.element)) }
    }
    public var yaml: Node { Node(map(\.yaml), .implicit, .flow) }
    public var shown: String { "[" + map(\.shown).joined(separator: ", ") + "]" }
}

/// A value that is one of a few words.
public protocol SettingsChoice: SettingsValue, RawRepresentable<String>, CaseIterable {}

extension SettingsChoice {
    public static var form: String { "one of " + allCases.map(\.rawValue).joined(separator: ", ") }
    public static func decode(_ node: ConfigurationNode) throws -> Self {
        guard case .scalar(let scalar) = node.node, let value = Self(rawValue: scalar.string) else {
            var failure = node.wrongType(expected: form)
            failure.what = "\(node.path.last ?? "the value") is not one of the known words"
            if case .scalar(let scalar) = node.node {
                failure.remedy = Suggestion.sentence(for: scalar.string, among: allCases.map(\.rawValue))
            }
            throw failure
        }
        return value
    }
    public var yaml: Node { rawValue.yaml }
    public var shown: String { rawValue }
}

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
    public static func atLeast(_ bound: Value) -> Rule where Value: BinaryFloatingPoint {
        Rule(expectation: "at least \(bound.shown)") { $0 >= bound }
    }
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

extension Rule where Value == Int {
    /// A number of things: steps, demonstrations, epochs. Two of the largest multiplied still fit an `Int`, and nobody waits for as many.
    public static func count(from least: Int) -> Rule {
        let most = 1_000_000_000
        return Rule(expectation: "at least \(least) and at most \(most)") { (least...most).contains($0) }
    }
    public static var seed: Rule { Rule(expectation: "at least 0") { $0 >= 0 } }
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
