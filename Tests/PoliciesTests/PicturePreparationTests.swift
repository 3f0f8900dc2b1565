import Images
import Networks
import Safetensors
import TestSupport
import Testing

@testable import Policies

@Suite struct PicturePreparationTests {
    @Test(arguments: ["shrunk", "little", "grown", "mixed", "same"])
    func `resampling follows PyTorch's bilinear with antialiasing, and a part of it is cut out of the whole`(_ name: String) throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/lerobot.safetensors"))
        let input = try file.tensor("resize/\(name)/input"), expected = try file.tensor("resize/\(name)/output")
        let (height, width) = (expected.shape[0], expected.shape[1])
        let whole = Self.resampled(input, height, width, 0..<height, 0..<width)
        #expect(Difference.absolute(whole, expected.values) < 3e-7)
        let part = Self.resampled(input, height, width, 1..<height - 1, 1..<width - 1)
        var cut: [Float] = []
        for row in 1..<height - 1 {
            let first = row * width + 1, end = row * width + width - 1
            cut += whole[first * 3..<end * 3]
        }
        #expect(Difference.first(part, cut) == nil)
    }

    /// Python's `int(round((size - crop) / 2.0))`, as torchvision has it.
    @Test(arguments: [(84, 76, 4), (9, 8, 0), (11, 8, 2), (13, 8, 2), (15, 8, 4), (8, 8, 0), (90, 81, 4)])
    func `a crop's odd margin is halved to the even number`(size: Int, crop: Int, start: Int) {
        #expect(PicturePreparation.start(of: crop, in: size) == start)
    }

    @Test func `every channel has its own map, and the centre is cut out of a picture that is not square`() {
        let picture = PicturePreparation(
            resized: nil, extent: ImageExtent(height: 1, width: 2),
            channels: [.init(scale: 1, offset: 0, centre: 0), .init(scale: 2, offset: -1, centre: 0), .init(scale: 10, offset: 0, centre: 0.5)])
        // 5 wide, 2 high: the crop begins at row round(0.5) = 0 and column round(1.5) = 2.
        let pixels: [UInt8] = (0..<10).flatMap { (place: Int) -> [UInt8] in [UInt8(place), UInt8(10 * place), UInt8(20 * place)] }
        var expected: [Float] = []
        for column in [Float(2), 3] {
            let green = 2 * 10 * column / 255 - 1, blue = 20 * column / 255 - 0.5
            expected += [column / 255, green, 10 * blue]
        }
        #expect(Difference.absolute(prepared(picture, pixels, width: 5, height: 2), expected) < 1e-6)
        #expect(!picture.accepts(width: 1, height: 2) && picture.accepts(width: 2, height: 1))
    }

    @Test func `resizing comes after the map and before the crop, and rounds nothing`() {
        let picture = PicturePreparation(
            resized: ImageExtent(height: 1, width: 2), extent: ImageExtent(height: 1, width: 1),
            channels: Array(repeating: .init(scale: 255, offset: 1, centre: 0), count: 3))
        // Three columns become one: a triangle as wide to either side of the centre, cut at the edge.
        let row: [Float] = [10, 21, 40, 61, 80, 90]
        let weights: [Float] = [2, 3, 2, 1].map { $0 / 8 }
        let first = zip(weights, row).reduce(Float(1)) { $0 + $1.0 * $1.1 }
        let bytes: [UInt8] = row.flatMap { (value: Float) -> [UInt8] in Array(repeating: UInt8(value), count: 3) }
        let result = prepared(picture, bytes, width: 6, height: 1)
        #expect(result.count == 3 && Difference.absolute(result, [first, first, first]) < 2e-4, "\(result), not \(first)")
        #expect(picture.accepts(width: 1, height: 1))
    }

    private func prepared(_ picture: PicturePreparation, _ pixels: [UInt8], width: Int, height: Int) -> [Float] {
        var target = [Float](repeating: .nan, count: picture.extent.count)
        target.withUnsafeMutableBufferPointer { target in
            pixels.withUnsafeBufferPointer { picture.prepare($0, width: width, height: height, to: target) }
        }
        return target
    }

    private static func resampled(_ image: Tensor, _ height: Int, _ width: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> [Float] {
        var target = [Float](repeating: .nan, count: rows.count * columns.count * 3)
        target.withUnsafeMutableBufferPointer {
            AntialiasedAxis.resample(
                rows: AntialiasedAxis(from: image.shape[0], to: height, outputs: rows),
                columns: AntialiasedAxis(from: image.shape[1], to: width, outputs: columns), to: $0
            ) { row, column in
                let start = (row * image.shape[1] + column) * 3
                return SIMD3(image.values[start], image.values[start + 1], image.values[start + 2])
            }
        }
        return target
    }
}
