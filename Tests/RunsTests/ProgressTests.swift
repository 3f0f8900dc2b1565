import Synchronization
import Testing

@testable import Runs

@Suite struct ProgressTests {
    private final class Screen: Sendable {
        private let state = Mutex((text: "", time: 0.0))
        var text: String { state.withLock { $0.text } }
        var time: Double { state.withLock { $0.time } }
        func add(_ more: String) { state.withLock { $0.text += more } }
        func wait(_ seconds: Double) { state.withLock { $0.time += seconds } }

        func meter(isTerminal: Bool, isQuiet: Bool = false, width: Int = 80, from: Int = 0) -> ProgressMeter {
            let console = Console(isTerminal: isTerminal, isQuiet: isQuiet, width: width) { self.add($0) }
            return ProgressReporter(console, now: { self.time }).start("train", total: 100, from: from)
        }
    }

    @Test func `without a terminal a plain line comes after 2 seconds and then every 30`() {
        let screen = Screen(), meter = screen.meter(isTerminal: false)
        for second in 1...70 {
            screen.wait(1)
            meter.update(second, detail: "loss 0.5")
        }
        meter.finish()
        #expect(screen.text == "train: 2/100  2 %  ETA 1 min 38 s  loss 0.5\ntrain: 32/100  32 %  ETA 1 min 8 s  loss 0.5\ntrain: 62/100  62 %  ETA 38 s  loss 0.5\n")
    }

    @Test func `the time left of a resumed stage counts only what this process did`() {
        let screen = Screen(), meter = screen.meter(isTerminal: false, from: 90)
        screen.wait(10)
        meter.update(95)
        #expect(screen.text == "train: 95/100  95 %  ETA 10 s\n")
    }

    @Test func `on a terminal a bar is redrawn in place, fits the width and is removed`() {
        let screen = Screen(), meter = screen.meter(isTerminal: true, width: 50)
        screen.wait(1)
        meter.update(50)
        #expect(screen.text.hasPrefix("\r\u{1B}[Ktrain ["))
        #expect(screen.text.contains("50/100  50 %  ETA 1 s"))
        #expect(screen.text.count <= 50 + 4)
        meter.finish()
        #expect(screen.text.hasSuffix("\r\u{1B}[K"))
    }

    @Test func `pieces of work done side by side move one meter`() {
        let screen = Screen(), console = Console(isTerminal: false) { screen.add($0) }
        ProgressReporter(console, now: { screen.time }).joint("train 2", total: 200) { reporter in
            let (first, second) = (reporter.start("a", total: 50), reporter.start("b", total: 150))
            screen.wait(1)
            first.update(20)
            screen.wait(9)
            second.update(30, detail: "loss 1")
            first.update(50)
            first.finish()
        }
        #expect(screen.text == "train 2: 50/200  25 %  ETA 30 s  b  loss 1\n")
    }

    @Test func `what an earlier process did of pieces side by side is not in the rate of this one`() {
        let screen = Screen(), console = Console(isTerminal: false) { screen.add($0) }
        ProgressReporter(console, now: { screen.time }).joint("train 2", total: 200) { reporter in
            let (first, second) = (reporter.start("a", total: 50, from: 40), reporter.start("b", total: 150, from: 100))
            first.update(45)
            screen.wait(10)
            second.update(105, detail: "loss 2")
        }
        #expect(screen.text == "train 2: 150/200  75 %  ETA 50 s  b  loss 2\n")
    }

    @Test func `work of unknown size shows a count and no share`() {
        let state = ProgressText(label: "loading", done: 4, total: 0, first: 0, seconds: 3, detail: "")
        #expect(state.line == "loading: 4" && state.bar(width: 80) == "loading: 4")
    }

    @Test func `whoever watches is told every two seconds, also of work that shows nothing`() {
        let time = Mutex(0.0), told = Mutex<[String]>([])
        let reporter = ProgressReporter(
            Console(isTerminal: false, isQuiet: true) { _ in }, now: { time.withLock { $0 } },
            watch: { work, done, total in told.withLock { $0.append("\(work) \(done)/\(total)") } })
        let meter = reporter.start("training", total: 10)
        for step in 1...7 {
            time.withLock { $0 += 1 }
            meter.update(step)
        }
        reporter.joint("all", total: 20) { reporter in
            let piece = reporter.start("one", total: 10)
            time.withLock { $0 += 2 }
            piece.update(5)
        }
        #expect(told.withLock { $0 } == ["training 2/10", "training 4/10", "training 6/10", "all 5/20"])
    }

    @Test func `quiet shows nothing`() {
        let screen = Screen(), meter = screen.meter(isTerminal: false, isQuiet: true)
        screen.wait(60)
        meter.update(50)
        #expect(screen.text.isEmpty)
    }

    @Test func `a terminal called dumb is none, and NO_COLOR turns colour off`() {
        #expect(!Console.standardError(quiet: false, environment: ["TERM": "dumb"]).isTerminal)
        #expect(!Console.standardError(quiet: false, environment: ["TERM": "xterm", "NO_COLOR": "1"]).usesColour)
    }
}
