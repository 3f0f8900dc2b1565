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
    let run: RunContext
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
            let path = GeneratedFile.path(condition.condition)
            return try GeneratedFile(condition: condition, data: data).read(run.output(path, of: StageName.query), from: path, catalogue)
                .filter { Self.roles.contains($0.policy.role) }
                .map { ("\(condition.condition)_\($0.policy)", sheet($0, condition, metric, scaledTrain, train)) }
        }
    }

    private func sheet(
        _ generated: GeneratedChunks, _ condition: QueryCondition, _ metric: ChunkMetric, _ scaledTrain: ScaledChunks,
        _ train: Chunks
    ) -> RGBImage {
        let scaled = metric.scaled(generated.chunks), width = train.width, names = data.names
        let first = generated.sample.indices.filter { generated.sample[$0] == 0 }
        let chosen = (0..<min(Self.rowsPerSheet, first.count)).map { first[$0 * first.count / min(Self.rowsPerSheet, first.count)] }
        let rows = chosen.map { row in
            // What a lookup says it matched; else the training sequence nearest to the generated one.
            let distances = (0..<scaledTrain.count).map { scaled.distance(row, to: $0, of: scaledTrain) }
            let nearest = generated.match[row]?.trainChunk ?? distances.indices.min { distances[$0] < distances[$1] } ?? 0
            let frame = data.layout.currentFrame(of: data.train[nearest])
            let source = condition.frames[generated.observation[row]]
            var labels = [
                "pose: \(names[source.demonstration].name) frame \(source.frame)",
                "recalled: \(names[frame.demonstration].name) frame \(frame.frame)", "d1 \(SignificantDigits.shortened(Double(distances[nearest])))",
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

/// One action dimension over time: the generated sequence over the nearest training sequence, in [-1, 1].
struct ActionPanel {
    static let generatedColour = RGBColor(213, 94, 0)
    static let nearestColour = RGBColor(0, 114, 178)
    /// Shown beyond [-1, 1], so that values at the ends do not lie on the frame.
    private static let limit: Float = 1.15

    let generated: [Float]
    let nearest: [Float]

    func draw(on sheet: inout RGBImage, x: Int, y: Int, width: Int, height: Int) {
        sheet.fillRectangle(x: x, y: y, width: width, height: height, color: RGBColor(247, 247, 247))
        for level in [Float(-1), 0, 1] {
            let row = y + pixel(level, height)
            let colour = level == 0 ? RGBColor(190, 190, 190) : RGBColor(222, 222, 222)
            sheet.drawLine(from: (x, row), to: (x + width - 1, row), color: colour)
        }
        sheet.drawRectangle(x: x, y: y, width: width, height: height, color: RGBColor(160, 160, 160))
        // The nearest sequence is thick and below, so that equal sequences show as a line with a core.
        trace(nearest, Self.nearestColour, thickness: 4, on: &sheet, x: x, y: y, width: width, height: height)
        trace(generated, Self.generatedColour, thickness: 2, on: &sheet, x: x, y: y, width: width, height: height)
    }

    private func trace(
        _ values: [Float], _ colour: RGBColor, thickness: Int, on sheet: inout RGBImage, x: Int, y: Int, width: Int, height: Int
    ) {
        let inset = 4
        func point(_ i: Int) -> (x: Int, y: Int) {
            (x + inset + i * (width - 2 * inset - 1) / max(1, values.count - 1), y + pixel(values[i], height))
        }
        for i in values.indices.dropLast() { sheet.drawLine(from: point(i), to: point(i + 1), color: colour, thickness: thickness) }
    }

    /// Row of a value inside a panel; values beyond the limit lie on the edge.
    private func pixel(_ value: Float, _ height: Int) -> Int {
        let clipped = value.isFinite ? min(max(value, -Self.limit), Self.limit) : 0
        return Int(((Self.limit - clipped) / (2 * Self.limit) * Float(height - 1)).rounded())
    }
}
