//! A cross-encoder from ONNX, with the tokenizer that it was trained with.

use std::path::Path;
use std::sync::Arc;

use rten::{Model, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use tokenizers::{Encoding, Tokenizer};

use super::labels::{Labels, Opinion};

/// The inputs that models of this kind have; the first one is a must.
const INPUTS: [&str; 3] = ["input_ids", "attention_mask", "token_type_ids"];
/// What the output is called by common exports; else the first one counts.
const OUTPUT: &str = "logits";
/// Names under which tokenizers know the token that fills up.
const PADDING: [&str; 3] = ["[PAD]", "<pad>", "<|padding|>"];

/// A loaded model; running it needs no change of it.
pub(super) struct CrossEncoder {
    model: Model,
    tokenizer: Tokenizer,
    /// The model's inputs among [`INPUTS`], each with its place there.
    inputs: Vec<(usize, NodeId)>,
    output: NodeId,
    labels: Labels,
    padding: i32,
    threads: Arc<ThreadPool>,
}

impl CrossEncoder {
    /// Loads both files and runs the model once, so that what does not fit shows at the start.
    pub(super) fn load(
        model: &Path,
        tokenizer: &Path,
        labels: Labels,
        threads: usize,
    ) -> Result<Self, String> {
        let named = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        // By the bytes: the loader itself goes by the end of the name.
        let loaded = Model::load_file(model).map_err(|error| named(model, &error))?;
        let mut words =
            Tokenizer::from_file(tokenizer).map_err(|error| named(tokenizer, &error))?;
        words
            .with_padding(None)
            .with_truncation(None)
            .map_err(|error| named(tokenizer, &error))?;
        let mut inputs = Vec::new();
        for id in loaded.input_ids() {
            let name = loaded
                .node_info(*id)
                .and_then(|node| node.name().map(str::to_owned));
            let name = name.unwrap_or_default();
            match INPUTS.iter().position(|known| *known == name) {
                Some(place) => inputs.push((place, *id)),
                None => {
                    return Err(named(
                        model,
                        &format!("it wants an input `{name}`, which is not known"),
                    ));
                }
            }
        }
        if !inputs.iter().any(|(place, _)| *place == 0) {
            return Err(named(model, &"it has no input `input_ids`"));
        }
        let first = loaded.output_ids().first().copied();
        let output = loaded.find_node(OUTPUT).or(first);
        let output = output.ok_or_else(|| named(model, &"it has no output"))?;
        let padding = PADDING.iter().find_map(|name| words.token_to_id(name));
        let encoder = Self {
            model: loaded,
            tokenizer: words,
            inputs,
            output,
            labels,
            padding: padding.and_then(|id| id.try_into().ok()).unwrap_or(0),
            threads: Arc::new(ThreadPool::with_num_threads(threads)),
        };
        let pair = encoder
            .pair("a", "a")
            .map_err(|why| named(tokenizer, &why))?;
        encoder
            .opinions(&[pair])
            .map_err(|why| named(model, &why))?;
        Ok(encoder)
    }

    /// Byte ranges of a text's tokens.
    pub(super) fn tokens(&self, text: &str) -> Result<Vec<(usize, usize)>, String> {
        let encoding = self
            .tokenizer
            .encode(text, false)
            .map_err(|error| error.to_string())?;
        Ok(encoding.get_offsets().to_vec())
    }

    /// Evidence and claim as the model wants them, evidence first.
    pub(super) fn pair(&self, evidence: &str, claim: &str) -> Result<Encoding, String> {
        self.tokenizer
            .encode((evidence, claim), true)
            .map_err(|error| error.to_string())
    }

    /// What the model says of each pair. A batch: all are filled up to the longest.
    pub(super) fn opinions(&self, pairs: &[Encoding]) -> Result<Vec<Opinion>, String> {
        let longest = pairs
            .iter()
            .map(|pair| pair.get_ids().len())
            .max()
            .unwrap_or(0);
        let mut values: Vec<(NodeId, ValueOrView<'_>)> = Vec::with_capacity(self.inputs.len());
        for (place, id) in &self.inputs {
            let mut flat: Vec<i32> = Vec::with_capacity(pairs.len() * longest);
            for pair in pairs {
                let (row, fill) = match place {
                    0 => (pair.get_ids(), self.padding),
                    1 => (pair.get_attention_mask(), 0),
                    _ => (pair.get_type_ids(), 0),
                };
                flat.extend(row.iter().map(|value| i32::try_from(*value).unwrap_or(0)));
                flat.extend(std::iter::repeat_n(fill, longest - row.len()));
            }
            let tensor = NdTensor::from_data([pairs.len(), longest], flat);
            values.push((*id, ValueOrView::Value(Value::from(tensor))));
        }
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.threads)));
        let [output] = self
            .model
            .run_n(values, [self.output], Some(options))
            .map_err(|error| error.to_string())?;
        let logits: NdTensor<f32, 2> = output.try_into().map_err(|error| {
            format!("its output is no table of numbers, a row for each pair: {error}")
        })?;
        let [rows, columns] = logits.shape();
        if rows != pairs.len() || columns != self.labels.len() {
            return Err(format!(
                "it gives {rows} rows of {columns} outputs for {} pairs, and `labels` names {}",
                pairs.len(),
                self.labels.len()
            ));
        }
        let flat = logits.to_vec();
        flat.chunks(columns)
            .map(|row| {
                let opinion = self.labels.opinion(row);
                opinion.ok_or_else(|| "an output is no number".to_owned())
            })
            .collect()
    }
}
