/// A block of float32 numbers, row-major: the last index runs fastest.
public struct Tensor: Sendable, Equatable {
    public var shape: [Int]
    public var values: [Float]

    /// `values` must hold the product of `shape` numbers; the empty shape is a scalar and holds one.
    public init(shape: [Int], values: [Float]) {
        precondition(
            values.count == shape.reduce(1, *), "\(values.count) values for a tensor of shape \(shape)")
        self.shape = shape
        self.values = values
    }

    /// A scalar, shape [].
    public init(_ value: Float) { self.init(shape: [], values: [value]) }
}
