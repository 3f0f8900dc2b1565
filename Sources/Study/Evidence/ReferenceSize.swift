import Basics
import Networks
import Policies
import Probes

/// The policies that the claim about cost compares, at the size of their published code and untrained, since time and memory do
/// not depend on the weights: diffusion_policy's ResNet-18 encoders and U-Net, and tables with a ResNet-18 as their encoder or
/// with the study's. Pictures, windows and the table's rows are the study's.
struct ReferenceSize {
    private let maker: PolicyMaker

    static let encoder = ImageEncoderConfiguration {
        $0.variant = .resnet18
        $0.channels = [64, 128, 256, 512]
    }
    static let unet = UnetConfiguration { $0.downDims = [512, 1024, 2048] }
    /// Timed queries of the diffusion policy, which takes seconds for one.
    private static let diffusionQueries = 3
    fileprivate static let compactTable = PolicyID("alt_compact", .lookup, "ALT, the study's encoder")

    init(_ maker: PolicyMaker) { self.maker = maker }

    /// Policies are made one after the other, so that the large weights are in memory once.
    /// - Parameter measure: is given the most queries worth timing.
    /// - Returns: Nothing without cameras.
    func costs(_ measure: (any CountedPolicy, PolicyID, _ most: Int) throws -> CostMeasurement) throws -> [CostMeasurement] {
        guard try maker.hasCameras() else { return [] }
        let makers: [(id: PolicyID, most: Int, make: () throws -> any CountedPolicy)] = [
            (Catalogue.subject, Self.diffusionQueries, { try diffusion(.ddpm) }), (Catalogue.sampler, Self.diffusionQueries, { try diffusion(.ddim) }),
            (Catalogue.table, .max, { try maker.table(EmbeddingKey(embedding())) }),
            (Self.compactTable, .max, { try maker.table(EmbeddingKey(maker.untrainedEmbedding())) }),
        ]
        let meter = maker.run.progress.start("timing the published size", total: makers.count)
        defer { meter.finish() }
        return try makers.enumerated().map { index, own in
            try maker.run.interruption.check()
            meter.update(index, detail: own.id.name)
            return try measure(own.make(), own.id, own.most)
        }
    }

    private var seed: Seed { maker.study.settings.root / "reference size" }

    private func diffusion(_ kind: DenoisingProcess.Kind) throws -> DiffusionPolicy {
        let data = try maker.data(), noise = NoiseConfiguration()
        var configuration = maker.study.settings.diffusionNetwork(data.set)
        (configuration.encoder, configuration.unet) = (Self.encoder, Self.unet)
        let network = DiffusionNetwork(configuration)
        return DiffusionPolicy(
            network: network, parameters: network.store.makeInitialized(seed / "diffusion"), normalizer: data.normalizer,
            process: DenoisingProcess(kind, schedule: noise.schedule, steps: SamplerConfiguration().steps(kind), clipsPrediction: noise.clip),
            pool: maker.study.pool)
    }

    private func embedding() throws -> ObservationEmbedding {
        var configuration = maker.study.settings.contrastiveNetwork(try maker.data().set)
        configuration.encoder.trunk = .imagenet
        let network = ContrastiveEncoder(configuration)
        return ObservationEmbedding(network, parameters: network.store.makeInitialized(seed / "table"), pool: maker.study.pool)
    }
}

extension Catalogue {
    /// Everything that may stand as a policy in a table: those of the study, and what is timed alone.
    var named: [PolicyID] { policies + [ReferenceSize.compactTable] }
}
