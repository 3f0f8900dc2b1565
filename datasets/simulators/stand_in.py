#!/usr/bin/env python3
"""A stand-in for the program in tests: `stand_in.py rollouts plan RUN` and `stand_in.py serve RUN --policy NAME --port 0 [--monitors]`.

RUN/stand-in.json has `plan` and `policies`: {name: settings}. Of the settings, `metadata` is added to what the server tells; `mode` is
`zeros` or `toward` (moves the hand to the object), `refuse_after` and `die_after` are numbers of answers, `seconds` is how long one takes.
"""
import argparse
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy
from openpi_client import msgpack_numpy
from websockets.sync.server import serve

METADATA = {"family": "stand_in", "label": "Stand-in", "horizon": 8, "action_dim": 3, "observation_steps": 2, "execute_from": 1,
            "execute_steps": 4, "stochastic": False, "remembers_episode": False, "monitors": False, "experiment": "tests",
            "configuration": "c0ffee", "data_sha256": "da7a", "seed": 0, "training_seed": 3, "train_demonstrations": ["demo_0", "demo_2"]}


class StandIn:
    def __init__(self, policy, settings, monitors):
        self.settings, self.monitors, self.answers = settings, monitors, 0
        self.lock = threading.Lock()
        self.metadata = METADATA | {"policy": policy, "monitors": monitors} | settings.get("metadata", {})
        if "training_objects" in self.metadata:
            self.metadata["training_objects"] = numpy.array(self.metadata["training_objects"], "float32")
        self.log = settings.get("log")

    def handle(self, connection):
        connection.send(msgpack_numpy.packb(self.metadata))
        for message in connection:
            begin = time.perf_counter()
            with self.lock:
                self.answers += 1
                count = self.answers
            if count > self.settings.get("die_after", count):
                os._exit(7)
            if count > self.settings.get("refuse_after", count):
                connection.send("observation robot0_eef_pos has too few rows")
                connection.close(1011)
                return
            request = msgpack_numpy.unpackb(message)
            if self.log:
                with self.lock, open(self.log, "a") as file:
                    file.write(json.dumps({name: value.tolist() if hasattr(value, "tolist") else value for name, value in request.items()
                                           if not name.endswith("_image")} | {"shapes": {name: list(value.shape) for name, value in
                                                                                        request.items() if hasattr(value, "shape")}}) + "\n")
            time.sleep(self.settings.get("seconds", 0))
            reply = self.reply(request)
            reply["server_timing"] = {"infer_ms": 1000 * (time.perf_counter() - begin), "queue_ms": 0.0, "batch": 1, "prev_total_ms": 0.0}
            connection.send(msgpack_numpy.packb(reply))

    def reply(self, request):
        """From the request alone, so that the order of requests does not matter."""
        horizon, dim = self.metadata["horizon"], self.metadata["action_dim"]
        actions = numpy.zeros((horizon, dim), "float32")
        if self.settings.get("mode") == "toward":
            hand, target = request["robot0_eef_pos"][-1].astype(float), request["object"][-1, :3].astype(float)
            # Action i is played out `i - execute_from` steps from now.
            for index in range(self.metadata["execute_from"], horizon):
                actions[index, :3] = numpy.clip(5 * (target - hand), -1, 1)
                hand = hand + 0.1 * actions[index, :3]
        reply = {"actions": actions}
        if self.monitors:
            reply["monitors"] = {"distance": float(request["step"]) / 7, "spread": 0.1}
        if self.settings.get("recalls"):
            late = request["step"] >= self.metadata["execute_steps"]
            reply["recalled"] = {"demonstration": "demo_2" if late else "demo_0", "frame": request["step"], "similarity": 0.5}
            reply["out_of_distribution"] = late
        return reply


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["rollouts", "serve"])
    parser.add_argument("rest", nargs="+")
    parser.add_argument("--policy")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--monitors", action="store_true")
    parser.add_argument("--clients", type=int)
    options = parser.parse_args()
    run = Path(options.rest[-1])
    described = json.loads((run / "stand-in.json").read_text()) if run.is_dir() else {}
    if options.command == "serve" and options.policy not in described.get("policies", {}):
        sys.exit(f"the run has no policy {options.policy}")
    if not described.get("plan"):
        sys.exit("the run is damaged")
    if options.command == "rollouts":
        print(json.dumps({"run": str(run)} | described["plan"]))
        return
    server = serve(StandIn(options.policy, described["policies"][options.policy], options.monitors).handle, "127.0.0.1", options.port,
                   compression=None, max_size=None)
    for number in (signal.SIGINT, signal.SIGTERM):
        # A thread: shutdown waits for the loop that the signal interrupts.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown, daemon=True).start())
    print(f"serving {options.policy} of {run} at ws://127.0.0.1:{server.socket.getsockname()[1]}", flush=True)
    server.serve_forever()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
