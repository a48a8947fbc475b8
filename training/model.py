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
FAR = -10000.0  # added to the score of what may not be attended to


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
    """Aligns each token of a claim with the evidence, compares the two, and reads what comes out."""

    def __init__(self):
        super().__init__()
        self.compare = nn.Linear(4 * WIDTH + 1, WIDTH)
        self.compare_more = nn.Linear(WIDTH, WIDTH)
        self.reading = Reading()

    def forward(self, claim, evidence, layout=None, evidence_mask=None, take=None, dropout=0.0):
        """`claim` [b,c,w] and `evidence` [b,e,w]; in training the claims packed [t,w] with their `layout`, and all
        sentences of the batch once [n,w] with `take` [b,e], which picks the rows of each claim.

        Returns logits [b,3] (supported, refuted, not enough information) and of each claim token [b,c,2].
        """
        pick = (lambda x: x) if take is None else (lambda x: functional.embedding(take, x))
        spread, pack = (layout.spread, layout.pack) if layout is not None else (lambda x: x, lambda x: x)
        alike = spread(unit(claim)) @ pick(unit(evidence)).transpose(1, 2)
        if layout is not None:
            alike = alike + evidence_mask[:, None, :]
        nearest = pack(torch.amax(alike, -1, keepdim=True))
        found = pack(functional.softmax(alike * ALIGNMENT_SHARPNESS, -1) @ pick(evidence))
        drop = lambda x: functional.dropout(x, dropout, self.training)
        pairs = torch.cat([claim, found, torch.abs(claim - found), claim * found], -1)
        compared = drop(functional.gelu(self.compare(torch.cat([drop(pairs), 8 * nearest - 4], -1))))
        claim_mask = None if layout is None else layout.mask
        read = spread(compared + functional.gelu(self.compare_more(compared)))
        return self.reading(read, claim_mask, dropout)


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


def load_mean(paths):
    """One judge with the mean of the weights of several from one path of training."""
    states = [load(path)[0].state_dict() for path in paths]
    judge = Judge()
    judge.load_state_dict({name: sum(state[name] for state in states) / len(states) for name in states[0]})
    return judge
