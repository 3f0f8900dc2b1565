/// Neighbouring floats that a kernel handles at once. Sixteen fill one register with AVX-512; where registers are narrower, a kernel
/// that holds as many values as there are registers is written for `FloatLanes` and takes eight.
protocol FloatLanes {
    static var width: Int { get }
    init(repeating value: Float)
    static func load(_ pointer: UnsafePointer<Float>) -> Self
    func write(to pointer: UnsafeMutablePointer<Float>)
    subscript(lane: Int) -> Float { get }
    static func + (a: Self, b: Self) -> Self
    static func - (a: Self, b: Self) -> Self
    static func * (a: Self, b: Self) -> Self
    static prefix func - (a: Self) -> Self
    /// 0 in the lanes where `other` is below 0.
    func zeroed(whereNegative other: Self) -> Self
}

extension FloatLanes {
    /// Writes the lanes, or adds them to what is there.
    @inline(__always)
    func write(to pointer: UnsafeMutablePointer<Float>, adding: Bool) {
        (adding ? self + .load(pointer) : self).write(to: pointer)
    }

    /// Writes the first `count` lanes, or adds them to what is there.
    @inline(__always)
    func store(to pointer: UnsafeMutablePointer<Float>, count: Int, adding: Bool) {
        if count >= Self.width {
            write(to: pointer, adding: adding)
        } else {
            for i in 0..<(count > 0 ? count : 0) { pointer[i] = adding ? pointer[i] + self[i] : self[i] }
        }
    }
}

/// Sixteen floats: one register of the widest vector unit in use.
typealias Float16Lanes = SIMD16<Float>

extension SIMD16<Float>: FloatLanes {
    static var width: Int { 16 }

    @inline(__always)
    static func load(_ pointer: UnsafePointer<Float>) -> Self {
        UnsafeRawPointer(pointer).loadUnaligned(as: Self.self)
    }

    @inline(__always)
    func write(to pointer: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Self.self)
    }

    @inline(__always) func zeroed(whereNegative other: Self) -> Self { replacing(with: 0, where: other .< 0) }
}

extension SIMD8<Float>: FloatLanes {
    static var width: Int { 8 }

    @inline(__always)
    static func load(_ pointer: UnsafePointer<Float>) -> Self {
        UnsafeRawPointer(pointer).loadUnaligned(as: Self.self)
    }

    @inline(__always)
    func write(to pointer: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Self.self)
    }

    @inline(__always) func zeroed(whereNegative other: Self) -> Self { replacing(with: 0, where: other .< 0) }
}
