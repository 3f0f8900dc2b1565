"""Tests with robosuite itself, in a few minutes: datasets/robosuite/venv/bin/python datasets/robosuite/test_robosuite.py

`ALT_PIXELS=FILE.hdf5` also compares with pictures of a file that robomimic rendered.
"""
import csv
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "simulators"))
from testing import FolderTest, entry  # noqa: E402

# Printed by a process of its own: OSMesa draws nothing for a second simulator in the same one.
HISTORY = """
import hashlib, sys
import numpy
sys.path.append(sys.argv[1])
from interface import load
simulator = load("robosuite")(sys.argv[2], render=False)
def play(number, look):
    simulator.reset(number)
    draws = numpy.random.default_rng(number)
    start = simulator.observe(())["object"]
    for _ in range(40):
        simulator.step(draws.uniform(-1, 1, 7))
        look and simulator.observe(())
    return hashlib.sha256(simulator.state().tobytes()).hexdigest()
first, other, again = play(5, True), play(6, False), play(5, False)
print(first == again, first == other, first)
"""


class Robosuite(FolderTest):
    def test_an_episode_depends_on_its_number_alone_and_looking_changes_nothing(self):
        for task in ("Lift", "Can", "Stack", "Square"):
            lines = {subprocess.run([sys.executable, "-c", HISTORY, str(HERE.parent / "simulators"), task], capture_output=True, text=True).stdout
                     for _ in range(2)}
            self.assertEqual(len(lines), 1, lines)
            self.assertTrue(lines.pop().startswith("True False"), task)

    def test_demonstrations_show_their_own_states_and_policies_see_the_same(self):
        path = self.folder / "lift.hdf5"
        code, output = self.call("collect.py", "robosuite", "Lift", path, "--demonstrations", 2)
        self.assertEqual(code, 0, output)
        self.pixels(path)
        import h5py
        with h5py.File(path) as file:
            observation = {key: {"dtype": "uint8" if key.endswith("_image") else "float32", "shape": list(values.shape[1:])}
                           for key, values in file["data/demo_0/obs"].items() if key in ("object", "robot0_eef_pos", "agentview_image")}
            environment = file["data"].attrs["env_args"]
        settings = {"metadata": {"action_dim": 7, "observation": observation, "training_objects": [[0, 0, 0.83]]}}
        run = self.run_folder({"still": settings}, [entry("still", 2, films=True)], env_args=environment, step_limit=20)
        code, output = self.call("rollouts.py", "robosuite", run, "--alt", self.alt)
        self.assertEqual(code, 0, output)
        with open(self.folder / "rollouts-robosuite-run/episodes.csv") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([(row["policy"], row["steps"]) for row in rows[:2]], [("still", "20")] * 2)
        self.assertTrue(0 < float(rows[0]["progress"]) < 1)
        versions = json.loads((self.folder / "rollouts-robosuite-run/rollouts.json").read_text())["versions"]
        self.assertEqual(sorted(versions), ["mujoco", "numpy", "openpi-client", "python", "robosuite", "websockets"])

    def pixels(self, path):
        found = subprocess.run([sys.executable, str(HERE / "check_pixels.py"), str(path), "--demonstrations", "1"], capture_output=True, text=True)
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)
        self.assertIn(": 0 of ", found.stdout)

    @unittest.skipUnless(os.environ.get("ALT_PIXELS"), "ALT_PIXELS names no file")
    def test_the_pictures_are_those_that_robomimic_renders(self):
        self.pixels(os.environ["ALT_PIXELS"])


if __name__ == "__main__":
    unittest.main()
