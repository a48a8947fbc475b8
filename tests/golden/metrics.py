"""Makes metrics.json: reference values for src/figures, from other people's implementations.

python -m venv venv && venv/bin/pip install scipy==1.12.0 statsmodels==0.15.0 krippendorff==0.9.0 irrCAC==0.4.4
venv/bin/python tests/golden/metrics.py > tests/golden/metrics.json
"""
import json, sys, warnings
from importlib.metadata import version

import krippendorff
import numpy as np
import pandas as pd
from irrCAC.raw import CAC
from scipy import stats
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa
from statsmodels.stats.proportion import proportion_confint

warnings.filterwarnings("ignore")
rng = np.random.default_rng(20240229)
LABELS = ["SUPPORTED", "REFUTED", "NOT_ENOUGH_INFO"]
STRATEGIES = ["weighted_average", "mean", "median", "trimmed_mean", "majority_vote"]
SEVERITIES = {"low": .1, "medium": .25, "high": .5, "critical": .9}


def number(value):
    return None if value is None or not np.isfinite(value) else float(value)


# ---- agreement -------------------------------------------------------------------------------

def agreement(labels):
    complete = [row for row in labels if None not in row and len(row) >= 2]
    case = {"labels": labels, "complete_items": len(complete), "raw_agreement": None,
            "fleiss_kappa": None, "krippendorff_alpha_nominal": None, "gwet_ac1": None}
    if complete:
        codes = np.array([[LABELS.index(x) for x in row] for row in complete])
        r = codes.shape[1]
        case["raw_agreement"] = float(np.mean([codes[:, a] == codes[:, b] for a in range(r) for b in range(a)]))
        # irrCAC's variance divides by items - 1; listing every item twice leaves the coefficient as it is.
        case["gwet_ac1"] = number(CAC(pd.DataFrame(complete * 2), categories=LABELS, digits=15).gwet()["est"]["coefficient_value"])
        if len(np.unique(codes)) > 1:
            case["fleiss_kappa"] = number(fleiss_kappa(aggregate_raters(codes, n_cat=3)[0], method="fleiss"))
    pairable = {x for row in labels if sum(x is not None for x in row) >= 2 for x in row if x}
    if len(pairable) > 1:
        matrix = np.array([[np.nan if x is None else LABELS.index(x) for x in row] for row in labels]).T
        case["krippendorff_alpha_nominal"] = number(krippendorff.alpha(reliability_data=matrix, level_of_measurement="nominal", value_domain=[0, 1, 2]))
    return case


def random_labels(items, raters, noise, missing):
    rows = []
    for _ in range(items):
        truth = rng.choice(3, p=[.5, .2, .3])
        row = [LABELS[rng.integers(3) if rng.random() < noise else truth] for _ in range(raters)]
        rows.append([None if rng.random() < missing else x for x in row])
    return rows


S, R, N, _ = *LABELS, None
AGREEMENT = [
    [[S, R]], [[S, S]], [[R, R, R], [R, R, R]],            # one item; one category
    [[S, R], [R, S]], [[S, R, N], [N, S, R], [R, N, S]],   # systematic dissent: below zero
    [[S, S], [R, R], [N, N]],                              # unison
    [[S, _], [_, R]],                                      # nothing shared
    [[S, S, _], [_, R, R], [N, _, N]],                     # no complete item, yet alpha is defined
    [[S, S, _], [S, R, _], [S, S, S]],                     # one category among complete items only
    [[S, _, _], [R, R, N], [_, _, N]],                     # items with a single label
    [[S, S]] * 19 + [[R, S]],                              # skewed: high raw, low kappa
    [[S, S, S]] * 9 + [[R, R, S]],
] + [random_labels(*shape) for shape in [
    (12, 2, .2, 0), (30, 3, .3, 0), (8, 5, .5, 0), (25, 4, .1, .2), (40, 6, .4, .1), (6, 3, .9, .3),
    (15, 2, .6, .4), (50, 7, .25, .05), (3, 9, .5, 0), (20, 3, 1., 0)]]


# ---- consensus -------------------------------------------------------------------------------

def majority(s):
    bins = [[x for x in s if a <= x < b] for a, b in [(0, 100 / 3), (100 / 3, 200 / 3), (200 / 3, 101)]]
    sizes = [len(b) for b in bins]
    return float(np.median(s if sizes.count(max(sizes)) > 1 else bins[int(np.argmax(sizes))]))


def consensus_of(strategy, s, g, c):
    s, gc = np.asarray(s), np.asarray(g) * np.asarray(c)
    match strategy:
        case "weighted_average": return float(np.average(s, weights=gc)) if gc.sum() > 0 else float(np.mean(s))
        case "mean": return float(np.mean(s))
        case "median": return float(np.median(s))
        case "trimmed_mean": return float(np.mean(np.sort(s)[1:-1])) if len(s) >= 4 else float(np.mean(s))
        case "majority_vote": return majority(s)


def interval(strategy, s, g, c):
    n = len(s)
    if n < 3:
        return None
    centre, gc = consensus_of(strategy, s, g, c), np.asarray(g) * np.asarray(c)
    if strategy == "mean":  # the library's own
        low, high = stats.t.interval(.95, n - 1, loc=centre, scale=stats.sem(s)) if np.ptp(s) > 0 else (centre, centre)
    else:
        v = gc / gc.sum() if strategy == "weighted_average" and gc.sum() > 0 else np.full(n, 1 / n)
        se = np.sqrt(n / (n - 1) * np.sum(v**2 * (np.asarray(s) - centre) ** 2))
        low, high = centre + np.array([-1, 1]) * stats.t.ppf(.975, n - 1) * se
    return {"method": "student_t", "lower": float(max(0, low)), "upper": float(min(100, high))}


def consensus(s, g, c):
    n, several = len(s), len(s) > 1
    variance = float(np.var(s, ddof=1)) if several else None
    return {
        "scores": s, "judge_weights": g, "confidences": c,
        **{name: consensus_of(name, s, g, c) for name in STRATEGIES},
        "variance": variance, "standard_deviation": float(np.std(s, ddof=1)) if several else None,
        "q1": float(np.percentile(s, 25)), "q3": float(np.percentile(s, 75)),
        "mean_confidence": float(np.mean(c)),
        "inter_judge_agreement": 1 - variance / float(np.var([0, 100], ddof=0) * n / (n - 1)) if several else None,
        "interval": interval("weighted_average", s, g, c),
        "intervals": {name: interval(name, s, g, c) for name in STRATEGIES},
    }


def draw(n, low=0, high=100):
    return [[round(float(x), 2) for x in rng.uniform(a, b, n)] for a, b in [(low, high), (.1, 2.5), (.05, 1)]]


CONSENSUS = [
    ([0.0], [1.0], [1.0]), ([100.0], [.5], [0.0]), ([0.0, 100.0], [1.0, 1.0], [1.0, 1.0]),
    ([0.0, 0.0, 100.0, 100.0], [1.0] * 4, [.5] * 4), ([70.0] * 5, [1.0, 2.0, .5, 1.0, 1.0], [.9, .8, .7, .6, .5]),
    ([20.0, 60.0, 90.0], [0.0, 0.0, 0.0], [.5, .5, .5]), ([20.0, 60.0, 90.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]),
    ([20.0, 60.0, 90.0], [1.0, 0.0, 0.0], [.5, .5, .5]), ([99.0, 99.5, 100.0], [1.0] * 3, [1.0] * 3),
    ([0.0, 50.0, 100.0], [1.0] * 3, [.2, .9, .2]), ([25.0, 50.0, 75.0, 100.0, 0.0], [1.0] * 5, [1.0, .6, .3, .6, 1.0]),
] + [tuple(draw(*shape)) for shape in [
    (2,), (3,), (3, 60, 90), (4,), (5,), (6, 70, 100), (7,), (8,), (9, 0, 20), (10,), (12, 40, 60), (20,), (33,)]]


def bootstrap(s, g, c, strategy):
    n = len(s)
    data = (np.array(s), np.array(g), np.array(c))

    def statistic(s, g, c, axis=-1):
        if strategy == "mean":
            return np.mean(s, axis=axis)
        return np.sum(s * g * c, axis=axis) / np.sum(g * c, axis=axis)

    res = stats.bootstrap(data, statistic, paired=True, vectorized=True, n_resamples=200_000, batch=10_000, method="BCa",
                          random_state=np.random.default_rng(1))
    jack = np.array([statistic(*(np.delete(x, i) for x in data)) for i in range(n)])
    d = jack.mean() - jack
    return {"scores": s, "judge_weights": g, "confidences": c, "strategy": strategy,
            "acceleration": float(np.sum(d**3) / (6 * np.sum(d**2) ** 1.5)),
            "lower": float(res.confidence_interval.low), "upper": float(res.confidence_interval.high)}


# ---- the rest --------------------------------------------------------------------------------

def wilson(k, n):
    low, high = proportion_confint(k, n, alpha=.05, method="wilson")
    return {"successes": k, "n": n, "lower": float(max(0, low)), "upper": float(min(1, high))}


def hallucination(c, claims, judges):
    total = sum(claims.values()) if claims else 0
    parts = {
        "inverse_consensus": (100 - c) / 100,
        "verification": (claims["REFUTED"] + .5 * claims["NOT_ENOUGH_INFO"]) / total if total else None,
        "issues": float(np.mean([1 - np.prod([1 - SEVERITIES[x] for x in severities]) for _, severities in judges])),
        "confidence": float(1 - np.mean([confidence for confidence, _ in judges])),
    }
    weights = {"inverse_consensus": .4, "verification": .3, "issues": .2, "confidence": .1}
    there = [name for name in parts if parts[name] is not None]
    return {"consensus_score": c, "claims": claims,
            "judges": [{"confidence": a, "severities": b} for a, b in judges], "components": parts,
            "hallucination_score": float(100 * np.average([parts[x] for x in there], weights=[weights[x] for x in there]))}


def counts(s, r, n):
    return {"SUPPORTED": s, "REFUTED": r, "NOT_ENOUGH_INFO": n}


HALLUCINATION = [
    (100.0, counts(7, 0, 0), [(1.0, [])]), (0.0, counts(0, 4, 0), [(0.0, ["critical"] * 6)]),
    (100.0, None, [(1.0, [])]), (0.0, None, [(0.0, [])]), (50.0, counts(0, 0, 5), [(.5, ["low"])]),
    (62.5, counts(1, 0, 0), [(.9, ["low", "low"]), (.8, [])]), (88.0, counts(9, 1, 0), [(.7, ["high"]), (.6, ["medium"]), (.9, [])]),
]
for size in [1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10]:
    judges = [(round(float(rng.random()), 3), [str(x) for x in rng.choice(list(SEVERITIES), rng.integers(0, 5))]) for _ in range(size)]
    claims = counts(*(int(x) for x in rng.integers(0, 12, 3)))
    HALLUCINATION.append((round(float(rng.uniform(0, 100)), 2), claims, judges))

versions = ", ".join(f"{name} {version(name)}" for name in ["numpy", "scipy", "statsmodels", "krippendorff", "irrCAC"])
json.dump({
    "origin": f"tests/golden/metrics.py; {versions}; Python {sys.version.split()[0]}",
    "agreement": [agreement(rows) for rows in AGREEMENT],
    "consensus": [consensus(*case) for case in CONSENSUS],
    "bootstrap": [bootstrap(*draw(n, a, b), strategy) for n, a, b, strategy in [
        (8, 0, 100, "mean"), (9, 50, 90, "weighted_average"), (12, 0, 60, "weighted_average"), (20, 20, 100, "mean"), (30, 0, 100, "weighted_average")]],
    "wilson_95": [wilson(k, n) for k, n in [(0, 1), (1, 1), (0, 2), (1, 2), (2, 2), (0, 10), (1, 10), (5, 10), (9, 10), (10, 10),
        (3, 7), (17, 23), (50, 100), (99, 100), (1, 1000), (640, 1000), (250_000, 1_000_000)]],
    "hallucination": [hallucination(*case) for case in HALLUCINATION],
}, sys.stdout, indent=1, allow_nan=False)
print()
