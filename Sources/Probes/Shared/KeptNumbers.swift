import Basics
import Foundation
import Synchronization

/// Numbers that a probe keeps from one judgement to the next, by key; written and read back to the bit.
public final class KeptNumbers: Sendable {
    private let numbers: Mutex<[String: Data]>

    public init() { numbers = Mutex([:]) }

    /// - Throws: `Failure` (`data`) for content that is not of this form.
    public init(_ content: Data) throws { numbers = Mutex(try Self.decoded([String: Data].self, content)) }

    public var content: Data { get throws { try Self.encoded(numbers.withLock { $0 }) } }

    func value<Value: Codable>(_ key: String, as type: Value.Type) throws -> Value? {
        try numbers.withLock { $0[key] }.map { try Self.decoded(type, $0) }
    }

    func add(_ key: String, _ value: some Codable) throws {
        let data = try Self.encoded(value)
        numbers.withLock { $0[key] = data }
    }

    /// Binary property lists hold every floating-point number exactly, infinities too.
    static func encoded(_ value: some Encodable) throws -> Data {
        let encoder = PropertyListEncoder()
        encoder.outputFormat = .binary
        do { return try encoder.encode(value) } catch {
            throw Failure(.defect, "numbers cannot be written", found: "\(error)")
        }
    }

    static func decoded<Value: Decodable>(_ type: Value.Type, _ data: Data) throws -> Value {
        do { return try PropertyListDecoder().decode(type, from: data) } catch {
            throw Failure(
                .data, "kept numbers are not of their form", expected: "\(type)", found: "\(error)", remedy: "run again")
        }
    }
}

/// A probe's result as it is kept, with the rules that it was judged by.
public struct KeptResult: Codable, Sendable {
    /// The rules that were read, and their values: what the result holds for.
    public var rules: [String: Double]
    private var tables: [KeptTable]
    private var summary: [KeptRow]

    private struct KeptTable: Codable {
        var name: String
        var csv: String
    }

    private struct KeptRow: Codable {
        var family: String
        var key: String
        var policy: String
        var condition: String
        var estimate: Estimate
        var n: Int
        var unit: String
        var control: String
        var controlEstimate: Estimate
        var verdict: String
        var against: PolicyRole?
    }

    public init(_ result: ProbeResult, rules: [String: Double]) {
        self.rules = rules
        tables = result.tables.map { KeptTable(name: $0.name, csv: $0.table.csv) }
        summary = result.summary.map { row in
            KeptRow(
                family: row.endpoint.family, key: row.endpoint.key, policy: row.policy, condition: row.condition.name,
                estimate: row.estimate, n: row.n, unit: row.unit, control: row.control.name, controlEstimate: row.controlEstimate,
                verdict: row.verdict.rawValue, against: row.against)
        }
    }

    public func holds(for rules: DecisionRules) -> Bool {
        let values = rules.values
        return self.rules.allSatisfy { values[$0.key] == $0.value }
    }

    /// - Throws: `Failure` (`data`) for an endpoint or a verdict that the probe does not have.
    public func result(of probe: any Probe) throws -> ProbeResult {
        ProbeResult(
            tables: try tables.map { kept in
                (kept.name, try Table(csv: kept.csv, name: kept.name))
            },
            summary: try summary.map { row in
                guard let endpoint = probe.endpoints.first(where: { $0.key == row.family }), let verdict = Verdict(rawValue: row.verdict) else {
                    throw Failure(
                        .data, "a kept result is not of this probe", at: probe.name, expected: probe.endpoints.map(\.key).joined(separator: ", "),
                        found: "\(row.family), \(row.verdict)", remedy: "run again")
                }
                var result = SummaryRow(
                    endpoint: row.key == row.family ? endpoint : endpoint.member(row.key.dropFirst(row.family.count)), policy: row.policy,
                    condition: Condition(row.condition), estimate: row.estimate, n: row.n, unit: row.unit, control: Control(row.control),
                    controlEstimate: row.controlEstimate, verdict: verdict)
                result.against = row.against
                return result
            })
    }

    public var content: Data { get throws { try KeptNumbers.encoded(self) } }
    public init(_ content: Data) throws { self = try KeptNumbers.decoded(KeptResult.self, content) }
}
