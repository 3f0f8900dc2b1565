"""Reads a replay buffer of diffusion_policy: data/<key> and meta/episode_ends in a folder or .zip of zarr version 2."""
import re

from convert_common import PACKAGE, Episode, Failure, demand, reading


class ReplayBuffer:
    format, fps, action, masks, tasks, settings = "diffusion_policy zarr v2", None, "action", {}, {}, {}

    def __init__(self, root):
        self.root, self.name = root, root.name.removesuffix(".zip").removesuffix(".zarr")
        with reading(root):
            import zarr
            if not zarr.__version__.startswith("2."):
                raise Failure(PACKAGE, "zarr version 2 is needed", root, "zarr 2, which diffusion_policy uses", zarr.__version__,
                              "pip install -r datasets/requirements.txt")
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
                         for name, array in self.arrays.items()
                         if array.dtype.kind in "fiub" and (array.ndim <= 3 or array.ndim == 4 and array.shape[3] == 3)}
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
        import numpy
        for step, frame in enumerate(self.rows(episode, feature)):
            with numpy.errstate(invalid="ignore"):
                exact = frame.astype("uint8")
            demand((exact == frame).all(), "pixels are not whole numbers of 0 to 255", f"{self.root}/data/{feature}, episode {episode.index}, step {step}",
                   "0, 1, ..., 255", f"{frame.min()} to {frame.max()}", "scale and round them in the source, or leave this camera out")
            yield exact
