"""Tests of convert_checkpoint.py on policies as this program's runs write them: python datasets/test_checkpoint_alt.py

Needs torch and safetensors. A small random policy answers twice: by load_diffusion.py, which the runs put beside their policies, and by the layers
of test_convert_checkpoint.py with the converted weights; with lerobot 0.4 installed, lerobot's own policy samples from the same noise too.
"""
import contextlib
import copy
import importlib.util
import io
import json
import math
import sys
import tempfile
import unittest
import warnings
from pathlib import Path
from unittest import mock

import convert_checkpoint
import convert_common
from checkpoint_alt import from_alt
from test_convert_checkpoint import ACTION, EMBEDDING, HORIZON, LEVELS, MISSING, DiffusionPolicy, encoder, encoder_shapes, unet, unet_shapes, weights

LOAD = Path(__file__).parent.parent / "Sources/PolicyFolders/load_diffusion.py"
KEYPOINTS, FEATURES, NOISE_LEVELS = 2, 5, 20  # lerobot has twice as many features as keypoints: here zeros
if not MISSING:
    import torch
    from safetensors.torch import load_file, save_file
    from torch.nn import functional as F
    spec = importlib.util.spec_from_file_location("load_diffusion", LOAD)
    load_diffusion = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(load_diffusion)


def made(cameras=("z_cam", "a_cam"), sampler="ddim"):
    """The description and the tensors of a policy whose cameras are not in the order of their names."""
    description = {
        "type": "diffusion", "origin": {"commit": "abc1234", "experiment": "lift", "configuration": "c0", "data_sha256": "d0", "seed": 7},
        "observation": {"cameras": list(cameras), "camera_shapes": [[69, 64, 3] for _ in cameras],
                        "low_dim": ["x_pos", "y"], "low_dim_widths": [2, 1]},
        "image_size": 60, "action_dimension": ACTION, "windows": {"horizon": HORIZON, "observation_steps": 2, "executed_steps": 4},
        "encoder": {"variant": "resnet18", "channels": [64, 128, 256, 512], "keypoints": KEYPOINTS, "features": FEATURES},
        "unet": {"down_dims": LEVELS, "step_embedding": EMBEDDING, "kernel_size": 5, "group_count": 8},
        # Seven steps do not divide twenty levels.
        "noise": {"steps": NOISE_LEVELS, "clip": True}, "samplers": {"ddpm": NOISE_LEVELS, "ddim": 7}, "sampler": sampler}
    tensors = {f"model.{name}": value for name, value in weights(unet_shapes(2 * (FEATURES * len(cameras) + 3), True), 3).items()}
    maps = {"x_pos": ([2.0, 0.5], [-0.25, 3.0]), "y": ([1.0], [0.0]), "action": ([4.0, 1.0, 0.1], [0.5, 0.0, -2.0])}
    for seed, key in enumerate(cameras, 5):
        tensors |= {f"obs_encoder.obs_nets.{key}.{name}": value for name, value in weights(encoder_shapes(True, KEYPOINTS, FEATURES), seed).items()}
        maps[key] = [2.0], [-1.0]
    for key, (scale, offset) in maps.items():
        tensors |= {f"normalizer.params_dict.{key}.scale": torch.tensor(scale), f"normalizer.params_dict.{key}.offset": torch.tensor(offset)}
    return description, tensors


@unittest.skipIf(MISSING, f"not installed: {', '.join(MISSING)}: pip install -r datasets/requirements-checkpoint.txt")
class OwnPolicyTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.policy, self.output = self.folder / "diffusion", self.folder / "new"
        self.policy.mkdir()

    def write(self, description, tensors):
        (self.policy / "config.json").write_text(json.dumps(description))
        save_file(tensors, self.policy / "model.safetensors")

    def convert(self, *options, expected=0):
        said = io.StringIO()
        with mock.patch.object(sys, "argv", ["convert", str(self.policy), str(self.output), *options]):
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                self.assertEqual(convert_checkpoint.main(), expected, said.getvalue())
        self.assertEqual(self.output.exists(), expected == 0)
        self.assertEqual(list(self.folder.glob("*.partial")), [])
        return said.getvalue()

    def compare(self, description, tensors):
        """Condition and epsilon at every step of the sampling, and with lerobot the actions."""
        self.write(description, tensors)
        said = self.convert()
        model, table = (load_file(self.output / f"{name}.safetensors") for name in ("model", "policy_preprocessor_step_3_normalizer_processor"))
        generator, cameras = torch.Generator().manual_seed(9), description["observation"]["cameras"]
        draws = NOISE_LEVELS if description["sampler"] == "ddpm" else 1
        noise = torch.randn(draws, 2, HORIZON, ACTION, generator=generator)
        observation = {key: torch.randint(0, 256, (2, 69, 64, 3), dtype=torch.uint8, generator=generator) for key in cameras}
        observation |= {"x_pos": torch.rand(2, 2, generator=generator), "y": torch.rand(2, 1, generator=generator)}
        answers, ask = [], load_diffusion.unet
        # It leaves config.json to be closed by itself.
        with warnings.catch_warnings(action="ignore", category=ResourceWarning), mock.patch.object(
                load_diffusion, "unet", lambda *given: answers.append((given, ask(*given))) or answers[-1][1]):
            sequences = load_diffusion.sequences(self.policy, observation, noise)

        def normalized(name, values):
            return 2 * (values - table[f"{name}.min"]) / (table[f"{name}.max"] - table[f"{name}.min"]) - 1
        pictures = []
        for key in cameras:
            mean, std = (table[f"observation.images.{key}.{name}"] for name in ("mean", "std"))
            pictures.append((observation[key].permute(0, 3, 1, 2) / 255 - mean) / std)
        batch = {"observation.state": torch.cat([observation["x_pos"], observation["y"]], -1)} if cameras else {
            "observation.state": observation["y"], "observation.environment_state": observation["x_pos"]}
        batch = {name: normalized(name, values) for name, values in batch.items()}
        parts = [batch["observation.state"]]
        for index, picture in enumerate(pictures):
            middle = picture[:, :, 4:64, 2:62]  # half of 9 is 4, to even
            parts.append(encoder(lambda name: model[f"diffusion.rgb_encoder.{index}.{name}"], middle, True))
        condition = torch.cat(parts + [values for name, values in batch.items() if name.endswith("environment_state")], -1).flatten()

        theirs = list(answers[0][0][4][0].reshape(2, -1).split([FEATURES] * len(cameras) + [2, 1], 1))
        features, low_dim = [F.pad(part, (0, 1)) for part in theirs[:len(cameras)]], theirs[len(cameras):]
        expected = torch.cat(low_dim + features if cameras else low_dim[::-1], -1).flatten()
        self.assertGreater(min(part.std() for part in [expected, *theirs[:len(cameras)]]), 0.01)
        self.assertLess((condition - expected).abs().max(), 2e-5)
        self.assertEqual(len(answers), description["samplers"][description["sampler"]])
        for (_, _, x, step, _), answer in answers:
            found = unet(lambda name: model[f"diffusion.unet.{name}"], x.mT, torch.tensor([step, step]), condition.expand(2, -1), True).mT
            self.assertGreater(answer.std(), 0.1)
            self.assertLess((found - answer).abs().max(), 2e-5)
        if DiffusionPolicy:
            network = DiffusionPolicy.from_pretrained(self.output, strict=True).eval().diffusion
            batch |= {"observation.images": torch.stack(pictures, 1)} if cameras else {}
            batch = {name: values[None] for name, values in batch.items()}
            drawn = iter(noise[1:])
            with torch.no_grad(), mock.patch("diffusers.schedulers.scheduling_ddpm.randn_tensor", lambda *_, **__: next(drawn)):
                found = network.conditional_sample(2, network._prepare_global_conditioning(batch).expand(2, -1), noise=noise[0])
            found = (found + 1) / 2 * (table["action.max"] - table["action.min"]) + table["action.min"]
            self.assertLess((found - sequences).abs().max(), 1e-5 * sequences.abs().max())
        return said, json.loads((self.output / "config.json").read_text())

    def test_policies_with_cameras_answer_alike(self):
        said, config = self.compare(*made())
        for part in ("audit.keys={observation.images.z_cam: z_cam, observation.images.a_cam: a_cam, observation.state: [x_pos, y]}",
                     f"alt audit {self.output} --data FILE", "experiment lift, seed 7, commit abc1234"):
            self.assertIn(part, said)
            self.assertIn(part, (self.output / "README.txt").read_text())
        self.assertNotIn("train_config", (self.output / "README.txt").read_text())
        expected = {"horizon": 8, "n_obs_steps": 2, "n_action_steps": 4, "drop_n_last_frames": 3, "crop_shape": [60, 60], "num_inference_steps": 7,
                    "noise_scheduler_type": "DDIM", "spatial_softmax_num_keypoints": 3}
        self.assertEqual({name: config[name] for name in expected}, expected)

    def test_ddpm_with_every_step_is_lerobots(self):
        _, config = self.compare(*made(sampler="ddpm"))
        self.assertEqual((config["noise_scheduler_type"], config["num_inference_steps"]), ("DDPM", NOISE_LEVELS))

    def test_policies_without_cameras_have_their_first_key_as_environment(self):
        description, tensors = made(cameras=())
        description["encoder"] |= {"variant": "compact", "channels": [16, 32]}  # of no camera
        said, config = self.compare(description, tensors)
        self.assertIn("observation.state: [y], observation.environment_state: [x_pos]", said)
        self.assertIsNone(config["crop_shape"])

    def test_what_lerobot_cannot_answer_is_refused_by_name(self):
        whole = made()

        def setting(name, value, said=None):
            *groups, last = name.split(".")

            def change(description, _):
                for group in groups:
                    description = description[group]
                description[last] = value
            return said or name, change

        def tensor(name, value, said=None):
            return said or name, lambda _, tensors: tensors.__setitem__(name, value)

        def both(said, *changes):
            return said, lambda *policy: [change(*policy) for _, change in changes]
        y, kernel = "normalizer.params_dict.y", "obs_encoder.obs_nets.a_cam.backbone.nets.0.weight"
        for said, change in (
                setting("encoder.variant", "compact"), setting("encoder.channels", [16, 32, 64]), setting("unet.group_count", 4),
                setting("image_size", 62), both("sampler to ddim", setting("sampler", "ddpm"), setting("samplers.ddpm", 10)),
                setting("samplers.ddim", 30), setting("sampler", "euler"), setting("windows.horizon", 10, "horizon"),
                setting("windows.executed_steps", 8, "windows"), setting("windows.observation_steps", 3, "cond_encoder"),
                setting("type", "lookup_table"), setting("input_features", {}, "form already"), setting("noise.schedule", "linear"),
                setting("another", 1), ("samplers.ddim", lambda description, _: description["samplers"].pop("ddim")),
                setting("encoder.keypoints", 3), setting("encoder.features", 6), setting("unet.down_dims", [16, 64]),
                setting("unet.step_embedding", 16), setting("unet.kernel_size", 3), setting("action_dimension", 2, "action.scale"),
                setting("observation.camera_shapes", [[69, 64, 3], [64, 64, 3]], "one size"),
                setting("observation.camera_shapes", [[58, 64, 3]] * 2, "crop"), setting("observation.low_dim_widths", [2, 2], "y.scale"),
                tensor(f"{y}.scale", torch.tensor([-1.0]), "normaliser"), tensor(f"{y}.offset", torch.tensor([math.nan])),
                tensor("normalizer.params_dict.z.scale", torch.ones(1), "belongs to nothing"), tensor("normalizer.kind", torch.ones(1)),
                tensor(kernel, torch.ones(64, 3, 5, 5)), tensor("obs_encoder.obs_nets.b_cam.weight", torch.ones(1)),
                (kernel, lambda _, tensors: tensors.pop(kernel))):
            with self.subTest(said):
                description, tensors = copy.deepcopy(whole[0]), dict(whole[1])
                change(description, tensors)
                with self.assertRaises(convert_common.Failure) as refused:
                    convert_checkpoint.build(from_alt((description, tensors), Path("diffusion"), None))
                self.assertEqual(refused.exception.code, convert_common.DATA)
                for part in (said, "where:", "expected:", "found:", "to do:"):
                    self.assertIn(part, str(refused.exception))

    def test_one_kind_of_observations_alone_is_refused(self):
        for cameras, low_dim in (((), ["y"]), (("cam",), [])):
            description, tensors = made(cameras)
            description["observation"] |= {"low_dim": low_dim, "low_dim_widths": [1] * len(low_dim)}
            others = tuple(f"normalizer.params_dict.{key}." for key in {"x_pos", "y"} - set(low_dim))
            left = {name: value for name, value in tensors.items() if not name.startswith(others)}
            with self.assertRaises(convert_common.Failure) as refused:
                convert_checkpoint.build(from_alt((description, left), Path("diffusion"), None))
            self.assertEqual(refused.exception.code, convert_common.DATA)
            self.assertIn("a low-dim key and a camera, or two low-dim keys", str(refused.exception))

    def test_errors_have_exit_codes(self):
        self.assertIn("RUN/policy/diffusion", self.convert(expected=66))
        description, tensors = made(())
        self.write(description, tensors)
        self.assertIn("--keys is for", self.convert("--keys", "x_pos=2", expected=64))
        self.write(description | {"observation": description["observation"] | {"low_dim_widths": [2]}}, tensors)
        self.assertIn("another form", self.convert(expected=65))
        for name in ("config.json", "model.safetensors"):
            self.write(description, tensors)
            (self.policy / name).write_text("{")
            self.assertIn(name, self.convert(expected=65))


if __name__ == "__main__":
    unittest.main()
