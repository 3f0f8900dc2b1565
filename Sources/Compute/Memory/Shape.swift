import Basics

/// The extents of a dense row-major array, outermost first.
///
/// Letters used throughout: B batch, T time (horizon), C channels, H height, W width, D features.
/// Images are [B, H, W, C] and sequences [B, T, C]: channels last, so that a position is contiguous.
public struct Shape: Hashable, Sendable, CustomStringConvertible, ExpressibleByArrayLiteral {
    public let extents: [Int]

    public init(_ extents: [Int]) {
        precondition(extents.allSatisfy { $0 > 0 }, "extents must be positive: \(extents)")
        self.extents = extents
    }

    public init(arrayLiteral elements: Int...) { self.init(elements) }

    public var rank: Int { extents.count }
    public var count: Int { extents.reduce(1, *) }
    /// The innermost extent: channels or features.
    public var last: Int { extents[extents.count - 1] }
    /// The number of rows of length `last`.
    public var rows: Int { count / last }

    public subscript(axis: Int) -> Int { extents[axis] }

    /// The same shape with another innermost extent.
    public func replacingLast(_ extent: Int) -> Shape { Shape(extents.dropLast() + [extent]) }

    public var description: String { "[" + extents.map(String.init).joined(separator: ", ") + "]" }
}

/// What an operation makes once for its shapes.
public protocol Preparation: AnyObject, Sendable {
    /// Floats of work memory its kernels need, as `Operation.scratchCount`.
    var scratchCount: Int { get }
}
