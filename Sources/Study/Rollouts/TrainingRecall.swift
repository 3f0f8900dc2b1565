import Basics
import Demonstrations
import Probes

/// Which training sequence is nearest to what a policy answers: what it recalled, if it recalls.
struct TrainingRecall: Sendable {
    private let data: StudyData
    private let metric: ChunkMetric
    private let train: ScaledChunks
    private let pool: WorkerPool

    init(_ data: StudyData, pool: WorkerPool) throws {
        self.data = data
        self.pool = pool
        let chunks = StudyChunks(data).chunks(of: data.train)
        metric = try ChunkMetric.fit(chunks)
        train = metric.scaled(chunks)
    }

    /// - Parameter actions: of each answer, [T, A] in raw units
    /// - Returns: the current frame of the nearest training window
    func frames(of actions: [[Float]]) -> [FrameReference] {
        let values = actions.flatMap { data.normalizer.normalizeActions($0) }
        // Where an answer was given has no part in how near it is.
        let frames = actions.map { _ in FrameReference(demonstration: data.split.train[0], frame: 0) }
        let nearest = NearestChunks(of: metric.scaled(StudyChunks(data).chunks(values: values, at: frames)), in: train, pool: pool)
        return nearest.index.map { data.layout.currentFrame(of: data.train[$0]) }
    }
}
