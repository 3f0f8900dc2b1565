"""The benchmark's rows in PyTorch, FAISS and h5py, to measure beside ours: the same networks, sizes and threads.

    python torch_peer.py [--threads 2]               answers requests, one JSON object a line, until its input ends
    python torch_peer.py --row train_step_image      measures one row and prints the answer

A request {"row": NAME, "runs": 7, "seconds": 5, "file": PATH} is answered by {"variants": {VARIANT: VALUE}}: the median
in milliseconds, or MiB for memory_train_step, which is measured in a fresh process. What cannot be measured is answered by
{"error": TEXT}. The row stays prepared, so that another round costs its measurement alone; between requests the process
waits for input. Needs torch and numpy; faiss-cpu for the lookups, h5py for loading.
"""
import argparse
import importlib
import json
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

BATCH, IMAGE, LOW_DIM, HORIZON, ACTIONS, DIFFUSION_STEPS = 64, 76, 9, 16, 7, 100
REFERENCE_DIMS = (512, 1024, 2048)
MODULES = ("numpy", "torch", "faiss", "h5py")


def version(module):
    try:
        return getattr(importlib.import_module(module), "__version__", "unknown")
    except ImportError:
        return None


def layouts():
    import torch
    return {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}


def images(count, layout):
    import torch
    return torch.rand(count, 3, IMAGE, IMAGE).to(memory_format=layout)


def train_step_image(layout):
    """Two cameras, two observation steps, forward, backward, AdamW."""
    import torch
    from golden_networks import Policy
    policy = Policy().to(memory_format=layout)
    optimizer = torch.optim.AdamW(policy.parameters(), 1e-4)
    inputs = (images(2 * BATCH, layout), images(2 * BATCH, layout), torch.rand(2 * BATCH, LOW_DIM),
              torch.randn(BATCH, HORIZON, ACTIONS), torch.randint(0, DIFFUSION_STEPS, (BATCH,)).float())
    noise = torch.randn(BATCH, HORIZON, ACTIONS)

    def step():
        loss = torch.nn.functional.mse_loss(policy(*inputs), noise)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return step


def train_step_alt(layout):
    """NT-Xent over 64 pairs of views of two cameras, forward, backward, AdamW."""
    import torch
    from golden_networks import ContrastiveEncoder, nt_xent
    encoder = ContrastiveEncoder().to(memory_format=layout)
    optimizer = torch.optim.AdamW(encoder.parameters(), 1e-4)
    views = [images(BATCH, layout) for _ in range(4)]

    def step():
        loss = nt_xent(encoder(*views[:2]), encoder(*views[2:]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return step


def forward_backward_unet():
    import torch
    from golden_networks import Policy
    unet = Policy().model
    x, noise = torch.randn(BATCH, HORIZON, ACTIONS), torch.randn(BATCH, HORIZON, ACTIONS)
    steps = torch.randint(0, DIFFUSION_STEPS, (BATCH,)).float()
    condition = torch.rand(BATCH, 2 * (128 + LOW_DIM))

    def run():
        loss = torch.nn.functional.mse_loss(unet(x, steps, condition), noise)
        unet.zero_grad()
        loss.backward()
    return run


def policy_query(layout, steps, samples):
    """One observation encoded once, then `steps` denoising steps of `samples` samples."""
    import torch
    from golden_networks import Policy
    policy = Policy().to(memory_format=layout)
    front, hand, low_dim = images(2, layout), images(2, layout), torch.rand(2, LOW_DIM)

    def run():
        with torch.inference_mode():
            condition = policy.obs_encoder(front, hand, low_dim).reshape(1, -1).expand(samples, -1)
            x = torch.randn(samples, HORIZON, ACTIONS)
            for step in reversed(range(steps)):
                x = x - 0.01 * policy.model(x, torch.full((samples,), float(step)), condition)
        return x
    return run


def alt_encode_one(layout):
    import torch
    from golden_networks import ContrastiveEncoder
    encoder = ContrastiveEncoder().to(memory_format=layout)
    front, hand = images(1, layout), images(1, layout)

    def run():
        with torch.inference_mode():
            return encoder(front, hand)
    return run


def reference_unet():
    import torch
    from golden_networks import ConditionalUnet1d
    unet = ConditionalUnet1d(ACTIONS, 2 * (128 + LOW_DIM), REFERENCE_DIMS)
    x, step, condition = torch.randn(1, HORIZON, ACTIONS), torch.zeros(1), torch.rand(1, 2 * (128 + LOW_DIM))

    def run():
        with torch.inference_mode():
            return unet(x, step, condition)
    return run


def lookup(rows, threads):
    import faiss
    import numpy as np
    faiss.omp_set_num_threads(threads)
    table = np.random.default_rng(0).standard_normal((rows, 128), dtype=np.float32)
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    query = table[:1] + np.float32(0.01)
    index = faiss.IndexFlatIP(128)
    index.add(table)
    return lambda: index.search(query, 5)


def load(path, direct):
    """Every demonstration whole, in natural order, into one uint8 cache a camera; actions and low-dim values too."""
    import h5py
    import numpy as np

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


def memory(layout, threads):
    """The largest resident size of a fresh process that takes three training steps, MiB."""
    command = [sys.executable, __file__, "--memory-of", layout, "--threads", str(threads)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout)


def report_memory(layout):
    step = train_step_image(layouts()[layout])
    for _ in range(3):
        step()
    status = Path("/proc/self/status").read_text()
    print(int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024)


def prepare(request, threads):
    """The row's variants by name, ready to run."""
    row = request["row"]
    if row == "train_step_image":
        return {name: train_step_image(layout) for name, layout in layouts().items()}
    if row == "train_step_alt":
        return {name: train_step_alt(layout) for name, layout in layouts().items()}
    if row == "forward_backward_unet":
        return {"torch": forward_backward_unet()}
    if query := re.fullmatch(r"policy_query_(\d+)_steps(?:_(\d+)_samples)?", row):
        steps, samples = int(query[1]), int(query[2] or 1)
        # The layout concerns the encoders alone, which do not count beside many samples.
        chosen = layouts() if samples == 1 else {"nchw": layouts()["nchw"]}
        return {name: policy_query(layout, steps, samples) for name, layout in chosen.items()}
    if row == "alt_encode_one":
        return {name: alt_encode_one(layout) for name, layout in layouts().items()}
    if row == "reference_unet_one_step":
        return {"torch": reference_unet()}
    if table := re.fullmatch(r"lookup_top5_(\d+)", row):
        return {"faiss_flat": lookup(int(table[1]), threads)}
    if row == "load_robomimic":
        return {"h5py_whole": load(request["file"], False), "h5py_read_direct": load(request["file"], True)}
    raise ValueError(f"no row {row}")


def median(run, runs, seconds):
    """Milliseconds: `runs` runs, more when they are short, at least three when they are long."""
    times, total = [], 0.0
    while len(times) < runs or (total < 0.5 and len(times) < 100 * runs):
        if total > seconds and len(times) >= 3:
            break
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
        total += times[-1]
    return 1e3 * statistics.median(times)


class Peer:
    def __init__(self, threads):
        self.threads, self.row, self.variants = threads, None, {}

    def answer(self, request):
        runs, seconds = request.get("runs", 7), request.get("seconds", 5)
        if request["row"] == "memory_train_step":
            return {"variants": {layout: memory(layout, self.threads) for layout in ("nchw", "channels_last")}}
        if self.row != request["row"]:
            self.row, self.variants = None, {}
            self.variants = prepare(request, self.threads)
            self.row = request["row"]
            for run in self.variants.values():
                run()
                run()
        return {"variants": {name: median(run, runs, seconds) for name, run in self.variants.items()}}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--row")
    parser.add_argument("--file", help="a robomimic file, for load_robomimic")
    parser.add_argument("--memory-of", metavar="LAYOUT", help="print the peak memory of this process after three steps")
    arguments = parser.parse_args()
    versions = {module: version(module) for module in MODULES} if not arguments.memory_of else {"torch": version("torch")}
    if versions["torch"]:
        import torch
        torch.set_num_threads(arguments.threads)
        torch.manual_seed(0)
    if arguments.memory_of:
        return report_memory(arguments.memory_of)
    peer = Peer(arguments.threads)
    if arguments.row:
        return print(json.dumps(peer.answer({"row": arguments.row, "file": arguments.file})))
    print(json.dumps({"versions": versions}), flush=True)
    for line in sys.stdin:
        try:
            answer = peer.answer(json.loads(line))
        except Exception as error:  # one row's failure must not end the others
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
