"""goldens/operations.safetensors: every operation with its gradients, on small sizes that are odd on purpose.

Names: <case>/<tensor> for inputs and parameters, <case>/<tensor>.gradient for their gradients, <case>/upstream for the
gradient that arrives, <case>/output. Layouts are PyTorch's: [B, C, T], [B, C, H, W], Conv [out, in, ...], ConvTranspose
[in, out, K], Linear [out, in].
"""
import math

import torch
from torch.nn import functional as F

from golden_common import exact, generator, normal, save
from golden_networks import film, nt_xent, nt_xent_spared, spatial_softmax, step_embedding


def cases():
    """name -> (function, {tensor: shape}); every tensor gets a gradient."""
    def conv1d(shape, outputs, kernel, **options):
        run = lambda input, weight, bias: F.conv1d(input, weight, bias, **options)
        return run, {"input": shape, "weight": (outputs, shape[1], kernel), "bias": (outputs,)}

    def conv2d(shape, outputs, kernel, stride, padding):
        run = lambda input, weight: F.conv2d(input, weight, None, stride, padding)
        return run, {"input": shape, "weight": (outputs, shape[1], kernel, kernel)}

    def group_norm(shape, groups, activation=lambda x: x):
        run = lambda input, weight, bias: activation(F.group_norm(input, groups, weight, bias))
        return run, {"input": shape, "weight": shape[1:2], "bias": shape[1:2]}

    def attention(heads):
        """Tokens are columns here: [B, E, T]."""
        def run(query, key, value):
            split = lambda x: x.transpose(1, 2).unflatten(2, (heads, -1)).transpose(1, 2)
            mixed = F.scaled_dot_product_attention(split(query), split(key), split(value))
            return mixed.transpose(1, 2).flatten(2).transpose(1, 2)
        return run

    biased = lambda input, weight, bias: F.conv2d(input, weight, bias)
    transposed = lambda input, weight, bias: F.conv_transpose1d(input, weight, bias, stride=2, padding=1)
    return {
        "linear": (F.linear, {"input": (5, 7), "weight": (3, 7), "bias": (3,)}),
        "conv1d_k5_p2": conv1d((2, 3, 9), 4, 5, padding=2),
        "conv1d_k3_s2_p1": conv1d((2, 5, 9), 4, 3, stride=2, padding=1),
        "conv1d_k3_s2_p1_even": conv1d((2, 5, 8), 5, 3, stride=2, padding=1),
        "conv1d_k1": conv1d((2, 5, 7), 3, 1),
        "conv_transposed1d_k4_s2_p1": (transposed, {"input": (2, 5, 7), "weight": (5, 3, 4), "bias": (3,)}),
        "conv2d_k3_s1_p1": conv2d((2, 5, 7, 9), 4, 3, 1, 1),
        "conv2d_k3_s2_p1": conv2d((2, 5, 7, 9), 4, 3, 2, 1),
        "conv2d_k3_s2_p1_even": conv2d((2, 5, 6, 8), 3, 3, 2, 1),
        "conv2d_k5_s2_p2": conv2d((2, 3, 7, 9), 5, 5, 2, 2),
        "conv2d_k5_s2_p2_even": conv2d((2, 3, 8, 10), 4, 5, 2, 2),
        "conv2d_k1_s2": conv2d((2, 5, 7, 9), 4, 1, 2, 0),
        "conv2d_k7_s2_p3": conv2d((2, 3, 11, 13), 4, 7, 2, 3),
        "conv2d_k1_bias": (biased, {"input": (2, 5, 5, 7), "weight": (3, 5, 1, 1), "bias": (3,)}),
        "max_pool2d_k3_s2_p1": (lambda input: F.max_pool2d(input, 3, 2, 1), {"input": (2, 3, 7, 9)}),
        "max_pool2d_k3_s2_p1_even": (lambda input: F.max_pool2d(input, 3, 2, 1), {"input": (2, 3, 6, 8)}),
        "average_pool": (lambda input: F.adaptive_avg_pool2d(input, 1).flatten(1), {"input": (2, 5, 3, 7)}),
        # Channel c is multiplied by c + 1 and shifted by c / 8.
        "channel_scale": (
            lambda input: input * torch.arange(1.0, 6).double()[:, None, None] + torch.arange(5.0).double()[:, None, None] / 8,
            {"input": (2, 5, 3, 7)}),
        "group_norm_1d_3": group_norm((2, 6, 7), 3),
        "group_norm_1d_8": group_norm((3, 16, 5), 8),
        "group_norm_2d_1": group_norm((2, 5, 5, 7), 1),
        "group_norm_2d_2": group_norm((2, 6, 5, 7), 2),
        "group_norm_relu_1d_3": group_norm((2, 6, 7), 3, F.relu),
        "group_norm_relu_2d_2": group_norm((2, 6, 5, 7), 2, F.relu),
        "group_norm_mish_1d_8": group_norm((2, 24, 5), 8, F.mish),
        "mish": (F.mish, {"input": (5, 37)}),
        "relu": (F.relu, {"input": (5, 37)}),
        "film": (film, {"input": (3, 5, 7), "condition": (3, 10)}),
        "add": (lambda first, second: first + second, {"first": (2, 5, 7), "second": (2, 5, 7)}),
        "add_relu": (lambda first, second: F.relu(first + second), {"first": (2, 5, 7), "second": (2, 5, 7)}),
        "fan_out": (lambda input: F.mish(input) + F.relu(input), {"input": (5, 7)}),
        "concatenate_channels": (
            lambda first, second: torch.cat([first, second], 1), {"first": (2, 3, 7), "second": (2, 4, 7)}),
        "concatenate_features": (
            lambda first, second, third: torch.cat([first, second, third], 1),
            {"first": (3, 4), "second": (3, 5), "third": (3, 2)}),
        "spatial_softmax": (spatial_softmax, {"input": (2, 4, 5, 7)}),
        "l2_normalize": (lambda input: F.normalize(input, dim=-1), {"input": (3, 7)}),
        "layer_norm": (
            lambda input, weight, bias: F.layer_norm(input, (37,), weight, bias),
            {"input": (5, 37), "weight": (37,), "bias": (37,)}),
        "layer_norm_tokens": (
            lambda input, weight, bias: F.layer_norm(input.transpose(1, 2), (6,), weight, bias).transpose(1, 2),
            {"input": (2, 6, 7), "weight": (6,), "bias": (6,)}),
        "attention_h3": (attention(3), {"query": (2, 12, 5), "key": (2, 12, 5), "value": (2, 12, 5)}),
        "attention_h2_cross": (attention(2), {"query": (2, 10, 3), "key": (2, 10, 18), "value": (2, 10, 18)}),
        "attention_h1_wide": (attention(1), {"query": (1, 34, 4), "key": (1, 34, 5), "value": (1, 34, 5)}),
        "table_learned": (lambda input, table: input + table.T, {"input": (3, 6, 5), "table": (5, 6)}),
        "table_repeated": (
            lambda input, table: table.T.repeat(len(input), 1, 1) + 0 * input.sum(), {"input": (3, 4), "table": (5, 6)}),
        # Entry i of a table of 5 tokens of 6 numbers is i / 8.
        "table_fixed": (lambda input: input + torch.arange(30.0).double().reshape(5, 6).T / 8, {"input": (3, 6, 5)}),
        "slice": (lambda input: input[:, 3:33].reshape(-1, 5, 6).transpose(1, 2), {"input": (3, 37)}),
        "l1": (F.l1_loss, {"prediction": (3, 16, 7), "target": (3, 16, 7)}),
        "mse": (F.mse_loss, {"prediction": (3, 16, 7), "target": (3, 16, 7)}),
        "nt_xent": (nt_xent, {"first": (5, 7), "second": (5, 7)}),
        "nt_xent_spared": (nt_xent_spared, {"first": (5, 7), "second": (5, 7), "places": (10, 2)}),
    }


# Beyond the normal range: where a fast Mish and its derivative go wrong.
EXTREMES = [-100.0, -30.0, -20.0, -5.0, -1.1925, 0.0, 5.0, 19.875, 20.0, 20.125, 30.0, 100.0]


def distinct(name, *shape):
    """Values of about -2 to 2 of which no two are equal, so that every maximum is one element's."""
    count = math.prod(shape)
    return (torch.randperm(count, generator=generator(name)) - count // 2).double().reshape(shape) / 128


def make():
    halves, singles = {}, {}
    for case, (run, shapes) in cases().items():
        inputs = {key: normal(f"{case}/{key}", *shape) for key, shape in shapes.items()}
        if case == "mish":
            inputs["input"][0, : len(EXTREMES)] = torch.tensor(EXTREMES).half().double()
        if case.startswith("max_pool"):
            inputs["input"] = distinct(case, *shapes["input"])
        if case == "l1":
            # A quarter apart at least: a central difference must not cross the kink.
            apart = inputs["prediction"] - inputs["target"]
            inputs["target"] = exact(inputs["prediction"] - apart - apart.sign() / 4)
        if case == "nt_xent_spared":
            # Neighbours at the bound and within it, one beyond it, and the same frame of another demonstration.
            inputs["places"] = torch.tensor(2 * [[0, 3], [0, 5], [0, 6], [1, 5], [1, 9]]).double()
        for value in inputs.values():
            value.requires_grad_()
        output = run(*inputs.values())
        upstream = normal(f"{case}/upstream", *output.shape) if output.ndim else torch.ones((), dtype=output.dtype)
        output.backward(upstream)
        halves |= {f"{case}/{key}": value for key, value in inputs.items()} | {f"{case}/upstream": upstream}
        singles |= {f"{case}/{key}.gradient": value.grad for key, value in inputs.items()} | {f"{case}/output": output}
    steps = torch.tensor([0.0, 1.0, 17.0, 50.0, 99.0], dtype=torch.float64)
    halves["step_embedding/input"] = steps
    singles["step_embedding/output"] = step_embedding(steps, 16)
    save("operations", halves, singles, group_norm_epsilon="1e-5", nt_xent_temperature="0.4")
