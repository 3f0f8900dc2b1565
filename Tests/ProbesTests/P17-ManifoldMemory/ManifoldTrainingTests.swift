import Basics
import Compute
import Foundation
import Networks
import Synchronization
import Testing

@testable import Probes
@testable import Safetensors

@Suite struct ManifoldTrainingTests {
    /// Results and states in memory.
    private final class Memory: ManifoldStudy.Keeper {
        let results = Mutex<[ManifoldCell: ManifoldResult]>([:])
        let states = Mutex<[ManifoldCell: SafetensorsFile]>([:])

        func keep(_ cell: ManifoldCell, _ make: (any ManifoldStates) throws -> ManifoldResult) throws {
            let result = try make(States(memory: self, cell: cell))
            results.withLock { $0[cell] = result }
        }
    }

    private struct States: ManifoldStates {
        let memory: Memory
        let cell: ManifoldCell

        func saved() -> SafetensorsFile? { memory.states.withLock { $0[cell] } }
        func save(_ state: [(name: String, tensor: Tensor)]) {
            let file = SafetensorsFile(
                path: "memory", names: state.map(\.name),
                tensors: Dictionary(uniqueKeysWithValues: state.map { ($0.name, $0.tensor) }),
                bytes: [:], metadata: [:])
            memory.states.withLock { $0[cell] = file }
        }
    }

    private var tiny: ManifoldConfiguration {
        var configuration = ManifoldConfiguration()
        configuration.shapes = [.ellipse]
        configuration.points = [20]
        configuration.seeds = 1
        configuration.samples = 64
        configuration.large = .init(layers: 2, width: 40)
        configuration.batchSize = 32
        (configuration.authors.steps, configuration.authors.stepsFewPoints, configuration.corrected.steps) = (30, 30, 30)
        return configuration
    }

    @Test func `the networks have the published numbers of parameters`() {
        for (layers, width, count) in [(1, 24, 146), (10, 1024, 9_452_546)] {
            let size = ManifoldNetwork.Size(layers: layers, width: width)
            #expect(size.parameterCount == count)
            #expect(ManifoldNetwork(size).store.count == count)
        }
    }

    @Test func `the gradient is that of differences of the loss`() {
        let network = ManifoldNetwork(.init(layers: 2, width: 12))
        let trainer = ManifoldTrainer(
            network, .init(steps: 10, batchSize: 16, learningRate: 1e-3), process: ManifoldProtocol.authors.process,
            points: ManifoldShape.star.curve.draw(20, seed: Seed(0)), seed: Seed(5), pool: WorkerPool(workers: 1))
        let (_, gradient) = trainer.lossAndGradient()
        var source = RandomSource(Seed(6))
        for _ in 0..<20 {
            let index = source.index(below: network.store.count), step: Float = 1e-2
            let before = trainer.parameters.pointer[index]
            trainer.parameters.pointer[index] = before + step
            let above = trainer.lossAndGradient().loss
            trainer.parameters.pointer[index] = before - step
            let below = trainer.lossAndGradient().loss
            trainer.parameters.pointer[index] = before
            #expect(abs((above - below) / (2 * step) - gradient[index]) < 2e-3)
        }
    }

    @Test func `training lowers the loss below that of knowing nothing`() throws {
        let trainer = ManifoldTrainer(
            ManifoldNetwork(.init(layers: 2, width: 64)), .init(steps: 600, batchSize: 128, learningRate: 3e-3),
            process: ManifoldProtocol.corrected.process,
            points: ManifoldShape.ellipse.curve.draw(20, seed: Seed(0)), seed: Seed(5), pool: WorkerPool(workers: 1))
        while !trainer.isFinished { try trainer.advance() }
        // Predicting 0 costs 1.
        #expect(trainer.loss < 0.75)
    }

    @Test func `results are the same for one and two workers, shared and alone`() throws {
        var configuration = tiny
        let one = Memory(), two = Memory()
        try ManifoldStudy(configuration, root: Seed(1), pool: WorkerPool(workers: 1)).run(configuration.cells, keeper: one) { _, _ in }
        try ManifoldStudy(configuration, root: Seed(1), pool: WorkerPool(workers: 2)).run(configuration.cells, keeper: two) { _, _ in }
        #expect(one.results.withLock { $0 }.count == 10)
        #expect(one.results.withLock { $0 } == two.results.withLock { $0 })
        // More parameters than are run side by side, so that both threads work on the one network.
        configuration.large = .init(layers: 2, width: 1024)
        configuration.corrected.steps = 2
        let cell = ManifoldCell(model: .large, shape: .ellipse, points: 20, manner: .corrected, seed: 0)
        try ManifoldStudy(configuration, root: Seed(1), pool: WorkerPool(workers: 1)).run([cell], keeper: one) { _, _ in }
        try ManifoldStudy(configuration, root: Seed(1), pool: WorkerPool(workers: 2)).run([cell], keeper: two) { _, _ in }
        #expect(one.results.withLock { $0[cell] } == two.results.withLock { $0[cell] })
    }

    @Test func `a training that was stopped goes on to the same result`() throws {
        let configuration = tiny
        let cell = ManifoldCell(model: .large, shape: .ellipse, points: 20, manner: .authors, seed: 0)
        let study = ManifoldStudy(configuration, root: Seed(1), pool: WorkerPool(workers: 1))
        let whole = Memory(), stopped = Memory()
        try study.run([cell], keeper: whole) { _, _ in }
        #expect(throws: Failure.self) {
            try study.run([cell], keeper: stopped) { _, step in
                if step == 17 { throw Failure(.interrupted, "stopped") }
            }
        }
        #expect(stopped.results.withLock { $0 }.isEmpty)
        #expect(stopped.states.withLock { $0[cell]?.tensors["step"]?.values } == [17])
        try study.run([cell], keeper: stopped) { _, step in #expect(step >= 17 || step == 0) }
        #expect(stopped.results.withLock { $0[cell] } == whole.results.withLock { $0[cell] })
    }
}
