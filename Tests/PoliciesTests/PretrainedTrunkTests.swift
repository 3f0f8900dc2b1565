import Basics
import Compute
import Networks
import Safetensors
import Testing
import TestSupport

@testable import Policies

@Suite struct PretrainedTrunkTests {
    private static let backbone = ImageEncoder.backbone("camera")

    private static func golden() throws -> SafetensorsFile { try Safetensors.read(SharedData.fixture("goldens/pretrained_trunk.safetensors")) }

    /// The golden's state dict as a file of its own.
    private static func write(_ golden: SafetensorsFile, _ change: (inout [String: Tensor]) -> Void = { _ in }) throws -> String {
        let path = try SharedData.temporaryFolder() + "/resnet18.safetensors"
        var state = Dictionary(uniqueKeysWithValues: golden.names.filter { $0.hasPrefix("state/") }.map { ($0.replacing("state/", with: ""), golden.tensors[$0]!) })
        change(&state)
        try Safetensors.write(state.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, metadata: [:], to: path)
        return path
    }

    /// At the golden's widths.
    private static func network() -> (store: ParameterStore, encoder: ImageEncoder) {
        let store = ParameterStore()
        var configuration = ImageEncoderConfiguration.imageNet(features: 6)
        configuration.channels = [4, 8, 12, 16]
        return (store, ImageEncoder(store, "camera", configuration))
    }

    private func refusal(_ change: (inout [String: Tensor]) -> Void) throws -> Failure? {
        let path = try Self.write(Self.golden(), change), (store, _) = Self.network()
        return #expect(throws: Failure.self) {
            let trunk = try PretrainedTrunk(SafetensorsIndex(path), of: store, backbone: Self.backbone)
            try trunk.load(into: store.makeBuffer(), of: store, backbone: Self.backbone)
        }
    }

    @Test func `what torchvision's network at inference makes of an image comes out with its BatchNorms folded`() throws {
        let golden = try Self.golden(), (store, encoder) = Self.network(), parameters = store.makeInitialized(Seed(3))
        let trunk = try PretrainedTrunk(SafetensorsIndex(Self.write(golden)), of: store, backbone: Self.backbone)
        try trunk.load(into: parameters, of: store, backbone: Self.backbone)
        for name in ["weight", "bias"] {
            let parameter = try #require(store.parameters.first { $0.name == "camera.nets.3.\(name)" })
            store.set(parameter, to: try golden.tensor("projection.\(name)").values, in: parameters)
        }
        let graph = Graph(), image = graph.input([2, 40, 44, 3]), features = encoder(image)
        let run = PlanRunner(graph.plan(for: .inference), poisoned: true), x = try golden.tensor("x")
        run.set(image, ChannelsLast.values(x.values, shape: x.shape))
        run.forward(Weights(store, parameters: parameters, forTraining: false))
        let single = try #require(golden.metadata["float32_difference_outputs"].flatMap(Float.init))
        #expect(Difference.relative(run.array(features), try golden.tensor("output").values) <= 8 * single)
    }

    @Test func `only the backbone is set`() throws {
        let (store, _) = Self.network(), before = store.makeInitialized(Seed(3)), after = store.makeInitialized(Seed(3))
        let trunk = try PretrainedTrunk(SafetensorsIndex(Self.write(Self.golden())), of: store, backbone: Self.backbone)
        try trunk.load(into: after, of: store, backbone: Self.backbone)
        let same = zip(store.tensors(of: before), store.tensors(of: after)).filter { $0.tensor.values == $1.tensor.values }.map(\.0.name)
        #expect(same == ["camera.nets.3.weight", "camera.nets.3.bias"])
    }

    @Test func `counters of batches and ImageNet's classes may stand in the file`() throws {
        let path = try Self.write(Self.golden()) {
            $0["bn1.num_batches_tracked"] = Tensor(shape: [], values: [7])
            ($0["fc.weight"], $0["fc.bias"]) = (Tensor(shape: [10, 16], values: .init(repeating: 0, count: 160)), Tensor(shape: [10], values: .init(repeating: 0, count: 10)))
        }
        _ = try PretrainedTrunk(SafetensorsIndex(path), of: Self.network().store, backbone: Self.backbone)
    }

    @Test func `a missing, misshapen, renamed or strange tensor, and a variance below 0, are refused by name`() throws {
        func text(_ change: (inout [String: Tensor]) -> Void) throws -> String { "\(try #require(try refusal(change)))" }
        let missing = try text { $0["layer2.0.downsample.1.running_mean"] = nil }
        #expect(missing.contains("layer2.0.downsample.1.running_mean") && missing.contains("missing"))
        let misshapen = try text { $0["layer1.1.bn2.weight"] = Tensor(shape: [5], values: .init(repeating: 1, count: 5)) }
        #expect(misshapen.contains("layer1.1.bn2.weight") && misshapen.contains("[4]") && misshapen.contains("[5]"))
        let renamed = try text { ($0["conv1.weights"], $0["conv1.weight"]) = ($0["conv1.weight"], nil) }
        #expect(renamed.contains("conv1.weight") && renamed.contains("the nearest is conv1.weights"))
        let strange = try text { $0["layer3.2.conv1.weight"] = $0["layer3.1.conv1.weight"] }
        #expect(strange.contains("layer3.2.conv1.weight") && strange.contains("belongs to nothing") && strange.contains("torchvision.models.resnet18"))
        let negative = try text { $0["bn1.running_var"] = Tensor(shape: [4], values: [1, -1, 1, 1]) }
        #expect(negative.contains("bn1.running_var") && negative.contains("-1"))
    }

    @Test func `a file of other widths than ImageNet's network is refused`() throws {
        let path = try Self.write(Self.golden())
        let failure = #expect(throws: Failure.self) { _ = try PretrainedTrunk(path) }
        #expect("\(try #require(failure))".contains("[64, 3, 7, 7]"))
    }
}
