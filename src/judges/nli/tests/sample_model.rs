//! A small cross-encoder that tests make: a real ONNX graph and a real `tokenizer.json`, whose weights
//! are set by hand.
//!
//! It knows a few words, each a direction of its own. Its three outputs rate how much of the claim's words
//! the evidence has (entailment), nothing (neutral), and whether just one of the two has "not"
//! (contradiction). So it reads both texts together, as models of this kind do, and is right on plain
//! sentences of its words. A token classifier of the same words flags those that the evidence does not have.
//! The format is that of onnx.proto3; only the fields that are used are written.

use std::path::Path;

/// Special tokens first, as BERT has them.
const WORDS: [&str; 36] = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "not",
    "mill",
    "grinds",
    "rye",
    "wheat",
    "ferry",
    "sails",
    "at",
    "nine",
    "harbour",
    "library",
    "building",
    "has",
    "five",
    "seven",
    "floors",
    "reading",
    "room",
    "closed",
    "open",
    "mondays",
    "fire",
    "damaged",
    "north",
    "wing",
    "river",
    "is",
    "does",
    "was",
    "designed",
    "architect",
    "boat",
];
/// The first word that carries meaning.
const FIRST: usize = 4;
const NOT: usize = 4;

/// Elements of a tensor.
const FLOAT: u64 = 1;
const INT64: u64 = 7;

/// Writes `model.onnx` with three outputs (entailment, neutral, contradiction), or with two (entailment,
/// not), and `tokenizer.json` into a folder.
pub(crate) fn write(folder: &Path, outputs: usize) {
    std::fs::write(folder.join("model.onnx"), model(outputs)).unwrap();
    std::fs::write(folder.join("tokenizer.json"), tokenizer()).unwrap();
}

/// Writes `model.onnx` of a token classifier (supported, unsupported) and `tokenizer.json` into a folder.
pub(crate) fn write_spans(folder: &Path) {
    std::fs::write(folder.join("model.onnx"), token_classifier()).unwrap();
    std::fs::write(folder.join("tokenizer.json"), tokenizer()).unwrap();
}

fn tokenizer() -> String {
    let vocabulary: serde_json::Map<String, serde_json::Value> = WORDS
        .iter()
        .enumerate()
        .map(|(id, word)| ((*word).to_owned(), id.into()))
        .collect();
    let special: Vec<_> = WORDS[..FIRST]
        .iter()
        .enumerate()
        .map(|(id, word)| {
            serde_json::json!({
                "id": id, "content": word, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true,
            })
        })
        .collect();
    serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": special,
        "normalizer": { "type": "Lowercase" }, "pre_tokenizer": { "type": "Whitespace" },
        "post_processor": { "type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2] },
        "decoder": null,
        "model": { "type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]" },
    })
    .to_string()
}

/// A direction of its own for each word that carries meaning.
fn table() -> Vec<f32> {
    let size = WORDS.len();
    let mut table = vec![0.0; size * size];
    for word in FIRST..size {
        table[word * size + word] = 1.0;
    }
    table
}

/// The words of the evidence, and the mask of the claim's tokens.
fn both_texts() -> [Vec<u8>; 7] {
    [
        node("Gather", &["table", "input_ids"], "words", &[]),
        node("Cast", &["attention_mask"], "mask", &[int("to", FLOAT)]),
        node("Cast", &["token_type_ids"], "second", &[int("to", FLOAT)]),
        node("Sub", &["one", "second"], "first", &[]),
        node("Mul", &["mask", "first"], "of_evidence", &[]),
        node("Unsqueeze", &["of_evidence", "last"], "evidence_mask", &[]),
        node("Mul", &["words", "evidence_mask"], "evidence_words", &[]),
    ]
}

/// Flags each token that is one of its words and not one of the evidence's.
fn token_classifier() -> Vec<u8> {
    let size = WORDS.len();
    let whole = [ints("axes", &[1]), int("keepdims", 1)];
    let mut nodes = both_texts().to_vec();
    nodes.extend([
        node("ReduceMax", &["evidence_words"], "evidence", &whole),
        node("Mul", &["words", "evidence"], "both", &[]),
        node(
            "ReduceSum",
            &["both", "last"],
            "shared",
            &[int("keepdims", 1)],
        ),
        node(
            "ReduceSum",
            &["words", "last"],
            "known",
            &[int("keepdims", 1)],
        ),
        node(
            "Concat",
            &["known", "shared"],
            "features",
            &[int("axis", 2)],
        ),
        node("MatMul", &["features", "weights"], "rated", &[]),
        node("Add", &["rated", "bias"], "logits", &[]),
    ]);
    let tensors = [
        floats("table", &[size, size], &table()),
        floats("one", &[1], &[1.0]),
        floats("weights", &[2, 2], &[0.0, 12.0, 0.0, -12.0]),
        floats("bias", &[2], &[0.0, -6.0]),
        integers("last", &[2]),
    ];
    graph(&nodes, &tensors, &["batch", "length", "outputs"])
}

fn model(outputs: usize) -> Vec<u8> {
    let size = WORDS.len();
    let mut not = vec![0.0; size];
    not[NOT] = 1.0;
    // Rows: the share of the claim's words, "not" in one of the two; columns: the outputs.
    let (weights, bias): (&[f32], &[f32]) = match outputs {
        2 => (&[20.0, 0.0, -30.0, 0.0], &[-15.0, 0.0]),
        _ => (&[20.0, 0.0, 6.0, -30.0, 0.0, 20.0], &[-15.0, 0.0, -18.0]),
    };
    let mut nodes = both_texts().to_vec();
    nodes.extend([
        node("Mul", &["mask", "second"], "of_claim", &[]),
        node("Unsqueeze", &["of_claim", "last"], "claim_mask", &[]),
        node("Mul", &["words", "claim_mask"], "claim_words", &[]),
        node(
            "ReduceMax",
            &["evidence_words"],
            "evidence",
            &[ints("axes", &[1]), int("keepdims", 0)],
        ),
        node(
            "ReduceMax",
            &["claim_words"],
            "claim",
            &[ints("axes", &[1]), int("keepdims", 0)],
        ),
        node("Mul", &["evidence", "claim"], "both", &[]),
        node(
            "ReduceSum",
            &["both", "row"],
            "shared",
            &[int("keepdims", 1)],
        ),
        node(
            "ReduceSum",
            &["claim", "row"],
            "claimed",
            &[int("keepdims", 1)],
        ),
        node("Add", &["claimed", "little"], "divisor", &[]),
        node("Div", &["shared", "divisor"], "share", &[]),
        node("MatMul", &["evidence", "not"], "evidence_not", &[]),
        node("MatMul", &["claim", "not"], "claim_not", &[]),
        node("Sub", &["evidence_not", "claim_not"], "apart", &[]),
        node("Mul", &["apart", "apart"], "differs", &[]),
        node(
            "Concat",
            &["share", "differs"],
            "features",
            &[int("axis", 1)],
        ),
        node("MatMul", &["features", "weights"], "rated", &[]),
        node("Add", &["rated", "bias"], "logits", &[]),
    ]);
    let tensors = [
        floats("table", &[size, size], &table()),
        floats("not", &[size, 1], &not),
        floats("one", &[1], &[1.0]),
        floats("little", &[1], &[1e-6]),
        floats("weights", &[2, outputs], weights),
        floats("bias", &[outputs], bias),
        integers("last", &[2]),
        integers("row", &[1]),
    ];
    graph(&nodes, &tensors, &["batch", "outputs"])
}

fn graph(nodes: &[Vec<u8>], tensors: &[Vec<u8>], output: &[&str]) -> Vec<u8> {
    let mut graph = Vec::new();
    for node in nodes {
        bytes(&mut graph, 1, node);
    }
    bytes(&mut graph, 2, b"sample");
    for tensor in tensors {
        bytes(&mut graph, 5, tensor);
    }
    for name in ["input_ids", "attention_mask", "token_type_ids"] {
        bytes(&mut graph, 11, &value(name, INT64, &["batch", "length"]));
    }
    bytes(&mut graph, 12, &value("logits", FLOAT, output));
    let mut opset = Vec::new();
    number(&mut opset, 2, 17);
    let mut model = Vec::new();
    number(&mut model, 1, 8);
    bytes(&mut model, 7, &graph);
    bytes(&mut model, 8, &opset);
    model
}

fn node(operator: &str, inputs: &[&str], output: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
    let mut node = Vec::new();
    for input in inputs {
        bytes(&mut node, 1, input.as_bytes());
    }
    bytes(&mut node, 2, output.as_bytes());
    bytes(&mut node, 3, output.as_bytes());
    bytes(&mut node, 4, operator.as_bytes());
    for attribute in attributes {
        bytes(&mut node, 5, attribute);
    }
    node
}

fn int(name: &str, value: u64) -> Vec<u8> {
    let mut attribute = Vec::new();
    bytes(&mut attribute, 1, name.as_bytes());
    number(&mut attribute, 3, value);
    number(&mut attribute, 20, 2);
    attribute
}

fn ints(name: &str, values: &[u64]) -> Vec<u8> {
    let mut attribute = Vec::new();
    bytes(&mut attribute, 1, name.as_bytes());
    for value in values {
        number(&mut attribute, 8, *value);
    }
    number(&mut attribute, 20, 7);
    attribute
}

fn floats(name: &str, shape: &[usize], values: &[f32]) -> Vec<u8> {
    let raw: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    tensor(name, shape, FLOAT, &raw)
}

fn integers(name: &str, values: &[i64]) -> Vec<u8> {
    let raw: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    tensor(name, &[values.len()], INT64, &raw)
}

fn tensor(name: &str, shape: &[usize], kind: u64, raw: &[u8]) -> Vec<u8> {
    let mut tensor = Vec::new();
    for size in shape {
        number(&mut tensor, 1, *size as u64);
    }
    number(&mut tensor, 2, kind);
    bytes(&mut tensor, 8, name.as_bytes());
    bytes(&mut tensor, 9, raw);
    tensor
}

fn value(name: &str, kind: u64, shape: &[&str]) -> Vec<u8> {
    let mut dimensions = Vec::new();
    for name in shape {
        let mut dimension = Vec::new();
        bytes(&mut dimension, 2, name.as_bytes());
        bytes(&mut dimensions, 1, &dimension);
    }
    let mut of_tensor = Vec::new();
    number(&mut of_tensor, 1, kind);
    bytes(&mut of_tensor, 2, &dimensions);
    let mut of_type = Vec::new();
    bytes(&mut of_type, 1, &of_tensor);
    let mut value = Vec::new();
    bytes(&mut value, 1, name.as_bytes());
    bytes(&mut value, 2, &of_type);
    value
}

/// A field that is a number.
fn number(out: &mut Vec<u8>, field: u64, value: u64) {
    varint(out, field << 3);
    varint(out, value);
}

/// A field that is a text, bytes, or a message.
fn bytes(out: &mut Vec<u8>, field: u64, value: &[u8]) {
    varint(out, field << 3 | 2);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
