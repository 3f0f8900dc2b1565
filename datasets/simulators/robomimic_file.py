"""robomimic's HDF5 layout, written from one file per demonstration. The same demonstrations give the same bytes."""
import json

import numpy

# Of the demonstrations, for validation.
VALID_SHARE = 0.1


def write(path, demonstrations, environment, notes, seed):
    """`demonstrations`: (path of the arrays, record) in order. Answers the number of steps."""
    import h5py
    total = 0
    with h5py.File(path, "w", track_order=False) as file:
        data = file.create_group("data")
        for index, (arrays, record) in enumerate(demonstrations):
            group = data.create_group(f"demo_{index}")
            with numpy.load(arrays) as stored:
                for name in sorted(stored.files):
                    add(group, name, stored[name])
                length = len(stored["actions"])
            for name, text in sorted(record["attributes"].items()):
                group.attrs[name] = text
            group.attrs["num_samples"] = length
            group.attrs["episode_number"] = record["number"]
            total += length
        data.attrs["total"] = total
        data.attrs["env_args"] = json.dumps(environment, indent=4)
        for name, value in sorted(notes.items()):
            data.attrs[name] = value
        for name, members in split(len(demonstrations), seed).items():
            file.create_dataset(f"mask/{name}", data=numpy.array(members, dtype="S"))
    return total


def add(group, name, values):
    if values.dtype == numpy.uint8 and values.ndim == 4:
        # One frame a chunk: training reads frames in any order.
        group.create_dataset(name, data=values, compression="gzip", chunks=(1, *values.shape[1:]))
    else:
        group.create_dataset(name, data=values)


def split(count, seed):
    """Sorted as text, as robomimic's own split writes them."""
    order = numpy.random.default_rng(seed).permutation(count)
    valid = max(1, round(VALID_SHARE * count)) if count > 1 else 0
    names = {"valid": order[:valid], "train": order[valid:]}
    return {name: sorted(f"demo_{index}" for index in members) for name, members in names.items() if len(members)}
