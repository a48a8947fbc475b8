"""Fits the table of src/figures/faithfulness.rs, and its threshold.

    judge-auditor benchmark FILE.jsonl... --claims claims.jsonl
    python3 benches/offline/faithfulness.py claims.jsonl [--no-fit]

A line of claims.jsonl is one claim of one output. The figure of an output is Platt's map of a product over its
claims' chances of being supported, the worst first; the fit finds how much the second and each further claim
count, and the map. It is fitted on the sets in FITTED only (those whose licences allow it, and the project's own
texts), each set and both labels with the same weight. Printed: the figures of each set with that set left out of
the fitting, then the table and the threshold with the highest mean balanced accuracy. With --no-fit: the figures of
what the program says now, and the width of its interval: by how much, on the logit scale, kinds of text differ in how
many outputs of the same figure hold (a random intercept of each set, fitted by maximum likelihood), as the interval that
has the next kind of text in it with 95 % (Higgins, Thompson and Spiegelhalter 2009). It is fitted on the sets in FITTED;
for the others is printed whether they lie within. Standard library only.
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


SHIFTS = [i / 20 for i in range(-200, 201)]  # of a set's logits


def shifted(rows):
    """The likelihood of a set's labels at each of SHIFTS, relative to the highest."""
    z = [(math.log(p / (1 - p)), y) for p, y in ((min(max(p, EDGE), 1 - EDGE), y) for p, y in rows)]
    logs = [-sum(math.log1p(math.exp(-(1 if y else -1) * (at + shift))) for at, y in z) for shift in SHIFTS]
    return [math.exp(one - max(logs)) for one in logs]


def normal(at, mean, deviation):
    return math.exp(-0.5 * ((at - mean) / deviation) ** 2) / deviation


def random_intercept(likelihoods):
    """The mean and the deviation of the sets' shifts."""
    def cost(mean, deviation):
        prior = [normal(shift, mean, deviation) for shift in SHIFTS]
        total = sum(prior)
        return -sum(math.log(max(1e-300, sum(l * p for l, p in zip(one, prior)) / total)) for one in likelihoods)

    choices = [(cost(m / 10, d / 20), m / 10, d / 20) for m in range(-20, 21) for d in range(1, 61)]
    return min(choices)[1:]


def student(degrees, share=0.975):
    """The quantile of Student's t, by the trapezoid rule."""
    step, at, sum_ = 1e-4, 0.0, 0.5
    scale = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(degrees * math.pi)
    density = lambda x: scale * (1 + x * x / degrees) ** (-(degrees + 1) / 2)
    while sum_ < share:
        sum_ += step * (density(at) + density(at + step)) / 2
        at += step
    return at


def half_width(mean, deviation, sets):
    """Around what the program says: far enough to either side for 95 % of the sets to come."""
    sigma = deviation * math.sqrt(1 + 1 / sets) * student(sets - 1) / 1.959964
    below = lambda x: 0.5 * (1 + math.erf(x / math.sqrt(2)))
    width = 0.0
    while below((width - mean) / sigma) - below((-width - mean) / sigma) < 0.95:
        width += 0.001
    return width


def show_interval(rows):
    """Of sets by name."""
    likelihoods = {name: shifted(one) for name, one in rows.items()}
    may = [name for name in rows if name in FITTED]
    mean, deviation = random_intercept([likelihoods[name] for name in may])
    width = half_width(mean, deviation, len(may))
    print(f"\n{len(may)} sets: mean shift {mean:.2f}, deviation {deviation:.2f}; half-width on the logit scale {width:.2f}")
    for p in (0.03, 0.1, 0.3, 0.5, 0.7, 0.9):
        z = math.log(p / (1 - p))
        print(f"    {p}: {sigmoid(z - width):.2f} to {sigmoid(z + width):.2f}")
    within = {}
    for name in rows:
        # Where the set's shift most likely is, once the others are known.
        others = (mean, deviation) if name not in may else random_intercept([likelihoods[n] for n in may if n != name])
        bound = width if name not in may else half_width(*others, len(may) - 1)
        posterior = [l * normal(shift, *others) for l, shift in zip(likelihoods[name], SHIFTS)]
        shift = sum(w * at for w, at in zip(posterior, SHIFTS)) / sum(posterior)
        within[name] = abs(shift) <= bound
        print(f"    {name:20} shift {shift:5.2f}{'' if within[name] else '  outside'}{'' if name in may else '  (not fitted)'}")
    for what, names in (("left out in turn", may), ("not fitted", [name for name in rows if name not in may])):
        print(f"{what}: {sum(within[name] for name in names)} of {len(names)} sets within")


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
        show_interval({name: [(o["now"], int(o["label"])) for o in outputs if o["now"] is not None] for name, outputs in sets.items()})
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
