"""goldens/schedule.safetensors: the noise schedule and both samplers with a denoiser that is a formula.

Settings as in diffusion_policy: T = 100, squared cosine, epsilon prediction, x0 clipped to [-1, 1], fixed small variance.
"""
import math

import torch

from golden_common import normal, save

STEPS = 100


def squared_cosine():
    """The cumulative products of 1 - beta, float64 [100] (Nichol and Dhariwal 2021, eq. 17; beta at most 0.999)."""
    level = lambda t: math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
    betas = [min(1 - level((i + 1) / STEPS) / level(i / STEPS), 0.999) for i in range(STEPS)]
    return torch.cumprod(1 - torch.tensor(betas, dtype=torch.float64), 0)


def add_noise(clean, noise, steps):
    """[B, ...], [B, ...], [B] integers -> the noisy sample (Ho et al. 2020, eq. 4)."""
    level = squared_cosine()[steps].reshape(-1, *[1] * (clean.ndim - 1))
    return level.sqrt() * clean + (1 - level).sqrt() * noise


def denoiser(x, t):
    """Stands in for a network: epsilon = 0.8 x + 0.3 t / T - 0.1."""
    return 0.8 * x + 0.3 * t / STEPS - 0.1


def predicted_clean(x, epsilon, level):
    """x0 from epsilon, clipped (Ho et al. 2020, eq. 15)."""
    return ((x - (1 - level).sqrt() * epsilon) / level.sqrt()).clamp(-1, 1)


def ddpm_step(x, t, noise, levels):
    """The posterior's mean and its variance beta-tilde (Ho et al. 2020, eq. 6-7); no noise at t = 0."""
    level = levels[t]
    before = levels[t - 1] if t > 0 else torch.ones_like(level)
    alpha = level / before
    beta = 1 - alpha
    clean = predicted_clean(x, denoiser(x, t), level)
    mean = before.sqrt() * beta / (1 - level) * clean + alpha.sqrt() * (1 - before) / (1 - level) * x
    return mean + ((1 - before) / (1 - level) * beta).sqrt() * noise if t > 0 else mean


def ddim_step(x, t, stride, levels):
    """eta = 0 (Song et al. 2021, eq. 12); the direction keeps the network's epsilon although x0 is clipped."""
    level = levels[t]
    before = levels[t - stride] if t >= stride else torch.ones_like(level)
    epsilon = denoiser(x, t)
    return before.sqrt() * predicted_clean(x, epsilon, level) + (1 - before).sqrt() * epsilon


def make():
    levels = squared_cosine()
    for step, value in {0: 0.999369, 49: 0.49384, 98: 2.4285e-4, 99: 2.4285e-7}.items():
        assert abs(levels[step].item() / value - 1) < 1e-4, (step, levels[step])

    start, noises = normal("schedule/start", 2, 5, 3), normal("schedule/noises", STEPS, 2, 5, 3)
    ddpm = [start]
    for t in reversed(range(STEPS)):
        ddpm.append(ddpm_step(ddpm[-1], t, noises[t], levels))
    stride = STEPS // 10
    ddim = [start]
    ddim_steps = [k * stride for k in reversed(range(10))]
    for t in ddim_steps:
        ddim.append(ddim_step(ddim[-1], t, stride, levels))

    clean, noise = normal("add_noise/clean", 5, 4, 3), normal("add_noise/noise", 5, 4, 3)
    steps = torch.tensor([0, 1, 17, 50, 99])
    save(
        "schedule",
        {
            "start": start, "ddpm/noises": noises, "ddim/steps": torch.tensor(ddim_steps, dtype=torch.float64),
            "add_noise/clean": clean, "add_noise/noise": noise, "add_noise/steps": steps.double(),
        },
        {
            "alphas_cumulative": levels, "ddpm/trajectory": torch.stack(ddpm), "ddim/trajectory": torch.stack(ddim),
            "add_noise/output": add_noise(clean, noise, steps),
        },
        denoiser="epsilon = 0.8 x + 0.3 t / 100 - 0.1",
        ddpm="trajectory[0] = start; trajectory[k + 1] follows at t = 99 - k with noises[t]; no noise at t = 0",
        ddim="trajectory[0] = start; trajectory[k + 1] follows at t = steps[k]; eta 0; last level 1",
    )
