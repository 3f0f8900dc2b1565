import Basics
import Demonstrations
import Images
import Networks
import Safetensors

/// Turns stored frames into what the encoders see: [H, W, 3] floats in [-1, 1].
public enum ImagePreprocessing {
    /// The top-left corner of a crop.
    public struct Corner: Sendable, Equatable {
        public var x: Int
        public var y: Int
    }

    /// The centred crop, for evaluation. Odd margins round down, as in diffusion_policy's crop; torchvision's is
    /// `PicturePreparation`'s.
    public static func centre(width: Int, height: Int, size: ImageExtent) -> Corner {
        Corner(x: (width - size.width) / 2, y: (height - size.height) / 2)
    }

    /// A uniformly random crop, for training.
    public static func random(width: Int, height: Int, size: ImageExtent, _ source: inout RandomSource) -> Corner {
        Corner(x: source.index(below: width - size.width + 1), y: source.index(below: height - size.height + 1))
    }

    /// Copies the crop of `pixels` [height, width, 3] to `target` [size, 3] as v / 127.5 - 1.
    public static func crop(
        _ pixels: UnsafeBufferPointer<UInt8>, width: Int, size: ImageExtent, at corner: Corner,
        to target: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(target.count == size.count, "\(target.count) floats for a crop of \(size)")
        precondition(
            corner.x + size.width <= width && (corner.y + size.height) * width * 3 <= pixels.count,
            "crop of \(size) at (\(corner.x), \(corner.y)) in \(pixels.count / 3 / width) rows of \(width)")
        let rowCount = size.width * 3
        for y in 0..<size.height {
            let start = ((corner.y + y) * width + corner.x) * 3, row = y * rowCount
            for i in 0..<rowCount { target[row + i] = Float(pixels[start + i]) * (1 / 127.5) - 1 }
        }
    }

    /// A part of an image in source pixels; bounds may be fractional.
    public struct Region: Sendable, Equatable {
        public var x, y, width, height: Double
        public static func whole(width: Int, height: Int) -> Region {
            Region(x: 0, y: 0, width: Double(width), height: Double(height))
        }
    }

    /// Resamples `region` to [size, size, 3] bilinearly, pixel centres at half-integers (`align_corners` false), in
    /// [0, 1].
    public static func resample(
        _ pixels: UnsafeBufferPointer<UInt8>, width: Int, height: Int, region: Region, size: Int,
        to target: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(target.count == size * size * 3, "\(target.count) floats for an image of \(size)")
        for y in 0..<size {
            let (top, bottom, down) = neighbours(region.y + (Double(y) + 0.5) * region.height / Double(size), height)
            for x in 0..<size {
                let (left, right, across) = neighbours(region.x + (Double(x) + 0.5) * region.width / Double(size), width)
                for c in 0..<3 {
                    let a = Float(pixels[(top * width + left) * 3 + c]), b = Float(pixels[(top * width + right) * 3 + c])
                    let d = Float(pixels[(bottom * width + left) * 3 + c])
                    let e = Float(pixels[(bottom * width + right) * 3 + c])
                    let upper = a + (b - a) * across, lower = d + (e - d) * across
                    target[(y * size + x) * 3 + c] = (upper + (lower - upper) * down) / 255
                }
            }
        }
    }

    private static func neighbours(_ position: Double, _ extent: Int) -> (Int, Int, Float) {
        let shifted = min(max(position - 0.5, 0), Double(extent - 1))
        let first = Int(shifted)
        return (first, min(first + 1, extent - 1), Float(shifted - Double(first)))
    }
}

extension Normalizer {
    public static let tensorPrefix = "normalizer."

    /// The normaliser under diffusion_policy's names, to be saved with the weights.
    public var tensors: [(name: String, tensor: Tensor)] {
        [
            ("action.scale", actionScale), ("action.offset", actionOffset), ("low_dim.scale", lowDimScale),
            ("low_dim.offset", lowDimOffset),
        ].map { ("\(Self.tensorPrefix)params_dict.\($0.0)", Tensor(shape: [$0.1.count], values: $0.1)) }
    }

    /// The normaliser of a model file.
    /// - Throws: `Failure` when a tensor is missing.
    public init(tensors file: SafetensorsFile) throws {
        func values(_ name: String) throws -> [Float] { try file.tensor("\(Self.tensorPrefix)params_dict.\(name)").values }
        self.init(
            actionScale: try values("action.scale"), actionOffset: try values("action.offset"),
            lowDimScale: try values("low_dim.scale"), lowDimOffset: try values("low_dim.offset"))
    }
}
