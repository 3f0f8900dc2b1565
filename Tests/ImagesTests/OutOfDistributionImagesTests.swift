import Basics
import Images
import Testing

@Suite struct OutOfDistributionImagesTests {
    @Test(arguments: OutOfDistributionImages.Kind.allCases)
    func `pictures have the size asked for, repeat with their seed and differ from each other`(
        kind: OutOfDistributionImages.Kind
    ) {
        func make(_ count: Int, _ seed: UInt64) -> [RGBImage] {
            OutOfDistributionImages.make(kind: kind, count: count, width: 40, height: 28, seed: Seed(seed))
        }
        let images = make(6, 0)
        #expect(images.allSatisfy { ($0.width, $0.height) == (40, 28) })
        #expect(make(3, 0) == Array(images.prefix(3)))
        #expect(Set(images.map(\.pixels)).count == 6)
        #expect(make(6, 1).last != images.last)
    }

    @Test func `cats and dogs are drawn in front of their background with many colours`() {
        for kind in [OutOfDistributionImages.Kind.cat, .dog] {
            for image in OutOfDistributionImages.make(kind: kind, count: 8, width: 84, height: 84, seed: Seed(2)) {
                let middle = image[42, 50], edge = image[1, 50]
                let difference =
                    abs(Int(middle.red) - Int(edge.red)) + abs(Int(middle.green) - Int(edge.green))
                    + abs(Int(middle.blue) - Int(edge.blue))
                #expect(difference > 10)
            }
        }
    }

    @Test func `noise is uniform and a blank is one grey level`() {
        let noise = OutOfDistributionImages.make(kind: .noise, count: 1, width: 84, height: 84, seed: Seed(0))[0]
        let mean = noise.pixels.map(Double.init).reduce(0, +) / Double(noise.pixels.count)
        #expect(abs(mean - 127.5) < 2.5)
        #expect(Set(noise.pixels).count == 256)
        for blank in OutOfDistributionImages.make(kind: .blank, count: 5, width: 9, height: 7, seed: Seed(0)) {
            #expect(Set(blank.pixels).count == 1)
        }
    }

    @Test func `shuffling keeps every pixel's colour and moves them`() {
        let image = RGBImage(width: 8, height: 8, pixels: (0..<192).map { UInt8($0) })
        let shuffled = OutOfDistributionImages.pixelShuffled(image, seed: Seed(1))
        func triples(_ image: RGBImage) -> Set<[UInt8]> {
            Set((0..<64).map { Array(image.pixels[$0 * 3..<$0 * 3 + 3]) })
        }
        #expect(triples(shuffled) == triples(image) && shuffled != image)
        #expect(shuffled == OutOfDistributionImages.pixelShuffled(image, seed: Seed(1)))
        #expect(shuffled != OutOfDistributionImages.pixelShuffled(image, seed: Seed(2)))
    }
}
