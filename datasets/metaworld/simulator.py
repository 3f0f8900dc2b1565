"""Meta-World 3: Sawyer, hand position and gripper, two cameras; its own scripted experts."""
import copy
import importlib.metadata
import json
import os
import warnings

os.environ.setdefault("MUJOCO_GL", "osmesa")
os.environ.setdefault("LP_NUM_THREADS", "0")
import metaworld
import mujoco
import numpy
from metaworld.env_dict import ALL_V3_ENVIRONMENTS, ML1_ARGS_KWARGS
from metaworld.policies import ENV_POLICY_MAP

from interface import BaseSimulator

SIZE = 84
# corner4 is where the field puts corner2 for learning (0.75, 0.075, 0.7): from corner2 itself objects are two pixels wide. It hangs upside
# down.
CAMERAS, HANGING = ["corner4", "gripperPOV"], {"corner4"}
# Of the model, what the tasks move when they begin.
MOVED = ("body_pos", "body_quat", "site_pos", "site_quat")
# Everything that the simulation goes on from.
STATE = mujoco.mjtState.mjSTATE_INTEGRATION


class Simulator(BaseSimulator):
    name = "metaworld"
    tasks = {name.removesuffix("-v3"): name for name in ENV_POLICY_MAP}
    packages = ("metaworld", "mujoco", "gymnasium")
    cameras = tuple(camera + "_image" for camera in CAMERAS)
    action_dim = 4
    expert_limit = 500
    # A control step is five of 2.5 ms.
    control_frequency = 80

    def __init__(self, task, render):
        super().__init__(task, render)
        self.own = self.tasks[task]
        simulation = self.simulation = ALL_V3_ENVIRONMENTS[self.own]()
        settings = {name: value for name, value in ML1_ARGS_KWARGS[self.own]["kwargs"].items() if name != "task_id"}
        simulation._set_task_inner(**settings)
        simulation._set_task_called = True
        # As in MT1 the goal is observed; starts are drawn from the distribution that its fifty training tasks are drawn from.
        simulation._partially_observable = False
        simulation.__dict__.pop("sawyer_observation_space", None)
        simulation._freeze_rand_vec, simulation.seeded_rand_vec = False, True
        # The runner counts the steps.
        simulation.max_path_length = 10**9
        self.untouched = {name: getattr(simulation.model, name).copy() for name in MOVED}
        self.attributes_untouched = {name: copy.copy(value) for name, value in vars(simulation).items() if plain(value)}
        self.renderer = mujoco.Renderer(simulation.model, SIZE, SIZE) if render else None

    def environment(self):
        # 2: robomimic's number for gymnasium's environments.
        return {"env_name": self.own, "env_version": importlib.metadata.version("metaworld"), "type": 2,
                "env_kwargs": {"partially_observable": False}}

    def reset(self, number):
        simulation = self.simulation
        # Tasks move parts of the model and remember positions; what the last episode left is undone.
        for name, values in self.untouched.items():
            getattr(simulation.model, name)[:] = values
        for name, value in self.attributes_untouched.items():
            setattr(simulation, name, copy.copy(value))
        mujoco.mj_resetData(simulation.model, simulation.data)
        mujoco.mj_forward(simulation.model, simulation.data)
        simulation.seed(number)
        self.observation, _ = simulation.reset()
        # Some tasks move a goal's mark last; the first picture shows it where it is.
        mujoco.mj_forward(simulation.model, simulation.data)

    def observe(self, cameras):
        seen = self.observation
        observation = {"robot0_eef_pos": seen[0:3].copy(), "robot0_gripper_qpos": seen[3:4].copy(),
                       "object": numpy.concatenate([seen[4:18], seen[36:39]])}
        return observation | {key: self.picture(key.removesuffix("_image")) for key in cameras}

    def picture(self, camera):
        renderer = self.renderer
        renderer.update_scene(self.simulation.data, camera)
        # They cost most of the time and show nothing of the task.
        for flag in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION, mujoco.mjtRndFlag.mjRND_SKYBOX):
            renderer.scene.flags[flag] = 0
        return numpy.ascontiguousarray(numpy.rot90(renderer.render(), 2)) if camera in HANGING else renderer.render()

    def step(self, action):
        self.observation, reward, _, _, information = self.simulation.step(numpy.clip(action, -1, 1))
        return bool(information["success"]), float(reward) / 10

    def expert(self, number, noise):
        expert, draws = ENV_POLICY_MAP[self.own](), numpy.random.default_rng([number, 1])

        def act():
            with warnings.catch_warnings():
                # That its answers are clipped.
                warnings.simplefilter("ignore")
                action = expert.get_action(self.observation)
            return numpy.clip(action + noise * draws.normal(size=4), -1, 1)

        return act

    def attributes(self):
        # The states do not tell where a task has put the fixed parts of its scene.
        return {"random_vector": json.dumps([float(value) for value in self.simulation._last_rand_vec])}

    def state(self):
        state = numpy.empty(mujoco.mj_stateSize(self.simulation.model, STATE))
        mujoco.mj_getState(self.simulation.model, self.simulation.data, state, STATE)
        return state


def plain(value):
    return value is None or isinstance(value, (bool, int, float, str, numpy.ndarray))
