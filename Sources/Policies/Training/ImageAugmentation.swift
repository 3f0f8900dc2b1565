import Basics
import Foundation

/// The two views of contrastive training: random resized crop, then colour jitter (torchvision's
/// `RandomResizedCrop` and `ColorJitter`), with the strengths of arXiv 2505.05787's code as defaults.
public struct ImageAugmentation: Sendable, Equatable {
    /// Strengths of the colour jitter; hue in turns.
    public var brightness: Double
    public var contrast: Double
    public var saturation: Double
    public var hue: Double
    /// Smallest and largest share of the image's area that the random crop keeps.
    public var cropScale: [Double]

    public init(
        brightness: Double = 0.2, contrast: Double = 0.2, saturation: Double = 0.2, hue: Double = 0.05,
        cropScale: [Double] = [0.9, 1]
    ) {
        self.brightness = brightness
        self.contrast = contrast
        self.saturation = saturation
        self.hue = hue
        self.cropScale = cropScale
    }

    /// A crop of random area and aspect ratio 3/4 ... 4/3; the whole image when ten draws do not fit.
    func region(width: Int, height: Int, _ source: inout RandomSource) -> ImagePreprocessing.Region {
        let area = Double(width * height)
        for _ in 0..<10 {
            let target = area * source.uniform(cropScale[0], cropScale[1])
            let ratio = exp(source.uniform(log(3.0 / 4), log(4.0 / 3)))
            let w = (target * ratio).squareRoot().rounded(), h = (target / ratio).squareRoot().rounded()
            if w <= Double(width), h <= Double(height) {
                return ImagePreprocessing.Region(
                    x: Double(source.index(below: width - Int(w) + 1)), y: Double(source.index(below: height - Int(h) + 1)),
                    width: w, height: h)
            }
        }
        return .whole(width: width, height: height)
    }

    /// Brightness, contrast, saturation and hue in random order, in place, on pixels [n, 3] in [0, 1].
    func jitter(_ image: UnsafeMutableBufferPointer<Float>, _ source: inout RandomSource) {
        guard let pixels = image.baseAddress else { return }
        let count = image.count / 3
        let order = source.permutation(4)
        func factor(_ strength: Double) -> Float { Float(source.uniform(max(0, 1 - strength), 1 + strength)) }
        let brightness = factor(brightness), contrast = factor(contrast), saturation = factor(saturation)
        let hue = Float(source.uniform(-hue, hue))
        for step in order {
            switch step {
            case 0: for i in 0..<count * 3 { pixels[i] = clamp(pixels[i] * brightness) }
            case 1:
                var sum = 0.0
                for i in 0..<count { sum += Double(Self.grey(pixels + 3 * i)) }
                let mean = Float(sum / Double(count))
                for i in 0..<count * 3 { pixels[i] = clamp(mean + contrast * (pixels[i] - mean)) }
            case 2:
                for i in 0..<count {
                    let grey = Self.grey(pixels + 3 * i)
                    for c in 0..<3 { pixels[3 * i + c] = clamp(grey + saturation * (pixels[3 * i + c] - grey)) }
                }
            default: for i in 0..<count { Self.rotateHue(pixels + 3 * i, by: hue) }
            }
        }
    }

    private func clamp(_ x: Float) -> Float { min(max(x, 0), 1) }

    /// ITU-R 601 luma, as torchvision's grey image.
    private static func grey(_ p: UnsafeMutablePointer<Float>) -> Float {
        0.2989 * p[0] + 0.587 * p[1] + 0.114 * p[2]
    }

    /// Adds to the hue of one RGB pixel, in turns, keeping HSV saturation and value.
    static func rotateHue(_ p: UnsafeMutablePointer<Float>, by turn: Float) {
        let (r, g, b) = (p[0], p[1], p[2])
        let high = max(r, g, b), low = min(r, g, b), chroma = high - low
        guard chroma > 0 else { return }
        var hue: Float  // in sixths of a turn
        if high == r {
            hue = (g - b) / chroma
        } else if high == g {
            hue = 2 + (b - r) / chroma
        } else {
            hue = 4 + (r - g) / chroma
        }
        hue += 6 * turn
        func channel(_ n: Float) -> Float {
            var k = (n + hue).truncatingRemainder(dividingBy: 6)
            if k < 0 { k += 6 }
            return high - chroma * max(0, min(k, 4 - k, 1))
        }
        (p[0], p[1], p[2]) = (channel(5), channel(3), channel(1))
    }
}
