import Basics
import Demonstrations
import Foundation
import Policies
import Safetensors
import TestSupport
import Testing

@Suite struct NormalizerTensorsTests {
    @Test func `a model file gives back the normalizer, under diffusion_policy's names`() throws {
        let normalizer = TinyDemonstrations().normalizer
        let folder = try SharedData.temporaryFolder()
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: folder) } }
        try Safetensors.write(normalizer.tensors, metadata: [:], to: folder + "/model.safetensors")
        let file = try Safetensors.read(folder + "/model.safetensors")
        #expect(file.names.contains("normalizer.params_dict.action.scale"))
        #expect(try Normalizer(tensors: file) == normalizer)
        try Safetensors.write(Array(normalizer.tensors.dropLast()), metadata: [:], to: folder + "/model.safetensors")
        #expect(throws: Failure.self) { try Normalizer(tensors: Safetensors.read(folder + "/model.safetensors")) }
    }
}
