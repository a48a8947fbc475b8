//! Output of `calibrate`, as text and as JSON.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::figures::THRESHOLD;
use crate::figures::accuracy::Accuracy;
use crate::figures::calibration::{Calibration, Carries};

pub(super) struct Shown<'a> {
    pub(super) calibration: &'a Calibration,
    /// Numbers of labels that are left out of all figures, each with the reason.
    pub(super) left_out: &'a [(usize, &'static str)],
    /// The result of cross-validation by document; `None` if there is only one document.
    pub(super) carries: Option<Carries>,
    pub(super) written: Option<PathBuf>,
}

/// Judges the calibration by the confidence interval of the change of the Brier score, where less
/// is better.
const fn verdict((low, high): (f64, f64)) -> &'static str {
    if high < 0.0 {
        "better"
    } else if low > 0.0 {
        "worse"
    } else {
        "undecided"
    }
}

impl Shown<'_> {
    pub(super) fn to_json(&self) -> Value {
        let figures = |accuracy: &Accuracy| {
            json!({
                "brier": accuracy.brier,
                "ece": accuracy.calibration_error,
                "auroc": accuracy.auroc,
                "balanced_accuracy": accuracy.balanced_accuracy,
                "f1": accuracy.f1,
            })
        };
        json!({
            "calibration": self.calibration,
            "left_out": self.left_out.iter().map(|(count, why)| json!({"count": count, "reason": why})).collect::<Vec<_>>(),
            "written": self.written.as_ref().map(|path| path.display().to_string()),
            "leave_one_out": self.carries.as_ref().map(|carries| json!({
                "folds": carries.folds,
                "before": figures(&carries.before),
                "after": figures(&carries.after),
                "brier_change": {"lower": carries.brier_change.0, "upper": carries.brier_change.1},
                "verdict": verdict(carries.brier_change),
            })),
        })
    }

    pub(super) fn to_text(&self) -> String {
        let made = self.calibration;
        let (mut text, map) = (String::new(), made.map);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{} labels ({} supported), judges: {}\nslope {:.3}, intercept {:.3} (1 and 0 change nothing); an output is flagged under a calibrated chance of {:.3}, before under {THRESHOLD}",
            made.labels,
            made.supported,
            made.judges.join(", "),
            map.slope,
            map.intercept,
            map.threshold
        );
        for (count, why) in self.left_out {
            let _ = writeln!(text, "{count} {why}");
        }
        match &self.carries {
            None => {
                text.push_str("all labels are of one document: how far they carry can't be told\n")
            }
            Some(carries) => {
                let rows = [
                    ("Brier", carries.before.brier, carries.after.brier),
                    (
                        "ECE",
                        carries.before.calibration_error,
                        carries.after.calibration_error,
                    ),
                    ("AUROC", carries.before.auroc, carries.after.auroc),
                    (
                        "balanced",
                        carries.before.balanced_accuracy,
                        carries.after.balanced_accuracy,
                    ),
                ];
                let _ = writeln!(text, "\n{:10}{:>8}{:>8}", "", "before", "after");
                for (name, before, after) in rows {
                    let cell = |value: Option<f64>| {
                        value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
                    };
                    let _ = writeln!(text, "{name:10}{:>8}{:>8}", cell(before), cell(after));
                }
                let (low, high) = carries.brier_change;
                let _ = writeln!(
                    text,
                    "after: each of {} groups of documents by a fit without it. Brier changes by {low:+.3} to {high:+.3} (95 %): {}.",
                    carries.folds,
                    match verdict(carries.brier_change) {
                        "better" => "these labels carry to other documents like these",
                        "worse" => "do not use it",
                        _ => "more labels are needed to tell",
                    }
                );
            }
        }
        match &self.written {
            Some(path) => {
                let _ = writeln!(
                    text,
                    "\nwritten to {0}; runs use and name it with\n[calibration]\nfile = {0:?}",
                    path.display().to_string()
                );
            }
            None => text.push_str("\nnothing was written; --name NAME keeps it\n"),
        }
        text
    }
}
