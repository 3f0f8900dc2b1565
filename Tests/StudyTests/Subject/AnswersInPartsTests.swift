import Basics
import Demonstrations
import Policies
import Runs
import Synchronization
import Testing
import TestSupport

@testable import Study

/// A slow policy is asked piece by piece, and goes on where it was stopped.
@Suite struct AnswersInPartsTests {
    /// Answers its low-dim value, and counts; asks for a stop at one of its questions.
    private final class Slow: Policy {
        let isStochastic = true
        let asked = Mutex<[Float]>([])
        let stop: (at: Int, Interruption)?

        init(stop: (at: Int, Interruption)? = nil) { self.stop = stop }

        func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
            let count = asked.withLock { asked in
                asked += observations.map { $0.lowDim[0][0] }
                return asked.count
            }
            if let stop, count >= stop.at { stop.1.request() }
            return zip(observations, seeds).map { observation, seed in
                (0..<samples).map { Prediction(actions: [observation.lowDim[0][0], Float(seed.value % 1000), Float($0)]) }
            }
        }
    }

    private let observations = (0..<10).map { Observation(images: [[]], lowDim: [[Float($0)]], source: nil) }
    private let seeds = (0..<10).map { Seed(UInt64(100 + $0)) }

    private func parts(_ folder: String, _ interruption: Interruption = Interruption()) -> AnswersInParts {
        let configuration = RunConfiguration(experiment: "slow", hash: "0", dataHash: "0", seed: 0, yaml: "", overrides: [])
        let run = RunContext.looking(
            at: configuration, in: folder, program: .undisclosed, console: Console(isTerminal: false, isQuiet: true) { _ in }, interruption: interruption)
        return AnswersInParts(folder: folder, run: run, piece: 3)
    }

    @Test func `a stop keeps what was answered, and nothing is asked twice`() throws {
        let folder = try SharedData.temporaryFolder(), interruption = Interruption(), first = Slow(stop: (at: 6, interruption)), second = Slow()
        let whole = try Slow().predict(observations, samples: 2, seeds: seeds)
        let failure = try #require(throws: Failure.self) {
            try parts(folder, interruption).predictions(first, observations, samples: 2, seeds: seeds, title: "asking")
        }
        #expect(failure.kind == .interrupted && first.asked.withLock { $0.count } == 6)
        #expect(try parts(folder).predictions(second, observations, samples: 2, seeds: seeds, title: "asking") == whole)
        #expect(second.asked.withLock { $0 } == [6, 7, 8, 9])
        #expect(try FileSystem.list(folder).isEmpty)
    }

    @Test func `what is damaged, or of other samples, is asked about again`() throws {
        let folder = try SharedData.temporaryFolder()
        for content in ["no safetensors", ""] {
            try AtomicFile.write(content, to: folder + "/answers.part.safetensors")
            let policy = Slow()
            #expect(try parts(folder).predictions(policy, observations, samples: 1, seeds: seeds, title: "asking").count == 10)
            #expect(policy.asked.withLock { $0.count } == 10)
        }
    }
}
