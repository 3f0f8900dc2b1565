import Basics

/// Pictures that have nothing to do with a robot's cameras, drawn by code: any size, the same for the same seed.
public enum OutOfDistributionImages {
    public enum Kind: String, Sendable, CaseIterable {
        /// Drawn cats and dogs in varied pose, colour and surroundings.
        case cat, dog
        /// Every byte uniform.
        case noise
        /// One grey level: black, white, then random ones.
        case blank
        /// Checks, stripes, gradients, bricks, smooth noise in random colours.
        case texture
    }

    /// `count` pictures; picture i depends on `seed`, `kind` and i alone.
    public static func make(kind: Kind, count: Int, width: Int, height: Int, seed: Seed) -> [RGBImage] {
        precondition(width > 0 && height > 0, "picture of \(width) x \(height)")
        return (0..<count).map { index in
            let place = seed / kind.rawValue / index
            switch kind {
            case .cat: return AnimalDrawing(.cat, seed: place).image(width: width, height: height)
            case .dog: return AnimalDrawing(.dog, seed: place).image(width: width, height: height)
            case .noise:
                var source = RandomSource(place)
                let pixels = (0..<width * height * 3).map { _ in UInt8(truncatingIfNeeded: source.next() >> 56) }
                return RGBImage(width: width, height: height, pixels: pixels)
            case .blank:
                var source = RandomSource(place)
                let level = index == 0 ? 0 : index == 1 ? 255 : UInt8(1 + source.index(below: 254))
                return RGBImage(width: width, height: height, color: RGBColor(level, level, level))
            case .texture:
                return TexturePattern.image(number: index, width: width, height: height, seed: place)
            }
        }
    }

    /// The same pixels in random order: the colours of a frame without its content.
    public static func pixelShuffled(_ image: RGBImage, seed: Seed) -> RGBImage {
        var source = RandomSource(seed / "pixelShuffled")
        let order = source.permutation(image.width * image.height)
        return RGBImage(
            width: image.width, height: image.height, pixels: order.flatMap { image.pixels[($0 * 3)..<($0 * 3 + 3)] })
    }
}
