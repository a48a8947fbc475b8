"""Writes the documents that the fit of the verifier may use, as `benches/features.rs` reads them.

    python3 select_documents.py --data DATA --texts FOLDER --out FOLDER

own.jsonl: own sources in English that the judge in the binary was not trained on: those that `texts.py` keeps, and all of
the files in UNSEEN, which came later. other.jsonl: own sources in other languages. sets.jsonl: of the sets that are fitted, the documents that it was
not trained on; of the others, which are measured only, a sample. reader.jsonl: the realistic outputs, measured only.
The choices are those of `texts.py`, by hashes of names: the same on every run. Standard library only.
"""

import argparse
import hashlib
import json
from pathlib import Path

import texts

MOST = 80  # items of one set
UNSEEN = ("more-4",)  # whoever trains on these files takes them off this list


def first(items):
    return sorted(items, key=lambda item: hashlib.sha256(item["id"].encode()).hexdigest())[:MOST]


def own(folder, english):
    for path in sorted(Path(folder).glob("*.jsonl*")):
        unseen = path.name.split(".")[0] in UNSEEN
        for item in texts.lines(path):
            # Texts in other languages are not trained on.
            if (item.get("language", "en") == "en") == english and (not english or unseen or texts.held_out(item["id"], texts.HELD_OUT)):
                claims = [{"text": claim["text"], "label": claim["label"]} for claim in item["claims"]]
                yield {"dataset": "own", "doc": item["id"], "source": item["source"], "claims": claims}


def sets(data):
    for name in texts.FITTED:
        items = list(texts.lines(data / "train" / f"{name}.jsonl.gz"))
        kept = texts.kept_documents(items)
        yield from (pair(name, item) for item in first(item for item in items if item["doc"] in kept))
    for path in sorted((data / "dev").glob("*.jsonl")):
        if path.stem not in texts.FITTED and path.stem != "halubench_mini":
            yield from (pair(path.stem, item) for item in first(texts.lines(path)))


def pair(name, item):
    return {"dataset": name, "doc": item["doc"], "source": item["source"], "candidate": item["candidate"], "label": item["label"]}


def reader(path):
    for item in texts.lines(path):
        claims = [{"text": claim["text"], "label": claim["label"]} for claim in item["claims"]]
        yield {"dataset": "reader", "doc": item["id"], "language": item["language"], "source": item["source"],
               "candidate": item["candidate"], "claims": claims}


def write(path, items):
    with open(path, "w", encoding="utf-8") as file:
        count = 0
        for item in items:
            file.write(json.dumps(item, ensure_ascii=False) + "\n")
            count += 1
    print(f"{path}: {count} lines")


def main():
    wanted = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("data", "texts", "out"):
        wanted.add_argument("--" + name, required=True, type=Path)
    wanted = wanted.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    write(wanted.out / "own.jsonl", own(wanted.texts, True))
    write(wanted.out / "other.jsonl", own(wanted.texts, False))
    write(wanted.out / "sets.jsonl", sets(wanted.data / "data"))
    write(wanted.out / "reader.jsonl", reader(wanted.data / "reader" / "dev.jsonl"))


if __name__ == "__main__":
    main()
