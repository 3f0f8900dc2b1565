import Demonstrations
import TestSupport

/// The files of Tests/Fixtures/make_hdf5_variants.py, and the formulas of their values.
enum VariantFile {
    static let lengths = [5, 7, 4]

    static func path(_ name: String) -> String { SharedData.fixture("hdf5/\(name).hdf5") }

    static func load(_ name: String, _ change: (inout DatasetSelection) -> Void = { _ in }) throws -> DemonstrationSet {
        var selection = DatasetSelection(path: path(name))
        change(&selection)
        return try RobomimicFile.load(selection)
    }

    static func actions(_ demonstration: Int) -> [Float] {
        var rows: [Float] = []
        for step in 0..<lengths[demonstration % 3] {
            for column in 0..<3 { rows.append(Float(step - 2 * column + demonstration) / 16) }
        }
        return rows
    }

    /// Rows of `robot0_eef_pos`, `robot0_eef_quat`, `robot0_gripper_qpos` side by side.
    static func lowDim(_ demonstration: Int) -> [Float] {
        var rows: [Float] = []
        for step in 0..<lengths[demonstration % 3] {
            for (key, width) in [3, 4, 2].enumerated() {
                for column in 0..<width {
                    rows.append(Float(demonstration + key) + Float(step) / 4 + Float(column) / 8)
                }
            }
        }
        return rows
    }

    /// One frame, [height, width, 3].
    static func frame(_ demonstration: Int, _ step: Int, camera: Int, height: Int, width: Int) -> [UInt8] {
        let start = 50 * demonstration + 11 * step + 5 * camera
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<3 { pixels.append(UInt8((start + 7 * y + 3 * x + 29 * channel) % 256)) }
            }
        }
        return pixels
    }

    /// The episode of `contiguous.hdf5` as a recorder would hand it over.
    static func recorded(_ demonstration: Int) -> RecordedEpisode {
        let length = lengths[demonstration % 3]
        let rows = lowDim(demonstration).map(Double.init)
        func columns(_ range: Range<Int>) -> [Double] {
            (0..<length).flatMap { step in rows[(step * 9 + range.lowerBound)..<(step * 9 + range.upperBound)] }
        }
        func pixels(_ camera: Int, _ height: Int, _ width: Int) -> [UInt8] {
            (0..<length).flatMap { frame(demonstration, $0, camera: camera, height: height, width: width) }
        }
        return RecordedEpisode(
            length: length, actionDimension: 3, actions: actions(demonstration).map(Double.init), stateDimension: 2,
            states: [Double](repeating: 0, count: length * 2), rewards: [Double](repeating: 0, count: length),
            dones: [Int64](repeating: 0, count: length),
            lowDim: [
                "robot0_eef_pos": .init(width: 3, values: columns(0..<3)),
                "robot0_eef_quat": .init(width: 4, values: columns(3..<7)),
                "robot0_gripper_qpos": .init(width: 2, values: columns(7..<9)),
            ],
            cameras: [
                "agentview_image": .init(height: 4, width: 5, pixels: pixels(0, 4, 5)),
                "wrist_image": .init(height: 3, width: 2, pixels: pixels(1, 3, 2)),
            ])
    }
}
