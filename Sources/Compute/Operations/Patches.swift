/// The geometry of a sliding window over [B, H, W, C], and the copies between an image and its rows of patches
/// (im2col, col2im). A sequence [B, T, C] is an image of height 1.
struct Patches: Sendable {
    let batch, height, width, channels: Int
    let kernelHeight, kernelWidth: Int
    let strideY, strideX: Int
    let paddingY, paddingX: Int

    var outputHeight: Int { (height + 2 * paddingY - kernelHeight) / strideY + 1 }
    var outputWidth: Int { (width + 2 * paddingX - kernelWidth) / strideX + 1 }
    /// One patch per output position.
    var rows: Int { batch * outputHeight * outputWidth }
    /// Floats of a patch: [kernelHeight, kernelWidth, channels].
    var columns: Int { kernelHeight * kernelWidth * channels }
    /// The patches are the input itself.
    var isIdentity: Bool { kernelHeight * kernelWidth * strideX * strideY == 1 && paddingX + paddingY == 0 }
    /// Patches handled at a time, so that they stay in the second-level cache (64 Ki floats).
    var rowsPerChunk: Int { isIdentity ? rows : min(rows, max(32, 65_536 / columns)) }

    /// Copies the patches of `range` to `patches` [range.count, columns]; positions outside the image are 0.
    func gather(_ input: UnsafePointer<Float>, rows range: Range<Int>, to patches: UnsafeMutablePointer<Float>) {
        var destination = patches
        let segment = kernelWidth * channels
        forEachSegment(of: range) { source, before, inside in
            if inside == kernelWidth {
                destination.update(from: input + source, count: segment)
            } else {
                destination.update(repeating: 0, count: segment)
                if inside > 0 { (destination + before * channels).update(from: input + source, count: inside * channels) }
            }
            destination += segment
        }
    }

    /// Adds the patches of `range` back to the positions they were copied from.
    func scatterAdd(_ patches: UnsafePointer<Float>, rows range: Range<Int>, to input: UnsafeMutablePointer<Float>) {
        var source = patches
        forEachSegment(of: range) { destination, before, inside in
            if inside > 0 { Vector.add(source + before * channels, to: input + destination, count: inside * channels) }
            source += kernelWidth * channels
        }
    }

    /// Visits the horizontal segments of each patch: the offset of the first position inside the image, how many
    /// positions lie outside before it, and how many lie inside.
    @inline(__always)
    private func forEachSegment(of range: Range<Int>, _ body: (_ offset: Int, _ before: Int, _ inside: Int) -> Void) {
        let outputWidth = outputWidth, outputHeight = outputHeight
        var x = range.lowerBound % outputWidth
        var y = range.lowerBound / outputWidth % outputHeight
        var image = range.lowerBound / (outputWidth * outputHeight)
        for _ in range {
            let left = x * strideX - paddingX
            let before = max(0, -left)
            let inside = min(kernelWidth, width - left) - before
            for ky in 0..<kernelHeight {
                let row = y * strideY - paddingY + ky
                let visible = row >= 0 && row < height && inside > 0
                body(visible ? ((image * height + row) * width + left + before) * channels : 0, before, visible ? inside : 0)
            }
            x += 1
            if x == outputWidth {
                x = 0
                y += 1
                if y == outputHeight { y = 0; image += 1 }
            }
        }
    }
}
