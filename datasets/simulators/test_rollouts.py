"""Tests of rollouts.py with the simulator in fake/ and the server in stand_in.py, in about half a minute:
datasets/robosuite/venv/bin/python datasets/simulators/test_rollouts.py"""
import csv
import json
import re
import unittest

import numpy
from PIL import Image

from testing import SIGNALS, FolderTest, entry, files
from common import DATASETS

EVERYTHING = [entry("toward", 7, films=True, monitors=True), entry("toward", 3, "closed_loop_reference"), entry("still", 4, films=True)]


def two_policies():
    return {"toward": {"mode": "toward", "recalls": True, "metadata": {"family": "walker", "training_objects": [[0.5, 0.5, 0.5], [1, 1, 1]]}},
            "still": {"mode": "zeros"}}


def rows(path):
    with open(path) as file:
        return list(csv.DictReader(file))


class Results(FolderTest):
    def test_every_episode_of_the_plan_is_a_row_in_the_plans_order(self):
        run = self.run_folder(two_policies(), EVERYTHING)
        code, output = self.roll(run)
        self.assertEqual(code, 0, output)
        out = self.folder / "rollouts-fake-run"
        episodes = rows(out / "episodes.csv")
        self.assertEqual([(row["policy"], row["condition"], int(row["start"])) for row in episodes],
                         [(one["policy"], one["condition"], start) for one in EVERYTHING + [entry("expert", 7)] for start in range(one["starts"])])
        first = episodes[0]
        self.assertEqual((first["success"], first["progress"], first["demonstrations"], first["training_seed"]), ("true", "1.0", "2", "3"))
        self.assertEqual((first["family"], first["recalled_demonstrations"], first["switches"]), ("walker", "2", "1"))
        self.assertEqual(first["recalled"].split(";")[:2], ["demo_0", "demo_2"])
        self.assertEqual(int(first["queries"]), -(-int(first["steps"]) // 4))
        self.assertEqual(first["first_flag_step"], "4")
        self.assertTrue(0 < float(first["start_distance"]) < 1)
        still = next(row for row in episodes if row["policy"] == "still")
        self.assertEqual((still["success"], still["steps"], still["flagged_share"], still["start_distance"]), ("false", "60", "NA", "NA"))
        expert = [row for row in episodes if row["policy"] == "expert"]
        self.assertEqual({row["queries"] for row in expert} | {row["demonstrations"] for row in expert}, {"0"})
        self.assertEqual([row["start_distance"] for row in expert], [row["start_distance"] for row in episodes[:7]])
        scores = rows(out / "monitors.csv")
        self.assertEqual(list(scores[0]), ["policy", "condition", "start", "success", "steps", "query_step", "monitor", "score"])
        self.assertEqual({row["monitor"] for row in scores}, {"distance", "spread"})
        summary = json.loads((out / "rollouts.json").read_text())
        self.assertEqual((summary["policies"]["expert"]["episodes"], summary["finished"]), (7, True))
        self.assertNotIn("training_objects", summary["policies"]["toward"]["metadata"])
        self.assertGreater(summary["policies"]["toward"]["timings"]["steps_per_second"], 0)

    def test_some_policies_and_starts_first_and_the_rest_into_the_same_folder(self):
        run = self.run_folder(two_policies(), EVERYTHING)
        code, output = self.roll(run, "--policies", "toward", "--starts", "2")
        self.assertEqual(code, 0, output)
        out = self.folder / "rollouts-fake-run"
        self.assertEqual([row["policy"] for row in rows(out / "episodes.csv")], ["toward"] * 4 + ["expert"] * 2)
        self.assertFalse(json.loads((out / "rollouts.json").read_text())["finished"])
        # What another command wrote does not stay beside it.
        self.assertEqual(self.roll(run, "--policies", "still", "--starts", "1")[0], 0)
        self.assertFalse((out / "monitors.csv").exists())
        code, output = self.roll(run, "--policies", "toward,standing")
        self.assertEqual(code, 64)
        self.assertIn("standing", output)
        self.assertEqual(self.roll(run)[0], 0)
        self.assertEqual(len(rows(out / "episodes.csv")), 7 + 3 + 4 + 7)
        self.assertTrue(json.loads((out / "rollouts.json").read_text())["finished"])

    def test_the_columns_are_those_that_the_program_reads(self):
        source = (DATASETS.parent / "Sources/Probes/Shared/EpisodeRecord.swift").read_text()
        self.roll(self.run_folder({"still": {}}, [entry("still", 1)]))
        header = (self.folder / "rollouts-fake-run/episodes.csv").read_text().splitlines()[0]
        self.assertEqual(header.split(","), re.findall(r'Column\("(\w+)"', source))

    def test_a_film_strip_has_a_row_for_each_camera_and_a_column_for_each_query(self):
        run = self.run_folder(two_policies(), EVERYTHING)
        self.roll(run)
        out = self.folder / "rollouts-fake-run"
        films = rows(out / "films.csv")
        self.assertEqual([(row["policy"], row["start"]) for row in films], [("toward", "0"), ("toward", "1"), ("still", "0"), ("still", "1")])
        for film in films:
            picture = numpy.array(Image.open(out / film["file"]))
            self.assertEqual(picture.shape, (8 * int(film["rows"]), 8 * int(film["columns"]), 3))
            steps = [int(step) for step in film["steps"].split(";")]
            # The blue channel of the fake frames is the control step.
            self.assertEqual([int(picture[0, 8 * column, 2]) for column in range(len(steps))], steps)
        self.assertEqual(films[2]["columns"], "12")
        self.assertEqual((films[2]["steps"].split(";")[0], films[2]["steps"].split(";")[-1]), ("0", "60"))

    def test_the_number_of_workers_changes_nothing(self):
        run = self.run_folder(two_policies(), EVERYTHING)
        for workers in (1, 3):
            code, output = self.roll(run, "--workers", workers, "--out", self.folder / f"out{workers}")
            self.assertEqual(code, 0, output)
        self.assertEqual(files(self.folder / "out1"), files(self.folder / "out3"))
        self.assertIn("films.csv", files(self.folder / "out1"))

    def test_stopped_at_any_signal_the_same_command_ends_with_the_same_files(self):
        policies = two_policies()
        policies["toward"]["seconds"] = 0.02
        run = self.run_folder(policies, EVERYTHING)
        self.roll(run, "--out", self.folder / "whole")
        for number, expected in SIGNALS.items():
            out = self.folder / f"stopped{number}"
            reached = lambda: len(list(out.glob("parts/toward/*.json"))) >= 4
            code, output = self.stopped(number, reached, "rollouts.py", "simulators/fake", run, "--alt", self.alt, "--out", out)
            self.assertEqual(code, expected, output)
            self.assertNotIn("Traceback", output)
            self.assertFalse((out / "episodes.csv").exists())
            code, output = self.roll(run, "--out", out)
            # After kill -9 a worker may still be ending its episode, beside nobody: it writes the same file.
            self.assertEqual(code, 0, output)
            self.assertEqual(files(out), files(self.folder / "whole"))

    def test_a_server_that_runs_already_is_asked_too(self):
        run = self.run_folder(two_policies(), EVERYTHING)
        from plan import serving
        with serving(str(self.alt), run, "toward", False, 2) as address:
            code, output = self.call("rollouts.py", "simulators/fake", "--server", address, "--starts", 3, "--task", "touch", "--out",
                                     self.folder / "out", "--no-expert")
        self.assertEqual(code, 0, output)
        self.assertEqual([row["success"] for row in rows(self.folder / "out/episodes.csv")], ["true"] * 3)


class Requests(FolderTest):
    def requests(self, **metadata):
        log = self.folder / "log"
        run = self.run_folder({"still": {"log": str(log), "metadata": metadata}}, [entry("still", 1)], step_limit=12)
        code, output = self.roll(run, "--no-expert")
        self.assertEqual(code, 0, output)
        return [json.loads(line) for line in log.read_text().splitlines()]

    def test_the_first_observation_stands_for_missing_history_and_later_ones_are_consecutive(self):
        log = self.folder / "log"
        run = self.run_folder({"toward": {"mode": "toward", "log": str(log), "metadata": {"observation_steps": 3}}}, [entry("toward", 1)])
        self.roll(run, "--no-expert")
        requests = [json.loads(line) for line in log.read_text().splitlines()]
        self.assertEqual([request["step"] for request in requests[:3]], [0, 4, 8])
        hands = requests[0]["robot0_eef_pos"]
        self.assertEqual(hands, [hands[0]] * 3)
        moved = numpy.diff(requests[1]["robot0_eef_pos"], axis=0)
        self.assertTrue((numpy.linalg.norm(moved, axis=1) > 0).all())

    def test_a_history_longer_than_the_actions_played_out_is_filled(self):
        requests = self.requests(observation_steps=6, execute_steps=2)
        self.assertEqual([request["step"] for request in requests], [0, 2, 4, 6, 8, 10])
        self.assertEqual(requests[0]["shapes"], {"robot0_eef_pos": [6, 3], "object": [6, 4], "side_image": [6, 8, 8, 3], "front_image": [6, 8, 8, 3]})

    def test_actions_are_played_out_from_the_first_to_execute(self):
        from client import History, Policy
        policy = Policy.__new__(Policy)
        policy.metadata = {"horizon": 8, "action_dim": 1, "execute_from": 2, "execute_steps": 3}
        reply = policy.reply({"actions": numpy.arange(8.0)[:, None]}, 1.0, "here")
        self.assertEqual(reply.actions.ravel().tolist(), [2, 3, 4])
        history = History(2)
        for step in range(5):
            history.add(step)
        self.assertEqual(history.frames(), [3, 4])

    def test_each_condition_has_its_own_episode_numbers_and_scenes(self):
        log = self.folder / "log"
        conditions = ["closed_loop", "closed_loop_reference", "closed_loop_choice"]
        run = self.run_folder({"still": {"log": str(log)}}, [entry("still", 2, condition) for condition in conditions], step_limit=4)
        self.roll(run, "--no-expert", "--workers", 1)
        requests = [json.loads(line) for line in log.read_text().splitlines()]
        self.assertEqual([request["episode"] for request in requests], [0, 1, 1_000_000, 1_000_001, 2_000_000, 2_000_001])
        self.assertEqual(len({str(request["object"]) for request in requests}), 6)

    def test_the_same_start_is_the_same_scene_for_every_policy(self):
        log = self.folder / "log"
        run = self.run_folder({name: {"log": str(log)} for name in ("one", "other")}, [entry("one", 2), entry("other", 2)], step_limit=4)
        self.roll(run, "--no-expert", "--workers", 1)
        objects = [json.loads(line)["object"] for line in log.read_text().splitlines()]
        self.assertEqual(objects[:2], objects[2:])


if __name__ == "__main__":
    unittest.main()
