"""Reads a LeRobotDataset (v2.1 or v3.0) as lerobot gives it to a policy in training."""
import io
import json
import os
import re

from convert_common import Episode, demand, reading


class LeRobot:
    RESERVED = ("timestamp", "frame_index", "episode_index", "index", "task_index")

    def __init__(self, root, settings):
        self.root, self.settings, self.videos = root, settings, {}
        self.read = {"meta/info.json"}  # files that the output depends on
        where = str(root / "meta/info.json")
        with reading(where):
            info = json.loads((root / "meta/info.json").read_text())
            version, self.fps, self.name = info["codebase_version"], info["fps"], root.resolve().name
            self.info, self.features, self.action = info, {}, "action" if "action" in info["features"] else "actions"
        demand(version in ("v2.1", "v3.0"), "the dataset has another version", where, "v2.1 or v3.0", version,
               "convert it with lerobot's own scripts")
        self.format, self.packed = f"lerobot {version}", version == "v3.0"
        with reading(where):
            for name, feature in info["features"].items():
                shape, kind = tuple(feature["shape"]), feature["dtype"]
                if kind in ("image", "video"):
                    # Older recordings say (channels, height, width), and most say which is which.
                    names = feature.get("names") or [""]
                    channels_first = names[0] in ("channel", "channels") or (shape[0] == 3 and shape[-1] != 3)
                    self.features[name] = (kind, shape[1:] + shape[:1] if channels_first else shape)
                elif kind != "string" and len(shape) <= 2:
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
        """v2.1: a Parquet file and an MP4 for each episode."""
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
            columns=list(columns) + ["frame_index", "index"], filter=dataset.field("episode_index") == episode.index,
            batch_size=64, batch_readahead=4)
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
        tolerance, times = self.settings["tolerance"], self.numbers(episode, ["timestamp"])["timestamp"][:, 0]
        demand(start + times[-1] < end + tolerance, "an episode's timestamps reach beyond its part of the video", where,
               f"before {end - start} s", f"{times[-1]} s")
        with reading(path):
            for at in (start + float(time) for time in times):
                held = self.videos.get(feature)
                if held is None or held[0] != path or held[2][0] > at + tolerance:
                    if held:
                        held[1].close()
                    frames = self.stream(path)
                    held = [path, frames, next(frames, (float("inf"), None))]
                while held[2][0] < at - tolerance:
                    held[2] = next(held[1], (float("inf"), None))
                self.videos[feature] = held
                demand(held[2][0] <= at + tolerance, "the video has no frame at a row's timestamp", where,
                       f"a frame within {tolerance} s of {at} s", "the end of the video" if held[2][1] is None else f"the next one at {held[2][0]} s",
                       "record or fetch the dataset again; lerobot refuses such a row too, unless told a larger tolerance (here --tolerance)")
                yield self.pixels(held[2][1])

    def pixels(self, frame):
        """lerobot's two decoders give the same pixels of its own videos, and others (by up to 37 of 255) of videos that name a colour
        matrix: torchcodec, which lerobot takes where it is installed, heeds it, and its pyav always takes BT.601's."""
        if self.settings["decoder"] == "torchcodec":
            # PyAV leaves out a conversion between equals, so the target says BT.601 (5) and full range (2), which RGB has anyway.
            frame = frame.reformat(format="rgb24", src_colorspace=frame.colorspace, dst_colorspace=5,
                                   src_color_range=frame.color_range, dst_color_range=2)
        return frame.to_ndarray(format="rgb24")

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
