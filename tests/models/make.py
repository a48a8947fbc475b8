"""Checkers of every published architecture with small random weights, exported as people export them.

usage: make.py FOLDER

For each checker a folder with model.onnx and tokenizer.json, by docs/how-to/export_checker.py, and where optimum
knows the architecture another one by optimum; beside them expected.json: what transformers' tokenizer makes
of texts that are put as the checker's authors put them, and what onnxruntime says of those and of rows of 1,
100 and 512 tokens. The vocabularies are trained here, in the kinds that the published ones have.
"""

import json
import random
import sys
import warnings
from pathlib import Path

import numpy
import onnxruntime
import tokenizers
import torch
import transformers
from safetensors.torch import save_file
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs" / "how-to"))
import export_checker  # noqa: E402

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()

EVIDENCE = "The ferry at Käsmu sails at nine. The mill grinds 12% more rye, and the harbour is closed on Mondays."
CLAIM = "The mill at Käsmu grinds 9% more rye."
QUESTION = "When does the ferry sail?"
SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def corpus():
    """The project's own words."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [EVIDENCE, CLAIM, QUESTION, *(line for page in pages for line in page.read_text().splitlines())]


def unigram(special, unknown):
    """As sentencepiece makes them for T5 and DeBERTa."""
    made = tokenizers.Tokenizer(models.Unigram())
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(tokenizers.Regex(" {2,}"), " ")])
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=500, special_tokens=special, unk_token=unknown, initial_alphabet=list("abcdefghijklmnopqrstuvwxyz")
    )
    made.train_from_iterator(corpus(), trainer)
    return made


def byte_pairs(special):
    """As GPT-2 made them, for RoBERTa and ModernBERT."""
    made = tokenizers.Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=500, special_tokens=special, initial_alphabet=alphabet)
    made.train_from_iterator(corpus(), trainer)
    return made


def word_pieces(special):
    made = tokenizers.Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.train_from_iterator(corpus(), trainers.WordPieceTrainer(vocab_size=500, special_tokens=special))
    return made


def fast(made, **names):
    inputs = names.pop("inputs", ["input_ids", "attention_mask"])
    return transformers.PreTrainedTokenizerFast(tokenizer_object=made, model_input_names=inputs, **names)


def marked(made, kinds):
    """[CLS] first [SEP] second [SEP]"""
    second = "1" if kinds else "0"
    made.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair=f"[CLS]:0 $A:0 [SEP]:0 $B:{second} [SEP]:{second}",
        special_tokens=[(name, made.token_to_id(name)) for name in ("[CLS]", "[SEP]")],
    )
    return made


BRACKETS = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]", "mask_token": "[MASK]"}
ALL_INPUTS = ["input_ids", "token_type_ids", "attention_mask"]


def deberta_tokenizer():
    made = marked(unigram(list(BRACKETS.values()), "[UNK]"), True)
    return fast(made, **BRACKETS, eos_token="[SEP]", bos_token="[CLS]", inputs=ALL_INPUTS)


def bert_tokenizer():
    return fast(marked(word_pieces(list(BRACKETS.values())), True), **BRACKETS, inputs=ALL_INPUTS)


def modernbert_tokenizer():
    return fast(marked(byte_pairs(list(BRACKETS.values())), False), **BRACKETS)


def roberta_tokenizer():
    made = byte_pairs(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    made.post_processor = processors.RobertaProcessing(sep=("</s>", 2), cls=("<s>", 0), add_prefix_space=False)
    names = {"bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>"}
    return fast(made, **names, pad_token="<pad>", unk_token="<unk>", mask_token="<mask>")


def t5_tokenizer():
    made = unigram(["<pad>", "</s>", "<unk>"], "<unk>")
    end = [("</s>", made.token_to_id("</s>"))]
    made.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=end)
    return fast(made, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")


def deberta(tokenizer, outputs):
    """Relative positions in buckets of their logarithm, in both directions, as version 3 has them."""
    config = transformers.DebertaV2Config(
        vocab_size=len(tokenizer), num_labels=outputs, max_position_embeddings=512, relative_attention=True,
        position_buckets=256, max_relative_positions=-1, norm_rel_ebd="layer_norm", share_att_key=True,
        pos_att_type=["p2c", "c2p"], position_biased_input=False, type_vocab_size=0, **SHAPE,
    )  # fmt: skip
    return transformers.DebertaV2ForSequenceClassification(config)


def roberta_config(tokenizer, outputs):
    return transformers.RobertaConfig(
        vocab_size=len(tokenizer), num_labels=outputs, max_position_embeddings=514, type_vocab_size=1, **SHAPE
    )


def roberta(tokenizer, outputs):
    return transformers.RobertaForSequenceClassification(roberta_config(tokenizer, outputs))


def bert(tokenizer, outputs):
    config = transformers.BertConfig(vocab_size=len(tokenizer), num_labels=outputs, **SHAPE)
    return transformers.BertForSequenceClassification(config)


def modernbert_config(tokenizer):
    numbers = {"pad": "[PAD]", "cls": "[CLS]", "sep": "[SEP]", "bos": "[CLS]", "eos": "[SEP]"}
    numbers = {f"{key}_token_id": tokenizer.convert_tokens_to_ids(name) for key, name in numbers.items()}
    # Four layers, so that there are some with attention to neighbours alone.
    return transformers.ModernBertConfig(
        vocab_size=len(tokenizer), num_labels=2, reference_compile=False, **numbers, **(SHAPE | {"num_hidden_layers": 4})
    )


def modernbert(tokenizer, _outputs):
    return transformers.ModernBertForSequenceClassification(modernbert_config(tokenizer))


def modernbert_tokens(tokenizer, _outputs):
    return transformers.ModernBertForTokenClassification(modernbert_config(tokenizer))


def t5_config(tokenizer):
    return transformers.T5Config(
        vocab_size=len(tokenizer), num_labels=2, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4,
        feed_forward_proj="gated-gelu", tie_word_embeddings=False, decoder_start_token_id=0,
    )  # fmt: skip


def t5_encoder(tokenizer, _outputs):
    return transformers.T5ForTokenClassification(t5_config(tokenizer))


def t5(tokenizer, _outputs):
    return transformers.T5ForConditionalGeneration(t5_config(tokenizer))


def aligned(tokenizer, _outputs):
    return export_checker.Aligned(roberta_config(tokenizer, 3))


def pair(evidence, claim):
    return evidence, claim


def hhem_text(evidence, claim):
    return (
        f"<pad> Determine if the hypothesis is true given the premise?\n\nPremise: {evidence}\n\nHypothesis: {claim}",
    )


def factcg_text(evidence, claim):
    return (
        f"{evidence}\n\nChoose your answer: based on the paragraph above can we conclude that \"{claim}\"?\n\n"
        "OPTIONS:\n- Yes\n- No\nI think the answer is ",
    )


def summary(evidence, claim):
    return f"Summarize the following text:\npassage 1: {evidence}\noutput:", claim


def answer(evidence, claim):
    return (
        f"Briefly answer the following question:\n{QUESTION}\nBear in mind that your response should be strictly "
        f"based on the following 1 passages:\npassage 1: {evidence}\nIn case the passages do not contain the "
        "necessary information to answer the question, please reply with: \"Unable to answer based on given "
        "passages.\"\noutput:",
        claim,
    )


# Name, form, tokenizer, model, outputs, preset, how texts are put, which output stands for support (of a
# token classifier: for none of it), and which for a contradiction.
CHECKERS = [
    ("deberta-mnli", "classify", deberta_tokenizer, deberta, 3, "deberta-mnli", pair, 0, 2),
    ("roberta-mnli", "classify", roberta_tokenizer, roberta, 3, "roberta-mnli", pair, 2, 0),
    ("bert", "classify", bert_tokenizer, bert, 1, None, pair, 0, None),
    ("modernbert", "classify", modernbert_tokenizer, modernbert, 2, None, pair, 1, None),
    ("hhem", "hhem", t5_tokenizer, t5_encoder, 2, "hhem-2.1-open", hhem_text, 1, None),
    ("minicheck-t5", "minicheck-t5", t5_tokenizer, t5, 2, "minicheck-flan-t5-large",
     lambda evidence, claim: (f"predict: {evidence}</s>{claim}",), 1, None),
    ("minicheck-roberta", "classify", roberta_tokenizer, roberta, 2, "minicheck-roberta-large",
     lambda evidence, claim: (f"{evidence}</s>{claim}",), 1, None),
    ("minicheck-deberta", "classify", deberta_tokenizer, deberta, 2, "minicheck-deberta-v3-large",
     lambda evidence, claim: (f"{evidence}[SEP]{claim}",), 1, None),
    ("factcg", "classify", deberta_tokenizer, deberta, 2, "factcg-deberta-v3-large", factcg_text, 1, None),
    ("alignscore", "alignscore", roberta_tokenizer, aligned, 3, "alignscore", pair, 0, None),
    ("lettucedetect", "spans", modernbert_tokenizer, modernbert_tokens, 2, "lettucedetect-en-v1", summary, 1, None),
    ("lettucedetect-question", "spans", modernbert_tokenizer, modernbert_tokens, 2, "lettucedetect-en-v1", answer, 1, None),
]  # fmt: skip
# Those that optimum exports, too.
BY_OPTIMUM = {"deberta-mnli", "roberta-mnli", "bert", "modernbert", "lettucedetect"}


def save(name, form, model, tokenizer, folder):
    """A checkpoint as its authors publish it: the names of its files and of its weights."""
    folder.mkdir(parents=True)
    tokenizer.save_pretrained(folder)
    weights = {key: value.clone().contiguous() for key, value in model.state_dict().items()}
    if form == "alignscore":
        model.base_model.config.save_pretrained(folder)
        torch.save({"state_dict": weights | {"mlm_head.bias": torch.zeros(1)}}, folder / "checkpoint.ckpt")
        return folder / "checkpoint.ckpt"
    model.config.save_pretrained(folder)
    if form == "hhem":
        weights.pop("transformer.encoder.embed_tokens.weight", None)
        save_file({f"t5.{key}": value for key, value in weights.items()}, folder / "model.safetensors")
    else:
        model.save_pretrained(folder)
    return folder


def rows(tokenizer, session, length):
    """A row of so many tokens by their numbers, and what the model says of it."""
    chance = random.Random(length)
    ids = [chance.randrange(5, len(tokenizer)) for _ in range(length)]
    kinds = [int(at > length // 2) for at in range(length)]
    return {"ids": ids, "kinds": kinds, "logits": said(session, [ids], [kinds])[0]}


def said(session, ids, kinds):
    longest = max(map(len, ids))
    fill = lambda rows, value: numpy.array([row + [value] * (longest - len(row)) for row in rows], numpy.int64)
    known = {
        "input_ids": fill(ids, 0),
        "attention_mask": fill([[1] * len(row) for row in ids], 0),
        "token_type_ids": fill(kinds, 0),
    }
    wanted = {entry.name: known[entry.name] for entry in session.get_inputs()}
    [logits] = session.run(["logits"], wanted)
    return [row.flatten().tolist() for row in logits]


def expected(tokenizer, put, support, contradiction, folder):
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    texts = put(EVIDENCE, CLAIM)
    encoded = tokenizer(*texts, return_token_type_ids=True)
    ids, kinds = encoded["input_ids"], encoded["token_type_ids"]
    [logits] = said(session, [ids], [kinds])
    by_token = len(session.get_outputs()[0].shape) == 3
    table = numpy.array(logits).reshape(len(ids) if by_token else 1, -1)
    powers = numpy.exp(table - table.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True) if table.shape[1] > 1 else 1 / (1 + numpy.exp(-table))
    if by_token:
        own = [at for at, text in enumerate(encoded.sequence_ids()) if text == 1]
        supported = 1 - shares[own, support].max()
    else:
        against = 0 if contradiction is None else shares[0, contradiction]
        supported = shares[0, support] * (1 - against)
    found = {
        "evidence": EVIDENCE,
        "claim": CLAIM,
        "question": QUESTION if QUESTION in texts[0] else None,
        "texts": texts,
        "ids": ids,
        "kinds": kinds,
        "logits": logits,
        "supported": float(supported),
        "rows": [rows(tokenizer, session, length) for length in (1, 100, 512)],
    }
    (folder / "expected.json").write_text(json.dumps(found, ensure_ascii=False))


def main():
    target = Path(sys.argv[1])
    for name, form, tokenizer, build, outputs, preset, put, support, contradiction in CHECKERS:
        torch.manual_seed(len(name))
        words = tokenizer()
        model = build(words, outputs)
        for weight in model.parameters():
            if weight.dim() > 1:
                torch.nn.init.normal_(weight, std=0.2)
        source = target / "checkpoints" / name
        checkpoint = save(name, form, model, words, source)
        loaded, answered = export_checker.load(form, checkpoint, str(source))
        # The tokenizer is the trained one: the library makes another of what it takes for a known model.
        exports = [target / name]
        # One as if it were too large for one file.
        largest = 0 if form == "minicheck-t5" else export_checker.LARGEST
        worst = export_checker.export(loaded, answered, words, exports[0], largest)
        assert worst < 1e-4, f"{name}: torch and onnxruntime differ by {worst}"
        if name in BY_OPTIMUM:
            from optimum.exporters.onnx import main_export

            exports.append(target / f"{name}-optimum")
            task = "token-classification" if form == "spans" else "text-classification"
            main_export(str(source), exports[1], task=task, device="cpu", do_validation=False)
            words.backend_tokenizer.save(str(exports[1] / "tokenizer.json"))
        for folder in exports:
            expected(words, put, support, contradiction, folder)
            kind = "spans" if form == "spans" else "nli"
            (folder / "checker.json").write_text(json.dumps({"kind": kind, "preset": preset}))
        print(name, *[folder.name for folder in exports[1:]], flush=True)


main()
