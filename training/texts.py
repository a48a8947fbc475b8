"""Reading the texts, cutting sources into sentences, and making further examples from them by program.

An example is a dict: `set`, `doc`, `held` (kept for measuring), `claims` (one sentence each; of a whole output
several), `label` (0 supported, 1 refuted, 2 not enough information, -1 anything but supported), `twin` (number
shared by a true and a false claim about the same fact, or None), and `source` (number of its source).
"""

import gzip
import hashlib
import json
import random
import re
from pathlib import Path

LABELS = {"SUPPORTED": 0, "REFUTED": 1, "NOT_ENOUGH_INFO": 2}
NOT_SUPPORTED = -1
HELD_OUT = 0.15  # share of the own sources that is kept for measuring
CLASSES = {"SUPPORTS": 0, "REFUTES": 1, "NOT ENOUGH INFO": 2, "refute": 1, "irrelevant": 2}
FITTED = ("begin", "bump", "dialfact", "expertqa", "factcheckgpt", "faithdial_audit", "feversym", "fm2", "q2_wow",
          "rank19", "summedits", "summeval")
KINDS = {"E": 0, "N": 2, "C": 1}
SENTENCE_END = re.compile(r"""(?<=[.!?…])["'”’)\]]*\s+(?=["'“‘(\[]*[A-Z0-9])""")
NO_END = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|St|No|Nos|vs|Inc|Ltd|Co|Prof|Sen|Gov|Rev|Jr|Sr|approx|e\.g|i\.e|a\.m|p\.m|U\.S|Art|Fig|Sec|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)\.|\b[A-Z]\.)$")
NAME = re.compile(r"(?<=[a-z,;:(] )[A-Z][a-z]{2,}(?:[A-Z][a-z]+)?\b")
NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\w]|[.,]\d)")
YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
NO_NAMES = set("For And But If In On At By To Of As All No Yes It He She We You I A An Not Nobody None Anyone Everyone Only Most Some "
               "January February March April May June July August September October November December Monday Tuesday "
               "Wednesday Thursday Friday Saturday Sunday The This That These There They When While After Before "
               "English French German American British European Chief Director Mr Mrs".split())

# Pairs of words that exchange places in a made-up false claim; each is read both ways, so that no word gives a label away.
PAIRS = """before after|more fewer|more less|higher lower|highest lowest|rose fell|rising falling|rise fall|increased decreased|
increase decrease|grew shrank|approved rejected|accepted declined|agreed refused|open closed|opened closed|opens closes|first second|
earlier later|longer shorter|longest shortest|above below|minimum maximum|with without|must may|
required optional|always never|north south|northern southern|east west|eastern western|
won lost|bought sold|buyer seller|lender borrower|landlord tenant|employer employee|hired dismissed|include exclude|includes excludes|
including excluding|included excluded|allowed forbidden|gained lost|gains losses|largest smallest|larger smaller|bigger smaller|
early late|inside outside|internal external|weekly monthly|monthly yearly|daily weekly|morning evening|morning afternoon|
weekdays weekends|started ended|starts ends|begins ends|began ended|added removed|raised lowered|raised cut|
faster slower|oldest newest|older newer|heavier lighter|warmer colder|wet dry|full empty|permanent temporary|public private|
planned cancelled|decided considered|will may|plans decided|confirmed denied|denied admitted|supported opposed|recommended ordered|
if unless|free paid|day night|men women|adults children|summer winter|spring autumn|upper lower|
once twice|two three|three four|four five|five six|six seven|seven eight|eight nine|nine ten|third fourth|
january february|march april|may june|july august|september october|november december|monday tuesday|wednesday thursday|
friday saturday|saturday sunday|cheaper costlier|strong weak|strongest weakest"""
OPPOSITES = {}
for pair in PAIRS.replace("\n", "").split("|"):
    one, other = pair.split()
    OPPOSITES.setdefault(one, []).append(other)
    OPPOSITES.setdefault(other, []).append(one)
TURNED = re.compile(r"\b(" + "|".join(OPPOSITES) + r")\b", re.IGNORECASE)


def lines(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if str(path).endswith(".gz") else open(path, encoding="utf-8")
    with opened as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def sentences(line):
    cut, start = [], 0
    for end in SENTENCE_END.finditer(line):
        if not NO_END.search(line[: end.start()].rstrip("\"'”’)]")):
            cut.append(line[start : end.start() + len(end.group()) - len(end.group().lstrip("\"'”’)]"))].strip())
            start = end.end()
    cut.append(line[start:].strip())
    return [piece for piece in cut if piece]


def units(source):
    """Sentences, list items and rows of a source, each with the number of the heading or table header above it."""
    out, leads, heading, header = [], [], None, None
    for line in source.split("\n"):
        line = line.strip()
        if not line:
            header = None
            continue
        if re.fullmatch(r"[|\s:\-=+_*]+", line):
            continue
        if line.startswith("|"):
            plain = re.sub(r"\s*\|\s*", " | ", line.strip("| "))
            out.append(plain)
            leads.append(header if header is not None else heading)
            if header is None:
                header = len(out) - 1
            continue
        header = None
        plain = re.sub(r"\*\*|__|`", "", re.sub(r"^(?:#+|[-*•]|>)\s+", "", line))
        is_heading = line.startswith("#") or (len(plain) < 70 and (line.startswith("**") and line.endswith("**") or plain.endswith(":")))
        for piece in sentences(plain):
            out.append(piece)
            leads.append(None if is_heading else heading)
        if is_heading:
            heading = len(out) - 1
    return out, leads


def held_out(name, share):
    """The same choice always: by a hash of the name, not by a random state."""
    return int(hashlib.sha256(("verifier:" + name).encode()).hexdigest()[:8], 16) / 0x100000000 < share


class Collection:
    def __init__(self):
        self.sources, self.numbers, self.examples, self.twins = [], {}, [], 0

    def source(self, text):
        if text not in self.numbers:
            self.numbers[text] = len(self.sources)
            cut, leads = units(text)
            self.sources.append({"units": cut, "leads": leads})
        return self.numbers[text]

    def add(self, **example):
        if self.sources[example["source"]]["units"] and all(example["claims"]):
            self.examples.append(example)


def own(collection, paths, rng, renamings=0):
    """Own texts, and each as often again with other names as `renamings` says."""
    read = [item for path in sorted(paths) for item in lines(path) if item.get("language", "en") == "en"]
    pool = sorted({name for item in read for name in names(item["source"])})
    for item in read:
        held = held_out(item["id"], HELD_OUT)
        for turn in range(1 if held else 1 + renamings):
            change = renaming(item, pool, rng) if turn else (lambda text: text)
            number = collection.source(change(item["source"]))
            pairs = {}
            for claim in item["claims"]:
                twin = None
                if claim.get("pair") is not None:
                    twin = pairs.setdefault(claim["pair"], collection.twins + len(pairs))
                collection.add(set="own", doc=item["id"], held=held, claims=[change(claim["text"])], kind=claim.get("kind"),
                               label=LABELS[claim["label"]], twin=twin, source=number)
            collection.twins += len(pairs)
            if not held:
                edited(collection, "own_edited", item["id"], number, rng, 6)
                true = [change(claim["text"]) for claim in item["claims"] if claim["label"] == "SUPPORTED"]
                edited_claims(collection, "own_edited", item["id"], number, true, rng)


def names(text):
    return [name for name in dict.fromkeys(NAME.findall(text)) if name not in NO_NAMES]


def renaming(item, pool, rng):
    old = names(item["source"])
    new = rng.sample(pool, min(len(old), len(pool)))
    table = dict(zip(old, new))
    if not table:
        return lambda text: text
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, table)) + r")\b")
    return lambda text: pattern.sub(lambda found: table[found.group()], text)


def edited(collection, name, doc, number, rng, most):
    """Sentences of a source as true claims, and as false ones with a value of the same source exchanged."""
    cut = collection.sources[number]["units"]
    text = " ".join(cut)
    pools = {"number": list(dict.fromkeys(NUMBER.findall(text))), "name": names(text)}
    wanted = [place for place, unit in enumerate(cut) if 7 <= len(unit.split()) <= 40 and "|" not in unit]
    rng.shuffle(wanted)
    for place in wanted[:most]:
        false = exchange(cut[place], pools, rng)
        if false is None:
            continue
        collection.add(set=name, doc=doc, held=False, claims=[cut[place]], label=0, twin=collection.twins, source=number)
        collection.add(set=name, doc=doc, held=False, claims=[false], label=1, twin=collection.twins, source=number)
        collection.twins += 1


def edited_claims(collection, name, doc, number, true, rng):
    """True claims, which are worded otherwise than the source, and the same with a value exchanged or a word turned round."""
    text = " ".join(collection.sources[number]["units"])
    pools = {"number": list(dict.fromkeys(NUMBER.findall(text))), "name": names(text)}
    for claim in true:
        ways = [lambda: exchange(claim, pools, rng), lambda: turned(claim, rng)]
        rng.shuffle(ways)
        false = next((made for made in (way() for way in ways) if made is not None), None)
        if false is not None:
            for words, label in ((claim, 0), (false, 1)):
                collection.add(set=name, doc=doc, held=False, claims=[words], label=label, twin=collection.twins, source=number)
            collection.twins += 1


def turned(sentence, rng):
    """The sentence with one word that has an opposite replaced by it."""
    inside = list(TURNED.finditer(sentence))
    if not inside:
        return None
    found = rng.choice(inside)
    other = rng.choice(OPPOSITES[found.group().lower()])
    return sentence[: found.start()] + (other.capitalize() if found.group()[0].isupper() else other) + sentence[found.end():]


def exchange(sentence, pools, rng):
    inside = [(kind, found) for kind, pattern in (("number", NUMBER), ("name", NAME)) for found in pattern.finditer(sentence)]
    rng.shuffle(inside)
    own_names = {found.group() for kind, found in inside if kind == "name"}
    for kind, found in inside:
        if found.group() in NO_NAMES:
            continue
        if kind == "name" and len(own_names) > 1 and rng.random() < 0.4:
            other = rng.choice(sorted(own_names - {found.group()}))
            both = re.compile(rf"\b({re.escape(found.group())}|{re.escape(other)})\b")
            return both.sub(lambda hit: other if hit.group() == found.group() else found.group(), sentence)
        others = [value for value in pools[kind] if value != found.group() and value not in own_names
                  and (kind == "name" or ("." in value) == ("." in found.group()) and abs(len(value) - len(found.group())) <= 1
                       and bool(YEAR.fullmatch(value)) == bool(YEAR.fullmatch(found.group())))]
        if others:
            return sentence[: found.start()] + rng.choice(others) + sentence[found.end():]
    return None


def kept_documents(items, sample=200):
    """The documents of a fitted set that are kept for measuring: with about `sample` items, the same always."""
    kept, count, sizes = set(), 0, {}
    for item in items:
        sizes[item["doc"]] = sizes.get(item["doc"], 0) + 1
    for doc in sorted(sizes, key=lambda doc: hashlib.sha256(doc.encode()).hexdigest()):
        if count >= min(sample, len(items) // 4):
            break
        kept.add(doc)
        count += sizes[doc]
    return kept


def fitted_sets(collection, folder, rng, sample=200):
    """The sets marked T. Of each, documents with about `sample` items are kept for measuring, with all their items."""
    measured = {}
    for name in FITTED:
        items = list(lines(Path(folder) / "train" / f"{name}.jsonl.gz"))
        kept = kept_documents(items, sample)
        measured[name] = {item["source"] for item in items if item["doc"] in kept}
        for item in items:
            detail = item["label_detail"].get("class")
            label = 0 if item["label"] == 1 else CLASSES.get(detail, NOT_SUPPORTED)
            cut = [piece for line in item["candidate"].split("\n") for piece in sentences(line.strip())][:8]
            collection.add(set=name, doc=item["doc"], held=item["doc"] in kept, claims=cut, label=label, twin=None,
                           source=collection.source(item["source"]))
    every = {collection.numbers[text] for texts in measured.values() for text in texts}
    # A source that one set measures is not fitted by way of another set.
    collection.examples = [example for example in collection.examples if example["held"] or example["source"] not in every]


def other_sets(collection, folder, sample=200):
    """Sets that are only measured: a sample by hash of the identifier, the same always."""
    for path in sorted((Path(folder) / "dev").glob("*.jsonl")):
        if path.stem in FITTED or path.stem == "halubench_mini":
            continue
        items = sorted(lines(path), key=lambda item: hashlib.sha256(item["id"].encode()).hexdigest())[:sample]
        for item in items:
            cut = [piece for line in item["candidate"].split("\n") for piece in sentences(line.strip())][:12]
            collection.add(set=path.stem, doc=item["doc"], held=True, claims=cut, label=0 if item["label"] == 1 else -1,
                           twin=None, source=collection.source(item["source"]))


def reader(collection, path):
    for item in lines(path):
        if item["language"] != "en":
            continue
        number = collection.source(item["source"])
        for claim in item["claims"]:
            collection.add(set="reader", doc=item["id"], held=True, claims=[claim["text"]], label=LABELS[claim["label"]],
                           twin=None, source=number)


def widened(collection, folder, rng, most):
    items = list(lines(Path(folder) / "train" / "widened.jsonl.gz"))
    items = [item for item in items if len(item["claim"].split()) <= 40 and len(item["evidence"].split()) <= 110]
    rng.shuffle(items)
    for place, item in enumerate(items[:most]):
        collection.add(set="widened", doc=str(place), held=False, claims=[item["claim"]], label=KINDS[item["kind"][-1]],
                       twin=None, source=collection.source(item["evidence"]))


def generator(seed):
    return random.Random(seed)
