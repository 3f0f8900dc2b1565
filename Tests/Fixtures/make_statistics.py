"""Makes statistics.json: inputs and the values scipy and numpy give for them. Run: python make_statistics.py"""
import json
import os

import numpy
import scipy
from scipy import stats

rng = numpy.random.default_rng(0)


def mann_whitney(first, second):
    u = stats.mannwhitneyu(first, second, use_continuity=False, method="asymptotic", alternative="less")
    return {
        "first": list(map(float, first)), "second": list(map(float, second)), "u": float(u.statistic),
        # The one-sided p of "less" is Φ(z), so z is its quantile.
        "z": float(stats.norm.ppf(u.pvalue)),
    }


def wilson(successes, count):
    interval = stats.binomtest(successes, count).proportion_ci(method="wilson")
    return {"successes": successes, "count": count, "low": interval.low, "high": interval.high}


sample = rng.normal(size=23)
weights = rng.integers(0, 4, size=23)
counts = [5, 0, 3, 1, 1, 7]

# Two-level bootstrap of a mean, by plain loops and many replicates: what the percentile interval converges to.
groups = [rng.normal(loc, 1, size=size) for loc, size in zip(rng.normal(0, 2, 12), rng.integers(3, 9, 12))]
replicates = []
for _ in range(40000):
    drawn = [groups[g] for g in rng.integers(0, len(groups), len(groups))]
    replicates.append(numpy.concatenate([rng.choice(g, len(g)) for g in drawn]).mean())

json.dump(
    {
        "versions": {"numpy": numpy.__version__, "scipy": scipy.__version__},
        "mann_whitney": [
            mann_whitney(rng.normal(size=9), rng.normal(0.5, size=14)),
            mann_whitney(rng.integers(0, 4, 12), rng.integers(1, 5, 10)),
            mann_whitney([0, 0, 0, 1], [0, 2, 2, 2, 2]),
        ],
        "wilson": [wilson(0, 10), wilson(7, 12), wilson(16, 16), wilson(300, 400)],
        "quantile": {
            "sample": sample.tolist(), "probabilities": [0, 0.025, 0.3, 0.5, 0.9, 1],
            "values": numpy.quantile(sample, [0, 0.025, 0.3, 0.5, 0.9, 1]).tolist(),
            "weights": weights.tolist(), "weighted_median": float(numpy.median(numpy.repeat(sample, weights))),
        },
        "entropy": {"counts": counts, "nats": float(stats.entropy(counts))},
        "bootstrap": {
            "values": numpy.concatenate(groups).tolist(),
            "groups": numpy.repeat(numpy.arange(len(groups)), [len(g) for g in groups]).tolist(),
            "low": float(numpy.quantile(replicates, 0.025)), "high": float(numpy.quantile(replicates, 0.975)),
            "deviation": float(numpy.std(replicates)),
        },
    },
    open(os.path.join(os.path.dirname(__file__), "statistics.json"), "w"), indent=1)
