import Foundation

/// A named place in the tree of random substreams that grows from one experiment seed.
///
/// `Seed(0) / "diffusion" / "noise" / 12` names a stream; adding a draw to one stream never shifts another.
public struct Seed: Hashable, Sendable {
    public let value: UInt64

    public init(_ value: UInt64) { self.value = value }

    public static func / (parent: Seed, name: String) -> Seed {
        // FNV-1a over the name, then mixed with the parent so that order and nesting matter.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Seed(mix(parent.value ^ mix(hash)))
    }

    public static func / (parent: Seed, index: Int) -> Seed {
        Seed(mix(parent.value &+ 0x9e37_79b9_7f4a_7c15 &* (UInt64(bitPattern: Int64(index)) &+ 1)))
    }

    /// The output function of SplitMix64 (Steele, Lea and Flood 2014).
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// xoshiro256++ (Blackman and Vigna 2019), started from a `Seed`. The same seed gives the same draws on
/// every machine and for any number of workers.
public struct RandomSource: RandomNumberGenerator, Sendable {
    private var s0, s1, s2, s3: UInt64

    public init(_ seed: Seed) {
        var counter = seed.value
        func next() -> UInt64 {
            counter &+= 0x9e37_79b9_7f4a_7c15
            return Seed.mix(counter)
        }
        s0 = next(); s1 = next(); s2 = next(); s3 = next()
    }

    public mutating func next() -> UInt64 {
        func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
        let result = rotate(s0 &+ s3, 23) &+ s0
        let t = s1 << 17
        s2 ^= s0; s3 ^= s1; s1 ^= s2; s0 ^= s3; s2 ^= t
        s3 = rotate(s3, 45)
        return result
    }

    /// Uniform in [0, 1), 53 bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in [low, high).
    public mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }

    /// Uniform integer in 0 ..< bound, without modulo bias (Lemire 2019).
    public mutating func index(below bound: Int) -> Int {
        precondition(bound > 0, "bound \(bound) must be positive")
        return Int(next(upperBound: UInt64(bound)))
    }

    /// Standard normal by Box-Muller; each draw uses two uniforms and keeps no spare, so that the state
    /// is the four words alone.
    public mutating func normal() -> Double {
        let radius = (-2 * Foundation.log(1 - uniform())).squareRoot()
        return radius * Foundation.cos(2 * Double.pi * uniform())
    }

    /// A permutation of 0 ..< count (Fisher-Yates).
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, index(below: i + 1)) }
        return order
    }
}
