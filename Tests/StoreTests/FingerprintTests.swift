import Basics
import Foundation
import Store
import Testing
import TestSupport

@Suite struct FingerprintTests {
    private func fingerprint(_ parts: KeyValuePairs<String, String>) -> Fingerprint {
        var result = Fingerprint()
        for (name, text) in parts { result.add(name, text: text) }
        return result
    }

    @Test func `the order of parts does not matter, every text does`() {
        let first = fingerprint(["steps": "3", "seed": "1"])
        #expect(fingerprint(["seed": "1", "steps": "3"]).digest == first.digest)
        let other = fingerprint(["steps": "3", "seed": "2"])
        #expect(other.digest != first.digest && other.differences(from: first) == ["seed"])
        #expect(fingerprint(["steps": "3"]).differences(from: first) == ["seed"])
    }

    @Test func `no text passes for two parts`() {
        let two = fingerprint(["a": "1", "b": "2"])
        #expect(fingerprint(["a": "1\n1 b=1 2"]).digest != two.digest)
        #expect(fingerprint(["a": "1\nb=2"]).digest != two.digest)
    }

    @Test func `a file counts by its content, an absent one as absent`() throws {
        let folder = try SharedData.temporaryFolder()
        func digest() throws -> String {
            var result = Fingerprint()
            try result.add("file", file: folder + "/x")
            return result.digest
        }
        let absent = try digest()
        try Data("one".utf8).write(to: URL(fileURLWithPath: folder + "/x"))
        let one = try digest()
        try Data("two".utf8).write(to: URL(fileURLWithPath: folder + "/x"))
        #expect(try Set([absent, one, digest()]).count == 3)
    }

    @Test func `hashes are SHA-256`() throws {
        // FIPS 180-2, example B.1.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(FileHash.sha256(text: "abc") == known)
        let path = try SharedData.temporaryFolder() + "/abc"
        try Data("abc".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try FileHash.sha256(path) == known)
        var pieces = ContentHash()
        pieces.add([UInt8(ascii: "a")])
        pieces.add([UInt8(ascii: "b"), UInt8(ascii: "c")])
        #expect(pieces.text == known)
        #expect(throws: Failure.self) { try FileHash.sha256(path + "-absent") }
    }
}

@Suite struct SealedJSONTests {
    private struct Content: Codable, Equatable {
        var stepCount = 500
        var names = ["a": "1", "b_c": "2"]
    }

    @Test func `a sealed file is JSON and reads back`() throws {
        let path = try SharedData.temporaryFolder() + "/x.json"
        try SealedJSON.write(Content(), to: path)
        #expect(try SealedJSON.read(Content.self, from: path) == Content())
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: Any]
        #expect(object?["step_count"] as? Int == 500 && object?["sha256"] != nil)
    }

    @Test func `every flipped bit and every lost byte is noticed`() throws {
        let path = try SharedData.temporaryFolder() + "/x.json"
        try SealedJSON.write(Content(), to: path)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for bit in 0..<8 * whole.count {
            var damaged = whole
            damaged[bit / 8] ^= 1 << (bit % 8)
            try damaged.write(to: URL(fileURLWithPath: path))
            #expect(throws: Failure.self, "bit \(bit)") { try SealedJSON.read(Content.self, from: path) }
        }
        for count in whole.indices {
            try whole.prefix(count).write(to: URL(fileURLWithPath: path))
            #expect(throws: Failure.self, "\(count) bytes") { try SealedJSON.read(Content.self, from: path) }
        }
    }
}
