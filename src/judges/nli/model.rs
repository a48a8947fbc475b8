//! A model from ONNX: rows of tokens go in, rows of numbers come out.

use std::path::Path;
use std::sync::Arc;

use rten::{Model, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};

use super::tokens::Row;

/// The inputs that encoders have; the first one is a must.
const INPUTS: [&str; 4] = [
    "input_ids",
    "attention_mask",
    "token_type_ids",
    "position_ids",
];
/// What the output is called by common exports; else the first one counts.
const OUTPUT: &str = "logits";
/// What tells the kind of a model, where the exporter put it beside the model.
const DESCRIPTION: &str = "config.json";
/// Models whose positions begin behind the number of the token that fills up, as fairseq counts them.
const COUNTED_FROM_PADDING: [&str; 5] =
    ["roberta", "xlm-roberta", "camembert", "mpnet", "longformer"];

/// A loaded model; running it needs no change of it.
pub(super) struct Encoder {
    model: Model,
    /// The model's inputs among [`INPUTS`], each with its place there.
    inputs: Vec<(usize, NodeId)>,
    output: NodeId,
    padding: i32,
    /// The number of the first position.
    first: i32,
    threads: Arc<ThreadPool>,
}

/// What a model says of a batch.
pub(super) struct Answers {
    values: Vec<f32>,
    /// Answers for one row: one for each token, or a single one.
    places: usize,
    columns: usize,
    by_token: bool,
}

impl Answers {
    /// The answers for each row, in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks(self.places * self.columns)
    }

    /// Numbers in one answer.
    pub(super) const fn columns(&self) -> usize {
        self.columns
    }

    /// Whether there is an answer for each token.
    pub(super) const fn by_token(&self) -> bool {
        self.by_token
    }
}

impl Encoder {
    /// Loads the model; `padding` is the token that fills up.
    pub(super) fn load(path: &Path, padding: i32, threads: usize) -> Result<Self, String> {
        let named = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        // By the bytes: the loader itself goes by the end of the name.
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

    /// What the model says of each row. A batch: all are filled up to the longest.
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

/// Positions begin at 0, but for models that count as fairseq does; the description beside the model says
/// which it is.
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
