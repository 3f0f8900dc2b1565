"""What a simulator is to the commands of this folder. One module `datasets/NAME/simulator.py` with a class `Simulator` adds one."""
import importlib.metadata
import importlib.util
import platform
import sys

from common import DATASETS, MISSING, USAGE, Failure


class BaseSimulator:
    """One scene in one process. Everything that happens after `reset(number)` depends on the number and the actions alone, not on the
    episodes before it."""

    name = ""
    # {name users give: the simulator's own name, as in the demonstrations' env_args}
    tasks = {}
    # Of the Python packages whose version changes what happens.
    packages = ()
    # Keys of the images that `observe` can add: uint8 [height, width, 3], the first row on top.
    cameras = ()
    action_dim = 0
    # Control steps that the expert has for a demonstration; steps per second of the simulated clock.
    expert_limit = 0
    control_frequency = 0

    def __init__(self, task, render):
        """Where `render` is false, images will never be asked for."""
        self.task, self.render = task, render

    def reset(self, number):
        """Begins the episode of this number (any int from 0 to 2^31)."""
        raise NotImplementedError

    def observe(self, cameras):
        """The observation now, in the types that demonstrations store, with the images of these cameras; asking changes nothing. `object`
        begins with the position of the object that the task is about."""
        raise NotImplementedError

    def step(self, action):
        """One control step: (success, progress in [0, 1])."""
        raise NotImplementedError

    def expert(self, number, noise):
        """A function of no arguments that answers the scripted expert's next action, for the episode just begun. Its own draws come from
        the number; `noise` scales or adds noise on its actions."""
        raise NotImplementedError

    # Of the expert as its maker meant it.
    default_noise = 0.0

    def state(self):
        """All of the simulator's numbers, to store: float64 [n]."""
        raise NotImplementedError

    def attributes(self):
        """{name: text} of the demonstration just begun."""
        return {}

    def environment(self):
        """robomimic's env_args."""
        raise NotImplementedError


def load(name):
    """The class of a simulator, imported here: call it in the process that simulates."""
    folder = DATASETS / name
    path = folder / "simulator.py"
    if not path.is_file():
        known = sorted(file.parent.name for file in DATASETS.glob("*/simulator.py"))
        raise Failure(USAGE, f"there is no simulator {name}", path, ", ".join(known))
    sys.path.append(str(folder))
    try:
        specification = importlib.util.spec_from_file_location(name.replace("/", "_") + "_simulator", path)
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
    except ImportError as error:
        base = name.rsplit("/", 1)[-1]
        raise Failure(69, f"{name} cannot be imported", path, found=f"{type(error).__name__}: {error}", todo=f"make {base}-install")
    return module.Simulator


def task_name(simulator, text):
    """The name of a task, from that name or the simulator's own."""
    for name, own in simulator.tasks.items():
        if text in (name, own):
            return name
    raise Failure(USAGE, f"{simulator.name} has no task {text}", expected=", ".join(simulator.tasks))


def versions(simulator):
    found = {"python": platform.python_version()}
    for package in (*simulator.packages, "numpy", "openpi-client", "websockets"):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            raise Failure(MISSING, f"the Python package {package} is missing", todo=f"make {simulator.name}-install")
    return found
