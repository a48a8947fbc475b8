"""Figures of a judge on what is kept for measuring.

    python measure.py --cache FOLDER --judge first.pt second.pt

AUROC of `supported` by set; of own texts and the reader's also true against false, true against unknown, three-way accuracy.
"""

import argparse
from pathlib import Path

import numpy
import torch
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from torch.nn import functional

import model
from bank import Stage, batch, evidence

EVIDENCE = 5
HEADLINE = ("ragtruth_qa", "factscore", "factcheckgpt", "summedits", "cliff", "diasumfact", "fm2", "scifact", "nli4ct", "feversym")


def judged(judge, stages, chosen, every=1):
    """Logits of each chosen example: of a whole output those of its least supported sentence."""
    work = []
    for stage in stages:
        for example in stage.examples:
            if example["held"] and chosen(example) and example["source"] % every == 0:
                for number, order in enumerate(example["ranks"]):
                    source = stage.sources[example["source"]]
                    units = evidence(source, order, stage.places, EVIDENCE)
                    work.append((stage, example, number, [(example["source"], unit) for unit in units]))
    work.sort(key=lambda w: (len(w[3]), w[0].places[w[1]["claims"][w[2]]][1]))
    lowest = {}
    judge.eval()
    for start in range(0, len(work), 64):
        part = work[start : start + 64]
        claim, rows, layout, evidence_mask, take = batch(part)
        with torch.no_grad(), model.precision():
            logits, _ = judge(claim, rows, layout, evidence_mask, take)
        logits = logits.float().numpy()
        for (stage, example, _, _), one in zip(part, logits):
            key = id(example)
            odds = one[0] - numpy.logaddexp(one[1], one[2])
            if key not in lowest or odds < lowest[key][0]:
                lowest[key] = (odds, one, example)
    return list(lowest.values())


def auroc(pairs):
    labels = [label for _, label in pairs]
    return roc_auc_score(labels, [score for score, _ in pairs]) if len(set(labels)) > 1 else float("nan")


def three_way(found):
    label = numpy.array([e["label"] for _, _, e in found])
    odds = numpy.array([o for o, _, _ in found])
    said = numpy.array([int(one.argmax()) for _, one, _ in found])
    out = {"n": len(found), "3way": float((label == said).mean()), "ba3": float(balanced_accuracy_score(label, said))}
    for name, other in (("T/F", 1), ("T/U", 2)):
        keep = (label == 0) | (label == other)
        out[name] = auroc(list(zip(odds[keep], label[keep] == 0)))
    out["sup"] = auroc(list(zip(odds, label == 0)))
    keep = label != 0
    out["F/U"] = auroc([(one[1] - one[2], e["label"] == 1) for _, one, e in found if e["label"] != 0])
    twins = {}
    for o, _, e in found:
        if e["twin"] is not None:
            twins.setdefault(e["twin"], {})[e["label"]] = o
    both = [pair[0] > pair[1] for pair in twins.values() if 0 in pair and 1 in pair]
    if both:
        out["twins"] = float(numpy.mean(both))
    out["F said S"] = float((said[label == 1] == 0).mean())
    out["T said F"] = float((said[label == 0] == 1).mean())
    return {key: round(value, 3) for key, value in out.items()}


def figures(judge, stages, sets=True, every=1):
    out = {"own": three_way(judged(judge, stages, lambda e: e["set"] == "own", every)),
           "reader": three_way(judged(judge, stages, lambda e: e["set"] == "reader"))}
    if sets:
        by = {}
        for odds, _, example in judged(judge, stages, lambda e: e["set"] not in ("own", "reader")):
            by.setdefault(example["set"], []).append((odds, example["label"] == 0))
        out["sets"] = {name: round(auroc(pairs), 3) for name, pairs in sorted(by.items())}
        out["macro"] = round(float(numpy.mean(list(out["sets"].values()))), 4)
        out["headline"] = round(float(numpy.mean([out["sets"][name] for name in HEADLINE if name in out["sets"]])), 4)
    return out


def calibration(judge, stages):
    """A divisor and three offsets of the logits, so that the chances of the three labels fit held-out own texts best."""
    found = judged(judge, stages, lambda e: e["set"] == "own")
    logits = torch.tensor(numpy.array([one for _, one, _ in found]), dtype=torch.float64)
    label = torch.tensor([e["label"] for _, _, e in found])
    sharp, offset = torch.ones(1, dtype=torch.float64, requires_grad=True), torch.zeros(3, dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS([sharp, offset], max_iter=100, line_search_fn="strong_wolfe")

    def closure():
        search.zero_grad()
        loss = functional.cross_entropy(logits * sharp + offset, label)
        loss.backward()
        return loss

    search.step(closure)
    numbers = [1 / sharp.item(), *(offset - offset.mean()).tolist()]
    return ",".join(f"{number:.4f}" for number in numbers)


def untrained(stages):
    """The soft alignment alone: mean cosine of a claim's three least aligned content words."""
    for name in ("own", "reader"):
        of = [(e["least"][0], e["label"]) for s in stages for e in s.examples if e["held"] and e["set"] == name]
        print("untrained alignment", name, {
            "true against " + other: round(auroc([(s, l == 0) for s, l in of if l in (0, number)]), 3)
            for other, number in (("false", 1), ("unknown", 2))})
    by = {}
    for stage in stages:
        for e in stage.examples:
            if e["held"] and e["set"] not in ("own", "reader"):
                by.setdefault(e["set"], []).append((min(e["least"]), e["label"] == 0))
    sets = {name: round(auroc(pairs), 3) for name, pairs in sorted(by.items())}
    print("untrained alignment, sets", sets, "headline", round(float(numpy.mean([sets[n] for n in HEADLINE if n in sets])), 4))


def main():
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--cache", required=True)
    wanted.add_argument("--judge", nargs="*")
    wanted = wanted.parse_args()
    torch.set_num_threads(1)
    stages = [Stage(wanted.cache, path.stem) for path in sorted(Path(wanted.cache).glob("*.pickle")) if path.stem != "widened"]
    untrained(stages)
    if wanted.judge:
        judge = model.load_all(wanted.judge)
        print("calibration", calibration(judge, stages))
        for name, value in figures(judge, stages).items():
            print(name, value)


if __name__ == "__main__":
    main()
