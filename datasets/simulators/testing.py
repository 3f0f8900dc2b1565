"""What the tests of this folder share: commands as users give them, and runs of the stand-in."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
OBSERVATION = {"robot0_eef_pos": {"dtype": "float32", "shape": [3]}, "object": {"dtype": "float32", "shape": [4]},
               "side_image": {"dtype": "uint8", "shape": [8, 8, 3]}, "front_image": {"dtype": "|u1", "shape": [8, 8, 3]}}


class FolderTest(unittest.TestCase):
    """Each test has a folder, and a program that stands in for `alt` in it."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.alt = self.folder / "alt"
        self.alt.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{HERE / "stand_in.py"}" "$@"\n')
        self.alt.chmod(0o755)

    def command(self, script, *arguments):
        return [sys.executable, str(HERE / script), *map(str, arguments)]

    def call(self, script, *arguments):
        result = subprocess.run(self.command(script, *arguments), capture_output=True, text=True)
        return result.returncode, result.stdout + result.stderr

    def stopped(self, number, reached, script, *arguments):
        """Starts a command and sends it a signal as soon as `reached()`."""
        process = subprocess.Popen(self.command(script, *arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        deadline = time.monotonic() + 60
        while not reached() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(process.pid, number)
        # kill -9 leaves the workers to notice by themselves.
        output = process.communicate(timeout=60)[0]
        return process.returncode, output

    def run_folder(self, policies, episodes, name="run", step_limit=60, **plan):
        run = self.folder / name
        run.mkdir(exist_ok=True)
        plan = {"experiment": "tests", "configuration": "c0ffee", "data_sha256": "da7a", "step_limit": step_limit, "filmstrips": 2,
                "env_args": json.dumps({"env_name": "Touch"}), "episodes": episodes} | plan
        for settings in policies.values():
            settings["metadata"] = {"observation": OBSERVATION} | settings.get("metadata", {})
        (run / "stand-in.json").write_text(json.dumps({"plan": plan, "policies": policies}))
        return run

    def roll(self, run, *arguments):
        return self.call("rollouts.py", "simulators/fake", run, "--alt", self.alt, *arguments)


def entry(policy, starts, condition="closed_loop", films=False, **more):
    return {"policy": policy, "condition": condition, "starts": starts, "films": films} | more


def files(folder):
    """{relative path: bytes} of results that must not depend on how they came about."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and "parts" not in path.parts and path.name != "rollouts.json"}


SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}
