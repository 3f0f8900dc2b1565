"""A simulator of a few lines for the tests: a hand in a box, an object, and an expert that fails at every fifth number."""
import numpy

from interface import BaseSimulator


class Simulator(BaseSimulator):
    name = "fake"
    tasks = {"touch": "Touch", "push": "Push"}
    cameras = ("front_image", "side_image")
    action_dim = 3
    expert_limit = 60
    control_frequency = 10

    def reset(self, number):
        draws = numpy.random.default_rng(number)
        self.hand, self.object, self.steps = numpy.zeros(3), draws.uniform(0.3, 1, 3), 0
        self.begun = number

    def observe(self, cameras):
        observation = {"robot0_eef_pos": self.hand.copy(), "object": numpy.concatenate([self.object, [0.0]])}
        for camera in cameras:
            picture = numpy.zeros((8, 8, 3), "uint8")
            picture[tuple((7 * self.hand[[self.cameras.index(camera), 2]]).clip(0, 7).astype(int))] = 255
            picture[..., 2] = self.steps
            observation[camera] = picture
        return observation

    def step(self, action):
        self.hand = self.hand + 0.1 * numpy.clip(action, -1, 1)
        self.steps += 1
        distance = float(numpy.linalg.norm(self.hand - self.object))
        return distance < 0.05, 1 - distance

    def expert(self, number, noise):
        draws = numpy.random.default_rng([number, 1])
        gain = 0 if number % 5 == 3 else 5
        return lambda: gain * (self.object - self.hand) + noise * draws.normal(size=3)

    default_noise = 0.1

    def state(self):
        return numpy.concatenate([[self.steps], self.hand, self.object])

    def attributes(self):
        return {"model_file": f"<fake number='{self.begun}'/>"}

    def environment(self):
        return {"env_name": self.tasks[self.task], "env_version": "1", "type": 1, "env_kwargs": {}}
