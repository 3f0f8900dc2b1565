"""A policy server, asked by the unmodified openpi-client; its metadata and answers are checked here."""
import os
import time
from collections import deque, namedtuple
from urllib.parse import urlparse

import numpy

from common import DATA, UNAVAILABLE, Failure, demand

# actions: those to play out, in order. flagged: None without a detector.
Reply = namedtuple("Reply", "actions recalled flagged monitors infer_ms round_trip_ms")
NUMBERS = ("horizon", "action_dim", "observation_steps", "execute_from", "execute_steps")


class Policy:
    def __init__(self, uri):
        from openpi_client.websocket_client_policy import WebsocketClientPolicy
        self.uri = uri
        # A proxy of the environment is no way to this machine.
        if urlparse(uri).hostname in ("127.0.0.1", "localhost", "::1"):
            for name in ("no_proxy", "NO_PROXY"):
                os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1", "localhost", "::1"]))
        self.client = self.reaching(lambda: WebsocketClientPolicy(uri))
        self.metadata = self.client.get_server_metadata()
        self.check()

    def reaching(self, call):
        from websockets.exceptions import WebSocketException
        try:
            return call()
        except (OSError, EOFError, WebSocketException) as error:
            raise Failure(UNAVAILABLE, "the policy server does not answer", self.uri, found=f"{type(error).__name__}: {error}",
                          todo="see what the server printed; what was finished is kept, and the same command goes on from there")

    def close(self):
        self.client._ws.close()

    def check(self):
        found = self.metadata
        demand(isinstance(found, dict), "the server's metadata is no map", self.uri, found=type(found).__name__)
        for name in NUMBERS:
            demand(isinstance(found.get(name), int) and found[name] >= (name != "execute_from"), f"the server's metadata lack {name}", self.uri,
                   "a whole number", found.get(name), "start it with: alt serve RUN --policy NAME")
        demand(found["execute_from"] + found["execute_steps"] <= found["horizon"], "the server's actions end before those to play out", self.uri,
               f"execute_from + execute_steps <= {found['horizon']}", f"{found['execute_from']} + {found['execute_steps']}")
        keys = found.get("observation")
        demand(isinstance(keys, dict) and keys, "the server's metadata name no observations", self.uri, found=keys)
        for key, kind in keys.items():
            demand(isinstance(kind, dict) and type_name(kind.get("dtype")) in ("uint8", "float32") and isinstance(kind.get("shape"), (list, tuple)),
                   f"the server's metadata do not describe observation {key}", self.uri, "dtype uint8 or float32, and shape", kind)
        demand(isinstance(found.get("policy"), str), "the server's metadata lack the policy's name", self.uri, found=found.get("policy"))

    def check_scene(self, observation, action_dim):
        """That the simulator has what the policy was trained on."""
        demand(self.metadata["action_dim"] == action_dim, "the policy's actions are not this simulator's", self.uri, action_dim,
               self.metadata["action_dim"], "name the task that the policy was trained on")
        for key, kind in self.metadata["observation"].items():
            demand(key in observation, f"the policy observes {key}, which the simulator does not have", self.uri, ", ".join(sorted(observation)),
                   todo="name the task and the simulator that the policy was trained on")
            shape = list(observation[key].shape)
            demand(shape == list(kind["shape"]), f"observation {key} has another shape in the simulator", self.uri, list(kind["shape"]), shape)

    @property
    def cameras(self):
        """In the metadata's order."""
        return [key for key, kind in self.metadata["observation"].items() if type_name(kind["dtype"]) == "uint8"]

    def ask(self, history, episode, step):
        request = {}
        for key, kind in self.metadata["observation"].items():
            request[key] = numpy.stack([observed[key] for observed in history]).astype(kind["dtype"])
        begin = time.perf_counter()
        try:
            answer = self.reaching(lambda: self.client.infer({**request, "episode": episode, "step": step}))
        except RuntimeError as error:
            # openpi-client's only way to tell that the server sent a text.
            raise Failure(DATA, "the policy server refused an observation", f"{self.uri}, episode {episode}, step {step}",
                          found=str(error).split("\n", 1)[-1])
        return self.reply(answer, 1000 * (time.perf_counter() - begin), f"{self.uri}, episode {episode}, step {step}")

    def reply(self, answer, elapsed, where):
        shape = (self.metadata["horizon"], self.metadata["action_dim"])
        actions = answer.get("actions") if isinstance(answer, dict) else None
        demand(isinstance(actions, numpy.ndarray) and actions.shape == shape, "the server's answer has no such actions", where, list(shape),
               list(getattr(actions, "shape", [])) or type(actions).__name__)
        demand(numpy.isfinite(actions).all(), "the server's actions are not finite", where)
        first = self.metadata["execute_from"]
        timing, recalled = answer.get("server_timing") or {}, answer.get("recalled") or {}
        return Reply(actions[first:first + self.metadata["execute_steps"]].astype(float), recalled.get("demonstration"),
                     answer.get("out_of_distribution"), answer.get("monitors") or {}, timing.get("infer_ms"), elapsed)


def type_name(text):
    """Of `uint8` as of `|u1`."""
    try:
        return numpy.dtype(text).name if isinstance(text, str) else None
    except TypeError:
        return None


class History:
    """The last `steps` observed control steps; before the second one, the first stands for those that are missing."""

    def __init__(self, steps):
        self.observed = deque(maxlen=steps)

    def add(self, observation):
        self.observed.append(observation)

    def frames(self):
        missing = self.observed.maxlen - len(self.observed)
        return [self.observed[0]] * missing + list(self.observed)
