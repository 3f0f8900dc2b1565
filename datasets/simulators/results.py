"""The output folder of rollouts, from the files of its finished episodes. Measured times go into rollouts.json alone, so that everything
else is the same whatever the workers and the interruptions."""
import csv
import io
import math
import shutil
from statistics import median
from urllib.parse import quote

from common import processor, read_json, write_json, write_text
from interface import versions

COLUMNS = ("task", "condition", "policy", "family", "demonstrations", "training_seed", "start", "success", "progress", "steps", "queries",
           "flagged_share", "first_flag_step", "recalled", "recalled_demonstrations", "switches", "reaction_steps", "start_distance")
# The policy that the simulator's own expert is in the tables.
EXPERT = "expert"
MONITOR_COLUMNS = ("policy", "condition", "start", "success", "steps", "query_step", "monitor", "score")
FILM_COLUMNS = ("file", "policy", "start", "success", "steps", "columns", "rows", "tile")


def cell(value):
    if value is None:
        return "NA"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def write_csv(path, columns, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(row[column]) for column in columns] for row in rows)
    write_text(path, text.getvalue())


def episode_row(task, entry, start, found, server):
    recalled = found["recalled"]
    return {
        "task": task, "condition": entry["condition"], "policy": entry["policy"], "family": server.get("family") or entry["policy"],
        "demonstrations": len(server.get("train_demonstrations") or []), "training_seed": server.get("training_seed") or 0, "start": start,
        "recalled": ";".join(recalled), "recalled_demonstrations": len(set(recalled)),
        "switches": sum(one != other for one, other in zip(recalled, recalled[1:])), "reaction_steps": None,
    } | {name: found[name] for name in ("success", "progress", "steps", "queries", "flagged_share", "first_flag_step", "start_distance")}


def assemble(rollouts):
    """All files beside `parts/`."""
    out, plan = rollouts.out, rollouts.plan
    rows, scores, films, played, servers = [], [], [], {}, {}
    for entry in plan["episodes"]:
        policy = entry["policy"]
        path = rollouts.parts / quote(policy, safe="") / "server.json"
        servers[policy] = read_json(path) if path.exists() else {"family": policy}
        episodes = [(start, read_json(rollouts.part(policy, entry["condition"], start))) for start in range(entry["starts"])]
        played.setdefault(policy, []).extend(found for _, found in episodes)
        for start, found in episodes:
            rows.append(episode_row(rollouts.task, entry, start, found, servers[policy]))
            scores += [{"policy": policy, "condition": entry["condition"], "start": start, "success": found["success"], "steps": found["steps"],
                        "query_step": step, "monitor": name, "score": score} for step, name, score in found["monitors"]]
        films += keep_films(rollouts, entry, episodes)
    share_distances(rows)
    # Gone until the tables that it speaks of are there.
    (out / "rollouts.json").unlink(missing_ok=True)
    write_csv(out / "episodes.csv", COLUMNS, rows)
    for name, columns, found in (("monitors.csv", MONITOR_COLUMNS, scores), ("films.csv", FILM_COLUMNS, films)):
        if found:
            write_csv(out / name, columns, found)
        else:
            (out / name).unlink(missing_ok=True)
    write_json(out / "rollouts.json", summary(rollouts, played, servers))


def share_distances(rows):
    """The expert learned from nothing: at a start it gets the distance that the policies have there, where they have one and the same."""
    known = {}
    for row in rows:
        if row["start_distance"] is not None:
            known.setdefault((row["condition"], row["start"]), set()).add(row["start_distance"])
    for row in rows:
        distances = known.get((row["condition"], row["start"]), ())
        if row["policy"] == EXPERT and len(distances) == 1:
            row["start_distance"] = next(iter(distances))


def keep_films(rollouts, entry, episodes):
    """Rows of films.csv: the first successes and failures; the other episodes' strips are deleted."""
    rows, left = [], {True: rollouts.plan["filmstrips"], False: rollouts.plan["filmstrips"]}
    for start, found in episodes:
        strip = rollouts.part(entry["policy"], entry["condition"], start).with_suffix(".png")
        if "film" not in found or not left[found["success"]]:
            strip.unlink(missing_ok=True)
            continue
        left[found["success"]] -= 1
        outcome = "success" if found["success"] else "failure"
        name = f"{quote(entry['policy'], safe='')}-{entry['condition']}-{outcome}-{start}.png"
        (rollouts.out / "films").mkdir(exist_ok=True)
        if strip.exists():
            shutil.copyfile(strip, rollouts.out / "films" / name)
        film = found["film"]
        rows.append({"file": f"films/{name}", "policy": entry["policy"], "start": start, "success": found["success"],
                     "steps": ";".join(str([*found["query_steps"], found["steps"]][index]) for index in film["shown"]),
                     "columns": film["columns"], "rows": film["rows"], "tile": film["tile"]})
    return rows


def summary(rollouts, played, servers):
    kept = {name: rollouts.plan.get(name) for name in ("run", "experiment", "configuration", "data_sha256", "step_limit", "filmstrips")}
    return kept | {
        # Whether every episode that the run wants is there; those of this command are.
        "finished": not rollouts.plan.get("narrowed", False),
        "simulator": rollouts.simulator.name, "task": rollouts.task, "versions": versions(rollouts.simulator), "processor": processor(),
        "workers": rollouts.options.workers,
        "policies": {policy: {"metadata": servers[policy], "successes": sum(found["success"] for found in episodes), "episodes": len(episodes)}
                     | timings(episodes) for policy, episodes in played.items()},
    }


def timings(episodes):
    """Beside the other workers and the server, as measured in the episodes."""
    def total(kind, name):
        return sum(found["timing"][kind].get(name, 0) for found in episodes)

    def per(name):
        return round(1000 * total("seconds", name) / total("counts", name), 3) if total("counts", name) else None

    def middle(name):
        values = [value for found in episodes for value in found["timing"][name] if math.isfinite(value)]
        return round(median(values), 3) if values else None

    stepping = total("seconds", "step")
    return {"timings": {
        "steps_per_second": round(total("counts", "step") / stepping, 1) if stepping else None, "observation_ms": per("observe"),
        "reset_ms": per("reset"), "infer_ms_median": middle("infer_ms"), "round_trip_ms_median": middle("round_trip_ms"),
    }}
