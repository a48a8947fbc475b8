"""Fits the table of src/evidence/support.rs.

    cargo bench --bench features -- FILE.jsonl... > features.jsonl
    python3 benches/offline/fit.py features.jsonl

A line of features.jsonl is {"dataset", "label", "values": one list per claim}. Needs numpy and scipy.
The model of a candidate is a noisy-and over its claims. It is fitted on the sets in FITTED only (those whose
licences allow it), each set and both labels with the same weight. Printed: the figures of each set with
that set left out of the fitting, then the table.
"""

import collections
import json
import sys

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import rankdata

FITTED = """factcheckgpt expertqa summedits summeval bump fm2 feversym dialfact begin faithdial_audit
    q2_wow rank19""".split()
HEADLINE = """ragtruth_qa factscore factcheckgpt summedits cliff diasumfact fm2 scifact nli4ct
    feversym""".split()
NAMES = """best pairs run known unknown_words unknown_names number_against number_missing date_against
    date_missing name_against name_missing opposite negation order one_negated""".split()
# What the source has counts for a claim, the rest against it.
FOR = 4
RIDGE = 10.0
SET_WEIGHT = 500.0
# Added to the bias, so that a faithful text of many claims is still near 1.
SHIFT = 2.0


class Set:
    def __init__(self, rows):
        rows = [row for row in rows if row["values"]]
        self.n = np.array([len(row["values"]) for row in rows])
        self.start = np.concatenate([[0], np.cumsum(self.n)[:-1]])
        self.x = np.vstack([np.array(row["values"], float) for row in rows])
        self.y = np.array([row["label"] for row in rows])
        share = self.y.mean()
        self.weight = np.where(self.y == 1, 0.5 / share, 0.5 / (1 - share)) / len(self.y)


def fit(sets, mean, scale):
    """Weights and bias; each set has its own intercept, which is thrown away."""
    count = len(NAMES)

    def loss(p):
        value, gradient = 0.5 * RIDGE * (p[:count] @ p[:count]), np.zeros_like(p)
        gradient[:count] = RIDGE * p[:count]
        for at, s in enumerate(sets):
            x = (s.x - mean) / scale
            z = x @ p[:count] + p[count]
            damp = s.n**-0.5
            total = np.add.reduceat(np.logaddexp(0, -z), s.start) * damp + 1e-9
            t = -2 * np.log(total) + p[count + 1 + at]
            weight = SET_WEIGHT * s.weight
            value += (weight * (np.logaddexp(0, t) - s.y * t)).sum()
            error = weight * (expit(t) - s.y)
            gradient[count + 1 + at] += error.sum()
            slope = np.repeat(2 * error / total * damp, s.n) * expit(-z)
            gradient[:count] += slope @ x
            gradient[count] += slope.sum()
        return value, gradient

    bounds = [(0, None)] * FOR + [(None, 0)] * (count - FOR) + [(None, None)] * (1 + len(sets))
    start = np.zeros(count + 1 + len(sets))
    p = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return p[:count] / scale, p[count] - (p[:count] / scale) @ mean


def together(s, z):
    """As src/judges/offline: a product of the claims' probabilities, the worst first."""
    p = 0.5 * (1 + z / np.sqrt(1 + z * z))
    out = np.ones(len(s.y))
    for row, (start, n) in enumerate(zip(s.start, s.n)):
        counts = 1.0
        for place, support in enumerate(np.sort(p[start : start + n])):
            out[row] *= 1 - counts * (1 - support)
            counts = 0.6 if place == 0 else counts * 0.9
    return out


def auroc(y, score):
    rank, ones = rankdata(score), (y == 1).sum()
    return (rank[y == 1].sum() - ones * (ones + 1) / 2) / (ones * (y == 0).sum())


def main():
    rows = collections.defaultdict(list)
    for line in open(sys.argv[1], encoding="utf-8"):
        row = json.loads(line)
        rows[row["dataset"]].append(row)
    sets = {name: Set(rows[name]) for name in rows}
    everything = np.vstack([sets[name].x for name in FITTED])
    mean, scale = everything.mean(0), everything.std(0) + 1e-6
    full = fit([sets[name] for name in FITTED], mean, scale)
    figures = {}
    for name, s in sets.items():
        w, b = full
        if name in FITTED:
            others = [sets[other] for other in FITTED if other != name]
            w, b = fit(others, mean, scale)
        figures[name] = auroc(s.y, together(s, s.x @ w + b + SHIFT))
        print(f"{name:18s} {figures[name]:.3f}")
    print(f"mean of the ten    {np.mean([figures[name] for name in HEADLINE]):.4f}")
    w, b = full
    for name, weight in zip(NAMES, w):
        print(f'    ("{name}", {weight:.3f}),')
    print(f"const BIAS: f64 = {b + SHIFT:.3f};")


if __name__ == "__main__":
    main()
