//! Runs an ONNX model: takes rows of tokens, and returns rows of numbers.

use std::path::Path;
use std::sync::Arc;

use rten::{Model, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};

use super::tokens::Row;

/// The inputs that encoders have; the first one is required.
const INPUTS: [&str; 4] = [
    "input_ids",
    "attention_mask",
    "token_type_ids",
    "position_ids",
];
/// The usual name of the output in exported models; otherwise the first output is used.
const OUTPUT: &str = "logits";
/// The file beside the model that states its kind, if the exporter wrote it.
const DESCRIPTION: &str = "config.json";
/// Kinds of models that number positions from the padding token's id + 1, as fairseq does.
const COUNTED_FROM_PADDING: [&str; 5] =
    ["roberta", "xlm-roberta", "camembert", "mpnet", "longformer"];

/// A loaded model; running it does not change it.
pub(super) struct Encoder {
    model: Model,
    /// The model's inputs, each with its index in [`INPUTS`].
    inputs: Vec<(usize, NodeId)>,
    output: NodeId,
    padding: i32,
    /// The number of the first position.
    first: i32,
    threads: Arc<ThreadPool>,
}

/// The outputs of a model for a batch.
pub(super) struct Answers {
    values: Vec<f32>,
    /// Number of answers for one row: one for each token, or a single one.
    places: usize,
    columns: usize,
    by_token: bool,
}

impl Answers {
    /// Returns the answers for each row, in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks(self.places * self.columns)
    }

    /// Returns the number of values in one answer.
    pub(super) const fn columns(&self) -> usize {
        self.columns
    }

    /// Returns whether there is an answer for each token.
    pub(super) const fn by_token(&self) -> bool {
        self.by_token
    }
}

impl Encoder {
    /// Loads the model; `padding` is the id of the padding token.
    pub(super) fn load(path: &Path, padding: i32, threads: usize) -> Result<Self, String> {
        let named = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        // Detects the format by the content, since the library would go by the file's extension.
        let model = Model::load_file(path).map_err(|error| named(&error))?;
        let mut inputs = Vec::new();
        for id in model.input_ids() {
            let name = model
                .node_info(*id)
                .and_then(|node| node.name().map(str::to_owned));
            let name = name.unwrap_or_default();
            match INPUTS.iter().position(|known| *known == name) {
                Some(place) => inputs.push((place, *id)),
                None => {
                    return Err(named(&format!(
                        "it wants an input `{name}`, which is not known"
                    )));
                }
            }
        }
        if !inputs.iter().any(|(place, _)| *place == 0) {
            return Err(named(&"it has no input `input_ids`"));
        }
        let first = model.output_ids().first().copied();
        let output = model.find_node(OUTPUT).or(first);
        let output = output.ok_or_else(|| named(&"it has no output"))?;
        Ok(Self {
            model,
            inputs,
            output,
            padding,
            first: first_position(path, padding),
            threads: Arc::new(ThreadPool::with_num_threads(threads)),
        })
    }

    /// Runs the model on a batch of rows, which are padded to the longest.
    pub(super) fn run(&self, rows: &[Row]) -> Result<Answers, String> {
        let longest = rows.iter().map(|row| row.ids.len()).max().unwrap_or(0);
        let mut values: Vec<(NodeId, ValueOrView<'_>)> = Vec::with_capacity(self.inputs.len());
        for (place, id) in &self.inputs {
            let mut flat: Vec<i32> = Vec::with_capacity(rows.len() * longest);
            for row in rows {
                let length = row.ids.len();
                let fill = match place {
                    0 => self.padding,
                    _ => 0,
                };
                match place {
                    0 => flat.extend(&row.ids),
                    1 => flat.extend(std::iter::repeat_n(1, length)),
                    2 => flat.extend(&row.kinds),
                    _ => flat.extend((self.first..).take(length)),
                }
                flat.extend(std::iter::repeat_n(fill, longest - length));
            }
            let tensor = NdTensor::from_data([rows.len(), longest], flat);
            values.push((*id, ValueOrView::Value(Value::from(tensor))));
        }
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.threads)));
        let [output] = self
            .model
            .run_n(values, [self.output], Some(options))
            .map_err(|error| error.to_string())?;
        let output: Tensor<f32> = output
            .try_into()
            .map_err(|error| format!("its output is no table of numbers: {error}"))?;
        let (places, columns, by_token) = match *output.shape() {
            [count, columns] if count == rows.len() => (1, columns, false),
            [count, places, columns] if count == rows.len() && places == longest => {
                (places, columns, true)
            }
            ref shape => {
                return Err(format!(
                    "its output has the shape {shape:?} for {} rows of {longest} tokens",
                    rows.len()
                ));
            }
        };
        Ok(Answers {
            values: output.to_vec(),
            places,
            columns,
            by_token,
        })
    }
}

/// Returns the first position: 0, or the padding token's id + 1 for models that count like fairseq.
/// The configuration beside the model states its kind.
fn first_position(model: &Path, padding: i32) -> i32 {
    let description = model.with_file_name(DESCRIPTION);
    let kind = std::fs::read(description)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok())
        .and_then(|value| Some(value.get("model_type")?.as_str()?.to_owned()));
    match kind {
        Some(kind) if COUNTED_FROM_PADDING.contains(&kind.as_str()) => padding + 1,
        _ => 0,
    }
}
