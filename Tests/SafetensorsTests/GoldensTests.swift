import Safetensors
import TestSupport
import Testing

/// The goldens other tests compare with are complete and come in the shapes those tests rely on.
@Suite struct GoldensTests {
    @Test(arguments: ["unet", "image_encoder", "resnet_encoder", "policy", "contrastive_encoder"])
    func `a network's golden has a gradient of the same shape for every parameter`(_ name: String) throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/\(name).safetensors"))
        let parameters = file.names.filter { $0.hasPrefix("parameters/") }
        #expect(!parameters.isEmpty)
        for parameter in parameters {
            let gradient = parameter.replacing("parameters/", with: "gradients/", maxReplacements: 1)
            _ = try file.tensor(gradient, shape: file.tensor(parameter).shape)
        }
        #expect(file.metadata["torch"] != nil)
        #expect(try file.tensor("loss").shape == [])
    }

    @Test func `every operation's golden has a gradient for every input`() throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/operations.safetensors"))
        let cases = Set(file.names.compactMap { $0.split(separator: "/").first.map(String.init) })
        #expect(cases.count == 49)
        for name in cases where name != "step_embedding" {
            let output = try file.tensor(name + "/output").shape
            _ = try file.tensor(name + "/upstream", shape: output)
            let inputs = file.names.filter {
                $0.hasPrefix(name + "/") && !$0.hasSuffix(".gradient") && !$0.hasSuffix("/output") && !$0.hasSuffix("/upstream")
            }
            #expect(!inputs.isEmpty)
            for input in inputs { _ = try file.tensor(input + ".gradient", shape: file.tensor(input).shape) }
        }
    }
}
