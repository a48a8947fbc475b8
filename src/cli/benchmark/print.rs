//! The figures as tables.

use std::fmt::Write as _;

use super::figures::Measured;
use crate::metrics::FLAGGED;
use crate::metrics::accuracy::{Accuracy, interval};

/// Three decimals, or a dash for what is undefined.
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

/// One row a file, and their mean; then what the judges are worth alone, and what became of each class.
pub(super) fn table(judges: &[String], files: &[Measured], all: Option<&Accuracy>) -> String {
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
    ];
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    for file in files {
        let mut row = vec![
            short(&file.file).to_owned(),
            file.pairs.to_string(),
            file.supported.to_string(),
        ];
        row.extend(cells(&file.accuracy));
        row.push(format!("{:.0}", file.speed()));
        rows.push(row);
    }
    if let (Some(all), true) = (all, files.len() > 1) {
        let sum = |count: fn(&Measured) -> usize| files.iter().map(count).sum::<usize>();
        let mut row = vec![
            "macro".to_owned(),
            sum(|file| file.pairs).to_string(),
            sum(|file| file.supported).to_string(),
        ];
        row.extend(cells(all));
        let seconds: f64 = files.iter().map(|file| file.seconds).sum();
        row.push(format!(
            "{:.0}",
            sum(|file| file.pairs) as f64 / seconds.max(1e-9)
        ));
        rows.push(row);
    }
    let mut text = format!(
        "judges: {}; a hallucination score of {FLAGGED} or more flags an output\n\n",
        judges.join(", ")
    );
    text.push_str(&aligned(&rows));
    for file in files {
        if file.unscored > 0 {
            let _ = writeln!(
                text,
                "{}: no judge gave a score for {} pairs; they are in no figure",
                short(&file.file),
                file.unscored
            );
        }
        if file.failed > 0 {
            let _ = writeln!(
                text,
                "{}: judges failed {} times",
                short(&file.file),
                file.failed
            );
        }
    }
    text.push_str("\nEach judge alone: AUROC (pairs that it scored)\n");
    text.push_str(&aligned(&alone(judges, files)));
    if judges.len() > 1 {
        text.push_str("\nResidual correlation: what two judges get wrong alike\n");
        text.push_str(&aligned(&residuals(files)));
    }
    let classes = classes(files);
    if classes.len() > 1 {
        text.push_str(
            "\nBy class: mean score, share flagged, share with a refuted claim, share undecided\n",
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

fn residuals(files: &[Measured]) -> Vec<Vec<String>> {
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
    rows
}

fn classes(files: &[Measured]) -> Vec<Vec<String>> {
    let headings = [
        "file",
        "class",
        "n",
        "score",
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
                format!("{:.1}", class.scores / class.pairs as f64),
                share(class.flagged),
                share(class.refuted),
                share(class.undecided),
            ]);
        }
    }
    rows
}

/// The file's name without its folder and ending.
fn short(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".jsonl").unwrap_or(name)
}

/// The first column to the left, the others to the right.
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
