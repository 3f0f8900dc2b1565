import Images
import Networks

/// How a policy that was trained elsewhere is shown one camera's pictures: every channel through an affine map, then resized
/// whole where it asks for that, then cropped at the centre.
///
/// Resizing comes after the map and nothing is rounded to bytes between, as in lerobot, whose networks resize and crop what a
/// processor has normalised.
public struct PicturePreparation: Sendable, Equatable {
    /// What pictures are resized to before cropping; nil where they stay as they are.
    public let resized: ImageExtent?
    /// What is cut out at the centre: what the network sees.
    public let extent: ImageExtent
    /// What the bytes of each channel become, [3][256].
    private let values: [[Float]]

    /// (byte / 255 - centre) · scale + offset.
    public struct Channel: Sendable, Equatable {
        public var scale, offset, centre: Double

        public init(scale: Double, offset: Double, centre: Double) {
            (self.scale, self.offset, self.centre) = (scale, offset, centre)
        }
    }

    /// - Parameter channels: red, green and blue
    public init(resized: ImageExtent?, extent: ImageExtent, channels: [Channel]) {
        precondition(channels.count == 3, "\(channels.count) channels")
        precondition(
            resized.map { extent.height <= $0.height && extent.width <= $0.width } ?? true, "a crop of \(extent) of \(resized ?? extent)")
        self.resized = resized
        self.extent = extent
        values = channels.map { channel in
            (0..<256).map { Float((Double($0) / 255 - channel.centre) * channel.scale + channel.offset) }
        }
    }

    /// The first row or column of a crop at the centre, by torchvision's rule: half of an odd margin to the even number.
    public static func start(of crop: Int, in size: Int) -> Int {
        Int((Double(size - crop) / 2).rounded(.toNearestOrEven))
    }

    /// Whether pictures of these sides hold what is cut out.
    public func accepts(width: Int, height: Int) -> Bool {
        resized != nil ? width > 0 && height > 0 : width >= extent.width && height >= extent.height
    }

    /// Prepares `pixels` [height, width, 3] to `target` [extent, 3].
    public func prepare(
        _ pixels: UnsafeBufferPointer<UInt8>, width: Int, height: Int, to target: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(target.count == extent.count, "\(target.count) floats for a picture of \(extent)")
        precondition(
            pixels.count == width * height * 3 && accepts(width: width, height: height),
            "\(pixels.count) bytes of \(height) x \(width) for a picture of \(extent)")
        let whole = resized ?? ImageExtent(height: height, width: width)
        let top = Self.start(of: extent.height, in: whole.height), left = Self.start(of: extent.width, in: whole.width)
        if whole == ImageExtent(height: height, width: width) {
            for y in 0..<extent.height {
                let start = ((top + y) * width + left) * 3, row = y * extent.width * 3
                for x in 0..<extent.width {
                    for c in 0..<3 { target[row + 3 * x + c] = values[c][Int(pixels[start + 3 * x + c])] }
                }
            }
            return
        }
        AntialiasedAxis.resample(
            rows: AntialiasedAxis(from: height, to: whole.height, outputs: top..<top + extent.height),
            columns: AntialiasedAxis(from: width, to: whole.width, outputs: left..<left + extent.width), to: target
        ) { row, column in
            let start = (row * width + column) * 3
            return SIMD3(
                values[0][Int(pixels[start])], values[1][Int(pixels[start + 1])], values[2][Int(pixels[start + 2])])
        }
    }
}
