"""Reads checkpoints of robomimic's own Diffusion Policy."""
import json

from checkpoint_reading import DAMAGED, Settings, Source, no_keys, noise, split
from convert_common import demand


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
