"""What the goldens share: named random tensors, rounding, and writing."""
import json
import zlib
from pathlib import Path

import torch
from safetensors.torch import save as encode
from torch.nn import functional as F

FOLDER = Path(__file__).parent / "goldens"


def generator(name):
    """A generator of its own for every name, so that a new golden does not shift the others."""
    return torch.Generator().manual_seed(zlib.crc32(name.encode()))


def exact(value):
    """`value` rounded to what float16 holds, in float64: what the file says is what was computed with."""
    return value.half().double()


def normal(name, *shape):
    """Standard normal values."""
    return exact(torch.randn(*shape, generator=generator(name)))


def uniform(name, *shape):
    """Values of [-1, 1)."""
    return exact(2 * torch.rand(*shape, generator=generator(name)) - 1)


def images(name, count, height, width):
    """Soft coloured patches with some grain, [count, 3, height, width] in [0, 1]: noise alone looks alike to an encoder."""
    patches = torch.rand(count, 3, 3, 3, generator=generator(name + "/patches"))
    grain = torch.rand(count, 3, height, width, generator=generator(name + "/grain"))
    return exact(0.8 * F.interpolate(patches, (height, width), mode="bilinear") + 0.2 * grain)


def write(name, tensors, metadata):
    """Writes goldens/<name>.safetensors with its metadata in order: the library's own order changes from run to run."""
    data = encode({key: value.detach().contiguous() for key, value in tensors.items()}, metadata=metadata)
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header["__metadata__"] = dict(sorted(metadata.items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data[start:])


def save(name, halves, singles, **metadata):
    """Writes `halves` (inputs and weights, exact in float16) and `singles` (results, computed in float64 and rounded once
    to float32)."""
    assert not halves.keys() & singles.keys()
    for key, value in halves.items():
        assert torch.equal(exact(value), value), f"{key} is not exact in float16"
    for key, value in singles.items():
        assert torch.isfinite(value).all(), key
    tensors = {key: value.half() for key, value in halves.items()} | {key: value.float() for key, value in singles.items()}
    write(name, tensors, {"torch": torch.__version__, **metadata})


def largest_difference(single, double):
    """The largest absolute difference over the largest magnitude of the exact tensor."""
    return ((single.double() - double).abs().max() / double.abs().max()).item()
