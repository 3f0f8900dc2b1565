"""Film strips: the frames that a policy was asked about, one row for each camera."""
import numpy

from common import replacing

# Queries shown at most.
COLUMNS = 12


def shown(count):
    """Indices of up to COLUMNS queries, evenly spread, with the first and the last."""
    return sorted({int(index) for index in numpy.linspace(0, count - 1, min(count, COLUMNS)).round()})


def write(path, frames):
    """A PNG of the tiles without gaps, and its {columns, rows, tile}."""
    from PIL import Image
    columns = shown(len(next(iter(frames.values()))))
    rows = [numpy.concatenate([images[index] for index in columns], axis=1) for images in frames.values()]
    with replacing(path) as partial:
        Image.fromarray(numpy.concatenate(rows, axis=0)).save(partial, "PNG")
    return {"columns": len(columns), "rows": len(rows), "tile": next(iter(frames.values()))[0].shape[0], "shown": columns}
