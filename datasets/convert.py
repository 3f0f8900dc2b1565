#!/usr/bin/env python3
"""Writes robomimic's HDF5 from a LeRobotDataset (v2.0, v2.1, v3.0) or a replay buffer of diffusion_policy (zarr version 2, folder or .zip).

    python3 -m venv convert-venv && convert-venv/bin/pip install -r datasets/requirements.txt
    convert-venv/bin/python datasets/convert.py SOURCE OUTPUT.hdf5
    convert-venv/bin/python datasets/convert.py SOURCE OUTPUT.hdf5 --image observation.images.top=top_image --low-dim 'state[0:2]=agent_pos'
    convert-venv/bin/python datasets/convert.py --check SOURCE OUTPUT.hdf5      # the written file against the source again, value by value

Exit codes: 0 done, 64 usage, 65 bad data or a difference, 66 input missing, 69 a Python package missing, 73 output exists or cannot be
created, 74 writing failed, 130 stopped.
"""
import argparse
import contextlib
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

USAGE, DATA, MISSING, PACKAGE, EXISTS, WRITING = 64, 65, 66, 69, 73, 74
# One thing to take: columns first to last of a feature (all when last is None), and its name in the output.
Choice = namedtuple("Choice", "feature first last key")
# rows: (first, last) in the whole source; place: what its reader needs to find the episode.
Episode = namedtuple("Episode", "index rows place")


class Failure(Exception):
    def __init__(self, code, what, where=None, expected=None, found=None, todo=None):
        lines = [("  where:    ", where), ("  expected: ", expected), ("  found:    ", found), ("  to do:    ", todo)]
        super().__init__("\n".join([what] + [name + str(text) for name, text in lines if text is not None]))
        self.code = code


@contextlib.contextmanager
def reading(path):
    """What a library says about a damaged file becomes an error that names the file."""
    try:
        yield
    except ImportError as error:
        raise Failure(PACKAGE, "a Python package is missing", path, found=error, todo="pip install -r datasets/requirements.txt")
    except FileNotFoundError as error:
        raise Failure(MISSING, "a file of the source is missing", error.filename or path, todo="fetch or copy the source again")
    except (Failure, MemoryError):
        raise
    except Exception as error:
        raise Failure(DATA, "the source cannot be read", path, found=f"{type(error).__name__}: {error}", todo="fetch or copy the source again")


def demand(condition, what, where, expected=None, found=None, todo=None):
    if not condition:
        raise Failure(DATA, what, where, expected, found, todo)


class Progress:
    """On stderr, once something has taken 2 s: one changing line on a terminal, else a line every 30 s."""

    def __init__(self):
        self.next = time.monotonic() + 2
        self.shown = False

    def __call__(self, text):
        now, terminal = time.monotonic(), sys.stderr.isatty()
        if now >= self.next:
            print(f"\r\033[K{text}" if terminal else text, end="" if terminal else "\n", file=sys.stderr, flush=True)
            self.shown, self.next = terminal, now + (0.2 if terminal else 30)

    def end(self):
        if self.shown:
            print(file=sys.stderr)


class LeRobot:
    RESERVED = ("timestamp", "frame_index", "episode_index", "index", "task_index")

    def __init__(self, root, tolerance):
        self.root, self.tolerance, self.videos = root, tolerance, {}
        self.read = {"meta/info.json"}  # files that the output depends on
        where = str(root / "meta/info.json")
        with reading(where):
            info = json.loads((root / "meta/info.json").read_text())
            version, self.fps, self.name = info["codebase_version"], info["fps"], root.resolve().name
            self.info, self.features, self.action = info, {}, "action" if "action" in info["features"] else "actions"
        demand(version in ("v2.0", "v2.1", "v3.0"), "the dataset has another version", where, "v2.0, v2.1 or v3.0", version,
               "convert it with lerobot's own scripts")
        self.format, self.packed = f"lerobot {version}", version == "v3.0"
        with reading(where):
            for name, feature in info["features"].items():
                shape, kind = tuple(feature["shape"]), feature["dtype"]
                if kind in ("image", "video"):
                    # Older recordings say (channels, height, width), and most say which is which.
                    channels_first = (feature.get("names") or [""])[0] in ("channel", "channels") or (shape[0] == 3 and shape[-1] != 3)
                    self.features[name] = (kind, shape[1:] + shape[:1] if channels_first else shape)
                elif kind != "string":
                    self.features[name] = ("numbers", shape)
        with reading(root / "meta"):
            (self.packed_episodes if self.packed else self.single_episodes)()
        demand(self.episodes, "the dataset has no episodes", where)
        self.masks = {name: self.split(name, text, where) for name, text in (info.get("splits") or {}).items()}

    def split(self, name, text, where):
        """`a:b`, in positions of episodes."""
        match = re.fullmatch(r"(\d+):(\d+)", str(text))
        demand(match and "/" not in name and int(match[1]) <= int(match[2]) <= len(self.episodes), f"split {name} does not name episodes", where,
               f"first:last of {len(self.episodes)} episodes", text, "correct or remove the split in meta/info.json")
        return [episode.index for episode in self.episodes[int(match[1]):int(match[2])]]

    def packed_episodes(self):
        """v3.0: many episodes share a Parquet file and an MP4."""
        import pyarrow.parquet as parquet
        files = sorted((self.root / "meta/episodes").glob("*/*.parquet"))
        if not files:
            raise FileNotFoundError(2, "", str(self.root / "meta/episodes"))
        rows = []
        for file in files:
            names = [name for name in parquet.read_schema(file).names if not name.startswith("stats/")]
            rows += parquet.ParquetFile(file).read(columns=names).to_pylist()
        tasks = parquet.read_table(self.root / "meta/tasks.parquet").to_pylist()
        self.tasks = {row.pop("task_index"): next(text for text in row.values() if isinstance(text, str)) for row in tasks}
        self.read |= {str(file.relative_to(self.root)) for file in files} | {"meta/tasks.parquet"}
        self.episodes = [
            Episode(row["episode_index"], (row["dataset_from_index"], row["dataset_to_index"]), {
                "data": self.info["data_path"].format(chunk_index=row["data/chunk_index"], file_index=row["data/file_index"]),
                **{name: (self.info["video_path"].format(
                    video_key=name, chunk_index=row[f"videos/{name}/chunk_index"], file_index=row[f"videos/{name}/file_index"]),
                    row[f"videos/{name}/from_timestamp"], row[f"videos/{name}/to_timestamp"])
                   for name, (kind, _) in self.features.items() if kind == "video"}})
            for row in sorted(rows, key=lambda row: row["episode_index"])]

    def single_episodes(self):
        """v2: a Parquet file and an MP4 for each episode."""
        def lines(name):
            self.read.add(name)
            return [json.loads(line) for line in (self.root / name).read_text().splitlines() if line.strip()]

        self.tasks = {row["task_index"]: row["task"] for row in lines("meta/tasks.jsonl")}
        self.episodes, first = [], 0
        for row in sorted(lines("meta/episodes.jsonl"), key=lambda row: row["episode_index"]):
            place = {"episode_chunk": row["episode_index"] // self.info["chunks_size"], "episode_index": row["episode_index"]}
            self.episodes.append(Episode(row["episode_index"], (first, first + row["length"]), {
                "data": self.info["data_path"].format(**place),
                **{name: (self.info["video_path"].format(video_key=name, **place), 0.0, float("inf"))
                   for name, (kind, _) in self.features.items() if kind == "video"}}))
            first += row["length"]

    def defaults(self):
        numbers = [name for name, (kind, _) in self.features.items() if kind == "numbers" and name not in self.RESERVED]
        observed = [name for name in numbers if name.startswith("observation.")]
        others = [name for name in numbers if not name.startswith(("action", "next."))]
        return [name for name, (kind, _) in self.features.items() if kind != "numbers"], observed or others

    def files(self, features):
        places = [episode.place for episode in self.episodes]
        return self.read | {place["data"] for place in places} | {place[name][0] for place in places for name in features if name in place}

    def batches(self, episode, columns):
        """The rows of one episode, in the order of the file, which must be their own."""
        from pyarrow import dataset
        path, seen, (first, last) = str(self.root / episode.place["data"]), 0, episode.rows
        os.stat(path)  # else the error names no file
        rows = dataset.dataset(path, format="parquet").to_batches(
            columns=list(columns) + ["frame_index", "index"], filter=dataset.field("episode_index") == episode.index, batch_size=256)
        for batch in rows:
            count = batch.num_rows
            found = batch.column("frame_index").to_pylist()
            demand(found == list(range(seen, seen + count)), "frames are missing or out of order", f"{path}, episode {episode.index}",
                   f"frame_index from {seen} on, one by one", found[:8], "fetch the dataset again")
            if self.packed and count:
                found = batch.column("index").to_pylist()
                demand(found == list(range(first + seen, first + seen + count)), "the rows of an episode are not where meta/episodes says",
                       f"{path}, episode {episode.index}", f"index from {first + seen} on", found[:8], "fetch the dataset again")
            seen += count
            yield batch
        demand(seen == last - first, "an episode has another length", f"{path}, episode {episode.index}", f"{last - first} rows", seen,
               "fetch the dataset again")

    def numbers(self, episode, features):
        with reading(self.root / episode.place["data"]):
            import numpy
            import pyarrow
            parts = list(self.batches(episode, features))
            where = f"{self.root / episode.place['data']}, episode {episode.index}, "
            return {name: numpy.concatenate([self.rows(part.column(name), name, where, pyarrow) for part in parts]) for name in features}

    def rows(self, column, name, where, pyarrow):
        count, width = len(column), 1
        for size in self.features[name][1]:
            width *= size
        while not (pyarrow.types.is_primitive(column.type) or pyarrow.types.is_boolean(column.type)):
            demand(column.null_count == 0, "values are missing", where + name)
            column = column.storage if isinstance(column, pyarrow.ExtensionArray) else column.flatten()
        demand(column.null_count == 0 and len(column) == count * width, "a feature has another shape", where + name,
               f"{width} numbers per row", f"{len(column)} values, {column.null_count} of them missing, in {count} rows")
        return column.to_numpy(zero_copy_only=False).reshape(count, width)

    def extras(self, episode):
        """Task, rewards and ends, as far as they were recorded."""
        recorded = [name for name in ("next.reward", "next.done") if self.features.get(name, ("", ()))[0] == "numbers"]
        values = {name: rows[:, 0] for name, rows in self.numbers(episode, recorded + ["task_index"]).items()}
        index = int(values["task_index"][0])
        demand(index in self.tasks, "a task has no text", f"{self.root}, episode {episode.index}", "a task_index of meta/tasks", index)
        return ({"task_index": index, "task": self.tasks[index]},
                {"task_index": values["task_index"]}, values.get("next.reward"), values.get("next.done"))

    def frames(self, episode, feature):
        if self.features[feature][0] == "image":
            return self.pictures(episode, feature)
        return self.decoded(episode, feature)

    def pictures(self, episode, feature):
        where = f"{self.root / episode.place['data']}, episode {episode.index}, {feature}"
        with reading(where):
            import numpy
            from PIL import Image
            for batch in self.batches(episode, [feature]):
                for picture in batch.column(feature):
                    content = picture["bytes"].as_py()
                    demand(content is not None, "a picture is not in the Parquet file", where, "its bytes", picture["path"].as_py(),
                           "write the dataset again with its pictures embedded")
                    with Image.open(io.BytesIO(content)) as image:
                        demand(image.mode == "RGB", "a picture is not 8-bit RGB", where, "RGB", image.mode, "leave this camera out")
                        yield numpy.asarray(image)

    def decoded(self, episode, feature):
        """The frame at every row's timestamp, as lerobot finds it. Files are decoded from their start on, in the order of presentation,
        and not by seeking, which lands behind the wanted frame where a keyframe is stored before frames that are shown earlier."""
        name, start, end = episode.place[feature]
        path = self.root / name
        where = f"{path}, episode {episode.index}"
        times = self.numbers(episode, ["timestamp"])["timestamp"][:, 0]
        demand(start + times[-1] < end + self.tolerance, "an episode's timestamps reach beyond its part of the video", where,
               f"before {end - start} s", f"{times[-1]} s")
        with reading(path):
            for at in (start + float(time) for time in times):
                held = self.videos.get(feature)
                if held is None or held[0] != path or held[2][0] > at + self.tolerance:
                    if held:
                        held[1].close()
                    frames = self.stream(path)
                    held = [path, frames, next(frames, (float("inf"), None))]
                while held[2][0] < at - self.tolerance:
                    held[2] = next(held[1], (float("inf"), None))
                self.videos[feature] = held
                demand(held[2][0] <= at + self.tolerance, "the video has no frame at a row's timestamp", where,
                       f"a frame within {self.tolerance} s of {at} s", "the end of the video" if held[2][1] is None else f"the next one at {held[2][0]} s",
                       "record or fetch the dataset again; lerobot itself refuses such a row, unless told a larger tolerance (--tolerance)")
                yield held[2][1].to_ndarray(format="rgb24")

    def stream(self, path):
        import av
        os.stat(path)
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for frame in container.decode(stream):
                demand(not getattr(frame, "rotation", 0), "the video asks to be rotated, which lerobot's readers disagree on", path,
                       "no rotation", f"{getattr(frame, 'rotation', 0)} degrees", "encode it again upright")
                yield float(frame.pts * stream.time_base), frame


class ReplayBuffer:
    format, fps, action, masks, tasks = "diffusion_policy zarr v2", None, "action", {}, {}

    def __init__(self, root):
        self.root, self.name = root, root.name.removesuffix(".zip").removesuffix(".zarr")
        with reading(root):
            import zarr
            self.packed = root.is_file()
            store = zarr.ZipStore(str(root), mode="r") if self.packed else zarr.DirectoryStore(str(root))
            names = sorted({str(key).split("/")[0] for key in store.listdir("")})
            demand("zarr.json" not in names, "the store is zarr version 3", root, "version 2", todo="write it with zarr 2, as diffusion_policy does")
            demand({"data", "meta"} <= set(names), "this is no replay buffer", root, "data/ and meta/episode_ends", names[:8],
                   "name the .zarr folder or .zarr.zip itself, not an archive around it")
            self.arrays = {}
            for name in sorted(store.listdir("data")):
                if f"data/{name}/.zarray" in store:
                    self.arrays[name] = self.array(store, f"data/{name}")
            ends = self.array(store, "meta/episode_ends")[:].tolist()
        demand(ends and all(first < last for first, last in zip([0] + ends, ends)), "the ends of episodes do not increase",
               f"{root}/meta/episode_ends", "positive and increasing", ends[:8])
        for name, array in self.arrays.items():
            demand(array.shape and array.shape[0] == ends[-1], "an array does not end with the last episode", f"{root}/data/{name}",
                   f"{ends[-1]} rows", array.shape, "fetch the buffer again")
        self.features = {name: ("image" if array.ndim == 4 and array.shape[3] == 3 else "numbers", array.shape[1:])
                         for name, array in self.arrays.items() if array.dtype.kind in "fiub"}
        self.episodes = [Episode(index, rows, None) for index, rows in enumerate(zip([0] + ends, ends))]

    def array(self, store, path):
        import zarr
        try:
            return zarr.Array(store, path=path, read_only=True)
        except ValueError as error:
            codec = re.search(r"codec not available: \W*(\w+)", str(error))
            if not codec:
                raise
            raise Failure(PACKAGE, "an array is compressed by a codec that is not installed", f"{self.root}/{path}", found=codec[1],
                          todo="pip install imagecodecs-numcodecs" if codec[1].startswith("imagecodecs") else "install the package that has it")

    def defaults(self):
        # Time would tell a policy where in the demonstration it is; diffusion_policy does not show it either.
        numbers = [name for name, (kind, _) in self.features.items() if kind == "numbers" and name not in ("action", "timestamp")]
        return [name for name, (kind, _) in self.features.items() if kind == "image"], numbers

    def files(self, features):
        if self.packed:
            return {self.root.name}
        folders = [self.root / "data" / name for name in features] + [self.root / "meta/episode_ends"]
        return {str(file.relative_to(self.root)) for folder in folders for file in folder.rglob("*") if file.is_file()}

    def rows(self, episode, name):
        array = self.arrays[name]
        with reading(f"{self.root}/data/{name}"):
            # zarr gives the fill value for chunks that are not there, so a half-fetched buffer would look like one of zeros.
            if episode.index == 0:
                demand(array.nchunks_initialized == array.nchunks, "chunks of an array are missing", f"{self.root}/data/{name}",
                       f"{array.nchunks} chunks", array.nchunks_initialized, "fetch the buffer again")
            return array[slice(*episode.rows)]

    def numbers(self, episode, features):
        return {name: self.rows(episode, name).reshape(episode.rows[1] - episode.rows[0], -1) for name in features}

    def extras(self, episode):
        return {}, {}, None, None

    def frames(self, episode, feature):
        for step, frame in enumerate(self.rows(episode, feature)):
            exact = frame.astype("uint8")
            demand((exact == frame).all(), "pixels are not whole numbers of 0 to 255", f"{self.root}/data/{feature}, episode {episode.index}, step {step}",
                   "0, 1, ..., 255", f"{frame.min()} to {frame.max()}", "scale and round them in the source, or leave this camera out")
            yield exact


def open_source(path, tolerance):
    root = Path(path)
    if not root.exists():
        raise Failure(MISSING, "there is no such source", root, todo="name a LeRobotDataset's folder, or a .zarr folder or .zarr.zip")
    if (root / "meta/info.json").is_file():
        return LeRobot(root, tolerance)
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
        "source_keys": json.dumps({**keys, "actions": chosen["actions"]}),
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


def convert(source, chosen, output, progress):
    """The file appears under its name when all of it is on disk, or not at all."""
    if output.exists():
        raise Failure(EXISTS, "the output exists already", output, todo="name another file, or remove this one")
    draft = output.with_name(f"{output.name}.{os.getpid()}.partial")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL, 0o666))
    except OSError as error:
        raise Failure(EXISTS, "the output cannot be created", draft, found=error.strerror, todo="name a folder that exists and can be written")
    try:
        import h5py
        try:
            with h5py.File(draft, "w") as file:
                write(source, chosen, file, progress)
            for path, flags in ((draft, os.O_RDWR), (output.parent, os.O_RDONLY)):
                if path is not draft:
                    # A link, unlike a rename, does not replace what another program has put there meanwhile.
                    os.link(draft, output)
                handle = os.open(path, flags)
                os.fsync(handle)
                os.close(handle)
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

    with reading(output), h5py.File(output, "r") as file:
        keys = json.loads(file["data"].attrs["source_keys"])
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
    source, output = open_source(arguments.source, arguments.tolerance), Path(arguments.output)
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


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


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
    parser.add_argument("--tolerance", type=float, default=1e-4, metavar="S", help="how far a video frame may be from its row (default %(default)s s, lerobot's)")
    arguments, progress = parser.parse_args(), Progress()
    # SIGTERM leaves as Ctrl-C does, so that nothing half-written stays.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
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
