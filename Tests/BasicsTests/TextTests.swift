import Basics
import Testing

@Suite struct TextTests {
    @Test func `what is written is read back, with commas, quotes and line feeds`() throws {
        var table = Table(columns: ["name", "value"])
        table.append([.text("a, \"b\"\nc"), .number(0.1)])
        table.append([.missing, .number(.nan)])
        let content = try CSVText.parse(table.csv, name: "x.csv")
        #expect(content.columns == ["name", "value"])
        #expect(content.rows == [["a, \"b\"\nc", "0.1"], ["NA", "NA"]])
        #expect(content.value("value", of: content.rows[0]) == "0.1")
    }

    @Test(arguments: ["", "a,b\n1\n", "a,b\n1,2", "a\n\"1\n"])
    func `a damaged file is refused`(text: String) throws {
        #expect(throws: Failure.self) { try CSVText.parse(text, name: "x.csv") }
    }
}
