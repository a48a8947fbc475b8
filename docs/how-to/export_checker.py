"""Turns a published checker into the two files that a judge of kind `nli` or `spans` reads.

usage: export_checker.py FORM CHECKPOINT FOLDER [--tokenizer NAME]

FORM        classify      a cross-encoder with a classification head (DeBERTa, RoBERTa, BERT, ModernBERT)
            spans         a token classifier (LettuceDetect)
            hhem          HHEM-2.1-open: a T5 encoder whose first token is classified
            minicheck-t5  MiniCheck-Flan-T5: one step of the decoder, two words of its vocabulary
            alignscore    AlignScore: a RoBERTa checkpoint of Lightning, its head of three outputs
CHECKPOINT  a folder, or a name on the model hub; for alignscore the .ckpt file
FOLDER      gets model.onnx, for a large model model.onnx.data, and tokenizer.json
--tokenizer where the tokenizer is, if not beside the checkpoint (hhem: google/flan-t5-base,
            alignscore: roberta-base or roberta-large)

Needs torch, transformers, onnx, onnxruntime and safetensors; no code from the checkpoint is run.
It ends with an error where onnxruntime and torch disagree by more than 1e-4.
"""

import argparse
import json
import sys
import warnings
from pathlib import Path

import torch
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    RobertaConfig,
    RobertaModel,
    T5Config,
    T5ForConditionalGeneration,
    T5ForTokenClassification,
)

# The newest whose operators the runtime has all of; later ones write attention as one operator.
OPSET = 17
# A file of this format holds less than 2 GB; the weights of a larger model stand in a second one.
LARGEST = 1_800_000_000
# The words of its vocabulary with which MiniCheck-Flan-T5 answers: not supported, supported.
ANSWERS = (3, 209)


class Logits(torch.nn.Module):
    """A model as one function of tensors: what an exporter sees is what the judge runs."""

    def __init__(self, model, names, answer):
        super().__init__()
        self.model, self.names, self.answer = model, names, answer

    def forward(self, *tensors):
        return self.answer(self.model, dict(zip(self.names, tensors)))


def whole(model, inputs):
    return model(**inputs).logits


def first_token(model, inputs):
    return model(**inputs).logits[:, 0, :]


def first_answer(model, inputs):
    start = torch.zeros_like(inputs["input_ids"][:, :1])
    logits = model(**inputs, decoder_input_ids=start, use_cache=False).logits
    return logits[:, 0, list(ANSWERS)]


class Aligned(torch.nn.Module):
    """AlignScore's RoBERTa with its head of three outputs."""

    def __init__(self, config):
        super().__init__()
        self.base_model = RobertaModel(config)
        self.tri_layer = torch.nn.Linear(config.hidden_size, 3)

    def forward(self, **inputs):
        return self.tri_layer(self.base_model(**inputs).pooler_output)


def aligned(model, inputs):
    return model(**inputs)


def load(form, checkpoint, tokenizer):
    """The model, and how its answer is read off."""
    # Attention is written out: fused attention becomes an operator that the runtime may not have.
    plain = {"attn_implementation": "eager"}
    if form == "classify":
        return AutoModelForSequenceClassification.from_pretrained(checkpoint, **plain), whole
    if form == "spans":
        return AutoModelForTokenClassification.from_pretrained(checkpoint, **plain), whole
    if form == "minicheck-t5":
        return T5ForConditionalGeneration.from_pretrained(checkpoint), first_answer
    if form == "hhem":
        return hhem(checkpoint, tokenizer), first_token
    config = RobertaConfig.from_pretrained(tokenizer, **plain)
    model = Aligned(config)
    # weights_only: a .ckpt is a pickle, which could run anything otherwise.
    found = torch.load(checkpoint, map_location="cpu", weights_only=True)["state_dict"]
    wanted = {name: found[name] for name in model.state_dict() if name in found}
    missing = set(model.state_dict()) - set(wanted)
    if missing - {"base_model.embeddings.position_ids", "base_model.embeddings.token_type_ids"}:
        sys.exit(f"the checkpoint lacks {sorted(missing)[:3]}")
    model.load_state_dict(wanted, strict=False)
    return model, aligned


def hhem(checkpoint, foundation):
    """HHEM's weights without the code that comes with them, which newer libraries do not load."""
    from safetensors.torch import load_file

    config = T5Config.from_pretrained(foundation)
    config.num_labels = 2
    model = T5ForTokenClassification(config)
    folder = Path(checkpoint)
    if not folder.is_dir():
        from huggingface_hub import snapshot_download

        folder = Path(snapshot_download(checkpoint, allow_patterns=["*.safetensors", "*.json"]))
    found = {name.removeprefix("t5."): value for name, value in load_file(folder / "model.safetensors").items()}
    shared = found.get("transformer.shared.weight", found.get("transformer.encoder.embed_tokens.weight"))
    found["transformer.shared.weight"] = found["transformer.encoder.embed_tokens.weight"] = shared
    lacking = model.load_state_dict(found, strict=False).missing_keys
    if lacking:
        sys.exit(f"the checkpoint lacks {lacking[:3]}")
    return model


def examples(tokenizer, names, vocabulary):
    """Pairs of 1, 100 and 512 tokens, and two of unequal length, by their numbers alone."""
    generator = torch.Generator().manual_seed(1)
    for lengths in ((1,), (100,), (512,), (30, 17)):
        longest = max(lengths)
        rows = torch.randint(5, vocabulary, (len(lengths), longest), generator=generator)
        mask = torch.tensor([[int(at < length) for at in range(longest)] for length in lengths])
        rows = torch.where(mask == 1, rows, tokenizer.pad_token_id or 0)
        kinds = torch.where(mask == 1, (torch.arange(longest) > longest // 2).long(), 0)
        given = {"input_ids": rows, "attention_mask": mask, "token_type_ids": kinds}
        yield tuple(given[name] for name in names)


def weights_outside(path):
    """All weights in one file beside the model: the exporter writes one file for each tensor."""
    import onnx

    def places(model):
        entries = (entry for tensor in model.graph.initializer for entry in tensor.external_data)
        return {entry.value for entry in entries if entry.key == "location"}

    scattered = places(onnx.load(path, load_external_data=False))
    whole = onnx.load(path)
    for name in scattered:
        (path.parent / name).unlink()
    place = {"save_as_external_data": True, "all_tensors_to_one_file": True, "location": "model.onnx.data"}
    onnx.save(whole, path, **place)


def export(model, answer, tokenizer, folder, largest=LARGEST):
    """Writes the files; returns the largest difference between onnxruntime and torch."""
    import numpy
    import onnxruntime

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    config = getattr(model, "config", None) or model.base_model.config
    # A model that tells its two texts apart by a third input says so by more than one kind.
    kinds = "token_type_ids" in tokenizer.model_input_names and getattr(config, "type_vocab_size", 0) > 1
    names = ["input_ids", "attention_mask"] + ["token_type_ids"] * kinds
    # The exporter puts back the mode that it found, and in training there is dropout.
    wrapped = Logits(model, names, answer).eval()
    pairs = list(examples(tokenizer, names, config.vocab_size))
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outputs = wrapped(*pairs[1])
        axes = {name: {0: "batch", 1: "tokens"} for name in names}
        axes["logits"] = {0: "batch"} if outputs.dim() == 2 else {0: "batch", 1: "tokens"}
        torch.onnx.export(
            wrapped,
            pairs[-1],
            str(folder / "model.onnx"),
            input_names=names,
            output_names=["logits"],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
    if sum(weight.numel() * weight.element_size() for weight in model.parameters()) > largest:
        weights_outside(folder / "model.onnx")
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    worst = 0.0
    for pair in pairs:
        with torch.no_grad():
            expected = wrapped(*pair).numpy()
        given = {name: tensor.numpy() for name, tensor in zip(names, pair)}
        [got] = session.run(["logits"], given)
        # What stands in places that are filled up has no meaning.
        kept = numpy.ones(got.shape, bool) if got.ndim == 2 else given["attention_mask"][..., None].astype(bool)
        worst = max(worst, float(numpy.max(numpy.abs(got - expected) * kept)))
    return worst


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("form", choices=["classify", "spans", "hhem", "minicheck-t5", "alignscore"])
    parser.add_argument("checkpoint")
    parser.add_argument("folder")
    parser.add_argument("--tokenizer")
    given = parser.parse_args()
    beside = given.tokenizer or {"hhem": "google/flan-t5-base", "alignscore": "roberta-large"}.get(given.form)
    tokenizer = AutoTokenizer.from_pretrained(beside or given.checkpoint)
    model, answer = load(given.form, given.checkpoint, beside)
    worst = export(model, answer, tokenizer, given.folder)
    names = getattr(getattr(model, "config", None), "id2label", None)
    print(f"{given.folder}: onnxruntime differs from torch by {worst:.1e} at most; id2label {json.dumps(names)}")
    if worst > 1e-4:
        sys.exit("that is too much")


if __name__ == "__main__":
    main()
