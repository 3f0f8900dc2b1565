"""Makes statistics.json: inputs and the values scipy, numpy, scikit-learn and statsmodels give. Run: python make_statistics.py"""
import json
import os

import numpy
import scipy
import sklearn
import statsmodels
from scipy import optimize, stats
from sklearn import metrics
from statsmodels.stats.contingency_tables import mcnemar

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

# Success of two policies on the same starts.


def paired(b, c, n):
    """McNemar's exact test, and Tango's interval by inverting the score statistic of the multinomial likelihood."""

    def score(delta):
        """z of the null hypothesis p12 - p21 = delta; p21 is the root inside the simplex of its likelihood equation."""
        roots = numpy.roots([2 * n, (2 * n - b + c) * delta - b - c, -c * delta * (1 - delta)]).real
        p21 = max(roots)
        return (b - c - n * delta) / numpy.sqrt(n * (2 * p21 + delta - delta * delta))

    def interval(level):
        z = stats.norm.ppf((1 + level) / 2)
        inner = (b - c) / n
        low = optimize.brentq(lambda d: score(d) - z, -1 + 1e-12, inner - 1e-12, xtol=1e-15) if b - c > -n else -1.0
        high = optimize.brentq(lambda d: score(d) + z, inner + 1e-12, 1 - 1e-12, xtol=1e-15) if b - c < n else 1.0
        return [low, high]

    return {
        "b": b, "c": c, "n": n, "p": float(mcnemar([[0, b], [c, n - b - c]], exact=True).pvalue),
        "tango90": interval(0.90), "tango95": interval(0.95),
    }


def detectable(n, discordant):
    """The difference at which Connor's sample size for McNemar's test is n, by root finding."""
    z = stats.norm.ppf([0.975, 0.8])

    def size(delta):
        return (z[0] * numpy.sqrt(discordant) + z[1] * numpy.sqrt(discordant - delta * delta)) ** 2 / delta ** 2

    return {"n": n, "discordant": discordant, "difference": optimize.brentq(lambda d: size(d) - n, 1e-6, discordant, xtol=1e-15)}


def betting(differences, alpha=0.05):
    """Hedged capital of Waudby-Smith and Ramdas (2024), written for all times at once, and its running interval."""
    x = (numpy.array(differences) + 1) / 2
    t = numpy.arange(1, len(x) + 1)
    means = (0.5 + numpy.cumsum(x)) / (t + 1)
    variances = (0.25 + numpy.cumsum((x - means) ** 2)) / (t + 1)
    before = numpy.concatenate([[0.25], variances[:-1]])
    bets = numpy.sqrt(2 * numpy.log(2 / alpha) / (before * t * numpy.log(t + 1)))

    def log_capital(m, sign):
        bound = 0.5 / (m if sign > 0 else 1 - m)
        return numpy.cumsum(numpy.log1p(sign * numpy.minimum(bets, bound) * (x - m))) - numpy.log(2)

    edge = numpy.log(1 / alpha)
    inside = (1e-9, 1 - 1e-9)
    low, high = 0.0, 1.0
    for last in range(len(x)):
        if log_capital(inside[0], 1)[last] >= edge:
            low = max(low, optimize.brentq(lambda m: log_capital(m, 1)[last] - edge, *inside, xtol=1e-14))
        if log_capital(inside[1], -1)[last] >= edge:
            high = min(high, optimize.brentq(lambda m: log_capital(m, -1)[last] - edge, *inside, xtol=1e-14))
    return {
        "differences": list(map(float, differences)),
        "e_values": numpy.exp(numpy.maximum(log_capital(0.5, 1), log_capital(0.5, -1))).tolist(),
        "low": 2 * low - 1, "high": 2 * high - 1,
    }


reference["versions"]["statsmodels"] = statsmodels.__version__
reference.update({
    "paired": [
        paired(*counts) for counts in [
            (1, 7, 21), (6, 16, 161), (40, 20, 160), (12, 2, 50), (0, 0, 300), (0, 0, 1), (5, 0, 12), (0, 5, 12), (9, 0, 9),
            (0, 9, 9), (1, 0, 1), (30, 28, 300), (5, 5, 10), (800, 700, 3000), (1, 299, 300), (3, 7, 10),
        ]
    ],
    "detectable": [detectable(300, 0.3), detectable(40, 0.25), detectable(300, 0.05), detectable(1000, 1.0)],
    "betting": [
        betting(rng.choice([-1, 0, 1], 60, p=[0.1, 0.4, 0.5])), betting(rng.uniform(-1, 0.6, 60)),
        betting(rng.choice([-1, 0, 1], 60, p=[0.1, 0.8, 0.1])), betting(numpy.repeat([1, 0, -1], [12, 10, 30])),
    ],
})
with open(os.path.join(os.path.dirname(__file__), "statistics.json"), "w") as file:
    json.dump(reference, file, indent=1)
