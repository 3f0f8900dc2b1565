import Basics
import Demonstrations
import Images
import Policies
import Testing

@Suite struct ActionLookupTableTests {
    @Test func `a training frame finds itself and returns its own action sequence`() throws {
        let tiny = TinyDemonstrations()
        let table = tiny.table()
        let observations = tiny.frames.map { tiny.observation($0.demonstration, $0.frame) }
        let predictions = try table.predict(observations, samples: 1, seed: Seed(0))
        #expect(table.rowCount == tiny.windows.count)
        for (frame, prediction) in zip(tiny.frames, predictions) {
            let match = try #require(prediction[0].match)
            #expect(match.frame == frame)
            #expect(abs(match.similarity - 1) < 1e-5)
            #expect(prediction[0].isOutOfDistribution == false)
            #expect(prediction[0].actions == tiny.actions(frame.demonstration, frame.frame))
        }
    }

    @Test func `no returned sequence crosses the end of its episode`() throws {
        let tiny = TinyDemonstrations()
        let predictions = try tiny.table().predict([tiny.observation(1, 3)], samples: tiny.windows.count, seed: Seed(0))
        for prediction in predictions[0] {
            let demonstration = try #require(prediction.match).frame.demonstration
            let last = Float(tiny.lengths[demonstration] - 1) / 32
            for step in 0..<8 {
                #expect(prediction.actions[2 * step] == Float(demonstration) / 32)
                #expect(prediction.actions[2 * step + 1] <= last)
            }
        }
        // Every row once: nothing was skipped or repeated.
        #expect(Set(predictions[0].compactMap(\.match?.frame)) == Set(tiny.frames))
    }

    @Test(arguments: [1, 4, 27, 40]) func `the best k are those of a sort by brute force`(_ count: Int) throws {
        let tiny = TinyDemonstrations()
        let table = tiny.table()
        let query = Self.strange(tiny.observation(0, 4))
        let embedding = table.keys(of: [query])
        let rows = table.rows.keys, frames = table.rows.frames
        let cosines = frames.indices.map { product(embedding, 0, rows, $0, width: embedding.count) }
        let order = frames.indices.sorted { cosines[$0] > cosines[$1] }
        let predictions = try table.predict([query], samples: count, seed: Seed(0))[0]
        #expect(predictions.count == count)
        for (place, prediction) in predictions.enumerated() {
            // Past the last row the best is repeated.
            let row = order[place < order.count ? place : 0]
            #expect(prediction.match?.frame == frames[row])
            #expect(abs(try #require(prediction.match).similarity - cosines[row]) < 1e-5)
        }
    }

    @Test func `a fixed threshold is used as it is, and flag and match are always there`() throws {
        let tiny = TinyDemonstrations()
        for threshold in [0.5, 0.75, 0.9, 1.1, -1.1] {
            let table = tiny.table(threshold: threshold)
            #expect(table.threshold == threshold)
            let queries = [tiny.observation(0, 2), Self.strange(tiny.observation(0, 2))]
            for prediction in try table.predict(queries, samples: 3, seed: Seed(0)).joined() {
                #expect(prediction.match != nil)
                #expect(prediction.actions.count == 16)
                let flag = try #require(prediction.isOutOfDistribution as Bool?)
                if threshold > 1 { #expect(flag) }
                if threshold < -1 { #expect(!flag) }
            }
        }
    }

    @Test func `the flag depends on the best match and the threshold alone`() throws {
        let tiny = TinyDemonstrations()
        let query = Self.strange(tiny.observation(0, 4))
        let best = try #require(try tiny.table().predict([query], samples: 1, seed: Seed(0))[0][0].match).similarity
        for (threshold, flag) in [(best - 1e-6, false), (best + 1e-6, true)] {
            let predictions = try tiny.table(threshold: threshold).predict([query], samples: 4, seed: Seed(0))[0]
            #expect(predictions.map(\.isOutOfDistribution) == [flag, flag, flag, flag])
        }
    }

    @Test func `answers do not depend on the number of workers`() throws {
        let tiny = TinyDemonstrations()
        let observations = tiny.frames.map { Self.strange(tiny.observation($0.demonstration, $0.frame)) }
        let one = try tiny.table(workers: 1).predict(observations, samples: 2, seed: Seed(0))
        #expect(try one == tiny.table(workers: 2).predict(observations, samples: 2, seed: Seed(0)))
    }

    /// The observation with its last images mirrored upside down: an image that no frame has.
    private static func strange(_ observation: Observation) -> Observation {
        var result = observation
        let last = result.images.count - 1
        result.images[last] = result.images[last].map {
            RGBImage(width: $0.width, height: $0.height, pixels: $0.pixels.reversed())
        }
        return result
    }
}
