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
