import Basics
import Demonstrations
import Foundation
import Safetensors
import Testing

@testable import Study

/// Answers read back from a file.
@Suite struct GeneratedFileTests {
    @Test func `answers of another shape are an error`() throws {
        let tiny = try TinyStudy(), settings = try ExperimentFile.load(tiny.experiment.path).settings
        let data = try StudyData(settings, sha256: "", progress: nil), catalogue = Catalogue(settings)
        let condition = QueryConditions(data: data, settings: settings, files: PictureFiles()).recorded()[1]
        let file = GeneratedFile(condition: condition, data: data), count = condition.frames.count
        func read(_ name: String, _ shape: [Int], _ value: Float = 0) throws {
            let content = try Safetensors.encode(
                [(name, Tensor(shape: shape, values: [Float](repeating: value, count: shape.reduce(1, *))))], metadata: [:])
            _ = try file.read(content, from: "generated", catalogue)
        }
        try read("diffusion_ddpm.actions", [count, 2, data.layout.horizon, data.set.actionDimension])
        for shape in [[], [count], [count, 2], [count + 1, 2, data.layout.horizon, data.set.actionDimension], [count, 2, 3, 4]] {
            #expect(throws: Failure.self, "\(shape)") { try read("diffusion_ddpm.actions", shape) }
        }
        #expect(throws: Failure.self) { try read("stranger.actions", [count, 2, data.layout.horizon, data.set.actionDimension]) }
    }
}
