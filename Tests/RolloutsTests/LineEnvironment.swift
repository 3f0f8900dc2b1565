import Basics
import Demonstrations
import Policies
import Rollouts
import Synchronization

/// A point on a line that moves by its action; done when it has come to 1. The start is drawn from the seed.
struct LineEnvironment: Environment {
    let task = "line"
    /// Every observation that was asked for: (episode, step).
    let looks = Looks()

    final class Looks: Sendable {
        private let state = Mutex<[[Int]]>([])
        func add(_ episode: Int, _ step: Int) { state.withLock { $0.append([episode, step]) } }
        var all: [[Int]] { state.withLock { $0 } }
    }

    func begin(_ seeds: [Seed], pool: WorkerPool) -> any EpisodeBatch {
        Batch(looks: looks, positions: seeds.map {
            var source = RandomSource($0)
            return source.uniform(0, 0.2)
        })
    }

    private struct Batch: EpisodeBatch {
        let looks: Looks
        var positions: [Double]
        var steps: [Int]

        init(looks: Looks, positions: [Double]) {
            self.looks = looks
            self.positions = positions
            steps = positions.map { _ in 0 }
        }

        mutating func observe(_ episodes: [Int]) -> [Frame] {
            episodes.map {
                looks.add($0, steps[$0])
                return Frame(images: [], lowDim: [Float(positions[$0]), Float(steps[$0])])
            }
        }

        mutating func step(_ episodes: [Int], actions: [[Float]]) {
            for (episode, action) in zip(episodes, actions) {
                positions[episode] += Double(action[0])
                steps[episode] += 1
            }
        }

        func standing(_ episode: Int) -> EpisodeStanding {
            EpisodeStanding(
                isSuccess: positions[episode] >= 1, progress: min(1, max(0, positions[episode])), state: [positions[episode]])
        }
    }
}

/// Answers by a function of one observation; writes down what it was asked.
struct ScriptedPolicy: Policy {
    let isStochastic = false
    let asked = Asked()
    let answer: @Sendable (Observation, Seed) -> [Float]

    final class Asked: Sendable {
        private let state = Mutex<[Observation]>([])
        func add(_ more: [Observation]) { state.withLock { $0 += more } }
        var all: [Observation] { state.withLock { $0 } }
    }

    func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) -> [[Prediction]] {
        asked.add(observations)
        return zip(observations, seeds).map { [Prediction(actions: answer($0, $1))] }
    }
}
