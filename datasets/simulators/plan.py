"""What to play: the plan of a run (`alt rollouts plan RUN`), and the policy servers that the run's program starts."""
import contextlib
import json
import select
import signal
import subprocess
import tempfile
import time

from client import Policy
from common import DATA, MISSING, UNAVAILABLE, USAGE, Failure, demand, die_with_parent
from episode import CONDITIONS

# Seconds that a server has to load its policy; to end after SIGINT.
LOADING, ENDING = 600, 20


def plan_of_run(alt, run):
    """The plan as the program printed it, checked."""
    demand_program(alt)
    result = subprocess.run([alt, "rollouts", "plan", str(run)], capture_output=True, text=True)
    command = f"{alt} rollouts plan {run}"
    if result.returncode:
        raise Failure(result.returncode if 64 <= result.returncode < 80 else DATA, "the run has no plan", command, found=result.stderr.strip())
    try:
        plan = json.loads(result.stdout)
    except ValueError as error:
        raise Failure(DATA, "the plan cannot be read", command, "JSON", f"{error}: {result.stdout[:80]!r}")
    return check(plan, command)


def narrowed(plan, policies, starts):
    """Some of the plan's policies, and at most so many starts of each; what is left out can be played later into the same folder."""
    if policies:
        known, wanted = {entry["policy"] for entry in plan["episodes"]}, set(policies.split(","))
        if wanted - known:
            raise Failure(USAGE, "the run wants no episodes of a policy", "--policies", ", ".join(sorted(known)), ", ".join(sorted(wanted - known)))
        plan["episodes"] = [entry for entry in plan["episodes"] if entry["policy"] in wanted]
        plan["narrowed"] = bool(known - wanted)
    if starts:
        plan["narrowed"] = plan.get("narrowed", False) or any(entry["starts"] > starts for entry in plan["episodes"])
        plan["episodes"] = [entry | {"starts": min(starts, entry["starts"])} for entry in plan["episodes"]]
    return plan


def plan_of_server(uri, starts, step_limit):
    """One policy of a server that runs already."""
    policy = Policy(uri)
    found = policy.metadata
    policy.close()
    plan = {name: found.get(name) for name in ("experiment", "configuration", "data_sha256")}
    return plan | {"run": uri, "step_limit": step_limit, "filmstrips": 2,
                   "episodes": [{"policy": found["policy"], "condition": "closed_loop", "starts": starts, "films": True}]}


def check(plan, where):
    demand(isinstance(plan, dict) and isinstance(plan.get("episodes"), list), "the plan lacks its episodes", where, found=str(plan)[:80])
    for name in ("step_limit", "filmstrips"):
        demand(isinstance(plan.get(name), int) and plan[name] >= (name == "step_limit"), f"the plan lacks {name}", where, "a whole number",
               plan.get(name))
    seen = set()
    for entry in plan["episodes"]:
        demand(isinstance(entry, dict) and isinstance(entry.get("policy"), str) and isinstance(entry.get("starts"), int),
               "an entry of the plan lacks policy or starts", where, found=entry)
        demand(entry.get("condition") in CONDITIONS, "the plan has a condition that real simulators do not", where, ", ".join(CONDITIONS),
               entry.get("condition"))
        demand((entry["policy"], entry["condition"]) not in seen, "the plan names a policy twice", where, found=entry["policy"])
        seen.add((entry["policy"], entry["condition"]))
    return plan


def demand_program(alt):
    try:
        subprocess.run([alt, "--help"], capture_output=True)
    except OSError as error:
        raise Failure(MISSING, "the program cannot be started", alt, found=error.strerror, todo="make build, or name it with --alt")


@contextlib.contextmanager
def serving(alt, run, policy, monitors, workers):
    """The address of a server for a policy and so many clients, while the block runs."""
    # The connection that read the metadata may still be closing.
    command = [alt, "serve", str(run), "--policy", policy, "--port", "0", "--clients", str(workers + 4)] + (["--monitors"] if monitors else [])
    shown = " ".join(command)
    with tempfile.TemporaryFile("w+") as errors:
        # In a process group of its own: Ctrl-C would end the server before its clients.
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True,
                                   preexec_fn=die_with_parent)

        def said():
            errors.seek(0)
            return errors.read().strip()[-2000:] or "nothing"

        try:
            line = first_line(process, shown, said)
            address = line.rsplit(" ", 1)[-1].strip()
            demand(address.startswith("ws://"), "the server's first line has no address", shown, "serving NAME of RUN at ws://127.0.0.1:PORT", line)
            try:
                yield address
            except Failure as failure:
                if failure.code == UNAVAILABLE and ended(process):
                    raise Failure(UNAVAILABLE, f"the policy server ended by itself (exit code {process.returncode})", shown, found=said(),
                                  todo="what was finished is kept; the same command goes on from there")
                raise
        finally:
            end(process)


def ended(process):
    """A connection breaks a moment before its process is gone."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(2)
    return process.poll() is not None


def first_line(process, shown, said):
    deadline = time.monotonic() + LOADING
    while not select.select([process.stdout], [], [], 0.5)[0]:
        if time.monotonic() > deadline:
            raise Failure(UNAVAILABLE, f"the policy server did not start within {LOADING} s", shown, found=said())
    line = process.stdout.readline()
    if not line:
        process.wait()
        code = process.returncode if process.returncode in range(64, 80) else UNAVAILABLE
        raise Failure(code, f"the policy server did not start (exit code {process.returncode})", shown, found=said())
    return line


def end(process):
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    process.stdout.close()


def task_of_plan(simulator, plan, asked):
    """From the demonstrations' env_args where the plan carries them, else as asked."""
    try:
        recorded = json.loads(plan.get("env_args") or "{}").get("env_name")
    except (ValueError, AttributeError):
        recorded = None
    matching = [name for name, own in simulator.tasks.items() if recorded in (name, own)]
    if recorded and not matching:
        raise Failure(DATA, f"the run's demonstrations are not of {simulator.name}", plan["run"], ", ".join(simulator.tasks), recorded,
                      "roll out with the simulator that the demonstrations come from")
    if not asked and not matching:
        raise Failure(USAGE, "the run does not tell its task", plan["run"], todo=f"name it with TASK=, one of {', '.join(simulator.tasks)}")
    if asked and matching and asked not in matching:
        raise Failure(USAGE, "the run's demonstrations are of another task", plan["run"], matching[0], asked)
    return asked or matching[0]
