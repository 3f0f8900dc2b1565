/// A 3 x 3 convolution of stride 1 and padding 1 in the transformed domain, a strip of tiles at a time, so that a
/// strip's transforms stay in the cache between the products.
///
/// Channels come in multiples of sixteen. See `WinogradTransforms`.
final class WinogradConvolution: Preparation {
    private let batch, height, width: Int
    private let inputs, outputs: Int
    /// Tiles of 2 x 2 outputs.
    private let tileColumns: Int
    private let strips: [Strip]

    /// Floats of a strip's transforms on one side of its products; measured: 16 Ki (64 KiB) beats 8 and 32 Ki.
    private static let stripFloats = 16_384

    private final class Strip: Sendable {
        let rows: Range<Int>
        let tiles: Int
        let forward, adjoint: PanelProduct.Group
        let weightGradient: OuterProduct

        init(rows: Range<Int>, columns: Int, inputs: Int, outputs: Int) {
            let tiles = rows.count * columns
            func group(from: Int, to: Int) -> PanelProduct.Group {
                PanelProduct.Group(
                    segments: [.init(a: 0, b: 0, length: from)], a: (0..<tiles).map { Int32($0 * from) },
                    c: (0..<tiles).map { Int32($0 * to) })
            }
            self.rows = rows
            self.tiles = tiles
            forward = group(from: inputs, to: outputs)
            adjoint = group(from: outputs, to: inputs)
            weightGradient = OuterProduct(
                blocks: [.init(column: 0, columns: inputs, runs: [.init(a: 0, b: 0, count: tiles)])],
                aStride: outputs, bStride: inputs, cStride: inputs)
        }
    }

    static func applies(to weight: [Int], stride: Int, padding: Int) -> Bool {
        weight.count == 4 && weight[2] == 3 && weight[3] == 3 && stride == 1 && padding == 1
            && weight[0].isMultiple(of: 16) && weight[1].isMultiple(of: 16)
    }

    init(_ window: SlidingWindow) {
        (batch, height, width) = (window.batch, window.height, window.width)
        (inputs, outputs) = (window.channels, window.outputs)
        let rows = (height + 1) / 2, columns = (width + 1) / 2
        let rowFloats = WinogradTransforms.positions * max(inputs, outputs) * columns
        let stripCount = min(rows, (rows * rowFloats + Self.stripFloats - 1) / Self.stripFloats)
        let perStrip = (rows + stripCount - 1) / stripCount
        tileColumns = columns
        strips = stride(from: 0, to: rows, by: perStrip).map {
            Strip(
                rows: $0..<min($0 + perStrip, rows), columns: columns, inputs: window.channels, outputs: window.outputs)
        }
    }

    /// Multiplications and additions of the products in one direction.
    var flops: Int { 2 * batch * strips.reduce(0) { $0 + $1.tiles } * WinogradTransforms.positions * inputs * outputs }

    /// From one position's weight gradient to the next: a cache line more than its size, a power of two, at which all
    /// positions would compete for the same lines of the cache.
    private var gradientStep: Int { inputs * outputs + 16 }

    /// Zeros, both sides of a strip's products, and the transformed gradient of the weight.
    var scratchCount: Int {
        let channels = max(inputs, outputs), tiles = strips.map(\.tiles).max() ?? 0
        return channels + WinogradTransforms.positions * (2 * tiles * channels + gradientStep)
    }

    /// - Parameter u: sixteen matrices [I, O] in panels
    func forward(
        _ x: UnsafePointer<Float>, _ u: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>
    ) {
        let panels = Panels(rows: inputs, columns: outputs)
        convolve(x, u, panels, isAdjoint: false, to: y, adding: false, scratch)
    }

    /// The input's gradient.
    /// - Parameter u: sixteen matrices [O, I] of the kernel turned by 180 degrees, in panels
    func adjoint(
        _ dy: UnsafePointer<Float>, _ u: UnsafePointer<Float>, to dx: UnsafeMutablePointer<Float>, adding: Bool,
        scratch: UnsafeMutablePointer<Float>
    ) {
        let panels = Panels(rows: outputs, columns: inputs)
        convolve(dy, u, panels, isAdjoint: true, to: dx, adding: adding, scratch)
    }

    private func convolve(
        _ source: UnsafePointer<Float>, _ u: UnsafePointer<Float>, _ panels: Panels, isAdjoint: Bool,
        to target: UnsafeMutablePointer<Float>, adding: Bool, _ scratch: UnsafeMutablePointer<Float>
    ) {
        let zeros = scratch, v = zeros + panels.rows
        zeros.update(repeating: 0, count: panels.rows)
        for b in 0..<batch {
            let image = source + b * height * width * panels.rows
            for strip in strips {
                let m = v + WinogradTransforms.positions * strip.tiles * panels.rows
                transformInput(image, channels: panels.rows, strip, zeros, to: v)
                let group = isAdjoint ? strip.adjoint : strip.forward
                for position in 0..<WinogradTransforms.positions {
                    PanelProduct.run(
                        group, v + position * strip.tiles * panels.rows, u + position * panels.count, panels,
                        into: m + position * strip.tiles * panels.columns)
                }
                transformOutput(
                    m, strip, channels: panels.columns, to: target + b * height * width * panels.columns,
                    adding: adding)
            }
        }
    }

    /// Adds to the weight's gradient, stored [O, 3, 3, I].
    func weightGradient(
        _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, addingTo gradient: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>
    ) {
        let positions = WinogradTransforms.positions, matrix = gradientStep
        let zeros = scratch, du = zeros + max(inputs, outputs), v = du + positions * matrix
        zeros.update(repeating: 0, count: max(inputs, outputs))
        for b in 0..<batch {
            for (index, strip) in strips.enumerated() {
                let dm = v + positions * strip.tiles * inputs
                transformInput(x + b * height * width * inputs, channels: inputs, strip, zeros, to: v)
                transformOutputGradient(dy + b * height * width * outputs, strip, zeros, to: dm)
                for position in 0..<positions {
                    strip.weightGradient.run(
                        dm + position * strip.tiles * outputs, v + position * strip.tiles * inputs, rows: 0..<outputs,
                        into: du + position * matrix, adding: b + index > 0)
                }
            }
        }
        for o in 0..<outputs {
            for i in stride(from: 0, to: inputs, by: 16) {
                WinogradTransforms.kernelGradient(
                    du + o * inputs + i, step: matrix, to: gradient + o * 9 * inputs + i, tap: inputs)
            }
        }
    }

    /// - Parameter zeros: `channels` of them, which stand for the inputs outside of the image
    private func transformInput(
        _ image: UnsafePointer<Float>, channels: Int, _ strip: Strip, _ zeros: UnsafePointer<Float>,
        to v: UnsafeMutablePointer<Float>
    ) {
        hasWideTiles
            ? transformInput(Float16Lanes.self, image, channels: channels, strip, zeros, to: v)
            : transformInput(SIMD8<Float>.self, image, channels: channels, strip, zeros, to: v)
    }

    @inline(__always)
    private func transformInput<Lanes: FloatLanes>(
        _: Lanes.Type, _ image: UnsafePointer<Float>, channels: Int, _ strip: Strip, _ zeros: UnsafePointer<Float>,
        to v: UnsafeMutablePointer<Float>
    ) {
        let row = width * channels, step = strip.tiles * channels
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: WinogradTransforms.positions) { inputs in
            forEachTile(strip) { tile, outputY, outputX in
                // The tile's 4 x 4 inputs begin one up and one to the left of its outputs.
                let y = outputY - 1, x = outputX - 1, target = v + tile * channels
                if y >= 0 && x >= 0 && y + 4 <= height && x + 4 <= width {
                    let first = image + y * row + x * channels
                    for c in stride(from: 0, to: channels, by: Lanes.width) {
                        WinogradTransforms.input(Lanes.self, to: target + c, step: step) { first + $0 * row + $1 * channels + c }
                    }
                } else {
                    for i in 0..<WinogradTransforms.positions {
                        let y = y + i / 4, x = x + i % 4, isInside = y >= 0 && x >= 0 && y < height && x < width
                        inputs[i] = isInside ? image + y * row + x * channels : zeros
                    }
                    for c in stride(from: 0, to: channels, by: Lanes.width) {
                        WinogradTransforms.input(Lanes.self, to: target + c, step: step) { inputs[4 * $0 + $1] + c }
                    }
                }
            }
        }
    }

    /// - Parameter body: gets the tile's number in the strip and the position of its first output
    @inline(__always)
    private func forEachTile(_ strip: Strip, _ body: (_ tile: Int, _ y: Int, _ x: Int) -> Void) {
        var tile = 0
        for row in strip.rows {
            for column in 0..<tileColumns {
                body(tile, 2 * row, 2 * column)
                tile += 1
            }
        }
    }

    private func transformOutput(
        _ m: UnsafePointer<Float>, _ strip: Strip, channels: Int, to image: UnsafeMutablePointer<Float>, adding: Bool
    ) {
        hasWideTiles
            ? transformOutput(Float16Lanes.self, m, strip, channels: channels, to: image, adding: adding)
            : transformOutput(SIMD8<Float>.self, m, strip, channels: channels, to: image, adding: adding)
    }

    @inline(__always)
    private func transformOutput<Lanes: FloatLanes>(
        _: Lanes.Type, _ m: UnsafePointer<Float>, _ strip: Strip, channels: Int, to image: UnsafeMutablePointer<Float>, adding: Bool
    ) {
        let row = width * channels, step = strip.tiles * channels
        forEachTile(strip) { tile, y, x in
            let hasRight = x + 1 < width, hasBottom = y + 1 < height
            for c in stride(from: 0, to: channels, by: Lanes.width) {
                let place = image + y * row + x * channels + c
                let (a, b, d, e): (Lanes, Lanes, Lanes, Lanes) = WinogradTransforms.output(m + tile * channels + c, step: step)
                a.write(to: place, adding: adding)
                if hasRight { b.write(to: place + channels, adding: adding) }
                if hasBottom { d.write(to: place + row, adding: adding) }
                if hasRight && hasBottom { e.write(to: place + row + channels, adding: adding) }
            }
        }
    }

    private func transformOutputGradient(
        _ dy: UnsafePointer<Float>, _ strip: Strip, _ zeros: UnsafePointer<Float>, to dm: UnsafeMutablePointer<Float>
    ) {
        hasWideTiles
            ? transformOutputGradient(Float16Lanes.self, dy, strip, zeros, to: dm)
            : transformOutputGradient(SIMD8<Float>.self, dy, strip, zeros, to: dm)
    }

    @inline(__always)
    private func transformOutputGradient<Lanes: FloatLanes>(
        _: Lanes.Type, _ dy: UnsafePointer<Float>, _ strip: Strip, _ zeros: UnsafePointer<Float>, to dm: UnsafeMutablePointer<Float>
    ) {
        let row = width * outputs, step = strip.tiles * outputs
        forEachTile(strip) { tile, y, x in
            let hasRight = x + 1 < width, hasBottom = y + 1 < height, first = dy + y * row + x * outputs
            let right = hasRight ? first + outputs : zeros, bottom = hasBottom ? first + row : zeros
            let corner = hasRight && hasBottom ? first + row + outputs : zeros
            for c in stride(from: 0, to: outputs, by: Lanes.width) {
                WinogradTransforms.outputGradient(
                    (Lanes.load(first + c), Lanes.load(right + c), Lanes.load(bottom + c), Lanes.load(corner + c)),
                    to: dm + tile * outputs + c, step: step)
            }
        }
    }
}
