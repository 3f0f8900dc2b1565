"""The networks of Sources/Networks in PyTorch: the layers, shapes and parameter names that both sides must have."""
import math

import torch
from torch import nn
from torch.nn import functional as F


def group_norm_2d(channels):
    return nn.GroupNorm(max(1, channels // 16), channels)


class BasicBlock(nn.Module):
    """conv-norm-relu-conv-norm plus shortcut, relu (He et al. 2016)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = group_norm_2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = group_norm_2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, group_norm_2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Backbone(nn.Module):
    """A ResNet's trunk under a ResNet's positions: 0 stem, 1 norm, (2 relu, 3 pool), 4... stages.

    `reference` has a 7x7 stem, max pooling and two blocks per stage (ResNet-18); the compact one a 5x5 stem, no pooling
    and one block per stage.
    """

    def __init__(self, channels, reference=False):
        super().__init__()
        kernel, blocks = (7, 2) if reference else (5, 1)
        self.pooled = reference
        self.nets = nn.ModuleDict()
        self.nets["0"] = nn.Conv2d(3, channels[0], kernel, 2, kernel // 2, bias=False)
        self.nets["1"] = group_norm_2d(channels[0])
        for k, outputs in enumerate(channels):
            first = BasicBlock(channels[max(0, k - 1)], outputs, 1 if k == 0 else 2)
            rest = [BasicBlock(outputs, outputs, 1) for _ in range(blocks - 1)]
            self.nets[str(4 + k)] = nn.Sequential(first, *rest)
        self.stages = [str(4 + k) for k in range(len(channels))]

    def forward(self, x):
        x = F.relu(self.nets["1"](self.nets["0"](x)))
        if self.pooled:
            x = F.max_pool2d(x, 3, 2, 1)
        for stage in self.stages:
            x = self.nets[stage](x)
        return x


def spatial_softmax(x):
    """[B, K, H, W] -> [B, 2K]: the expected (x, y) of each keypoint, the image being [-1, 1] x [-1, 1]."""
    b, k, h, w = x.shape
    weights = F.softmax(x.reshape(b * k, h * w), -1).reshape(b, k, h, w)
    across = torch.linspace(-1, 1, w, dtype=x.dtype)
    down = torch.linspace(-1, 1, h, dtype=x.dtype)
    expected_x = (weights.sum(2) * across).sum(-1)
    expected_y = (weights.sum(3) * down).sum(-1)
    return torch.stack([expected_x, expected_y], -1).reshape(b, 2 * k)


class SpatialSoftmax(nn.Module):
    def __init__(self, inputs, keypoints):
        super().__init__()
        self.nets = nn.Conv2d(inputs, keypoints, 1)

    def forward(self, x):
        return spatial_softmax(self.nets(x))


class ImageEncoder(nn.Module):
    """[B, 3, H, W] -> [B, outputs]"""

    def __init__(self, channels=(16, 32, 64), keypoints=32, outputs=64, reference=False):
        super().__init__()
        self.backbone = Backbone(channels, reference)
        self.pool = SpatialSoftmax(channels[-1], keypoints)
        self.nets = nn.ModuleDict({"3": nn.Linear(2 * keypoints, outputs)})

    def forward(self, x):
        return F.relu(self.nets["3"](self.pool(self.backbone(x))))


def step_embedding(steps, width):
    """[B] -> [B, width]: sines, then cosines, of the step at frequencies from 1 down to 1/10000."""
    half = width // 2
    frequencies = torch.exp(torch.arange(half, dtype=steps.dtype) * -(math.log(10000) / (half - 1)))
    angles = steps[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], -1)


class StepEmbedding(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.width = width

    def forward(self, steps):
        return step_embedding(steps, self.width)


class Conv1dBlock(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.block = nn.Sequential(nn.Conv1d(inputs, outputs, 5, padding=2), nn.GroupNorm(8, outputs), nn.Mish())

    def forward(self, x):
        return self.block(x)


def film(x, condition):
    """[B, C, T], [B, 2C] -> scale * x + bias with (scale, bias) the halves of the condition (Perez et al. 2018)."""
    scale, bias = condition[:, :, None].chunk(2, 1)
    return scale * x + bias


class ConditionalResidualBlock1d(nn.Module):
    def __init__(self, inputs, outputs, condition):
        super().__init__()
        self.blocks = nn.ModuleList([Conv1dBlock(inputs, outputs), Conv1dBlock(outputs, outputs)])
        self.cond_encoder = nn.Sequential(nn.Mish(), nn.Linear(condition, 2 * outputs))
        self.residual_conv = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x, condition):
        y = film(self.blocks[0](x), self.cond_encoder(condition))
        return self.blocks[1](y) + self.residual_conv(x)


class Resample(nn.Module):
    def __init__(self, conv):
        super().__init__()
        self.conv = conv

    def forward(self, x):
        return self.conv(x)


class ConditionalUnet1d(nn.Module):
    """[B, T, actions], [B], [B, condition] -> [B, T, actions]"""

    def __init__(self, actions, condition, dims=(64, 128, 256), step_width=128):
        super().__init__()
        self.diffusion_step_encoder = nn.Sequential(
            StepEmbedding(step_width), nn.Linear(step_width, 4 * step_width), nn.Mish(),
            nn.Linear(4 * step_width, step_width))
        total = step_width + condition
        self.down_modules = nn.ModuleList()
        for k, outputs in enumerate(dims):
            last = k == len(dims) - 1
            self.down_modules.append(nn.ModuleList([
                ConditionalResidualBlock1d(actions if k == 0 else dims[k - 1], outputs, total),
                ConditionalResidualBlock1d(outputs, outputs, total),
                nn.Identity() if last else Resample(nn.Conv1d(outputs, outputs, 3, 2, 1))]))
        self.mid_modules = nn.ModuleList([ConditionalResidualBlock1d(dims[-1], dims[-1], total) for _ in range(2)])
        self.up_modules = nn.ModuleList()
        for outputs, skipped in zip(reversed(dims[:-1]), reversed(dims[1:])):
            self.up_modules.append(nn.ModuleList([
                ConditionalResidualBlock1d(2 * skipped, outputs, total),
                ConditionalResidualBlock1d(outputs, outputs, total),
                Resample(nn.ConvTranspose1d(outputs, outputs, 4, 2, 1))]))
        self.final_conv = nn.Sequential(Conv1dBlock(dims[0], dims[0]), nn.Conv1d(dims[0], actions, 1))

    def forward(self, x, steps, condition):
        condition = torch.cat([self.diffusion_step_encoder(steps), condition], -1)
        x, skips = x.transpose(1, 2), []
        for first, second, down in self.down_modules:
            x = second(first(x, condition), condition)
            skips.append(x)
            x = down(x)
        for middle in self.mid_modules:
            x = middle(x, condition)
        for first, second, up in self.up_modules:  # the first level's skip stays unused, as in the reference
            x = up(second(first(torch.cat([x, skips.pop()], 1), condition), condition))
        return self.final_conv(x).transpose(1, 2)


CAMERAS = ("agentview_image", "robot0_eye_in_hand_image")


class ObservationEncoder(nn.Module):
    """One encoder per camera; low-dimensional values appended as they are."""

    def __init__(self, **encoder):
        super().__init__()
        self.obs_nets = nn.ModuleDict({camera: ImageEncoder(**encoder) for camera in CAMERAS})

    def forward(self, front, hand, low_dim):
        return torch.cat([self.obs_nets[CAMERAS[0]](front), self.obs_nets[CAMERAS[1]](hand), low_dim], -1)


class Policy(nn.Module):
    """Two cameras, two observation steps, nine low-dimensional values, seven actions."""

    def __init__(self, dims=(64, 128, 256), step_width=128, **encoder):
        super().__init__()
        self.obs_encoder = ObservationEncoder(**encoder)
        features = sum(net.nets["3"].out_features for net in self.obs_encoder.obs_nets.values()) + 9
        self.model = ConditionalUnet1d(7, 2 * features, dims, step_width)

    def forward(self, front, hand, low_dim, x, steps):
        """[2B, 3, H, W] twice, [2B, 9], [B, T, 7], [B] -> [B, T, 7]; a sample's two observation steps are adjacent."""
        return self.model(x, steps, self.obs_encoder(front, hand, low_dim).reshape(len(x), -1))


class ContrastiveEncoder(nn.Module):
    """One image encoder for both cameras -> unit vectors [B, outputs]."""

    def __init__(self, outputs=128, **encoder):
        super().__init__()
        self.image_encoder = ImageEncoder(outputs=outputs, **encoder)
        self.fc = nn.Sequential(nn.Linear(2 * outputs, 2 * outputs), nn.ReLU(), nn.Linear(2 * outputs, outputs))

    def forward(self, front, hand):
        return F.normalize(self.fc(torch.cat([self.image_encoder(front), self.image_encoder(hand)], -1)), dim=-1)


def thumbnail(x, square):
    """[B, 3, S, S] -> [B, side, side, 3]: the means of whole squares of pixels; what is left over is cut off on both sides, the odd
    pixel at the end."""
    side = x.shape[-1] // square
    first = (x.shape[-1] - side * square) // 2
    kept = x[:, :, first:first + side * square, first:first + side * square]
    return F.avg_pool2d(kept, square).permute(0, 2, 3, 1)


class ImageAutoencoder(nn.Module):
    """One image encoder and one decoder for both cameras -> the thumbnails [2B, side * side * 3], the front's of an observation
    before the hand's."""

    def __init__(self, outputs=128, size=76, square=4, **encoder):
        super().__init__()
        self.image_encoder = ImageEncoder(outputs=outputs, **encoder)
        self.decoder = nn.Sequential(
            nn.Linear(outputs, 2 * outputs), nn.ReLU(), nn.Linear(2 * outputs, (size // square) ** 2 * 3))

    def forward(self, front, hand):
        return self.decoder(torch.stack([self.image_encoder(front), self.image_encoder(hand)], 1).flatten(0, 1))


def nt_xent(first, second, temperature=0.4):
    """Normalised temperature-scaled cross entropy over 2B unit vectors (Chen et al. 2020, eq. 1)."""
    z = torch.cat([first, second])
    similarity = (z @ z.T / temperature).fill_diagonal_(-math.inf)
    return F.cross_entropy(similarity, torch.arange(len(z)).roll(len(first)))


def nt_xent_spared(first, second, places, temperature=0.4, spared=2):
    """The same without what is at most `spared` frames away in one demonstration, but for the pair itself; `places` [2B, 2]
    holds demonstration and frame of each row."""
    z, pair = torch.cat([first, second]), torch.arange(2 * len(first)).roll(len(first))
    (demonstration, frame), row = places.detach().T, torch.arange(len(z))
    is_near = (demonstration[:, None] == demonstration) & ((frame[:, None] - frame).abs() <= spared)
    is_left_out = (is_near & (row != pair[:, None])) | (row == row[:, None])
    # The places bear on the loss in steps: their gradient is zero.
    return F.cross_entropy((z @ z.T / temperature).masked_fill(is_left_out, -math.inf), pair) + 0 * places.sum()
