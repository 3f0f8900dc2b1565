"""One episode: a policy behind a server, or the scripted expert, until success or the limit."""
import math
import time

import numpy

from client import History

# First number of the environment's starts, and first number of the episode as the server hears it. Demonstrations have
# SEED x 1,000,000 + attempt, which stays below these up to seed 899.
CONDITIONS = {
    "closed_loop": (900_000_000, 0),
    "closed_loop_reference": (910_000_000, 1_000_000),
    "closed_loop_choice": (920_000_000, 2_000_000),
}


class Stopwatch:
    """Seconds and counts by name; where an episode's time goes."""

    def __init__(self):
        self.seconds, self.counts = {}, {}

    def __call__(self, name, call):
        begin = time.perf_counter()
        result = call()
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begin
        self.counts[name] = self.counts.get(name, 0) + 1
        return result


def play_policy(simulator, policy, condition, start, limit):
    """(the episode's part of the results, {camera: frames}): what `results.py` gathers. Only frames that the policy is asked about are
    rendered."""
    first, episode = CONDITIONS[condition]
    metadata, watch = policy.metadata, Stopwatch()
    # The check of the first observation names those that the simulator does not have.
    cameras = [camera for camera in policy.cameras if camera in simulator.cameras]
    history, actions, queries, next_query = History(metadata["observation_steps"]), [], [], 0
    frames = {camera: [] for camera in cameras}
    watch("reset", lambda: simulator.reset(first + start))
    success, progress, step, distance = False, 0.0, 0, None
    while step < limit and not success:
        if step > next_query - metadata["observation_steps"]:
            history.add(watch("observe", lambda: simulator.observe(cameras)))
        if step == 0:
            policy.check_scene(history.frames()[-1], simulator.action_dim)
            distance = start_distance(history.frames()[-1], metadata.get("training_objects"))
        if step == next_query:
            reply = policy.ask(history.frames(), episode + start, step)
            queries.append((step, reply))
            for camera in cameras:
                frames[camera].append(history.frames()[-1][camera])
            actions, next_query = list(reply.actions), step + metadata["execute_steps"]
        action = actions.pop(0)
        success, now = watch("step", lambda: simulator.step(action))
        progress, step = max(progress, now), step + 1
    if cameras:
        # A film ends with the episode, not with its last query.
        last = watch("observe", lambda: simulator.observe(cameras))
        for camera in cameras:
            frames[camera].append(last[camera])
    return record(success, progress, step, distance, queries, watch), frames


def play_expert(simulator, condition, start, limit):
    number = CONDITIONS[condition][0] + start
    watch = Stopwatch()
    watch("reset", lambda: simulator.reset(number))
    act = simulator.expert(number, simulator.default_noise)
    success, progress, step = False, 0.0, 0
    while step < limit and not success:
        action = act()
        success, now = watch("step", lambda: simulator.step(action))
        progress, step = max(progress, now), step + 1
    return record(success, progress, step, None, [], watch), {}


def record(success, progress, steps, distance, queries, watch):
    flags = [(step, bool(reply.flagged)) for step, reply in queries if reply.flagged is not None]
    return {
        "success": bool(success), "progress": 1.0 if success else min(1.0, max(0.0, float(progress))), "steps": steps,
        "queries": len(queries), "query_steps": [step for step, _ in queries],
        "flagged_share": sum(flag for _, flag in flags) / len(flags) if flags else None,
        "first_flag_step": next((step for step, flag in flags if flag), None),
        "recalled": [reply.recalled for _, reply in queries if reply.recalled],
        "start_distance": distance,
        "monitors": [[step, name, finite(score)] for step, reply in queries for name, score in reply.monitors.items()],
        "timing": {
            "seconds": watch.seconds, "counts": watch.counts,
            "infer_ms": [float(reply.infer_ms) for _, reply in queries if reply.infer_ms is not None],
            "round_trip_ms": [reply.round_trip_ms for _, reply in queries],
        },
    }


def finite(score):
    return float(score) if score is not None and math.isfinite(score) else None


def start_distance(observation, training):
    """Metres in the plane from the object to where it lay at the start of the nearest training demonstration; None where either is unknown."""
    if training is None or "object" not in observation or not len(training):
        return None
    return float(numpy.linalg.norm(numpy.asarray(training, float)[:, :2] - numpy.asarray(observation["object"][:2], float), axis=1).min())
