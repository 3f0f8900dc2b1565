extension RGBImage {
    /// Resampled to `width` x `height`: every output pixel averages the input area it covers when an axis shrinks,
    /// and interpolates linearly between pixel centres when it grows.
    public func resized(width newWidth: Int, height newHeight: Int) -> RGBImage {
        precondition(
            newWidth > 0 && newHeight > 0 && width > 0 && height > 0,
            "cannot resize \(width) x \(height) to \(newWidth) x \(newHeight)")
        if (newWidth, newHeight) == (width, height) { return self }
        let columns = Taps.along(from: width, to: newWidth), rows = Taps.along(from: height, to: newHeight)
        var narrow = [Float](repeating: 0, count: height * newWidth * 3)
        for y in 0..<height {
            for x in 0..<newWidth {
                let taps = columns[x]
                var sum = SIMD3<Float>()
                for (k, weight) in taps.weights.enumerated() {
                    let i = (y * width + taps.first + k) * 3
                    sum += weight * SIMD3(Float(pixels[i]), Float(pixels[i + 1]), Float(pixels[i + 2]))
                }
                let o = (y * newWidth + x) * 3
                (narrow[o], narrow[o + 1], narrow[o + 2]) = (sum.x, sum.y, sum.z)
            }
        }
        var output = [UInt8](repeating: 0, count: newHeight * newWidth * 3)
        var sum = [Float](repeating: 0, count: newWidth * 3)
        for y in 0..<newHeight {
            for i in sum.indices { sum[i] = 0.5 }  // rounds to nearest
            for (k, weight) in rows[y].weights.enumerated() {
                let row = (rows[y].first + k) * newWidth * 3
                for i in sum.indices { sum[i] += weight * narrow[row + i] }
            }
            for i in sum.indices { output[y * newWidth * 3 + i] = UInt8(min(max(sum[i], 0), 255)) }
        }
        return RGBImage(width: newWidth, height: newHeight, pixels: output)
    }

    /// The part of `width` x `height` at column `x` and row `y`.
    public func cropped(x: Int, y: Int, width newWidth: Int, height newHeight: Int) -> RGBImage {
        precondition(
            x >= 0 && y >= 0 && newWidth > 0 && newHeight > 0 && x + newWidth <= width && y + newHeight <= height,
            "crop \(newWidth) x \(newHeight) at (\(x), \(y)) leaves the image of \(width) x \(height)")
        var output = [UInt8]()
        output.reserveCapacity(newWidth * newHeight * 3)
        for row in y..<y + newHeight {
            output += pixels[((row * width + x) * 3)..<((row * width + x + newWidth) * 3)]
        }
        return RGBImage(width: newWidth, height: newHeight, pixels: output)
    }

    /// The largest centred part whose sides have the ratio `aspectWidth` : `aspectHeight`.
    public func centerCropped(toAspect aspectWidth: Int, _ aspectHeight: Int) -> RGBImage {
        precondition(aspectWidth > 0 && aspectHeight > 0, "aspect ratio \(aspectWidth) : \(aspectHeight)")
        let isWide = width * aspectHeight > height * aspectWidth
        let newWidth = isWide ? max(1, height * aspectWidth / aspectHeight) : width
        let newHeight = isWide ? height : max(1, width * aspectHeight / aspectWidth)
        return cropped(
            x: (width - newWidth) / 2, y: (height - newHeight) / 2, width: newWidth, height: newHeight)
    }

    /// Centre-cropped to the aspect ratio of `width` : `height`, then resized to it: any picture as a camera frame.
    public func fitted(width: Int, height: Int) -> RGBImage {
        centerCropped(toAspect: width, height).resized(width: width, height: height)
    }

    /// The whole picture, scaled to fit into `width` x `height` and centred on `background`: for cut-outs, which
    /// cropping would behead.
    public func contained(width newWidth: Int, height newHeight: Int, background: RGBColor = .white) -> RGBImage {
        let scale = min(Double(newWidth) / Double(width), Double(newHeight) / Double(height))
        let inner = resized(
            width: max(1, Int((Double(width) * scale).rounded())), height: max(1, Int((Double(height) * scale).rounded())))
        var result = RGBImage(width: newWidth, height: newHeight, color: background)
        result.paste(inner, x: (newWidth - inner.width) / 2, y: (newHeight - inner.height) / 2)
        return result
    }
}

/// The input pixels that one output pixel reads along one axis, and their weights (which sum to 1).
private struct Taps {
    var first: Int
    var weights: [Float]

    static func along(from input: Int, to output: Int) -> [Taps] {
        let scale = Double(input) / Double(output)
        return (0..<output).map { index in
            if scale > 1 {
                let low = Double(index) * scale, high = min(low + scale, Double(input))
                let first = Int(low), last = min(Int(high.rounded(.up)), input) - 1
                return Taps(
                    first: first,
                    weights: (first...last).map { pixel in
                        Float((min(high, Double(pixel + 1)) - max(low, Double(pixel))) / (high - low))
                    })
            }
            let centre = min(max((Double(index) + 0.5) * scale - 0.5, 0), Double(input - 1))
            let first = min(Int(centre), max(input - 2, 0))
            let fraction = Float(centre - Double(first))
            return input == 1 ? Taps(first: 0, weights: [1]) : Taps(first: first, weights: [1 - fraction, fraction])
        }
    }
}
