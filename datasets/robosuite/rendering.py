"""robosuite's software rendering, fast: the same settings wherever a picture is made, so that policies see what the demonstrations show.

Imported before robosuite and mujoco: they read the environment when they are loaded.
"""
import logging
import os

os.environ.setdefault("MUJOCO_GL", "osmesa")
# Threads of the rasterizer cost more than they bring in pictures of this size, and there is a worker for every core already.
os.environ.setdefault("LP_NUM_THREADS", "0")
# Of optional parts that are not installed.
logging.disable(logging.WARNING)
import mujoco  # noqa: E402
import robosuite  # noqa: E402, F401
from robosuite.utils.binding_utils import MjRenderContext  # noqa: E402

logging.disable(logging.NOTSET)
logging.getLogger("robosuite_logs").setLevel(logging.ERROR)

SIZE = 84
render, make_buffers = MjRenderContext.render, MjRenderContext._set_mujoco_context_and_buffers


def render_plainly(self, *arguments, **named):
    # Reflections of the floor (reflectance 0.01) double the time for no visible change; no light casts shadows in these scenes.
    self.scn.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = 0
    self.scn.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = 0
    return render(self, *arguments, **named)


def make_small_buffers(self):
    # Instead of 640 x 480, multisampled: read back much faster.
    self.model.vis.global_.offwidth = self.model.vis.global_.offheight = SIZE
    self.model.vis.quality.shadowsize = 0
    return make_buffers(self)


MjRenderContext.render = render_plainly
MjRenderContext._set_mujoco_context_and_buffers = make_small_buffers
