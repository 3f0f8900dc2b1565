"""goldens/pretrained_trunk.safetensors: torchvision's ResNet-18 at small widths, at inference, with a projection in the place of
its classes.

state/<name> its state dict under torchvision's names, projection.weight and projection.bias; x [B, 3, H, W] in [-1, 1]; output
[B, features]. float32_difference_outputs as in make_goldens.py.
"""
import copy

import torch
from torch import nn
from torch.nn import functional as F

from golden_common import exact, images, largest_difference, normal, save

MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    """torchvision.models.resnet18 with other widths and another last layer."""

    def __init__(self, channels, features):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, channels[0], 7, 2, 3, bias=False), nn.BatchNorm2d(channels[0])
        for k, outputs in enumerate(channels):
            first = BasicBlock(channels[max(0, k - 1)], outputs, 1 if k == 0 else 2)
            setattr(self, f"layer{k + 1}", nn.Sequential(first, BasicBlock(outputs, outputs, 1)))
        self.fc = nn.Linear(channels[-1], features)

    def forward(self, x):
        """Images in [-1, 1]."""
        mean, deviation = (torch.tensor(v, dtype=x.dtype)[:, None, None] for v in (MEAN, DEVIATION))
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(((x + 1) / 2 - mean) / deviation))), 3, 2, 1)
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
        return self.fc(x.mean((2, 3)))


def make():
    network = ResNet18((4, 8, 12, 16), 6).eval()
    for name, value in network.state_dict().items():
        if name.endswith("running_var"):
            value.copy_(0.5 + normal(name, *value.shape).abs())
        elif name.endswith(("running_mean", "bias")):
            value.copy_(normal(name, *value.shape) / 5)
        elif name.endswith("weight") and value.ndim == 1:
            value.copy_(1 + normal(name, *value.shape) / 5)
        elif name.endswith("weight"):
            value.copy_(normal(name, *value.shape) * (2 / value[0].numel()) ** 0.5)
    network = network.half().double()
    x = exact(2 * images("pretrained_trunk/x", 2, 40, 44) - 1)
    with torch.no_grad():
        output, single = network(x), copy.deepcopy(network).float()(x.float())
    state = {name: value for name, value in network.state_dict().items() if value.is_floating_point()}
    names = {"fc.weight": "projection.weight", "fc.bias": "projection.bias"}
    save(
        "pretrained_trunk", {"x": x} | {names.get(name, f"state/{name}"): value for name, value in state.items()}, {"output": output},
        float32_difference_outputs=f"{largest_difference(single, output):.2g}")
