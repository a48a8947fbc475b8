"""Puts what another judge says of the same claims into what `benches/features.rs` printed.

    python rejudge.py with.jsonl --package EMBEDDINGS --judge first.pt --calibration=T,A,B,C --out new.jsonl

So the verifier can be fitted to a new judge before its file is in the program. The encoder has to be the same: the
other values and the sentences that are read stay as they were printed.
"""

import argparse
import json

import numpy
import torch

import model
from prepare import MOST_CLAIM_TOKENS, MOST_UNIT_TOKENS, encode

EVIDENCE_ROWS = 160
BATCH = 64


def logits_of(judge, work, rows):
    """Logits of each (claim, sentences)."""
    out = {}
    order = sorted(range(len(work)), key=lambda at: sum(len(rows[s]) for s in work[at][1]))
    for start in range(0, len(order), BATCH):
        part = order[start : start + BATCH]
        claims = [rows[work[at][0]][:MOST_CLAIM_TOKENS] for at in part]
        evidence = [numpy.concatenate([rows[s][:MOST_UNIT_TOKENS] for s in work[at][1]])[:EVIDENCE_ROWS] for at in part]
        layout = model.Layout([len(rows) for rows in claims])
        bank = torch.from_numpy(numpy.concatenate([numpy.zeros((1, model.WIDTH), numpy.float16), *evidence]).astype(numpy.float32))
        longest = max(map(len, evidence))
        take, mask, begin = torch.zeros(len(part), longest, dtype=torch.int64), torch.full((len(part), longest), model.FAR), 1
        for row, given in enumerate(evidence):
            take[row, : len(given)] = torch.arange(begin, begin + len(given))
            mask[row, : len(given)] = 0
            begin += len(given)
        packed = torch.from_numpy(numpy.concatenate(claims).astype(numpy.float32))
        with torch.no_grad(), model.precision():
            found, _ = judge(packed, bank, layout, mask, take)
        for at, one in zip(part, found.float().numpy()):
            out[at] = one
    return [out[at] for at in range(len(work))]


def main():
    wanted = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    wanted.add_argument("files", nargs="+")
    wanted.add_argument("--package", required=True)
    wanted.add_argument("--judge", required=True, nargs="+")
    wanted.add_argument("--calibration", default="1,0,0,0")
    wanted.add_argument("--out", required=True)
    wanted = wanted.parse_args()
    torch.set_num_threads(1)
    lines = [json.loads(line) for path in wanted.files for line in open(path, encoding="utf-8")]
    work, places = [], []
    for line in lines:
        for at, (claim, read) in enumerate(zip(line["texts"], line["read"])):
            if read:
                work.append((claim, read))
                places.append((line, at))
    folder = model.encoder_folder(wanted.package)
    encoder, tokenizer = model.Encoder(folder).eval(), model.tokenizer(folder)
    needed = dict.fromkeys(text for claim, read in work for text in [claim, *read])
    _, rows, _ = encode(encoder, tokenizer, needed, MOST_UNIT_TOKENS, False)
    divisor, *offset = (float(number) for number in wanted.calibration.split(","))
    judge = model.load_all(wanted.judge).eval()
    for (line, at), logits in zip(places, logits_of(judge, work, rows)):
        supported, refuted, unknown = (float(number) for number in logits / divisor + numpy.array(offset))
        line["values"][at][-2:] = [round(supported - numpy.logaddexp(refuted, unknown), 4), round(refuted - unknown, 4)]
    with open(wanted.out, "w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
