"""Makes statistics.json: inputs and the values scipy, numpy and scikit-learn give for them. Run: python make_statistics.py"""
import json
import os

import numpy
import scipy
import sklearn
from scipy import stats
from sklearn import metrics

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

reference = {
    "versions": {"numpy": numpy.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__},
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
}

# What follows draws after all of the above, whose values therefore stay.


def spearman(first, second, weights):
    return {
        "first": list(map(float, first)), "second": list(map(float, second)), "weights": weights.tolist(),
        "correlation": float(stats.spearmanr(first, second).statistic),
        "weighted": float(stats.spearmanr(numpy.repeat(first, weights), numpy.repeat(second, weights)).statistic),
    }


def detection(positive, negative, positive_weights, negative_weights):
    labels = numpy.repeat([1, 0], [len(positive), len(negative)])
    scores = numpy.concatenate([positive, negative])
    drawn = numpy.concatenate([positive_weights, negative_weights])

    def scored(sample_weight):
        false, true, _ = metrics.roc_curve(labels, scores, sample_weight=sample_weight, drop_intermediate=False)
        return {
            "auroc": float(metrics.roc_auc_score(labels, scores, sample_weight=sample_weight)),
            "aupr": float(metrics.average_precision_score(labels, scores, sample_weight=sample_weight)),
            "fpr95": float(false[true >= 0.95].min()),
        }

    return {
        "positive": list(map(float, positive)), "negative": list(map(float, negative)),
        "positive_weights": positive_weights.tolist(), "negative_weights": negative_weights.tolist(),
        "plain": scored(None), "weighted": scored(drawn),
    }


def holm(values):
    """false_discovery_control has no Holm; the definition, by plain loops."""
    order = numpy.argsort(values)
    adjusted = numpy.empty(len(values))
    for place in range(len(values)):
        adjusted[order[place]] = max(min(1, (len(values) - i) * values[order[i]]) for i in range(place + 1))
    return {"p": list(map(float, values)), "adjusted": adjusted.tolist()}


def equivalence(sample, margin):
    """Two one-sided z tests of a mean with known standard error."""
    error = stats.sem(sample)
    mean = sample.mean()
    z = stats.norm.ppf([0.025, 0.05, 0.95, 0.975])
    return {
        "value": float(mean), "low95": float(mean + z[0] * error), "high95": float(mean + z[3] * error),
        "low90": float(mean + z[1] * error), "high90": float(mean + z[2] * error), "margin": margin,
        "p": float(max(stats.norm.sf((mean + margin) / error), stats.norm.cdf((mean - margin) / error))),
    }


# Three levels: seeds, demonstrations within a seed, samples within a demonstration.
nested = [
    [rng.normal(demonstration, 0.5, size=rng.integers(2, 5)) for demonstration in rng.normal(seed, 1, size=rng.integers(3, 6))]
    for seed in rng.normal(0, 1, 5)
]
replicates3 = []
for _ in range(20000):
    drawn = []
    for s in rng.integers(0, len(nested), len(nested)):
        for d in rng.integers(0, len(nested[s]), len(nested[s])):
            drawn.append(rng.choice(nested[s][d], len(nested[s][d])))
    replicates3.append(numpy.concatenate(drawn).mean())
pair = (rng.normal(size=6), rng.normal(1, size=7))
permutation = stats.permutation_test(
    pair, lambda x, y: x.mean() - y.mean(), permutation_type="independent", alternative="less", n_resamples=numpy.inf)
basis = rng.normal(size=(9, 6))
symmetric = basis.T @ basis
features = rng.normal(size=(40, 5)) @ rng.normal(size=(5, 5))
asked = rng.normal(size=(4, 5)) * 2
covariance = numpy.cov(features.T, bias=True)
shrunk = 0.9 * covariance + 0.1 * numpy.trace(covariance) / 5 * numpy.eye(5)
centred = asked - features.mean(0)
reference.update({
    "spearman": [
        spearman(rng.normal(size=15), rng.normal(size=15), rng.integers(0, 4, 15)),
        spearman(rng.integers(0, 4, 20), rng.integers(0, 3, 20), rng.integers(0, 4, 20)),
    ],
    "detection": [
        detection(rng.normal(1, 1, 30), rng.normal(0, 1, 25), rng.integers(0, 4, 30), rng.integers(0, 4, 25)),
        detection(rng.integers(1, 6, 20), rng.integers(0, 5, 40), rng.integers(0, 4, 20), rng.integers(0, 4, 40)),
        detection(rng.integers(0, 3, 8), rng.integers(0, 3, 8), rng.integers(1, 4, 8), rng.integers(1, 4, 8)),
    ],
    "holm": [holm(rng.uniform(size=6) ** 3), holm(numpy.array([0.01, 0.01, 0.04, 0.03]))],
    "equivalence": [equivalence(rng.normal(0.05, 0.2, 30), 0.1), equivalence(rng.normal(0, 0.1, 40), 0.1)],
    "nested": {
        "values": [float(v) for s in nested for d in s for v in d],
        "seeds": [i for i, s in enumerate(nested) for d in s for _ in d],
        "demonstrations": [10 * i + j for i, s in enumerate(nested) for j, d in enumerate(s) for _ in d],
        "low": float(numpy.quantile(replicates3, 0.025)), "high": float(numpy.quantile(replicates3, 0.975)),
        "deviation": float(numpy.std(replicates3)),
    },
    "permutation": {
        "first": pair[0].tolist(), "second": pair[1].tolist(), "p": float(permutation.pvalue),
    },
    "eigen": {
        "size": 6, "matrix": symmetric.ravel().tolist(),
        "values": sorted(numpy.linalg.eigvalsh(symmetric).tolist(), reverse=True),
    },
    "mahalanobis": {
        "width": 5, "features": features.ravel().tolist(), "asked": asked.ravel().tolist(),
        "distances": numpy.sqrt((centred @ numpy.linalg.inv(shrunk) * centred).sum(1)).tolist(),
    },
})
with open(os.path.join(os.path.dirname(__file__), "statistics.json"), "w") as file:
    json.dump(reference, file, indent=1)
