"""The experts of the four tasks."""
import numpy

from expert import CLOSE, FOREVER, OPEN, Expert, Phase, position
from rotations import from_quaternion, wrap, yaw as yaw_of


class LiftExpert(Expert):
    def plan(self, observation):
        yaw = self.grasp_yaw(yaw_of(observation["cube_quat"]), numpy.pi / 2)
        up = numpy.array([*self.draws.uniform(-0.05, 0.05, 2), self.draws.uniform(0.07, 0.16)])
        return self.pick(position("cube_pos"), yaw) + [
            Phase.hold(lambda observation, hand: (self.memory["grasp"] + up, yaw), CLOSE, FOREVER, noise=0.7)]


class StackExpert(Expert):
    def plan(self, observation):
        draws = self.draws
        yaw = self.grasp_yaw(yaw_of(observation["cubeA_quat"]), numpy.pi / 2)
        red, green = position("cubeA_pos"), position("cubeB_pos")
        lift, hover = draws.uniform(0.09, 0.14), draws.uniform(0.04, 0.07)
        # The cubes' faces aligned, or as they are.
        align = wrap(yaw_of(observation["cubeB_quat"]) - yaw, numpy.pi / 2) if draws.random() < 0.6 else 0.0
        place_yaw = float(numpy.clip(yaw + align, -1.7, 1.7))
        retreat = numpy.array([draws.uniform(-0.05, 0.05), self.style.side * draws.uniform(0, 0.06), draws.uniform(0.06, 0.12)])

        def above(observation, hand, height):
            return hand + green(observation) - red(observation) + [0, 0, 0.045 + height], place_yaw

        def place(observation, hand):
            self.memory["release"] = hand.copy()
            return above(observation, hand, 0.004)

        return self.pick(red, yaw) + [
            Phase(lambda observation, hand: (self.memory["grasp"] + [0, 0, lift], yaw), CLOSE, 0.03, 25, speed=0.8, noise=0.5),
            Phase(lambda observation, hand: above(observation, hand, hover), CLOSE, 0.012, 60, turn_tolerance=0.12, speed=0.8, noise=0.6),
            Phase(place, CLOSE, 0.006, 30, speed=0.4, noise=0.2),
            Phase.hold(lambda observation, hand: (self.memory["release"], place_yaw), OPEN, 4, noise=0.1),
            Phase(lambda observation, hand: (self.memory["release"] + [0, 0, 0.05], place_yaw), OPEN, 0.02, 12, speed=0.6, noise=0.2),
            Phase.hold(lambda observation, hand: (self.memory["release"] + retreat, place_yaw), OPEN, FOREVER, noise=0.7)]


class CanExpert(Expert):
    # Inside the can's bin (x 0.10 to 0.295, y 0.28 to 0.525), on the side that the arm reaches without stretching out; the centre of a
    # can that stands there is at about 0.86.
    GOAL = numpy.array([0.155, 0.365, 0.86])

    def plan(self, observation):
        draws, style = self.draws, self.style
        can = position("Can_pos")
        # The can is round: any yaw grasps it. Near the walls the hand's wide side keeps off them.
        yaw = float(numpy.clip(draws.normal(0, 0.45), -1.2, 1.2)) * (0.5 if abs(can(observation)[1] + 0.25) > 0.14 else 1.0)
        goal = self.GOAL + [draws.uniform(-0.02, 0.02), draws.uniform(-0.03, 0.04), 0]
        carry, drop = draws.uniform(1.03, 1.12), draws.uniform(0.01, 0.05)
        place_yaw = float(numpy.clip(yaw + draws.normal(0, 0.3), -1.2, 1.2))
        detour = numpy.array([draws.uniform(-0.05, 0.08), draws.uniform(-0.05, 0.05)])
        style.lateral *= 0.7
        style.gain *= 1.2
        style.top_speed = draws.uniform(0.75, 1.0)

        def up(observation, hand):
            return numpy.array([*self.memory["grasp"][:2], carry]), yaw

        def halfway(observation, hand):
            return numpy.array([*(0.5 * (self.memory["grasp"][:2] + goal[:2]) + detour), carry + 0.02]), 0.5 * (yaw + place_yaw)

        def over(observation, hand):
            return numpy.array([*(hand + goal - can(observation))[:2], carry]), place_yaw

        def lower(observation, hand):
            self.memory["release"] = hand.copy()
            return hand + goal - can(observation) + [0, 0, drop], place_yaw

        return self.pick(can, yaw, height=draws.uniform(-0.005, 0.02)) + [
            Phase(up, CLOSE, 0.04, 30, turn_tolerance=0.3, noise=0.7),
            Phase(halfway, CLOSE, 0.07, 50, turn_tolerance=0.6, noise=0.9),
            Phase(over, CLOSE, 0.04, 45, turn_tolerance=0.5, noise=0.7),
            Phase(lower, CLOSE, 0.025, 30, turn_tolerance=0.5, speed=0.8, noise=0.4),
            Phase.hold(lambda observation, hand: (self.memory["release"], place_yaw), OPEN, 4, noise=0.1),
            Phase.hold(lambda observation, hand: (self.memory["release"] + [0, 0, 0.12], place_yaw), OPEN, FOREVER, noise=0.5)]


class SquareExpert(Expert):
    PEG = numpy.array([0.23, 0.10])

    def plan(self, observation):
        draws = self.draws
        nut, nut_yaw = position("SquareNut_pos"), lambda observation: yaw_of(observation["SquareNut_quat"])
        yaw = wrap(nut_yaw(observation), numpy.pi)
        if abs(yaw) > 1.35:
            # Both grasps are about as far.
            yaw = self.grasp_yaw(nut_yaw(observation), numpy.pi)
        along, carry = 0.054 + draws.uniform(-0.004, 0.010), draws.uniform(1.02, 1.07)
        self.style.pause += 5

        def handle(observation):
            return nut(observation) + from_quaternion(observation["SquareNut_quat"]) @ numpy.array([along, 0, 0])

        def wrist():
            return numpy.arctan2(self.rotation[1, 0], self.rotation[0, 0]) - numpy.pi / 2

        def goal_yaw(observation):
            turned = nut_yaw(observation)
            if "quarter" not in self.memory:
                # The nut fits at every quarter turn: the one that keeps the wrist in range. With the handle pointing away from the robot
                # (yaw 0) the arm would be stretched out.
                self.memory["quarter"] = min((index * numpy.pi / 2 for index in range(4)), key=lambda quarter: (
                    abs(wrap(wrist() + wrap(quarter - turned))) + 0.3 * abs(wrap(quarter - turned)) + (3.0 if quarter == 0 else 0)))
            return wrap(wrist() + wrap(self.memory["quarter"] - turned))

        def over(observation, hand, height):
            return hand + [*(self.PEG - nut(observation)[:2]), height - nut(observation)[2]], goal_yaw(observation)

        def lower(observation, hand):
            self.memory["release"], self.memory["yaw"] = hand.copy(), wrist()
            return over(observation, hand, 0.87)

        return self.pick(handle, yaw, height=-0.004) + [
            Phase(lambda observation, hand: (numpy.array([*self.memory["grasp"][:2], carry]), yaw), CLOSE, 0.04, 35, turn_tolerance=0.4, noise=0.5),
            Phase(lambda observation, hand: over(observation, hand, 1.0), CLOSE, 0.02, 70, speed=0.9, noise=0.5),
            Phase(lambda observation, hand: over(observation, hand, 0.985), CLOSE, 0.006, 40, turn_tolerance=0.05, speed=0.4, noise=0.15),
            Phase(lower, CLOSE, 0.012, 40, turn_tolerance=0.2, speed=0.4, noise=0.1),
            Phase.hold(lambda observation, hand: (self.memory["release"], self.memory["yaw"]), OPEN, 5, noise=0.1),
            Phase.hold(lambda observation, hand: (self.memory["release"] + [0, 0, 0.12], self.memory["yaw"]), OPEN, FOREVER, noise=0.4)]


EXPERTS = {"Lift": LiftExpert, "Can": CanExpert, "Stack": StackExpert, "Square": SquareExpert}
