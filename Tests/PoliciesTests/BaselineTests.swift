import Basics
import Compute
import Demonstrations
import Policies
import TestSupport
import Testing

/// The oracles and baselines do what their names say.
@Suite struct BaselineTests {
    private let tiny = TinyDemonstrations()
    private let pool = WorkerPool(workers: 2)
    private let layout = TinyDemonstrations.layout

    @Test func `the memorizer returns a training sequence whatever it sees`() throws {
        let policy = nearest(tiny.normalizer)
        let sequences = Set(tiny.frames.map { tiny.actions($0.demonstration, $0.frame) })
        let strangers = TinyDemonstrations(seed: Seed(99))
        let predictions = try policy.predict(
            (0..<5).map { strangers.observation($0 % 3, $0) }, samples: 3, seed: Seed(0))
        #expect(predictions.joined().allSatisfy { sequences.contains($0.actions) })
        #expect(predictions.joined().allSatisfy { $0.match != nil && $0.isOutOfDistribution == nil })
    }

    @Test(arguments: [true, false]) func `a lookup by pixels or by pixels and state finds the identical frame`(
        _ usesState: Bool
    ) throws {
        let policy = nearest(usesState ? tiny.normalizer : nil)
        let predictions = try policy.predict(
            tiny.frames.map { tiny.observation($0.demonstration, $0.frame) }, samples: 2, seed: Seed(0))
        for (frame, samples) in zip(tiny.frames, predictions) {
            #expect(samples[0].match == Match(frame: frame, similarity: 0))
            #expect(samples[0].actions == tiny.actions(frame.demonstration, frame.frame))
            #expect(try #require(samples[1].match).similarity < 0)
        }
    }

    @Test func `the distance in pixels is the root mean square over all cameras`() throws {
        var observation = tiny.observation(1, 3)
        // One byte of 2 x 14 x 16 x 3 off by 10.
        let byte = observation.images[1][1].pixels[17]
        observation.images[1][1].pixels[17] = byte < 128 ? byte + 10 : byte - 10
        let match = try #require(try nearest(nil).predict([observation], samples: 1, seed: Seed(0))[0][0].match)
        #expect(match.frame == FrameReference(demonstration: 1, frame: 3))
        #expect(abs(match.similarity + 10 / 255 / (2.0 * 14 * 16 * 3).squareRoot()) < 1e-9)
    }

    @Test func `the generalizer returns the truth, also of a frame no window starts at`() throws {
        let policy = GeneralizerPolicy(set: tiny.set, layout: layout)
        let predictions = try policy.predict(
            [tiny.observation(0, 4), tiny.observation(2, 14)], samples: 2, seed: Seed(0))
        #expect(
            predictions.map { $0.map(\.actions) } == [(0, 4), (2, 14)].map { [tiny.actions($0, $1), tiny.actions($0, $1)] })
        var stranger = tiny.observation(0, 0)
        stranger.source = nil
        #expect(throws: Failure.self) { try policy.predict([stranger], samples: 1, seed: Seed(0)) }
    }

    @Test func `the mean is the mean`() throws {
        let windows = [
            Window(demonstration: 0, start: 0), Window(demonstration: 1, start: 0), Window(demonstration: 1, start: 1),
        ]
        let policy = MeanPolicy(set: tiny.set, layout: layout, windows: windows)
        let prediction = try policy.predict([tiny.observation(2, 2)], samples: 1, seed: Seed(0))[0][0].actions
        // Step 0: demonstrations 0, 1, 1 and frames 0, 0, 1.
        #expect(Difference.absolute(Array(prediction[0..<2]), [2 / 96, 1 / 96]) < 1e-7)
    }

    @Test func `the interpolator blends: at equal distances it returns the mean, far from all never beyond the data`() throws
    {
        let windows = [Window(demonstration: 0, start: 2), Window(demonstration: 2, start: 2)]
        let two = interpolator(windows)
        // Low-dim values halfway between the frames, and no cameras.
        let ends = [tiny.observation(0, 3), tiny.observation(2, 3)]
        let halfway = Observation(
            images: [[], []],
            lowDim: [0, 1].map { step in zip(ends[0].lowDim[step], ends[1].lowDim[step]).map { ($0 + $1) / 2 } },
            source: nil)
        let blended = try two.predict([halfway], samples: 1, seed: Seed(0))[0][0].actions
        let mean = zip(tiny.actions(0, 3), tiny.actions(2, 3)).map { ($0 + $1) / 2 }
        #expect(Difference.absolute(blended, mean) < 1e-6)
        var far = halfway
        far.lowDim = [[1e4, 1e4, 1e4], [1e4, 1e4, 1e4]]
        let extreme = try two.predict([far], samples: 1, seed: Seed(0))[0][0].actions
        #expect(Difference.absolute(extreme, tiny.actions(2, 3)) < 1e-6)
    }

    @Test func `the interpolator of one window returns its sequence, of one demonstration a blend inside it`() throws {
        let single = try interpolator([Window(demonstration: 1, start: 2)]).predict(
            [lowDimOnly(tiny.observation(0, 0))], samples: 2, seed: Seed(0))[0]
        #expect(single.map(\.actions) == [tiny.actions(1, 3), tiny.actions(1, 3)])
        let policy = interpolator(tiny.windows.filter { $0.demonstration == 1 })
        #expect(policy.bandwidth == 1)
        let blend = try policy.predict([lowDimOnly(tiny.observation(1, 3))], samples: 1, seed: Seed(0))[0][0].actions
        for step in 0..<8 {
            #expect(abs(blend[2 * step] - 1 / 32) < 1e-6)
            #expect((0...8 / 32).contains(blend[2 * step + 1]))
        }
    }

    private func nearest(_ normalizer: Normalizer?) -> NearestFramePolicy {
        NearestFramePolicy(
            set: tiny.set, layout: layout, windows: tiny.windows, normalizer: normalizer, pool: pool)
    }

    private func lowDimOnly(_ observation: Observation) -> Observation {
        Observation(images: [[], []], lowDim: observation.lowDim, source: observation.source)
    }

    /// On a set without cameras, so that low-dim values alone set the distance.
    private func interpolator(_ windows: [Window]) -> InterpolatorPolicy {
        InterpolatorPolicy(
            set: TinyDemonstrations(cameras: []).set, layout: layout, windows: windows, normalizer: tiny.normalizer,
            pool: pool)
    }
}
