"""Reads checkpoints without running anything of theirs, and says what their readers have found in them.

What is asked of settings and tensors is there, of the expected form, or an error that names it.
"""
import hashlib
import pickle
import re
import zipfile
from collections import namedtuple

from convert_common import DATA, MISSING, USAGE, Failure, demand

ELSEWHERE = "let it answer where it runs: `alt ask`"
DAMAGED = "check that the checkpoint is whole and of the published code"
# order: (key, shape) as the condition has them, per step; maps: key -> (scale, offset), normalised = raw * scale + offset.
Source = namedtuple("Source", "kind unet encoders order maps gaussian settings steps notes")


class Inert:
    """In the place of a class that a pickle names: keeps the state that it is given, and does nothing."""
    def __new__(cls, *_):
        return object.__new__(cls)

    def __setstate__(self, state):
        self.__dict__.update(state if isinstance(state, dict) else {})


class InertTable(dict):
    def __init__(self, *_):
        pass


STAND_INS = [(InertTable, "collections.defaultdict")] + [(Inert, name) for name in (
    "omegaconf.dictconfig.DictConfig", "omegaconf.listconfig.ListConfig", "omegaconf.base.ContainerMetadata", "omegaconf.base.Metadata",
    *(f"omegaconf.nodes.{kind}Node" for kind in ("Any", "Boolean", "Float", "Integer", "String")), "typing.Any", "dill._dill._load_type",
    *(f"{module}.{kind}" for module in ("builtins", "__builtin__") for kind in ("dict", "list", "int", "float", "str", "bool", "object")),
    *(f"numpy.{core}.multiarray.{name}" for core in ("core", "_core") for name in ("scalar", "_reconstruct")), "numpy.dtype", "numpy.ndarray")]


def load(path, trust):
    import torch
    if not path.is_file():
        raise Failure(MISSING, "there is no such checkpoint", path,
                      todo="name a .ckpt of diffusion_policy, a .pth of robomimic, or RUN/policy/diffusion")
    try:
        if trust:
            import dill
            return torch.load(path, map_location="cpu", weights_only=False, pickle_module=dill)
        with torch.serialization.safe_globals(STAND_INS):
            return torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except ImportError:
        raise
    except pickle.UnpicklingError as error:
        raise Failure(DATA, "the checkpoint has objects that are read by running code", path, "tensors, plain values, omegaconf's settings",
                      (re.findall(r"GLOBAL ([\w.]+)", str(error)) or [str(error).splitlines()[-1]])[0],
                      "--trust, if you trust who made the file: unpickling runs whatever it says")
    except Exception as error:
        raise Failure(DATA, "the checkpoint cannot be read", path, found=f"{type(error).__name__}: {str(error)[:200]}",
                      todo="fetch or copy it again")


def file_digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def plain(value):
    """Of omegaconf's containers, real or stand-ins, dicts and lists."""
    inside = getattr(value, "__dict__", {})
    if "_content" in inside or "_val" in inside:
        return plain(inside["_content"] if "_content" in inside else inside["_val"])
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    return [plain(entry) for entry in value] if isinstance(value, (list, tuple)) else value


class Settings:
    """A checkpoint's settings by dotted names; what is asked for is known or refused."""
    def __init__(self, values, place):
        self.values, self.place = values, place

    def __call__(self, name, *default):
        value = self.values
        for part in name.split("."):
            if not isinstance(value, dict) or part not in value:
                demand(default, "a setting is missing", f"{self.place}.{name}", "a value", "no such setting", DAMAGED)
                return default[0]
            value = value[part]
        demand(not isinstance(value, Inert) and not str(value).startswith("${"), "a setting is not resolved", f"{self.place}.{name}", "a value",
               value, ELSEWHERE)
        return value

    def only(self, name, *allowed):
        """The value, which must be one of these; the first where there is none."""
        value = self(name, allowed[0])
        self.refuse(value not in allowed, name, " or ".join(map(str, allowed)), value)
        return value

    def refuse(self, condition, name, expected, found, todo=ELSEWHERE):
        demand(not condition, "the policy asks for what lerobot's network does not have", f"{self.place}.{name}", expected, found, todo)

    def part(self, name):
        return Settings(self(name), f"{self.place}.{name}")


class Tensors:
    """Tensors by name, each to be taken once, with its shape."""
    def __init__(self, tensors, prefix, place):
        self.place = f"{place}, tensor {prefix}"
        self.left = {name[len(prefix):]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}

    def shape(self, name):
        demand(name in self.left, "a tensor is missing", self.place + name, "a tensor", f"{len(self.left)} others", DAMAGED)
        return tuple(self.left[name].shape)

    def take(self, name, *shape):
        demand(self.shape(name) == shape, "a tensor has another shape", self.place + name, shape, self.shape(name), DAMAGED)
        tensor = self.left.pop(name).detach()
        others = tensor.numel() - tensor.isfinite().sum().item()
        demand(others == 0, "a tensor is not finite", self.place + name, "finite numbers", f"{others} of {tensor.numel()} are not", DAMAGED)
        return tensor.float() if tensor.is_floating_point() else tensor

    def drop_copies(self, copy, original):
        """PyTorch saves a module under every name that it has."""
        for name in [name for name in self.left if name.startswith(copy)]:
            other = self.left.get(original + name[len(copy):])
            demand(other is not None and other.equal(self.left.pop(name)), "a module has two sets of weights", self.place + name,
                   f"the values of {original}", "others", ELSEWHERE)

    def finish(self):
        for name, tensor in self.left.items():
            demand(False, "a tensor belongs to nothing in lerobot's network", self.place + name, "no such tensor", tuple(tensor.shape), ELSEWHERE)


def split(tensors, unet, nets, order, place):
    """The U-Net's tensors and those of every camera's encoder, which must be all."""
    prefixes = {key: f"{nets}{key}." for key, shape in order if len(shape) == 3}
    own = (unet, *prefixes.values())
    Tensors({name: tensor for name, tensor in tensors.items() if not name.startswith(own)}, "", place).finish()
    return Tensors(tensors, unet, place), {key: Tensors(tensors, prefix, place) for key, prefix in prefixes.items()}


def noise(settings, kind, steps, place, todo=ELSEWHERE):
    """The noise's fields, as diffusers reads them."""
    levels = settings("num_train_timesteps", 1000)
    known = {"_target_", "enabled", "num_train_timesteps", "num_inference_timesteps", "dynamic_thresholding_ratio", "sample_max_value"}
    fields = {"noise_scheduler_type": kind, "num_train_timesteps": levels, "num_inference_steps": steps,
              "beta_schedule": settings.only("beta_schedule", "linear", "scaled_linear", "squaredcos_cap_v2"),
              "beta_start": settings("beta_start", 0.0001), "beta_end": settings("beta_end", 0.02),
              "prediction_type": settings.only("prediction_type", "epsilon", "sample"),
              "clip_sample": settings.only("clip_sample", True, False), "clip_sample_range": settings("clip_sample_range", 1.0)}
    rest = {"trained_betas": None, "thresholding": False, "timestep_spacing": "leading", "rescale_betas_zero_snr": False, "steps_offset": 0}
    rest |= {"variance_type": "fixed_small"} if kind == "DDPM" else {"set_alpha_to_one": True}
    for name, needed in rest.items():
        settings.only(name, needed)
    for name in sorted(set(settings.values) - known - set(fields) - set(rest)):
        settings.refuse(True, name, "a setting of diffusers' schedulers that is known here", settings(name))
    # Their diffusers 0.11 steps from t to t - 1 also where it skips levels.
    demand(steps == levels if kind == "DDPM" else 1 <= steps <= levels, "these steps back are not lerobot's", place,
           f"DDPM with all {levels} steps, or DDIM with up to {levels}", f"{kind} with {steps}", todo)
    return fields


def no_keys(given):
    if given:
        raise Failure(USAGE, "--keys is for DiffusionUnetLowdimPolicy", expected="none: this policy names its keys itself", todo="leave --keys out")
