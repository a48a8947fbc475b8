//! A finished evaluation as a file: JSON, CSV, a page of its own, PDF; and several files as one archive.
//!
//! Pure functions from the evaluation to bytes, the same ones each time, written as they are made: no clock,
//! no network. The page and
//! the PDF say the same, since both are made from one `report::Report`. Imports `domain`, `protocol`,
//! `text`. Deliberately not here: who may export (`service`), headers (`http`).

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

/// Writes the evaluation as a file, piece by piece: JSON, CSV and the page hold a row or a block at a time,
/// the PDF its finished sheets, of which it has a bounded number.
///
/// # Errors
/// It has no result, the file can't be written, or a library failed.
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
