import Basics
import TestSupport
import Testing

@testable import Policies

@Suite struct ImageAugmentationTests {
    private let picture: [Float] = {
        var source = RandomSource(Seed(6))
        return (0..<50 * 3).map { _ in Float(source.uniform()) }
    }()

    @Test func `strength 0 leaves the image as it is`() {
        let none = ImageAugmentation(brightness: 0, contrast: 0, saturation: 0, hue: 0)
        for draw in 0..<24 { #expect(Difference.absolute(jittered(none, draw), picture) < 2e-6) }
    }

    @Test func `the default strength changes the image and keeps it in 0 to 1`() {
        let views = (0..<50).map { jittered(ImageAugmentation(), $0) }
        #expect(views.joined().allSatisfy { (0...1).contains($0) })
        #expect(Set(views).count == 50)
        #expect(views[0] == jittered(ImageAugmentation(), 0))
        let strong = ImageAugmentation(brightness: 1, contrast: 1, saturation: 1, hue: 0.5)
        #expect((0..<50).flatMap { jittered(strong, $0) }.allSatisfy { (0...1).contains($0) })
    }

    @Test func `brightness multiplies by a factor within its strength`() {
        let dim = picture.map { $0 * 0.5 }
        var factors: [Float] = []
        for draw in 0..<200 {
            let view = jittered(ImageAugmentation(brightness: 0.2, contrast: 0, saturation: 0, hue: 0), draw, dim)
            let factor = view[0] / dim[0]
            #expect(Difference.absolute(view, dim.map { $0 * factor }) < 2e-6)
            factors.append(factor)
        }
        #expect(factors.allSatisfy { $0 > 0.7999 && $0 < 1.2001 })
        #expect((factors.max() ?? 0) - (factors.min() ?? 0) > 0.35)
    }

    @Test func `contrast keeps the mean grey and saturation keeps every pixel's grey`() {
        let soft = picture.map { 0.4 + 0.2 * $0 }
        let contrasted = jittered(ImageAugmentation(brightness: 0, contrast: 0.2, saturation: 0, hue: 0), 1, soft)
        #expect(Difference.absolute([grey(contrasted).reduce(0, +) / 50], [grey(soft).reduce(0, +) / 50]) < 1e-4)
        #expect(Difference.absolute(contrasted, soft) > 1e-3)
        let saturated = jittered(ImageAugmentation(brightness: 0, contrast: 0, saturation: 0.2, hue: 0), 1, soft)
        #expect(Difference.absolute(grey(saturated), grey(soft)) < 1e-4)
        #expect(Difference.absolute(saturated, soft) > 1e-3)
    }

    @Test func `a third of a turn of hue takes red to green, green to blue, and leaves grey`() {
        #expect(rotated([1, 0, 0], 1.0 / 3) == [0, 1, 0])
        #expect(Difference.absolute(rotated([0, 1, 0], 1.0 / 3), [0, 0, 1]) < 1e-6)
        #expect(Difference.absolute(rotated([1, 0, 0], -1.0 / 3), [0, 0, 1]) < 1e-6)
        #expect(Difference.absolute(rotated([0.8, 0.2, 0.2], 0.5), [0.2, 0.8, 0.8]) < 1e-6)
        #expect(rotated([0.3, 0.3, 0.3], 0.4) == [0.3, 0.3, 0.3])
    }

    @Test func `a turn and its opposite give the colour back`() {
        var source = RandomSource(Seed(8))
        for _ in 0..<200 {
            let colour = (0..<3).map { _ in Float(source.uniform()) }
            let turn = Float(source.uniform(-0.5, 0.5))
            #expect(Difference.absolute(rotated(rotated(colour, turn), -turn), colour) < 2e-6)
        }
    }

    @Test func `crops lie inside the image, with the stated area and aspect ratio`() {
        let augmentation = ImageAugmentation(cropScale: [0.5, 0.8])
        var source = RandomSource(Seed(9))
        for _ in 0..<500 {
            let region = augmentation.region(width: 84, height: 96, &source)
            #expect(region.x >= 0 && region.y >= 0 && region.x + region.width <= 84 && region.y + region.height <= 96)
            // Sides are rounded to pixels.
            let area = region.width * region.height / (84 * 96)
            let ratio = region.width / region.height
            #expect(area > 0.48 && area < 0.82 && ratio > 0.73 && ratio < 1.36)
        }
        var whole = RandomSource(Seed(9))
        let impossible = ImageAugmentation(cropScale: [1, 1]).region(width: 10, height: 100, &whole)
        #expect(impossible == .whole(width: 10, height: 100))
    }

    private func jittered(_ augmentation: ImageAugmentation, _ draw: Int, _ image: [Float]? = nil) -> [Float] {
        var pixels = image ?? picture
        var source = RandomSource(Seed(7) / draw)
        pixels.withUnsafeMutableBufferPointer { augmentation.jitter($0, &source) }
        return pixels
    }

    private func rotated(_ colour: [Float], _ turn: Float) -> [Float] {
        var pixel = colour
        pixel.withUnsafeMutableBufferPointer { buffer in
            if let start = buffer.baseAddress { ImageAugmentation.rotateHue(start, by: turn) }
        }
        return pixel
    }

    private func grey(_ pixels: [Float]) -> [Float] {
        stride(from: 0, to: pixels.count, by: 3).map {
            0.2989 * pixels[$0] + 0.587 * pixels[$0 + 1] + 0.114 * pixels[$0 + 2]
        }
    }
}
