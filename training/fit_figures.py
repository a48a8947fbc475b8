"""Fits what is made of the verifier's probabilities: the map of src/metrics/faithfulness.rs, and the bounds of
src/metrics/reliability.rs.

    python3 training/fit_figures.py with.jsonl

with.jsonl is what `fit_verifier.py` reads. Every probability here comes from a table that was fitted without the
document that it is about: documents are parted in five by a hash of their names, and each part is judged by what the
other four teach. So what is fitted here sees probabilities as good, or as bad, as those of texts that nobody has seen.

The map turns the claims' chances of being supported into one chance for the output. It is fitted on the sets in FITTED
of `fit_verifier.py` and on outputs made of the project's own claims, each set with the same weight. Printed: for each
set what the map in the program says and what a map says that was fitted without that set; then the map, with the
threshold of the highest mean balanced accuracy; then, by bound, how many verdicts are right in outputs whose mean
confidence lies above it. Deterministic; needs numpy, scipy and torch.
"""

import argparse
import hashlib
import random
import re
from pathlib import Path

import numpy as np

import fit_verifier as verifier
from fit_verifier import FEATURES, FITTED, HELD_OUT, NEURAL, Rows, auroc, ece, fold

SECOND = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
FURTHER = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
EDGE = 1e-6
# As in src/domain/verdict.rs and src/evidence/support.rs.
SUPPORTED_FROM, REFUTED_FROM, SURE, MODEL_ALONE = 0.4, 0.54, 0.6, 0.53
MOST_CLAIMS = 8  # of an output that is made of own claims
PROGRAM = Path(__file__).parent.parent / "src" / "metrics" / "faithfulness.rs"


def unseen(rows):
    """For each row the probabilities of its claims, by a table that was fitted without its document."""
    for row in rows["own"]:
        row["part"] = fold(row["doc"])
    fitted = [name for name in FITTED if name in rows]
    features = FEATURES + NEURAL
    signs = [sign for _, sign in features]
    by_doc = {id(row): fold(str(row["doc"])) for name in fitted for row in rows[name]}

    def table(kept):
        own = Rows([row for row in rows["own"] if kept(fold(row["doc"]))])
        sets = [Rows(part) for name in fitted if (part := [row for row in rows[name] if kept(by_doc[id(row)])])]
        x = np.concatenate([own.x.numpy()] + [one.x.numpy() for one in sets])
        tensor = verifier.torch.tensor
        return verifier.fit(own, sets, tensor(x.mean(0)), tensor(x.std(0) + 1e-6), signs, 1.0)

    def judge(row, w):
        p = verifier.ruled(verifier.probabilities(Rows([row]).x, w), row["certain"])
        for one, known in zip(p, row["certain"]):
            if not known["copied"] and not known["against"] and one[1] < SURE:
                one[1] = min(one[1], MODEL_ALONE)
                one[2] = 1 - one[0] - one[1]
        row["p"] = p

    for at in range(HELD_OUT):
        w = table(lambda part: part != at)
        for name in ["own", *fitted]:
            for row in rows[name]:
                if fold(str(row["doc"])) == at:
                    judge(row, w)
    w = table(lambda part: True)
    for name in rows:
        if name not in ("own", *fitted):
            for row in rows[name]:
                judge(row, w)


def labels(p):
    """What the program says, and the probability of it."""
    said = np.full(len(p), 2)
    said[(p[:, 1] >= REFUTED_FROM) & (p[:, 1] > p[:, 2])] = 1
    said[(p[:, 0] >= SUPPORTED_FROM) & (p[:, 0] > p[:, 1]) & (p[:, 0] > p[:, 2])] = 0
    return said, p[np.arange(len(p)), said]


def made_outputs(rows):
    """Outputs of several claims of one own source: half of true claims alone, half with others among them."""
    for row in rows:
        rng = random.Random(hashlib.sha256(row["doc"].encode()).digest())
        gold = np.array([verifier.LABELS.index(one) for one in row["gold"]])
        true, other = list(np.flatnonzero(gold == 0)), list(np.flatnonzero(gold != 0))
        rng.shuffle(true)
        rng.shuffle(other)
        while len(true) >= 1 and len(other) >= 1:
            count = rng.randint(1, MOST_CLAIMS)
            part, true = true[:count], true[count:]
            yield row["p"][part], gold[part]
            wrong = rng.randint(1, max(1, count // 3))
            part, other = other[:wrong], other[wrong:]
            rest, true = true[: count - len(part)], true[count - len(part) :]
            yield row["p"][part + rest], gold[part + rest]


def logit(chances, second, further):
    counts, product = 1.0, 1.0
    for place, chance in enumerate(sorted(chances)):
        product *= 1 - counts * (1 - chance)
        counts = second if place == 0 else counts * further
    product = min(max(product, EDGE), 1 - EDGE)
    return float(np.log(product / (1 - product)))


def platt(z, y, w):
    """Newton's method, drawn a little towards the identity; the slope stays over 0."""
    a, b = 1.0, 0.0
    for _ in range(60):
        p = verifier.expit(a * z + b)
        v, gap = w * p * (1 - p), w * (p - y)
        ga, gb = 1e-3 * (a - 1) + (gap * z).sum(), 1e-3 * b + gap.sum()
        haa, hab, hbb = 1e-3 + (v * z * z).sum(), (v * z).sum(), 1e-3 + v.sum()
        d = haa * hbb - hab * hab
        a, b = max(a - (hbb * ga - hab * gb) / d, 0.05), b - (haa * gb - hab * ga) / d
    return a, b


def fit(sets, balanced):
    """The shape and the map that make the labels of these sets likeliest, each set with the weight 1."""
    best = None
    y = np.concatenate([one["y"] for one in sets])
    weigh = lambda one: np.where(one["y"] == 1, 0.5 / max(one["y"].sum(), 1), 0.5 / max((1 - one["y"]).sum(), 1)) if balanced else np.full(len(one["y"]), 1 / len(one["y"]))
    w = np.concatenate([weigh(one) for one in sets])
    for second in SECOND:
        for further in FURTHER if second else (0.0,):
            z = np.array([logit(chances, second, further) for one in sets for chances in one["chances"]])
            a, b = platt(z, y, w)
            p = np.clip(verifier.expit(a * z + b), 1e-12, 1 - 1e-12)
            cost = -(w * np.where(y == 1, np.log(p), np.log(1 - p))).sum()
            if best is None or cost < best[0]:
                best = cost, (second, further, a, b)
    return best[1]


def apply(one, made):
    second, further, a, b = made
    return verifier.expit(a * np.array([logit(chances, second, further) for chances in one["chances"]]) + b)


def balanced_accuracy(p, y, threshold):
    said = p >= threshold
    return (said[y == 1].mean() + (~said[y == 0]).mean()) / 2


def best_threshold(pairs):
    usable = [(p, y) for p, y in pairs if 0 < y.sum() < len(y)]
    return max((i / 200 for i in range(1, 200)), key=lambda t: sum(balanced_accuracy(p, y, t) for p, y in usable))


def now():
    """The map in the program."""
    text = PROGRAM.read_text(encoding="utf-8")
    return tuple(float(re.search(rf"\n    {name}: (-?[\d.]+),", text).group(1)) for name in ("second", "further", "slope", "intercept"))


def reliability(title, outputs):
    """By bound: outputs whose mean confidence is not lower, and the share of their verdicts that are right."""
    told = []
    for p, gold in outputs:
        said, sure = labels(p)
        told.append((sure.mean(), (said == gold).sum(), len(gold)))
    print(f"{title}: {len(told)} outputs; verdicts expected to be right {np.mean([t[0] for t in told]):.3f}, "
          f"right {sum(t[1] for t in told) / sum(t[2] for t in told):.3f}")
    for low, high in zip(np.arange(0.30, 0.95, 0.05), np.arange(0.35, 1.0, 0.05)):
        within = [t for t in told if low <= t[0] < high]
        above = [t for t in told if t[0] >= low]
        if above:
            share = lambda part: sum(t[1] for t in part) / max(1, sum(t[2] for t in part))
            print(f"    from {low:.2f}: within the step {share(within):.3f} of {sum(t[2] for t in within)} verdicts, from here on "
                  f"{share(above):.3f} of {sum(t[2] for t in above)} in {len(above)} outputs")


def main():
    wanted = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    wanted.add_argument("file")
    wanted = wanted.parse_args()
    rows = verifier.read(wanted.file, FEATURES + NEURAL)
    unseen(rows)
    own = list(made_outputs(rows["own"]))
    sets = {"own": {"chances": [p[:, 0] for p, _ in own], "y": np.array([float((gold == 0).all()) for _, gold in own])}}
    for name in sorted(set(rows) - {"own", "reader"}):
        sets[name] = {"chances": [row["p"][:, 0] for row in rows[name]], "y": np.array([float(row["label"]) for row in rows[name]])}
    may = ["own"] + [name for name in FITTED if name in sets]
    if "reader" in rows:
        gold = [np.array([verifier.LABELS.index(one) for one in row["gold"]]) for row in rows["reader"]]
        sets["reader"] = {"chances": [row["p"][:, 0] for row in rows["reader"]], "y": np.array([float((g == 0).all()) for g in gold])}
    for balanced in (True, False):
        print("both labels of a set with the same weight" if balanced else "outputs of a set with the same weight")
        print(f"{'set':16} {'n':>5} {'true':>5} {'AUROC':>6} | program: {'bal.':>5} {'ECE':>5} | fitted without it: {'bal.':>5} {'ECE':>5}")
        lines = []
        for name, one in sets.items():
            others = [other for other in may if other != name]
            map_ = fit([sets[other] for other in others], balanced)
            threshold = best_threshold([(apply(sets[other], map_), sets[other]["y"]) for other in others])
            before, after, y = apply(one, now()), apply(one, map_), one["y"]
            lines.append((ece(before, y), ece(after, y)))
            figures = [balanced_accuracy(before, y, 0.45), balanced_accuracy(after, y, threshold)] if 0 < y.sum() < len(y) else [float("nan")] * 2
            print(f"{name:16} {len(y):5} {y.mean():5.2f} {auroc(y, after):6.3f} |          {figures[0]:5.3f} {lines[-1][0]:5.3f} |                    "
                  f"{figures[1]:5.3f} {lines[-1][1]:5.3f}{'  (fitted)' if name in may else ''}")
        print(f"mean calibration error: {np.mean([b for b, _ in lines]):.3f} by the program, {np.mean([a for _, a in lines]):.3f} fitted without the set")
        map_ = fit([sets[name] for name in may], balanced)
        print("second: {}, further: {}, slope: {:.3f}, intercept: {:.3f}".format(*map_))
        print(f"THRESHOLD = {best_threshold([(apply(sets[name], map_), sets[name]['y']) for name in may])}\n")
    reliability("own claims", own)
    if "reader" in rows:
        reliability("realistic outputs", [(row["p"], g) for row, g in zip(rows["reader"], gold)])


if __name__ == "__main__":
    main()
