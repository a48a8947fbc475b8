//! Exports a finished evaluation as JSON, CSV, a self-contained HTML page or PDF; several
//! files make one archive.
//!
//! Pure functions from the evaluation to bytes, always the same ones, written piece by piece: no
//! clock, no network. The HTML page and the PDF have the same content, since both are made from one
//! `report::Report`. Imports `domain`, `protocol`, `text`. Deliberately absent: permissions (in
//! `service`), headers (in `http`).

pub(crate) mod archive;
mod charts;
mod csv;
mod html;
mod json;
mod pdf;
mod report;
mod sections;
mod unmade;
mod words;

#[cfg(test)]
mod tests;

use std::io::Write;

use crate::protocol::rest::{EvaluationView, Format};

use report::Report;
pub(crate) use unmade::Unmade;

/// Writes the evaluation as a file, piece by piece. JSON, CSV and HTML hold one row or block in
/// memory at a time, the PDF its finished sheets, whose number is limited.
///
/// # Errors
/// It has no result, the file cannot be written, or a library fails.
pub(crate) fn render(
    evaluation: &EvaluationView,
    format: Format,
    file: &mut dyn Write,
) -> Result<(), Unmade> {
    let result = evaluation.result.as_ref();
    let result = result.ok_or_else(|| Unmade::because("there is no result"))?;
    match format {
        Format::Json => json::render(evaluation, file),
        Format::Csv => csv::render(evaluation, result, file),
        Format::Html => html::render(&Report::of(evaluation, result), file),
        Format::Pdf => pdf::render(&Report::of(evaluation, result), file),
    }
}
