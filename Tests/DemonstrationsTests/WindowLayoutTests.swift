import Demonstrations
import Testing

@Suite struct WindowLayoutTests {
    let layout = WindowLayout()
    let set = MemorySet.make(lengths: [20, 9, 8, 1])

    @Test func `an episode of L steps has L - 7 windows, from one step before it to seven after it`() {
        let windows = layout.windows(in: set, demonstrations: [0])
        #expect(windows.count == 13)
        #expect(windows.first == Window(demonstration: 0, start: -1))
        #expect(windows.last == Window(demonstration: 0, start: 20 - 16 + 7))
        #expect(layout.windows(in: set, demonstrations: [1]).map(\.start) == [-1, 0])
        #expect(layout.windows(in: set, demonstrations: [2]).map(\.start) == [-1])
        #expect(layout.windows(in: set, demonstrations: [3]).isEmpty)
    }

    @Test func `windows come in the order of the named demonstrations`() {
        let windows = layout.windows(in: set, demonstrations: [1, 0])
        #expect(windows.count == 15)
        #expect(windows.map(\.demonstration) == [1, 1] + [Int](repeating: 0, count: 13))
    }

    @Test func `the current frame is the last observed step, and back`() {
        for window in layout.windows(in: set, demonstrations: [0, 1]) {
            let frame = layout.currentFrame(of: window)
            #expect(frame.frame == window.start + 1)
            #expect((0..<set.episodes[window.demonstration].length).contains(frame.frame))
            #expect(layout.window(at: frame) == window)
        }
    }

    @Test func `actions outside the episode repeat its edges and never run into the next one`() {
        let early = layout.actions(of: Window(demonstration: 1, start: -1), in: set)
        #expect(early.count == 32)
        let firstColumn = stride(from: 0, to: 32, by: 2).map { early[$0] }
        #expect(firstColumn == [100, 100, 101, 102, 103, 104, 105, 106, 107, 108, 108, 108, 108, 108, 108, 108])
        #expect(early[3] == 100.1)
    }

    @Test func `valid steps are those inside the episode`() {
        #expect(layout.validSteps(of: Window(demonstration: 0, start: 2), in: set) == 0..<16)
        #expect(layout.validSteps(of: Window(demonstration: 0, start: -1), in: set) == 1..<16)
        #expect(layout.validSteps(of: Window(demonstration: 0, start: 11), in: set) == 0..<9)
        #expect(layout.validSteps(of: Window(demonstration: 1, start: -1), in: set) == 1..<10)
        #expect(layout.validSteps(of: Window(demonstration: 0, start: 40), in: set).isEmpty)
        #expect(layout.validSteps(of: Window(demonstration: 0, start: -40), in: set).isEmpty)
    }

    @Test func `the observation holds the last steps, the first frame repeated before the episode`() {
        let first = layout.observation(of: Window(demonstration: 1, start: -1), in: set)
        #expect(first.lowDim == [[1100], [1100]])
        #expect(first.source == FrameReference(demonstration: 1, frame: 0))
        #expect(layout.observation(of: Window(demonstration: 1, start: 3), in: set).lowDim == [[1103], [1104]])
        #expect(set.observation(FrameReference(demonstration: 0, frame: 1), steps: 4).lowDim == [[1000], [1000], [1000], [1001]])
    }

    @Test func `another layout pads by its own steps`() {
        let layout = WindowLayout(horizon: 4, observationSteps: 1, executedSteps: 4)
        #expect(layout.windows(in: set, demonstrations: [2]).map(\.start) == Array(0...7))
        #expect(layout.validSteps(of: Window(demonstration: 2, start: 7), in: set) == 0..<1)
    }
}
