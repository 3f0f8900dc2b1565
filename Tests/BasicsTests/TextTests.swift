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

    @Test(arguments: [(0, "0 B"), (812, "812 B"), (1000, "1 kB"), (12_345, "12 kB"), (999_600, "1.0 MB"), (7_021_891, "7.0 MB"), (120_000_000, "120 MB"), (1_234_000_000, "1.2 GB")])
    func `sizes are in powers of a thousand`(bytes: Int, text: String) {
        #expect(ByteCount.text(bytes) == text)
    }
}
