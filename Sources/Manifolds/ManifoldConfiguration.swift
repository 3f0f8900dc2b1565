/// Sizes and trainings of the study of manifolds.
public struct ManifoldConfiguration: Sendable, Equatable {
    public var shapes: [ManifoldShape]
    /// Numbers of training points.
    public var points: [Int]
    public var manners: [ManifoldProtocol]
    /// Trainings of every network, each with its own points.
    public var seeds: Int
    /// Points sampled from every model.
    public var samples: Int
    public var small: ManifoldNetwork.Size
    public var large: ManifoldNetwork.Size
    public var batchSize: Int
    /// Up to so many training points are few.
    public var fewPoints: Int
    /// The authors' optimiser steps and learning rate; for few points other steps and, for the large network, another rate.
    public var authorsSteps, authorsStepsFewPoints: Int
    public var authorsLearningRate, authorsLearningRateFewPoints: Double
    /// The same for every cell.
    public var correctedSteps: Int
    public var correctedLearningRate: Double
    /// Optimiser steps between saved states of a training under way.
    public var checkpointEvery: Int

    /// The authors' study: 10 layers of 1,024, batches of 4,096.
    public init() {
        shapes = ManifoldShape.allCases
        points = [20, 200, 2000, 100_000]
        manners = ManifoldProtocol.allCases
        seeds = 3
        samples = 1000
        small = .init(layers: 1, width: 24)
        large = .init(layers: 10, width: 1024)
        batchSize = 4096
        fewPoints = 1000
        (authorsSteps, authorsStepsFewPoints) = (2500, 5000)
        (authorsLearningRate, authorsLearningRateFewPoints) = (1e-3, 1e-4)
        correctedSteps = 4000
        correctedLearningRate = 1e-3
        checkpointEvery = 500
    }

    /// Every cell, all models of one set of training points together.
    public var cells: [ManifoldCell] {
        shapes.flatMap { shape in
            points.flatMap { points in
                (0..<seeds).flatMap { seed in
                    manners.flatMap { manner in
                        ManifoldCell.Model.allCases.map {
                            ManifoldCell(model: $0, shape: shape, points: points, manner: manner, seed: seed)
                        }
                    }
                }
            }
        }
    }

    /// Multiply-adds of a cell's training up to a step, or of all of it, in millions: what progress is counted in.
    public func work(_ cell: ManifoldCell, steps: Int? = nil) -> Int {
        guard let size = size(cell.model) else { return 1 }
        return max(1, (steps ?? training(cell).steps) * size.parameterCount / 1000 * batchSize / 1000)
    }

    func size(_ model: ManifoldCell.Model) -> ManifoldNetwork.Size? {
        switch model {
        case .small: small
        case .large: large
        case .exact, .truth, .square: nil
        }
    }

    func training(_ cell: ManifoldCell) -> ManifoldTraining {
        let isFew = cell.points <= fewPoints
        switch cell.manner {
        case .authors:
            return ManifoldTraining(
                steps: isFew ? authorsStepsFewPoints : authorsSteps, batchSize: batchSize,
                learningRate: isFew && cell.model == .large ? authorsLearningRateFewPoints : authorsLearningRate)
        case .corrected:
            return ManifoldTraining(steps: correctedSteps, batchSize: batchSize, learningRate: correctedLearningRate)
        }
    }
}
