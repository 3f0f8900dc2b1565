/// One axis of a bilinear resampling with antialiasing, as PyTorch's `interpolate(mode="bilinear", antialias=True,
/// align_corners=False)` and with it torchvision's `Resize` treat tensors: a triangle around each output's centre, as wide as
/// the axis shrinks, at least one input to either side; weights outside the axis are given to those inside.
///
/// Unlike `RGBImage.resized` nothing is rounded to bytes, so that floats may be resampled, and a network sees what it was
/// trained on.
public struct AntialiasedAxis: Sendable, Equatable {
    /// The first input that each output reads.
    public let first: [Int]
    /// The weights of that input and those after it; they sum to 1.
    public let weights: [[Float]]

    /// - Parameter outputs: those wanted of the `output` ones, as after a crop
    public init(from input: Int, to output: Int, outputs: Range<Int>) {
        precondition(input > 0 && output > 0, "cannot resample \(input) to \(output)")
        precondition(0 <= outputs.lowerBound && outputs.upperBound <= output, "outputs \(outputs) of \(output)")
        let scale = Double(input) / Double(output), support = max(scale, 1)
        var first: [Int] = [], weights: [[Float]] = []
        for index in outputs {
            let centre = scale * (Double(index) + 0.5)
            let low = max(Int(centre - support + 0.5), 0), high = min(Int(centre + support + 0.5), input)
            let raw = (low..<high).map { max(0, 1 - abs((Double($0) - centre + 0.5) / support)) }
            let sum = raw.reduce(0, +)
            first.append(low)
            weights.append(raw.map { Float($0 / sum) })
        }
        self.first = first
        self.weights = weights
    }

    public var count: Int { first.count }
    /// All inputs that are read.
    public var inputs: Range<Int> { (first.min() ?? 0)..<(zip(first, weights).map { $0 + $1.count }.max() ?? 0) }
}

extension AntialiasedAxis {
    /// Resamples an image of three channels, first along its rows, then along its columns.
    /// - Parameters:
    ///   - target: [rows, columns, 3]
    ///   - pixel: the image's values at a row and a column
    public static func resample(
        rows: AntialiasedAxis, columns: AntialiasedAxis, to target: UnsafeMutableBufferPointer<Float>,
        pixel: (_ row: Int, _ column: Int) -> SIMD3<Float>
    ) {
        let width = columns.count * 3, inputs = rows.inputs
        precondition(target.count == rows.count * width, "\(target.count) floats for \(rows.count) x \(columns.count) pixels")
        var narrow = [Float](repeating: 0, count: inputs.count * width)
        for (place, row) in inputs.enumerated() {
            for x in 0..<columns.count {
                var sum = SIMD3<Float>()
                for (k, weight) in columns.weights[x].enumerated() { sum += weight * pixel(row, columns.first[x] + k) }
                let o = place * width + x * 3
                (narrow[o], narrow[o + 1], narrow[o + 2]) = (sum.x, sum.y, sum.z)
            }
        }
        for y in 0..<rows.count {
            for x in 0..<width { target[y * width + x] = 0 }
            for (k, weight) in rows.weights[y].enumerated() {
                let row = (rows.first[y] + k - inputs.lowerBound) * width
                for x in 0..<width { target[y * width + x] += weight * narrow[row + x] }
            }
        }
    }
}
