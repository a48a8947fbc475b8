"""Trains the judge on prepared rows.

    python train.py --cache FOLDER --out judge.pt --pairs 130000 --seed 1

Batches hold several claims of one source with both twins. Losses: cross entropy of the three labels; for a whole
output only the least supported sentence counts; a ranking loss between twins; and which tokens of a false twin are wrong.
"""

import argparse
import copy
import json
import random
import time
from pathlib import Path

import numpy
import torch
from torch.nn import functional

import measure
import model
from bank import Stage, batch, evidence, support

BATCH = 96
MOST_ROWS = 96  # of evidence while training, fewer than a judge may read later
PEAK, PEAK_ON = 1e-3, 7e-4  # highest step sizes, from the start and going on from a judge
DROPOUT = 0.25
WARM = 0.03
EARLY = {"widened": 0.42, "own": 0.25, "own_edited": 0.13, "edited": 0.08, "fitted": 0.12}
LATE = {"widened": 0.15, "own": 0.46, "own_edited": 0.14, "edited": 0.07, "fitted": 0.18}
EARLY_SHARE = 0.40
NOTHING_FOUND, ELSEWHERE = 0.07, 0.03


class Draws:
    """Draws claims for batches: all of one document and kind together, documents in random order, each as often as another."""

    def __init__(self, folder, rng):
        self.folder, self.rng, self.groups, self.waiting, self.stages = Path(folder), rng, {}, {}, {}
        self.look()

    def look(self):
        """Loads what was prepared since the last look, so that texts can be written while the training runs."""
        for path in sorted(self.folder.glob("*.pickle")):
            if path.stem in self.stages:
                continue
            stage, by = Stage(self.folder, path.stem), {}
            self.stages[path.stem] = stage
            for number, example in enumerate(stage.examples):
                if example["held"]:
                    continue
                kind = example["set"] if example["set"] in EARLY else "fitted"
                by.setdefault((kind, example["set"], example["source"]), []).append((stage, number))
            for (kind, _, _), members in by.items():
                self.groups.setdefault(kind, []).append(members)
                self.waiting[kind] = []
            print("loaded", path.stem, {kind: len(groups) for kind, groups in self.groups.items()}, flush=True)

    def take(self, kind, most):
        """Up to `most` examples of one source, twins together."""
        if not self.waiting.get(kind):
            self.waiting[kind] = list(range(len(self.groups[kind])))
            self.rng.shuffle(self.waiting[kind])
        members = self.groups[kind][self.waiting[kind].pop()]
        twins = {}
        for stage, number in members:
            twin = stage.examples[number]["twin"]
            twins.setdefault(("t", twin) if twin is not None else ("n", number), []).append((stage, number))
        units = list(twins.values())
        self.rng.shuffle(units)
        out = []
        for unit in units:
            if len(out) >= most:
                break
            out += unit
        return out

    def sentences(self, stage, example, order, kind):
        """Evidence for a claim and its label with that evidence, which is another where the evidence is taken away."""
        rng, source, label = self.rng, stage.sources[example["source"]], example["label"]
        if kind == "widened":
            return [(example["source"], unit) for unit in evidence(source, order, stage.places, 9, MOST_ROWS)], label
        if label >= 0 and len(example["claims"]) == 1 and rng.random() < ELSEWHERE:
            other = rng.randrange(len(stage.sources))
            units = stage.sources[other]["units"]
            some = [unit for unit in rng.sample(range(len(units)), min(4, len(units))) if units[unit] in stage.places]
            if other != example["source"] and some:
                return [(other, unit) for unit in sorted(some)], 2
        if label in (0, 1) and len(example["claims"]) == 1 and len(order) >= 7 and rng.random() < NOTHING_FOUND:
            gone = 1 if "edited" in kind else 3
            units = evidence(source, order[gone:], stage.places, 4, MOST_ROWS)
            return [(example["source"], unit) for unit in units if unit not in order[:gone]], 2
        count = rng.choice((1, 2, 3) if "edited" in kind else (1, 2, 3, 4))
        return [(example["source"], unit) for unit in evidence(source, order, stage.places, count, MOST_ROWS)], label

    def batch(self, shares):
        wanted, items = [], []
        while len(wanted) < BATCH:
            kind = self.rng.choices(list(shares), list(shares.values()))[0]
            # A draw of few claims is taken more often, so that the shares are shares of claims.
            for stage, number in [m for _ in range(DRAWS[kind][0]) for m in self.take(kind, DRAWS[kind][1])]:
                example, rows, label = stage.examples[number], [], None
                for claim, order in enumerate(example["ranks"]):
                    sentences, label = self.sentences(stage, example, order, kind)
                    rows.append(len(wanted))
                    wanted.append((stage, example, claim, sentences))
                items.append((rows, label, example["twin"], stage, number, label == example["label"]))
        return wanted, items


DRAWS = {"own": (1, 12), "widened": (8, 3), "own_edited": (2, 6), "edited": (2, 6), "fitted": (4, 3)}


def loss_of(logits, token, items, layout):
    odds = support(logits)
    single, goals, bags, twins, marks = [], [], [], {}, []
    for rows, label, twin, stage, number, same in items:
        if label == 0 or (len(rows) == 1 and label > 0):
            single += rows
            goals += [label] * len(rows)
        else:
            bags.append(rows)
        if len(rows) == 1 and same:
            if twin is not None:
                twins.setdefault((id(stage), twin), {})[label] = rows[0]
            if label == 0 or number in stage.changed:
                marks.append((rows[0], None if label == 0 else stage.changed[number]))
    total = functional.cross_entropy(logits[single], torch.tensor(goals), label_smoothing=0.05) * (len(single) / len(odds))
    if bags:
        # Of an output that is wrong somewhere, the least supported sentence has to be the wrong one.
        least = torch.stack([-torch.logsumexp(-odds[rows], 0) for rows in bags])
        total = total + functional.softplus(least).sum() / len(odds)
    both = [(pair[0], pair[1]) for pair in twins.values() if 0 in pair and 1 in pair]
    if both:
        true, false = (list(side) for side in zip(*both))
        total = total + 0.5 * functional.softplus(odds[false] - odds[true]).mean()
    if marks:
        rows = [row for row, _ in marks]
        goal = torch.zeros(len(rows), token.shape[1])
        for place, (_, mark) in enumerate(marks):
            if mark is not None:
                goal[place, : len(mark)] = torch.from_numpy(mark)
        weight = (layout.mask[rows] == 0).float() * (1 + 3 * goal)
        each = functional.binary_cross_entropy_with_logits(token[rows, :, 0], goal, reduction="none")
        total = total + 0.5 * (each * weight).sum() / weight.sum()
    return total


def main():
    wanted = argparse.ArgumentParser(description=__doc__)
    for name in ("cache", "out"):
        wanted.add_argument("--" + name, required=True)
    wanted.add_argument("--pairs", type=int, default=130000)
    wanted.add_argument("--minutes", type=float, default=1e9, help="end after so many minutes if that is sooner")
    wanted.add_argument("--every", type=float, default=5, help="minutes between measurements")
    wanted.add_argument("--seed", type=int, default=1)
    wanted.add_argument("--start", help="a judge to go on from")
    wanted.add_argument("--late", action="store_true", help="only the late mix")
    wanted.add_argument("--peak", type=float, help="the highest step size, where it is to be another")
    wanted = wanted.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(wanted.seed)
    rng = random.Random(wanted.seed)
    draws = Draws(wanted.cache, rng)
    if wanted.start:
        judge, _ = model.load(wanted.start)
    else:
        judge = model.Judge()
    mean = copy.deepcopy(judge)
    peak = wanted.peak or (PEAK_ON if wanted.start else PEAK)
    optimizer = torch.optim.AdamW(judge.parameters(), lr=peak, weight_decay=0.05)
    started, pairs, step, last, running = time.time(), 0, 0, time.time(), []
    while True:
        progress = max(pairs / wanted.pairs, (time.time() - started) / 60 / wanted.minutes)
        stages = list(draws.stages.values())
        if time.time() - last > wanted.every * 60 or progress >= 1:
            done = progress >= 1
            found = measure.figures(mean, stages, sets=done, every=1 if done else 3)
            found = {"pairs": pairs, "minutes": round((time.time() - started) / 60, 1), "loss": round(float(numpy.mean(running[-300:])), 4), **found}
            print(json.dumps(found), flush=True)
            model.save(mean, wanted.out + ".new", **found)
            Path(wanted.out + ".new").replace(wanted.out)
            last = time.time()
            if done:
                return
        for group in optimizer.param_groups:
            group["lr"] = peak * min(1.0, progress / WARM + 0.02) * (1 - 0.97 * max(0.0, progress - WARM) / (1 - WARM))
        share = 1.0 if wanted.late else min(1.0, max(0.0, (progress - EARLY_SHARE / 2) / EARLY_SHARE))
        shares = {kind: ((1 - share) * EARLY[kind] + share * LATE[kind]) / (DRAWS[kind][0] * DRAWS[kind][1])
                  for kind in EARLY if kind in draws.groups}
        picked, items = draws.batch(shares)
        claim, rows, layout, evidence_mask, take = batch(picked)
        judge.train()
        with model.precision():
            logits, token = judge(claim, rows, layout, evidence_mask, take, dropout=DROPOUT)
        loss = loss_of(logits.float(), token.float(), items, layout)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        pairs, step = pairs + len(picked), step + 1
        running.append(loss.item())
        keep = min(0.995, step / (step + 20))
        with torch.no_grad():
            for slow, fast in zip(mean.parameters(), judge.parameters()):
                slow.lerp_(fast, 1 - keep)
        if step % 50 == 0:
            draws.look()
            print(f"step {step} pairs {pairs} loss {numpy.mean(running[-50:]):.4f} {pairs / (time.time() - started):.0f}/s", flush=True)


if __name__ == "__main__":
    main()
