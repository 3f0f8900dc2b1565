import Basics
import Foundation
import Testing

@Suite struct JSONValueTests {
    @Test func `objects keep the order of their keys`() throws {
        let value = try parse("{\"z\": [1, -2.5e1, true, null], \"a\": {\"\\u00e9\\n\": \"x\"}, \"m\": {}} \n")
        guard case .object(let members) = value else { throw Failure(.defect, "no object") }
        #expect(members.map(\.key) == ["z", "a", "m"])
        #expect(value["z"] == .array([.number(1), .number(-25), .bool(true), .null]))
        #expect(value["a"]?["é\n"] == .string("x") && value["m"] == .object([]) && value["q"] == nil)
    }

    @Test(arguments: [
        "", "{", "{\"a\" 1}", "[1,]", "{\"a\": 1, \"a\": 2}", "[1] 2", "\"open", "\"\\q\"", "nul", "NaN", "1e999", "+1", "--1", "[\"\\", "{1: 2}",
        String(repeating: "[", count: 100_000),
    ])
    func `what is no JSON is refused with its line`(_ text: String) throws {
        let failure = try #require(throws: Failure.self) { _ = try parse(text) }
        #expect(failure.kind == .data && failure.location?.contains("config.json, line 1") == true, "\(failure)")
    }

    private func parse(_ text: String) throws -> JSONValue { try JSONValue.parse(Data(text.utf8), from: "config.json") }
}
