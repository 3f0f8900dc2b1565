"""Writes a folder of lerobot's diffusion policy (pretrained_model), which `alt audit` reads, from an older checkpoint:

    python datasets/convert_checkpoint.py latest.ckpt lift_policy               # diffusion_policy (real-stanford): hybrid images, low-dim
    python datasets/convert_checkpoint.py model_epoch_500.pth lift_policy       # robomimic's own Diffusion Policy

Python 3.11 or later with torch 2.6 or later and safetensors (requirements-checkpoint.txt). Checkpoints are pickles, and unpickling can run
whatever a file says. Here nothing is run: tensors and plain values are read, and settings of omegaconf by an inert stand-in. A file with
other objects is refused; `--trust` unpickles it in full (with dill, omegaconf and whatever else it names installed): only for files whose
maker you trust. What lerobot's network cannot answer exactly alike is refused by its name; README.txt in the folder says the rest.
"""
import argparse
import contextlib
import hashlib
import io
import json
import os
import pickle
import re
import shutil
import signal
import sys
import zipfile
from collections import namedtuple
from pathlib import Path

from convert_common import DATA, EXISTS, MISSING, PACKAGE, USAGE, WRITING, Failure, Parser, demand

ELSEWHERE = "let it answer where it runs: `alt ask`"
DAMAGED = "check that the checkpoint is whole and of the published code"
# order: (key, shape) as the condition has them, per step; maps: key -> (scale, offset), normalised = raw * scale + offset.
Source = namedtuple("Source", "kind unet encoders order maps gaussian settings steps notes")


class Inert:
    """In the place of a class that a pickle names: keeps the state that it is given, and does nothing."""
    def __new__(cls, *_):
        return object.__new__(cls)

    def __setstate__(self, state):
        self.__dict__.update(state if isinstance(state, dict) else {})


class InertTable(dict):
    def __init__(self, *_):
        pass


STAND_INS = [(InertTable, "collections.defaultdict")] + [(Inert, name) for name in (
    "omegaconf.dictconfig.DictConfig", "omegaconf.listconfig.ListConfig", "omegaconf.base.ContainerMetadata", "omegaconf.base.Metadata",
    *(f"omegaconf.nodes.{kind}Node" for kind in ("Any", "Boolean", "Float", "Integer", "String")), "typing.Any", "dill._dill._load_type",
    *(f"{module}.{kind}" for module in ("builtins", "__builtin__") for kind in ("dict", "list", "int", "float", "str", "bool", "object")),
    *(f"numpy.{core}.multiarray.{name}" for core in ("core", "_core") for name in ("scalar", "_reconstruct")), "numpy.dtype", "numpy.ndarray")]


class Numbers(pickle.Unpickler):
    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"{module}.{name}")


def load(path, trust):
    import torch
    if not path.is_file():
        raise Failure(MISSING, "there is no such checkpoint", path, todo="name a .ckpt of diffusion_policy or a .pth of robomimic")
    try:
        if trust:
            import dill
            return torch.load(path, map_location="cpu", weights_only=False, pickle_module=dill)
        with torch.serialization.safe_globals(STAND_INS):
            return torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except ImportError:
        raise
    except pickle.UnpicklingError as error:
        raise Failure(DATA, "the checkpoint has objects that are read by running code", path, "tensors, plain values, omegaconf's settings",
                      (re.findall(r"GLOBAL ([\w.]+)", str(error)) or [str(error).splitlines()[-1]])[0],
                      "--trust, if you trust who made the file: unpickling runs whatever it says")
    except Exception as error:
        raise Failure(DATA, "the checkpoint cannot be read", path, found=f"{type(error).__name__}: {str(error)[:200]}",
                      todo="fetch or copy it again")


def plain(value):
    """Of omegaconf's containers, real or stand-ins, dicts and lists."""
    inside = getattr(value, "__dict__", {})
    if "_content" in inside or "_val" in inside:
        return plain(inside["_content"] if "_content" in inside else inside["_val"])
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    return [plain(entry) for entry in value] if isinstance(value, (list, tuple)) else value


class Settings:
    """A checkpoint's settings by dotted names; what is asked for is known or refused."""
    def __init__(self, values, place):
        self.values, self.place = values, place

    def __call__(self, name, *default):
        value = self.values
        for part in name.split("."):
            if not isinstance(value, dict) or part not in value:
                demand(default, "a setting is missing", f"{self.place}.{name}", "a value", "no such setting", DAMAGED)
                return default[0]
            value = value[part]
        demand(not isinstance(value, Inert) and not str(value).startswith("${"), "a setting is not resolved", f"{self.place}.{name}", "a value",
               value, ELSEWHERE)
        return value

    def only(self, name, *allowed):
        """The value, which must be one of these; the first where there is none."""
        value = self(name, allowed[0])
        self.refuse(value not in allowed, name, " or ".join(map(str, allowed)), value)
        return value

    def refuse(self, condition, name, expected, found, todo=ELSEWHERE):
        demand(not condition, "the policy asks for what lerobot's network does not have", f"{self.place}.{name}", expected, found, todo)

    def part(self, name):
        return Settings(self(name), f"{self.place}.{name}")


class Tensors:
    """Tensors by name, each to be taken once, with its shape."""
    def __init__(self, tensors, prefix, place):
        self.place = f"{place}, tensor {prefix}"
        self.left = {name[len(prefix):]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}

    def shape(self, name):
        demand(name in self.left, "a tensor is missing", self.place + name, "a tensor", f"{len(self.left)} others", DAMAGED)
        return tuple(self.left[name].shape)

    def take(self, name, *shape):
        demand(self.shape(name) == shape, "a tensor has another shape", self.place + name, shape, self.shape(name), DAMAGED)
        tensor = self.left.pop(name).detach()
        demand(not tensor.is_floating_point() or tensor.isfinite().all(), "a tensor is not finite", self.place + name, todo=DAMAGED)
        return tensor.float() if tensor.is_floating_point() else tensor

    def drop_copies(self, copy, original):
        """PyTorch saves a module under every name that it has."""
        for name in [name for name in self.left if name.startswith(copy)]:
            other = self.left.get(original + name[len(copy):])
            demand(other is not None and other.equal(self.left.pop(name)), "a module has two sets of weights", self.place + name,
                   f"the values of {original}", "others", ELSEWHERE)

    def finish(self):
        for name, tensor in self.left.items():
            demand(False, "a tensor belongs to nothing in lerobot's network", self.place + name, "no such tensor", tuple(tensor.shape), ELSEWHERE)


def split(tensors, unet, nets, order, place):
    """The U-Net's tensors and those of every camera's encoder, which must be all."""
    prefixes = {key: f"{nets}{key}." for key, shape in order if len(shape) == 3}
    own = (unet, *prefixes.values())
    Tensors({name: tensor for name, tensor in tensors.items() if not name.startswith(own)}, "", place).finish()
    return Tensors(tensors, unet, place), {key: Tensors(tensors, prefix, place) for key, prefix in prefixes.items()}


def noise(settings, kind, steps, place):
    """The noise's fields, as diffusers reads them."""
    levels = settings("num_train_timesteps", 1000)
    known = {"_target_", "enabled", "num_train_timesteps", "num_inference_timesteps", "dynamic_thresholding_ratio", "sample_max_value"}
    fields = {"noise_scheduler_type": kind, "num_train_timesteps": levels, "num_inference_steps": steps,
              "beta_schedule": settings.only("beta_schedule", "linear", "scaled_linear", "squaredcos_cap_v2"),
              "beta_start": settings("beta_start", 0.0001), "beta_end": settings("beta_end", 0.02),
              "prediction_type": settings.only("prediction_type", "epsilon", "sample"),
              "clip_sample": settings.only("clip_sample", True, False), "clip_sample_range": settings("clip_sample_range", 1.0)}
    rest = {"trained_betas": None, "thresholding": False, "timestep_spacing": "leading", "rescale_betas_zero_snr": False, "steps_offset": 0}
    rest |= {"variance_type": "fixed_small"} if kind == "DDPM" else {"set_alpha_to_one": True}
    for name, needed in rest.items():
        settings.only(name, needed)
    for name in sorted(set(settings.values) - known - set(fields) - set(rest)):
        settings.refuse(True, name, "a setting of diffusers' schedulers that is known here", settings(name))
    # Their diffusers 0.11 steps from t to t - 1 also where it skips levels.
    demand(steps == levels if kind == "DDPM" else 1 <= steps <= levels, "these steps back are not lerobot's", place,
           f"DDPM with all {levels} steps, or DDIM with up to {levels}", f"{kind} with {steps}", ELSEWHERE)
    return fields


def step_count(payload):
    with contextlib.suppress(Exception):
        return int(Numbers(io.BytesIO(payload["pickles"]["global_step"])).load())


def key_widths(text, known, total, place):
    """Low-dim keys with widths: as the user says, else those with one unknown width."""
    todo = "say which keys of the demonstrations it is made of, in their order: --keys object=10,robot0_eef_pos=3"
    try:
        keys = [(name, int(width)) for name, width in (part.split("=") for part in text.split(","))] if text else None
    except ValueError:
        raise Failure(USAGE, "--keys cannot be read", text, "NAME=WIDTH,NAME=WIDTH", todo=todo)
    if not keys and known:
        endings = {"_eef_pos": 3, "_eef_quat": 4, "_gripper_qpos": 2}
        keys = [(key, next((width for end, width in endings.items() if key.endswith(end)), None)) for key in known]
        rest = total - sum(width or 0 for _, width in keys)
        keys = [(key, width or rest) for key, width in keys] if sum(width is None for _, width in keys) < 2 else None
    demand(keys and sum(dict(keys).values()) == total and min(width for _, width in keys) > 0 and len(dict(keys)) == len(keys),
           "the parts of the low-dim observation are not known", place, f"keys with {total} values together", keys or known or "no names", todo)
    return [(key, (width,)) for key, width in keys]


def no_keys(given):
    if given:
        raise Failure(USAGE, "--keys is for DiffusionUnetLowdimPolicy", expected="none: this policy names its keys itself", todo="leave --keys out")


POLICY = {"_target_", "noise_scheduler", "horizon", "n_action_steps", "n_obs_steps", "num_inference_steps", "obs_as_global_cond"}
UNET = {"diffusion_step_embed_dim", "down_dims", "kernel_size", "n_groups", "cond_predict_scale"}


def from_diffusion_policy(payload, path, keys):
    cfg = Settings(plain(payload["cfg"]), f"{path}: cfg")
    policy, kind = cfg.part("policy"), cfg("policy._target_").rsplit(".", 1)[-1]
    known = {"DiffusionUnetHybridImagePolicy": {"shape_meta", "crop_shape", "obs_encoder_group_norm", "eval_fixed_crop"} | UNET,
             "DiffusionUnetImagePolicy": {"shape_meta", "obs_encoder"} | UNET,
             "DiffusionUnetLowdimPolicy": {"model", "obs_dim", "action_dim", "obs_as_local_cond", "pred_action_steps_only",
                                           "oa_step_convention"}}
    policy.refuse(kind not in known, "_target_", " or ".join(known), kind)
    lowdim, hybrid = kind == "DiffusionUnetLowdimPolicy", kind == "DiffusionUnetHybridImagePolicy"
    for name in sorted(set(policy.values) - POLICY - known[kind]):  # all handed to the scheduler at every step
        policy.refuse(policy(name) != {"eta": 0, "use_clipped_model_output": False}.get(name), name, "no further settings", policy(name))
    policy.refuse(not policy("obs_as_global_cond", not lowdim), "obs_as_global_cond", "true", "false: observations in the U-Net's input")
    use_ema = cfg("training.use_ema", False)
    name = "ema_model" if use_ema else "model"
    tensors, place = payload["state_dicts"].get(name), f"{path}: state_dicts.{name}"
    demand(tensors is not None, "the weights are missing", place, "those that it samples with", sorted(payload["state_dicts"]), DAMAGED)
    normalizer = Tensors(tensors, "normalizer.params_dict.", place)
    read = lambda key: tuple(normalizer.take(f"{key}.{name}", *normalizer.shape(f"{key}.{name}")).double() for name in ("scale", "offset"))
    action, statistics = read("action"), [normalizer.left.get(f"action.input_stats.{name}") for name in ("min", "max")]
    reach = max([(values.double() * action[0] + action[1]).abs().max().item() for values in statistics if values is not None], default=1)
    crop, group_norm, unet = None, True, policy.part("model") if lowdim else policy
    no_keys(keys and not lowdim)
    if lowdim:
        for name in ("obs_as_local_cond", "pred_action_steps_only"):
            policy.only(name, False)
        policy.refuse(not policy("oa_step_convention", False), "oa_step_convention",
                      "true: the first executed action is the last observation's", "false: it is the one after")
        scale, offset = (values.expand(policy("obs_dim")) if values.numel() == 1 else values for values in read("obs"))
        order = key_widths(keys, cfg("task.dataset.obs_keys", None), policy("obs_dim"), policy.place + ".obs_dim")
        ends = [sum(shape[0] for _, shape in order[:count]) for count in range(len(order) + 1)]
        maps = {key: (scale[ends[i]:ends[i + 1]], offset[ends[i]:ends[i + 1]]) for i, (key, _) in enumerate(order)}
    else:
        kinds = {key: policy(f"shape_meta.obs.{key}").get("type", "low_dim") for key in policy("shape_meta.obs")}
        order = [(key, tuple(policy(f"shape_meta.obs.{key}.shape"))) for key in kinds]
        for key, shape in order:
            policy.refuse((kinds[key], len(shape)) not in (("rgb", 3), ("low_dim", 1)), f"shape_meta.obs.{key}",
                          "rgb of three axes or low_dim of one", f"{kinds[key]} {shape}")
        if not hybrid:
            policy.refuse("rgb" in kinds.values(), "obs_encoder", "an encoder with a spatial softmax and a linear layer, as the hybrid policy's",
                          f"{policy('obs_encoder._target_', 'another')}: its ResNet ends in an average of the feature map")
            order = sorted(order)
        elif policy("crop_shape", (76, 76)) is not None and "rgb" in kinds.values():
            crop = tuple(policy("crop_shape", (76, 76)))
            policy.refuse(not policy("eval_fixed_crop", False), "eval_fixed_crop", "true: the middle is cut out",
                          "false: robomimic 0.2 cuts out a random part for every answer")
        maps, group_norm = {key: read(key) for key, _ in order}, policy("obs_encoder_group_norm", False)
    horizon, observed, executed = (policy(name) for name in ("horizon", "n_obs_steps", "n_action_steps"))
    target = policy("noise_scheduler._target_").rsplit(".", 1)[-1]
    policy.refuse(target not in ("DDPMScheduler", "DDIMScheduler"), "noise_scheduler._target_", "DDPMScheduler or DDIMScheduler", target)
    scheduler = policy.part("noise_scheduler")
    steps = policy("num_inference_steps", None) or scheduler("num_train_timesteps", 1000)
    settings = {"horizon": horizon, "n_obs_steps": observed, "n_action_steps": executed, "crop_shape": crop, "use_group_norm": group_norm,
                "n_groups": unet("n_groups", 8), "drop_n_last_frames": max(0, horizon - observed - cfg("task.dataset.pad_after", executed - 1)),
                **noise(scheduler, target[:4], steps, policy.place + ".num_inference_steps")}
    stated = {"down_dims": [256, 512, 1024], "kernel_size": 3 if lowdim else 5, "diffusion_step_embed_dim": 256, "cond_predict_scale": not lowdim}
    settings["stated"] = {name: unet(name, default) for name, default in stated.items()}, unet.place
    tensors = {name: tensor for name, tensor in tensors.items() if not name.startswith("normalizer.") and not name.endswith("_dummy_variable")}
    network, encoders = split(tensors, "model.", "obs_encoder.obs_nets.", order, place)
    notes = ["Its training turned rotations into six numbers (abs_action): the demonstrations' actions must have that form too."] * bool(
        cfg("task.abs_action", False) or cfg("task.dataset.abs_action", False))
    return Source(f"diffusion_policy's {kind}, {'EMA' if use_ema else 'raw'} weights", network, encoders, order, maps | {"action": action},
                  reach > 1.05, settings, step_count(payload), notes)


def from_robomimic(payload, path, keys):
    import torch
    no_keys(keys)
    config = Settings(json.loads(payload["config"]), f"{path}: config")
    config.refuse(payload.get("algo_name") != "diffusion_policy", "algo_name", "diffusion_policy", payload.get("algo_name"))
    algo, rgb, ema = config.part("algo"), config.part("observation.encoder.rgb"), config("algo.ema.enabled", False)
    tensors, place = payload["model"].get("ema" if ema else "nets"), f"{path}: model.{'ema' if ema else 'nets'}"
    demand(tensors is not None, "the weights are missing", place, "those that it samples with", sorted(payload["model"]), DAMAGED)
    modalities = config("observation.modalities.obs")
    kinds = {key: kind for kind, keys in modalities.items() for key in keys}
    order = [(key, tuple(shape)) for key, shape in payload["shape_metadata"]["all_shapes"].items() if key in kinds]
    crop = None
    for key, shape in order:
        config.refuse((kinds[key], len(shape)) not in (("rgb", 3), ("low_dim", 1)), f"observation.modalities.obs.{kinds[key]}",
                      "rgb of three axes or low_dim of one", f"{key} {shape}")
    config.only("observation.encoder.low_dim.core_class", None)
    if "rgb" in kinds.values():
        rgb.only("core_class", "VisualCore")
        rgb.only("core_kwargs.backbone_class", "ResNet18Conv")
        rgb.only("core_kwargs.pool_class", "SpatialSoftmax")
        randomizers, given = (value if isinstance(value, list) else [value]
                              for value in (rgb("obs_randomizer_class", None), rgb("obs_randomizer_kwargs", {})))
        rgb.refuse(randomizers not in ([], [None], ["CropRandomizer"]), "obs_randomizer_class", "CropRandomizer or null", randomizers)
        if randomizers == ["CropRandomizer"]:
            kwargs = Settings(given[0], rgb.place + ".obs_randomizer_kwargs")
            crop = kwargs("crop_height", 76), kwargs("crop_width", 76)
            kwargs.only("pos_enc", False)
            for key, shape in order:
                for side, size in zip(shape[1:], crop):  # robomimic rounds half of the margin down, torchvision to even
                    kwargs.refuse(len(shape) == 3 and (side - size) // 2 != round((side - size) / 2), "crop_height or crop_width",
                                  "a margin whose middle lerobot rounds alike", f"{key}: {size} of {side}")
    one, shapes = {"scale": [[1.0]], "offset": [[0.0]]}, dict(order)
    observed, actions = (payload.get(f"{name}_normalization_stats") for name in ("obs", "action"))

    def invert(entries, key):
        """Of (raw - offset) / scale."""
        values = [[torch.tensor(entry.get(name, entry.get(old)), dtype=torch.float64).flatten() for entry in entries]
                  for name, old in (("scale", "std"), ("offset", "mean"))]
        scale, offset = map(torch.cat, values)
        if len(shapes.get(key, ())) == 3 and (scale == scale[0]).all() and (offset == offset[0]).all():
            scale, offset = scale[:1], offset[:1]
        return 1 / scale, -offset / scale

    maps = {key: invert([(observed or {}).get(key, one)], key) for key, _ in order}
    action_keys = config("train.action_keys", ["actions"])
    action_settings = [(config("train.action_config", {}) or {}).get(key) or {} for key in action_keys]
    for key, entry in zip(action_keys, action_settings):
        config.refuse(entry.get("format") == "rot_6d", f"train.action_config.{key}.format", "none",
                      "rot_6d, which robomimic turns into angles after the network")
    maps["action"] = invert([actions[key] for key in action_keys] if actions else [one], "action")
    kind = "ddpm" if algo("ddpm.enabled") else "ddim"
    scheduler = algo.part(kind)
    settings = {"horizon": algo("horizon.prediction_horizon"), "n_obs_steps": algo("horizon.observation_horizon"),
                "n_action_steps": algo("horizon.action_horizon"), "crop_shape": crop, "use_group_norm": True,
                "drop_n_last_frames": 0 if config("train.pad_seq_length", True) else config("train.seq_length") - 1,
                # robomimic makes its U-Net without handing the settings of algo.unet on: eight groups.
                "n_groups": algo.only("unet.n_groups", 8), **noise(scheduler, kind.upper(), scheduler("num_inference_timesteps"), scheduler.place)}
    epoch, length = (payload.get("variable_state") or {}).get("epoch"), config("experiment.epoch_every_n_steps", None)
    network, encoders = split(tensors, "policy.noise_pred_net.", "policy.obs_encoder.nets.obs.obs_nets.", order, place)
    notes = [f"Its actions are {' + '.join(action_keys)} side by side: so must the demonstrations' be."] * (action_keys != ["actions"])
    return Source(f"robomimic's Diffusion Policy, {'EMA' if ema else 'raw'} weights", network, encoders, order, maps,
                  any(entry.get("normalization") == "gaussian" for entry in action_settings), settings,
                  epoch * length if isinstance(epoch, int) and isinstance(length, int) else None, notes)


def convert_encoder(tensors, keypoints, height, width, group_norm):
    """One camera's ResNet-18, spatial softmax and linear layer; what lerobot's has more of is zeros."""
    import torch
    result = {}

    def take(name, *shape):
        result[f"backbone.{name}"] = tensors.take(f"backbone.nets.{name}", *shape)

    def layer(conv, norm, *shape):
        take(f"{conv}.weight", *shape)
        for part in ("weight", "bias") if group_norm else ("weight", "bias", "running_mean", "running_var"):
            take(f"{norm}.{part}", shape[0])
        if not group_norm:
            take(f"{norm}.num_batches_tracked")

    layer("0", "1", 64, 3, 7, 7)
    channels = 64
    for stage in range(4):
        wide = 64 << stage
        for block in range(2):
            name = f"{4 + stage}.{block}"
            layer(f"{name}.conv1", f"{name}.bn1", wide, channels, 3, 3)
            layer(f"{name}.conv2", f"{name}.bn2", wide, wide, 3, 3)
            if channels != wide:
                layer(f"{name}.downsample.0", f"{name}.downsample.1", wide, channels, 1, 1)
            channels = wide
    rows, columns = -(-height // 32), -(-width // 32)
    grid = torch.cartesian_prod(*(torch.linspace(-1, 1, count, dtype=torch.float64) for count in (rows, columns))).flip(1).float()
    for column, name in enumerate(("pool.pos_x", "pool.pos_y")):
        found = tensors.take(name, 1, rows * columns)[0]
        demand(torch.allclose(found, grid[:, column], rtol=0, atol=1e-6), "the spatial softmax has other positions", tensors.place + name, "-1 to 1",
               found.tolist(), ELSEWHERE)
    count, temperature = tensors.shape("pool.nets.weight")[0], tensors.take("pool.temperature", 1)
    demand(temperature > 0, "a temperature is not above 0", tensors.place + "pool.temperature", "above 0", temperature.item(), DAMAGED)
    features = tensors.shape("nets.3.weight")[0] if "nets.3.weight" in tensors.left else 2 * count
    weight, bias = torch.zeros(keypoints, 512, 1, 1), torch.zeros(keypoints)
    weight[:count] = tensors.take("pool.nets.weight", count, 512, 1, 1) / temperature
    bias[:count] = tensors.take("pool.nets.bias", count) / temperature
    out, out_bias = torch.zeros(2 * keypoints, 2 * keypoints), torch.zeros(2 * keypoints)
    if "nets.3.weight" in tensors.left:
        out[:features, :2 * count] = tensors.take("nets.3.weight", features, 2 * count)
        out_bias[:features] = tensors.take("nets.3.bias", features)
    else:
        out[:features, :features] = torch.eye(features)
    tensors.finish()
    return result | {"pool.nets.weight": weight, "pool.nets.bias": bias, "pool.pos_grid": grid, "out.weight": out, "out.bias": out_bias}


def convert_unet(tensors, stated, columns, width, action):
    """The U-Net under lerobot's names. `columns`: of each value of lerobot's condition theirs, or -1 for none; `width`: of their condition."""
    import torch
    embedding = tensors.shape("diffusion_step_encoder.3.weight")[0]
    levels = 1 + max((int(name.split(".")[1]) for name in tensors.left if name.startswith("down_modules.")), default=0)
    dims = [tensors.shape(f"down_modules.{level}.0.blocks.0.block.0.weight")[0] for level in range(levels)]
    kernel = tensors.shape("down_modules.0.0.blocks.0.block.0.weight")[2]
    rows = tensors.shape("mid_modules.0.cond_encoder.1.weight")[0]
    found = {"down_dims": dims, "kernel_size": kernel, "diffusion_step_embed_dim": embedding, "cond_predict_scale": rows == 2 * dims[-1]}
    for name, value in (stated[0] if stated else {}).items():
        demand((list(value) if name == "down_dims" else value) == found[name], "the weights are of other settings", f"{stated[1]}.{name}",
               found[name], value, DAMAGED)
    result, scale = {}, 2 if found["cond_predict_scale"] else 1
    index = torch.tensor(columns)

    def pair(name, own, *shape):
        result[f"{name}.weight"], result[f"{name}.bias"] = tensors.take(f"{own}.weight", *shape), tensors.take(f"{own}.bias", shape[0])

    def conv_block(name, own, before, after):
        pair(f"{name}.0", f"{own}.0", after, before, kernel)
        pair(f"{name}.1", f"{own}.1", after)

    def residual(name, before, after):
        conv_block(f"{name}.conv1.block", f"{name}.blocks.0.block", before, after)
        conv_block(f"{name}.conv2.block", f"{name}.blocks.1.block", after, after)
        pair(f"{name}.cond_encoder.1", f"{name}.cond_encoder.1", scale * after, embedding + width)
        weight = result[f"{name}.cond_encoder.1.weight"]
        result[f"{name}.cond_encoder.1.weight"] = torch.cat([weight[:, :embedding], weight[:, embedding + index.clamp(min=0)] * (index >= 0)], 1)
        if before != after:
            pair(f"{name}.residual_conv", f"{name}.residual_conv", after, before, 1)

    pair("diffusion_step_encoder.1", "diffusion_step_encoder.1", 4 * embedding, embedding)
    pair("diffusion_step_encoder.3", "diffusion_step_encoder.3", embedding, 4 * embedding)
    for level, (before, after) in enumerate(zip([action, *dims], dims)):
        residual(f"down_modules.{level}.0", before, after)
        residual(f"down_modules.{level}.1", after, after)
        if level < levels - 1:
            pair(f"down_modules.{level}.2", f"down_modules.{level}.2.conv", after, after, 3)
    for block in range(2):
        residual(f"mid_modules.{block}", dims[-1], dims[-1])
    for level, (before, after) in enumerate(zip(dims[:0:-1], dims[-2::-1])):
        residual(f"up_modules.{level}.0", 2 * before, after)
        residual(f"up_modules.{level}.1", after, after)
        pair(f"up_modules.{level}.2", f"up_modules.{level}.2.conv", after, after, 4)
    conv_block("final_conv.0.block", "final_conv.0.block", dims[0], dims[0])
    pair("final_conv.1", "final_conv.1", action, dims[0], 1)
    tensors.finish()
    found["use_film_scale_modulation"] = found.pop("cond_predict_scale")
    return result, found


def statistics(maps, width, mode, place):
    """MIN_MAX's or MEAN_STD's statistics of raw * scale + offset, as exact as that is itself in float32."""
    scale, offset = maps
    demand({scale.numel(), offset.numel()} <= {1, width}, "a normaliser has another width", place, width, scale.numel(), DAMAGED)
    scale, offset = scale.expand(width), offset.expand(width)
    demand(bool((scale > 0).all() and scale.isfinite().all() and offset.isfinite().all()), "a normaliser's scale is not above 0", place, "above 0",
           scale.tolist(), ELSEWHERE)
    if mode == "MEAN_STD":
        return {"mean": (-offset / scale).float(), "std": (1 / scale).float()}
    low, high = ((-1 - offset) / scale).float(), ((1 - offset) / scale).float()
    for raw in (low.double(), high.double()):
        error = (2 * (raw - low.double()) / (high.double() - low.double()) - 1 - raw * scale - offset).abs()
        demand(bool((error <= 2**-21 * (1 + offset.abs())).all()), "a normaliser's range is too narrow for float32", place,
               "what float32 tells apart", scale.tolist(), ELSEWHERE)
    return {"min": low, "max": high}


def build(source):
    """Every file of the folder but README.txt, texts and tensors by name, and the audit's keys."""
    import torch
    settings, action = dict(source.settings), source.unet.shape("final_conv.1.weight")[0]
    stated, place = settings.pop("stated", None), source.unet.place
    vectors, cameras = ([entry for entry in source.order if len(entry[1]) == size] for size in (1, 3))
    demand(vectors and (cameras or len(vectors) > 1), "lerobot's network reads observation.state, and a picture or an environment's state",
           f"{place}observations", "a low-dim key and a camera, or two low-dim keys", [key for key, _ in source.order],
           "give a single low-dim vector as two keys with --keys, or " + ELSEWHERE)
    demand(len({shape for _, shape in cameras}) < 2 and all(shape[0] == 3 for _, shape in cameras), "lerobot takes pictures of one size",
           f"{place}observations", "[3, height, width], all alike", dict(cameras), ELSEWHERE)
    state, environment = (vectors, []) if cameras else (vectors[1:], vectors[:1])
    crop = settings["crop_shape"]
    demand(not crop or all(0 < size <= side for _, shape in cameras for size, side in zip(crop, shape[1:])), "the crop is larger than the pictures",
           place, dict(cameras), crop, DAMAGED)
    features, counts = {}, [1]
    for key, tensors in source.encoders.items():
        tensors.drop_copies("nets.0.", "backbone.")
        tensors.drop_copies("nets.1.", "pool.")
        demand("pool.nets.weight" in tensors.left, "a camera's encoder has no spatial softmax with keypoints of its own", tensors.place, "pool.nets",
               sorted(tensors.left)[-3:], ELSEWHERE)
        count = tensors.shape("pool.nets.weight")[0]
        features[key] = tensors.shape("nets.3.weight")[0] if "nets.3.weight" in tensors.left else 2 * count
        counts += [count, -(-features[key] // 2)]
        batch_norm = any(name.endswith("running_mean") for name in tensors.left)
        demand(batch_norm != settings["use_group_norm"], "the encoder's normalisation is another one", tensors.place + "backbone",
               "GroupNorm" if settings["use_group_norm"] else "BatchNorm", "BatchNorm" if batch_norm else "GroupNorm", DAMAGED)
    keypoints = max(counts)
    widths = {key: features.get(key, shape[0]) for key, shape in source.order}
    starts = {key: sum(list(widths.values())[:place]) for place, key in enumerate(widths)}
    step = [column for key, _ in state + cameras + environment
            for column in [*range(starts[key], starts[key] + widths[key]), *[-1] * (2 * keypoints - widths[key] if key in features else 0)]]
    total, observed = sum(widths.values()), settings["n_obs_steps"]
    columns = [column if column < 0 else index * total + column for index in range(observed) for column in step]
    unet, found = convert_unet(source.unet, stated, columns, observed * total, action)
    for what, fits in ((f"a horizon that 2^{len(found['down_dims'])} divides", settings["horizon"] % 2 ** len(found["down_dims"]) == 0),
                       ("n_action_steps up to horizon - n_obs_steps + 1", settings["n_action_steps"] <= settings["horizon"] - observed + 1)):
        demand(fits, "lerobot has no such windows", f"{place}horizon", what,
               {name: settings[name] for name in ("horizon", "n_obs_steps", "n_action_steps")}, ELSEWHERE)
    weights = {f"diffusion.unet.{name}": tensor for name, tensor in unet.items()}
    for index, (key, shape) in enumerate(cameras):
        encoder = convert_encoder(source.encoders[key], keypoints, *(crop or shape[1:]), settings["use_group_norm"])
        weights |= {f"diffusion.rgb_encoder.{index}.{name}": tensor for name, tensor in encoder.items()}

    def join(entries):
        parts = [[values.expand(shape[0]) if values.numel() == 1 else values for values in source.maps[key]] for key, shape in entries]
        return tuple(map(torch.cat, zip(*parts)))
    inputs = {f"observation.images.{key}": ("VISUAL", shape, source.maps[key], [key]) for key, shape in cameras}
    for name, kind, entries in (("observation.state", "STATE", state), ("observation.environment_state", "ENV", environment)):
        if entries:
            inputs[name] = kind, (sum(shape[0] for _, shape in entries),), join(entries), [key for key, _ in entries]
    modes = {"VISUAL": "MEAN_STD", "STATE": "MIN_MAX", "ENV": "MIN_MAX", "ACTION": "MEAN_STD" if source.gaussian else "MIN_MAX"}
    tables = {}
    for name, (kind, shape, maps, _) in (inputs | {"action": ("ACTION", (action,), source.maps["action"], [])}).items():
        picture = kind == "VISUAL"
        where = f"{place}normaliser of {name}"
        demand(not picture or max(values.numel() for values in maps) == 1, "pictures are normalised pixel by pixel", where, "one scale", "many",
               ELSEWHERE)
        for statistic, values in statistics(maps, 3 if picture else shape[0], modes[kind], where).items():
            tables[f"{name}.{statistic}"] = (values.reshape(3, 1, 1) if picture else values).contiguous()
    features = {name: {"type": kind, "shape": list(shape)} for name, (kind, shape, _, _) in inputs.items()}
    output = {"action": {"type": "ACTION", "shape": [action]}}
    config = {"type": "diffusion", "input_features": features, "output_features": output, "device": "cpu", "use_amp": False, "push_to_hub": False,
              "normalization_mapping": modes, "vision_backbone": "resnet18", "resize_shape": None, "crop_ratio": 1.0, "crop_is_random": True,
              "pretrained_backbone_weights": None, "spatial_softmax_num_keypoints": keypoints, "use_separate_rgb_encoder_per_camera": True,
              **settings, **found}
    config["crop_shape"] = list(crop) if crop else None
    step_of = lambda name, file, chosen: {"registry_name": name, "config": {"eps": 1e-8, "features": chosen, "norm_map": modes}, "state_file": file}
    before, after = "policy_preprocessor_step_3_normalizer_processor.safetensors", "policy_postprocessor_step_0_unnormalizer_processor.safetensors"
    device = {"registry_name": "device_processor", "config": {"device": "cpu", "float_dtype": None}}
    first = [{"registry_name": "rename_observations_processor", "config": {"rename_map": {}}},
             {"registry_name": "to_batch_processor", "config": {}}, device, step_of("normalizer_processor", before, features | output)]
    texts = {"config.json": config, "policy_preprocessor.json": {"name": "policy_preprocessor", "steps": first},
             "policy_postprocessor.json": {"name": "policy_postprocessor", "steps": [step_of("unnormalizer_processor", after, output), device]}}
    if source.steps is not None:
        texts["train_config.json"] = {"steps": source.steps}
    keys = ", ".join(f"{name}: {parts[0] if kind == 'VISUAL' else '[' + ', '.join(parts) + ']'}" for name, (kind, _, _, parts) in inputs.items())
    return ({name: json.dumps(value, indent=2) + "\n" for name, value in texts.items()},
            {"model.safetensors": weights, before: tables, after: tables}, f"audit.keys={{{keys}}}")


def write(output, texts, tensors):
    """The folder appears under its name when all of it is on disk, or not at all."""
    from safetensors.torch import save_file
    draft = output.with_name(f"{output.name}.{os.getpid()}.partial")
    try:
        draft.mkdir()
    except OSError as error:
        raise Failure(EXISTS, "the output cannot be created", draft, found=error.strerror, todo="name a folder that exists and can be written")
    try:
        for name, text in texts.items():
            (draft / name).write_text(text)
        for name, table in tensors.items():
            save_file({key: value.contiguous() for key, value in table.items()}, draft / name, metadata={"format": "pt"})
        for file in draft.iterdir():
            with open(file, "rb") as stream:
                os.fsync(stream.fileno())
        if output.exists():
            raise Failure(EXISTS, "the output exists already", output, todo="name another folder, or remove this one")
        os.rename(draft, output)
    except Failure:
        raise
    except Exception as error:
        raise Failure(WRITING, "the output cannot be written", output, found=error, todo="free space on the disk and try again")
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def run(arguments):
    path, output = Path(arguments.checkpoint), Path(arguments.output)
    if output.exists():
        raise Failure(EXISTS, "the output exists already", output, todo="name another folder, or remove this one")
    payload = load(path, arguments.trust)
    readers = [(("cfg", "state_dicts"), from_diffusion_policy), (("config", "model", "shape_metadata"), from_robomimic)]
    reader = next((reader for names, reader in readers if isinstance(payload, dict) and all(name in payload for name in names)), None)
    demand(reader, "the checkpoint is of neither kind", path, "cfg and state_dicts of diffusion_policy, or config, model and shape_metadata of robomimic",
           sorted(map(str, payload))[:8] if isinstance(payload, dict) else type(payload).__name__,
           "name a .ckpt of diffusion_policy or a .pth of robomimic")
    try:
        source = reader(payload, path, arguments.keys)
        texts, tensors, keys = build(source)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError) as error:
        raise Failure(DATA, "the checkpoint has another form than the published code's", path, found=f"{type(error).__name__}: {error}", todo=DAMAGED)
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    command = f"alt audit {output} --data FILE --trained-on MASK '{keys}'"
    texts["README.txt"] = "\n".join([f"A policy in lerobot's form, converted from {path.name} (SHA-256 {digest}): {source.kind}.",
                                     "train_config.json says only how many steps it had been trained.", *source.notes, "", command, ""])
    write(output, texts, tensors)
    count = sum(value.numel() for value in tensors["model.safetensors"].values())
    print("\n".join([f"{output}: {source.kind}, {count} values", *source.notes, command]))


def main():
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", help="a .ckpt of diffusion_policy or a .pth of robomimic")
    parser.add_argument("output", help="the folder to write; an existing one is never replaced")
    parser.add_argument("--keys", metavar="NAME=WIDTH,...", help="of a low-dim policy: the demonstrations' keys that its observation is made of")
    parser.add_argument("--trust", action="store_true", help="unpickle in full, which can run whatever the file says")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(arguments)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return failure.code
    except ImportError as error:
        print(f"a Python package is missing: {error.name}\n  to do:    pip install -r datasets/requirements-checkpoint.txt"
              + "; the file itself needs what it names" * arguments.trust, file=sys.stderr)
        return PACKAGE
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
