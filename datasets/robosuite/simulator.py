"""robosuite 1.5: Panda, OSC_POSE at 20 Hz, two cameras."""
import json
import re

import numpy
import rendering
import robosuite
from experts import EXPERTS
from robosuite.controllers import load_composite_controller_config

from interface import BaseSimulator

CAMERAS = ["agentview", "robot0_eye_in_hand"]
LOW_DIM = ["robot0_eef_pos", "robot0_eef_quat", "robot0_eef_quat_site", "robot0_gripper_qpos", "robot0_gripper_qvel", "robot0_joint_acc",
           "robot0_joint_pos", "robot0_joint_pos_cos", "robot0_joint_pos_sin", "robot0_joint_vel"]
LIMITS = {"Lift": 200, "Can": 300, "Stack": 300, "Square": 350}


class Simulator(BaseSimulator):
    name = "robosuite"
    tasks = {"Lift": "Lift", "Can": "PickPlaceCan", "Stack": "Stack", "Square": "NutAssemblySquare"}
    packages = ("robosuite", "mujoco")
    cameras = tuple(camera + "_image" for camera in CAMERAS)
    action_dim = 7
    control_frequency = 20
    default_noise = 1.0

    def __init__(self, task, render):
        super().__init__(task, render)
        self.expert_limit = LIMITS[task]
        # Made without a renderer: its context comes with the model that stays.
        self.simulation = robosuite.make(self.tasks[task], **{**self.arguments(), "use_camera_obs": False, "has_offscreen_renderer": False})
        self.simulation.reward_shaping = True
        self.model = None

    @staticmethod
    def arguments():
        """As the demonstrations' env_args store them."""
        controller = load_composite_controller_config(controller="BASIC", robot="Panda")
        # The Panda has one arm.
        controller["body_parts"] = {"right": controller["body_parts"]["right"]}
        return {"robots": ["Panda"], "controller_configs": controller, "has_renderer": False, "has_offscreen_renderer": True,
                "use_camera_obs": True, "use_object_obs": True, "control_freq": 20, "ignore_done": True, "lite_physics": True,
                "camera_depths": False, "reward_shaping": False, "camera_names": CAMERAS, "camera_heights": rendering.SIZE,
                "camera_widths": rendering.SIZE}

    def environment(self):
        return {"env_name": self.tasks[self.task], "env_version": robosuite.__version__, "type": 1, "env_kwargs": self.arguments()}

    def reset(self, number):
        """As robosuite's own collector begins: the scene is drawn, and its model read back from text, so that a stored demonstration
        (model and states) can be replayed exactly."""
        simulation = self.simulation
        draws = simulation.rng = numpy.random.default_rng(number)
        # The samplers keep the generator that they were given first.
        sampler = simulation.placement_initializer
        for one in [sampler, *getattr(sampler, "samplers", {}).values()]:
            one.rng = draws
        # Lift draws the cube's size, which is part of the model; elsewhere the model stays, and its pictures' meshes on the graphics side.
        if self.model is None or self.task == "Lift":
            simulation.has_offscreen_renderer = False
            simulation.reset()
            drawn, self.model = self.state(), simulation.sim.model.get_xml()
            simulation.has_offscreen_renderer = self.render
            simulation.reset_from_xml_string(self.model)
        else:
            simulation.hard_reset = False
            simulation.reset()
            drawn = self.state()
            # The robot's controllers begin from its own pose, as in the other branch.
            simulation.deterministic_reset = True
            simulation.reset()
            simulation.deterministic_reset, simulation.hard_reset = False, True
        self.restore(drawn)

    def restore(self, state):
        """Goes to a stored state of this scene."""
        sim = self.simulation.sim
        sim.reset()
        sim.set_state_from_flattened(state)
        sim.forward()

    def load_model(self, text):
        """Goes to the scene of a stored demonstration; `restore` comes next."""
        self.simulation.has_offscreen_renderer = self.render
        self.simulation.reset_from_xml_string(self.simulation.edit_model_xml(text))

    def state(self):
        return numpy.array(self.simulation.sim.get_state().flatten())

    def current(self):
        """robosuite's low-dim observation of the state as it is now: a step leaves positions of bodies one substep behind. The warm start
        of the constraint solver is put back, so that looking changes nothing."""
        sim = self.simulation.sim
        warm = sim.data.qacc_warmstart.copy()
        sim.forward()
        # Twice: sensors of relative poses read the object's place from the update before.
        self.simulation._update_observables(force=True)
        found = self.simulation._get_observations(force_update=True)
        sim.data.qacc_warmstart[:] = warm
        return found

    def observe(self, cameras):
        found = self.current()
        observation = {name: numpy.array(found[name]) for name in LOW_DIM} | {"object": numpy.array(found["object-state"])}
        for key in cameras:
            # robosuite's pictures stand on their heads.
            picture = self.simulation.sim.render(camera_name=key.removesuffix("_image"), width=rendering.SIZE, height=rendering.SIZE)[::-1]
            observation[key] = numpy.ascontiguousarray(picture)
        return observation

    def step(self, action):
        _, reward, _, _ = self.simulation.step(numpy.asarray(action, float))
        return bool(self.simulation._check_success()), float(reward)

    def expert(self, number, noise):
        expert = EXPERTS[self.task](numpy.random.default_rng([number, 1]), noise, self.current())
        return lambda: expert.act(self.current())

    def attributes(self):
        # Paths from robosuite's own folder on: robosuite finds the files from there on any machine.
        model = re.sub(r'file="[^"]*/(robosuite/models/[^"]*)"', r'file="\1"', self.model)
        return {"model_file": model, "ep_meta": json.dumps(self.simulation.get_ep_meta(), indent=4)}


# robosuite 1.5.2: Stack.reward has no default for its action, and robomimic calls it without one.
robosuite.environments.manipulation.stack.Stack.reward.__defaults__ = (None,)
