"""A diffusion policy of this folder in PyTorch; needs torch and safetensors. The tensors have diffusion_policy's names.

python load_diffusion.py diffusion     asks about example.safetensors and compares with the sequences in it
"""
import json, math, sys
import torch
from safetensors.torch import load_file
from torch.nn import functional as F


def conv(w, name, x, **options):
    return (F.conv1d if x.dim() == 3 else F.conv2d)(x, w[name + ".weight"], w.get(name + ".bias"), **options)

def linear(w, name, x): return F.linear(x, w[name + ".weight"], w[name + ".bias"])

def norm(w, name, x, groups): return F.group_norm(x, groups, w[name + ".weight"], w[name + ".bias"])

def image_features(w, name, x, pools=False):  # [B, 3, S, S] in [-1, 1] -> [B, features]
    imagenet = name + ".pool.nets.weight" not in w  # torchvision's ResNet-18, its BatchNorms folded into weights and biases
    def group(name, x): return x if imagenet else norm(w, name, x, max(1, x.shape[1] // 16))
    if imagenet: x = ((x + 1) / 2 - torch.tensor([[[0.485]], [[0.456]], [[0.406]]])) / torch.tensor([[[0.229]], [[0.224]], [[0.225]]])
    stem = name + ".backbone.nets.0"
    x = F.relu(group(name + ".backbone.nets.1", conv(w, stem, x, stride=2, padding=w[stem + ".weight"].shape[-1] // 2)))
    if pools or imagenet: x = F.max_pool2d(x, 3, 2, 1)
    for stage, block in [(stage, block) for stage in range(4, 12) for block in range(2)]:
        at = f"{name}.backbone.nets.{stage}.{block}"
        if at + ".conv1.weight" not in w: continue
        stride = 2 if stage > 4 and block == 0 else 1
        y = F.relu(group(at + ".bn1", conv(w, at + ".conv1", x, stride=stride, padding=1)))
        y = group(at + ".bn2", conv(w, at + ".conv2", y, padding=1))
        if at + ".downsample.0.weight" in w: x = group(at + ".downsample.1", conv(w, at + ".downsample.0", x, stride=stride))
        x = F.relu(x + y)
    if imagenet: return linear(w, name + ".nets.3", x.mean((2, 3)))
    x = conv(w, name + ".pool.nets", x)  # spatial softmax: keypoint after keypoint as (x, y)
    grid = torch.meshgrid(*[torch.linspace(-1, 1, side) for side in x.shape[2:]], indexing="ij")
    x = torch.einsum("bkp,cp->bkc", x.flatten(2).softmax(-1), torch.stack(grid[::-1]).flatten(1))
    return F.relu(linear(w, name + ".nets.3", x.flatten(1)))

def unet(w, c, x, step, condition):  # x [B, A, T], condition [B, G] -> [B, A, T]
    def block(name, x): return F.mish(norm(w, name + ".block.1", conv(w, name + ".block.0", x, padding="same"), c["group_count"]))
    def residuals(name, x):
        for name in (name + ".0", name + ".1"):
            scale, bias = linear(w, name + ".cond_encoder.1", F.mish(condition)).unsqueeze(-1).chunk(2, 1)
            y = block(name + ".blocks.1", scale * block(name + ".blocks.0", x) + bias)
            x = y + (conv(w, name + ".residual_conv", x) if name + ".residual_conv.weight" in w else x)
        return x
    half, skips = c["step_embedding"] // 2, []
    angle = step * torch.exp(torch.arange(half) * (-math.log(10000) / (half - 1)))
    embedding = F.mish(linear(w, "model.diffusion_step_encoder.1", torch.cat([angle.sin(), angle.cos()])))
    embedding = linear(w, "model.diffusion_step_encoder.3", embedding).expand(len(x), -1)
    condition = torch.cat([embedding, condition], 1)
    for level in range(len(c["down_dims"])):
        x = residuals(f"model.down_modules.{level}", x)
        skips.append(x)
        if level + 1 < len(c["down_dims"]): x = conv(w, f"model.down_modules.{level}.2.conv", x, stride=2, padding=1)
    x = residuals("model.mid_modules", x)
    for level in range(len(c["down_dims"]) - 1):
        x, up = residuals(f"model.up_modules.{level}", torch.cat([x, skips.pop()], 1)), f"model.up_modules.{level}.2.conv"
        x = F.conv_transpose1d(x, w[up + ".weight"], w[up + ".bias"], stride=2, padding=1)
    return conv(w, "model.final_conv.1", block("model.final_conv.0", x))

def scaled(w, key, x): return x * w[f"normalizer.params_dict.{key}.scale"] + w[f"normalizer.params_dict.{key}.offset"]

@torch.no_grad()
def sequences(folder, observation, noise):
    """observation: cameras uint8 [steps, H, W, 3], low-dim float [steps, width]; noise [1 + draws, samples, T, A] -> [samples, T, A]"""
    c, w = json.load(open(f"{folder}/config.json")), load_file(f"{folder}/model.safetensors")
    size, features = c["image_size"], []
    for step in range(c["windows"]["observation_steps"]):
        for key in c["observation"]["cameras"]:
            image = observation[key][step].permute(2, 0, 1) / 255
            top, left = [(side - size) // 2 for side in image.shape[1:]]
            image = scaled(w, key, image[None, :, top:top + size, left:left + size])
            features.append(image_features(w, "obs_encoder.obs_nets." + key, image, c["encoder"]["variant"] == "resnet18")[0])
        features += [scaled(w, key, observation[key][step]) for key in c["observation"]["low_dim"]]
    condition = torch.cat(features).expand(noise.shape[1], -1)
    total, clean_share = c["noise"]["steps"], [1.0]  # squared cosine; [t + 1] is of timestep t, [0] of the clean sequence
    bar = [math.cos((t / total + 0.008) / 1.008 * math.pi / 2) ** 2 for t in range(total + 1)]
    for t in range(total): clean_share.append(clean_share[-1] * (1 - min(1 - bar[t + 1] / bar[t], 0.999)))
    count, draws = c["samplers"][c["sampler"]], iter(noise)
    x, ratio = next(draws), total // count
    for t in reversed(range(0, count * ratio, ratio)):
        now, before = clean_share[t + 1], clean_share[max(t + 1 - ratio, 0)]
        answer = unet(w, c["unet"], x.mT, t, condition).mT
        clean = (x - (1 - now) ** 0.5 * answer) / now ** 0.5
        if c["noise"]["clip"]: clean = clean.clamp(-1, 1)
        if c["sampler"] == "ddim":
            x = before ** 0.5 * clean + (1 - before) ** 0.5 * answer
        else:
            x = (before ** 0.5 * (1 - now / before) * clean + (now / before) ** 0.5 * (1 - before) * x) / (1 - now)
            if t > 0: x = x + max((1 - before) / (1 - now) * (1 - now / before), 1e-20) ** 0.5 * next(draws)
    return (x - w["normalizer.params_dict.action.offset"]) / w["normalizer.params_dict.action.scale"]


if __name__ == "__main__":
    example = load_file(f"{sys.argv[1]}/example.safetensors")
    difference = (sequences(sys.argv[1], example, example["answer/noise"]) - example["answer/sequences"]).abs().max().item()
    difference /= max(1, example["answer/sequences"].abs().max().item())
    sys.exit(print(f"largest difference {difference:.1e}") if difference < 1e-3 else f"sequences differ by {difference:.1e}")
