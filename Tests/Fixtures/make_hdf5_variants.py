"""Writes small HDF5 files in the many shapes that robomimic data takes, and in the many ways it breaks.

    python make_hdf5_variants.py          (needs h5py and numpy; made with h5py 3.16 on HDF5 2.0)

The values follow formulas that Tests/DemonstrationsTests/VariantFile.swift repeats:
    actions[d, t, a]      = (t - 2 a + d) / 16
    low-dim k [d, t, j]   = d + t / 4 + j / 8 + k
    image c [d, t, y, x, channel] = (50 d + 11 t + 7 y + 3 x + 29 channel + 5 c) mod 256
with d the position in natural order. All are exact in half precision.
"""
import json
import os

import h5py, numpy as np

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hdf5")
LENGTHS = [5, 7, 4]
CAMERAS = [("agentview_image", 4, 5), ("wrist_image", 3, 2)]
LOW_DIM = [("robot0_eef_pos", 3), ("robot0_eef_quat", 4), ("robot0_gripper_qpos", 2)]
# The newest format that HDF5 1.10 (Debian 12) reads.
LATEST = ("v110", "v110")
ENVIRONMENT = json.dumps({"env_name": "Lift", "env_version": "1.5.2", "type": 1, "env_kwargs": {"name": "Würfel"}})


def actions(d, n, width=3):
    t, a = np.meshgrid(np.arange(n), np.arange(width), indexing="ij")
    return (t - 2 * a + d) / 16


def low_dim(d, n, k, width):
    t, j = np.meshgrid(np.arange(n), np.arange(width), indexing="ij")
    return d + t / 4 + j / 8 + k


def image(d, n, c, h, w):
    t, y, x, channel = np.meshgrid(np.arange(n), np.arange(h), np.arange(w), np.arange(3), indexing="ij")
    return ((50 * d + 11 * t + 7 * y + 3 * x + 29 * channel + 5 * c) % 256).astype(np.uint8)


def make(name, demos=("demo_0", "demo_1", "demo_2"), dtype="<f8", obs=True, images=True, extras=True, next_obs=False,
         libver=None, masks=None, **create):
    """One file; `create` goes to every dataset below obs. Returns it open for changes."""
    f = h5py.File(os.path.join(HERE, name + ".hdf5"), "w", libver=libver)
    data = f.create_group("data")
    for d, demo in enumerate(demos):
        n = LENGTHS[d % 3]
        g = data.create_group(demo)
        g["actions"] = actions(d, n).astype(dtype)
        if extras:
            g["states"], g["rewards"], g["dones"] = np.zeros((n, 2)), np.zeros(n), np.zeros(n, np.int64)
            g.attrs["num_samples"] = n
        for group in ["obs"] * obs + ["next_obs"] * next_obs:
            for k, (key, width) in enumerate(LOW_DIM):
                g.create_dataset(f"{group}/{key}", data=low_dim(d, n, k, width).astype(dtype), **create)
            for c, (key, h, w) in enumerate(CAMERAS if images else []):
                g.create_dataset(f"{group}/{key}", data=image(d, n, c, h, w), **create)
    if extras:
        data.attrs["total"] = sum(LENGTHS[d % 3] for d in range(len(demos)))
        data.attrs["env_args"] = ENVIRONMENT
    for key, names in (masks or {}).items():
        f["mask/" + key] = names
    return f


def small(name, **options):
    """A file for one failure: two demonstrations, no extras, compact groups."""
    return make(name, demos=("demo_0", "demo_1"), extras=False, libver=LATEST, **options)


def replace(f, path, values, **create):
    del f[path]
    f.create_dataset(path, data=values, **create)


# ---- variants that must load ----
make("contiguous", masks={"train": np.array([b"demo_2", b"demo_0"]), "valid": np.array([b"demo_1"])}).close()
make("gzip_next_obs", demos=("demo_0", "demo_1"), libver=LATEST, next_obs=True, compression="gzip").close()
make("float32", demos=("demo_0",), dtype="<f4", images=False, compression="gzip", shuffle=True, fletcher32=True).close()
make("float16", extras=False, dtype="<f2", images=False, libver=LATEST).close()
make("big_endian", extras=False, dtype=">f8", images=False, libver=LATEST).close()
make("latest", demos=("demo_0", "demo_1"), libver=LATEST, compression="gzip").close()
make("minimal", demos=("demo_0", "demo_1"), extras=False, libver=LATEST).close()
make("numbering", extras=False, demos=("demo_2", "demo_9", "demo_10", "demo_101"), images=False, libver=LATEST).close()
make("names", extras=False, demos=("a2", "a10", "b", "take-1"), images=False, libver=LATEST).close()

f = make("integers", extras=False, images=False, libver=LATEST)
for d in range(3):
    g, n = f[f"data/demo_{d}"], LENGTHS[d]
    g["obs/byte"] = np.arange(-1, n - 1, dtype=np.int8)
    g["obs/word"] = np.arange(2 * n, dtype=">u2").reshape(n, 2)
    g["obs/long"] = np.arange(n, dtype=np.int64).reshape(n, 1) - 2
    g["obs/contact"] = np.arange(n) % 2 == 1
f.close()

f = make("strings", extras=False, images=False, libver=LATEST, masks={
    "fixed_ascii": np.array([b"demo_0", b"demo_2"]), "longer_fixed": np.array([b"demo_0", b"demo_2"], dtype="S12")})
f["mask"].create_dataset("variable_bytes", data=[b"demo_0", b"demo_2"], dtype=h5py.string_dtype("ascii"))
f["mask"].create_dataset("variable_utf8", data=["demo_0", "demo_2"], dtype=h5py.string_dtype("utf-8"))
f["mask"].create_dataset("fixed_utf8", data=np.array([b"demo_0", b"demo_2"], dtype=h5py.string_dtype("utf-8", 8)))
space = h5py.h5t.C_S1.copy(); space.set_size(9); space.set_strpad(h5py.h5t.STR_SPACEPAD)
padded = h5py.h5d.create(f["mask"].id, b"space_padded", space, h5py.h5s.create_simple((2,)))
padded.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([b"demo_0   ", b"demo_2   "]), space)
f["data"].attrs["env_args"] = np.bytes_(ENVIRONMENT.encode())
f.close()

# As IsaacLab writes: float32, everything gzip, observations in nested groups.
f = h5py.File(os.path.join(HERE, "nested.hdf5"), "w", libver=LATEST)
for d in range(2):
    g, n = f.create_group(f"data/demo_{d}"), LENGTHS[d]
    g.create_dataset("actions", data=actions(d, n).astype(np.float32), compression="gzip")
    g.create_dataset("obs/eef_pos", data=low_dim(d, n, 0, 3).astype(np.float32), compression="gzip")
    g.create_dataset("obs/policy/camera", data=image(d, n, 0, 4, 5), compression="gzip")
    g.create_dataset("obs/policy/joints", data=low_dim(d, n, 1, 2).astype(np.float32), compression="gzip")
    g.create_dataset("states/articulation/root_pose", data=np.zeros((n, 7), np.float32), compression="gzip")
    g.attrs["num_samples"], g.attrs["success"] = n, True
f["data"].attrs["env_args"] = json.dumps({"env_name": "Isaac-Stack-Cube", "type": 2})
f.close()

f = make("wrong_counts", extras=False, images=False, libver=LATEST)
f["data/demo_1"].attrs["num_samples"] = 99
f["data"].attrs["total"] = 1
f.close()

f = make("soft_link", demos=("demo_0", "demo_1"), extras=False, images=False, libver=LATEST)
f["data/demo_2"] = h5py.SoftLink("/data/demo_1")
f["data/demo_3"] = h5py.SoftLink("/nowhere")
f.close()

# ---- files that must be refused ----
open(os.path.join(HERE, "text.hdf5"), "w").write("demonstrations go here\n" * 20)
open(os.path.join(HERE, "empty.hdf5"), "w").close()
whole = open(os.path.join(HERE, "contiguous.hdf5"), "rb").read()
open(os.path.join(HERE, "truncated.hdf5"), "wb").write(whole[: len(whole) // 8])

with h5py.File(os.path.join(HERE, "no_data.hdf5"), "w", libver=LATEST) as f:
    f["trajectories/actions"] = np.zeros((2, 3))
with h5py.File(os.path.join(HERE, "no_demonstrations.hdf5"), "w", libver=LATEST) as f:
    f.create_group("data").attrs["total"] = 0
with h5py.File(os.path.join(HERE, "raw.hdf5"), "w", libver=LATEST) as f:
    f["data/demo_1/actions"], f["data/demo_1/states"] = actions(0, 5), np.zeros((5, 32))

make("newer_hdf5", demos=("demo_0",), extras=False, libver="latest", compression="gzip").close()
f = small("image_rank"); replace(f, "data/demo_0/obs/agentview_image", np.zeros((5, 4, 5), np.uint8)); f.close()
f = small("image_type"); replace(f, "data/demo_0/obs/agentview_image", np.zeros((5, 4, 5, 3), np.float32)); f.close()
f = small("image_channels"); replace(f, "data/demo_0/obs/agentview_image", np.zeros((5, 3, 4, 5), np.uint8)); f.close()
f = small("image_size"); replace(f, "data/demo_1/obs/wrist_image", image(1, 7, 1, 3, 4)); f.close()
f = small("lengths"); replace(f, "data/demo_1/obs/robot0_eef_pos", low_dim(1, 6, 0, 3)); f.close()
f = small("missing_camera"); del f["data/demo_1/obs/wrist_image"]; f.close()
f = small("no_actions", images=False); del f["data/demo_1/actions"]; f.close()
f = small("no_steps", images=False); replace(f, "data/demo_1/actions", np.zeros((0, 3))); f.close()
f = small("text_low_dim", images=False); replace(f, "data/demo_0/obs/robot0_eef_pos", np.array([b"x"] * 5)); f.close()
f = small("nan_actions", images=False); f["data/demo_1/actions"][4, 2] = np.nan; f.close()
f = small("infinite_low_dim", images=False); f["data/demo_1/obs/robot0_eef_quat"][3, 1] = -np.inf; f.close()
f = small("overflow", images=False); f["data/demo_0/actions"][0, 1] = 1e300; f.close()
f = small("masks", images=False, masks={
    "some_absent": np.array([b"demo_1", b"demo_7"]), "all_absent": np.array([b"demo_7", b"demo_8"]),
    "numbers": np.arange(2), "train": np.array([b"demo_0", b"demo_1"]), "valid": np.array([b"demo_1"])})
f["mask"].create_dataset("empty", shape=(0,), dtype="S8")
f.close()

f = small("external_link", images=False)
del f["data/demo_1/actions"]
f["data/demo_1/actions"] = h5py.ExternalLink("contiguous.hdf5", "/data/demo_1/actions")
f.close()
f = small("hidden_external_link", images=False)
del f["data/demo_1/actions"]
f["elsewhere"] = h5py.ExternalLink("contiguous.hdf5", "/data/demo_1")
f["data/demo_1/actions"] = h5py.SoftLink("/elsewhere/actions")
f.close()
f = small("external_storage", images=False)
del f["data/demo_1/actions"]
f.create_dataset("data/demo_1/actions", (7, 3), "<f8", external=[("text.hdf5", 0, 7 * 3 * 8)])
f.close()
f = small("virtual", images=False)
layout = h5py.VirtualLayout((7, 3), "<f8")
layout[:] = h5py.VirtualSource("contiguous.hdf5", "/data/demo_1/actions", shape=(7, 3))
del f["data/demo_1/actions"]
f.create_virtual_dataset("data/demo_1/actions", layout)
f.close()
f = small("never_written", images=False)
del f["data/demo_1/actions"]
f.create_dataset("data/demo_1/actions", (10**11, 3), "<f8")
f.close()
f = small("bomb", images=False)
del f["data/demo_1/actions"]
f.create_dataset("data/demo_1/actions", (10**9, 3), "<f8", maxshape=(None, 3), chunks=(64, 3), compression="gzip")[:5] = 0.5
f.close()
f = small("lzf", images=False)
replace(f, "data/demo_0/obs/robot0_eef_pos", low_dim(0, 5, 0, 3), compression="lzf")
f.close()
f = small("damaged_chunk", compression="gzip")
chunk = f["data/demo_1/obs/agentview_image"].id.get_chunk_info(0)
f.close()
with open(os.path.join(HERE, "damaged_chunk.hdf5"), "r+b") as raw:
    raw.seek(chunk.byte_offset)
    raw.write(b"\xff" * chunk.size)

# ---- one file with many things a validator should notice ----
f = make("dubious", demos=("demo_0", "demo_1", "demo_3", "demo_6"), extras=False, libver=LATEST, masks={"train": np.array([b"demo_0"])})
for d, demo in enumerate(("demo_0", "demo_1", "demo_3", "demo_6")):
    g, n = f["data/" + demo], LENGTHS[d % 3]
    unit = np.zeros((n, 4)); unit[:, 3] = 1
    replace(g, "obs/robot0_eef_quat", unit)
    replace(g, "obs/robot0_gripper_qpos", np.stack([np.full(n, 0.04), np.arange(n) / 10], 1))
f["data/demo_1/obs/robot0_eef_quat"][3] = [0, 0, 0, 0.5]
f["data/demo_3/actions"][2, 1] = 1.5
f["data/demo_3/obs/agentview_image"][1] = 7
for key in ["actions"] + ["obs/" + key for key in f["data/demo_0/obs"]]:
    replace(f, "data/demo_6/" + key, f["data/demo_0/" + key][()])
f.close()

total = sum(os.path.getsize(os.path.join(HERE, name)) for name in os.listdir(HERE))
print(len(os.listdir(HERE)), "files,", total, "bytes; h5py", h5py.__version__, "HDF5", h5py.version.hdf5_version)
