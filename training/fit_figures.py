"""Fits what is made of the verifier's probabilities: the map of src/figures/faithfulness.rs, and the bounds of
src/figures/reliability.rs.

    python3 training/fit_figures.py with.jsonl

with.jsonl is what `fit_verifier.py` reads. Every probability here comes from a table that was fitted without the
document that it is about: documents are parted in five by a hash of their names, and each part is judged by what the
other four teach. So what is fitted here sees probabilities as good, or as bad, as those of texts that nobody has seen.

The map turns the claims' chances of being supported into one chance for the output: Platt's map of a product. Printed
first: what other shapes of the product would give, with the map as it is in the program. Then, for its own shape: for four choices of what it is fitted on, its slope and intercept, and the
calibration error of the map in the program beside that of a map that was fitted without the set in question; on sets
that nothing may be fitted on, with the table in the program. Then the figures of each set; then, by bound, how many
verdicts are right in outputs whose mean confidence lies above it. A map is worth taking where it does better on what it
did not see, and a bound where enough verdicts lie above it. Deterministic; needs numpy and scipy.
"""

import argparse
import hashlib
import random
import re
from pathlib import Path

import numpy as np

import fit_verifier as verifier
from fit_verifier import FEATURES, FITTED, HELD_OUT, NEURAL, Rows, auroc, fold

EDGE = 1e-6
# As in src/domain/verdict.rs and src/evidence/support.rs.
SUPPORTED_FROM, REFUTED_FROM, SURE, MODEL_ALONE = 0.4, 0.54, 0.58, 0.53
BORNE, DOUBTED = 0.44, 0.39
# How much the second lowest claim counts, and each further one beside the one before it.
SHAPES = [(0.6, 0.9), (0.5, 0.8), (0.4, 0.8), (0.3, 0.8), (0.2, 0.7), (0.1, 0.5), (0.0, 0.0)]
THRESHOLD = 0.45
MOST_CLAIMS = 8  # of an output that is made of own claims
PROGRAM = Path(__file__).parent.parent / "src" / "figures" / "faithfulness.rs"
TABLE = Path(__file__).parent.parent / "src" / "evidence" / "verifier_table.rs"


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
        x = np.concatenate([own.x] + [one.x for one in sets])
        w = verifier.fit(own, sets, x.mean(0), x.std(0) + 1e-6, signs, verifier.SHARE)
        w[-1, 0] += verifier.TRUER
        return w

    def judge(row, w):
        p = verifier.ruled(verifier.probabilities(Rows([row]).x, w), row["certain"])
        for one, known in zip(p, row["certain"]):
            if known["copied"]:
                continue
            if not known["against"] and one[1] < SURE:
                one[1] = min(one[1], MODEL_ALONE)
            if one[0] < BORNE or known["against"]:
                one[0] = min(one[0], DOUBTED)
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
    """Pairs of outputs of as many claims of one own source: one of true claims alone, one with others among them."""
    for row in rows:
        rng = random.Random(hashlib.sha256(row["doc"].encode()).digest())
        gold = np.array([verifier.LABELS.index(one) for one in row["gold"]])
        true, other = list(np.flatnonzero(gold == 0)), list(np.flatnonzero(gold != 0))
        rng.shuffle(true)
        rng.shuffle(other)
        while True:
            count = rng.randint(1, MOST_CLAIMS)
            wrong = rng.randint(1, max(1, count // 3))
            if len(true) < 2 * count - wrong or len(other) < wrong:
                break
            for part in (true[:count], other[:wrong] + true[count : 2 * count - wrong]):
                yield row["p"][part], gold[part]
            true, other = true[2 * count - wrong :], other[wrong:]


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


def fit(sets, shape, balanced):
    """Slope and intercept that make the labels of these sets likeliest, each set with the weight 1."""
    y = np.concatenate([one["y"] for one in sets])
    z = np.array([logit(chances, *shape) for one in sets for chances in one["chances"]])
    return platt(z, y, np.concatenate([weights(one["y"], balanced) for one in sets]))


def weights(y, balanced):
    if not balanced or y.min() == y.max():
        return np.full(len(y), 1 / len(y))
    return np.where(y == 1, 0.5 / max(y.sum(), 1), 0.5 / max((1 - y).sum(), 1))


def apply(one, shape, map_):
    return verifier.expit(map_[0] * np.array([logit(chances, *shape) for chances in one["chances"]]) + map_[1])


def calibration_error(parts):
    """Over outputs of several sets, each set with the same weight, in ten bins: sets of twenty have no error of their own."""
    p, y, w = (np.concatenate(values) for values in zip(*[(p, y, np.full(len(y), 1 / len(y))) for p, y in parts]))
    at = np.minimum((p * 10).astype(int), 9)
    return sum(abs((w * (p - y))[at == b].sum()) for b in range(10)) / w.sum()


def balanced_accuracy(p, y, threshold):
    said = p >= threshold
    return (said[y == 1].mean() + (~said[y == 0]).mean()) / 2


def best_threshold(pairs):
    usable = [(p, y) for p, y in pairs if 0 < y.sum() < len(y)]
    return max((i / 200 for i in range(1, 200)), key=lambda t: sum(balanced_accuracy(p, y, t) for p, y in usable))


def now():
    """The shape and the map in the program."""
    text = PROGRAM.read_text(encoding="utf-8")
    second, further, slope, intercept = (float(re.search(rf"\n    {name}: (-?[\d.]+),", text).group(1)) for name in ("second", "further", "slope", "intercept"))
    return (second, further), (slope, intercept)


def shipped(rows):
    """The probabilities of the table in the program, for sets that it was not fitted on."""
    text = TABLE.read_text(encoding="utf-8").split("WITH_MODEL")[1].split("];")[0]
    w = np.array([[float(one), float(two)] for one, two in re.findall(r"new\(\"\w+\", (-?[\d.]+), (-?[\d.]+)\)", text)])
    return [verifier.ruled(verifier.probabilities(Rows([row]).x, w), row["certain"])[:, 0] for row in rows]


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


def log_loss(p, y):
    """With the same weight for both labels."""
    return -(weights(y, True) * np.log(np.where(y == 1, p, 1 - p))).sum()


def shapes(sets, map_):
    """What other shapes of the product give, with one map for all, on documents that the table was not fitted on."""
    groups = {"ten headline sets": [n for n in verifier.HEADLINE if n in sets],
              "other sets": [n for n in sets if n not in verifier.HEADLINE and n not in ("own", "reader")],
              "outputs made of own claims": ["own"]}
    for shape in SHAPES:
        print(f"second {shape[0]}, further {shape[1]}")
        for title, names in groups.items():
            names = [n for n in names if 0 < sets[n]["y"].sum() < len(sets[n]["y"])]
            of = [(apply(sets[n], shape, map_), sets[n]["y"]) for n in names]
            mean = lambda figure: np.mean([figure(p, y) for p, y in of])
            print(f"    {title}: AUROC {mean(lambda p, y: auroc(y, p)):.4f}, balanced accuracy {mean(lambda p, y: balanced_accuracy(p, y, THRESHOLD)):.3f}, "
                  f"calibration error {calibration_error(of):.3f}, log loss {mean(log_loss):.4f}")
    several = [n for n in sets if n not in ("own", "reader") and np.mean([len(c) for c in sets[n]["chances"]]) > 1.1]
    loss = {(n, shape): log_loss(apply(sets[n], shape, map_), sets[n]["y"]) for n in several for shape in SHAPES}
    chosen = {n: min(SHAPES, key=lambda shape: sum(loss[o, shape] for o in several if o != n)) for n in several}
    print("of sets with several claims, log loss of a shape that was chosen by the others:",
          "  ".join(f"{n} {loss[n, chosen[n]]:.3f} by {chosen[n]} ({loss[n, SHAPES[0]]:.3f} by {SHAPES[0]})" for n in several))


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
    may = [name for name in FITTED if name in sets]
    if "reader" in rows:
        gold = [np.array([verifier.LABELS.index(one) for one in row["gold"]]) for row in rows["reader"]]
        sets["reader"] = {"chances": [row["p"][:, 0] for row in rows["reader"]], "y": np.array([float((g == 0).all()) for g in gold])}
    shape, old = now()
    shapes(sets, old)
    kept = {name: {"chances": shipped(rows[name]), "y": sets[name]["y"]} for name in sets if name not in ("own", *may)}
    for title, names, balanced in (("public sets, natural shares", may, False), ("public sets, both labels alike", may, True),
                                   ("public sets and own, natural shares", [*may, "own"], False), ("public sets and own, both labels alike", [*may, "own"], True)):
        left_out = {name: fit([sets[other] for other in names if other != name], shape, balanced) for name in sets}
        full = fit([sets[name] for name in names], shape, balanced)
        error = lambda of, map_: calibration_error([(apply(of[name], shape, map_(name)), of[name]["y"]) for name in of])
        fitted, others = {n: sets[n] for n in may}, {n: kept[n] for n in kept if n != "reader"}
        print(f"fitted on {title}: slope {full[0]:.3f}, intercept {full[1]:.3f}")
        for what, of in (("sets that are fitted, each left out", fitted), ("own", {"own": sets["own"]}), ("sets that nothing is fitted on", others), ("realistic", {"reader": kept["reader"]} if "reader" in kept else {})):
            if of:
                print(f"    {what}: calibration error {error(of, lambda name: old):.3f} by the map in the program, {error(of, left_out.get):.3f} by this one")
        pairs = [(apply(sets[name], shape, full), sets[name]["y"]) for name in may]
        print(f"    threshold {best_threshold(pairs)}")
    print(f"{'set':16} {'n':>5} {'true':>5} {'AUROC':>6} {'bal. at .45':>6}")
    for name, one in sets.items():
        p, y = apply(kept.get(name, one), shape, old), one["y"]
        print(f"{name:16} {len(y):5} {y.mean():5.2f} {auroc(y, p):6.3f} {balanced_accuracy(p, y, THRESHOLD) if 0 < y.sum() < len(y) else float('nan'):6.3f}{'  (fitted)' if name in may else ''}")
    reliability("own claims", own)
    if "reader" in rows:
        reliability("realistic outputs", [(row["p"], g) for row, g in zip(rows["reader"], gold)])


if __name__ == "__main__":
    main()
