//! What an `nli` or `spans` judge says of its model.

use super::judge::{JudgeKind, JudgeSettings};

/// The tokenizer's file, beside the model.
pub const TOKENIZER_FILE: &str = "tokenizer.json";

/// What is wrong, by key; that other kinds have such keys is wrong as well.
pub(super) fn faults(judge: &JudgeSettings) -> Vec<(&'static str, String)> {
    if !judge.kind.has_files() {
        let what = format!(
            "only nli and spans judges have it, not kind `{}`",
            judge.kind.as_str()
        );
        let foreign = given(judge);
        return foreign
            .into_iter()
            .map(|name| (name, what.clone()))
            .collect();
    }
    let kind = judge.kind.as_str();
    let mut faults = Vec::new();
    match &judge.folder {
        None => faults.push((
            "folder",
            format!("a judge of kind {kind} needs one, with the model in it"),
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
    faults.extend(asked(judge));
    if !(0.01..=0.99).contains(&judge.threshold) {
        let what = format!("{} is not in 0.01 to 0.99", judge.threshold);
        faults.push(("threshold", what));
    }
    if judge.evidence_tokens != 0 && !(96..=8192).contains(&judge.evidence_tokens) {
        let what = format!("{} is not 0, and not in 96 to 8192", judge.evidence_tokens);
        faults.push(("evidence_tokens", what));
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

/// What is wrong with the labels and the words around the texts.
fn asked(judge: &JudgeSettings) -> Vec<(&'static str, String)> {
    let mut faults = Vec::new();
    let count = |name: &str| judge.labels.iter().filter(|label| *label == name).count();
    let all = judge.labels.len();
    let spans = judge.kind == JudgeKind::Spans;
    let (right, wanted) = if spans {
        (
            count("unsupported") == 1 && count("supported") == all.saturating_sub(1),
            "name what the outputs for a token mean, in their order: \"unsupported\" once, else \"supported\"",
        )
    } else {
        let three = [count("neutral"), count("contradiction")] == [1, 1] && all == 3;
        (
            count("entailment") == 1 && (three || count("not_entailment") == all.saturating_sub(1)),
            "name what the model's outputs mean, in their order: \"entailment\", \"neutral\" and \
            \"contradiction\", or \"entailment\" and \"not_entailment\", or \"entailment\" alone",
        )
    };
    if !right {
        faults.push(("labels", wanted.to_owned()));
    }
    let texts = [
        (
            "template",
            &judge.template,
            if spans { "" } else { "{claim}" },
        ),
        (
            "question_template",
            &judge.question_template,
            if spans { "{question}" } else { "" },
        ),
    ];
    for (key, template, beside) in texts {
        if template.is_empty() {
            continue;
        }
        if key == "question_template" && !spans {
            faults.push((key, "only spans judges have it".to_owned()));
            continue;
        }
        for slot in ["{evidence}", "{claim}", "{question}"] {
            let wanted = usize::from(slot == "{evidence}" || slot == beside);
            let found = template.matches(slot).count();
            if found != wanted {
                let times = if wanted == 1 { "once" } else { "not" };
                faults.push((
                    key,
                    format!("has to have {slot} {times}, and not {found} times"),
                ));
            }
        }
    }
    if judge.claim_first && (spans || !judge.template.is_empty()) {
        let what = "is for nli judges that put two texts, without a template";
        faults.push(("claim_first", what.to_owned()));
    }
    faults
}

fn given(judge: &JudgeSettings) -> Vec<&'static str> {
    let usual = JudgeSettings::new("", judge.kind);
    let given = [
        ("preset", !judge.preset.is_empty()),
        ("folder", judge.folder.is_some()),
        ("model_file", judge.model_file != usual.model_file),
        ("labels", !judge.labels.is_empty()),
        ("template", !judge.template.is_empty()),
        ("question_template", !judge.question_template.is_empty()),
        ("claim_first", judge.claim_first),
        ("threshold", judge.threshold != usual.threshold),
        (
            "evidence_tokens",
            judge.evidence_tokens != usual.evidence_tokens,
        ),
        ("threads", judge.threads != usual.threads),
        ("batch_size", judge.batch_size != usual.batch_size),
        ("window_tokens", judge.window_tokens != usual.window_tokens),
        ("max_windows", judge.max_windows != usual.max_windows),
    ];
    let given = given.into_iter().filter(|(_, given)| *given);
    given.map(|(name, _)| name).collect()
}
