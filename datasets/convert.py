#!/usr/bin/env python3
"""Writes robomimic's HDF5 from a LeRobotDataset (v2.1 or v3.0) or a replay buffer of diffusion_policy (zarr version 2, folder or .zip).

    python3 -m venv convert-venv && convert-venv/bin/pip install -r datasets/requirements.txt
    convert-venv/bin/python datasets/convert.py SOURCE OUTPUT.hdf5
    convert-venv/bin/python datasets/convert.py SOURCE OUTPUT.hdf5 --image observation.images.top=top_image --low-dim 'state[0:2]=agent_pos'
    convert-venv/bin/python datasets/convert.py --check SOURCE OUTPUT.hdf5      # the written file against the source again, value by value

Exit codes: 0 done, 64 usage, 65 bad data or a difference, 66 input missing, 69 a Python package missing, 73 output exists or cannot be
created, 74 writing failed, 130 stopped.
"""
import argparse
import errno
import hashlib
import io
import json
import os
import re
import signal
import sys
import time
from collections import namedtuple
from pathlib import Path

from convert_common import DATA, EXISTS, MISSING, PACKAGE, USAGE, WRITING, Failure, Parser, demand, reading
from convert_lerobot import LeRobot
from convert_zarr import ReplayBuffer

# One thing to take: columns first to last of a feature (all when last is None), and its name in the output.
Choice = namedtuple("Choice", "feature first last key")


class Progress:
    """On stderr, once something has taken 2 s: one changing line on a terminal, else a line every 30 s."""

    def __init__(self):
        self.next = time.monotonic() + 2
        self.shown = self.stopped = False

    def stop(self, *_):
        """Ctrl-C or SIGTERM. An exception from here would be lost in one of h5py's callbacks, so the next frame raises it."""
        self.stopped = True

    def __call__(self, text):
        if self.stopped:
            raise KeyboardInterrupt
        now, terminal = time.monotonic(), sys.stderr.isatty()
        if now >= self.next:
            print(f"\r\033[K{text}" if terminal else text, end="" if terminal else "\n", file=sys.stderr, flush=True)
            self.shown, self.next = terminal, now + (0.2 if terminal else 30)

    def end(self):
        if self.shown:
            print(file=sys.stderr)


def open_source(path, settings):
    root = Path(path)
    if not root.exists():
        raise Failure(MISSING, "there is no such source", root, todo="name a LeRobotDataset's folder, or a .zarr folder or .zarr.zip")
    if (root / "meta/info.json").is_file():
        return LeRobot(root, settings)
    if root.is_file() or any((root / name).exists() for name in (".zgroup", "zarr.json", "data/.zgroup")):
        return ReplayBuffer(root)
    raise Failure(DATA, "the source is neither a LeRobotDataset nor a replay buffer", root, "meta/info.json, or .zgroup",
                  sorted(file.name for file in root.iterdir())[:8], "name the folder that has one of them")


def choose(source, option, wanted, image):
    """Choices for `NAME`, `NAME=KEY`, `NAME[first:last]=KEY`; everything suitable when nothing is wanted, nothing for `none`."""
    available = [name for name, (kind, _) in source.features.items() if (kind != "numbers") == image]
    choices = []
    for text in source.defaults()[0 if image else 1] if wanted is None else [text for text in wanted if text != "none"]:
        match = re.fullmatch(r"([^=\[]+)(?:\[(\d+):(\d+)\])?(?:=([\w.-]+))?", text)
        name = match[1] if match else text
        if not match or name not in available or image and match[2]:
            raise Failure(USAGE, f"{option} {text} names nothing to take", source.root,
                          "NAME or NAME=KEY" + ("" if image else " or NAME[first:last]=KEY"), f"features: {', '.join(available) or 'none'}")
        key = re.sub(r"\W+", "_", name.removeprefix("observation.").removeprefix("images."))
        if image:
            key = "image" if key == "img" else key if key.endswith("image") else key + "_image"
        shape = source.features[name][1]
        if image and (len(shape) != 3 or shape[2] != 3):
            raise Failure(DATA, "a camera is not RGB", f"{source.root}, {name}", "height, width, 3", shape, "leave it out by naming the others with --image")
        first, last = (int(match[2]), int(match[3])) if match[2] else (0, None)
        if last is not None and not first < last <= (shape[0] if shape else 1):
            raise Failure(USAGE, f"{option} {text} leaves the feature", source.root, f"first < last <= {shape[0] if shape else 1}")
        choices.append(Choice(name, first, last, match[4] or key))
    return choices


def check_finite(rows, where):
    import numpy
    if rows.dtype.kind == "f" and not numpy.isfinite(rows).all():
        step, column = numpy.argwhere(~numpy.isfinite(rows))[0]
        raise Failure(DATA, "a value is not finite", where, "finite numbers", f"{rows[step, column]} at step {step}, dimension {column}",
                      "repair the source, or leave an observation out by naming the others with --low-dim")


def demonstration(source, chosen, episode):
    """Attributes of the group, {path: array}, and {path: (shape, frames)} of one episode."""
    import numpy
    length = episode.rows[1] - episode.rows[0]
    attributes, arrays, rewards, dones = source.extras(episode)
    attributes |= {"num_samples": length, "episode_index": episode.index, "source_rows": numpy.array(episode.rows)}
    features = {choice.feature for choice in chosen["low_dim"]} | {chosen["actions"]}
    rows = source.numbers(episode, sorted(features))
    arrays["actions"] = rows[chosen["actions"]]
    arrays |= {f"obs/{choice.key}": rows[choice.feature][:, choice.first:choice.last] for choice in chosen["low_dim"]}
    for path, values in arrays.items():
        if values.ndim == 2:
            check_finite(values, f"{source.root}, episode {episode.index}, {path}")
    if rewards is not None:
        arrays["rewards"] = rewards
    # An episode that the source does not call done ends all the same.
    arrays["dones"] = (numpy.arange(length) == length - 1 if dones is None else dones).astype(numpy.int64)
    # HDF5 has no booleans of its own; h5py's are an enumeration.
    arrays = {path: values.astype("uint8") if values.dtype == bool else values for path, values in arrays.items()}
    pictures = {f"obs/{choice.key}": ((length, *source.features[choice.feature][1]), source.frames(episode, choice.feature))
                for choice in chosen["images"]}
    return attributes, arrays, pictures


def sized(frames, shape, where):
    count = 0
    for count, frame in enumerate(frames, 1):
        demand(frame.shape == shape[1:], "a frame has another size", f"{where}, step {count - 1}", shape[1:], frame.shape,
               "correct the source's meta/info.json" if "meta" in where else "leave this camera out")
        yield frame
    demand(count == shape[0], "frames are missing", where, shape[0], count)


def fingerprint(source, features, progress):
    """SHA-256 of the lines `<SHA-256 of a file>  <its path>`, sorted by path, as sha256sum writes them."""
    folder, total = source.root.parent if source.root.is_file() else source.root, hashlib.sha256()
    files = sorted(source.files(features))
    for done, name in enumerate(files):
        progress(f"hashing the source: {done} of {len(files)} files")
        with reading(folder / name), open(folder / name, "rb") as file:
            total.update(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n".encode())
    return total.hexdigest(), len(files)


def data_attributes(source, chosen, progress):
    spell = lambda choice: choice.feature + (f"[{choice.first}:{choice.last}]" if choice.last is not None else "")
    keys = {kind: {choice.key: spell(choice) for choice in chosen[kind]} for kind in ("images", "low_dim")}
    features = {choice.feature for kind in keys for choice in chosen[kind]} | {chosen["actions"]}
    digest, count = fingerprint(source, features, progress)
    attributes = {
        "total": source.episodes[-1].rows[1], "source_format": source.format, "source_sha256": digest, "source_files": count,
        "source_keys": json.dumps({**keys, "actions": chosen["actions"]}), "source_settings": json.dumps(source.settings),
        # No simulator is recorded; robomimic wants a name and a type, and 2 is its Gym.
        "env_args": json.dumps({"env_name": source.name, "type": 2, "env_kwargs": {}})}
    if source.fps is not None:
        attributes |= {"fps": source.fps, "tasks": json.dumps({str(index): task for index, task in sorted(source.tasks.items())})}
    return attributes


def write(source, chosen, file, progress):
    import numpy
    data = file.create_group("data")
    data.attrs.update(data_attributes(source, chosen, progress))
    for done, episode in enumerate(source.episodes):
        group = data.create_group(f"demo_{episode.index}")
        progress(f"writing episode {done + 1} of {len(source.episodes)}")
        attributes, arrays, pictures = demonstration(source, chosen, episode)
        group.attrs.update(attributes)
        for path, values in arrays.items():
            group.create_dataset(path, data=values)
        for path, (shape, frames) in pictures.items():
            # A chunk is a frame, or of large frames a band: above 4 MiB alt leaves inflating to the library, on one core.
            band = shape[1] if chosen["plain"] else -(-shape[1] // -(-shape[1] * shape[2] * 3 // 2**22))
            stored = {} if chosen["plain"] else {"chunks": (1, band, shape[2], 3), "compression": "gzip", "compression_opts": 4}
            images = group.create_dataset(path, shape, numpy.uint8, **stored)
            for step, frame in enumerate(sized(frames, shape, f"{source.root}, episode {episode.index}, {path}")):
                images[step] = frame
                progress(f"writing episode {done + 1} of {len(source.episodes)}: {path}, frame {step + 1} of {shape[0]}")
    for name, indices in source.masks.items():
        file.create_dataset(f"mask/{name}", data=numpy.array([f"demo_{index}" for index in indices], "S"))


class Draft(io.FileIO):
    """The file while it is being written. HDF5 crashes, or goes on as if nothing were amiss, where the disk is full: so it isn't told,
    and whoever writes asks for `failure` at every frame and at the end."""
    failure = None

    def write(self, content):
        rest = memoryview(content).cast("B")
        size = len(rest)
        try:
            while len(rest) and not self.failure:
                rest = rest[super().write(rest):]
        except OSError as error:
            self.failure = error
        return size

    def truncate(self, size=None):
        try:
            return size if self.failure else super().truncate(size)
        except OSError as error:
            self.failure = error
            return size

    def check(self):
        if self.failure:
            raise self.failure


def place(draft, output):
    """A link, unlike a rename, does not replace what another program has put there meanwhile; some file systems have none."""
    try:
        os.link(draft, output)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS):
            raise
        os.rename(draft, output)


def convert(source, chosen, output, progress):
    """The file appears under its name when all of it is on disk, or not at all."""
    if output.exists():
        raise Failure(EXISTS, "the output exists already", output, todo="name another file, or remove this one")
    draft = output.with_name(f"{output.name}.{os.getpid()}.partial")
    try:
        stream = Draft(draft, "x+")
    except OSError as error:
        raise Failure(EXISTS, "the output cannot be created", draft, found=error.strerror, todo="name a folder that exists and can be written")

    def step(text):
        stream.check()
        progress(text)

    try:
        import h5py
        with stream:
            with h5py.File(stream, "w") as file:
                write(source, chosen, file, step)
            os.fsync(stream.fileno())
        step("writing the last bytes")
        place(draft, output)
        folder = os.open(output.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except FileExistsError:
        raise Failure(EXISTS, "the output exists already", output, todo="name another file, or remove this one")
    except (OSError, RuntimeError) as error:
        raise Failure(WRITING, "the output cannot be written", output, found=error, todo="free space on the disk and try again")
    finally:
        draft.unlink(missing_ok=True)


def check(source, output, progress):
    """Reads source and output side by side; the output says itself which features it took."""
    import h5py
    import numpy

    def same(what, where, expected, found):
        demand(expected == found, f"{what} differs from the source's", f"{output}:{where}", expected, found, "convert the source again")

    def plain(value):
        return value.tolist() if isinstance(value, (numpy.ndarray, numpy.generic)) else value

    with reading(output, "name a file that convert.py wrote"), h5py.File(output, "r") as file:
        keys, source.settings = (json.loads(file["data"].attrs[name]) for name in ("source_keys", "source_settings"))
        wanted = {kind: [f"{feature}={key}" for key, feature in keys[kind].items()] for kind in ("images", "low_dim")}
        chosen = {kind: choose(source, "source_keys", wanted[kind], kind == "images") for kind in wanted} | {"actions": keys["actions"]}
        for name, value in data_attributes(source, chosen, progress).items():
            same(f"attribute {name}", "/data", value, plain(file["data"].attrs[name]))
        same("the list of demonstrations", "/data", sorted(f"demo_{episode.index}" for episode in source.episodes), sorted(file["data"]))
        same("the list of masks", "/mask", sorted(source.masks), sorted(file["mask"] if "mask" in file else []))
        for name, indices in source.masks.items():
            same("a mask", f"/mask/{name}", [f"demo_{index}" for index in indices], [text.decode() for text in file[f"mask/{name}"][:]])
        for done, episode in enumerate(source.episodes):
            group = file[f"data/demo_{episode.index}"]
            progress(f"checking episode {done + 1} of {len(source.episodes)}")
            attributes, arrays, pictures = demonstration(source, chosen, episode)
            for name, value in attributes.items():
                same(f"attribute {name}", group.name, plain(value), plain(group.attrs[name]))
            stored = []
            group.visititems(lambda path, item: stored.append(path) if isinstance(item, h5py.Dataset) else None)
            same("the list of arrays", group.name, sorted([*arrays, *pictures]), sorted(stored))
            for path, values in arrays.items():
                same("the shape or type", f"{group.name}/{path}", (values.shape, values.dtype), (group[path].shape, group[path].dtype))
                demand(group[path][:].tobytes() == values.tobytes(), "values differ from the source's", f"{output}:{group.name}/{path}",
                       todo="convert the source again")
            for path, (shape, frames) in pictures.items():
                same("the shape or type", f"{group.name}/{path}", (shape, numpy.uint8), (group[path].shape, group[path].dtype))
                for step, frame in enumerate(sized(frames, shape, f"{source.root}, episode {episode.index}, {path}")):
                    demand((group[path][step] == frame).all(), "pixels differ from the source's", f"{output}:{group.name}/{path}, step {step}",
                           todo="convert the source again")
                    progress(f"checking episode {done + 1} of {len(source.episodes)}: {path}, frame {step + 1} of {shape[0]}")


def run(arguments, progress):
    source = open_source(arguments.source, {"decoder": arguments.decoder, "tolerance": arguments.tolerance})
    output = Path(arguments.output)
    if arguments.check:
        if not output.exists():
            raise Failure(MISSING, "there is no such file to check", output, todo="convert the source first")
        check(source, output, progress)
    else:
        chosen = {"images": choose(source, "--image", arguments.image, True), "low_dim": choose(source, "--low-dim", arguments.low_dim, False),
                  "actions": arguments.action or source.action, "plain": arguments.uncompressed}
        keys = [choice.key for kind in ("images", "low_dim") for choice in chosen[kind]]
        if not keys or len(set(keys)) < len(keys):
            raise Failure(USAGE, "an output key is taken twice" if keys else "nothing is observed", source.root, "at least one key, each once",
                          ", ".join(keys) or "no key", "name them with --image NAME=KEY and --low-dim NAME=KEY")
        if source.features.get(chosen["actions"], ("",))[0] != "numbers":
            raise Failure(USAGE, "there are no such actions", source.root, "a feature of numbers", f"{chosen['actions']} of {', '.join(source.features)}",
                          "name it with --action")
        convert(source, chosen, output, progress)
    progress.end()
    print(f"{output}: {len(source.episodes)} demonstrations, {source.episodes[-1].rows[1]} steps, "
          + (f"equal to {source.root}" if arguments.check else f"from {source.format}"))


def main():
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="a LeRobotDataset's folder, or a .zarr folder or .zarr.zip")
    parser.add_argument("output", help="the HDF5 file to write; an existing one is never replaced")
    parser.add_argument("--check", action="store_true", help="compare the existing output with the source, value by value")
    parser.add_argument("--image", action="append", metavar="NAME[=KEY]", help="take this camera (repeat for more); 'none' for no cameras; default all")
    parser.add_argument("--low-dim", action="append", metavar="NAME[[FIRST:LAST]=KEY]",
                        help="take this vector, or columns FIRST up to LAST of it; 'none' for none; default all observed ones")
    parser.add_argument("--action", metavar="NAME", help="the feature that is the action (default: action)")
    parser.add_argument("--uncompressed", action="store_true", help="images without gzip: larger, and faster to write and read")
    parser.add_argument("--decoder", choices=("torchcodec", "pyav"), default="torchcodec",
                        help="whose colours videos get that name a colour matrix; lerobot's own videos name none (default: lerobot's default)")
    parser.add_argument("--tolerance", type=float, default=1e-4, metavar="S",
                        help="how far a video's frame may be from its row's timestamp (default %(default)s s, lerobot's)")
    arguments, progress = parser.parse_args(), Progress()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, progress.stop)
    # Programs with many threads start others with these held back.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        run(arguments, progress)
    except Failure as failure:
        progress.end()
        print(failure, file=sys.stderr)
        return failure.code
    except ImportError as error:
        print(f"a Python package is missing: {error.name}\n  to do:    pip install -r datasets/requirements.txt", file=sys.stderr)
        return PACKAGE
    except KeyboardInterrupt:
        progress.end()
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
