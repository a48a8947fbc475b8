"""Cuts, encodes and ranks once what the training reads many times.

    python prepare.py --package EMBEDDINGS --data DATA --texts FOLDER --out FOLDER --stage own|own_more|fitted|measured|widened

A stage writes STAGE.rows (hidden states, float16), and STAGE.pickle (texts with their place in the rows, sources, examples).
"""

import argparse
import pickle
import time
from pathlib import Path

import numpy
import torch

import model
import texts

MOST_UNIT_TOKENS = 80
MOST_CLAIM_TOKENS = 64
RANKED = 9
EDITED_SETS = ("fm2", "summedits", "bump", "summeval", "factcheckgpt")
LIGHT = 0.15
LIGHT_WORDS = set("the a an of to in on at by for with and or but is are was were be been it its that this as from has have had "
                  "he she they his her their will would which who what when than then not no . , ; : ' \" ( ) - s | / %".split())


def encode(encoder, tokenizer, wanted, most, last):
    """Hidden states of each text, and its last states if `last`; the longest first, so that memory is known at once."""
    ids = {}
    for text in wanted:
        got = tokenizer.encode(text).ids
        ids[text] = got if len(got) <= most else got[: most - 1] + [102]
    ordered = sorted(ids, key=lambda text: (len(ids[text]), text))
    hidden, tokens, place = {}, {}, 0
    started = time.time()
    while place < len(ordered):
        size = max(1, 4096 // len(ids[ordered[min(place + 63, len(ordered) - 1)]]))
        chunk = ordered[place : place + size]
        place += size
        width = max(len(ids[text]) for text in chunk)
        batch = torch.zeros(len(chunk), width, dtype=torch.int64)
        mask = torch.zeros(len(chunk), width, dtype=torch.int64)
        for row, text in enumerate(chunk):
            batch[row, : len(ids[text])] = torch.tensor(ids[text])
            mask[row, : len(ids[text])] = 1
        with torch.no_grad(), model.precision():
            states, final = encoder(batch, mask, last)
        states, final = states.to(torch.float16).numpy(), final.float().to(torch.float16).numpy()
        for row, text in enumerate(chunk):
            hidden[text] = states[row, : len(ids[text])].copy()
            if last:
                tokens[text] = final[row, : len(ids[text])].copy()
    print(f"encoded {len(ordered)} texts, {sum(map(len, ids.values()))} tokens in {time.time() - started:.0f} s", flush=True)
    return ids, hidden, tokens


def joined(source, tokens):
    """The last states of all sentences of a source, and where each sentence starts."""
    parts = [tokens[unit] for unit in source["units"]]
    return numpy.concatenate(parts).T.astype(numpy.float32), numpy.cumsum([0] + [len(part) for part in parts[:-1]])


def rank(claim_ids, claim, source, light):
    """The source's sentences that together carry the claim's tokens best, the best first; and the mean cosine of the
    claim's three least aligned content words."""
    rows, starts = source
    weight = numpy.array([0.0] + [LIGHT if i in light else 1.0 for i in claim_ids[1:-1]] + [0.0], numpy.float32)
    alike = claim.astype(numpy.float32) @ rows
    best = numpy.maximum.reduceat(alike, starts, axis=1)
    alone = weight @ best / max(weight.sum(), 1e-6)
    have, order = numpy.zeros(len(weight), numpy.float32), []
    for _ in range(min(RANKED, len(starts))):
        gain = weight @ numpy.maximum(best - have[:, None], 0) / max(weight.sum(), 1e-6) + 0.3 * alone
        gain[order] = -1
        order.append(int(gain.argmax()))
        have = numpy.maximum(have, best[:, order[-1]])
    content = numpy.array([v for v, w in zip(best.max(1), weight) if w == 1.0])
    return order, float(numpy.sort(content)[:3].mean()) if len(content) else 1.0


def main():
    wanted = argparse.ArgumentParser(description=__doc__)
    for name in ("package", "data", "texts", "out", "stage"):
        wanted.add_argument("--" + name, required=True)
    wanted.add_argument("--seed", type=int, default=1)
    wanted.add_argument("--renamings", type=int, default=1)
    wanted.add_argument("--most", type=int, default=70000)
    wanted.add_argument("--only-edits", action="store_true", help="of own texts only what is made of them by editing")
    wanted = wanted.parse_args()
    torch.set_num_threads(1)
    rng = texts.generator(wanted.seed)
    data, collection = Path(wanted.data), texts.Collection()
    if wanted.stage.startswith("own"):
        texts.own(collection, [path for folder in wanted.texts.split(",") for path in Path(folder).glob("*.jsonl*")], rng, wanted.renamings)
        if wanted.only_edits:
            collection.examples = [example for example in collection.examples if example["set"] == "own_edited"]
        if wanted.stage == "own":
            texts.reader(collection, data / "reader" / "dev.jsonl")
    elif wanted.stage == "fitted":
        texts.fitted_sets(collection, data / "data", rng)
        firsts = {}
        for example in collection.examples:
            firsts.setdefault(example["source"], example)
        for number, example in firsts.items():
            if not example["held"] and example["set"] in EDITED_SETS:
                texts.edited(collection, "edited", example["doc"], number, rng, 5)
    elif wanted.stage == "measured":
        texts.other_sets(collection, data / "data")
    else:
        texts.widened(collection, data / "data", rng, wanted.most)
    whole = wanted.stage == "widened"
    folder = model.encoder_folder(wanted.package)
    encoder, tokenizer = model.Encoder(folder).eval(), model.tokenizer(folder)
    used = {example["source"] for example in collection.examples}
    unit_texts = dict.fromkeys(unit for number in sorted(used) for unit in collection.sources[number]["units"])
    claim_texts = dict.fromkeys(claim for example in collection.examples for claim in example["claims"])
    ids, hidden, tokens = encode(encoder, tokenizer, dict.fromkeys([*unit_texts, *claim_texts]), MOST_UNIT_TOKENS, not whole)
    light = {tokenizer.token_to_id(word) for word in LIGHT_WORDS}
    at, rows = None, None
    for example in sorted(collection.examples, key=lambda example: example["source"]):
        source = collection.sources[example["source"]]
        if at != example["source"] and not whole:
            at, rows = example["source"], joined(source, tokens)
        example["ranks"], example["least"] = [], []
        for claim in example["claims"]:
            order, least = (list(range(len(source["units"])))[:RANKED], 0.0) if whole else rank(ids[claim], tokens[claim], rows, light)
            example["ranks"].append(order)
            example["least"].append(least)
    out = Path(wanted.out)
    out.mkdir(parents=True, exist_ok=True)
    places, start = {}, 0
    with open(out / f"{wanted.stage}.rows", "wb") as file:
        for text, rows in hidden.items():
            places[text] = (start, len(rows), ids[text])
            file.write(rows.tobytes())
            start += len(rows)
    with open(out / f"{wanted.stage}.new", "wb") as file:
        pickle.dump({"places": places, "sources": collection.sources, "examples": collection.examples}, file)
    (out / f"{wanted.stage}.new").replace(out / f"{wanted.stage}.pickle")
    print(wanted.stage, len(collection.examples), "examples", start, "rows", flush=True)


if __name__ == "__main__":
    main()
