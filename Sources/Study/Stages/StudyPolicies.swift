import Basics
import Compute
import Demonstrations
import Networks
import Policies
import Safetensors

/// The policies of a study, made from its checkpoints.
struct StudyPolicies {
    let data: StudyData
    let context: StudyContext
    let pool: WorkerPool

    init(_ data: StudyData, _ context: StudyContext) {
        self.data = data
        self.context = context
        pool = WorkerPool(workers: context.settings.workers)
    }

    /// The trained diffusion policy under a sampler: `diffusion_ddpm` or `diffusion_ddim`.
    func diffusion(_ kind: DiffusionSampler.Kind) throws -> (policy: DiffusionPolicy, parameters: Int) {
        let network = DiffusionNetwork(context.settings.diffusionNetwork(data.set))
        let parameters = network.store.makeBuffer()
        let path = context.runFolder.path("checkpoints/diffusion/last/model.safetensors")
        let file = try Safetensors.read(path)
        try network.store.load(
            file.tensors.filter { !$0.key.hasPrefix(Normalizer.tensorPrefix) }, into: parameters, from: path)
        let normalizer = try Normalizer(tensors: file)
        let policy = DiffusionPolicy(
            name: "diffusion_\(kind.rawValue)", network: network, parameters: parameters, normalizer: normalizer,
            sampler: context.settings.sampler(kind), pool: pool)
        return (policy, network.store.count)
    }

    /// The trained encoder of the lookup table.
    func embedding() throws -> (embedding: ObservationEmbedding, parameters: Int) {
        let network = ContrastiveEncoder(context.settings.contrastiveNetwork(data.set))
        let parameters = network.store.makeBuffer()
        let path = context.runFolder.path("checkpoints/alt/last/model.safetensors")
        try network.store.load(try Safetensors.read(path).tensors, into: parameters, from: path)
        return (ObservationEmbedding(network, parameters: parameters, pool: pool), network.store.count)
    }

    /// The Action Lookup Table as the embed stage stored it.
    func lookupTable() throws -> (policy: ActionLookupTable, parameters: Int) {
        let (embedding, parameters) = try embedding()
        let (rows, threshold) = try TableFile.read(context.runFolder.path(TableFile.path))
        return (ActionLookupTable(embedding: embedding, rows: rows, threshold: threshold), parameters)
    }

    var pixelNearest: NearestFramePolicy {
        NearestFramePolicy(
            name: "pixel_nearest", set: data.set, layout: data.layout, windows: data.train, normalizer: nil, pool: pool)
    }

    /// Answers by the truth of the frame, which no picture in place of the camera's has.
    static let needsTruth: Set = ["generalizer", "expert"]

    /// Everything that is asked, in the order of the CSV files. Without cameras nothing is looked up by image.
    func all() throws -> [any Policy] {
        let (set, layout, train) = (data.set, data.layout, data.train)
        var policies: [any Policy] = [try diffusion(.ddpm).policy, try diffusion(.ddim).policy]
        if !set.cameras.isEmpty { policies += [try lookupTable().policy, pixelNearest] }
        policies += [
            NearestFramePolicy(
                name: "memorizer", set: set, layout: layout, windows: train, normalizer: data.normalizer, pool: pool),
            InterpolatorPolicy(set: set, layout: layout, windows: train, normalizer: data.normalizer, pool: pool),
            GeneralizerPolicy(set: set, layout: layout),
            MeanPolicy(set: set, layout: layout, windows: train),
        ]
        if let expert = ExpertPolicy(set, layout) { policies.append(expert) }
        return policies
    }
}
