import Basics
import Testing

@Suite struct NeighbourSpacingTests {
    /// Points on a line, four frames a demonstration; every fourth frame is asked.
    private func spacing(_ points: [Double], _ demonstration: [Int]) -> Double? {
        NeighbourSpacing.median(
            NeighbourSpacing.asked(of: points.count).map { row in
                NeighbourSpacing.nearest(row, demonstration: demonstration, distances: points.map { abs($0 - points[row]) })
            })
    }

    @Test func `it is the median over every fourth frame of the distance to the nearest frame of another demonstration`() {
        // Frames 0, 4 and 8 lie 1, 0.7 and 7 from the nearest frame of another demonstration.
        let points: [Double] = [0, 0.1, 0.2, 0.3, 1, 1.1, 1.2, 2, 9, 9, 9, 9]
        #expect(spacing(points, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]) == 1)
        let spread: [Double] = [0, 0, 0, 0, 3, 3, 3, 3]
        #expect(spacing(spread, [0, 0, 0, 0, 1, 1, 1, 1]) == 3)
    }

    @Test func `of one demonstration there is none, and repeated frames leave a kernel some width`() {
        #expect(spacing([0, 1, 2, 3, 4], [7, 7, 7, 7, 7]) == nil)
        #expect(spacing([2, 2, 2, 2, 2], [0, 0, 0, 0, 1]) == 1e-6)
    }

    @Test func `at most 256 rows are asked, evenly`() {
        #expect(NeighbourSpacing.asked(of: 10) == [0, 4, 8])
        let asked = NeighbourSpacing.asked(of: 100_000)
        #expect(asked.count <= 256 && asked.count > 250 && asked[1] - asked[0] == asked[2] - asked[1])
    }
}
