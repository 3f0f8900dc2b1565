import Basics
import Demonstrations
import Images
import Probes
import Runs

/// Contact sheets: for one policy and condition, query images beside the training images it recalled, with the
/// generated and the nearest training action sequence overlaid.
struct StudySheets {
    let data: StudyData
    let conditions: [QueryCondition]
    let folder: RunFolder
    let catalogue: Catalogue
    static let rowsPerSheet = 8
    private static let roles: [PolicyRole] = [.subject, .table]
    /// Robosuite's operational-space control of one arm: position, axis-angle, gripper.
    private static let armActions = ["dx", "dy", "dz", "rx", "ry", "rz", "grip"]

    /// - Returns: name and sheet, for every policy drawn and condition answered.
    func all() throws -> [(name: String, sheet: RGBImage)] {
        guard !data.set.cameras.isEmpty else { return [] }
        let train = StudyChunks(data).chunks(of: data.train)
        let metric = try ChunkMetric.fit(train)
        let scaledTrain = metric.scaled(train)
        return try conditions.flatMap { condition in
            let path = folder.path(GeneratedFile.path(condition.condition))
            return try GeneratedFile(condition: condition, data: data).read(path, catalogue)
                .filter { Self.roles.contains($0.policy.role) }
                .map { ("\(condition.condition)_\($0.policy)", sheet($0, condition, metric, scaledTrain, train)) }
        }
    }

    private func sheet(
        _ generated: GeneratedChunks, _ condition: QueryCondition, _ metric: ChunkMetric, _ scaledTrain: ScaledChunks,
        _ train: Chunks
    ) -> RGBImage {
        let scaled = metric.scaled(generated.chunks), width = train.width
        let first = generated.sample.indices.filter { generated.sample[$0] == 0 }
        let chosen = (0..<min(Self.rowsPerSheet, first.count)).map { first[$0 * first.count / min(Self.rowsPerSheet, first.count)] }
        let rows = chosen.map { row in
            // What a lookup says it matched; else the training sequence nearest to the generated one.
            let distances = (0..<scaledTrain.count).map { scaled.distance(row, to: $0, of: scaledTrain) }
            let nearest = generated.match[row]?.trainChunk ?? distances.indices.min { distances[$0] < distances[$1] } ?? 0
            let frame = data.layout.currentFrame(of: data.train[nearest])
            let source = condition.frames[generated.observation[row]]
            var labels = [
                "pose: demo \(source.demonstration) frame \(source.frame)",
                "recalled: demo \(frame.demonstration) frame \(frame.frame)", "d1 \(SignificantDigits.shortened(Double(distances[nearest])))",
            ]
            if let match = generated.match[row] {
                labels.append("similarity \(SignificantDigits.shortened(Double(match.similarity)))")
                labels.append(match.flag ? "flagged" : "not flagged")
            }
            let images = condition.observations[generated.observation[row]].images
            return ContactSheet.Row(
                labels: labels, query: images[images.count - 1],
                recalled: data.set.cameras.indices.map { data.set.image(frame, camera: $0) },
                generated: Array(generated.chunks.values[row * width..<(row + 1) * width]),
                nearest: Array(train.values[nearest * width..<(nearest + 1) * width]))
        }
        return ContactSheet(
            title: "\(generated.policy), \(condition.condition)", actionDimension: train.actionDimension,
            actionNames: train.actionDimension == 7 ? Self.armActions : [], rows: rows
        ).draw()
    }
}
