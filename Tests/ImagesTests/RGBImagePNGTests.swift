import Basics
import Foundation
import Images
import TestSupport
import Testing

@Suite struct RGBImagePNGTests {
    /// What Tests/Fixtures/make_images.py draws.
    static let expected = RGBImage(
        width: 6, height: 4,
        pixels: (0..<4).flatMap { y in (0..<6).flatMap { x in [UInt8(40 * x), UInt8(60 * y), 90] } })

    static func read(_ name: String, background: RGBColor = .white) throws -> RGBImage {
        try RGBImage(png: SharedData.fixture("images/" + name), background: background)
    }

    @Test(arguments: ["rgb8.png", "palette.png", "rgb16.png", "interlaced.png"])
    func `every colour type reads to the same RGB`(name: String) throws {
        #expect(try Self.read(name) == Self.expected)
    }

    @Test(arguments: ["grey8.png", "grey16.png"])
    func `grey becomes three equal channels`(name: String) throws {
        #expect(try Self.read(name).pixels == (0..<24).flatMap { [UInt8](repeating: UInt8(10 * $0), count: 3) })
    }

    @Test func `one bit per pixel reads to black and white`() throws {
        #expect(try Self.read("bit1.png").pixels == [UInt8](repeating: 255, count: 72))
    }

    @Test func `transparent pixels show the background and opaque ones do not`() throws {
        let image = try Self.read("alpha.png", background: RGBColor(1, 200, 3))
        for y in 0..<4 {
            for x in 0..<6 {
                let (pixel, opaque) = (image[x, y], Self.expected[x, y])
                #expect(x < 3 ? pixel == opaque : pixel == (1, 200, 3), "pixel \(x), \(y)")
            }
        }
    }

    @Test func `writing and reading gives the same pixels, for noise too`() throws {
        var source = RandomSource(Seed(1))
        let image = RGBImage(
            width: 37, height: 23, pixels: (0..<37 * 23 * 3).map { _ in UInt8(source.index(below: 256)) })
        let path = try SharedData.temporaryFolder() + "/noise.png"
        try image.write(png: path)
        #expect(try RGBImage(png: path) == image)
    }

    @Test(arguments: ["truncated.bin", "huge.bin"])
    func `a broken or oversized file is bad data and the message names it`(name: String) throws {
        let failure = #expect(throws: Failure.self) { try Self.read(name) }
        #expect(failure?.kind == .data)
        #expect(failure?.location?.hasSuffix(name) == true)
        #expect((failure?.found == "20000 x 20000") == (name == "huge.bin"))
    }

    @Test func `text with the ending png is bad data and a missing file is a missing input`() throws {
        let folder = try SharedData.temporaryFolder()
        try AtomicFile.write("not a picture", to: folder + "/text.png")
        #expect(#expect(throws: Failure.self) { try RGBImage(png: folder + "/text.png") }?.kind == .data)
        #expect(#expect(throws: Failure.self) { try RGBImage(png: folder + "/none.png") }?.kind == .inputMissing)
        #expect(#expect(throws: Failure.self) { try RGBImage(png: folder) }?.kind == .inputMissing)
    }

    @Test func `a folder loads sorted by name and says what is wrong with it`() throws {
        let folder = try SharedData.temporaryFolder()
        #expect(#expect(throws: Failure.self) { try ImageFolder.load(folder) { $0 } }?.kind == .data)
        #expect(#expect(throws: Failure.self) { try ImageFolder.load(folder + "/x") { $0 } }?.kind == .inputMissing)
        try RGBImage(width: 2, height: 1, color: .black).write(png: folder + "/b.png")
        try RGBImage(width: 1, height: 2, color: .white).write(png: folder + "/A.PNG")
        try AtomicFile.write("other", to: folder + "/notes.txt")
        let loaded = try ImageFolder.load(folder) { $0.width }
        #expect(loaded.map(\.name) == ["A.PNG", "b.png"])
        #expect(loaded.map(\.image) == [1, 2])
        try AtomicFile.write("broken", to: folder + "/c.png")
        #expect(#expect(throws: Failure.self) { try ImageFolder.load(folder) { $0 } }?.location == folder + "/c.png")
    }

    @Test func `writing into a folder that is not there cannot create`() {
        let image = RGBImage(width: 1, height: 1, color: .black)
        #expect(#expect(throws: Failure.self) { try image.write(png: "/nonexistent/x.png") }?.kind == .cannotCreate)
    }
}
