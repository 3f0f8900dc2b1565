/// Elementwise loops over contiguous floats, in the plain form the compiler turns into wide vectors.
enum Vector {
    /// y += x
    @inline(__always)
    static func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        for i in 0..<count { y[i] += x[i] }
    }

    /// Adds the bias to each of `rows` rows.
    @inline(__always)
    static func addRow(_ bias: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, rows: Int, width: Int) {
        for r in 0..<rows {
            let row = y + r * width
            for i in 0..<width { row[i] += bias[i] }
        }
    }

    /// Sum with 16 accumulators, as `dot`.
    static func sum(_ x: UnsafePointer<Float>, count: Int) -> Float {
        var sums = SIMD16<Float>(repeating: 0)
        let whole = count / 16 * 16
        for i in stride(from: 0, to: whole, by: 16) { sums += UnsafeRawPointer(x + i).loadUnaligned(as: SIMD16<Float>.self) }
        var sum = sums.sum()
        for i in whole..<count { sum += x[i] }
        return sum
    }

    /// Dot product with 16 accumulators; strict float order would not vectorise.
    static func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int) -> Float {
        var sums = SIMD16<Float>(repeating: 0)
        let whole = count / 16 * 16
        for i in stride(from: 0, to: whole, by: 16) {
            sums += UnsafeRawPointer(x + i).loadUnaligned(as: SIMD16<Float>.self)
                * UnsafeRawPointer(y + i).loadUnaligned(as: SIMD16<Float>.self)
        }
        var sum = sums.sum()
        for i in whole..<count { sum += x[i] * y[i] }
        return sum
    }

    /// e^x to about 2 units in the last place for |x| <= 87, clamped outside; branch-free so that it vectorises.
    ///
    /// Cody-Waite reduction by ln 2 and the degree-5 polynomial of Cephes `expf`.
    @inline(__always)
    static func exp(_ x: Float) -> Float {
        let clamped = Swift.max(Swift.min(x, 87), -87)
        // Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low mantissa bits.
        let shifted = clamped * 1.442_695_04 + 12_582_912
        let n = shifted - 12_582_912
        let r = (clamped - n * 0.693_359_375) + n * 2.121_944_4e-4
        var p: Float = 1.987_569_1e-4
        p = p * r + 1.398_199_9e-3
        p = p * r + 8.333_452e-3
        p = p * r + 4.166_579_6e-2
        p = p * r + 1.666_666_5e-1
        p = p * r + 0.5
        let fraction = p * r * r + r + 1
        return fraction * Float(bitPattern: (shifted.bitPattern &<< 23) &+ 0x3f80_0000)
    }

    /// mish(x) = x tanh(softplus(x)) with one exponential (Misra 2019).
    @inline(__always)
    static func mish(_ x: Float) -> Float {
        let e = exp(Swift.min(x, 20))
        let u = e * (e + 2)
        return x * u / (u + 2)
    }

    @inline(__always)
    static func mishDerivative(_ x: Float) -> Float {
        let e = exp(Swift.min(x, 20))
        let u = e * (e + 2), w = u + 2
        return u / w + 4 * x * e * (1 + e) / (w * w)
    }
}
