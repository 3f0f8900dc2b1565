"""The networks that rows ask, with their sizes and inputs: one definition for every library that computes them."""
import re
from dataclasses import dataclass

import torch
from golden_networks import ConditionalUnet1d, ContrastiveEncoder, Policy

BATCH, IMAGE, LOW_DIM, HORIZON, ACTIONS, DIFFUSION_STEPS = 64, 76, 9, 16, 7, 100
CONDITION = 2 * (128 + LOW_DIM)
REFERENCE_DIMS = (512, 1024, 2048)
TOLERANCE = 1e-4
LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def layouts(row):
    """The memory layouts worth trying: where there are no images, or they do not count beside many samples, one is enough."""
    only_one = row in ("forward_backward_unet", "reference_unet_one_step") or row.endswith("_samples")
    return {"contiguous": LAYOUTS["contiguous"]} if only_one else LAYOUTS


def images(count, layout):
    return torch.rand(count, 3, IMAGE, IMAGE).to(memory_format=layout)


def require_equal(found, expected, what):
    """Raises unless both arrays are finite and equal up to TOLERANCE."""
    difference = abs(found - expected).max()
    if not difference <= TOLERANCE:
        raise ValueError(f"{what} differs from PyTorch's by {difference:.2g}, more than {TOLERANCE:.0e}")


@dataclass
class Inference:
    """A row that only asks: its networks and one input of each by name, and what is asked of them."""
    modules: dict
    inputs: dict
    steps: int = 0  # denoising steps after the encoder; 0: the only network is asked once

    @staticmethod
    def of(row, layout=torch.contiguous_format):
        """The same numbers every time; None for another row."""
        torch.manual_seed(0)
        if row == "alt_encode_one":
            encoder = ContrastiveEncoder().to(memory_format=layout)
            return Inference({"encoder": encoder}, {"encoder": (images(1, layout), images(1, layout))})
        if row == "reference_unet_one_step":
            return Inference({"unet": ConditionalUnet1d(ACTIONS, CONDITION, REFERENCE_DIMS)}, {"unet": unet_input(1)})
        if query := re.fullmatch(r"policy_query_(\d+)_steps(?:_(\d+)_samples)?", row):
            policy, samples = Policy().to(memory_format=layout), int(query[2] or 1)
            return Inference(
                {"encoder": policy.obs_encoder, "unet": policy.model},
                {"encoder": (images(2, layout), images(2, layout), torch.rand(2, LOW_DIM)), "unet": unet_input(samples)},
                int(query[1]))
        return None


def unet_input(samples):
    steps = torch.randint(0, DIFFUSION_STEPS, (samples,)).float()
    return torch.randn(samples, HORIZON, ACTIONS), steps, torch.rand(samples, CONDITION)


def ask(calls, inputs, steps, arrays):
    """A row's work: one network asked once, or an observation encoded once and then denoising steps of all samples.

    `calls` compute the networks; `arrays` is torch or numpy, whatever they take and return.
    """
    if not steps:
        (name,) = calls
        return calls[name](*inputs[name])
    x = inputs["unet"][0]
    samples = len(x)
    condition = arrays.tile(calls["encoder"](*inputs["encoder"]).reshape(1, -1), (samples, 1))
    for step in reversed(range(steps)):
        x = x - 0.01 * calls["unet"](x, arrays.full((samples,), float(step), dtype=arrays.float32), condition)
    return x
