/// Where the rows of a convolution's three products lie: made once for a shape, read on every run.
///
/// Images are copied with a border of zeros. Long batches of sequences are not: windows at the edge get rows of their
/// own without the missing taps, which for T = 4 and k = 5 saves 30 % of the work.
final class ConvolutionTables: Preparation {
    let window: SlidingWindow
    /// How the input is bordered for the forward product and the weight's gradient.
    let input: Bordered
    /// How the output's gradient is bordered for the input's gradient.
    let output: Bordered
    let forward: PanelProduct
    /// The input's gradient from the output's (or a transposed convolution).
    let adjoint: PanelProduct
    private let weightGradient: OuterProduct
    /// The same for terms that are copied first.
    private let copiedWeightGradient: CopiedOuterProduct?

    private static let longBatch = 8

    init(_ window: SlidingWindow) {
        self.window = window
        let w = window, skips = w.height == 1 && w.kernelHeight == 1 && w.batch >= Self.longBatch
        var input = Bordered(height: w.height, width: w.width, channels: w.channels)
        var output = Bordered(height: w.outputHeight, width: w.outputWidth, channels: w.outputs)
        if !skips {
            let reach = { (extent: Int, kernel: Int, stride: Int, padding: Int, positions: Int) in
                max(0, (positions - 1) * stride - padding + kernel - extent)
            }
            input.top = w.paddingY
            input.left = w.paddingX
            input.bottom = reach(w.height, w.kernelHeight, w.strideY, w.paddingY, w.outputHeight)
            input.right = reach(w.width, w.kernelWidth, w.strideX, w.paddingX, w.outputWidth)
            // Output positions (i + p - tap) / s that some input position i would need.
            output.top = max(0, w.kernelHeight - 1 - w.paddingY) / w.strideY
            output.left = max(0, w.kernelWidth - 1 - w.paddingX) / w.strideX
            output.bottom = max(0, (w.height - 1 + w.paddingY) / w.strideY - (w.outputHeight - 1))
            output.right = max(0, (w.width - 1 + w.paddingX) / w.strideX - (w.outputWidth - 1))
        }
        self.input = input
        self.output = output
        forward = Self.product(
            w, source: input, skips: skips, positions: (w.outputHeight, w.outputWidth), rowWidth: w.outputs
        ) { y, x in
            Self.taps(w).map { ky, kx in
                (y * w.strideY - w.paddingY + ky, x * w.strideX - w.paddingX + kx, (ky * w.kernelWidth + kx) * w.channels)
            }
        }
        adjoint = Self.product(
            w, source: output, skips: skips, positions: (w.height, w.width), rowWidth: w.channels
        ) { y, x in
            // From the last tap to the first, so that output positions ascend, like the rows of `Weights.adjoint`.
            Self.taps(w).reversed().compactMap { ky, kx in
                let oy = y + w.paddingY - ky, ox = x + w.paddingX - kx
                guard oy.isMultiple(of: w.strideY), ox.isMultiple(of: w.strideX) else { return nil }
                let row = (w.taps - 1 - (ky * w.kernelWidth + kx)) * w.outputs
                return (oy / w.strideY, ox / w.strideX, row)
            }
        }
        weightGradient = Self.weightGradient(w, input: input, skips: skips)
        copiedWeightGradient = skips && !hasWideTiles ? CopiedOuterProduct(of: weightGradient, count: w.batch) : nil
    }

    /// Floats a bordered copy takes, or copies for the weight's gradient, which are made where nothing is bordered.
    var scratchCount: Int {
        max(
            window.batch * max(input.isIdentity ? 0 : input.count, output.isIdentity ? 0 : output.count),
            copiedWeightGradient?.scratchCount(rows: window.outputs) ?? 0)
    }

    /// Adds to the weight's gradient [O, kH kW I].
    /// - Parameters:
    ///   - outputGradient: without a border
    ///   - input: with the border of `input`
    ///   - rows: outputs whose part of the gradient to compute
    func addWeightGradient(
        _ outputGradient: UnsafePointer<Float>, _ input: UnsafePointer<Float>, rows: Range<Int>,
        to gradient: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
    ) {
        guard let copiedWeightGradient else { return weightGradient.run(outputGradient, input, rows: rows, into: gradient) }
        copiedWeightGradient.run(outputGradient, input, rows: rows, into: gradient, scratch: scratch)
    }

    /// The images with their border, copied to `scratch` unless there is none.
    func bordered(
        _ images: UnsafePointer<Float>, _ border: Bordered, _ scratch: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float> {
        if border.isIdentity { return images }
        border.copy(images, batch: window.batch, to: scratch)
        return UnsafePointer(scratch)
    }

    private static func taps(_ w: SlidingWindow) -> [(Int, Int)] {
        (0..<w.kernelHeight).flatMap { ky in (0..<w.kernelWidth).map { (ky, $0) } }
    }

    /// - Parameter reads: the source positions a row reads, each with the first row of B it meets
    private static func product(
        _ w: SlidingWindow, source: Bordered, skips: Bool, positions: (height: Int, width: Int), rowWidth: Int,
        reads: (_ y: Int, _ x: Int) -> [(y: Int, x: Int, row: Int)]
    ) -> PanelProduct {
        var order: [[PanelProduct.Segment]] = []
        var members: [[PanelProduct.Segment]: [(position: Int, start: Int)]] = [:]
        for y in 0..<positions.height {
            for x in 0..<positions.width {
                var segments: [PanelProduct.Segment] = []
                var start = 0
                for read in reads(y, x) {
                    let inside = 0..<source.height ~= read.y && 0..<source.width ~= read.x
                    if skips && !inside { continue }
                    let place = ((read.y + source.top) * source.borderedWidth + read.x + source.left) * source.channels
                    if segments.isEmpty { start = place }
                    if let last = segments.last, last.a + last.length == place - start, last.b + last.length == read.row {
                        segments[segments.count - 1].length += source.channels
                    } else {
                        segments.append(.init(a: place - start, b: read.row, length: source.channels))
                    }
                }
                if members[segments] == nil { order.append(segments) }
                members[segments, default: []].append((y * positions.width + x, start))
            }
        }
        return PanelProduct(
            groups: order.map { segments in
                var a: [Int32] = [], c: [Int32] = []
                for b in 0..<w.batch {
                    for (position, start) in members[segments] ?? [] {
                        a.append(Int32(b * source.count + start))
                        c.append(Int32((b * positions.height * positions.width + position) * rowWidth))
                    }
                }
                return PanelProduct.Group(segments: segments, a: a, c: c)
            })
    }

    /// dW [O, kH kW I] += Σ over positions of output gradient ⊗ window. With a border a kernel row is one block, and
    /// the terms run along an image row; without, each tap is a block whose terms run along the batch.
    private static func weightGradient(_ w: SlidingWindow, input: Bordered, skips: Bool) -> OuterProduct {
        typealias Block = OuterProduct.Block
        if skips {
            let blocks = (0..<w.kernelWidth).map { kx in
                Block(
                    column: kx * w.channels, columns: w.channels,
                    runs: (0..<w.outputWidth).compactMap { x in
                        let source = x * w.strideX - w.paddingX + kx
                        guard 0..<w.width ~= source else { return nil }
                        return .init(a: x * w.outputs, b: source * w.channels, count: w.batch)
                    })
            }
            return OuterProduct(
                blocks: blocks, aStride: w.outputWidth * w.outputs, bStride: w.width * w.channels,
                cStride: w.taps * w.channels)
        }
        let blocks = (0..<w.kernelHeight).map { ky in
            var runs: [OuterProduct.Run] = []
            for b in 0..<w.batch {
                for y in 0..<w.outputHeight {
                    let row = (y * w.strideY + ky) * input.borderedWidth * w.channels
                    runs.append(
                        .init(
                            a: (b * w.outputHeight + y) * w.outputWidth * w.outputs, b: b * input.count + row,
                            count: w.outputWidth))
                }
            }
            return Block(column: ky * w.kernelWidth * w.channels, columns: w.kernelWidth * w.channels, runs: runs)
        }
        return OuterProduct(
            blocks: blocks, aStride: w.outputs, bStride: w.strideX * w.channels, cStride: w.taps * w.channels)
    }
}
