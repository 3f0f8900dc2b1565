"""h5py: a robomimic file whole, in natural order, into one uint8 cache a camera; actions and low-dim values too."""
import h5py
import numpy as np


def load(row, threads, file):
    if row != "load_robomimic":
        return None
    if file is None:
        raise ValueError("the row needs a robomimic file: pass --file")
    return {"whole": reading(file, direct=False), "read_direct": reading(file, direct=True)}


def reading(path, direct):
    def run():
        with h5py.File(path) as file:
            data = file["data"]
            names = sorted(data, key=lambda name: int(name.split("_")[-1]))
            keys = list(data[names[0]]["obs"])
            cameras = [key for key in keys if key.endswith("_image")]
            lengths = [len(data[name]["actions"]) for name in names]
            shapes = {key: data[names[0]]["obs"][key].shape[1:] for key in cameras}
            cache = {key: np.empty((sum(lengths), *shapes[key]), np.uint8) for key in cameras}
            rows, start = [], 0
            for name, length in zip(names, lengths):
                demonstration = data[name]
                rows.append(demonstration["actions"][()])
                for key in keys:
                    dataset = demonstration["obs"][key]
                    if key not in cache:
                        rows.append(dataset[()])
                    elif direct:
                        dataset.read_direct(cache[key], dest_sel=np.s_[start:start + length])
                    else:
                        cache[key][start:start + length] = dataset[()]
                start += length
            return cache, rows
    return run
