"""The prepared rows and examples, and batches made of them."""

import difflib
import pickle
from pathlib import Path

import numpy
import torch

import model

MOST_ROWS = 160


class Stage:
    def __init__(self, folder, name):
        with open(Path(folder) / f"{name}.pickle", "rb") as file:
            kept = pickle.load(file)
        self.places, self.sources, self.examples = kept["places"], kept["sources"], kept["examples"]
        self.rows = numpy.memmap(Path(folder) / f"{name}.rows", numpy.float16, "r").reshape(-1, model.WIDTH)
        self.changed = changed_tokens(self.examples, self.places)

    def states(self, text):
        start, count, _ = self.places[text]
        return self.rows[start : start + count]


def changed_tokens(examples, places):
    """Of each false twin, which of its tokens differ from the true one: there it is decided."""
    true = {e["twin"]: e["claims"][0] for e in examples if e["twin"] is not None and e["label"] == 0}
    out = {}
    for number, e in enumerate(examples):
        if e["twin"] in true and e["twin"] is not None and e["label"] == 1:
            old, new = places[true[e["twin"]]][2], places[e["claims"][0]][2]
            mark = numpy.zeros(places[e["claims"][0]][1], numpy.float32)
            for kind, _, _, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
                if kind != "equal":
                    mark[start : max(end, start + 1)] = 1
            if mark[:-1].mean() < 0.5:
                out[number] = mark
    return out


def evidence(source, order, places, count, most=MOST_ROWS):
    """The first `count` sentences of a ranking with the heading or table header of each, in the source's order."""
    chosen, rows = set(), 0
    for unit in order[:count]:
        for one in (unit, source["leads"][unit]):
            if one is not None and one not in chosen and rows + places[source["units"][one]][1] <= most:
                chosen.add(one)
                rows += places[source["units"][one]][1]
    return sorted(chosen)


def batch(wanted):
    """`wanted`: (stage, example, claim number, sentences [(source number, unit)]) of each claim; tensors for the judge."""
    claims = [stage.states(example["claims"][number]) for stage, example, number, _ in wanted]
    layout = model.Layout([len(rows) for rows in claims])
    claim = torch.from_numpy(numpy.concatenate(claims).astype(numpy.float32))
    starts, parts, total, lists = {}, [numpy.zeros((1, model.WIDTH), numpy.float16)], 1, []
    for stage, _, _, sentences in wanted:
        take = []
        for source, unit in sentences:
            text = stage.sources[source]["units"][unit]
            key = (id(stage), text)
            if key not in starts:
                parts.append(stage.states(text))
                starts[key] = (total, total + len(parts[-1]))
                total += len(parts[-1])
            take.extend(range(*starts[key]))
        lists.append(take)
    longest = max(1, max(map(len, lists)))
    take = torch.zeros(len(wanted), longest, dtype=torch.int64)
    evidence_mask = torch.full((len(wanted), longest), model.FAR)
    for row, places in enumerate(lists):
        take[row, : len(places)] = torch.tensor(places, dtype=torch.int64)
        evidence_mask[row, : len(places)] = 0
    return claim, torch.from_numpy(numpy.concatenate(parts).astype(numpy.float32)), layout, evidence_mask, take


def support(logits):
    """Log odds of `supported`."""
    return logits[:, 0] - torch.logsumexp(logits[:, 1:], 1)
