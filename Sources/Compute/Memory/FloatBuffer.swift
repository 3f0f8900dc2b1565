import Basics

/// A block of floats, aligned to a cache line, that lives as long as its owner.
///
/// Not synchronised: the code that shares a buffer between threads gives each thread its own part.
public final class FloatBuffer: @unchecked Sendable {
    public let count: Int
    /// Kernels may read this many floats past a buffer's end; what they read there is dropped.
    static let slack = 64
    public let pointer: UnsafeMutablePointer<Float>

    public init(count: Int, filledWith value: Float = 0) {
        self.count = count
        let bytes = (count + Self.slack) * MemoryLayout<Float>.stride
        let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        pointer = raw.bindMemory(to: Float.self, capacity: count + Self.slack)
        pointer.initialize(repeating: value, count: count)
        (pointer + count).initialize(repeating: 0, count: Self.slack)
    }

    public convenience init(_ values: [Float]) {
        self.init(count: values.count)
        values.withUnsafeBufferPointer { if let base = $0.baseAddress { pointer.update(from: base, count: count) } }
    }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }

    public func fill(_ value: Float) { pointer.update(repeating: value, count: count) }

    /// Fills with zeros, all workers together.
    public func clear(_ pool: WorkerPool) {
        pool.run(count: count, grain: 1 << 18) { [self] range in
            (pointer + range.lowerBound).update(repeating: 0, count: range.count)
        }
    }

    public func copy(from other: FloatBuffer) {
        precondition(count == other.count, "buffers of \(count) and \(other.count) floats")
        pointer.update(from: other.pointer, count: count)
    }

    public var array: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}

extension FloatBuffer {
    /// A part of the buffer.
    public subscript(range: Range<Int>) -> FloatSlice {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count) floats")
        return FloatSlice(buffer: self, start: range.lowerBound, count: range.count)
    }
}

/// A stretch of a buffer, which it keeps alive: copies in and out that cannot leave its bounds.
public struct FloatSlice: Sendable {
    let buffer: FloatBuffer
    let start: Int
    public let count: Int

    private var pointer: UnsafeMutablePointer<Float> { buffer.pointer + start }

    /// A part of the slice, counted from its start.
    public subscript(range: Range<Int>) -> FloatSlice {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count) floats")
        return FloatSlice(buffer: buffer, start: start + range.lowerBound, count: range.count)
    }

    public subscript(index: Int) -> Float {
        get {
            precondition(index >= 0 && index < count, "float \(index) of \(count)")
            return pointer[index]
        }
        nonmutating set {
            precondition(index >= 0 && index < count, "float \(index) of \(count)")
            pointer[index] = newValue
        }
    }

    /// Row `index` of rows of `width`.
    public func row(_ index: Int, width: Int) -> FloatSlice { self[index * width..<(index + 1) * width] }

    public func fill(_ value: Float) { pointer.update(repeating: value, count: count) }

    public func copy(from other: FloatSlice) {
        precondition(count == other.count, "\(other.count) floats to \(count)")
        pointer.update(from: other.pointer, count: count)
    }

    /// Copies as many floats as the slice holds.
    /// - Parameter first: where they begin in `values`
    public func copy(from values: [Float], at first: Int = 0) {
        precondition(first >= 0 && first + count <= values.count, "\(count) floats from \(first) of \(values.count)")
        withUnsafeMutableBufferPointer { target in
            values.withUnsafeBufferPointer { _ = target.update(fromContentsOf: $0[first..<first + target.count]) }
        }
    }

    public var array: [Float] { withUnsafeMutableBufferPointer { Array($0) } }

    /// For loops over the floats.
    public func withUnsafeMutableBufferPointer<Result>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        try withExtendedLifetime(buffer) { try body(UnsafeMutableBufferPointer(start: pointer, count: count)) }
    }
}
