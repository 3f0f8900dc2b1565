"""Tests of collect.py with the simulator in fake/: datasets/robosuite/venv/bin/python datasets/simulators/test_collect.py"""
import json
import unittest

import h5py
import numpy

from testing import SIGNALS, FolderTest


class Collection(FolderTest):
    def collect(self, name, *options, count=12, task="touch"):
        path = self.folder / name
        code, output = self.call("collect.py", "simulators/fake", task, path, "--demonstrations", count, *options)
        self.assertEqual(code, 0, output)
        self.assertFalse(list(self.folder.glob("*.partial")))
        return path, output

    def test_the_file_has_robomimics_layout(self):
        path, _ = self.collect("demos.hdf5", task="Touch")
        with h5py.File(path) as file:
            data = file["data"]
            self.assertEqual(sorted(data, key=lambda name: int(name[5:])), [f"demo_{index}" for index in range(12)])
            self.assertEqual(data.attrs["total"], sum(len(data[name]["actions"]) for name in data))
            self.assertEqual(json.loads(data.attrs["env_args"])["env_name"], "Touch")
            demo = data["demo_3"]
            length = demo.attrs["num_samples"]
            self.assertEqual(sorted(demo), ["actions", "dones", "obs", "rewards", "states"])
            self.assertEqual({name: str(demo[name].dtype) for name in ("actions", "dones", "rewards", "states")},
                             {"actions": "float64", "dones": "int64", "rewards": "float64", "states": "float64"})
            self.assertEqual(demo["actions"].shape, (length, 3))
            self.assertEqual(demo["obs/front_image"].shape, (length, 8, 8, 3))
            self.assertEqual((demo["obs/front_image"].dtype, demo["obs/front_image"].chunks), (numpy.uint8, (1, 8, 8, 3)))
            self.assertEqual(demo["obs/object"].dtype, numpy.float64)
            self.assertIn("<fake", demo.attrs["model_file"])
            # Ten steps of success end a demonstration.
            self.assertEqual(demo["rewards"][-11:].tolist(), [0.0] + [1.0] * 10)
            # Row t is what was seen before action t.
            numpy.testing.assert_allclose(demo["obs/robot0_eef_pos"][1], 0.1 * numpy.clip(demo["actions"][0], -1, 1))
            train, valid = (set(file[f"mask/{name}"].asstr()[:]) for name in ("train", "valid"))
            self.assertEqual((len(train), len(valid), train & valid, train | valid), (11, 1, set(), set(data)))

    def test_failed_attempts_are_left_out_and_counted(self):
        path, output = self.collect("demos.hdf5")
        with h5py.File(path) as file:
            numbers = [file[f"data/demo_{index}"].attrs["episode_number"] for index in range(12)]
            self.assertEqual(numbers, [number for number in range(15) if number % 5 != 3][:12])
            self.assertEqual((file["data"].attrs["attempts"], file["data"].attrs["failed_attempts"]), (15, 3))
        self.assertIn("3 of 15 attempts failed", output)

    def test_the_number_of_workers_changes_nothing(self):
        self.assertEqual(self.collect("one.hdf5", "--workers", 1)[0].read_bytes(), self.collect("three.hdf5", "--workers", 3)[0].read_bytes())

    def test_more_demonstrations_begin_with_the_same_ones_and_another_seed_does_not(self):
        few, many, other = self.collect("few.hdf5", count=3)[0], self.collect("many.hdf5")[0], self.collect("other.hdf5", "--seed", 1)[0]
        with h5py.File(few) as few, h5py.File(many) as many, h5py.File(other) as other:
            for name in few["data"]:
                numpy.testing.assert_array_equal(few[f"data/{name}/actions"], many[f"data/{name}/actions"])
            self.assertFalse(numpy.array_equal(many["data/demo_0/states"][0], other["data/demo_0/states"][0]))

    def test_stopped_at_any_signal_the_same_command_ends_with_the_same_file(self):
        whole = self.collect("whole.hdf5", count=150)[0].read_bytes()
        for number, expected in SIGNALS.items():
            path = self.folder / f"stopped{number}.hdf5"
            reached = lambda: len(list(self.folder.glob(f"{path.name}.parts.partial/0*.json"))) >= 5
            code, output = self.stopped(number, reached, "collect.py", "simulators/fake", "touch", path, "--demonstrations", 150)
            self.assertEqual(code, expected, output)
            self.assertNotIn("Traceback", output)
            self.assertFalse(path.exists())
            self.assertEqual(self.collect(path.name, count=150)[0].read_bytes(), whole)

    def test_what_cannot_be_collected_is_said(self):
        path = self.folder / "demos.hdf5"
        for code, text, arguments in ((64, "no task jump", ("simulators/fake", "jump", path)),
                                      (64, "out of range", ("simulators/fake", "touch", path, "--seed", 900)),
                                      (64, "there is no simulator absent", ("absent", "touch", path)),
                                      (74, "cannot be read or written", ("simulators/fake", "touch", "/proc/absent/demos.hdf5"))):
            found, output = self.call("collect.py", *arguments)
            self.assertEqual(found, code, output)
            self.assertIn(text, output)
            self.assertNotIn("Traceback", output)
        path.write_text("mine")
        self.assertEqual(self.call("collect.py", "simulators/fake", "touch", path)[0], 73)
        self.assertEqual(path.read_text(), "mine")

    def test_an_expert_that_never_manages_ends_the_collection(self):
        code, output = self.call("collect.py", "simulators/fake", "touch", self.folder / "demos.hdf5", "--demonstrations", 1, "--noise", 1000)
        self.assertEqual(code, 65, output)
        self.assertIn("the expert fails too often", output)

    def test_another_seed_does_not_go_on_with_what_was_begun(self):
        folder = self.folder / "demos.hdf5.parts.partial"
        folder.mkdir()
        (folder / "settings.json").write_text(json.dumps({"seed": 4}))
        code, output = self.call("collect.py", "simulators/fake", "touch", self.folder / "demos.hdf5")
        self.assertEqual(code, 73, output)


if __name__ == "__main__":
    unittest.main()
