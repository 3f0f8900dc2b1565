"""A scripted expert: phases that each name a pose to reach. Reads robosuite's observations, answers 7 numbers for OSC_POSE.

Every episode draws its own style (approach side and height, which of the equivalent grasps, speed, gain, pauses, correlated noise on the
actions, a small tilt), so that demonstrations differ as a person's would.
"""
from dataclasses import dataclass, field
from typing import Callable

import numpy

from rotations import DOWN, about_z, from_quaternion, from_vector, to_vector, wrap

OPEN, CLOSE = -1, 1
# Phases that only the episode's end ends.
FOREVER = 999


@dataclass
class Phase:
    """A phase ends when the pose is reached (`tolerance` in metres, `turn_tolerance` in radians) and `minimum` steps are over, or after
    `maximum` steps. A tolerance of 0 waits for the steps alone."""
    pose: Callable
    grip: int
    tolerance: float
    maximum: int
    minimum: int = 0
    turn_tolerance: float = 0.15
    speed: float = 1.0
    noise: float = 1.0

    @classmethod
    def hold(cls, pose, grip, steps, **more):
        return cls(pose, grip, 0.0, steps, steps, **more)


@dataclass
class Style:
    gain: float
    top_speed: float
    turn_gain: float
    side: int
    lateral: float
    approach_height: float
    noise: float
    turn_noise: float
    pause: int
    idle: int
    tilt: numpy.ndarray
    second_grasp: bool
    grasp_offset: numpy.ndarray = field(default_factory=lambda: numpy.zeros(3))

    @classmethod
    def drawn(cls, draws, noise):
        return cls(gain=draws.uniform(10, 16), top_speed=draws.uniform(0.55, 1.0), turn_gain=draws.uniform(4, 7), side=int(draws.choice([-1, 1])),
                   lateral=draws.uniform(0.04, 0.11), approach_height=draws.uniform(0.07, 0.14), noise=draws.uniform(0.03, 0.16) * noise,
                   turn_noise=draws.uniform(0.005, 0.03) * noise, pause=int(draws.integers(4, 9)), idle=int(draws.integers(0, 4)),
                   tilt=draws.normal(0, 0.03, 2) * noise, second_grasp=bool(draws.random() < 0.3),
                   grasp_offset=numpy.array([*draws.normal(0, 0.002, 2), draws.uniform(-0.006, 0.004)]))


class Expert:
    """One episode. Subclasses fill `plan`: a list of phases whose `pose(observation, hand)` answers (position, yaw)."""

    def __init__(self, draws, noise, observation):
        self.draws, self.style = draws, Style.drawn(draws, noise)
        self.drift, self.turn_drift = numpy.zeros(3), numpy.zeros(3)
        self.phase = self.steps = 0
        # What phases remember for later ones.
        self.memory = {}
        self.phases = self.plan(observation)

    def plan(self, observation):
        raise NotImplementedError

    def act(self, observation):
        style = self.style
        hand = numpy.asarray(observation["robot0_eef_pos"], float)
        self.rotation = from_quaternion(observation["robot0_eef_quat_site"])
        while True:
            phase = self.phases[self.phase]
            target, yaw = phase.pose(observation, hand)
            wanted = about_z(yaw) @ from_vector(numpy.array([*style.tilt, 0])) @ DOWN
            away, turn = target - hand, to_vector(wanted @ self.rotation.T)
            reached = phase.tolerance <= 0 or (numpy.linalg.norm(away) < phase.tolerance and numpy.linalg.norm(turn) < phase.turn_tolerance)
            last = self.phase == len(self.phases) - 1
            if last or not (reached and self.steps >= phase.minimum) and self.steps < phase.maximum:
                break
            self.phase, self.steps = self.phase + 1, 0
        self.steps += 1
        move = limited(away * style.gain, style.top_speed * phase.speed)
        turn = limited(turn * style.turn_gain / 2, 0.5)
        self.drift = 0.8 * self.drift + 0.6 * self.draws.normal(0, style.noise, 3)
        self.turn_drift = 0.8 * self.turn_drift + 0.6 * self.draws.normal(0, style.turn_noise, 3)
        return numpy.clip(numpy.concatenate([move + phase.noise * self.drift, turn + phase.noise * self.turn_drift, [phase.grip]]), -1, 1)

    def grasp_yaw(self, yaw, period):
        """One of the yaws that grasp alike and that the wrist can reach; mostly the nearest."""
        candidates = sorted((wrap(yaw + index * period) for index in range(int(round(2 * numpy.pi / period)))), key=abs)
        reachable = [candidate for candidate in candidates if abs(candidate) <= numpy.pi / 2 + 0.05] or candidates[:1]
        return reachable[1] if self.style.second_grasp and len(reachable) > 1 else reachable[0]

    def pick(self, place, yaw, height=0.0):
        """The phases that grasp at `place(observation)`, `height` metres above it."""
        style = self.style
        aside = numpy.array([self.draws.uniform(-0.04, 0.04), style.side * style.lateral, style.approach_height + height])
        offset = style.grasp_offset + [0, 0, height]

        def grasp(observation, hand):
            self.memory["grasp"] = place(observation) + offset
            return self.memory["grasp"], yaw

        return [
            Phase.hold(lambda observation, hand: (hand, 0.0), OPEN, style.idle, noise=0.3),
            Phase(lambda observation, hand: (place(observation) + aside, yaw), OPEN, 0.03, 60, turn_tolerance=0.6),
            Phase(lambda observation, hand: (place(observation) + offset + [0, 0, 0.045], yaw), OPEN, 0.013, 40, turn_tolerance=0.10, noise=0.6),
            Phase(grasp, OPEN, 0.008, 30, turn_tolerance=0.12, speed=0.6, noise=0.35),
            Phase.hold(lambda observation, hand: (self.memory["grasp"], yaw), CLOSE, style.pause, noise=0.2),
        ]


def limited(vector, limit):
    """Shortened so that no component is larger than the limit."""
    return vector * min(1.0, limit / max(numpy.abs(vector).max(), 1e-9))


def position(key):
    """A function of the observation."""
    return lambda observation: numpy.asarray(observation[key], float)
