"""goldens/action_chunking.safetensors: ACT's transformer without its style variable, in PyTorch, with the parameter names of
Sources/Networks/ActionChunkingNetwork.swift; goldens/action_chunking_training.safetensors: ten updates of it.

Layers are DETR's (post-norm, places added to queries and keys). PyTorch's own `nn.TransformerEncoderLayer` and
`nn.MultiheadAttention` keep one input projection for query, key and value; here it is taken apart, and `check` compares.
"""
import copy
import math

import torch
from torch import nn
from torch.nn import functional as F

from golden_common import images, largest_difference, normal, save
from golden_networks import Backbone, CAMERAS
from golden_training import train


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))
        self.heads = heads

    def forward(self, query, key, value):
        split = lambda x: x.unflatten(2, (self.heads, -1)).transpose(1, 2)
        mixed = F.scaled_dot_product_attention(
            split(self.q_proj(query)), split(self.k_proj(key)), split(self.v_proj(value)))
        return self.out_proj(mixed.transpose(1, 2).flatten(2))


class EncoderLayer(nn.Module):
    def __init__(self, width, heads, inner):
        super().__init__()
        self.self_attn = Attention(width, heads)
        self.linear1, self.linear2 = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x, places):
        x = self.norm1(x + self.self_attn(x + places, x + places, x))
        return self.norm2(x + self.linear2(F.relu(self.linear1(x))))


class DecoderLayer(nn.Module):
    def __init__(self, width, heads, inner):
        super().__init__()
        self.self_attn, self.multihead_attn = Attention(width, heads), Attention(width, heads)
        self.linear1, self.linear2 = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))

    def forward(self, x, queries, memory, places):
        x = self.norm1(x + self.self_attn(x + queries, x + queries, x))
        x = self.norm2(x + self.multihead_attn(x + queries, memory + places, memory))
        return self.norm3(x + self.linear2(F.relu(self.linear1(x))))


class Encoder(nn.Module):
    def __init__(self, count, *sizes):
        super().__init__()
        self.layers = nn.ModuleList([EncoderLayer(*sizes) for _ in range(count)])


class Decoder(nn.Module):
    def __init__(self, count, width, *sizes):
        super().__init__()
        self.layers = nn.ModuleList([DecoderLayer(width, *sizes) for _ in range(count)])
        self.norm = nn.LayerNorm(width)


class Transformer(nn.Module):
    def __init__(self, encoders, decoders, *sizes):
        super().__init__()
        self.encoder, self.decoder = Encoder(encoders, *sizes), Decoder(decoders, *sizes)


def sines(rows, columns, width):
    """DETR's normalised sine embedding: [rows * columns, width], the row in the first half, the column in the second."""
    half = width // 2
    scale = 10000 ** (2 * (torch.arange(half, dtype=torch.float64) // 2) / half)

    def embed(count):
        angles = (torch.arange(1, count + 1, dtype=torch.float64) / (count + 1e-6) * 2 * math.pi)[:, None] / scale
        return torch.stack([angles[:, 0::2].sin(), angles[:, 1::2].cos()], 2).flatten(1)

    down, across = embed(rows), embed(columns)
    return torch.cat([down[:, None].expand(-1, columns, -1), across[None].expand(rows, -1, -1)], 2).flatten(0, 1)


class ActionChunking(nn.Module):
    """Two cameras, two observation steps, low-dim values of three keys, seven actions."""

    def __init__(self, width, heads, inner, layers, channels, grid, low_dims=(3, 4, 2), horizon=16):
        super().__init__()
        self.backbones = nn.ModuleDict({camera: Backbone(channels) for camera in CAMERAS})
        self.input_proj = nn.ModuleDict({camera: nn.Conv2d(channels[-1], width, 1) for camera in CAMERAS})
        self.input_proj_robot_state = nn.ModuleList([nn.Linear(size, width) for size in low_dims])
        self.transformer = Transformer(*layers, width, heads, inner)
        self.action_head = nn.Linear(width, 7)
        self.query_embed = nn.Embedding(horizon, width)
        values, pictures = 2 * len(low_dims), 2 * len(CAMERAS)
        self.additional_pos_embed = nn.Embedding(values + pictures * grid * grid, width)
        # No buffer: rounding the network's weights must not round these.
        self.sines = [torch.cat([torch.zeros(values, width).double()] + [sines(grid, grid, width)] * pictures)]
        self.low_dims = low_dims

    def forward(self, front, hand, low_dim):
        """[2B, 3, H, W] twice, [2B, 9] -> [B, T, 7]; a sample's two observation steps are adjacent."""
        maps = [
            self.input_proj[camera](F.max_pool2d(self.backbones[camera](image), 3, 2, 1)).flatten(2).transpose(1, 2)
            for camera, image in zip(CAMERAS, (front, hand))]
        pictures = torch.cat(maps, 1).unflatten(0, (-1, 2)).flatten(1, 2)
        parts = zip(self.input_proj_robot_state, low_dim.split(self.low_dims, 1))
        values = torch.stack([project(part) for project, part in parts], 1).unflatten(0, (-1, 2)).flatten(1, 2)
        x = torch.cat([values, pictures], 1)
        places = self.additional_pos_embed.weight + self.sines[0].to(x.dtype)
        for layer in self.transformer.encoder.layers:
            x = layer(x, places)
        queries = self.query_embed.weight
        y = torch.zeros(len(x), *queries.shape, dtype=x.dtype)
        for layer in self.transformer.decoder.layers:
            y = layer(y, queries, x, places)
        return self.action_head(self.transformer.decoder.norm(y))


def check():
    """The layer is PyTorch's own, but for its projection in three parts and the places."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        ours, x = EncoderLayer(8, 2, 12).double(), torch.randn(3, 5, 8).double()
        theirs = nn.TransformerEncoderLayer(8, 2, 12, dropout=0, batch_first=True).double()
        state = dict(ours.state_dict())
        for kind in ("weight", "bias"):
            joined = [state.pop(f"self_attn.{part}_proj.{kind}") for part in "qkv"]
            state[f"self_attn.in_proj_{kind}"] = torch.cat(joined)
        theirs.load_state_dict(state)
        assert torch.allclose(ours(x, torch.zeros(5, 8).double()), theirs(x), atol=1e-12)


def absolute_error(network, inputs):
    output = network(inputs["front"], inputs["hand"], inputs["low_dim"])
    return {"output": output}, F.l1_loss(output, inputs["target"])


def make(record):
    """`record` writes a network's golden and returns the network as it was initialised."""
    check()
    inputs = {
        "front": images("action_chunking/front", 6, 20, 20), "hand": images("action_chunking/hand", 6, 20, 20),
        "low_dim": normal("action_chunking/low_dim", 6, 9), "target": normal("action_chunking/target", 3, 16, 7)}
    sizes = dict(width=8, heads=2, inner=12, layers=(2, 2), channels=(4, 8), grid=3)
    network = record("action_chunking", ActionChunking(**sizes), inputs, absolute_error, **sizes)
    exact, single = copy.deepcopy(network), copy.deepcopy(network).float()
    losses, norms, _ = train(exact, lambda network, _: absolute_error(network, inputs)[1])
    halves = {key: value.float() for key, value in inputs.items()}
    single_losses, _, _ = train(single, lambda network, _: absolute_error(network, halves)[1])
    save(
        "action_chunking_training", {}, {"losses": losses, "gradient_norms": norms},
        float32_difference_losses=f"{largest_difference(single_losses, losses):.2g}")
