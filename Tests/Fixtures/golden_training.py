"""goldens/training.safetensors: ten steps of the small policy's training, from the weights and observations
in goldens/policy.safetensors. goldens/flow_training.safetensors: losses and gradient norms of ten steps from the same, with the
same actions, noise and steps, by flow matching.

One step, as in diffusion_policy: AdamW, then the learning rate's schedule, then the exponential moving average.
"""
import copy
import math

import torch
from torch.nn import functional as F

from golden_common import largest_difference, normal, save, uniform
from golden_schedule import STEPS, add_noise

UPDATES, WARM_UP, RATE = 10, 3, 1e-3


def learning_rate(update):
    """Linear warm-up from 0, then half a cosine down to 0; `update` counts from 0."""
    if update < WARM_UP:
        return RATE * update / WARM_UP
    return RATE * 0.5 * (1 + math.cos(math.pi * (update - WARM_UP) / (UPDATES - WARM_UP)))


def average_decay(update):
    """The reference starts its count one update late: the first two updates copy the weights."""
    return min(1 - (1 + max(0, update - 1)) ** -0.75, 0.9999)


def denoising(actions, noise, steps):
    """What the network is given and what it is to answer, in diffusion."""
    return add_noise(actions, noise, steps.long()), noise


def flow_matching(actions, noise, steps):
    """The same on a line from noise to actions, of which the network answers the direction."""
    share = (steps / STEPS)[:, None, None]
    return (1 - share) * noise + share * actions, actions - noise


def loss_of(inputs, dtype, process):
    """The loss of a policy at each update: (policy, update) -> loss."""
    inputs = {key: value.to(dtype) for key, value in inputs.items()}

    def run(policy, update):
        noise, steps = inputs["noise"][update], inputs["steps"][update]
        noisy, target = (x.to(dtype) for x in process(inputs["actions"].double(), noise.double(), steps.double()))
        return F.mse_loss(policy(inputs["front"], inputs["hand"], inputs["low_dim"], noisy, steps), target)

    return run


def train(policy, loss_of):
    """Runs the ten updates on `policy`; returns losses, gradient norms and the averaged policy."""
    optimizer = torch.optim.AdamW(policy.parameters(), lr=RATE, betas=(0.95, 0.999), eps=1e-8, weight_decay=1e-6)
    average = copy.deepcopy(policy)
    losses, norms = [], []
    for update in range(UPDATES):
        loss = loss_of(policy, update)
        optimizer.zero_grad()
        loss.backward()
        norms.append(torch.nn.utils.get_total_norm([p.grad for p in policy.parameters()]))
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(update)
        optimizer.step()
        decay = average_decay(update)
        with torch.no_grad():
            for kept, current in zip(average.parameters(), policy.parameters()):
                kept.mul_(decay).add_(current, alpha=1 - decay)
        losses.append(loss.detach())
    return torch.stack(losses), torch.stack(norms), average


# Not among the weights whose exact gradient is zero: those move by rounding noise alone under Adam.
COMPARED = (
    "obs_encoder.obs_nets.agentview_image.backbone.nets.0.weight",
    "obs_encoder.obs_nets.robot0_eye_in_hand_image.nets.3.weight",
    "model.diffusion_step_encoder.1.weight",
    "model.down_modules.0.0.blocks.0.block.0.weight",
    "model.mid_modules.1.cond_encoder.1.bias",
    "model.up_modules.0.2.conv.weight",
    "model.final_conv.0.block.1.weight",
    "model.final_conv.1.bias",
)


def make(policy, observations):
    """`policy` keeps its weights; `observations` are front, hand and low_dim."""
    batch = len(observations["front"]) // 2
    inputs = {
        "actions": uniform("training/actions", batch, 16, 7),
        "noise": normal("training/noise", UPDATES, batch, 16, 7),
        "steps": torch.randint(0, STEPS, (UPDATES, batch), generator=torch.Generator().manual_seed(0)).double(),
    }
    exact, single = copy.deepcopy(policy), copy.deepcopy(policy).float()
    losses, norms, average = train(exact, loss_of(observations | inputs, torch.float64, denoising))
    single_losses, _, single_average = train(single, loss_of(observations | inputs, torch.float32, denoising))
    weights, averages = dict(exact.named_parameters()), dict(average.named_parameters())
    singles = {f"weights/{name}": weights[name] for name in COMPARED}
    singles |= {f"average/{name}": averages[name] for name in COMPARED}
    singles |= {
        "losses": losses, "gradient_norms": norms,
        "learning_rates": torch.tensor([learning_rate(k) for k in range(UPDATES)], dtype=torch.float64),
        "average_decays": torch.tensor([average_decay(k) for k in range(UPDATES)], dtype=torch.float64),
    }
    single_averages = dict(single_average.named_parameters())
    save(
        "training", {f"inputs/{key}": value for key, value in inputs.items()}, singles,
        optimizer="AdamW, rate 1e-3, betas 0.95 0.999, epsilon 1e-8, weight decay 1e-6; 3 warm-up updates of 10",
        float32_difference_losses=f"{largest_difference(single_losses, losses):.2g}",
        float32_difference_averages=f"{max(largest_difference(single_averages[n], averages[n]) for n in COMPARED):.2g}",
    )

    exact, single = copy.deepcopy(policy), copy.deepcopy(policy).float()
    losses, norms, _ = train(exact, loss_of(observations | inputs, torch.float64, flow_matching))
    single_losses, _, _ = train(single, loss_of(observations | inputs, torch.float32, flow_matching))
    save(
        "flow_training", {}, {"losses": losses, "gradient_norms": norms},
        float32_difference_losses=f"{largest_difference(single_losses, losses):.2g}")
