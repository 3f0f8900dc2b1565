"""What the commands of this folder share: errors, stopping, writing in one piece, the folder's lock, progress on stderr."""
import contextlib
import fcntl
import json
import os
import signal
import sys
import time
from pathlib import Path

DATASETS = Path(__file__).resolve().parent.parent
# Behind the installed packages: datasets/ has folders named like the simulators.
sys.path.append(str(DATASETS))
from convert_common import DATA, EXISTS, MISSING, USAGE, WRITING, Failure, Parser, demand  # noqa: E402

# sysexits' EX_UNAVAILABLE: a package, a server or a simulator process that is not there (any more).
UNAVAILABLE = 69


class Stopped(BaseException):
    """Ctrl-C or SIGTERM."""

    def __init__(self, number):
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.number = number


def stop(number, _):
    # A second signal would interrupt the cleaning up after the first.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    raise Stopped(number)


def run(main):
    """Runs a command; every end has its exit code and, where it is no success, its text on stderr."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
    try:
        main()
    except Failure as failure:
        print(failure, file=sys.stderr)
        sys.exit(failure.code)
    except Stopped as stopped:
        print(f"{stopped}; what was finished is kept: the same command goes on from there", file=sys.stderr)
        sys.exit(128 + stopped.number)
    except ImportError as error:
        print(Failure(UNAVAILABLE, "a Python package is missing", found=error, todo="make robosuite-install, or make metaworld-install"),
              file=sys.stderr)
        sys.exit(UNAVAILABLE)
    except OSError as error:
        print(Failure(WRITING, "a file cannot be read or written", error.filename, found=error.strerror or error), file=sys.stderr)
        sys.exit(WRITING)


def die_with_parent():
    """Called in a child: after kill -9 of its parent nobody else would stop it. Linux only; elsewhere it ends its work first."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            import ctypes
            ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


@contextlib.contextmanager
def replacing(path):
    """A path to write to; the file takes its name when it is whole."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    try:
        yield partial
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_text(path, text):
    with replacing(path) as partial:
        partial.write_text(text)


def write_json(path, value):
    write_text(path, json.dumps(value, indent=1, sort_keys=True) + "\n")


def read_json(path):
    try:
        return json.loads(Path(path).read_text())
    except ValueError as error:
        raise Failure(DATA, "a file is damaged", path, found=error, todo="delete it; the same command makes it again")


@contextlib.contextmanager
def claim(folder, settings, todo):
    """One process at a time writes below `folder`, and only with the settings it was begun with."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock.partial", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(EXISTS, "another process is writing here", folder, todo="wait for it, or stop it")
        path = folder / "settings.json"
        if path.exists():
            begun = read_json(path)
            for name in sorted(set(begun) | set(settings)):
                if begun.get(name) != settings.get(name):
                    raise Failure(EXISTS, f"the folder was begun with another {name}", folder, begun.get(name), settings.get(name), todo)
        else:
            write_json(path, settings)
        yield


class Progress:
    """One changing line on a terminal, else a line every 30 s: how many are done, and when the rest will be."""

    def __init__(self, total, unit):
        self.total, self.unit = total, unit
        self.start = time.monotonic()
        self.count, self.shown, self.next = 0, False, self.start + 2

    def __call__(self, done, text=""):
        self.count += 1
        now, terminal = time.monotonic(), sys.stderr.isatty()
        if now < self.next:
            return
        rest = (now - self.start) / self.count * max(0, self.total - done)
        line = f"{done} of {self.total} {self.unit}{text}, about {duration(rest)} left"
        print(f"\r\033[K{line}" if terminal else line, end="" if terminal else "\n", file=sys.stderr, flush=True)
        self.shown, self.next = terminal, now + (0.5 if terminal else 30)

    def end(self):
        if self.shown:
            print(file=sys.stderr)


def duration(seconds):
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def processor():
    """As the operating system names it; with family and model, since hypervisors shorten the name."""
    with contextlib.suppress(OSError):
        lines = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines() if ":" in line)
        found = {name.strip(): value.strip() for name, value in lines.items()}
        return f"{found.get('model name', 'unknown')}, family {found.get('cpu family')}, model {found.get('model')}, {os.cpu_count()} cores"
    return f"unknown, {os.cpu_count()} cores"
