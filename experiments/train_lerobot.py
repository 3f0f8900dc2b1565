"""Trains lerobot's own DiffusionPolicy on demonstrations of a robomimic file, on a CPU, for `alt audit`:

    pip install lerobot==0.4.4 h5py                      # Python 3.10 or 3.11, in an environment of its own
    python experiments/train_lerobot.py lift.hdf5 lift8 --demonstrations 8
    alt audit lift8/checkpoints/0* --data lift.hdf5 --trained-on demo_0,demo_1,... 'audit.keys={observation.state: [...]}'

The last line that it prints is the whole command. Its sizes are what an hour of two cores allows: a ResNet-18 from random weights on one camera,
one observed step, a U-Net of 128, 256 and 512 channels (28 million parameters), batches of 24. Everything else is lerobot's: network, loss,
processors, file format.
"""
import argparse
import json
import math
import time
from pathlib import Path

import h5py
import numpy as np
import torch
from lerobot.configs.types import FeatureType, PolicyFeature
from lerobot.policies.diffusion.configuration_diffusion import DiffusionConfig
from lerobot.policies.diffusion.modeling_diffusion import DiffusionPolicy
from lerobot.policies.diffusion.processor_diffusion import make_diffusion_pre_post_processors

STATE = ["robot0_eef_pos", "robot0_eef_quat", "robot0_gripper_qpos"]
CAMERA = "agentview_image"
HORIZON = 16
# lerobot's defaults for pictures
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}


def read(path, count):
    with h5py.File(path) as file:
        names = sorted((name.decode() for name in file["mask/train"][:]), key=lambda name: int(name.removeprefix("demo_")))[:count]
        join = lambda obs: np.concatenate([obs[key][:] for key in STATE], 1).astype(np.float32)
        return names, [{"image": demo[f"obs/{CAMERA}"][:], "state": join(demo["obs"]), "action": demo["actions"][:].astype(np.float32)}
                       for demo in (file[f"data/{name}"] for name in names)]


def statistics(demonstrations):
    """Of the demonstrations, with actions in at least [-1, 1], which is where the controller takes them from."""
    tables = {f"observation.images.{CAMERA}": {name: torch.tensor(values).reshape(3, 1, 1) for name, values in IMAGENET.items()}}
    for feature, key in (("observation.state", "state"), ("action", "action")):
        values = np.concatenate([demo[key] for demo in demonstrations])
        tables[feature] = {name: torch.tensor(getattr(values, name)(0)) for name in ("min", "max", "mean", "std")}
    tables["action"]["min"] = tables["action"]["min"].clamp(max=-1)
    tables["action"]["max"] = tables["action"]["max"].clamp(min=1)
    return tables


def batch(demonstrations, windows):
    """One observed step, and the actions from it on; past the end the last one is repeated and marked."""
    places = [(demonstrations[index], frame + np.arange(HORIZON)) for index, frame in windows]
    ends = [np.minimum(steps, len(demo["action"]) - 1) for demo, steps in places]
    images = np.stack([demo["image"][steps[:1]] for demo, steps in places])
    return {f"observation.images.{CAMERA}": torch.from_numpy(images).permute(0, 1, 4, 2, 3).float() / 255,
            "observation.state": torch.from_numpy(np.stack([demo["state"][steps[:1]] for demo, steps in places])),
            "action": torch.from_numpy(np.stack([demo["action"][end] for (demo, _), end in zip(places, ends)])),
            "action_is_pad": torch.from_numpy(np.stack([end != steps for (_, steps), end in zip(places, ends)]))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file"), parser.add_argument("output", type=Path)
    for name, default in (("demonstrations", 8), ("steps", 3000), ("batch", 24), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--rate", type=float, default=3e-4)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    random, steps = np.random.default_rng(options.seed), options.steps
    names, demonstrations = read(options.file, options.demonstrations)
    config = DiffusionConfig(
        input_features={f"observation.images.{CAMERA}": PolicyFeature(FeatureType.VISUAL, (3, *demonstrations[0]["image"].shape[1:3])),
                        "observation.state": PolicyFeature(FeatureType.STATE, (demonstrations[0]["state"].shape[1],))},
        output_features={"action": PolicyFeature(FeatureType.ACTION, (demonstrations[0]["action"].shape[1],))}, device="cpu", n_obs_steps=1,
        horizon=HORIZON, down_dims=(128, 256, 512), crop_shape=(76, 76), pretrained_backbone_weights=None, noise_scheduler_type="DDIM",
        num_inference_steps=10)
    policy = DiffusionPolicy(config).train()
    before, after = make_diffusion_pre_post_processors(config, dataset_stats=statistics(demonstrations))
    policy.diffusion.rgb_encoder.backbone.to(memory_format=torch.channels_last)  # a fifth faster on a CPU
    windows = [(index, frame) for index, demo in enumerate(demonstrations) for frame in range(len(demo["action"]))]
    print(f"{', '.join(names)}: {len(windows)} frames; {sum(p.numel() for p in policy.parameters()) / 1e6:.1f} million parameters", flush=True)

    optimizer = torch.optim.AdamW(policy.get_optim_params(), lr=options.rate, betas=(0.95, 0.999), eps=1e-8, weight_decay=1e-6, fused=True)
    cosine = lambda step: min(step / 200, (1 + math.cos(math.pi * step / steps)) / 2)  # after a warm-up
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, cosine)
    kept = {max(1, steps // part) for part in (16, 8, 4, 2, 1)}
    begin, losses, order = time.time(), [], []
    for step in range(1, steps + 1):
        if len(order) < options.batch:
            order = list(random.permutation(len(windows)))
        picked, order = order[:options.batch], order[options.batch:]
        item = batch(demonstrations, [windows[index] for index in picked])
        pad = item.pop("action_is_pad")
        loss, _ = policy.forward(before(item) | {"action_is_pad": pad})
        loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), 10)
        optimizer.step(), optimizer.zero_grad(), schedule.step()
        losses.append(loss.item())
        if step % 50 == 0:
            pace = (time.time() - begin) / step
            print(f"step {step} of {steps}, loss {np.mean(losses[-50:]):.4f}, {pace:.2f} s a step, {pace * (steps - step) / 60:.0f} min left", flush=True)
        if step in kept:
            folder = options.output / "checkpoints" / f"{step:06d}"
            for part in (policy, before, after):
                part.save_pretrained(folder / "pretrained_model")
            (folder / "training_state").mkdir(exist_ok=True)
            (folder / "training_state" / "training_step.json").write_text(json.dumps({"step": step}))
    print(f"alt audit {options.output}/checkpoints/0* --data {options.file} --trained-on {','.join(names)} "
          f"'audit.keys={{observation.state: [{', '.join(STATE)}]}}'")


if __name__ == "__main__":
    main()
