import Basics
import Testing

@testable import Compute

@Suite struct MemoryPlannerTests {
    @Test(arguments: 0..<20) func `places in use never overlap and lie within the slab`(_ seed: Int) {
        var source = RandomSource(Seed(60) / seed), planner = MemoryPlanner()
        var live: [Range<Int>] = []
        for _ in 0..<300 {
            if source.uniform() < 0.45, !live.isEmpty {
                let place = live.remove(at: source.index(below: live.count))
                planner.release(place.lowerBound, count: place.count)
            } else {
                let count = source.index(below: source.uniform() < 0.5 ? 40 : 2_000)
                let offset = planner.take(count), place = offset..<offset + count
                #expect(offset.isMultiple(of: 16) && place.upperBound <= planner.total)
                #expect(!live.contains { $0.overlaps(place) }, "\(place)")
                live.append(place)
            }
        }
    }

    @Test func `a released place is used again, the first that is large enough`() {
        var planner = MemoryPlanner()
        let places = [64, 16, 32, 48].map { planner.take($0) }
        #expect(places == [0, 64, 80, 112] && planner.total == 160)
        planner.release(places[0], count: 64)
        planner.release(places[2], count: 32)
        #expect(planner.take(33) == 0)
        #expect(planner.take(32) == 80)
        #expect(planner.take(1) == 48)
        #expect(planner.take(1) == 160)
        #expect(planner.total == 176)
    }
}
