import Basics
import Probes
import Testing

@Suite struct NearestChunksTests {
    private let study = SyntheticStudy(train: 5, reference: 5, query: 5)

    /// The definition, in Double and with every chunk visited.
    private func expected(_ query: Chunks, _ row: Int, _ train: Chunks, _ metric: ChunkMetric) -> [(
        distance: Double, index: Int
    )] {
        (0..<train.count).map { index in
            let squares = (0..<train.width).map { column in
                let difference =
                    Double(query.values[row * train.width + column] - train.values[index * train.width + column])
                    / Double(metric.scale[column % train.actionDimension])
                return difference * difference
            }
            return ((squares.reduce(0, +) / Double(train.width)).squareRoot(), index)
        }.sorted { $0.0 < $1.0 }
    }

    @Test func `d1 is the nearest chunk and d2 the nearest of another demonstration`() throws {
        let metric = try ChunkMetric.fit(study.train)
        let near = NearestChunks(of: metric.scaled(study.query), in: metric.scaled(study.train), pool: WorkerPool(workers: 2))
        for row in stride(from: 0, to: study.query.count, by: 7) {
            let sorted = expected(study.query, row, study.train, metric)
            let first = sorted[0]
            let own = study.train.demonstration[first.index]
            let second = try #require(sorted.first { study.train.demonstration[$0.index] != own })
            #expect(near.index[row] == first.index)
            #expect(abs(Double(near.distance[row]) - first.distance) < 1e-5)
            #expect(near.secondIndex[row] == second.index)
            #expect(abs(Double(near.secondDistance[row]) - second.distance) < 1e-5)
            #expect(near.recalledDemonstration[row] == own)
            for (column, demonstration) in near.demonstrations.enumerated() {
                let best = try #require(sorted.first { study.train.demonstration[$0.index] == demonstration })
                #expect(abs(Double(near.byDemonstration[row * 5 + column]) - best.distance) < 1e-5)
            }
        }
    }

    @Test func `excluding the own demonstration leaves the nearest of the others`() throws {
        let metric = try ChunkMetric.fit(study.train)
        let scaled = metric.scaled(study.train)
        let near = NearestChunks(of: scaled, in: scaled, excludingOwnDemonstration: true, pool: WorkerPool(workers: 2))
        for row in stride(from: 0, to: study.train.count, by: 9) {
            let own = study.train.demonstration[row]
            let best = try #require(
                expected(study.train, row, study.train, metric).first { study.train.demonstration[$0.index] != own })
            #expect(near.index[row] == best.index)
            #expect(near.recalledDemonstration[row] != own)
            #expect(near.byDemonstration[row * 5 + own] == .infinity)
            #expect(
                near.secondIndex[row].map {
                    ![own, near.recalledDemonstration[row]].contains(study.train.demonstration[$0])
                } == true)
        }
    }

    @Test func `with two demonstrations and one excluded there is no second neighbour`() {
        let pair = pointChunks(2, dimension: 8, seed: 0)
        let metric = ChunkMetricFixture.identity
        let near = NearestChunks(of: metric(pair), in: metric(pair), excludingOwnDemonstration: true, pool: WorkerPool(workers: 1))
        #expect(near.index == [1, 0])
        #expect(near.secondIndex == [nil, nil])
        #expect(near.secondDistance == [.infinity, .infinity])
    }

    @Test func `ties go to the lower row and the number of workers changes nothing`() throws {
        let values: [Float] = [1, 0, 0, 0, 0, 0, 0, 0]
        let train = Chunks(
            horizon: 1, actionDimension: 8, values: values + values + values + values, demonstration: [9, 4, 9, 2],
            frame: [0, 0, 1, 0])
        let scaled = ChunkMetricFixture.identity(train)
        let near = NearestChunks(of: scaled, in: scaled, pool: WorkerPool(workers: 1))
        #expect(near.index == [0, 0, 0, 0])
        #expect(near.secondIndex == [1, 1, 1, 1])
        let metric = try ChunkMetric.fit(study.train)
        let one = NearestChunks(of: metric.scaled(study.query), in: metric.scaled(study.train), pool: WorkerPool(workers: 1))
        let five = NearestChunks(of: metric.scaled(study.query), in: metric.scaled(study.train), pool: WorkerPool(workers: 5))
        #expect(one.byDemonstration == five.byDemonstration)
        #expect(one.index == five.index)
    }
}

@Suite struct ChunkMetricTests {
    @Test func `the scale is the training deviation with a floor, and distance is RMS over the scaled entries`() throws
    {
        // Dimension 0 alternates -1 and 1 (deviation 1), dimension 1 is constant and gets the floor.
        let train = Chunks(
            horizon: 2, actionDimension: 2, values: [-1, 5, 1, 5, 1, 5, -1, 5], demonstration: [0, 1], frame: [0, 0])
        let metric = try ChunkMetric.fit(train)
        #expect(metric.scale == [1, 0.1])
        let scaled = metric.scaled(train)
        #expect(abs(scaled.distance(0, to: 1, of: scaled) - Float(2).squareRoot()) < 1e-6)
        let shifted = metric.scaled(
            Chunks(horizon: 2, actionDimension: 2, values: [-1, 5.1, 1, 5], demonstration: [3], frame: [0]))
        #expect(abs(shifted.distance(0, to: 0, of: scaled) - 0.5) < 1e-5)
    }
}

enum ChunkMetricFixture {
    /// Points in units where every dimension has scale 1.
    static func identity(_ chunks: Chunks) -> ScaledChunks {
        ChunkMetric(scale: [Float](repeating: 1, count: chunks.actionDimension)).scaled(chunks)
    }
}
