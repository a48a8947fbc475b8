//! Checks of the model settings of `nli` and `spans` judges.

use super::judge::{JudgeKind, JudgeSettings};
use super::problem::TableFindings;

/// Name of the tokenizer's file, in the same folder as the model.
pub(crate) const TOKENIZER_FILE: &str = "tokenizer.json";

/// Reports problems with the model's files, labels and templates. Ranges are checked with those of
/// all judges.
pub(super) fn check(judge: &JudgeSettings, findings: &mut TableFindings<'_>) {
    match &judge.folder {
        None => findings.report(
            "folder",
            format!(
                "a judge of kind {} needs one, with the model in it",
                judge.kind.as_str()
            ),
        ),
        Some(folder) => {
            for (key, file) in [
                ("model_file", &*judge.model_file),
                ("folder", TOKENIZER_FILE),
            ] {
                let path = folder.join(file);
                if !path.is_file() {
                    findings.report(key, format!("there is no file {}", path.display()));
                }
            }
        }
    }
    if !judge.model_file.ends_with(".onnx") {
        findings.report("model_file", "must end with .onnx");
    }
    labels_and_templates(judge, findings);
}

/// Reports invalid labels, and templates whose placeholders do not fit the kind.
fn labels_and_templates(judge: &JudgeSettings, findings: &mut TableFindings<'_>) {
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
        findings.report("labels", wanted);
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
            findings.report(key, "only spans judges have it");
            continue;
        }
        for slot in ["{evidence}", "{claim}", "{question}"] {
            let wanted = usize::from(slot == "{evidence}" || slot == beside);
            let found = template.matches(slot).count();
            if found != wanted {
                let times = if wanted == 1 { "once" } else { "not" };
                findings.report(
                    key,
                    format!("has to have {slot} {times}, and not {found} times"),
                );
            }
        }
    }
    if judge.claim_first && (spans || !judge.template.is_empty()) {
        let what = "is for nli judges that put two texts, without a template";
        findings.report("claim_first", what);
    }
}
