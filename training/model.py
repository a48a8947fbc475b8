"""The two parts of the verifier: MiniLM's encoder, as it was published, and the judge that is trained.

A sentence is encoded by itself (`Encoder`), so a source is encoded once for all claims. The judge reads the hidden
states after layer `READ_LAYER` of a claim and of some sentences of the source: it aligns each token of the claim with
the evidence, compares the two, and reads from all comparisons together whether the claim holds.
"""

import json
import math
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

WIDTH = 384
HEADS = 12
HEAD_WIDTH = WIDTH // HEADS
ENCODER_LAYERS = 6
READ_LAYER = 4
ALIGNMENT_SHARPNESS = 16.0
READ_HEADS = 6
# How far a word's neighbours reach, in tokens of the claim and of the evidence: within a phrase, within a sentence.
NEAR = ((2.0, 3.0), (6.0, 10.0))
BOUND = 8.0
FAR = -10000.0  # added to the score of what may not be attended to


def precision():
    """Sixteen bits where the processor multiplies them; elsewhere they are seven times slower than 32."""
    return torch.autocast("cpu", torch.bfloat16, enabled=torch.backends.cpu.get_cpu_capability().startswith("AVX512"))


class Layer(nn.Module):
    """One post-norm transformer layer as in BERT."""

    def __init__(self):
        super().__init__()
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm_attention = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, 4 * WIDTH)
        self.down = nn.Linear(4 * WIDTH, WIDTH)
        self.norm_out = nn.LayerNorm(WIDTH, eps=1e-12)

    def load_bert(self, weights, number):
        names = {
            "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
            "out": "attention.output.dense", "norm_attention": "attention.output.LayerNorm",
            "up": "intermediate.dense", "down": "output.dense", "norm_out": "output.LayerNorm",
        }
        for own, theirs in names.items():
            for part in ("weight", "bias"):
                getattr(getattr(self, own), part).data.copy_(weights[f"encoder.layer.{number}.{theirs}.{part}"])

    def forward(self, rows, mask):
        """`mask` is added to the scores of attention."""
        batch, count = rows.shape[0], rows.shape[1]
        split = lambda x: x.view(batch, -1, HEADS, HEAD_WIDTH).transpose(1, 2)
        scores = split(self.query(rows)) @ split(self.key(rows)).transpose(2, 3) * (1 / math.sqrt(HEAD_WIDTH)) + mask
        mixed = (functional.softmax(scores, -1) @ split(self.value(rows))).transpose(1, 2).reshape(batch, count, WIDTH)
        rows = self.norm_attention(rows + self.out(mixed))
        return self.norm_out(rows + self.down(functional.gelu(self.up(rows))))


class Layout:
    """Where the rows of a batch of texts of unequal length lie when they are packed one behind the other."""

    def __init__(self, counts):
        width, starts = max(counts), [sum(counts[:place]) for place in range(len(counts))]
        self.place = torch.tensor([[start + min(i, count - 1) for i in range(width)] for start, count in zip(starts, counts)])
        self.flat = torch.tensor([row * width + i for row, count in enumerate(counts) for i in range(count)])
        self.mask = torch.tensor([[0.0] * count + [FAR] * (width - count) for count in counts])

    def spread(self, rows):
        return functional.embedding(self.place, rows)

    def pack(self, padded):
        return padded.reshape(-1, padded.shape[-1])[self.flat]


class Encoder(nn.Module):
    def __init__(self, folder):
        super().__init__()
        from safetensors.torch import load_file

        weights = load_file(str(Path(folder) / "model.safetensors"))
        self.words = nn.Embedding(30522, WIDTH)
        self.positions = nn.Embedding(512, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(ENCODER_LAYERS))
        self.words.weight.data.copy_(weights["embeddings.word_embeddings.weight"])
        # All tokens of the encoder are of one type, so that type's vector is folded into the positions.
        self.positions.weight.data.copy_(
            weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0])
        self.norm.weight.data.copy_(weights["embeddings.LayerNorm.weight"])
        self.norm.bias.data.copy_(weights["embeddings.LayerNorm.bias"])
        for number, layer in enumerate(self.layers):
            layer.load_bert(weights, number)

    def forward(self, input_ids, attention_mask, last=True):
        """Hidden states after READ_LAYER and, if `last`, the unit-length states after the last layer."""
        places = torch.arange(input_ids.shape[1])
        rows = self.norm(self.words(input_ids) + self.positions(places))
        mask = (1.0 - attention_mask[:, None, None, :].float()) * FAR
        hidden = rows
        for number, layer in enumerate(self.layers):
            if number >= READ_LAYER and not last:
                break
            rows = layer(rows, mask)
            if number + 1 == READ_LAYER:
                hidden = rows
        tokens = rows / torch.sqrt((rows * rows).sum(-1, keepdim=True) + 1e-12)
        return hidden, tokens


class Reading(nn.Module):
    """Logits of a claim from one row for each of its tokens; two logits of each token say what is wrong with it."""

    def __init__(self):
        super().__init__()
        self.token = nn.Linear(WIDTH, 2)  # contradicted, not to be found
        self.pool = nn.Linear(WIDTH, 1)
        self.join = nn.Linear(2 * WIDTH, WIDTH)
        self.label = nn.Linear(WIDTH, 3)
        self.token_weight = nn.Parameter(torch.ones(2))
        nn.init.normal_(self.token.weight, std=0.02)
        nn.init.constant_(self.token.bias, -3.0)

    def forward(self, state, mask=None, dropout=0.0):
        weight, token, inner = self.pool(state).squeeze(-1), self.token(state), state
        worst = token
        if mask is not None:
            weight, worst, inner = weight + mask, token + mask[:, :, None], state + mask[:, :, None]
        pooled = (functional.softmax(weight, -1)[:, None, :] @ state).squeeze(1)
        joined = functional.gelu(self.join(torch.cat([pooled, torch.amax(inner, 1)], -1)))
        logits = self.label(functional.dropout(joined, dropout, self.training))
        return logits + functional.pad(torch.logsumexp(worst, 1) * self.token_weight, (1, 0)), token


class Judge(nn.Module):
    """Aligns each token of a claim with the evidence, compares the two, and reads what comes out.

    It aligns twice. First a token goes where the evidence is most like it. Then it goes where that is so and the
    claim's neighbouring words have gone too: a value that belongs to another subject is alike at the first place, and
    meets the right subject's value at the second. How near the places of two words lie also steers which of the claim's
    words are read together.
    """

    def __init__(self):
        super().__init__()
        self.weight = nn.Linear(WIDTH, 1)  # how much a token's place says about its neighbours
        self.pull = nn.Linear(WIDTH, len(NEAR))  # how strongly neighbours draw a token
        self.compare = nn.Linear(7 * WIDTH + 2 + 2 * len(NEAR), WIDTH)
        self.compare_more = nn.Linear(WIDTH, WIDTH)
        self.query = nn.Linear(WIDTH, READ_HEADS * HEAD_WIDTH)
        self.key = nn.Linear(WIDTH, READ_HEADS * HEAD_WIDTH)
        self.value = nn.Linear(WIDTH, READ_HEADS * HEAD_WIDTH)
        self.out = nn.Linear(READ_HEADS * HEAD_WIDTH, WIDTH)
        self.near_claim = nn.Parameter(torch.ones(READ_HEADS))
        self.near_evidence = nn.Parameter(torch.linspace(-2.0, 4.0, READ_HEADS))
        self.reading = Reading()
        nn.init.zeros_(self.weight.weight)
        nn.init.zeros_(self.pull.weight)
        nn.init.constant_(self.pull.bias, 4.0)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, claim, evidence, layout=None, evidence_mask=None, take=None, dropout=0.0):
        """`claim` [b,c,w] and `evidence` [b,e,w]; in training the claims packed [t,w] with their `layout`, and all
        sentences of the batch once [n,w] with `take` [b,e], which picks the rows of each claim.

        Returns logits [b,3] (supported, refuted, not enough information) and of each claim token [b,c,2].
        """
        pick = (lambda x: x) if take is None else (lambda x: functional.embedding(take, x))
        spread, pack = (layout.spread, layout.pack) if layout is not None else (lambda x: x, lambda x: x)
        rows = pick(evidence)
        alike = spread(unit(claim)) @ pick(unit(evidence)).transpose(1, 2)
        weight = torch.sigmoid(spread(self.weight(claim)))
        if layout is not None:
            alike = alike + evidence_mask[:, None, :]
            weight = weight * (layout.mask == 0).float()[:, :, None]
        nearest = torch.amax(alike, -1, keepdim=True)
        first = functional.softmax(alike * ALIGNMENT_SHARPNESS, -1)
        apart_claim, apart_evidence = distances(alike.shape[1]), distances(alike.shape[2])
        pull, pulled, scalars = spread(self.pull(claim)), alike * ALIGNMENT_SHARPNESS, [8 * nearest - 4]
        for place, (reach_claim, reach_evidence) in enumerate(NEAR):
            neighbours = (torch.exp(-apart_claim / reach_claim) * (apart_claim > 0).float())[None] * weight.transpose(1, 2)
            neighbours = neighbours / (neighbours.sum(-1, keepdim=True) + 1e-6)
            gone = neighbours @ (first @ torch.exp(-apart_evidence / reach_evidence))
            pulled = pulled + functional.softplus(pull[:, :, place : place + 1]) * gone
            scalars += [4 * (gone * first).sum(-1, keepdim=True), 4 * torch.amax(gone, -1, keepdim=True)]
        second = functional.softmax(pulled, -1)
        # Padding has a far cosine, and nothing of the second alignment lies there.
        scalars.append(8 * (second * torch.clamp(alike, min=-1.0)).sum(-1, keepdim=True) - 4)
        found, settled = pack(first @ rows), pack(second @ rows)
        drop = lambda x: functional.dropout(x, dropout, self.training)
        pairs = torch.cat([claim, found, torch.abs(claim - found), claim * found,
                           settled, torch.abs(claim - settled), claim * settled], -1)
        compared = drop(functional.gelu(self.compare(torch.cat([drop(pairs), pack(torch.cat(scalars, -1))], -1))))
        claim_mask = None if layout is None else layout.mask
        read = compared + functional.gelu(self.compare_more(compared))
        bound = first @ torch.exp(-apart_evidence / BOUND) @ first.transpose(1, 2)
        bias = (self.near_evidence[:, None, None] * bound[:, None]
                + self.near_claim[:, None, None] * torch.exp(-apart_claim / BOUND)[None, None])
        if claim_mask is not None:
            bias = bias + claim_mask[:, None, None, :]
        split = lambda x: spread(x).view(-1, alike.shape[1], READ_HEADS, HEAD_WIDTH).transpose(1, 2)
        scores = split(self.query(read)) @ split(self.key(read)).transpose(2, 3) * (1 / math.sqrt(HEAD_WIDTH)) + bias
        mixed = (functional.softmax(scores, -1) @ split(self.value(read))).transpose(1, 2)
        mixed = mixed.reshape(-1, alike.shape[1], READ_HEADS * HEAD_WIDTH)
        read = spread(read) + self.out(drop(mixed))
        return self.reading(read, claim_mask, dropout)


def distances(count):
    places = torch.arange(count).float()
    return torch.abs(places[:, None] - places[None, :])


def unit(rows):
    return rows / torch.sqrt((rows * rows).sum(-1, keepdim=True) + 1e-12)


def encoder_folder(package):
    """Where the package of embeddings keeps MiniLM's weights."""
    return next(Path(package).glob("**/sentence-transformers__all-MiniLM-L6-v2"))


def tokenizer(folder):
    """MiniLM's WordPiece tokenizer, without truncation and padding."""
    from tokenizers import Tokenizer

    made = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
    made.no_truncation()
    made.no_padding()
    return made


def save(judge, path, **notes):
    torch.save({"judge": judge.state_dict(), "notes": json.dumps(notes)}, path)


def load(path):
    kept = torch.load(path, map_location="cpu", weights_only=True)
    judge = Judge()
    judge.load_state_dict(kept["judge"])
    return judge, json.loads(kept["notes"])


class Judges(nn.Module):
    """Several judges from different seeds, who hear each other out: the mean of their logits."""

    def __init__(self, judges):
        super().__init__()
        self.judges = nn.ModuleList(judges)

    def forward(self, *inputs, **options):
        read = [judge(*inputs, **options) for judge in self.judges]
        return sum(logits for logits, _ in read) / len(read), sum(token for _, token in read) / len(read)


def load_all(paths):
    """The judges of several files as one."""
    judges = [load(path)[0] for path in paths]
    return judges[0] if len(judges) == 1 else Judges(judges)
