//! Output of `benchmark` as tables for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::all::{All, together};
use super::figures::{Measured, RELIABILITIES, Reached};
use crate::domain::verdict::Label;
use crate::figures::accuracy::{Accuracy, interval};
use crate::figures::three_way::{Confusion, Judged, ThreeWay};

/// Formats a figure with three decimals, or as a dash if it is undefined.
fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
}

fn cells(accuracy: &Accuracy) -> [String; 6] {
    let range = interval(&accuracy.resampled).map_or_else(
        || "-".to_owned(),
        |(low, high)| format!("{low:.3}..{high:.3}"),
    );
    [
        figure(accuracy.auroc),
        range,
        figure(accuracy.balanced_accuracy),
        figure(accuracy.f1),
        figure(accuracy.calibration_error),
        figure(accuracy.brier),
    ]
}

/// Formats one row per file and their mean, followed by tables of claims, reliability, single
/// judges and classes.
pub(super) fn table(judges: &[String], threshold: f64, files: &[Measured], all: &All) -> String {
    let mut text = format!(
        "judges: {}; an output is flagged where the chance that all of it holds is under {threshold:.3}\n\n",
        judges.join(", ")
    );
    text.push_str(&aligned(&wholes(files, all)));
    for file in files {
        if file.unscored > 0 {
            let _ = writeln!(
                text,
                "{}: {} pairs have no claim or no score; they are in no figure of the whole",
                short(&file.file),
                file.unscored
            );
        }
        if file.failed > 0 {
            let _ = writeln!(
                text,
                "{}: judges failed {}",
                short(&file.file),
                match file.failed {
                    1 => "once".to_owned(),
                    times => format!("{times} times"),
                }
            );
        }
    }
    let labelled = claims(files, all.claims.as_ref(), |file| &file.claims);
    if labelled.len() > 1 {
        text.push_str(
            "\nBy claim, where its label is known: marked wrongly, AUROC and calibration error of each label's chance\n",
        );
        text.push_str(&aligned(&labelled));
    }
    let outputs = claims(files, all.wholes.as_ref(), |file| &file.wholes);
    if outputs.len() > 1 {
        text.push_str("\nOutputs with one of three labels, by their worst claim\n");
        text.push_str(&aligned(&outputs));
    }
    for (what, figures) in [("claims", &all.claims), ("outputs", &all.wholes)] {
        if let Some(figures) = figures.as_ref().filter(|it| it.accuracy.is_some()) {
            let _ = writeln!(text, "\nPeople's label against the product's, all {what}");
            text.push_str(&aligned(&confusion(&figures.confusion)));
        }
    }
    text.push_str(
        "\nReliability: audits, verdicts whose label is known, share right; share of right flags\n",
    );
    text.push_str(&aligned(&reliability(&all.reliability)));
    text.push_str(
        "\nEach judge alone: AUROC (outputs, or labelled claims, that it has a view of)\n",
    );
    text.push_str(&aligned(&alone(judges, files)));
    if judges.len() > 1 {
        text.push_str("\nError correlation: what two judges get wrong alike\n");
        text.push_str(&aligned(&residuals(files, all)));
    }
    let classes = classes(files);
    if classes.len() > 1 {
        text.push_str(
            "\nBy class: mean chance, share flagged, share with a refuted claim, share undecided\n",
        );
        text.push_str(&aligned(&classes));
    }
    for file in files {
        if let Some(f1) = file.span_f1() {
            let _ = writeln!(
                text,
                "{}: spans F1 {f1:.3} over characters",
                short(&file.file)
            );
        }
    }
    text
}

fn wholes(files: &[Measured], all: &All) -> Vec<Vec<String>> {
    let headings = [
        "file",
        "n",
        "supported",
        "AUROC",
        "95 %",
        "balanced",
        "F1",
        "ECE",
        "Brier",
        "pairs/s",
        "claims/s",
    ];
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    for file in files {
        let mut row = vec![
            short(&file.file).to_owned(),
            file.pairs.to_string(),
            file.supported.to_string(),
        ];
        row.extend(cells(&file.accuracy));
        let (pairs, claims) = file.speed();
        row.extend([format!("{pairs:.1}"), format!("{claims:.1}")]);
        rows.push(row);
    }
    if let (Some(accuracy), true) = (&all.accuracy, files.len() > 1) {
        let mut row = vec![
            "macro".to_owned(),
            all.pairs.to_string(),
            all.supported.to_string(),
        ];
        row.extend(cells(accuracy));
        let seconds = all.seconds.max(1e-9);
        let rate = |count: usize| format!("{:.1}", count as f64 / seconds);
        row.extend([rate(all.pairs), rate(all.verdicts)]);
        rows.push(row);
    }
    rows
}

fn claims(
    files: &[Measured],
    all: Option<&ThreeWay>,
    of: fn(&Measured) -> &Vec<Judged>,
) -> Vec<Vec<String>> {
    let headings = [
        "file",
        "n",
        "missed",
        "3-way",
        "false as S",
        "true as R",
        "true as N",
        "AUROC",
        "ECE S",
        "ECE R",
        "ECE N",
    ];
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    let row = |name: &str, figures: &ThreeWay| {
        let mut row = vec![
            name.to_owned(),
            figures.claims.to_string(),
            figures.not_covered.to_string(),
        ];
        let shares = [
            figures.accuracy,
            figures.false_marked_supported,
            figures.true_marked_refuted,
            figures.true_marked_not_enough_info,
            figures.auroc,
        ];
        row.extend(
            shares
                .into_iter()
                .chain(figures.calibration_error)
                .map(figure),
        );
        row
    };
    for file in files {
        if let Some(figures) = together(of(file).iter()) {
            rows.push(row(short(&file.file), &figures));
        }
    }
    if let (Some(all), true) = (all, rows.len() > 2) {
        rows.push(row("all", all));
    }
    rows
}

fn confusion(counts: &Confusion) -> Vec<Vec<String>> {
    let mut rows = vec![vec!["label".to_owned()]];
    rows[0].extend(Label::ALL.map(|label| label.as_str().to_owned()));
    rows[0].push("no such claim".to_owned());
    for (label, counts) in Label::ALL.iter().zip(counts.0) {
        let mut row = vec![label.as_str().to_owned()];
        row.extend(counts.map(|count| count.to_string()));
        rows.push(row);
    }
    rows
}

fn reliability(classes: &BTreeMap<&'static str, Reached>) -> Vec<Vec<String>> {
    let headings = ["class", "audits", "verdicts", "right", "flags right"];
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    for class in RELIABILITIES {
        let Some(reached) = classes.get(class.as_str()) else {
            continue;
        };
        let share = |part: usize, all: usize| figure((all > 0).then(|| part as f64 / all as f64));
        rows.push(vec![
            class.as_str().to_owned(),
            reached.audits.to_string(),
            reached.verdicts.to_string(),
            share(reached.right, reached.verdicts),
            share(reached.flags_right, reached.audits),
        ]);
    }
    rows
}

fn alone(judges: &[String], files: &[Measured]) -> Vec<Vec<String>> {
    let mut rows = vec![vec!["file".to_owned()]];
    rows[0].extend(judges.iter().cloned());
    for file in files {
        let mut row = vec![short(&file.file).to_owned()];
        row.extend(
            file.judges
                .iter()
                .map(|(_, scored, auroc)| format!("{} ({scored})", figure(*auroc))),
        );
        rows.push(row);
    }
    rows
}

fn residuals(files: &[Measured], all: &All) -> Vec<Vec<String>> {
    let mut rows = vec![vec!["file".to_owned()]];
    for file in files {
        if rows.len() == 1 {
            rows[0].extend(
                file.residuals
                    .iter()
                    .map(|(one, two, _)| format!("{one}-{two}")),
            );
        }
        let mut row = vec![short(&file.file).to_owned()];
        row.extend(file.residuals.iter().map(|(_, _, value)| figure(*value)));
        rows.push(row);
    }
    if files.len() > 1 {
        let mut row = vec!["mean".to_owned()];
        row.extend(all.residuals.iter().map(|(_, _, value)| figure(*value)));
        rows.push(row);
    }
    rows
}

fn classes(files: &[Measured]) -> Vec<Vec<String>> {
    let headings = [
        "file",
        "class",
        "n",
        "chance",
        "flagged",
        "refuted",
        "undecided",
    ];
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    for file in files {
        for (name, class) in &file.classes {
            let share = |count: usize| figure(Some(count as f64 / class.pairs as f64));
            rows.push(vec![
                short(&file.file).to_owned(),
                name.chars().filter(|c| !c.is_control()).take(40).collect(),
                class.pairs.to_string(),
                figure(Some(class.probabilities / class.pairs as f64)),
                share(class.flagged),
                share(class.refuted),
                share(class.undecided),
            ]);
        }
    }
    rows
}

/// Returns a file's name without its folder and without `.jsonl`.
fn short(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".jsonl").unwrap_or(name)
}

/// Pads the cells to columns; the first column is left-aligned, the others right-aligned.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let width = widths[column];
            if column == 0 {
                let _ = write!(text, "{cell:width$}");
            } else {
                let _ = write!(text, "  {cell:>width$}");
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
#[path = "tests/print.rs"]
mod tests;
