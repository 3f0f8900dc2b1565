import Compute
import Configuration

/// The size of a transformer of encoder and decoder.
public struct TransformerConfiguration: Equatable, Sendable {
    /// Numbers of a token, E.
    public var width = 64
    /// Heads of an attention, each with its part of the token.
    public var heads = 4
    /// Inner width of the two linear layers after an attention.
    public var feedForward = 256
    public var encoderLayers = 2
    public var decoderLayers = 2

    public init() {}
}

extension TransformerConfiguration: SettingsGroup {
    public static var fields: [SettingsField<TransformerConfiguration>] {
        [
            SettingsField("width", \.width, Rule(expectation: "a multiple of 4 from 4 to 4096") {
                (4...4096).contains($0) && $0 % 4 == 0
            }),
            SettingsField("heads", \.heads, .within(1...64)),
            SettingsField("feed_forward", \.feedForward, .within(1...16_384)),
            SettingsField("encoder_layers", \.encoderLayers, .within(1...32)),
            SettingsField("decoder_layers", \.decoderLayers, .within(1...32)),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard width % heads != 0 else { return }
        throw origins.violation(path, "heads", expected: "a divisor of width = \(width)", found: "\(heads)")
    }
}

/// [..., C] -> the same shape, every row normalised.
public struct LayerNorm {
    let operation: LayerNormOperation

    public init(_ store: ParameterStore, _ name: String, channels: Int) {
        operation = LayerNormOperation(
            weight: store.add("\(name).weight", [channels], .constant(1)), bias: store.add("\(name).bias", [channels], .constant(0)))
    }

    public func callAsFunction(_ x: Value) -> Value { x.graph.apply(operation, x) }
}

/// Attention of several heads between projections: query [B, Q, E], key and value [B, K, E] -> [B, Q, E]. PyTorch's
/// `nn.MultiheadAttention` with its one input projection taken apart into three.
struct MultiHeadAttention {
    let query, key, value, output: Linear
    let operation: AttentionOperation

    init(_ store: ParameterStore, _ name: String, _ c: TransformerConfiguration) {
        func linear(_ part: String) -> Linear { Linear(store, "\(name).\(part)", inputs: c.width, outputs: c.width) }
        (query, key, value, output) = (linear("q_proj"), linear("k_proj"), linear("v_proj"), linear("out_proj"))
        operation = AttentionOperation(heads: c.heads)
    }

    func callAsFunction(query q: Value, key k: Value, value v: Value) -> Value {
        output(q.graph.apply(operation, query(q), key(k), value(v)))
    }
}

/// The two linear layers after an attention, with ReLU between them.
struct FeedForward {
    let first, second: Linear

    init(_ store: ParameterStore, _ name: String, _ c: TransformerConfiguration) {
        first = Linear(store, "\(name).linear1", inputs: c.width, outputs: c.feedForward)
        second = Linear(store, "\(name).linear2", inputs: c.feedForward, outputs: c.width)
    }

    func callAsFunction(_ x: Value) -> Value { second(first(x).relu()) }
}

/// Self-attention and feed-forward, each added to its input and then normalised (post-norm, as DETR and ACT have it). Places are
/// added to queries and keys alone, in every layer.
struct TransformerEncoderLayer {
    let attention: MultiHeadAttention
    let feedForward: FeedForward
    let norm1, norm2: LayerNorm

    init(_ store: ParameterStore, _ name: String, _ c: TransformerConfiguration) {
        attention = MultiHeadAttention(store, "\(name).self_attn", c)
        feedForward = FeedForward(store, name, c)
        norm1 = LayerNorm(store, "\(name).norm1", channels: c.width)
        norm2 = LayerNorm(store, "\(name).norm2", channels: c.width)
    }

    /// - Parameter places: tokens [B, N, E] with their places added
    func callAsFunction(_ x: Value, _ places: (Value) -> Value) -> Value {
        let placed = places(x)
        let y = norm1(x.adding(attention(query: placed, key: placed, value: x)))
        return norm2(y.adding(feedForward(y)))
    }
}

/// Self-attention, attention to the encoder's tokens and feed-forward, each added to its input and then normalised.
struct TransformerDecoderLayer {
    let attention, memoryAttention: MultiHeadAttention
    let feedForward: FeedForward
    let norm1, norm2, norm3: LayerNorm

    init(_ store: ParameterStore, _ name: String, _ c: TransformerConfiguration) {
        attention = MultiHeadAttention(store, "\(name).self_attn", c)
        memoryAttention = MultiHeadAttention(store, "\(name).multihead_attn", c)
        feedForward = FeedForward(store, name, c)
        norm1 = LayerNorm(store, "\(name).norm1", channels: c.width)
        norm2 = LayerNorm(store, "\(name).norm2", channels: c.width)
        norm3 = LayerNorm(store, "\(name).norm3", channels: c.width)
    }

    /// - Parameters:
    ///   - x: [B, T, E]
    ///   - queries: adds the places of the sequence
    ///   - memory: the encoder's tokens [B, N, E], as they are and with their places added
    func callAsFunction(_ x: Value, _ queries: (Value) -> Value, memory: (plain: Value, placed: Value)) -> Value {
        let placed = queries(x)
        let y = norm1(x.adding(attention(query: placed, key: placed, value: x)))
        let z = norm2(y.adding(memoryAttention(query: queries(y), key: memory.placed, value: memory.plain)))
        return norm3(z.adding(feedForward(z)))
    }
}
