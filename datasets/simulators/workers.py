"""Worker processes: one simulator each, one job at a time each. What a job makes is a file that the worker writes itself."""
import multiprocessing
import os
import signal
import traceback
from multiprocessing.connection import wait

from common import DATA, UNAVAILABLE, Failure, die_with_parent


def loop(pipe, work):
    # Ctrl-C goes to every process of a terminal; the parent decides what ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    while True:
        try:
            job = pipe.recv()
        except (EOFError, OSError):
            break
        try:
            answer = (0, work(job))
        except Failure as failure:
            answer = (failure.code, str(failure))
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{os.path.basename(frame.filename)}, line {frame.lineno}"
            answer = (DATA, str(Failure(DATA, "a job failed", where, found=f"{type(error).__name__}: {error}")))
        try:
            pipe.send(answer)
        except OSError:
            break
    # Without Python's own end: OSMesa prints errors when its contexts are taken down.
    os._exit(0)


class Workers:
    """Runs `work(job)` in `count` processes, which live until the end of the `with` block; `work` is pickled once per process."""

    def __init__(self, count, work):
        # A forked process would share the parent's threads and its OpenGL.
        context = multiprocessing.get_context("spawn")
        self.processes = {}
        for _ in range(count):
            here, there = context.Pipe()
            process = context.Process(target=loop, args=(there, work), daemon=True)
            process.start()
            there.close()
            self.processes[here] = process

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pipe, process in self.processes.items():
            pipe.close()
            process.kill()
        for process in self.processes.values():
            process.join()

    def run(self, jobs):
        """Yields (job, result) as they come. The first failure is raised; what other workers have written by then stays written."""
        jobs, busy = iter(jobs), {}

        def give(pipe):
            job = next(jobs, None)
            if job is not None:
                busy[pipe] = job
                try:
                    pipe.send(job)
                except OSError:
                    self.died(pipe, job)

        for pipe in self.processes:
            give(pipe)
        while busy:
            for pipe in wait(list(busy)):
                job = busy.pop(pipe)
                try:
                    code, result = pipe.recv()
                except (EOFError, OSError):
                    self.died(pipe, job)
                if code:
                    raise Failure(code, result)
                yield job, result
                give(pipe)

    def died(self, pipe, job):
        process = self.processes[pipe]
        process.join(10)
        code = process.exitcode
        ending = f"signal {signal.Signals(-code).name}" if code and code < 0 else f"exit code {code}"
        raise Failure(UNAVAILABLE, "a simulator process ended by itself", f"while it worked on {job}", found=ending,
                      todo="run the same command again: what was finished is kept (too little memory is the usual cause: WORKERS=1)")
