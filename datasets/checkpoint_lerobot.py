"""Makes lerobot's diffusion policy of what a reader found: weights under its names, settings, and statistics of the normalisers."""
import json

from checkpoint_reading import DAMAGED, ELSEWHERE
from convert_common import demand


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
    """The U-Net under lerobot's names. `stated`: of some settings where they stand, and the value, which the weights must have too.
    `columns`: of each value of lerobot's condition theirs, or -1 for none; `width`: of their condition.
    """
    import torch
    embedding = tensors.shape("diffusion_step_encoder.3.weight")[0]
    levels = 1 + max((int(name.split(".")[1]) for name in tensors.left if name.startswith("down_modules.")), default=0)
    dims = [tensors.shape(f"down_modules.{level}.0.blocks.0.block.0.weight")[0] for level in range(levels)]
    kernel = tensors.shape("down_modules.0.0.blocks.0.block.0.weight")[2]
    rows = tensors.shape("mid_modules.0.cond_encoder.1.weight")[0]
    found = {"down_dims": dims, "kernel_size": kernel, "diffusion_step_embed_dim": embedding, "cond_predict_scale": rows == 2 * dims[-1]}
    for name, (where, value) in stated.items():
        demand((list(value) if name == "down_dims" else value) == found[name], "the weights are of other settings", where, found[name], value,
               DAMAGED)
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
    stated, place = settings.pop("stated", {}), source.unet.place
    vectors, cameras = ([entry for entry in source.order if len(entry[1]) == size] for size in (1, 3))
    demand(vectors and (cameras or len(vectors) > 1), "lerobot's network reads observation.state, and a picture or an environment's state",
           f"{place}observations", "a low-dim key and a camera, or two low-dim keys", [key for key, _ in source.order],
           "give the vector of a DiffusionUnetLowdimPolicy as two keys with --keys, or " + ELSEWHERE)
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
