#!/usr/bin/env python3
"""Goes to recorded states of a robosuite file, looks, and compares with what the file shows; then plays the recorded actions.

    datasets/robosuite/venv/bin/python datasets/robosuite/check_pixels.py FILE.hdf5 --demonstrations 3

Demonstrations without a `model_file` of their own are looked at in the first one's scene. Exit codes: 0 the same, 65 differences.
"""
import os
import sys
from pathlib import Path

import numpy

sys.path.append(str(Path(__file__).resolve().parent.parent / "simulators"))
from common import DATA, Failure, Parser, run  # noqa: E402
from interface import load, task_name  # noqa: E402

# Of the low-dim keys, what a state does not fix: accelerations come from the torques of the step before.
UNFIXED = {"robot0_joint_acc"}


def compare(simulator, group, model):
    """(pixels that differ, pixels, largest difference of a pixel, of a low-dim value, of a state when replayed) of a demonstration."""
    simulator.load_model(model)
    differing = pixels = largest = 0
    low_dim = 0.0
    for step, state in enumerate(group["states"]):
        simulator.restore(state)
        for key, found in simulator.observe(simulator.cameras).items():
            if key not in group["obs"] or key in UNFIXED:
                continue
            stored = group["obs"][key][step]
            if key in simulator.cameras:
                difference = numpy.abs(stored.astype(int) - found).max(axis=2)
                differing, pixels = differing + int((difference > 0).sum()), pixels + difference.size
                largest = max(largest, int(difference.max()))
            else:
                low_dim = max(low_dim, float(numpy.abs(stored - found).max()))
    simulator.load_model(model)
    simulator.restore(group["states"][0])
    drift = 0.0
    for state, action in zip(group["states"], group["actions"]):
        drift = max(drift, float(numpy.abs(state - simulator.state()).max()))
        simulator.step(action)
    return differing, pixels, largest, low_dim, drift


def main():
    import h5py
    import json
    parser = Parser(description=__doc__.split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--demonstrations", type=int, default=3)
    options = parser.parse_args()
    different = False
    with h5py.File(options.file) as file:
        simulator = load("robosuite")
        data = file["data"]
        simulator = simulator(task_name(simulator, json.loads(data.attrs["env_args"])["env_name"]), render=True)
        names = sorted(data, key=lambda name: int(name.split("_")[1]))
        first = next((data[name].attrs["model_file"] for name in names if "model_file" in data[name].attrs), None)
        if first is None:
            raise Failure(DATA, "no demonstration has a model_file", options.file)
        for name in names[:options.demonstrations]:
            own = data[name].attrs.get("model_file")
            differing, pixels, largest, low_dim, drift = compare(simulator, data[name], own or first)
            print(f"{name}{'' if own else ' (scene of another)'}: {differing} of {pixels} pixels differ, by {largest} at most; low-dim values by "
                  f"{low_dim:.3g}; states after playing the actions by {drift:.3g}", flush=True)
            different |= bool(own) and bool(differing)
    sys.stdout.flush()
    os._exit(DATA if different else 0)


if __name__ == "__main__":
    run(main)
