/// The geometry of a convolution over [B, H, W, C], channels last. A sequence [B, T, C] is an image of height 1.
struct SlidingWindow: Sendable, Hashable {
    let batch, height, width, channels: Int
    let kernelHeight, kernelWidth: Int
    let strideY, strideX: Int
    let paddingY, paddingX: Int
    /// Channels of the output.
    let outputs: Int

    /// - Parameters:
    ///   - input: [B, T, I] or [B, H, W, I]
    ///   - weight: [O, I, k] or [O, I, kH, kW], PyTorch's shape
    init(input: Shape, weight: [Int], stride: Int, padding: Int) {
        let isSequence = weight.count == 3
        batch = input[0]
        height = isSequence ? 1 : input[1]
        width = input[input.rank - 2]
        channels = input.last
        kernelHeight = isSequence ? 1 : weight[2]
        kernelWidth = weight[weight.count - 1]
        strideY = isSequence ? 1 : stride
        strideX = stride
        paddingY = isSequence ? 0 : padding
        paddingX = padding
        outputs = weight[0]
    }

    /// A linear layer over `rows` rows.
    init(rows: Int, inputs: Int, outputs: Int) {
        (batch, height, width, channels) = (rows, 1, 1, inputs)
        (kernelHeight, kernelWidth, strideY, strideX, paddingY, paddingX) = (1, 1, 1, 1, 0, 0)
        self.outputs = outputs
    }

    var outputHeight: Int { (height + 2 * paddingY - kernelHeight) / strideY + 1 }
    var outputWidth: Int { (width + 2 * paddingX - kernelWidth) / strideX + 1 }
    var taps: Int { kernelHeight * kernelWidth }
    var flops: Int { 2 * batch * outputHeight * outputWidth * taps * channels * outputs }
}

/// A copy of an image batch with a border of zeros, so that windows at the edge need no special case.
struct Bordered: Sendable, Equatable {
    let height, width, channels: Int
    var top = 0, bottom = 0, left = 0, right = 0

    var borderedWidth: Int { width + left + right }
    var borderedHeight: Int { height + top + bottom }
    var isIdentity: Bool { top + bottom + left + right == 0 }
    /// Floats of one image with its border.
    var count: Int { borderedHeight * borderedWidth * channels }

    func copy(_ images: UnsafePointer<Float>, batch: Int, to target: UnsafeMutablePointer<Float>) {
        let row = width * channels, before = left * channels, after = right * channels
        let full = borderedWidth * channels
        for b in 0..<batch {
            var place = target + b * count
            place.update(repeating: 0, count: top * full)
            place += top * full
            for y in 0..<height {
                place.update(repeating: 0, count: before)
                (place + before).update(from: images + (b * height + y) * row, count: row)
                (place + before + row).update(repeating: 0, count: after)
                place += full
            }
            place.update(repeating: 0, count: bottom * full)
        }
    }
}
