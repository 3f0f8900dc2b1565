import Basics
import Foundation
import Testing
import TestSupport

@testable import PolicyServers

@Suite struct NumpyArrayTests {
    @Test func `what openpi_client packed is read, and packed again to the same bytes`() throws {
        for bytes in Messages.all { #expect(try MessagePackValue(decoding: bytes).encoded() == bytes) }
        let reply = try MessagePackValue(decoding: Messages.bytes(Messages.reply))
        let actions = try NumpyArray(#require(reply["actions"]))
        #expect(actions.dtype == .float32 && actions.shape == [2, 2] && actions.doubles == [1.5, -2, 0.25, 3])
        #expect(actions.value == reply["actions"])
        #expect(try NumpyArray(#require(reply["half"])).doubles == [1, 2])
        #expect(try NumpyArray(#require(reply["i"])).doubles == [-3] && reply["i"]?.wholeNumber == -3)
        #expect(try NumpyArray(#require(reply["b"])).shape == [] && reply["prompt"] == .string("pick é") && reply["n"] == .double(0.5))
        let metadata = try MessagePackValue(decoding: Messages.bytes(Messages.metadata))
        #expect(try NumpyArray(#require(metadata["img"])).doubles == (0..<12).map(Double.init) && metadata["big"] == .unsigned(1 << 63))
        #expect(PublishedPolicy(metadata).horizon == 16)
    }

    @Test func `big-endian, empty, signed and boolean arrays are read`() throws {
        let types = try MessagePackValue(decoding: Messages.bytes(Messages.types))
        func array(_ key: String) throws -> NumpyArray { try NumpyArray(#require(types[key])) }
        #expect(try array("a").doubles == [1.5, -2.25] && array("a").dtype.isBigEndian)
        #expect(try array("e").shape == [0, 7] && array("e").doubles == [])
        #expect(try array("i2").doubles == [-300, 5] && array("m").doubles == [1, 0])
    }

    private func array(_ dtype: String, _ shape: MessagePackValue, _ data: MessagePackValue, flag: String = "__ndarray__") -> MessagePackValue {
        .map([(flag, .bool(true)), ("data", data), ("dtype", .string(dtype)), ("shape", shape)].map { (key: String, value: MessagePackValue) in
            .init(.binary(Array(key.utf8)), value)
        })
    }

    @Test(arguments: ["|V8", "|O", "<c8", "<U4", "|S3", "<M8[ns]", "<f3", "<f16", "f", "", "<", "<i١", "<f+4", "|b2", "?"])
    func `other types are refused by name`(name: String) {
        #expect(throws: NumpyError.unsupported(name)) { try NumpyArray(array(name, .array([.integer(1)]), .binary([0, 0, 0, 0]))) }
    }

    @Test func `data must fill its shape, and a shape that overflows is an error`() {
        let huge: MessagePackValue = .array([.integer(.max), .integer(.max), .integer(4)])
        for shape in [huge, .array([.integer(3)]), .array([]), .array([.integer(0), .integer(.max)]), .array([.integer(.max)])] {
            let error = #expect(throws: NumpyError.self) { try NumpyArray(array("<f4", shape, .binary([UInt8](repeating: 0, count: 8)))) }
            if case .length = error {} else { Issue.record("\(error as Any)") }
        }
        for shape: MessagePackValue in [.null, .array([.integer(-1)]), .array([.string("2")]), .array([MessagePackValue](repeating: .integer(1), count: 40)), .integer(2)] {
            let error = #expect(throws: NumpyError.self) { try NumpyArray(array("<f4", shape, .binary([0, 0, 0, 0]))) }
            if case .shape = error {} else { Issue.record("\(error as Any)") }
        }
    }

    @Test func `text keys are named, since Python would not decode them either`() {
        #expect(throws: NumpyError.textKeys) { try NumpyArray(.named([("__ndarray__", .bool(true)), ("data", .binary([])), ("dtype", .string("<f4")), ("shape", .array([]))])) }
        #expect(throws: NumpyError.notAnArray("a list of 1")) { try NumpyArray(.array([.double(1)])) }
        #expect(throws: NumpyError.self) { try NumpyArray(array("<f4", .array([]), .double(1))) }
    }

    @Test func `scalars are numbers of their type or refused`() throws {
        func scalar(_ dtype: String, _ value: MessagePackValue) throws -> [Double] { try NumpyArray(array(dtype, .null, value, flag: "__npgeneric__")).doubles }
        #expect(try scalar("<f4", .double(1.5)) == [1.5] && scalar(">f8", .double(-2)) == [-2] && scalar("<f2", .double(0.5)) == [0.5])
        #expect(try scalar("|i1", .integer(-128)) == [-128] && scalar("<u8", .unsigned(.max)) == [0x1p64] && scalar("|b1", .bool(true)) == [1])
        #expect(try scalar("<f4", .binary([0, 0, 0x80, 0x3f])) == [1])
        for (dtype, value) in [("|i1", .integer(128)), ("|u1", .integer(-1)), ("<u2", .integer(65_536)), ("<f4", .string("1")), ("<u4", .unsigned(.max))] as [(String, MessagePackValue)] {
            #expect(throws: NumpyError.self, "\(dtype)") { try scalar(dtype, value) }
        }
    }

    /// Python with openpi_client, which wants numpy below 2 and so an environment of its own: `ALT_OPENPI_PYTHON`, or python3.
    private static let python: ExternalProgram? = {
        let name = ProcessInfo.processInfo.environment["ALT_OPENPI_PYTHON"] ?? "python3"
        guard let program = ExternalProgram(name), let result = try? program.run(["-c", "from openpi_client import msgpack_numpy"]) else { return nil }
        return result.status == 0 ? program : nil
    }()

    @Test(.enabled(if: python != nil, "needs Python with openpi-client: set ALT_OPENPI_PYTHON"))
    func `openpi_client reads what we pack, and we what it packs`() throws {
        let ours: MessagePackValue = .named([
            ("observation/image", try NumpyArray(dtype: .uint8, shape: [2, 2, 3], data: (0..<12).map { 20 * $0 }).value),
            ("observation/state", NumpyArray([1.5, -0.25, 3e-8], shape: [3]).value), ("prompt", .string("pick é")), ("seed", .integer(1 << 30)),
        ])
        // It unpacks, checks the values, doubles the state in another type, and packs what it got.
        let script = """
            import sys, numpy as np
            from openpi_client import msgpack_numpy as m
            o = m.unpackb(bytes.fromhex(sys.argv[1]))
            assert o["observation/image"].dtype == np.uint8 and o["observation/image"].shape == (2, 2, 3) and o["observation/image"][1, 1, 2] == 220
            assert o["observation/state"].dtype == np.float32 and np.array_equal(o["observation/state"], np.array([1.5, -.25, 3e-8], np.float32))
            assert o["prompt"] == "pick é" and o["seed"] == 2**30
            print(m.packb({"actions": np.stack([o["observation/state"].astype(np.float64) * 2] * 2), "image": o["observation/image"], "n": np.float32(.5)}).hex())
            """
        let result = try #require(Self.python).run(["-c", script, Messages.hex(ours.encoded())])
        try #require(result.status == 0, "\(result.error)")
        let theirs = try MessagePackValue(decoding: Messages.bytes(result.output))
        let row = [1.5, -0.25, 3e-8].map { 2 * Double(Float($0)) }, actions = try NumpyArray(#require(theirs["actions"]))
        #expect(actions.dtype == .float64 && actions.shape == [2, 3] && actions.doubles == row + row)
        #expect(theirs["image"] == ours["observation/image"])
        #expect(try NumpyArray(#require(theirs["n"])).doubles == [0.5])
    }
}
