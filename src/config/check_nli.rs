//! What an `nli` judge says of its model.

use super::judge::{JudgeKind, JudgeSettings};

/// The tokenizer's file, beside the model.
pub const TOKENIZER_FILE: &str = "tokenizer.json";

/// What the labels have to be, in any order.
const THREE: [&str; 3] = ["entailment", "neutral", "contradiction"];
const TWO: [&str; 2] = ["entailment", "not_entailment"];

/// What is wrong, by key; that other kinds have such keys is wrong as well.
pub(super) fn faults(judge: &JudgeSettings) -> Vec<(&'static str, String)> {
    if judge.kind != JudgeKind::Nli {
        let what = format!(
            "only nli judges have it, not kind `{}`",
            judge.kind.as_str()
        );
        let foreign = given(judge);
        return foreign
            .into_iter()
            .map(|name| (name, what.clone()))
            .collect();
    }
    let mut faults = Vec::new();
    match &judge.folder {
        None => faults.push((
            "folder",
            "an nli judge needs one, with the model in it".to_owned(),
        )),
        Some(folder) => {
            for (key, file) in [
                ("model_file", &*judge.model_file),
                ("folder", TOKENIZER_FILE),
            ] {
                let path = folder.join(file);
                if !path.is_file() {
                    faults.push((key, format!("there is no file {}", path.display())));
                }
            }
        }
    }
    if !judge.model_file.ends_with(".onnx") {
        faults.push(("model_file", "must end with .onnx".to_owned()));
    }
    let is = |wanted: &[&str]| {
        judge.labels.len() == wanted.len()
            && wanted
                .iter()
                .all(|it| judge.labels.iter().any(|label| label == it))
    };
    if !is(&THREE) && !is(&TWO) {
        let what = "name what the model's outputs mean, in their order: \"entailment\", \"neutral\" and \
            \"contradiction\", or \"entailment\" and \"not_entailment\"";
        faults.push(("labels", what.to_owned()));
    }
    for (key, value, low, high) in [
        ("threads", judge.threads, 1, 256),
        ("batch_size", judge.batch_size, 1, 256),
        ("window_tokens", judge.window_tokens, 160, 8192),
        ("max_windows", judge.max_windows, 1, 256),
    ] {
        if !(low..=high).contains(&value) {
            faults.push((key, format!("{value} is not in {low} to {high}")));
        }
    }
    faults
}

fn given(judge: &JudgeSettings) -> Vec<&'static str> {
    let usual = JudgeSettings::new("", judge.kind);
    let given = [
        ("folder", judge.folder.is_some()),
        ("model_file", judge.model_file != usual.model_file),
        ("labels", !judge.labels.is_empty()),
        ("threads", judge.threads != usual.threads),
        ("batch_size", judge.batch_size != usual.batch_size),
        ("window_tokens", judge.window_tokens != usual.window_tokens),
        ("max_windows", judge.max_windows != usual.max_windows),
    ];
    let given = given.into_iter().filter(|(_, given)| *given);
    given.map(|(name, _)| name).collect()
}
