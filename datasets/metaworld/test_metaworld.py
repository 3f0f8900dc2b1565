"""Tests with Meta-World itself, in a minute or two: datasets/metaworld/venv/bin/python datasets/metaworld/test_metaworld.py"""
import csv
import pickle
import sys
import unittest
from pathlib import Path

import numpy

sys.path.append(str(Path(__file__).resolve().parent.parent / "simulators"))
from interface import load, task_name  # noqa: E402
from testing import FolderTest, entry  # noqa: E402

Simulator = load("metaworld")


class Scenes(unittest.TestCase):
    def play(self, simulator, number, look=False):
        simulator.reset(number)
        begun, act = simulator.observe(()), simulator.expert(number, 0.0)
        for _ in range(40):
            simulator.step(act())
            look and simulator.observe(())
        return begun["object"].tolist(), simulator.state().tolist()

    def test_an_episode_depends_on_its_number_alone_and_looking_changes_nothing(self):
        for task in ("door-open", "pick-place", "peg-insert-side", "bin-picking", "shelf-place"):
            simulator = Simulator(task, render=False)
            first, other, again = self.play(simulator, 5, look=True), self.play(simulator, 6), self.play(simulator, 5)
            fresh = self.play(Simulator(task, render=False), 5)
            self.assertEqual(first, again, task)
            self.assertEqual(first, fresh, task)
            self.assertNotEqual(first[0], other[0], task)

    def test_starts_are_those_of_mt1_without_its_limit_of_fifty(self):
        import metaworld
        benchmark = metaworld.MT1("pick-place-v3", seed=1)
        original = benchmark.train_classes["pick-place-v3"]()
        original.set_task(benchmark.train_tasks[0])
        expected, _ = original.reset()
        simulator = Simulator("pick-place", render=False)
        vectors = []
        for number in range(100):
            simulator.reset(number)
            vectors.append(simulator.simulation._last_rand_vec)
        self.assertEqual(len(numpy.unique(vectors, axis=0)), 100)
        low, high = original._random_reset_space.low, original._random_reset_space.high
        self.assertTrue((low <= vectors).all() and (vectors <= high).all())
        self.assertLess(numpy.abs(numpy.mean(vectors, axis=0) - (low + high) / 2).max(), 0.3 * (high - low).max())
        # The same vector is the same scene.
        vector = pickle.loads(benchmark.train_tasks[0].data)["rand_vec"]
        simulator.attributes_untouched |= {"_freeze_rand_vec": True, "_last_rand_vec": vector}
        simulator.reset(0)
        numpy.testing.assert_array_equal(simulator.observation, expected)

    def test_the_object_comes_first_and_the_goal_last(self):
        simulator = Simulator("pick-place", render=False)
        simulator.reset(3)
        seen = simulator.observe(())["object"]
        numpy.testing.assert_allclose(seen[:3], simulator.simulation.data.body("obj").xpos, atol=1e-3)
        numpy.testing.assert_allclose(seen[-3:], simulator.simulation._target_pos)

    def test_tasks_go_by_both_names(self):
        self.assertEqual((task_name(Simulator, "door-open"), task_name(Simulator, "door-open-v3")), ("door-open", "door-open"))
        self.assertEqual(len(Simulator.tasks), 50)


class Commands(FolderTest):
    def test_demonstrations_and_rollouts_of_two_episodes(self):
        import h5py
        path = self.folder / "reach.hdf5"
        code, output = self.call("collect.py", "metaworld", "reach-v3", path, "--demonstrations", 2)
        self.assertEqual(code, 0, output)
        with h5py.File(path) as file:
            observed = file["data/demo_0/obs"]
            self.assertEqual({key: values.shape[1:] for key, values in observed.items()}, {
                "corner4_image": (84, 84, 3), "gripperPOV_image": (84, 84, 3), "object": (17,), "robot0_eef_pos": (3,), "robot0_gripper_qpos": (1,)})
            self.assertTrue(all(observed[camera][0].std() > 20 for camera in Simulator.cameras))
            environment = file["data"].attrs["env_args"]
            observation = {key: {"dtype": "uint8" if key.endswith("_image") else "float32", "shape": list(values.shape[1:])}
                           for key, values in observed.items()}
        settings = {"metadata": {"action_dim": 4, "observation": observation}}
        run = self.run_folder({"still": settings}, [entry("still", 2, films=True)], env_args=environment, step_limit=20)
        code, output = self.call("rollouts.py", "metaworld", run, "--alt", self.alt)
        self.assertEqual(code, 0, output)
        with open(self.folder / "rollouts-metaworld-run/episodes.csv") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([(row["task"], row["policy"], row["steps"], row["queries"]) for row in rows[:2]], [("reach", "still", "20", "5")] * 2)
        self.assertTrue((self.folder / "rollouts-metaworld-run/films/still-closed_loop-failure-0.png").exists())


if __name__ == "__main__":
    unittest.main()
