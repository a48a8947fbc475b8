//! The model file and its tokenizer, loaded.

use std::ops::Range;
use std::sync::Arc;

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use tokenizers::Tokenizer;

use super::encoded::Encoded;
use super::sizes::{DIMENSIONS, READ, WINDOW, WINDOWS};

/// The weights; `training/` has the code that made them, and describes how.
static MODEL: &[u8] = include_bytes!("model/model.onnx");
static TOKENIZER: &[u8] = include_bytes!("model/tokenizer.json");

/// A loaded model; running it does not change it.
pub(super) struct Loaded {
    model: Model,
    tokenizer: Tokenizer,
    ids: NodeId,
    mask: NodeId,
    unit: NodeId,
    hidden: NodeId,
    claim: NodeId,
    evidence: NodeId,
    logits: NodeId,
    /// Ids of the special tokens before and after a text.
    begin: i32,
    end: i32,
}

impl Loaded {
    pub(super) fn new() -> Result<Self, String> {
        let model = ModelOptions::with_all_ops()
            .prepack_weights(true)
            .load_static_slice(MODEL)
            .map_err(|error| error.to_string())?;
        let mut tokenizer = Tokenizer::from_bytes(TOKENIZER).map_err(|error| error.to_string())?;
        tokenizer
            .with_padding(None)
            .with_truncation(None)
            .map_err(|error| error.to_string())?;
        let node = |name: &str| model.node_id(name).map_err(|error| error.to_string());
        let mark = |name: &str| {
            let id = tokenizer.token_to_id(name);
            let id = id.and_then(|id| i32::try_from(id).ok());
            id.ok_or_else(|| format!("the tokenizer has no {name}"))
        };
        Ok(Self {
            ids: node("input_ids")?,
            mask: node("attention_mask")?,
            unit: node("tokens")?,
            hidden: node("hidden")?,
            claim: node("claim")?,
            evidence: node("evidence")?,
            logits: node("logits")?,
            begin: mark("[CLS]")?,
            end: mark("[SEP]")?,
            model,
            tokenizer,
        })
    }

    /// Tokenizes the part of a text that is encoded. Returns the id of each piece with its range of
    /// bytes in the text.
    fn pieces(&self, text: &str) -> Result<Vec<(i32, Range<usize>)>, String> {
        let end = text
            .char_indices()
            .nth(READ)
            .map_or(text.len(), |(at, _)| at);
        let encoding = self
            .tokenizer
            .encode(&text[..end], false)
            .map_err(|error| error.to_string())?;
        let ids = encoding.get_ids().iter().take(WINDOW * WINDOWS);
        ids.zip(encoding.get_offsets())
            .map(|(id, (start, end))| {
                let id = i32::try_from(*id).map_err(|error| error.to_string())?;
                Ok((id, *start..*end))
            })
            .collect()
    }

    /// Encodes a text, window by window. Also returns the number of tokens that were computed.
    pub(super) fn encode(
        &self,
        text: &str,
        threads: &Arc<ThreadPool>,
    ) -> Result<(Encoded, usize), String> {
        let pieces = self.pieces(text)?;
        let (mut unit, mut hidden) = (Vec::new(), Vec::new());
        let mut taken = 0;
        for window in pieces.chunks(WINDOW) {
            let mut ids = Vec::with_capacity(window.len() + 2);
            ids.push(self.begin);
            ids.extend(window.iter().map(|(id, _)| *id));
            ids.push(self.end);
            let length = ids.len();
            taken += length;
            let mask = NdTensor::from_data([1, length], vec![1_i32; length]);
            let ids = NdTensor::from_data([1, length], ids);
            let inputs: Vec<(NodeId, ValueOrView<'_>)> = vec![
                (self.ids, ValueOrView::Value(Value::from(ids))),
                (self.mask, ValueOrView::Value(Value::from(mask))),
            ];
            let [of_unit, of_hidden] = self
                .model
                .run_n(inputs, [self.unit, self.hidden], Some(options(threads)))
                .map_err(|error| error.to_string())?;
            let of_unit = rows(of_unit, length)?;
            hidden.extend(rows(of_hidden, length)?);
            unit.extend_from_slice(&of_unit[DIMENSIONS..(length - 1) * DIMENSIONS]);
        }
        let places = pieces.into_iter().map(|(_, place)| place).collect();
        Ok((Encoded::new(places, &unit, hidden), taken))
    }

    /// Runs the head on a claim and evidence. Returns the logits of supported, refuted and not
    /// enough information.
    pub(super) fn judge(
        &self,
        claim: &[f32],
        evidence: Vec<f32>,
        threads: &Arc<ThreadPool>,
    ) -> Result<[f32; 3], String> {
        let rows = |flat: Vec<f32>| {
            let count = flat.len() / DIMENSIONS;
            Value::from(NdTensor::from_data([1, count, DIMENSIONS], flat))
        };
        let inputs: Vec<(NodeId, ValueOrView<'_>)> = vec![
            (self.claim, ValueOrView::Value(rows(claim.to_vec()))),
            (self.evidence, ValueOrView::Value(rows(evidence))),
        ];
        let [logits] = self
            .model
            .run_n(inputs, [self.logits], Some(options(threads)))
            .map_err(|error| error.to_string())?;
        let logits: NdTensor<f32, 2> = logits
            .try_into()
            .map_err(|error| format!("no table of logits: {error}"))?;
        match logits.to_vec()[..] {
            [supported, refuted, open]
                if [supported, refuted, open].iter().all(|it| it.is_finite()) =>
            {
                Ok([supported, refuted, open])
            }
            ref other => Err(format!("{} logits, or one that is no number", other.len())),
        }
    }
}

fn options(threads: &Arc<ThreadPool>) -> RunOptions {
    RunOptions::default().with_thread_pool(Some(Arc::clone(threads)))
}

/// Returns the rows of an output for so many tokens.
fn rows(output: Value, tokens: usize) -> Result<Vec<f32>, String> {
    let output: NdTensor<f32, 3> = output
        .try_into()
        .map_err(|error| format!("no rows of numbers: {error}"))?;
    if output.shape() != [1, tokens, DIMENSIONS] {
        return Err(format!("rows of the shape {:?}", output.shape()));
    }
    Ok(output.to_vec())
}
