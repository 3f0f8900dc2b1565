"""Reads the diffusion policies of this program's own runs: RUN/policy/diffusion, with config.json and model.safetensors.

Their tensors have diffusion_policy's names; load_diffusion.py beside them is the same policy in PyTorch. Both samplers visit diffusers' "leading"
timesteps, whatever their number: k * (levels // steps).
"""
import hashlib
import json

from checkpoint_reading import DAMAGED, ELSEWHERE, Settings, Source, Tensors, file_digest, no_keys, noise, split
from convert_common import DATA, MISSING, Failure, demand

FILES = ("config.json", "model.safetensors")
# What a description says, all of it: another setting could change what is answered.
DESCRIPTION = {"type", "image_size", "action_dimension", "sampler"} | {f"{group}.{name}" for group, names in (
    ("origin", ("commit", "experiment", "configuration", "data_sha256", "seed")), ("windows", ("horizon", "observation_steps", "executed_steps")),
    ("observation", ("cameras", "camera_shapes", "low_dim", "low_dim_widths")), ("encoder", ("variant", "channels", "keypoints", "features")),
    ("unet", ("down_dims", "step_embedding", "kernel_size", "group_count")), ("noise", ("steps", "clip")), ("samplers", ("ddpm", "ddim")))
    for name in names}


def load_folder(folder):
    from safetensors.torch import load_file
    for name in FILES:
        if not (folder / name).is_file():
            raise Failure(MISSING, "there is no policy in this folder", folder, " and ".join(FILES), f"no {name}",
                          "name RUN/policy/diffusion; a run writes it after its trainings")
    path = folder / FILES[0]
    try:
        description = json.loads(path.read_text())
        path = folder / FILES[1]
        return description, load_file(path)
    except ImportError:
        raise
    except Exception as error:
        raise Failure(DATA, "a file of the policy cannot be read", path, found=f"{type(error).__name__}: {str(error)[:200]}",
                      todo="copy the whole folder again")


def folder_digest(folder):
    """As the program itself names a policy: over a line for each file that decides what it answers."""
    lines = [f"{name} {file_digest(folder / name)}" for name in FILES]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def from_alt(payload, path, keys):
    description, tensors = payload
    no_keys(keys)
    config, place = Settings(description, f"{path}: config"), f"{path}: model"
    demand("input_features" not in description, "the policy is in lerobot's form already", path, "RUN/policy/diffusion of a run of this program",
           "lerobot's config.json", "audit the folder as it is")
    config.refuse(config("type") != "diffusion", "type", "diffusion", config("type"), "name RUN/policy/diffusion")
    for group, value in description.items():
        for name in [f"{group}.{name}" for name in value] if isinstance(value, dict) else [group]:
            config.refuse(name not in DESCRIPTION, name, "a setting of this program that is known here", config(name))

    cameras = list(zip(config("observation.cameras"), config("observation.camera_shapes"), strict=True))
    order = [(key, (channels, height, width)) for key, (height, width, channels) in cameras]
    order += [(key, (width,)) for key, width in zip(config("observation.low_dim"), config("observation.low_dim_widths"), strict=True)]
    size, action, groups = config("image_size"), config("action_dimension"), config("unet.group_count")
    for name, needed in (("variant", "resnet18"), ("channels", [64, 128, 256, 512])):
        config.refuse(cameras and config(f"encoder.{name}") != needed, f"encoder.{name}", needed, config(f"encoder.{name}"),
                      "train with diffusion.encoder.variant=resnet18 diffusion.encoder.channels=[64, 128, 256, 512], or " + ELSEWHERE)
    for key, (height, width, _) in cameras:
        for side in (height, width):  # half of the margin is rounded down here, by torchvision to even
            config.refuse((side - size) // 2 != round((side - size) / 2), "image_size", "a margin whose middle lerobot rounds alike",
                          f"{key}: {size} of {side}", "train with another image.crop, or " + ELSEWHERE)
    config.refuse(groups != 8, "unet.group_count", "8, as the last block of lerobot's U-Net always has", groups,
                  "train with diffusion.unet.group_count=8, or " + ELSEWHERE)

    normalizer = Tensors(tensors, "normalizer.params_dict.", place)
    widths = {key: shape[0] if len(shape) == 1 else 1 for key, shape in order} | {"action": action}
    maps = {key: tuple(normalizer.take(f"{key}.{part}", width).double() for part in ("scale", "offset")) for key, width in widths.items()}
    normalizer.finish()
    network, encoders = split({name: tensor for name, tensor in tensors.items() if not name.startswith("normalizer.params_dict.")}, "model.",
                              "obs_encoder.obs_nets.", order, place)
    sizes = [(network, "final_conv.1.bias", "action_dimension")]
    for encoder in encoders.values():
        sizes += [(encoder, "pool.nets.bias", "encoder.keypoints"), (encoder, "nets.3.bias", "encoder.features")]
        encoder.left |= spatial_softmax(-(-size // 32))
    for own, name, setting in sizes:
        demand(own.shape(name) == (config(setting),), "the weights are of other settings", f"{config.place}.{setting}", own.shape(name)[0],
               config(setting), DAMAGED)

    kind = config("sampler")
    config.refuse(kind not in ("ddpm", "ddim"), "sampler", "ddpm or ddim", kind)
    levels, steps = config("noise.steps"), config(f"samplers.{kind}")
    scheduler = Settings({"num_train_timesteps": levels, "beta_schedule": "squaredcos_cap_v2", "prediction_type": "epsilon",
                          "clip_sample": config("noise.clip")}, f"{config.place}.noise")
    horizon, observed, executed = (config(f"windows.{name}") for name in ("horizon", "observation_steps", "executed_steps"))
    settings = {"horizon": horizon, "n_obs_steps": observed, "n_action_steps": executed, "crop_shape": (size, size) if cameras else None,
                "use_group_norm": True, "n_groups": groups, "drop_n_last_frames": horizon - executed - observed + 1,
                **noise(scheduler, kind.upper(), steps, f"{config.place}.samplers.{kind}",
                        f"set samplers.{kind} to {levels}{', or sampler to ddim,' * (kind == 'ddpm')} in a copy of config.json, or " + ELSEWHERE)}
    stated = {"down_dims": "down_dims", "kernel_size": "kernel_size", "diffusion_step_embed_dim": "step_embedding"}
    settings["stated"] = {name: (f"{config.place}.unet.{own}", config(f"unet.{own}")) for name, own in stated.items()}
    settings["stated"]["cond_predict_scale"] = f"{place}: FiLM", True
    origin = {name: config(f"origin.{name}") for name in ("experiment", "seed", "commit", "configuration", "data_sha256")}
    notes = [f"Its origin: {', '.join(f'{name} {value}' for name, value in origin.items() if value != '')}."]
    return Source("a diffusion policy of a run of alt, EMA weights", network, encoders, order, maps, False, settings, None, notes)


def spatial_softmax(side):
    """What lerobot's code and robomimic's save beside the weights, of a square map of this side."""
    import torch
    line = torch.linspace(-1, 1, side)
    grid = torch.cartesian_prod(line, line)
    return {"pool.pos_x": grid[None, :, 1], "pool.pos_y": grid[None, :, 0], "pool.temperature": torch.ones(1)}
