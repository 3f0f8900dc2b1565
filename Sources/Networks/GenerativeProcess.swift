/// How sequences come from noise: what a network is trained to answer, and the way back that asks it.
///
/// At the numbered levels t a clean sequence x_0 is mixed with standard normal noise ε: x_t = a_t x_0 + b_t ε. The network
/// is given x_t and t, and its answer says, entry by entry, what x_0 may have been. A process is all that a way to
/// generate has of its own: training, sampling and measuring read it through this protocol.
public protocol GenerativeProcess: Sendable {
    /// Training draws t from 0 ..< levels, every level as often.
    var levels: Int { get }
    /// a_t and b_t.
    func mixture(at t: Int) -> Mixture
    /// What the network is to answer, for one entry of x_0 and ε.
    func target(clean: Float, noise: Float, at t: Int) -> Float
    /// The entry of x_0 that an answer at x_t means.
    func clean(noisy: Float, answer: Float, at t: Int) -> Float
    /// The answer at x_t that means this entry of x_0: the inverse of `clean`.
    func answer(noisy: Float, clean: Float, at t: Int) -> Float

    /// The levels at which the network is asked on the way back, in order.
    var timesteps: [Int] { get }
    /// Whether the step from `timesteps[index]` draws noise.
    func drawsNoise(_ index: Int) -> Bool
    /// Moves x from `timesteps[index]` to the level after it, or to x_0 from the last, in place.
    /// - Parameters:
    ///   - answer: the network's, as many entries as x
    ///   - noise: standard normal draws, as many entries as x; not read where `drawsNoise` is false
    func step(
        _ index: Int, _ x: UnsafeMutableBufferPointer<Float>, answer: UnsafeBufferPointer<Float>,
        noise: UnsafeBufferPointer<Float>)
}

/// The shares of data and noise at one level: x_t = a x_0 + b ε.
public struct Mixture: Sendable, Equatable {
    /// a and b.
    public let data, noise: Float
    /// a² / (a² + b²): ᾱ_t of diffusion, and of any other mixture that of the diffusion whose x_t is the same but for its scale,
    /// so that it tells just as much of x_0.
    public let alphaBar: Double
    /// b².
    public let noiseVariance: Double

    public init(data: Float, noise: Float) {
        self.data = data
        self.noise = noise
        let (a, b) = (Double(data), Double(noise))
        noiseVariance = b * b
        alphaBar = a * a / (a * a + b * b)
    }

    /// √ᾱ and √(1 - ᾱ), whose squares add up to 1 (Ho et al. 2020 eq. 4).
    public init(alphaBar: Double) {
        data = Float(alphaBar.squareRoot())
        noise = Float((1 - alphaBar).squareRoot())
        self.alphaBar = alphaBar
        noiseVariance = 1 - alphaBar
    }
}

extension GenerativeProcess {
    /// x_t, entry by entry.
    public func noised(_ clean: Float, noise: Float, at t: Int) -> Float {
        let mixture = mixture(at: t)
        return mixture.data * clean + mixture.noise * noise
    }

    /// `step` on arrays.
    public func step(_ index: Int, _ x: inout [Float], answer: [Float], noise: [Float]) {
        x.withUnsafeMutableBufferPointer { x in
            answer.withUnsafeBufferPointer { answer in
                noise.withUnsafeBufferPointer { step(index, x, answer: answer, noise: $0) }
            }
        }
    }

    /// The whole way back from pure noise x, in place.
    /// - Parameters:
    ///   - noise: as many standard normal draws as x has entries, for the step from `timesteps[index]`; asked after `answer`,
    ///     and only where the step draws noise
    ///   - answer: the network's at x and `timesteps[index]`
    public func reverse(
        _ x: inout [Float], noise: (_ index: Int) throws -> [Float], answer: (_ x: [Float], _ index: Int) throws -> [Float]
    ) rethrows {
        for index in timesteps.indices {
            let answer = try answer(x, index)
            step(index, &x, answer: answer, noise: drawsNoise(index) ? try noise(index) : [])
        }
    }
}
