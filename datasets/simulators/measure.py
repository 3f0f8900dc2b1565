#!/usr/bin/env python3
"""Measures a simulator with its scripted expert, and prints a row of a table for each task.

    datasets/robosuite/venv/bin/python datasets/simulators/measure.py robosuite --episodes 20
    datasets/metaworld/venv/bin/python datasets/simulators/measure.py metaworld --episodes 20 --tasks reach door-open

The starts are those of closed_loop. Control steps are timed without rendering and without the expert; a picture of every camera is timed
at the first start. On a machine that does something else as well, the times are larger.
"""
import os
from statistics import median

from common import USAGE, Failure, Parser, processor, run
from episode import CONDITIONS, Stopwatch, play_expert
from interface import load, task_name, versions
from workers import Workers

PICTURES = 20


class Measuring:
    """In a worker; one process for each task, since OSMesa draws nothing for a second simulator in the same one."""

    def __init__(self, simulator, episodes, limit):
        self.name, self.episodes, self.limit = simulator, episodes, limit

    def __call__(self, task):
        simulator = load(self.name)(task, render=False)
        played = [play_expert(simulator, "closed_loop", start, self.limit)[0] for start in range(self.episodes)]
        seeing, watch = load(self.name)(task, render=True), Stopwatch()
        # The first reset and the first picture also fill caches.
        seeing.reset(CONDITIONS["closed_loop"][0])
        for start in range(3):
            watch("reset", lambda: seeing.reset(CONDITIONS["closed_loop"][0] + start))
        seeing.observe(seeing.cameras)
        for _ in range(PICTURES):
            watch("blind", lambda: seeing.observe(()))
            watch("seen", lambda: seeing.observe(seeing.cameras))
        return played, watch


def row(task, episodes, played, watch):
    def total(kind, name):
        return sum(found["timing"][kind][name] for found in played)

    succeeded = [found["steps"] for found in played if found["success"]]
    steps = f"{median(succeeded):.0f} ({min(succeeded)} to {max(succeeded)})" if succeeded else "-"
    pictures = 1000 * (watch.seconds["seen"] - watch.seconds["blind"]) / PICTURES
    resets = 1000 * total("seconds", "reset") / episodes, 1000 * watch.seconds["reset"] / watch.counts["reset"]
    return (f"| {task} | {len(succeeded)} of {episodes} | {steps} | {total('counts', 'step') / total('seconds', 'step'):.0f} | {pictures:.0f} "
            f"| {resets[0]:.0f}, {resets[1]:.0f} |")


def main():
    parser = Parser(description=__doc__.split("\n")[0])
    parser.add_argument("simulator")
    parser.add_argument("--tasks", nargs="*", help="default: all")
    parser.add_argument("--episodes", type=int, default=20)
    parser.add_argument("--step-limit", type=int, default=400)
    options = parser.parse_args()
    if options.episodes < 1:
        raise Failure(USAGE, "nothing is measured", expected="--episodes from 1", found=options.episodes)
    simulator = load(options.simulator)
    tasks = [task_name(simulator, task) for task in options.tasks or simulator.tasks]
    print(f"{processor()}; {', '.join(f'{name} {version}' for name, version in versions(simulator).items())}\n")
    print("| task | expert succeeds | steps | control steps per second | pictures of both cameras, ms | reset without and with pictures, ms |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    for task in tasks:
        with Workers(1, Measuring(options.simulator, options.episodes, options.step_limit)) as workers:
            for _, (played, watch) in workers.run([task]):
                print(row(task, options.episodes, played, watch), flush=True)
    os._exit(0)


if __name__ == "__main__":
    run(main)
