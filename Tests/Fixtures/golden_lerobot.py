"""goldens/lerobot.safetensors: what policies from elsewhere need and ours do not.

resize/<case>/input [H, W, 3], resize/<case>/output: bilinear with antialiasing, as torchvision's Resize treats tensors.
schedule/<name>: products of 1 - beta as diffusers' schedulers keep them, all in float32 (T = 100, linear ones 1e-4 to 0.02).
clean/...: both samplers with a denoiser that answers the clean sequence, x0 clipped to [-2, 2].
"""
import torch
from torch.nn import functional as F

from golden_common import images, normal, save
from golden_schedule import STEPS, squared_cosine

SIZES = {"shrunk": (24, 32, 9, 14), "little": (10, 14, 9, 12), "grown": (10, 7, 13, 15), "mixed": (12, 9, 5, 11), "same": (6, 5, 6, 3)}
RANGE, INFERENCE_STEPS = 2.0, 5


def singles():
    """The three schedules in float32, as `DDPMScheduler` computes them."""
    betas = {
        "squaredcos_cap_v2": betas_of(squared_cosine()),
        "linear": torch.linspace(1e-4, 0.02, STEPS, dtype=torch.float32),
        "scaled_linear": torch.linspace(1e-4**0.5, 0.02**0.5, STEPS, dtype=torch.float32) ** 2,
    }
    return {key: torch.cumprod(1.0 - value, 0) for key, value in betas.items()}


def betas_of(levels):
    before = torch.cat([torch.ones(1, dtype=levels.dtype), levels[:-1]])
    return (1 - levels / before).float()


def denoiser(x, t):
    """Stands in for a network: the clean sequence, up to beyond the range."""
    return 1.5 * x - 0.4 * t / STEPS + 0.1


def ddim(x, t, before, levels):
    level, target = levels[t], levels[before] if before >= 0 else torch.ones((), dtype=levels.dtype)
    clean = denoiser(x, t)
    epsilon = (x - level.sqrt() * clean) / (1 - level).sqrt()
    return target.sqrt() * clean.clamp(-RANGE, RANGE) + (1 - target).sqrt() * epsilon


def ddpm(x, t, before, levels, noise):
    level, target = levels[t], levels[before] if before >= 0 else torch.ones((), dtype=levels.dtype)
    alpha = level / target
    beta = 1 - alpha
    clean = denoiser(x, t).clamp(-RANGE, RANGE)
    mean = target.sqrt() * beta / (1 - level) * clean + alpha.sqrt() * (1 - target) / (1 - level) * x
    return mean + ((1 - target) / (1 - level) * beta).sqrt() * noise if t > 0 else mean


def make():
    halves, results = {}, {}
    for case, (height, width, new_height, new_width) in SIZES.items():
        picture = images(f"resize/{case}", 1, height, width)
        output = F.interpolate(picture, (new_height, new_width), mode="bilinear", align_corners=False, antialias=True)
        halves[f"resize/{case}/input"] = picture[0].permute(1, 2, 0)
        results[f"resize/{case}/output"] = output[0].permute(1, 2, 0)
    results |= {f"schedule/{key}": value for key, value in singles().items()}

    levels, stride = squared_cosine(), STEPS // INFERENCE_STEPS
    x, noises = normal("clean/start", 2, 4, 3), normal("clean/noises", INFERENCE_STEPS, 2, 4, 3)
    halves |= {"clean/start": x, "clean/noises": noises}
    ahead, behind = [x], [x]
    for step, noise in zip(reversed(range(INFERENCE_STEPS)), noises):
        t = step * stride
        ahead.append(ddim(ahead[-1], t, t - stride, levels))
        behind.append(ddpm(behind[-1], t, t - stride, levels, noise))
    results |= {"clean/ddim": torch.stack(ahead), "clean/ddpm": torch.stack(behind)}
    save("lerobot", halves, results, denoiser="clean = 1.5 x - 0.4 t / 100 + 0.1", clip=str(RANGE), steps=str(INFERENCE_STEPS))


if __name__ == "__main__":
    make()
