"""Tests of what rollouts.py says where something is wrong: datasets/robosuite/venv/bin/python datasets/simulators/test_rollout_errors.py"""
import json
import unittest

from testing import FolderTest, entry


class Errors(FolderTest):
    def fails(self, code, *texts, run=None, arguments=()):
        found, output = self.roll(run or self.run, *arguments)
        self.assertEqual(found, code, output)
        for text in texts:
            self.assertIn(text, output)
        self.assertNotIn("Traceback", output)

    def test_what_the_server_says_is_shown(self):
        self.run = self.run_folder({"still": {"refuse_after": 3}}, [entry("still", 3)])
        self.fails(65, "refused an observation", "observation robot0_eef_pos has too few rows")

    def test_a_server_that_dies_is_named_and_finished_episodes_stay(self):
        self.run = self.run_folder({"still": {"die_after": 40}}, [entry("still", 5)])
        self.fails(69, "the policy server ended by itself (exit code 7)", "what was finished is kept", arguments=("--workers", 1))
        self.assertEqual(len(list(self.folder.glob("rollouts-fake-run/parts/still/closed_loop-*.json"))), 2)
        self.run_folder({"still": {}}, [entry("still", 5)])
        self.assertEqual(self.roll(self.run)[0], 0)

    def test_a_server_of_another_run_or_policy_is_not_asked(self):
        for metadata, text in (({"configuration": "other"}, "another configuration than the plan"),
                               ({"data_sha256": "0"}, "another data_sha256 than the plan"),
                               ({"policy": "other"}, "answers for another policy")):
            self.run = self.run_folder({"still": {"metadata": metadata}}, [entry("still", 1)])
            self.fails(65, text)

    def test_a_server_that_does_not_start_is_named(self):
        self.run = self.run_folder({"still": {}}, [entry("still", 1), entry("absent", 1)])
        self.fails(69, "the policy server did not start", "--policy absent", "the run has no policy absent")

    def test_a_folder_of_another_plan_is_not_gone_on_with(self):
        out = ("--out", self.folder / "out")
        self.run = self.run_folder({"still": {}}, [entry("still", 1)])
        self.roll(self.run, *out)
        for name, value in (("step_limit", 30), ("configuration", "other"), ("data_sha256", "other")):
            self.run_folder({"still": {}}, [entry("still", 1)], **{name: value})
            self.fails(73, f"begun with another {name}", "--out", arguments=out)
        self.run_folder({"still": {"metadata": {"training_seed": 9}}}, [entry("still", 2)])
        self.fails(73, "begun with a policy of another training_seed", arguments=out)
        other = self.run_folder({"still": {}}, [entry("still", 1)], name="other")
        self.fails(73, "begun with another run", run=other, arguments=out)

    def test_a_longer_plan_of_the_same_run_goes_on(self):
        self.run = self.run_folder({"still": {}}, [entry("still", 1, films=True)])
        self.roll(self.run)
        self.run_folder({"still": {}, "more": {}}, [entry("still", 3, films=True), entry("more", 1)])
        self.assertEqual(self.roll(self.run)[0], 0)
        self.assertEqual(len((self.folder / "rollouts-fake-run/episodes.csv").read_text().splitlines()), 1 + 4 + 3)

    def test_the_task_comes_from_the_run_or_from_the_user(self):
        self.run = self.run_folder({"still": {}}, [entry("still", 1)], env_args=None)
        self.fails(64, "the run does not tell its task", "touch, push")
        self.fails(64, "fake has no task jump", arguments=("--task", "jump"))
        self.assertEqual(self.roll(self.run, "--task", "Push")[0], 0)
        self.run_folder({"still": {}}, [entry("still", 1)])
        self.fails(64, "the run's demonstrations are of another task", arguments=("--task", "push"))
        self.run_folder({"still": {}}, [entry("still", 1)], env_args=json.dumps({"env_name": "Lift"}))
        self.fails(65, "not of fake", "Lift")

    def test_a_policy_of_another_simulator_is_refused_before_it_moves(self):
        shape = {"robot0_eef_pos": {"dtype": "float32", "shape": [3]}}
        for metadata, text in (({"action_dim": 7}, "the policy's actions are not this simulator's"),
                               ({"observation": shape | {"wrist_image": {"dtype": "uint8", "shape": [8, 8, 3]}}}, "observes wrist_image"),
                               ({"observation": shape | {"object": {"dtype": "float32", "shape": [10]}}}, "object has another shape"),
                               ({"observation": {}}, "name no observations"),
                               ({"observation": shape | {"object": {"dtype": "long double", "shape": [4]}}}, "do not describe observation object"),
                               ({"execute_steps": 0}, "lack execute_steps"),
                               ({"execute_steps": 8}, "end before those to play out")):
            self.run = self.run_folder({"still": {"metadata": metadata}}, [entry("still", 1)])
            self.fails(65, text)

    def test_a_missing_program_and_wrong_options_are_named(self):
        self.run = self.run_folder({"still": {}}, [entry("still", 1)])
        self.alt = self.folder / "absent"
        self.fails(66, "cannot be started", "make build")
        self.fails(64, "what to play is not clear", arguments=("--server", "ws://127.0.0.1:9"))
        self.assertEqual(self.call("rollouts.py", "simulators/fake")[0], 64)
        self.assertEqual(self.call("rollouts.py", "absent", self.run)[0], 64)
        code, output = self.call("rollouts.py", "simulators/fake", "--server", "ws://127.0.0.1:9", "--task", "touch", "--out", self.folder / "o")
        self.assertEqual(code, 69)
        self.assertIn("the policy server does not answer", output)

    def test_a_plan_that_cannot_be_played_is_named(self):
        self.run = self.run_folder({"still": {}}, [entry("still", 1, "moved")])
        self.fails(65, "condition that real simulators do not", "moved")
        self.run_folder({"still": {}}, [entry("still", 1), entry("still", 2)])
        self.fails(65, "names a policy twice")
        (self.run / "stand-in.json").write_text("{}")
        self.fails(65, "the run has no plan", "the run is damaged")

    def test_two_at_a_time_do_not_write_into_one_folder(self):
        import fcntl
        self.run = self.run_folder({"still": {}}, [entry("still", 1)])
        (self.folder / "rollouts-fake-run/parts").mkdir(parents=True)
        with open(self.folder / "rollouts-fake-run/parts/lock.partial", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.fails(73, "another process is writing here")


if __name__ == "__main__":
    unittest.main()
