#!/usr/bin/env python3
"""Plays a run's policies in a real simulator: each policy's server is started, asked by worker processes, and stopped.

    datasets/robosuite/venv/bin/python datasets/simulators/rollouts.py robosuite results/RUN --alt .build/release/alt
    datasets/metaworld/venv/bin/python datasets/simulators/rollouts.py metaworld --server ws://host:8000 --starts 50 --task door-open --out OUT

Results: README.md. Stopped half-way, the same command goes on. Exit codes: 0 done, 64 usage, 65 bad data or an answer that is none,
66 input missing, 69 a package, server or process missing, 73 the output belongs to another run, 74 writing failed, 130 or 143 stopped.
"""
import contextlib
import os
from pathlib import Path
from urllib.parse import quote

import numpy

import filmstrips
import results
from client import Policy
from common import DATA, EXISTS, USAGE, Failure, Parser, Progress, claim, read_json, run, write_json
from episode import play_expert, play_policy
from interface import load, task_name, versions
from plan import narrowed, plan_of_run, plan_of_server, serving, task_of_plan
from workers import Workers

# Of a server's metadata: what must not change between the commands that fill a folder.
LASTING = ("horizon", "action_dim", "observation_steps", "execute_from", "execute_steps", "observation", "configuration", "data_sha256", "seed",
           "training_seed", "train_demonstrations", "program")


class Episodes:
    """In a worker: plays episodes, of one policy after the other, and writes each into a file of its own."""

    def __init__(self, simulator, task, render, limit):
        self.name, self.task, self.render, self.limit = simulator, task, render, limit
        self.simulator = self.policy = None

    def __call__(self, job):
        uri, condition, start, part, film = job
        if self.simulator is None:
            self.simulator = load(self.name)(self.task, self.render)
        if uri is None:
            found, frames = play_expert(self.simulator, condition, start, self.limit)
        else:
            if self.policy is None or self.policy.uri != uri:
                self.policy = Policy(uri)
            found, frames = play_policy(self.simulator, self.policy, condition, start, self.limit)
        if film and frames:
            found["film"] = filmstrips.write(part.with_suffix(".png"), frames)
        # Written last: it says that the episode is finished.
        write_json(part, found)


class Rollouts:
    def __init__(self, options, simulator, task, plan, out):
        self.options, self.simulator, self.task, self.plan, self.out = options, simulator, task, plan, out
        self.parts = out / "parts"
        self.progress = Progress(sum(entry["starts"] for entry in plan["episodes"]), "episodes")

    def part(self, policy, condition, start):
        return self.parts / quote(policy, safe="") / f"{condition}-{start:06}.json"

    def jobs(self, policy):
        """(all parts, what is missing) of a policy."""
        wanted = [(entry["condition"], start, self.part(policy, entry["condition"], start), bool(entry.get("films")))
                  for entry in self.plan["episodes"] if entry["policy"] == policy for start in range(entry["starts"])]
        return [job[2] for job in wanted], [job for job in wanted if not job[2].exists()]

    def play(self):
        policies = list(dict.fromkeys(entry["policy"] for entry in self.plan["episodes"]))
        done = 0
        # {whether they draw pictures: workers}: they stay for all policies, since a simulator takes seconds to start.
        pools = {}
        with contextlib.ExitStack() as stack:
            for policy in policies:
                parts, missing = self.jobs(policy)
                done += len(parts) - len(missing)
                if not missing:
                    continue
                with self.server(policy) as uri:
                    render = uri is not None and self.greet(uri, policy)
                    if render not in pools:
                        work = Episodes(self.options.simulator, self.task, render, self.plan["step_limit"])
                        pools[render] = stack.enter_context(Workers(self.options.workers, work))
                    for _ in pools[render].run((uri, *job) for job in missing):
                        done += 1
                        self.progress(done, f", now {policy}")
        self.progress.end()
        results.assemble(self)

    def server(self, policy):
        if policy == results.EXPERT:
            return contextlib.nullcontext(None)
        if self.options.server:
            return contextlib.nullcontext(self.options.server)
        monitors = any(entry.get("monitors") for entry in self.plan["episodes"] if entry["policy"] == policy)
        return serving(self.options.alt, self.options.run, policy, monitors, self.options.workers)

    def greet(self, uri, policy):
        """Keeps the server's metadata, or compares them with those kept; answers whether the policy sees pictures."""
        asked = Policy(uri)
        asked.close()
        found = {name: value for name, value in asked.metadata.items() if not isinstance(value, numpy.ndarray)}
        if found["policy"] != policy:
            raise Failure(DATA, "the server answers for another policy", uri, policy, found["policy"])
        for name in ("configuration", "data_sha256"):
            # One may be shortened.
            planned, served = str(self.plan.get(name) or ""), str(found.get(name) or "")
            if planned and served and not (planned.startswith(served) or served.startswith(planned)):
                raise Failure(DATA, f"the server's policy has another {name} than the plan", uri, planned, served)
        path = self.parts / quote(policy, safe="") / "server.json"
        if path.exists() and any(path.parent.glob("closed_loop*.json")):
            kept = read_json(path)
            for name in LASTING:
                if kept.get(name) != found.get(name):
                    raise Failure(EXISTS, f"the folder was begun with a policy of another {name}", path, kept.get(name), found.get(name),
                                  "name another folder with --out")
        else:
            write_json(path, found)
        return bool(asked.cameras)


def settings(options, simulator, task, plan):
    """What the folder's results depend on beside each policy."""
    kept = {name: plan.get(name) for name in ("experiment", "configuration", "data_sha256", "step_limit", "filmstrips")}
    return kept | {"simulator": simulator.name, "task": task, "run": Path(plan["run"]).name, "versions": versions(simulator)}


def main():
    parser = Parser(description=__doc__.split("\n")[0])
    parser.add_argument("simulator")
    parser.add_argument("run", type=Path, nargs="?", help="a run's folder")
    parser.add_argument("--task", default="", help="as the demonstrations' env_args name it, where the run does not tell")
    parser.add_argument("--alt", default=".build/release/alt", help="the program that plans and serves")
    parser.add_argument("--server", help="ws://HOST:PORT of a server that runs already, instead of a run")
    parser.add_argument("--starts", type=int, help="of each policy at most; with --server 50 by default")
    parser.add_argument("--policies", help="of the run, some of those it wants: NAME,NAME")
    parser.add_argument("--step-limit", type=int, default=400, help="with --server")
    parser.add_argument("--out", type=Path, help="default: rollouts-SIMULATOR-RUN beside the run")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--no-expert", action="store_true", help="without the scripted expert on the same starts")
    options = parser.parse_args()
    if bool(options.run) == bool(options.server) or options.server and not options.out:
        raise Failure(USAGE, "what to play is not clear", expected="a run's folder, or --server with --out")
    if min(options.workers, options.starts or 1, options.step_limit) < 1 or options.starts == 0:
        raise Failure(USAGE, "an option is out of range", expected="--workers, --starts and --step-limit from 1")
    simulator = load(options.simulator)
    if options.server:
        plan = plan_of_server(options.server, options.starts or 50, options.step_limit)
    else:
        plan = narrowed(plan_of_run(options.alt, options.run), options.policies, options.starts)
    task = task_of_plan(simulator, plan, task_name(simulator, options.task) if options.task else None)
    starts = max((entry["starts"] for entry in plan["episodes"] if entry["condition"] == "closed_loop"), default=0)
    if starts and not options.no_expert:
        plan["episodes"].append({"policy": results.EXPERT, "condition": "closed_loop", "starts": starts, "films": False})
    run_folder = options.run.resolve() if options.run else None
    out = options.out or run_folder.parent / f"rollouts-{simulator.name}-{run_folder.name}"
    with claim(out / "parts", settings(options, simulator, task, plan), "name another folder with --out"):
        Rollouts(options, simulator, task, plan, out).play()
    print(f"results in {out}", flush=True)
    # Without Python's own end: OSMesa prints errors when its contexts are taken down.
    os._exit(0)


if __name__ == "__main__":
    run(main)
