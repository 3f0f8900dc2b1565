import Compute

/// Every operation, once per variant that takes another path through its code.
enum OperationCases {
    static let all: [OperationCase] =
        [
            OperationCase(name: "linear", parameters: weightAndBias) { x, p in
                x[0].graph.apply(LinearOperation(weight: p[0], bias: p[1]), x[0])
            }
        ] + convolutions + groupNorms + elementwise + tokens + poolsAndLosses

    private static let weightAndBias = ["weight", "bias"]

    private static let convolutions = [
        convolution("conv1d_k5_p2", padding: 2, bias: true),
        convolution("conv1d_k3_s2_p1", stride: 2, padding: 1, bias: true),
        convolution("conv1d_k3_s2_p1_even", stride: 2, padding: 1, bias: true),
        convolution("conv1d_k1", bias: true),
        convolution("conv2d_k3_s1_p1", padding: 1),
        convolution("conv2d_k3_s2_p1", stride: 2, padding: 1),
        convolution("conv2d_k3_s2_p1_even", stride: 2, padding: 1),
        convolution("conv2d_k5_s2_p2", stride: 2, padding: 2),
        convolution("conv2d_k5_s2_p2_even", stride: 2, padding: 2),
        convolution("conv2d_k1_s2", stride: 2),
        convolution("conv2d_k7_s2_p3", stride: 2, padding: 3),
        convolution("conv2d_k1_bias", bias: true),
        OperationCase(name: "conv_transposed1d_k4_s2_p1", parameters: weightAndBias, packing: .transposedProducts) { x, p in
            x[0].graph.apply(ConvTransposed1dOperation(weight: p[0], bias: p[1], stride: 2, padding: 1), x[0])
        },
    ]

    private static let groupNorms = [
        groupNorm("group_norm_1d_3", groups: 3),
        groupNorm("group_norm_1d_8", groups: 8),
        groupNorm("group_norm_2d_1", groups: 1),
        groupNorm("group_norm_2d_2", groups: 2),
        groupNorm("group_norm_relu_1d_3", groups: 3, .relu),
        groupNorm("group_norm_relu_2d_2", groups: 2, .relu),
        groupNorm("group_norm_mish_1d_8", groups: 8, .mish),
    ]

    private static let elementwise = [
        OperationCase(name: "mish") { x, _ in x[0].graph.apply(MishOperation(), x[0]) },
        OperationCase(name: "relu", smoothness: .kinked) { x, _ in x[0].graph.apply(ReLUOperation(), x[0]) },
        OperationCase(name: "film", inputs: [["input"], ["condition"]]) { x, _ in
            x[0].graph.apply(ScaleShiftOperation(), x[0], x[1])
        },
        OperationCase(name: "add", inputs: [["first"], ["second"]]) { x, _ in x[0].graph.apply(AddOperation(), x[0], x[1]) },
        OperationCase(name: "add_relu", inputs: [["first"], ["second"]], smoothness: .kinked) { x, _ in
            x[0].graph.apply(AddOperation(rectified: true), x[0], x[1])
        },
        OperationCase(name: "fan_out", smoothness: .kinked) { x, _ in
            let mish = x[0].graph.apply(MishOperation(), x[0])
            let relu = x[0].graph.apply(ReLUOperation(), x[0])
            return x[0].graph.apply(AddOperation(), mish, relu)
        },
        // The readers of the input in the other order.
        OperationCase(name: "fan_out", smoothness: .kinked) { x, _ in
            let relu = x[0].graph.apply(ReLUOperation(), x[0])
            let mish = x[0].graph.apply(MishOperation(), x[0])
            return x[0].graph.apply(AddOperation(), mish, relu)
        },
        OperationCase(name: "concatenate_channels", inputs: [["first"], ["second"]]) { x, _ in
            x[0].graph.apply(ConcatenateOperation(), x[0], x[1])
        },
        OperationCase(name: "concatenate_features", inputs: [["first"], ["second"], ["third"]]) { x, _ in
            x[0].graph.apply(ConcatenateOperation(), x[0].graph.apply(ConcatenateOperation(), x[0], x[1]), x[2])
        },
        OperationCase(name: "step_embedding", tolerance: 1e-5, isDifferentiable: false) { x, _ in
            x[0].graph.apply(StepEmbeddingOperation(dimension: 16), x[0])
        },
    ]

    private static let tokens = [
        layerNorm("layer_norm"),
        layerNorm("layer_norm_tokens"),
        attention("attention_h3", heads: 3),
        attention("attention_h2_cross", heads: 2),
        attention("attention_h1_wide", heads: 1),
        OperationCase(name: "table_learned", parameters: ["table"]) { x, p in
            x[0].graph.apply(TokenTableOperation(.learned(p[0])), x[0])
        },
        OperationCase(name: "table_repeated", parameters: ["table"]) { x, p in
            x[0].graph.apply(TokenTableOperation(.learned(p[0]), repeats: true), x[0])
        },
        OperationCase(name: "table_fixed") { x, _ in
            x[0].graph.apply(TokenTableOperation(.fixed((0..<30).map { Float($0) / 8 }, [5, 6])), x[0])
        },
        OperationCase(name: "slice") { x, _ in x[0].graph.apply(SliceOperation(from: 3, [5, 6]), x[0]) },
    ]

    private static let poolsAndLosses = [
        // The golden's pairs are so far apart that a large step does not reach the kink.
        OperationCase(name: "l1", inputs: [["prediction"], ["target"]]) { x, _ in
            x[0].graph.apply(MeanAbsoluteErrorOperation(), x[0], x[1])
        },
        maxPool("max_pool2d_k3_s2_p1"),
        maxPool("max_pool2d_k3_s2_p1_even"),
        OperationCase(name: "average_pool") { x, _ in x[0].graph.apply(AveragePoolOperation(), x[0]) },
        OperationCase(name: "channel_scale") { x, _ in
            x[0].graph.apply(ChannelScaleOperation(scale: (0..<5).map { Float($0 + 1) }, offset: (0..<5).map { Float($0) / 8 }), x[0])
        },
        OperationCase(name: "spatial_softmax") { x, _ in x[0].graph.apply(SpatialSoftmaxOperation(), x[0]) },
        OperationCase(name: "l2_normalize") { x, _ in x[0].graph.apply(L2NormalizeOperation(), x[0]) },
        OperationCase(name: "mse", inputs: [["prediction"], ["target"]]) { x, _ in
            x[0].graph.apply(MeanSquaredErrorOperation(), x[0], x[1])
        },
        OperationCase(name: "nt_xent", inputs: [["first", "second"]]) { x, _ in
            x[0].graph.apply(NTXentOperation(temperature: 0.4), x[0])
        },
        OperationCase(name: "nt_xent_spared", inputs: [["first", "second"], ["places"]]) { x, _ in
            x[0].graph.apply(NTXentOperation(temperature: 0.4, spared: 2), x[0], x[1])
        },
    ]

    private static func convolution(
        _ name: String, stride: Int = 1, padding: Int = 0, bias: Bool = false
    ) -> OperationCase {
        OperationCase(name: name, parameters: bias ? weightAndBias : ["weight"]) { x, p in
            let operation = ConvolutionOperation(
                weight: p[0], bias: bias ? p[1] : nil, stride: stride, padding: padding)
            return x[0].graph.apply(operation, x[0])
        }
    }

    private static func groupNorm(
        _ name: String, groups: Int, _ activation: GroupNormOperation.Activation = .none
    ) -> OperationCase {
        OperationCase(
            name: name, parameters: weightAndBias, tolerance: 4e-6, smoothness: activation == .relu ? .kinked : .smooth
        ) { x, p in
            let operation = GroupNormOperation(weight: p[0], bias: p[1], groupCount: groups, activation: activation)
            return x[0].graph.apply(operation, x[0])
        }
    }

    private static func layerNorm(_ name: String) -> OperationCase {
        OperationCase(name: name, parameters: weightAndBias, tolerance: 4e-6) { x, p in
            x[0].graph.apply(LayerNormOperation(weight: p[0], bias: p[1]), x[0])
        }
    }

    private static func attention(_ name: String, heads: Int) -> OperationCase {
        OperationCase(name: name, inputs: [["query"], ["key"], ["value"]], tolerance: 4e-6) { x, _ in
            x[0].graph.apply(AttentionOperation(heads: heads), x[0], x[1], x[2])
        }
    }

    private static func maxPool(_ name: String) -> OperationCase {
        OperationCase(name: name, smoothness: .kinked) { x, _ in
            x[0].graph.apply(MaxPool2dOperation(kernelSize: 3, stride: 2, padding: 1), x[0])
        }
    }
}
