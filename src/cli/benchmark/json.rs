//! Output of `benchmark --json`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::all::{All, together};
use super::figures::{Measured, Reached};
use crate::domain::verdict::Label;
use crate::figures::accuracy::{Accuracy, interval};
use crate::figures::three_way::ThreeWay;

/// Returns everything that was measured as one JSON object.
pub(super) fn value(judges: &[String], threshold: f64, files: &[Measured], all: &All) -> Value {
    json!({
        "judges": judges,
        "threshold": threshold,
        "files": files.iter().map(of_file).collect::<Vec<_>>(),
        "macro": all.accuracy.as_ref().map(figures),
        "all": {
            "n": all.pairs,
            "supported": all.supported,
            "claims": all.claims.as_ref().map(claims),
            "outputs": all.wholes.as_ref().map(claims),
            "reliability": reliability(&all.reliability),
            "residual_correlation": residuals(&all.residuals),
            "pairs_per_second": all.pairs as f64 / all.seconds.max(1e-9),
            "claims_per_second": all.verdicts as f64 / all.seconds.max(1e-9),
        },
    })
}

fn of_file(file: &Measured) -> Value {
    let classes: BTreeMap<&String, Value> = file
        .classes
        .iter()
        .map(|(name, class)| {
            let n = class.pairs as f64;
            let value = json!({
                "n": class.pairs,
                "mean_probability": class.probabilities / n,
                "flagged": class.flagged as f64 / n,
                "refuted": class.refuted as f64 / n,
                "not_enough_info": class.undecided as f64 / n,
            });
            (name, value)
        })
        .collect();
    let judges = file
        .judges
        .iter()
        .map(|(name, scored, auroc)| json!({ "name": name, "scored": scored, "auroc": auroc }));
    let (pairs, product_claims) = file.speed();
    let mut value = figures(&file.accuracy);
    value["file"] = json!(file.file);
    value["n"] = json!(file.pairs);
    value["supported"] = json!(file.supported);
    value["unscored"] = json!(file.unscored);
    value["failed_judges"] = json!(file.failed);
    value["judges"] = judges.collect();
    value["residual_correlation"] = residuals(&file.residuals);
    value["classes"] = json!(classes);
    value["claims"] = json!(together(file.claims.iter()).as_ref().map(claims));
    value["outputs"] = json!(together(file.wholes.iter()).as_ref().map(claims));
    value["reliability"] = reliability(&file.reliability);
    value["spans"] = json!(file.spans.map(|spans| json!({
        "f1": spans.f1(),
        "precision": (spans.told > 0).then(|| spans.both as f64 / spans.told as f64),
        "recall": (spans.marked > 0).then(|| spans.both as f64 / spans.marked as f64),
    })));
    value["product_claims"] = json!(file.verdicts);
    value["pairs_per_second"] = json!(pairs);
    value["claims_per_second"] = json!(product_claims);
    value
}

fn residuals(pairs: &[(String, String, Option<f64>)]) -> Value {
    pairs
        .iter()
        .map(|(one, two, correlation)| json!({ "judges": [one, two], "correlation": correlation }))
        .collect()
}

fn reliability(classes: &BTreeMap<&'static str, Reached>) -> Value {
    let class = |reached: &Reached| {
        let share = |part: usize, all: usize| (all > 0).then(|| part as f64 / all as f64);
        json!({
            "audits": reached.audits,
            "verdicts": reached.verdicts,
            "verdicts_right": share(reached.right, reached.verdicts),
            "flags_right": share(reached.flags_right, reached.audits),
        })
    };
    let classes: BTreeMap<_, Value> = classes.iter().map(|(name, r)| (name, class(r))).collect();
    json!(classes)
}

fn claims(figures: &ThreeWay) -> Value {
    let label = |at: usize| Label::ALL[at].as_str();
    let confusion: BTreeMap<&str, BTreeMap<&str, usize>> = (0..3)
        .map(|row| {
            let counts = figures.confusion.0[row];
            let mut cells: BTreeMap<&str, usize> =
                (0..3).map(|at| (label(at), counts[at])).collect();
            cells.insert("not_covered", counts[3]);
            (label(row), cells)
        })
        .collect();
    let errors: BTreeMap<&str, Option<f64>> = (0..3)
        .map(|at| (label(at), figures.calibration_error[at]))
        .collect();
    json!({
        "n": figures.claims,
        "not_covered": figures.not_covered,
        "accuracy": figures.accuracy,
        "confusion": confusion,
        "false_marked_supported": figures.false_marked_supported,
        "true_marked_refuted": figures.true_marked_refuted,
        "true_marked_not_enough_info": figures.true_marked_not_enough_info,
        "auroc": figures.auroc,
        "expected_calibration_error": errors,
    })
}

/// Returns the figures that a file and the mean over files have in common.
fn figures(accuracy: &Accuracy) -> Value {
    let interval = interval(&accuracy.resampled)
        .map(|(lower, upper)| json!({ "level": 0.95, "lower": lower, "upper": upper }));
    json!({
        "auroc": accuracy.auroc,
        "auroc_interval": interval,
        "balanced_accuracy": accuracy.balanced_accuracy,
        "f1": accuracy.f1,
        "expected_calibration_error": accuracy.calibration_error,
        "brier": accuracy.brier,
    })
}
