import Basics
import Demonstrations
import Testing

@testable import Policies

@Suite struct RetrievalRuleTests {
    /// Two demonstrations of four frames.
    static let frames = (0..<8).map { FrameReference(demonstration: $0 / 4, frame: $0 % 4) }

    @Test func `the largest similarity is first, of equal ones the lower row, and NaN last`() {
        let order = RetrievalRule().order([0.1, 0.9, .nan, 0.9, 0.5, 0, 0, 0], frames: Self.frames, recalled: [])
        #expect(Array(order.prefix(4)) == [1, 3, 4, 0])
        #expect(order.last == 2)
    }

    @Test func `distinct demonstrations give each its best row`() {
        let rule = RetrievalRule { $0.areDistinct = true }
        #expect(rule.order([0.1, 0.9, 0.8, 0.7, 0.2, 0.3, 0, 0], frames: Self.frames, recalled: []) == [1, 5])
    }

    @Test func `the continuation of what was recalled last is preferred, but not over what is much nearer`() {
        let rule = RetrievalRule { $0.advance = 2 }
        let recalled = [FrameReference(demonstration: 1, frame: 0)]
        // Row 6 is two frames on; it is worth a twentieth of the spread of 1.
        #expect(rule.order([0.5, 0, 0, 0, 0, 0, 0.47, -0.5], frames: Self.frames, recalled: recalled)[0] == 6)
        #expect(rule.order([0.5, 0, 0, 0, 0, 0, 0.40, -0.5], frames: Self.frames, recalled: recalled)[0] == 0)
        #expect(rule.order([0.5, 0, 0, 0, 0, 0, 0.47, -0.5], frames: Self.frames, recalled: [])[0] == 0)
    }

    @Test func `a locked episode stays with its first demonstration and never goes back`() {
        let rule = RetrievalRule { $0.locksEpisode = true }
        let recalled = [FrameReference(demonstration: 1, frame: 0), FrameReference(demonstration: 1, frame: 2)]
        #expect(rule.order([1, 1, 1, 1, 0.9, 0.9, 0.1, 0.2], frames: Self.frames, recalled: recalled) == [7, 6])
        #expect(rule.order([1, 1, 1, 1, 0, 0, 0, 0], frames: Self.frames, recalled: [])[0] == 0)
    }

    @Test func `the softmax weighs by exp of the negative distance`() {
        let weights = RetrievalRule.softmax([1, 2, 1])
        let e = 1 / (2 + 0.36787944117144233)
        #expect(abs(weights[0] - e) < 1e-7 && abs(weights[1] - 0.36787944117144233 * e) < 1e-7 && weights[2] == weights[0])
    }
}
