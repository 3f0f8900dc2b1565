import Basics
import Testing

@testable import Probes

@Suite struct WarpedSequencesTests {
    private func sequences(_ rows: [[Float]]) -> WarpedSequences {
        WarpedSequences(
            Chunks(
                horizon: rows[0].count, actionDimension: 1, values: rows.flatMap { $0 },
                demonstration: Array(rows.indices), frame: rows.map { _ in 0 }), metric: ChunkMetric(scale: [2]))
    }

    @Test func `a delay within the band costs nothing and one beyond it does`() {
        let own = sequences([[0, 0, 2, 4, 4, 4, 4, 4]])
        let table = sequences([
            [0, 0, 2, 4, 4, 4, 4, 4], [0, 0, 0, 2, 4, 4, 4, 4], [0, 0, 0, 0, 2, 4, 4, 4], [0, 0, 0, 0, 0, 0, 0, 2],
        ])
        let distances = table.distances(to: 0, of: own)
        #expect(Array(distances.prefix(3)) == [0, 0, 0])
        #expect(distances[3] > 0.5)
    }

    @Test func `the distance is the root of the cheapest path's mean squared step distance`() {
        // In units of the scale: 0 1 against 0 3; the cheapest path pairs 0-0 and 1-3: (0 + 4) / 2.
        let distances = sequences([[0, 6]]).distances(to: 0, of: sequences([[0, 2]]))
        #expect(abs(distances[0] - Float(2).squareRoot()) < 1e-6)
        // 0 4 4 against 0 0 5: four pairs, of which two cost 1.
        let longer = sequences([[0, 8, 8]]).distances(to: 0, of: sequences([[0, 0, 10]]))
        #expect(abs(longer[0] - Float(0.5).squareRoot()) < 1e-6)
        // 0 0 1 against 0 1 1 warp onto one another exactly; 0 0 3 against 1 1 1 never less than 1 + 1 + 4 over 3.
        #expect(sequences([[0, 0, 2]]).distances(to: 0, of: sequences([[0, 2, 2]])) == [0])
        let apart = sequences([[0, 0, 6]]).distances(to: 0, of: sequences([[2, 2, 2]]))
        #expect(abs(apart[0] - Float(2).squareRoot()) < 1e-6)
    }
}
