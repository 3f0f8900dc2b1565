"""The benchmark's rows in other libraries, to measure beside ours: the same networks, sizes and threads.

    python torch_peer.py [--threads 2]               answers requests, one JSON object a line, until its input ends
    python torch_peer.py --row train_step_image      measures one row in every library that has it and prints the answer

A request {"row": NAME, "libraries": [LIBRARY], "runs": 7, "seconds": 5, "file": PATH} is answered by
{"variants": {LIBRARY: {VARIANT: VALUE}}, "skipped": {LIBRARY: REASON}}: the median in milliseconds, or MiB for
memory_train_step, which is measured in a fresh process. With "runs": 0 the row is prepared and nothing is measured. A library
that fails is skipped in every answer from then on and leaves the others alone; what is no request is answered by {"error": TEXT}.
The row stays prepared, so that another round costs its measurement alone; between requests the process waits for input.
"""
import argparse
import importlib
import importlib.metadata
import importlib.util
import json
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # golden_networks

MODULES = ("numpy", "torch", "onnx", "onnxscript", "onnxruntime", "openvino", "faiss", "usearch", "h5py")
# By library: the module beside this file and its function of a row, the number of threads and a file, which returns what to time by
# variant, checked, or None where the library has no such row. Imported when a row needs it, so that no library's threads or memory
# stand beside another's.
LIBRARIES = {
    "PyTorch": ("pytorch_rows", "eager"), "torch.compile": ("pytorch_rows", "compiled"),
    "ONNX Runtime": ("runtime_rows", "onnx_runtime"), "OpenVINO": ("runtime_rows", "openvino"),
    "FAISS": ("faiss_rows", "flat"), "usearch": ("usearch_rows", "exact"), "h5py": ("h5py_rows", "load"),
}


def versions():
    """By module, without importing any; None for what is not installed."""
    packages = importlib.metadata.packages_distributions()

    def version(module):
        if importlib.util.find_spec(module) is None:
            return None
        return importlib.metadata.version(packages[module][0]) if module in packages else "unknown"
    return {module: version(module) for module in MODULES}


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


def reason(error):
    """The first line, for compilers answer with pages."""
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), "no message")
    return f"{type(error).__name__}: {line[:300]}"


class Peer:
    """The variants of one row, ready to be measured again and again."""

    def __init__(self, threads):
        self.threads, self.prepared, self.variants, self.skipped = threads, None, {}, {}

    def answer(self, request):
        row, libraries = request["row"], request.get("libraries")
        runs, seconds = request.get("runs", 7), request.get("seconds", 5)
        if self.prepared != (row, libraries):
            self.prepared, self.variants, self.skipped = (row, libraries), {}, {}
            for library in libraries or LIBRARIES:
                self.attempt(library, lambda: self.prepare(library, row, request.get("file"), required=libraries is not None))
        if not self.variants and not self.skipped:
            raise ValueError(f"no library has a row {row}")
        values = {}
        for library in list(self.variants) if runs else []:
            if measured := self.attempt(library, lambda: self.measure(library, row, runs, seconds)):
                values[library] = measured
        return {"variants": values, "skipped": self.skipped}

    def attempt(self, library, action):
        """What the action returns; a library that fails is skipped from then on."""
        try:
            return action()
        except Exception as error:  # whatever a library may fail with, the others have their turns
            self.variants.pop(library, None)
            self.skipped[library] = reason(error)

    def prepare(self, library, row, file, required):
        module, function = LIBRARIES[library]
        variants = getattr(importlib.import_module(module), function)(row, self.threads, file)
        if variants is None and required:
            raise ValueError(f"{library} has no row {row}")
        if variants:
            for run in variants.values() if not row.startswith("memory_") else []:
                run()
                run()
            self.variants[library] = variants

    def measure(self, library, row, runs, seconds):
        values = {}
        for name, run in self.variants[library].items():
            time.sleep(0.25)  # threads of the one before that wait actively get time to fall asleep
            values[name] = run() if row.startswith("memory_") else median(run, runs, seconds)
        return values


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--row")
    parser.add_argument("--library", action="append", help="with --row: only this library; may be repeated")
    parser.add_argument("--file", help="a robomimic file, for load_robomimic")
    parser.add_argument("--memory-of", metavar="LAYOUT", help="print the peak memory of this process after three training steps")
    arguments = parser.parse_args()
    if arguments.memory_of:
        return importlib.import_module("pytorch_rows").report_memory(arguments.memory_of, arguments.threads)
    # Answers alone may go to the standard output, whatever a library prints there.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(answer):
        print(json.dumps(answer), file=answers, flush=True)

    peer = Peer(arguments.threads)
    if arguments.row:
        return say(peer.answer({"row": arguments.row, "libraries": arguments.library, "file": arguments.file}))
    say({"versions": versions()})
    for line in sys.stdin:
        try:
            answer = peer.answer(json.loads(line))
        except Exception as error:  # one request's failure must not end the others
            answer = {"error": reason(error)}
        say(answer)


if __name__ == "__main__":
    main()
