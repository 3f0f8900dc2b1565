"""Tests of convert_checkpoint.py on tiny checkpoints made here: python datasets/test_convert_checkpoint.py

Needs torch and safetensors. The checkpoints have the published layout, the same network answers on both sides, and what is compared is the
condition and epsilon at a given noise; with lerobot 0.4 installed, lerobot's own network answers too.
"""
import importlib.util
import json
import math
import pickle
import subprocess
import sys
import tempfile
import types
import unittest
from pathlib import Path

import convert_checkpoint
import convert_common

CONVERT = Path(__file__).with_name("convert_checkpoint.py")
MISSING = [name for name in ("torch", "safetensors") if importlib.util.find_spec(name) is None]
if not MISSING:
    import torch
    from safetensors.torch import load_file
    from torch.nn import functional as F
try:
    from lerobot.policies.diffusion.modeling_diffusion import DiffusionPolicy
except Exception:  # absent, or of other versions than its packages
    DiffusionPolicy = None
LEVELS, EMBEDDING, ACTION, HORIZON = [16, 32], 8, 3, 8


def weights(shapes, seed):
    generator, result = torch.Generator().manual_seed(seed), {}
    for name, shape in shapes.items():
        spread = 0.1 if len(shape) == 1 else 1.5 / math.sqrt(math.prod(shape[1:]))
        result[name] = spread * torch.randn(shape, generator=generator) + (1 if len(shape) == 1 and name.endswith("weight") else 0)
        if name.endswith("running_var"):
            result[name] = result[name].abs() + 0.5
    return result


def unet_shapes(condition, scale):
    """Under diffusion_policy's names."""
    shapes = {}

    def layer(name, *shape):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = shape, shape[:1]

    def block(name, before, after):
        for index, width in enumerate((before, after)):
            layer(f"{name}.blocks.{index}.block.0", after, width, 5)
            layer(f"{name}.blocks.{index}.block.1", after)
        layer(f"{name}.cond_encoder.1", (1 + scale) * after, EMBEDDING + condition)
        if before != after:
            layer(f"{name}.residual_conv", after, before, 1)

    layer("diffusion_step_encoder.1", 4 * EMBEDDING, EMBEDDING)
    layer("diffusion_step_encoder.3", EMBEDDING, 4 * EMBEDDING)
    for name, before, after in (("down_modules.0.0", ACTION, 16), ("down_modules.0.1", 16, 16), ("down_modules.1.0", 16, 32), ("down_modules.1.1", 32, 32),
                                ("mid_modules.0", 32, 32), ("mid_modules.1", 32, 32), ("up_modules.0.0", 64, 16), ("up_modules.0.1", 16, 16)):
        block(name, before, after)
    layer("down_modules.0.2.conv", 16, 16, 3)
    layer("up_modules.0.2.conv", 16, 16, 4)
    layer("final_conv.0.block.0", 16, 16, 5)
    layer("final_conv.0.block.1", 16)
    layer("final_conv.1", ACTION, 16, 1)
    return shapes


def unet(get, noise, step, condition, scale):
    """Epsilon, of layers under lerobot's names."""
    def linear(name, x):
        return F.linear(x, get(f"{name}.weight"), get(f"{name}.bias"))

    def conv(name, x, **rest):
        return F.conv1d(x, get(f"{name}.weight"), get(f"{name}.bias"), **rest)

    def conv_block(name, x):
        return F.mish(F.group_norm(conv(f"{name}.0", x, padding=2), 8, get(f"{name}.1.weight"), get(f"{name}.1.bias")))

    def block(name, x):
        film = linear(f"{name}.cond_encoder.1", F.mish(feature))[..., None]
        y = conv_block(f"{name}.conv1.block", x)
        y = film.chunk(2, 1)[0] * y + film.chunk(2, 1)[1] if scale else y + film
        return conv_block(f"{name}.conv2.block", y) + (conv(f"{name}.residual_conv", x) if x.shape[1] != y.shape[1] else x)

    angles = step[:, None] * torch.exp(torch.arange(EMBEDDING // 2) * (-math.log(10000) / (EMBEDDING // 2 - 1)))
    feature = linear("diffusion_step_encoder.3", F.mish(linear("diffusion_step_encoder.1", torch.cat([angles.sin(), angles.cos()], 1))))
    feature = torch.cat([feature, condition], 1)
    x = block("down_modules.0.1", block("down_modules.0.0", noise.mT))
    x = skip = block("down_modules.1.1", block("down_modules.1.0", conv("down_modules.0.2", x, stride=2, padding=1)))
    x = block("mid_modules.1", block("mid_modules.0", x))
    x = block("up_modules.0.1", block("up_modules.0.0", torch.cat([x, skip], 1)))
    x = F.conv_transpose1d(x, get("up_modules.0.2.weight"), get("up_modules.0.2.bias"), stride=2, padding=1)
    return conv("final_conv.1", conv_block("final_conv.0.block", x)).mT


def encoder_shapes(group_norm, keypoints, features):
    """Under robomimic's names."""
    shapes = {}

    def layer(name, norm, *shape):
        shapes[f"{name}.weight"] = shape
        for part in ("weight", "bias") + (() if group_norm else ("running_mean", "running_var")):
            shapes[f"{norm}.{part}"] = shape[:1]

    layer("backbone.nets.0", "backbone.nets.1", 64, 3, 7, 7)
    before = 64
    for stage in range(4):
        for index in range(2):
            name, after = f"backbone.nets.{4 + stage}.{index}", 64 << stage
            layer(f"{name}.conv1", f"{name}.bn1", after, before, 3, 3)
            layer(f"{name}.conv2", f"{name}.bn2", after, after, 3, 3)
            if before != after:
                layer(f"{name}.downsample.0", f"{name}.downsample.1", after, before, 1, 1)
            before = after
    shapes |= {"pool.nets.weight": (keypoints, 512, 1, 1), "pool.nets.bias": (keypoints,)}
    return shapes | ({"nets.3.weight": (features, 2 * keypoints), "nets.3.bias": (features,)} if features else {})


def encoder(get, pictures, group_norm, temperature=1.0, out="out"):
    """A camera's features, of layers under lerobot's names; without a linear layer where `out` is None."""
    def norm(name, x):
        if group_norm:
            return F.group_norm(x, x.shape[1] // 16, get(f"{name}.weight"), get(f"{name}.bias"))
        return F.batch_norm(x, *(get(f"{name}.{part}") for part in ("running_mean", "running_var", "weight", "bias")))

    x = F.relu(norm("backbone.1", F.conv2d(pictures, get("backbone.0.weight"), stride=2, padding=3)))
    x = F.max_pool2d(x, 3, 2, 1)
    for stage in range(4):
        for index in range(2):
            name, stride = f"backbone.{4 + stage}.{index}", 2 if stage > 0 and index == 0 else 1
            y = F.relu(norm(f"{name}.bn1", F.conv2d(x, get(f"{name}.conv1.weight"), stride=stride, padding=1)))
            y = norm(f"{name}.bn2", F.conv2d(y, get(f"{name}.conv2.weight"), padding=1))
            x = F.relu(y + (norm(f"{name}.downsample.1", F.conv2d(x, get(f"{name}.downsample.0.weight"), stride=2)) if stride == 2 else x))
    x = F.conv2d(x, get("pool.nets.weight"), get("pool.nets.bias"))
    grid = torch.cartesian_prod(torch.linspace(-1, 1, x.shape[2]), torch.linspace(-1, 1, x.shape[3])).flip(1)
    x = ((x.flatten(2) / temperature).softmax(-1) @ grid).flatten(1)
    return F.relu(F.linear(x, get(f"{out}.weight"), get(f"{out}.bias")) if out else x)


def theirs(table, prefix):
    """Of lerobot's names the tensors under the older ones."""
    def get(name):
        parts = {".conv1.block.": ".blocks.0.block.", ".conv2.block.": ".blocks.1.block.", "backbone.": "backbone.nets.", "out.": "nets.3."}
        other = next((name.replace(new, old) for new, old in parts.items() if new in name), name)
        return table.get(prefix + other, table.get(prefix + name.replace(".2.", ".2.conv.")))
    return get


def camera(key, prefix, *, group_norm, keypoints, features, size, temperature=1.0):
    table = weights(encoder_shapes(group_norm, keypoints, features), 5)
    rows, columns = (-(-side // 32) for side in size)
    grid = torch.cartesian_prod(torch.linspace(-1, 1, rows), torch.linspace(-1, 1, columns))
    table |= {"pool.temperature": torch.tensor([temperature]), "pool.pos_x": grid[None, :, 1], "pool.pos_y": grid[None, :, 0]}
    if not group_norm:
        table |= {name.replace("running_mean", "num_batches_tracked"): torch.tensor(7) for name in table if name.endswith("running_mean")}
    table |= {name.replace(old, new, 1): value for old, new in (("backbone.", "nets.0."), ("pool.", "nets.1.")) for name, value in table.items() if name.startswith(old)}
    return {f"{prefix}{key}.{name}": value for name, value in table.items()}


def hybrid(group_norm=True, scale=True):
    """A checkpoint of diffusion_policy whose keys stand in another order than lerobot has them."""
    order = {"x_pos": [2], "cam": [3, 69, 64], "y": [1]}
    table = {f"model.{name}": value for name, value in weights(unet_shapes(2 * (2 + 8 + 1), scale), 3).items()}
    table |= camera("cam", "obs_encoder.obs_nets.", group_norm=group_norm, keypoints=4, features=8, size=(64, 60)) | {"_dummy_variable": torch.zeros(0)}
    for key, scales, offsets in (("x_pos", [2.0, 0.5], [-0.25, 3.0]), ("cam", [2.0], [-1.0]), ("y", [1.0], [0.0]), ("action", [4.0, 1.0, 0.1], [0.5, 0.0, -2.0])):
        table |= {f"normalizer.params_dict.{key}.scale": torch.tensor(scales), f"normalizer.params_dict.{key}.offset": torch.tensor(offsets),
                  f"normalizer.params_dict.{key}.input_stats.min": (-1 - torch.tensor(offsets)) / torch.tensor(scales)}
    shapes = {key: {"shape": shape, "type": "rgb"} if len(shape) == 3 else {"shape": shape} for key, shape in order.items()}
    policy = {"_target_": "diffusion_policy.policy.diffusion_unet_hybrid_image_policy.DiffusionUnetHybridImagePolicy", "horizon": HORIZON, "n_obs_steps": 2,
              "shape_meta": {"obs": shapes, "action": {"shape": [ACTION]}}, "n_action_steps": 4, "num_inference_steps": 10, "obs_as_global_cond": True,
              "crop_shape": [64, 60], "down_dims": LEVELS, "diffusion_step_embed_dim": EMBEDDING, "kernel_size": 5, "n_groups": 8,
              "cond_predict_scale": scale, "obs_encoder_group_norm": group_norm, "eval_fixed_crop": True, "noise_scheduler": scheduler("DDIM")}
    raw = {name: value + 1 if value.is_floating_point() else value for name, value in table.items()}
    return {"cfg": {"policy": policy, "training": {"use_ema": True}, "task": {"dataset": {"pad_after": 3}}}, "state_dicts": {"model": raw, "ema_model": table},
            "pickles": {"global_step": pickle.dumps(1234)}}


def scheduler(kind):
    return {"_target_": f"diffusers.schedulers.scheduling_{kind.lower()}.{kind}Scheduler", "num_train_timesteps": 20, "beta_start": 0.0001, "beta_end": 0.02,
            "beta_schedule": "squaredcos_cap_v2", "clip_sample": True, "prediction_type": "epsilon"}


def lowdim():
    policy = {"_target_": "DiffusionUnetLowdimPolicy", "horizon": HORIZON, "n_obs_steps": 2, "n_action_steps": 4, "num_inference_steps": 20, "obs_dim": 12,
              "action_dim": ACTION, "obs_as_global_cond": True, "oa_step_convention": True, "noise_scheduler": scheduler("DDPM") | {"variance_type": "fixed_small"},
              "model": {"_target_": "ConditionalUnet1D", "down_dims": LEVELS, "diffusion_step_embed_dim": EMBEDDING, "kernel_size": 5, "cond_predict_scale": True}}
    table = {f"model.{name}": value for name, value in weights(unet_shapes(24, True), 3).items()}
    # Actions brought to a deviation of 1 reach beyond [-1, 1].
    for key, width, reach in (("obs", 12, 1.0), ("action", ACTION, 3.0)):
        table |= {f"normalizer.params_dict.{key}.{name}": value for name, value in
                  {"scale": torch.full([width], 2.0), "offset": torch.arange(width) / 8, "input_stats.max": (reach - torch.arange(width) / 8) / 2}.items()}
    return {"cfg": {"policy": policy, "training": {"use_ema": False}, "task": {"dataset": {"obs_keys": ["object", "robot0_eef_pos", "robot0_eef_quat"]}}},
            "state_dicts": {"model": table}, "pickles": {}}


def robomimic():
    """Keypoints and features that do not fit each other, another temperature, normalised observations."""
    prefix = "policy.obs_encoder.nets.obs.obs_nets."
    table = {f"policy.noise_pred_net.{name}": value for name, value in weights(unet_shapes(2 * (5 + 2), True), 3).items()}
    table |= camera("a_image", prefix, group_norm=True, keypoints=2, features=5, size=(64, 64), temperature=0.5)
    rgb = {"core_class": "VisualCore", "core_kwargs": {"backbone_class": "ResNet18Conv", "pool_class": "SpatialSoftmax"}, "obs_randomizer_class": "CropRandomizer",
           "obs_randomizer_kwargs": {"crop_height": 64, "crop_width": 64, "num_crops": 1, "pos_enc": False}}
    ddim = scheduler("DDIM") | {"enabled": True, "num_inference_timesteps": 10, "set_alpha_to_one": True, "steps_offset": 0}
    config = {"algo": {"horizon": {"observation_horizon": 2, "action_horizon": 4, "prediction_horizon": HORIZON}, "unet": {"n_groups": 8}, "ema": {"enabled": True},
                       "ddpm": {"enabled": False}, "ddim": ddim}, "train": {"action_keys": ["actions"], "action_config": {"actions": {"normalization": "min_max"}}},
              "observation": {"modalities": {"obs": {"low_dim": ["v"], "rgb": ["a_image"], "depth": []}}, "encoder": {"rgb": rgb, "low_dim": {"core_class": None}}},
              "experiment": {"epoch_every_n_steps": 100}}
    return {"model": {"nets": {}, "ema": table}, "config": json.dumps(config), "algo_name": "diffusion_policy", "variable_state": {"epoch": 3},
            "shape_metadata": {"all_shapes": {"a_image": [3, 69, 64], "unused": [4], "v": [2]}},
            "obs_normalization_stats": {"v": {"offset": [[0.5, -1.0]], "scale": [[2.0, 0.25]]}},
            "action_normalization_stats": {"actions": {"offset": [[0.0, 1.0, 2.0]], "scale": [[1.0, 2.0, 3.0]]}}}


@unittest.skipIf(MISSING, f"not installed: {', '.join(MISSING)}: pip install -r datasets/requirements-checkpoint.txt")
class CheckpointTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def convert(self, payload, *options, expected=0):
        path, output = self.folder / "old.ckpt", self.folder / f"new{len(list(self.folder.iterdir()))}"
        torch.save(payload, path)
        result = subprocess.run([sys.executable, CONVERT, path, output, *options], capture_output=True, text=True)
        self.assertEqual(result.returncode, expected, result.stdout + result.stderr)
        self.assertEqual(output.exists(), expected == 0)
        self.assertEqual(list(self.folder.glob("*.partial")), [])
        if expected:
            return result.stderr
        self.said = result.stdout
        return output, json.loads((output / "config.json").read_text()), load_file(output / "model.safetensors"), \
            load_file(output / "policy_preprocessor_step_3_normalizer_processor.safetensors")

    def normalized(self, values, table, name):
        return 2 * (values - table[f"{name}.min"]) / (table[f"{name}.max"] - table[f"{name}.min"]) - 1

    def compare(self, output, model, condition, old, old_condition, scale=True):
        generator = torch.Generator().manual_seed(9)
        noise, step = torch.randn(2, HORIZON, ACTION, generator=generator), torch.tensor([3, 17])
        expected = unet(old, noise, step, old_condition, scale)
        found = unet(lambda name: model[f"diffusion.unet.{name}"], noise, step, condition, scale)
        self.assertGreater(expected.std(), 0.1)
        self.assertLess((found - expected).abs().max(), 2e-5)
        if DiffusionPolicy:
            network = DiffusionPolicy.from_pretrained(output, strict=True).eval().diffusion.unet
            with torch.no_grad():
                self.assertLess((network(noise, step, global_cond=condition) - expected).abs().max(), 2e-5)

    def test_hybrid_policies_answer_alike(self):
        for group_norm, scale in ((True, True), (False, False)):
            payload = hybrid(group_norm, scale)
            output, config, model, table = self.convert(payload)
            old = payload["state_dicts"]["ema_model"]
            x, y, pictures = torch.rand(2, 2, 2), torch.rand(2, 2, 1), torch.rand(4, 3, 69, 64)
            middle = pictures[:, :, 2:66, 2:62]  # half of 5 is 2, to even
            features = encoder(theirs(old, "obs_encoder.obs_nets.cam."), 2 * middle - 1, group_norm).reshape(2, 2, 8)
            old_x = x * torch.tensor([2.0, 0.5]) + torch.tensor([-0.25, 3.0])
            mean, std = (table[f"observation.images.cam.{name}"] for name in ("mean", "std"))
            new = encoder(lambda name: model[f"diffusion.rgb_encoder.0.{name}"], (middle - mean) / std, group_norm).reshape(2, 2, 8)
            self.assertGreater(features.std(), 0.01)
            self.assertLess((new - features).abs().max(), 1e-5)
            state = self.normalized(torch.cat([x, y], -1), table, "observation.state")
            self.assertLess((state - torch.cat([old_x, y], -1)).abs().max(), 1e-5)
            self.compare(output, model, torch.cat([state, new], -1).flatten(1), theirs(old, "model."), torch.cat([old_x, features, y], -1).flatten(1), scale)
            self.assertEqual([config[name] for name in ("horizon", "n_obs_steps", "n_action_steps", "drop_n_last_frames", "crop_shape", "down_dims", "num_inference_steps")],
                             [8, 2, 4, 3, [64, 60], LEVELS, 10])
            self.assertEqual((config["use_group_norm"], config["use_film_scale_modulation"], config["noise_scheduler_type"]), (group_norm, scale, "DDIM"))
            self.assertTrue(torch.allclose(table["action.min"], torch.tensor([-0.375, -1.0, 10.0])))
            self.assertEqual(json.loads((output / "train_config.json").read_text()), {"steps": 1234})
            self.assertIn("audit.keys={observation.images.cam: cam, observation.state: [x_pos, y]}", self.said)

    def test_low_dim_policies_have_their_first_key_as_environment(self):
        payload = lowdim()
        values = torch.rand(2, 2, 12)
        old = 2 * values + torch.arange(12) / 8
        for options, width in (((), 5), (("--keys", "a=2,b=10"), 2)):
            output, config, model, table = self.convert(payload, *options)
            parts = [self.normalized(values[..., width:], table, "observation.state"), self.normalized(values[..., :width], table, "observation.environment_state")]
            self.compare(output, model, torch.cat(parts, -1).flatten(1), theirs(payload["state_dicts"]["model"], "model."), old.flatten(1))
            self.assertEqual(config["normalization_mapping"]["ACTION"], "MEAN_STD")
            self.assertTrue(torch.allclose(table["action.std"], torch.tensor(0.5)))
        self.assertIn("observation.state: [b], observation.environment_state: [a]", self.said)
        self.assertIn("parts of the low-dim observation", self.convert(payload, "--keys", "a=2,b=9", expected=65))
        self.assertIn("two low-dim keys", self.convert(payload, "--keys", "a=12", expected=65))
        self.assertIn("--keys cannot be read", self.convert(payload, "--keys", "a", expected=64))
        self.assertIn("--keys is for", self.convert(robomimic(), "--keys", "v=2", expected=64))

    def test_robomimic_policies_answer_alike_where_lerobot_has_more_features(self):
        payload = robomimic()
        output, config, model, table = self.convert(payload)
        old, prefix = payload["model"]["ema"], "policy.obs_encoder.nets.obs.obs_nets.a_image."
        values, pictures = torch.rand(2, 2, 2), torch.rand(4, 3, 69, 64)
        middle = pictures[:, :, 2:66]
        features = encoder(theirs(old, prefix), middle, True, temperature=0.5).reshape(2, 2, 5)
        new = encoder(lambda name: model[f"diffusion.rgb_encoder.0.{name}"], middle, True).reshape(2, 2, 6)
        self.assertLess((new - F.pad(features, (0, 1))).abs().max(), 1e-5)
        old_values, state = (values - torch.tensor([0.5, -1.0])) / torch.tensor([2.0, 0.25]), self.normalized(values, table, "observation.state")
        self.compare(output, model, torch.cat([state, new], -1).flatten(1), theirs(old, "policy.noise_pred_net."), torch.cat([features, old_values], -1).flatten(1))
        self.assertEqual((config["spatial_softmax_num_keypoints"], table["observation.images.a_image.std"].flatten().tolist()), (3, [1, 1, 1]))
        self.assertTrue(torch.allclose(table["action.max"], torch.tensor([1.0, 3.0, 5.0])))

    def test_what_lerobot_cannot_answer_is_refused_by_name(self):
        ddpm = scheduler("DDPM") | {"variance_type": "fixed_small"}

        def policy(said=None, **changes):
            return said or next(iter(changes)), lambda payload: payload["cfg"]["policy"].update(changes)

        def noise(**changes):
            return policy(next(iter(changes)), noise_scheduler=scheduler("DDIM") | changes)

        def tensor(name, value, said=None):
            return said or name, lambda payload: payload["state_dicts"]["ema_model"].__setitem__(name, value)

        def averaged(payload):
            keys = ("crop_shape", "eval_fixed_crop", "obs_encoder_group_norm")
            payload["cfg"]["policy"] = {name: value for name, value in payload["cfg"]["policy"].items() if name not in keys} | {
                "_target_": "DiffusionUnetImagePolicy", "obs_encoder": {"_target_": "MultiImageObsEncoder"}}
        conv = "obs_encoder.obs_nets.cam.backbone.nets.4.0.conv1.weight"
        for said, change in (
                policy(obs_as_global_cond=False), policy(eval_fixed_crop=False), policy(kernel_size=3), policy(horizon=10), policy("windows", n_action_steps=8),
                policy(eta=0.5), policy(cond_predict_scale=False), policy(num_inference_steps=30), policy("cond_encoder", n_obs_steps=3), policy("crop", crop_shape=[70, 60]),
                policy("normalisation", obs_encoder_group_norm=False), policy("another_setting", another_setting=1), policy(_target_="DiffusionTransformerHybridImagePolicy"),
                policy("variance_type", noise_scheduler=ddpm | {"variance_type": "fixed_small_log"}, num_inference_steps=20),
                policy("num_inference_steps", noise_scheduler=ddpm), noise(prediction_type="v_prediction"), noise(set_alpha_to_one=False),
                noise(beta_schedule="sigmoid"), noise(another_setting=1), ("MultiImageObsEncoder", averaged),
                tensor("model.local_cond_encoder.0.weight", torch.zeros(1)), tensor("model.final_conv.1.bias", torch.full([ACTION], math.nan)),
                tensor("normalizer.params_dict.y.scale", torch.tensor([-1.0]), "normaliser"), tensor("another.weight", torch.zeros(2)),
                (conv, lambda payload: [payload["state_dicts"]["ema_model"].pop(name) for name in (conv, conv.replace("backbone.", "nets.0."))]),
                tensor(conv.replace("backbone.", "nets.0."), torch.zeros(64, 64, 3, 3), "two sets")):
            with self.subTest(said):
                payload = hybrid()
                change(payload)
                with self.assertRaises(convert_common.Failure) as refused:
                    convert_checkpoint.build(convert_checkpoint.from_diffusion_policy(payload, Path("old.ckpt"), None))
                self.assertEqual(refused.exception.code, convert_common.DATA)
                self.assertIn(said, str(refused.exception))
                self.assertIn("to do:", str(refused.exception))
        payload = robomimic()
        for change in (('"crop_height": 64', '"crop_height": 66'), ("CropRandomizer", "ColorRandomizer"), ('"SpatialSoftmax"', "null"), ('"n_groups": 8', '"n_groups": 4'),
                       ('"normalization"', '"format": "rot_6d", "normalization"')):
            with self.subTest(change), self.assertRaises(convert_common.Failure):
                convert_checkpoint.from_robomimic(payload | {"config": payload["config"].replace(*change)}, Path("old.pth"), None)

    def test_nothing_that_a_checkpoint_says_is_run(self):
        class Harm:
            def __reduce__(self):
                return Path.touch, (flag,)
        flag = self.folder / "harmed"
        self.assertIn("--trust", self.convert(hybrid() | {"harm": Harm()}, expected=65))
        self.assertFalse(flag.exists())

    def test_omegaconf_is_read_without_it(self):
        modules = {}
        for name, kinds in (("omegaconf.dictconfig", ["DictConfig"]), ("omegaconf.listconfig", ["ListConfig"]), ("omegaconf.nodes", ["AnyNode"])):
            modules[name] = types.ModuleType(name)
            for kind in kinds:
                setattr(modules[name], kind, type(kind, (), {"__module__": name}))

        def wrap(value):
            kind = "DictConfig" if isinstance(value, dict) else "ListConfig" if isinstance(value, list) else "AnyNode"
            node = getattr(next(module for module in modules.values() if hasattr(module, kind)), kind)()
            content = {key: wrap(entry) for key, entry in value.items()} if isinstance(value, dict) else [wrap(entry) for entry in value] if isinstance(value, list) else value
            node.__dict__.update({"_metadata": None, "_parent": None, "_val" if kind == "AnyNode" else "_content": content})
            return node
        known = {name: sys.modules.get(name) for name in ("omegaconf", *modules)}
        try:
            sys.modules.update(modules | {"omegaconf": types.ModuleType("omegaconf")})
            payload = hybrid()
            _, config, _, _ = self.convert(payload | {"cfg": wrap(payload["cfg"])})
        finally:
            for name, module in known.items():
                sys.modules.pop(name, None)
                if module:
                    sys.modules[name] = module
        self.assertEqual(config["down_dims"], LEVELS)

    def test_errors_have_exit_codes(self):
        run = lambda *arguments: subprocess.run([sys.executable, CONVERT, *arguments], capture_output=True, text=True)
        self.assertEqual(run(self.folder / "none.ckpt", self.folder / "new").returncode, 66)
        self.assertEqual(run(self.folder / "none.ckpt", self.folder).returncode, 73)
        self.assertEqual(run("--what").returncode, 64)
        (self.folder / "broken.ckpt").write_bytes(b"PK\3\4 and no more")
        self.assertEqual(run(self.folder / "broken.ckpt", self.folder / "new").returncode, 65)
        self.assertIn("neither kind", self.convert({"weights": 1}, expected=65))
        self.assertIn("another form", self.convert({"cfg": {"policy": {"_target_": 3}}, "state_dicts": {}}, expected=65))


if __name__ == "__main__":
    unittest.main()
