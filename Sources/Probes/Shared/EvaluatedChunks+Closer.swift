extension EvaluatedChunks {
    /// What the DCR share averages: 1 where the training set is nearer than the reference, 0.5 at a tie, 0 otherwise;
    /// empty without a reference.
    var closerToTrain: [Double] { Self.closer(toTrain.distance, toReference?.distance ?? []) }

    /// 1 where `first` is smaller than `second`, 0.5 at a tie, 0 otherwise.
    static func closer(_ first: [Float], _ second: [Float]) -> [Double] {
        zip(first, second).map { $0 < $1 ? 1 : $0 == $1 ? 0.5 : 0 }
    }
}
