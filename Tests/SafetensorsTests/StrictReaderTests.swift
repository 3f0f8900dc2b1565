import Basics
import Foundation
import Safetensors
import Testing

@Suite struct StrictReaderTests {
    /// A broken header, the bytes of data behind it, and a piece of the message it must get.
    struct Broken: Sendable, CustomTestStringConvertible {
        var header: String
        var dataByteCount: Int
        var message: String
        var testDescription: String { message + ": " + header }
    }

    static let broken: [Broken] = [
        Broken(header: #"["w"]"#, dataByteCount: 0, message: "a JSON object, starting with {"),
        Broken(header: #" {}"#, dataByteCount: 0, message: "a JSON object, starting with {"),
        Broken(header: #"{} x"#, dataByteCount: 0, message: "only spaces after the object"),
        Broken(header: #"{"w":"#, dataByteCount: 0, message: "the end of the header"),
        Broken(header: #"{"w"#, dataByteCount: 0, message: "a closing quote"),
        Broken(header: #"{"w\q":{}}"#, dataByteCount: 0, message: "an escape that JSON knows"),
        Broken(header: #"{"w\"#, dataByteCount: 0, message: "an escape that JSON knows"),
        Broken(header: #"{"w\ud83d":{}}"#, dataByteCount: 0, message: "paired surrogates"),
        Broken(header: #"{"w\u12"#, dataByteCount: 0, message: "four hexadecimal digits"),
        Broken(header: #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},}"#, dataByteCount: 4, message: "expected: \""),
        Broken(header: #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#, dataByteCount: 4, message: "expected: }"),
        Broken(
            header: #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            dataByteCount: 8, message: "key w twice"),
        Broken(
            header: #"{"w":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, dataByteCount: 4,
            message: "key dtype twice"),
        Broken(header: #"{"__metadata__":{"a":"1","\u0061":"2"}}"#, dataByteCount: 0, message: "key a twice"),
        Broken(header: #"{"__metadata__":{"a":1}}"#, dataByteCount: 0, message: "expected: \""),
        Broken(header: #"{"__metadata__":null}"#, dataByteCount: 0, message: "expected: {"),
        Broken(header: #"{"w":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}"#, dataByteCount: 4, message: "F31"),
        Broken(header: #"{"w":{"dtype":"F32","shape":[1]}}"#, dataByteCount: 4, message: "data_offsets absent"),
        Broken(header: #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#, dataByteCount: 4, message: "two data_offsets"),
        Broken(
            header: #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"stride":[1]}}"#, dataByteCount: 4,
            message: "key stride"),
        Broken(header: #"{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, dataByteCount: 4, message: "a whole number"),
        Broken(header: #"{"w":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, dataByteCount: 4, message: "expected: ]"),
        Broken(header: #"{"w":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}"#, dataByteCount: 4, message: "a whole number"),
        Broken(
            header: #"{"w":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#, dataByteCount: 4,
            message: "a whole number"),
        Broken(
            header: #"{"w":{"dtype":"F32","shape":[4611686018427387904,4,0],"data_offsets":[0,0]}}"#, dataByteCount: 0,
            message: "too large"),
        Broken(
            header: #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, dataByteCount: 4,
            message: "shape and offsets disagree"),
        Broken(
            header: #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, dataByteCount: 4,
            message: "shape and offsets disagree"),
        Broken(
            header: #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, dataByteCount: 8, message: "a hole before"),
        Broken(
            header: #"{"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
            dataByteCount: 12, message: "overlap"),
        Broken(
            header: #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, dataByteCount: 7, message: "beyond the end"),
        Broken(
            header: #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, dataByteCount: 9, message: "no tensor claims"),
    ]

    @Test(arguments: broken) func `a file that breaks a rule is refused with that rule`(_ broken: Broken) {
        let failure = #expect(throws: Failure.self) {
            try RawFile.read(header: broken.header, dataByteCount: broken.dataByteCount)
        }
        #expect(failure?.kind == .data)
        #expect(failure?.description.contains(broken.message) == true, "\(failure?.description ?? "no failure")")
    }

    @Test func `the reader accepts the header that the broken ones were made from`() throws {
        let file = try RawFile.read(
            header: #"{"\u0077":{"shape":[ 1 ],"dtype":"F32","data_offsets":[0,4]}, "__metadata__" : {"\/":"\b\f\n\r\t\ud83d\ude42"}}  "#,
            dataByteCount: 4)
        #expect(file.names == ["w"])
        #expect(file.metadata == ["/": "\u{8}\u{c}\n\r\t🙂"])
    }

    @Test func `a header length beyond the file or the format is refused before anything is allocated`() {
        for length in [UInt64.max, 100_000_001, 100_000_000, 3] {
            let failure = #expect(throws: Failure.self) { try RawFile.read(headerByteCount: length, rest: Array("{}".utf8)) }
            #expect(failure?.what == "not a safetensors file, or cut short")
        }
        #expect(throws: Failure.self) { try RawFile.read(Data("seven b".utf8)) }
        #expect(throws: Failure.self) { try RawFile.read(Data()) }
    }

    @Test func `a header that is not UTF-8 is refused`() {
        let rest = Array(#"{""#.utf8) + [0xff] + Array(#"":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#.utf8)
        let failure = #expect(throws: Failure.self) { try RawFile.read(headerByteCount: UInt64(rest.count), rest: rest) }
        #expect(failure?.expected == "UTF-8 text")
    }

    @Test func `every cut of a good file is refused`() throws {
        let data = try Safetensors.encode([("w", Tensor(shape: [2], values: [1, 2]))], metadata: ["a": "b"])
        for count in 0..<data.count {
            #expect(throws: Failure.self, "cut to \(count) bytes") { try RawFile.read(data.prefix(count)) }
        }
    }

    @Test func `numbers that do not fit their target are refused`() {
        func header(_ type: String) -> String { #"{"w":{"dtype":"\#(type)","shape":[1],"data_offsets":[0,8]}}"# }
        func reading(_ type: String, _ bytes: [UInt8]) -> Failure? {
            #expect(throws: Failure.self) {
                try RawFile.read(headerByteCount: UInt64(header(type).utf8.count), rest: Array(header(type).utf8) + bytes)
            }
        }
        let wide = withUnsafeBytes(of: (1e300).bitPattern.littleEndian) { Array($0) }
        #expect(reading("F64", wide)?.what == "a 64-bit number does not fit into 32 bits")
    }
}
