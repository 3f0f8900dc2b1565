import Basics
import Demonstrations
import Images
import Plots
import Probes
import Runs

/// Contact sheets: for one policy and condition, query images beside the training images it recalled, with the generated, the
/// recalled and the demonstrator's action sequence over time.
struct StudySheets {
    let data: StudyData
    let conditions: [QueryCondition]
    let run: RunContext
    let catalogue: Catalogue
    private static let rowsPerSheet = 8
    private static let roles: [PolicyRole] = [.subject, .table]
    /// Robosuite's operational-space control of one arm: position, axis-angle, gripper.
    private static let armActions = ["dx", "dy", "dz", "rx", "ry", "rz", "grip"]

    /// - Returns: a sheet for every policy drawn and condition answered.
    func all() throws -> [SequenceSheet] {
        guard !data.set.cameras.isEmpty else { return [] }
        let train = StudyChunks(data).chunks(of: data.train)
        let metric = try ChunkMetric.fit(train)
        let scaledTrain = metric.scaled(train)
        return try conditions.flatMap { condition in
            let path = GeneratedFile.path(condition.condition)
            return try GeneratedFile(condition: condition, data: data).read(run.output(path, of: StageName.query), from: path, catalogue)
                .filter { Self.roles.contains($0.policy.role) }
                .map { try sheet($0, condition, metric, scaledTrain, train) }
        }
    }

    private func sheet(
        _ generated: GeneratedChunks, _ condition: QueryCondition, _ metric: ChunkMetric, _ scaledTrain: ScaledChunks,
        _ train: Chunks
    ) throws -> SequenceSheet {
        let scaled = metric.scaled(generated.chunks), width = train.width, names = data.names
        let first = generated.sample.indices.filter { generated.sample[$0] == 0 }, count = min(Self.rowsPerSheet, first.count)
        var tiles: [[RGBImage]] = []
        let rows = (0..<count).map { first[$0 * first.count / count] }.map { row in
            // What a lookup says it matched; else the training sequence nearest to the generated one.
            let distances = (0..<scaledTrain.count).map { scaled.distance(row, to: $0, of: scaledTrain) }
            let nearest = generated.match[row]?.trainChunk ?? distances.indices.min { distances[$0] < distances[$1] } ?? 0
            let frame = data.layout.currentFrame(of: data.train[nearest]), source = condition.frames[generated.observation[row]]
            var labels = [
                "pose \(names[source.demonstration].name) : \(source.frame)", "recalled \(names[frame.demonstration].name) : \(frame.frame)",
                "d1 \(SignificantDigits.shortened(Double(distances[nearest]), digits: 3)) s.d.",
            ]
            if let match = generated.match[row] {
                labels.append("similarity \(SignificantDigits.shortened(Double(match.similarity), digits: 3))\(match.flag ? ", flag" : "")")
            }
            let images = condition.observations[generated.observation[row]].images
            tiles.append(images[images.count - 1] + data.set.cameras.indices.map { data.set.image(frame, camera: $0) })
            return SequenceSheet.Row(
                labels: labels, generated: Array(generated.chunks.values[row * width..<(row + 1) * width]),
                recalled: Array(train.values[nearest * width..<(nearest + 1) * width]),
                demonstrated: StudyChunks(data).chunks(at: [source]).values)
        }
        return SequenceSheet(
            name: "\(condition.condition)_\(generated.policy)", title: "\(generated.policy.label), \(condition.condition.label)",
            dimensions: train.actionDimension == Self.armActions.count ? Self.armActions : (0..<train.actionDimension).map { "action \($0)" },
            rows: rows, tiles: try PictureTiles(tiles, columnGap: SequenceSheet.columnGap, rowGap: SequenceSheet.rowGap),
            queryTiles: data.set.cameras.count,
            recalledLabel: generated.policy.role == .table ? "recalled training sequence" : "nearest training sequence")
    }
}
