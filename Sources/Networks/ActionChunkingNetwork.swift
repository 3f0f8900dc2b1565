import Compute
import Foundation

/// ACT's network on given observations and actions.
public struct ActionChunkingConfiguration: Sendable, Equatable {
    /// Camera keys, one backbone each; empty for a low-dim policy.
    public var cameras: [String]
    /// Extent of the square images the backbones see, after cropping.
    public var imageSize: Int
    /// Width of each low-dim key, in the observation's order.
    public var lowDimWidths: [Int]
    public var actionDimension: Int
    public var horizon: Int
    public var observationSteps: Int
    /// Variant and channels of the backbones; the rest of it is not used.
    public var encoder: ImageEncoderConfiguration
    public var transformer: TransformerConfiguration

    public init(
        cameras: [String], imageSize: Int, lowDimWidths: [Int], actionDimension: Int, horizon: Int, observationSteps: Int,
        encoder: ImageEncoderConfiguration = .init(), transformer: TransformerConfiguration = .init()
    ) {
        self.cameras = cameras
        self.imageSize = imageSize
        self.lowDimWidths = lowDimWidths
        self.actionDimension = actionDimension
        self.horizon = horizon
        self.observationSteps = observationSteps
        self.encoder = encoder
        self.transformer = transformer
    }
}

/// The transformer of ACT (Zhao et al. 2023, arXiv 2304.13705, without its style variable): tokens of the observation go through
/// an encoder; a decoder with one learned query for every action of the sequence attends to them, and a linear layer makes the
/// actions of its answers, all in one pass.
///
/// Tokens: of every observation step each low-dim key, projected, and each camera's feature map place by place. Every token has
/// a learned place, those of pictures the sines of row and column besides (DETR, Carion et al. 2020).
///
/// Departures from the published policy: there is no style variable z and no CVAE encoder, in training as little as in use, where
/// the published policy sets z to 0; all observation steps of the window are seen, not the last one alone; each camera has a
/// backbone of its own, that of the diffusion policy's, whose map is halved once more by max pooling, so that a picture is some 25
/// tokens and not 300; no dropout; PyTorch's plain initialisation of linear layers in place of Xavier's; the head for padding,
/// whose answer the published loss does not read, is left out.
public final class ActionChunkingNetwork: SequenceNetwork {
    public let configuration: DiffusionNetworkConfiguration
    public let sizes: ActionChunkingConfiguration
    public let store = ParameterStore()
    private let backbones: [(backbone: Backbone, projection: Conv2d)]
    private let projections: [Linear]  // by low-dim key
    private let encoder: [TransformerEncoderLayer]
    private let decoder: [TransformerDecoderLayer]
    private let decoderNorm: LayerNorm
    private let head: Linear
    private let places: [TokenTable]
    private let queries: TokenTable

    public init(_ sizes: ActionChunkingConfiguration) {
        self.sizes = sizes
        let store = store, t = sizes.transformer, width = t.width, channels = sizes.encoder.channels
        backbones = sizes.cameras.map { camera in
            (
                Backbone(store, "backbones.\(camera)", sizes.encoder),
                Conv2d(store, "input_proj.\(camera)", inputChannels: channels[channels.count - 1], outputChannels: width, kernelSize: 1)
            )
        }
        let grid = Self.grid(backbones.first?.backbone, sizes.imageSize)
        projections = sizes.lowDimWidths.enumerated().map { key, inputs in
            Linear(store, "input_proj_robot_state.\(key)", inputs: inputs, outputs: width)
        }
        encoder = (0..<t.encoderLayers).map { TransformerEncoderLayer(store, "transformer.encoder.layers.\($0)", t) }
        decoder = (0..<t.decoderLayers).map { TransformerDecoderLayer(store, "transformer.decoder.layers.\($0)", t) }
        decoderNorm = LayerNorm(store, "transformer.decoder.norm", channels: width)
        head = Linear(store, "action_head", inputs: width, outputs: sizes.actionDimension)
        // Of variance 1, as `nn.Embedding` starts.
        let spread = Parameter.Initialization.uniform(bound: Float(3).squareRoot())
        queries = .learned(store.add("query_embed.weight", [sizes.horizon, width], spread))
        let values = sizes.observationSteps * projections.count, pictures = sizes.observationSteps * sizes.cameras.count
        let tokens = values + pictures * grid.rows * grid.columns
        precondition(tokens > 0, "an observation without cameras and low-dim values")
        let learned = TokenTable.learned(store.add("additional_pos_embed.weight", [tokens, width], spread))
        let sines = Self.sines(rows: grid.rows, columns: grid.columns, width: width)
        let ofPictures = [Float](repeating: 0, count: values * width) + (0..<pictures).flatMap { _ in sines }
        places = [learned] + (pictures > 0 ? [.fixed(ofPictures, [tokens, width])] : [])
        configuration = DiffusionNetworkConfiguration(
            cameras: sizes.cameras, imageSize: sizes.imageSize, lowDimDimension: sizes.lowDimWidths.reduce(0, +),
            actionDimension: sizes.actionDimension, horizon: sizes.horizon, observationSteps: sizes.observationSteps,
            encoder: .init { $0.features = max(1, grid.rows * grid.columns) * width })
    }

    /// Rows and columns of a picture's tokens.
    private static func grid(_ backbone: Backbone?, _ imageSize: Int) -> (rows: Int, columns: Int) {
        guard let backbone else { return (0, 0) }
        let map = pooled(backbone(Graph().input([1, imageSize, imageSize, 3])))
        return (map.shape[1], map.shape[2])
    }

    private static func pooled(_ map: Value) -> Value { map.maxPool2d(kernelSize: 3, stride: 2, padding: 1) }

    /// Sines and cosines of the row in the first half of a token and of the column in the second: DETR's, with places from 1 over
    /// their number times 2 π, and wavelengths from 2 π to 10,000 · 2 π. [rows x columns, width].
    static func sines(rows: Int, columns: Int, width: Int) -> [Float] {
        let half = width / 2
        func entries(_ place: Int, of count: Int) -> [Float] {
            let position = Double(place + 1) / (Double(count) + 1e-6) * 2 * Double.pi
            return (0..<half).map { entry in
                let angle = position / Foundation.pow(10_000, Double(entry / 2 * 2) / Double(half))
                return Float(entry % 2 == 0 ? Foundation.sin(angle) : Foundation.cos(angle))
            }
        }
        return (0..<rows).flatMap { row in
            (0..<columns).flatMap { column in entries(row, of: rows) + entries(column, of: columns) }
        }
    }

    public func encoderPlan(camera: Int, for purpose: Graph.Purpose) -> EncoderPlan {
        let graph = Graph()
        let image = graph.input([1, sizes.imageSize, sizes.imageSize, 3])
        let map = backbones[camera].projection(Self.pooled(backbones[camera].backbone(image)))
        let features = graph.apply(SliceOperation(from: 0, [map.shape.count]), map)
        return EncoderPlan(plan: graph.plan(for: purpose), image: image, features: features)
    }

    /// The condition's numbers as tokens: [B, G] -> [B, N, E], low-dim values first.
    private func tokens(_ condition: Value) -> Value {
        let c = configuration, width = sizes.transformer.width, graph = condition.graph
        let pictures = c.stepFeatures - c.lowDimDimension
        func slice(_ start: Int, _ count: Int) -> Value { graph.apply(SliceOperation(from: start, [count]), condition) }
        var parts: [Value] = []
        for step in 0..<c.observationSteps {
            var start = step * c.stepFeatures + pictures
            for (projection, count) in zip(projections, sizes.lowDimWidths) {
                parts.append(projection(slice(start, count)))
                start += count
            }
        }
        if pictures > 0 { for step in 0..<c.observationSteps { parts.append(slice(step * c.stepFeatures, pictures)) } }
        let joined = parts.dropFirst().reduce(parts[0]) { $0.concatenated(with: $1) }
        return graph.apply(SliceOperation(from: 0, [joined.shape.last / width, width]), joined)
    }

    /// [B, G] -> [B, T, A]
    private func actions(_ condition: Value) -> Value {
        let graph = condition.graph, width = sizes.transformer.width
        func placed(_ x: Value) -> Value { places.reduce(x) { graph.apply(TokenTableOperation($1), $0) } }
        func asked(_ x: Value) -> Value { graph.apply(TokenTableOperation(queries), x) }
        let memory = encoder.reduce(tokens(condition)) { $1($0, placed) }
        // The decoder starts from zeros: what is asked for is in the queries alone.
        let zeros = TokenTable.fixed([Float](repeating: 0, count: sizes.horizon * width), [sizes.horizon, width])
        let start = graph.apply(TokenTableOperation(zeros, repeats: true), condition), placedMemory = placed(memory)
        return head(decoderNorm(decoder.reduce(start) { $1($0, asked, memory: (memory, placedMemory)) }))
    }

    public func trainingPlan(batch: Int, loss: TrainingLoss) -> DiffusionNetwork.TrainingPlan {
        let graph = Graph(), c = configuration
        let sample = graph.input([batch, c.horizon, c.actionDimension]), step = graph.input([batch])
        let condition = graph.input([batch, c.condition], needsGradient: true)
        let target = graph.input(sample.shape), prediction = actions(condition)
        let loss = graph.apply(loss.operation, prediction, target)
        return DiffusionNetwork.TrainingPlan(
            plan: graph.plan(for: .training), sample: sample, step: step, condition: condition, prediction: prediction,
            target: target, loss: loss)
    }

    /// The trunk alone.
    public struct AnswerPlan: @unchecked Sendable {
        public let plan: Plan
        public let condition: Value  // [B, G]
        public let actions: Value  // [B, T, A], normalised
    }

    public func answerPlan(batch: Int) -> AnswerPlan {
        let graph = Graph(), condition = graph.input([batch, configuration.condition]), actions = actions(condition)
        return AnswerPlan(plan: graph.plan(for: .inference), condition: condition, actions: actions)
    }
}
