#!/usr/bin/env python3
"""Collects demonstrations of a simulator's scripted expert into a file with robomimic's layout.

    datasets/robosuite/venv/bin/python datasets/simulators/collect.py robosuite Lift datasets/robosuite/lift.hdf5 --demonstrations 100
    datasets/metaworld/venv/bin/python datasets/simulators/collect.py metaworld door-open datasets/metaworld/door-open.hdf5 --noise 0.1

Attempt i is the episode of number SEED x 1,000,000 + i, so the same seed gives the same demonstrations whatever the workers. Attempts
that fail are left out and counted. Stopped half-way, the same command goes on.

Exit codes: 0 done, 64 usage, 65 bad data, 66 input missing, 69 a package or process missing, 73 output exists, 74 writing failed,
130 or 143 stopped.
"""
import itertools
import os
import shutil
from pathlib import Path

import numpy

from common import DATA, EXISTS, USAGE, Failure, Parser, Progress, claim, read_json, replacing, run, write_json
from interface import load, task_name, versions
from robomimic_file import write
from workers import Workers

# Control steps that an episode must stay successful; it ends then.
HOLD = 10


class Attempts:
    """In a worker: plays attempts and writes each into a file of its own."""

    def __init__(self, simulator, task, seed, noise, folder):
        self.name, self.task, self.seed, self.noise, self.folder = simulator, task, seed, noise, folder
        self.simulator = None

    def __call__(self, attempt):
        if self.simulator is None:
            self.simulator = load(self.name)(self.task, render=True)
        number = self.seed * 1_000_000 + attempt
        arrays, attributes = demonstrate(self.simulator, number, self.noise)
        length = len(arrays["actions"]) if arrays else 0
        if arrays:
            with replacing(self.folder / f"{attempt:06}.npz") as partial, open(partial, "wb") as file:
                numpy.savez_compressed(file, **arrays)
        # Written last: it says that the attempt is finished.
        write_json(self.folder / f"{attempt:06}.json",
                   {"success": bool(arrays), "number": number, "length": length, "attributes": attributes})
        return bool(arrays)


def demonstrate(simulator, number, noise):
    """(arrays, attributes) of one demonstration; without arrays where the expert fails."""
    simulator.reset(number)
    act = simulator.expert(number, noise)
    rows = {name: [] for name in ("states", "actions", "rewards")}
    observed, held = [], 0
    for _ in range(simulator.expert_limit):
        rows["states"].append(simulator.state())
        observed.append(simulator.observe(simulator.cameras))
        # float64 before the step: what is stored is what was done.
        action = numpy.array(act(), float)
        success, _ = simulator.step(action)
        rows["actions"].append(action)
        rows["rewards"].append(float(success))
        held = held + 1 if success else 0
        if held == HOLD:
            arrays = {name: numpy.array(values) for name, values in rows.items()}
            arrays["dones"] = arrays["rewards"].astype(numpy.int64)
            arrays |= {f"obs/{key}": numpy.stack([observation[key] for observation in observed]) for key in observed[0]}
            return arrays, simulator.attributes()
    return None, {}


def finished(folder):
    """{attempt: its record} of all that are finished."""
    return {int(path.stem): read_json(path) for path in folder.glob("[0-9]*.json")}


def enough(done, wanted):
    """The attempts of the first `wanted` demonstrations, or None where an attempt before the last of them is still missing."""
    kept = []
    for attempt in itertools.count():
        if len(kept) == wanted:
            return kept
        if attempt not in done:
            return None
        if done[attempt]["success"]:
            kept.append(attempt)
        if attempt + 1 >= max(50, 20 * wanted):
            raise Failure(DATA, "the expert fails too often", f"{attempt + 1} attempts", f"{wanted} demonstrations", len(kept),
                          "use less --noise")


def collect(options):
    simulator = load(options.simulator)
    task = task_name(simulator, options.task)
    noise = simulator.default_noise if options.noise is None else options.noise
    folder = options.output.with_name(options.output.name + ".parts.partial")
    settings = {"simulator": simulator.name, "task": task, "seed": options.seed, "noise": noise, "versions": versions(simulator)}
    with claim(folder, settings, "delete the folder, or collect into another file"):
        done = {attempt: record["success"] for attempt, record in finished(folder).items()}
        progress = Progress(options.demonstrations, "demonstrations")
        records = {attempt: {"success": success} for attempt, success in done.items()}
        if enough(records, options.demonstrations) is None:
            with Workers(options.workers, Attempts(options.simulator, task, options.seed, noise, folder)) as workers:
                for attempt, success in workers.run(attempt for attempt in itertools.count() if attempt not in done):
                    records[attempt] = {"success": success}
                    kept = sum(record["success"] for record in records.values())
                    progress(min(kept, options.demonstrations), f" ({len(records) - kept} attempts failed)")
                    if enough(records, options.demonstrations) is not None:
                        break
            progress.end()
        records = finished(folder)
        kept = enough(records, options.demonstrations)
        failed = kept[-1] + 1 - len(kept)
        notes = {"seed": options.seed, "expert_noise": noise, "attempts": kept[-1] + 1, "failed_attempts": failed,
                 "control_frequency": simulator.control_frequency}
        demonstrations = [(folder / f"{attempt:06}.npz", records[attempt]) for attempt in kept]
        environment = load(options.simulator)(task, render=False).environment()
        with replacing(options.output) as partial:
            total = write(partial, demonstrations, environment, notes, options.seed)
    shutil.rmtree(folder)
    print(f"{options.output}: {len(kept)} demonstrations, {total} steps; {failed} of {kept[-1] + 1} attempts failed and were left out", flush=True)


def main():
    parser = Parser(description=__doc__.split("\n")[0])
    parser.add_argument("simulator")
    parser.add_argument("task")
    parser.add_argument("output", type=Path)
    parser.add_argument("--demonstrations", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="0 to 899; training and evaluation starts never meet")
    parser.add_argument("--noise", type=float, help="robosuite: factor on the expert's own noise (1); metaworld: deviation added (0)")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if options.demonstrations < 1 or options.workers < 1 or not 0 <= options.seed < 900 or (options.noise or 0) < 0:
        raise Failure(USAGE, "an option is out of range", expected="--demonstrations and --workers from 1, --seed 0 to 899, --noise from 0")
    if options.output.exists():
        raise Failure(EXISTS, "the output exists", options.output, todo="delete it, or name another file")
    collect(options)
    # Without Python's own end: OSMesa prints errors when its contexts are taken down.
    os._exit(0)


if __name__ == "__main__":
    run(main)
