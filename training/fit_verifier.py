"""Fits the table of src/evidence/verifier_table.rs: a claim's values to the probabilities of its three labels.

    cargo bench --bench features -- own.jsonl sets.jsonl > with.jsonl
    cargo bench --bench features -- --no-neural own.jsonl sets.jsonl > without.jsonl
    python3 training/fit_verifier.py with.jsonl without.jsonl [--table src/evidence/verifier_table.rs]

A line of both is what benches/features.rs prints. Claims with labels of their own (the project's texts)
teach by cross entropy; outputs with one label for the whole (third-party sets) teach by a noisy-and over their
claims, with an intercept for each set that is thrown away, since sets differ in how many outputs are faithful.
Only the sets in FITTED are learnt from. Printed: figures of each set with that set left out, of held-out own
sources, then the table. Deterministic; needs numpy and scipy.
"""

import argparse
import collections
import hashlib
import json

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import rankdata

FITTED = """factcheckgpt expertqa summedits summeval bump fm2 feversym dialfact begin faithdial_audit
    q2_wow rank19""".split()
HEADLINE = """ragtruth_qa factscore factcheckgpt summedits cliff diasumfact fm2 scifact nli4ct
    feversym""".split()
# Each value with the sign that it may have for support: what the source has counts for a claim, what it lacks or
# contradicts against it; 0 where both make sense.
FEATURES = [("best", 1), ("coverage", 1), ("pairs", 1), ("run", 1), ("verbatim", 1), ("known", 1), ("unknown_words", -1),
            ("unknown_names", -1), ("length", 0), ("held", 1), ("number_against", -1), ("number_missing", -1),
            ("date_against", -1), ("date_missing", -1), ("name_against", -1), ("name_missing", -1), ("opposite", -1),
            ("negation", -1), ("order", -1), ("quantity", -1), ("roles", -1), ("subject", -1), ("arithmetic", -1), ("unit", -1), ("certainty", -1), ("other_against", -1), ("other_missing", -1),
            ("one_negated", -1), ("rule_supported", 1), ("rule_refuted", -1),
            ("rule_supported_all", 1), ("rule_refuted_closely", -1), ("derived", 1), ("derived_loosely", 1),
            ("value_apart", -1), ("name_apart", -1), ("value_rivals", -1), ("name_rivals", -1), ("rival_nearer", -1)]
NEURAL = [("least_aligned", 1), ("soft_coverage", 1), ("best_sentence", 1), ("model_supported", 1), ("model_refuted", -1)]
LABELS = ["SUPPORTED", "REFUTED", "NOT_ENOUGH_INFO"]
RIDGE = 3e-3
SHARE = 0.15  # how much all sets count beside the own texts in the table with the model
# Outputs that people audit have more true claims than the own texts, where each true one has a false twin: what is added to
# the logit of support for it, with the model. Chosen on the realistic outputs, as the bounds are.
TRUER = 0.1
# From which probability on the verifier alone says a label: BORNE and SURE of src/evidence/support.rs.
SUPPORTED_FROM, REFUTED_FROM = 0.44, 0.58
# As in src/evidence/support.rs: what rules know better than the table.
COPIED, CONTRADICTED, VETO = 0.999, 0.6, 0.35
# As in src/evidence/support.rs and src/domain/verdict.rs: what bounds keep back, and from which probability on a label is given.
MODEL_ALONE, DOUBTED, SUPPORTED_LEAST, REFUTED_LEAST = 0.53, 0.39, 0.4, 0.54
# What the bounds may cost at most on the realistic outputs: false claims called supported, true ones called refuted.
MOST_FALSE, MOST_TRUE = 11, 3
HELD_OUT = 5


def auroc(y, score):
    y, rank = np.asarray(y), rankdata(score)
    ones = (y == 1).sum()
    if ones in (0, len(y)):
        return float("nan")
    return (rank[y == 1].sum() - ones * (ones + 1) / 2) / (ones * (y == 0).sum())


def fold(doc):
    return int(hashlib.sha256(doc.encode()).hexdigest(), 16) % HELD_OUT


class Rows:
    """All claims of a group, with the output that each belongs to."""

    def __init__(self, rows):
        self.x = np.vstack([np.array(row["values"], float) for row in rows])
        counts = [len(row["values"]) for row in rows]
        self.item = np.repeat(np.arange(len(rows)), counts)
        self.n = np.array(counts, float)
        self.size = len(rows)
        self.certain = [one for row in rows for one in row["certain"]]
        if rows[0]["gold"]:
            self.gold = np.array([LABELS.index(g) for row in rows for g in row["gold"]])
        else:
            self.y = np.array([float(row["label"]) for row in rows])
            share = self.y.mean()
            self.weight = np.where(self.y == 1, 0.5 / max(share, 1e-9), 0.5 / max(1 - share, 1e-9)) / len(rows)


def together(group, z):
    """Logit of an output by its claims' logits of support, up to the set's intercept; and its slope by each of them."""
    total = np.bincount(group.item, np.logaddexp(0, -z), group.size) * group.n**-0.5 + 1e-9
    slope = 2 * group.n**-0.5 / total
    return -2 * np.log(total), slope[group.item] * expit(-z)


def entropy(z, y):
    """Cross entropy of logits, one by one."""
    return np.logaddexp(0, z) - y * z


def minimise(loss, bounds):
    """The weights with the least loss, which comes with its gradient."""
    start = np.zeros(len(bounds))
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500}).x


def fit(own, sets, mean, scale, signs, share):
    """Two rows of weights and bias: supported or not; of what is not, refuted or not."""
    count = len(mean)
    standard = lambda group: (group.x - mean) / scale
    xs, x_own = [standard(s) for s in sets], standard(own)
    supported = (own.gold == 0).astype(float)

    def first(w):
        ridge, bias = w[:count], w[count]
        z = x_own @ ridge + bias
        value = RIDGE * (ridge**2).sum() + entropy(z, supported).mean()
        wrong = (expit(z) - supported) / len(z)
        gradient = np.concatenate([2 * RIDGE * ridge + x_own.T @ wrong, [wrong.sum()], np.zeros(len(sets))])
        for at, (s, x) in enumerate(zip(sets, xs)):
            whole, slope = together(s, x @ ridge + bias)
            t = whole + w[count + 1 + at]
            counts = share / len(sets) * s.weight
            value += (counts * entropy(t, s.y)).sum()
            wrong = counts * (expit(t) - s.y)
            each = wrong[s.item] * slope
            gradient[:count] += x.T @ each
            gradient[count] += each.sum()
            gradient[count + 1 + at] += wrong.sum()
        return value, gradient

    free = (None, None)
    bounds = [{1: (0, None), -1: (None, 0), 0: free}[sign] for sign in signs]
    one = minimise(first, bounds + [free] * (1 + len(sets)))[: count + 1]
    false = own.gold != 0
    x_false, refuted = x_own[false], (own.gold[false] == 1).astype(float)

    def second(w):
        z = x_false @ w[:count] + w[count]
        wrong = (expit(z) - refuted) / len(z)
        gradient = np.concatenate([2 * RIDGE * w[:count] + x_false.T @ wrong, [wrong.sum()]])
        return RIDGE * (w[:count] ** 2).sum() + entropy(z, refuted).mean(), gradient

    w = np.stack([one, minimise(second, [free] * (count + 1))], 1)
    w[:-1] /= scale[:, None]
    w[-1] -= mean @ w[:-1]
    return w


def probabilities(x, w):
    z = x @ w[:-1] + w[-1]
    s, r = expit(z[:, 0]), expit(z[:, 1])
    return np.stack([s, (1 - s) * r, (1 - s) * (1 - r)], 1)


def ranked_product(p, groups, size, second=0.6, further=0.9):
    """As figures::faithfulness: the worst claim in full, each further one less."""
    out = np.ones(size)
    by = collections.defaultdict(list)
    for value, item in zip(p, groups):
        by[item].append(value)
    for item, values in by.items():
        counts = 1.0
        for place, value in enumerate(sorted(values)):
            out[item] *= 1 - counts * (1 - value)
            counts = second if place == 0 else counts * further
    return out


def ruled(p, certain):
    """The probabilities as the program gives them: with what rules know better than the table."""
    p = p.copy()
    for row, known in zip(p, certain):
        if known["copied"]:
            row[:2] = COPIED, (1 - COPIED) / 2
        elif known["contradicted"] and row[1] < CONTRADICTED:
            row[:2] = row[0] * (1 - CONTRADICTED) / (1 - row[1]), CONTRADICTED
        elif known["least"] is not None and row[0] < known["least"]:
            row[:2] = known["least"], row[1] * (1 - known["least"]) / (1 - row[0])
        if known["hard"] and row[0] > VETO:
            row[:2] = VETO, row[1] + row[0] - VETO
        row[2] = 1 - row[0] - row[1]
    return p


def said(p, supported, refuted):
    label = np.full(len(p), 2)
    label[(p[:, 1] >= refuted) & (p[:, 1] > p[:, 2])] = 1
    label[(p[:, 0] >= supported) & (p[:, 0] > p[:, 1]) & (p[:, 0] > p[:, 2])] = 0
    return label


def ece(p, true, bins=10):
    """Calibration error of a probability, in bins of equal width."""
    at = np.minimum((p * bins).astype(int), bins - 1)
    return sum(abs(p[at == b].mean() - true[at == b].mean()) * (at == b).mean() for b in range(bins) if (at == b).any())


def three_way(title, p, gold):
    true, false = gold == 0, gold != 0
    print(f"{title:13s} AUROC supported {auroc(true, p[:, 0]):.3f} (refuted {auroc(true[gold != 2], p[gold != 2, 0]):.3f}, "
          f"unknown {auroc(true[gold != 1], p[gold != 1, 0]):.3f}), calibration error of supported {ece(p[:, 0], true):.3f}")
    for supported in (SUPPORTED_FROM - 0.04, SUPPORTED_FROM, SUPPORTED_FROM + 0.04):
        for refuted in (REFUTED_FROM - 0.04, REFUTED_FROM, REFUTED_FROM + 0.04):
            label = said(p, supported, refuted)
            print(f"    from {supported:.2f} and {refuted:.2f}: accuracy {np.mean(label == gold):.3f}  "
                  f"false marked supported {np.mean(label[false] == 0):.3f}  true marked refuted {np.mean(label[true] == 1):.3f}  "
                  f"true marked unknown {np.mean(label[true] == 2):.3f}  refuted found {np.mean(label[gold == 1] == 1):.3f}")


def bounded(p, certain, supported, refuted):
    """The probabilities as the program gives them, with these bounds."""
    p = p.copy()
    for row, known in zip(p, certain):
        if known["copied"]:
            continue
        if not known["against"] and row[1] < refuted:
            row[1] = min(row[1], MODEL_ALONE)
        if row[0] < supported or known["against"]:
            row[0] = min(row[0], DOUBTED)
        row[2] = 1 - row[0] - row[1]
    return p


def raised(p, by):
    """The probabilities with the logit of support raised."""
    s = np.clip(p[:, 0], 1e-12, 1 - 1e-12)
    share = p[:, 1] / (1 - s)
    s = expit(np.log(s / (1 - s)) + by)
    return np.stack([s, (1 - s) * share, (1 - s) * (1 - share)], 1)


def choices(reader, own, count=6):
    """What may be chosen for TRUER and the bounds: what keeps to MOST_FALSE and MOST_TRUE on the realistic outputs, the
    most accurate first, by own texts where these are alike."""
    found = []
    for by in np.arange(0, 0.61, 0.1):
        (p, gold, certain), (p_own, gold_own, certain_own) = ((ruled(raised(p, by), known), g, known) for p, g, known in (reader, own))
        for supported in np.arange(0.40, 0.57, 0.01):
            for refuted in np.arange(0.54, 0.67, 0.02):
                label = said(bounded(p, certain, supported, refuted), SUPPORTED_LEAST, REFUTED_LEAST)
                cost = (label[gold != 0] == 0).sum(), (label[gold == 0] == 1).sum()
                if cost[0] <= MOST_FALSE and cost[1] <= MOST_TRUE:
                    label_own = said(bounded(p_own, certain_own, supported, refuted), SUPPORTED_LEAST, REFUTED_LEAST)
                    found.append((np.mean(label == gold), np.mean(label_own == gold_own), by, supported, refuted, *cost))
    for one in sorted(found, key=lambda one: (-one[0], -one[1]))[:count]:
        print("    may be chosen: realistic {:.3f}, own {:.3f} with TRUER {:.1f}, bounds {:.2f} and {:.2f}; false called supported {}, true called refuted {}".format(*one))


def read(path, features):
    """What benches/features.rs printed, by data set."""
    rows = collections.defaultdict(list)
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        # Texts that the model does not look at (in other languages) are for the other table.
        kept = [len(v) == len(features) for v in row["values"]]
        row["values"], row["certain"] = ([one for one, keep in zip(row[key], kept) if keep] for key in ("values", "certain"))
        if row["gold"] and len(row["values"]) != len(row["gold"]):
            continue
        if row["values"]:
            rows[row["dataset"]].append(row)
    return rows


def report(title, features, path, share, truer):
    print(f"== {title}")
    rows = read(path, features)
    own_rows = rows.pop("own")
    reader = Rows(rows.pop("reader")) if "reader" in rows else None
    sets = {name: Rows(rows[name]) for name in rows}
    own = Rows(own_rows)
    fitted = [name for name in FITTED if name in sets]
    everything = np.concatenate([own.x] + [sets[name].x for name in fitted])
    mean, scale = everything.mean(0), everything.std(0) + 1e-6
    signs = [sign for _, sign in features]

    def fitting(own, names):
        return fit(own, [sets[name] for name in names], mean, scale, signs, share)

    def given(p, certain):
        return ruled(raised(p, truer), certain)

    p, gold, certain = [], [], []
    for at in range(HELD_OUT):
        test = Rows([r for r in own_rows if fold(r["doc"]) == at])
        part = fitting(Rows([r for r in own_rows if fold(r["doc"]) != at]), fitted)
        p.append(probabilities(test.x, part))
        gold.append(test.gold)
        certain += test.certain
    p, gold = np.concatenate(p), np.concatenate(gold)
    three_way("own", given(p, certain), gold)
    w = fitting(own, fitted)
    if reader:
        p_reader = probabilities(reader.x, w)
        three_way("reader", given(p_reader, reader.certain), reader.gold)
        if features[-1] == NEURAL[-1]:
            choices((p_reader, reader.gold, reader.certain), (p, gold, certain))
    figures = {}
    for name, s in sets.items():
        left = w if name not in fitted else fitting(own, [o for o in fitted if o != name])
        p = given(probabilities(s.x, left), s.certain)
        figures[name] = auroc(s.y, ranked_product(p[:, 0], s.item, s.size))
    print("  ".join(f"{name} {value:.3f}" for name, value in figures.items()))
    print(f"mean of the ten {np.mean([figures[n] for n in HEADLINE if n in figures]):.4f}")
    w[-1, 0] += truer
    # What the program has: four digits. Adding 0 takes the sign from a zero.
    w = w.round(4) + 0
    for (name, _), line in zip(features + [("bias", 0)], w):
        print(f"  {name:20s} {line[0]:8.3f} {line[1]:8.3f}")
    rows = "".join(
        f'    Weights::new("{name}", {line[0]:.4f}, {line[1]:.4f}),\n'
        for (name, _), line in zip(features + [("bias", 0)], w)
    )
    return rows, w, own_rows


def write_golden(path, w, rows):
    """Values of some own claims and what the table makes of them, to test the program's arithmetic."""
    x = np.vstack([np.array(row["values"], float) for row in rows[:: max(1, len(rows) // 6)]])[::7][:24].round(4)
    lines = (json.dumps({"values": one.tolist(), "supported": p[0], "refuted": p[1]}) for one, p in zip(x, probabilities(x, w).tolist()))
    with open(path, "w", encoding="utf-8") as file:
        file.write("[\n " + ",\n ".join(lines) + "\n]\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("with_model")
    parser.add_argument("rules_alone")
    parser.add_argument("--share", type=float, default=SHARE, help="how much all sets count beside the own texts")
    parser.add_argument("--share-alone", type=float, default=1.0, help="the same for the table without the model")
    parser.add_argument("--table")
    parser.add_argument("--golden", help="tests/golden/verifier.json: some claims and what the table with the model makes of them")
    args = parser.parse_args()
    with_model, w, own = report("with the model", FEATURES + NEURAL, args.with_model, args.share, TRUER)
    rules_alone, _, _ = report("rules alone", FEATURES, args.rules_alone, args.share_alone, 0)
    if args.golden:
        write_golden(args.golden, w, own)
    if args.table:
        with open(args.table, encoding="utf-8") as file:
            head = file.read().split("/// With the neural model's figures.")[0]
        with open(args.table, "w", encoding="utf-8") as file:
            file.write(head)
            file.write("/// With the neural model's figures.\n#[rustfmt::skip]\npub(super) const WITH_MODEL: &[Weights] = &[\n" + with_model + "];\n\n")
            file.write("/// Without them.\n#[rustfmt::skip]\npub(super) const RULES_ALONE: &[Weights] = &[\n" + rules_alone + "];\n")


if __name__ == "__main__":
    main()
