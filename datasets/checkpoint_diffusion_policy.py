"""Reads checkpoints of diffusion_policy (real-stanford): hybrid images, images without cameras, low-dim."""
import contextlib
import io
import pickle

from checkpoint_reading import DAMAGED, Settings, Source, Tensors, no_keys, noise, plain, split
from convert_common import USAGE, Failure, demand

POLICY = {"_target_", "noise_scheduler", "horizon", "n_action_steps", "n_obs_steps", "num_inference_steps", "obs_as_global_cond"}
UNET = {"diffusion_step_embed_dim", "down_dims", "kernel_size", "n_groups", "cond_predict_scale"}


class Numbers(pickle.Unpickler):
    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"{module}.{name}")


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
    settings["stated"] = {name: (f"{unet.place}.{name}", unet(name, default)) for name, default in stated.items()}
    tensors = {name: tensor for name, tensor in tensors.items() if not name.startswith("normalizer.") and not name.endswith("_dummy_variable")}
    network, encoders = split(tensors, "model.", "obs_encoder.obs_nets.", order, place)
    notes = ["Its training turned rotations into six numbers (abs_action): the demonstrations' actions must have that form too."] * bool(
        cfg("task.abs_action", False) or cfg("task.dataset.abs_action", False))
    return Source(f"diffusion_policy's {kind}, {'EMA' if use_ema else 'raw'} weights", network, encoders, order, maps | {"action": action},
                  reach > 1.05, settings, step_count(payload), notes)
