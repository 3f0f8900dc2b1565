import Basics
import TestSupport
import Testing

@testable import Policies

@Suite struct ImagePreprocessingTests {
    @Test func `a crop copies its pixels as v / 127.5 - 1`() {
        // 4 wide, 3 high: byte = 10 (y * 4 + x) + channel
        func pixel(_ position: Int) -> [UInt8] { [0, 1, 2].map { UInt8(10 * position) + $0 } }
        let pixels = (0..<12).flatMap(pixel)
        let cropped = crop(pixels, width: 4, size: 2, at: .init(x: 1, y: 1))
        let expected = [5, 6, 9, 10].flatMap(pixel).map { Float($0) / 127.5 - 1 }
        #expect(Difference.absolute(cropped, expected) < 1e-6)
        #expect(crop([0, 0, 0], width: 1, size: 1, at: .init(x: 0, y: 0)) == [-1, -1, -1])
        #expect(Difference.absolute(crop([255, 255, 255], width: 1, size: 1, at: .init(x: 0, y: 0)), [1, 1, 1]) < 1e-6)
    }

    @Test func `the centre's odd margin rounds down`() {
        #expect(ImagePreprocessing.centre(width: 84, height: 84, size: .init(square: 76)) == .init(x: 4, y: 4))
        #expect(ImagePreprocessing.centre(width: 7, height: 10, size: .init(square: 4)) == .init(x: 1, y: 3))
    }

    @Test func `random crops reach every corner and never leave the image`() {
        var source = RandomSource(Seed(1))
        let corners = (0..<500).map { _ in ImagePreprocessing.random(width: 6, height: 5, size: .init(square: 4), &source) }
        #expect(Set(corners.map(\.x)) == [0, 1, 2])
        #expect(Set(corners.map(\.y)) == [0, 1])
    }

    @Test func `resampling a whole image to its own size changes nothing`() {
        let pixels = (0..<27).map { UInt8($0 * 9) }
        let same = resample(pixels, width: 3, height: 3, region: .whole(width: 3, height: 3), size: 3)
        #expect(Difference.absolute(same, pixels.map { Float($0) / 255 }) < 1e-6)
    }

    @Test func `resampling is bilinear between pixel centres`() {
        // One row of two grey pixels, 0 and 200, twice.
        let pixels: [UInt8] = [0, 0, 0, 200, 200, 200, 0, 0, 0, 200, 200, 200]
        let one = resample(pixels, width: 2, height: 2, region: .whole(width: 2, height: 2), size: 1)
        #expect(Difference.absolute(one, [100, 100, 100].map { $0 / 255 }) < 1e-6)
        // Centres of four pixels lie at -0.25, 0.25, 0.75 and 1.25 between the two; the outer ones repeat the edge.
        let four = resample(pixels, width: 2, height: 2, region: .whole(width: 2, height: 2), size: 4)
        let row = [Float(0), 50, 150, 200].flatMap { [$0, $0, $0] }.map { $0 / 255 }
        #expect(Difference.absolute(four, row + row + row + row) < 1e-6)
    }

    @Test func `resampling a region is resampling its crop, away from its edges`() {
        let pixels = (0..<6 * 6 * 3).map { UInt8(($0 * 37) % 256) }
        // Rows 2 and 3, columns 1 and 2.
        let region = resample(pixels, width: 6, height: 6, region: .init(x: 1, y: 2, width: 2, height: 2), size: 2)
        let starts = [2 * 6 + 1, 2 * 6 + 2, 3 * 6 + 1, 3 * 6 + 2].map { 3 * $0 }
        let expected = starts.flatMap { pixels[$0..<$0 + 3].map { Float($0) / 255 } }
        #expect(Difference.absolute(region, expected) < 1e-6)
    }

    private func crop(_ pixels: [UInt8], width: Int, size: Int, at corner: ImagePreprocessing.Corner) -> [Float] {
        filled(size * size * 3) { target in
            pixels.withUnsafeBufferPointer { ImagePreprocessing.crop($0, width: width, size: .init(square: size), at: corner, to: target) }
        }
    }

    private func resample(
        _ pixels: [UInt8], width: Int, height: Int, region: ImagePreprocessing.Region, size: Int
    ) -> [Float] {
        filled(size * size * 3) { target in
            pixels.withUnsafeBufferPointer {
                ImagePreprocessing.resample($0, width: width, height: height, region: region, size: size, to: target)
            }
        }
    }

    private func filled(_ count: Int, _ body: (UnsafeMutableBufferPointer<Float>) -> Void) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, used in
            buffer.initialize(repeating: .nan)
            body(buffer)
            used = count
        }
    }
}
