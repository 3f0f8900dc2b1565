import Basics
import Foundation
import Safetensors
import TestSupport
import Testing

@Suite struct SafetensorsTests {
    private let tensors: [(name: String, tensor: Tensor)] = [
        ("z.weight", Tensor(shape: [2, 3], values: [0, 0.1, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude, -7])),
        ("a.bias", Tensor(shape: [0, 5], values: [])),
        ("scalar", Tensor(3.5)),
        ("a \"quoted\" \\ name\n\u{1}é🙂", Tensor(shape: [1], values: [.infinity])),
    ]

    @Test func `what is written is read back, bit for bit and in order`() throws {
        let metadata = ["step": "12", "note": "two\nlines, \"quoted\""]
        let file = try RawFile.read(Safetensors.encode(tensors, metadata: metadata))
        #expect(file.names == tensors.map(\.name))
        #expect(file.metadata == metadata)
        for (name, tensor) in tensors {
            let found = try file.tensor(name, shape: tensor.shape)
            #expect(Difference.first(found.values.map(\.bitPattern), tensor.values.map(\.bitPattern)) == nil)
        }
    }

    @Test func `the header has the bytes that the format asks for and the data is aligned to 8`() throws {
        let data = try Safetensors.encode([("w", Tensor(shape: [2], values: [1, -2]))], metadata: ["b": "2", "a": "1"])
        let header = #"{"__metadata__":{"a":"1","b":"2"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
        let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        #expect(data.prefix(8) == Data([UInt8(padded.utf8.count), 0, 0, 0, 0, 0, 0, 0]))
        #expect(data.dropFirst(8).prefix(padded.utf8.count) == Data(padded.utf8))
        #expect(Data(data.suffix(8)) == Data([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]))
        #expect((data.count - 8) % 8 == 0)
    }

    @Test func `a file made by Python's safetensors is read with all its data types`() throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/python.safetensors"))
        let numbers: [Float] = [0, 1.5, -2.25, 0.0999755859375, 3, -1024]
        #expect(try file.tensor("float64") == Tensor(shape: [2, 3], values: numbers))
        #expect(try file.tensor("float32") == Tensor(shape: [3, 2], values: numbers))
        #expect(try file.tensor("float16") == Tensor(shape: [6], values: numbers))
        #expect(try file.tensor("bfloat16") == Tensor(shape: [4], values: [0, 1.5, -2.25, 0.10009765625]))
        #expect(try file.tensor("scalar") == Tensor(42))
        #expect(try file.tensor("empty") == Tensor(shape: [0, 4], values: []))
        #expect(try file.tensor("a \"quoted\"\\name, é, 🙂\n").values == [1])
        #expect(file.names.contains("int64") && file.names.contains("bool"))
        #expect(file.tensors.count == 7)
        #expect(file.names.count == 16)
        #expect(file.metadata == ["a \"key\"": "line\nbreak, é, \u{1}"])
    }

    @Test func `NaN is refused by name when writing and when reading, and passes when asked`() throws {
        let bad: [(name: String, tensor: Tensor)] = [
            ("good", Tensor(1)), ("bad", Tensor(shape: [2], values: [0, .nan])),
        ]
        let writing = #expect(throws: Failure.self) { try Safetensors.encode(bad, metadata: [:]) }
        #expect(writing?.kind == .diverged)
        #expect(writing?.location == "tensor bad")
        let data = try Safetensors.encode(bad, metadata: [:], rejectNaN: false)
        let reading = #expect(throws: Failure.self) { try RawFile.read(data) }
        #expect(reading?.kind == .data)
        #expect(reading?.location?.hasSuffix("tensor bad") == true)
        #expect(reading?.found == "NaN at index 1")
        #expect(try RawFile.read(data, rejectNaN: false).tensor("bad").values[1].isNaN)
    }

    @Test func `a missing tensor, another type and another shape are said by name`() throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/python.safetensors"))
        #expect(#expect(throws: Failure.self) { try file.tensor("weight") }?.expected == "float tensor weight")
        #expect(#expect(throws: Failure.self) { try file.tensor("int8") }?.found == "int8, but of another type")
        let shape = #expect(throws: Failure.self) { try file.tensor("float64", shape: [3, 2]) }
        #expect(shape?.expected == "[3, 2]")
        #expect(shape?.found == "[2, 3]")
    }

    @Test func `a file that is not there is an input that is missing`() {
        let failure = #expect(throws: Failure.self) { try Safetensors.read(SharedData.fixture("goldens/none.safetensors")) }
        #expect(failure?.kind == .inputMissing)
        #expect(#expect(throws: Failure.self) { try Safetensors.read(SharedData.root) }?.kind == .inputMissing)
    }
}
