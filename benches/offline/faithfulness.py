"""Fits the table of src/figures/faithfulness.rs, and its threshold.

    judge-auditor benchmark FILE.jsonl... --claims claims.jsonl
    python3 benches/offline/faithfulness.py claims.jsonl [--no-fit]

A line of claims.jsonl is one claim of one output. The figure of an output is Platt's map of a product over its
claims' chances of being supported, the worst first; the fit finds how much the second and each further claim
count, and the map. It is fitted on the sets in FITTED only (those whose licences allow it, and the project's own
texts), each set and both labels with the same weight. Printed: the figures of each set with that set left out of
the fitting, then the table and the threshold with the highest mean balanced accuracy. With --no-fit: the figures of
what the program says now. Standard library only.
"""

import collections
import json
import math
import os
import sys

FITTED = """factcheckgpt expertqa summedits summeval bump fm2 feversym dialfact begin faithdial_audit
    q2_wow rank19 reader""".split()
SECOND = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
FURTHER = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
EDGE = 1e-6


def read(path):
    outputs = collections.OrderedDict()
    with open(path, encoding="utf-8") as f:
        for line in f:
            row = json.loads(line)
            if "claim" not in row:
                continue
            key = row["file"], row["pair"]
            o = outputs.setdefault(key, {"label": row["supported"], "now": row["faithfulness"], "chances": []})
            o["chances"].append(row["claim"]["probability"]["supported"])
    sets = collections.OrderedDict()
    for (file, _), o in outputs.items():
        o["chances"].sort()
        name = os.path.basename(file).removesuffix(".jsonl")
        sets.setdefault("reader" if "reader" in file else name, []).append(o)
    return sets


def logit(chances, second, further):
    counts, product = 1.0, 1.0
    for place, chance in enumerate(chances):
        product *= 1 - counts * (1 - chance)
        counts = second if place == 0 else counts * further
    product = min(max(product, EDGE), 1 - EDGE)
    return math.log(product / (1 - product))


def platt(points):
    """Newton's method for weighted points (z, label, weight), drawn a little towards the identity."""
    a, b = 1.0, 0.0
    for _ in range(60):
        ga, gb, haa, hab, hbb = 1e-3 * (a - 1), 1e-3 * b, 1e-3, 0.0, 1e-3
        for z, y, w in points:
            p = sigmoid(a * z + b)
            v = w * p * (1 - p)
            ga, gb = ga + w * (p - y) * z, gb + w * (p - y)
            haa, hab, hbb = haa + v * z * z, hab + v * z, hbb + v
        d = haa * hbb - hab * hab
        a, b = max(a - (hbb * ga - hab * gb) / d, 0.05), b - (haa * gb - hab * ga) / d
    return a, b


def sigmoid(z):
    return 1 / (1 + math.exp(-z)) if z > -700 else 0.0


def weights(rows):
    n = collections.Counter(label for _, label in rows)
    return [(z, label, 0.5 / n[label]) for z, label in rows if len(n) == 2]


def loss(points, a, b):
    return sum(-w * math.log(max(1e-12, sigmoid(a * z + b) if y else 1 - sigmoid(a * z + b))) for z, y, w in points)


def auroc(rows):
    rows = sorted(rows)
    wins = below = ups = at = 0
    while at < len(rows):
        end = at
        while end < len(rows) and rows[end][0] == rows[at][0]:
            end += 1
        up = sum(label for _, label in rows[at:end])
        down = end - at - up
        wins, below, ups, at = wins + up * (below + down / 2), below + down, ups + up, end
    return wins / (below * ups) if below and ups else float("nan")


def balanced(rows, threshold):
    kept = [sum(1 for p, y in rows if y == label and (p >= threshold) == bool(label)) for label in (0, 1)]
    n = [sum(1 for _, y in rows if y == label) for label in (0, 1)]
    return sum(k / m for k, m in zip(kept, n)) / 2 if all(n) else float("nan")


def calibration(rows):
    bins = collections.Counter()
    for p, y in rows:
        bins[min(int(p * 10), 9)] += p - y
    return sum(abs(gap) for gap in bins.values()) / len(rows)


def best_threshold(sets):
    """Of the product's figures of several sets: the highest mean balanced accuracy."""
    candidates = [i / 200 for i in range(1, 200)]
    usable = [rows for rows in sets if len({y for _, y in rows}) == 2]
    return max(candidates, key=lambda t: sum(balanced(rows, t) for rows in usable)) if usable else 0.5


def fitted(sets, names):
    best = None
    for second in SECOND:
        for further in FURTHER if second else (0.0,):
            points = [p for n in names for p in weights([(logit(o["chances"], second, further), int(o["label"])) for o in sets[n]])]
            a, b = platt(points)
            cost = loss(points, a, b)
            if best is None or cost < best[0]:
                best = cost, second, further, a, b
    return best[1:]


def apply(outputs, second, further, a, b):
    return [(sigmoid(a * logit(o["chances"], second, further) + b), int(o["label"])) for o in outputs]


def show(name, rows, threshold):
    print(f"{name:20} {len(rows):5} {auroc(rows):6.3f} {balanced(rows, threshold):6.3f} {calibration(rows):6.3f}")


def main(args):
    sets = read(args[0])
    may = [name for name in sets if name in FITTED]
    print(f"{'set':20} {'n':>5} {'AUROC':>6} {'bal.':>6} {'ECE':>6}")
    if "--no-fit" in args:
        for name, outputs in sets.items():
            rows = [(o["now"], int(o["label"])) for o in outputs if o["now"] is not None]
            show(name, rows, best_threshold([rows]))
        return
    for name, outputs in sets.items():
        others = [n for n in may if n != name]
        map_ = fitted(sets, others)
        threshold = best_threshold([apply(sets[n], *map_) for n in others])
        show(name, apply(outputs, *map_), threshold)
    map_ = fitted(sets, may)
    threshold = best_threshold([apply(sets[n], *map_) for n in may])
    print("\nsecond: {}, further: {}, slope: {:.3f}, intercept: {:.3f}".format(*map_))
    print(f"THRESHOLD = {threshold}")


if __name__ == "__main__":
    main(sys.argv[1:])
