//! Writes the report as a PDF: laid out by parley, written by krilla.

mod blocks;
mod fonts;
mod parts;
mod sheet;
mod texts;

use std::io::Write;

use krilla::Document;
use krilla::metadata::Metadata;
use krilla::outline::Outline;

use super::charts::Shape;
use super::report::{Block, Line, Report, ours};
use super::unmade::Unmade;
use super::words;

use blocks::Writer;
use fonts::Fonts;
use texts::Typesetter;

#[cfg(test)]
pub(crate) use sheet::MAX_SHEETS;

pub(super) fn render(report: &Report<'_>, file: &mut dyn Write) -> Result<(), Unmade> {
    let mut shown = String::new();
    report
        .blocks
        .iter()
        .for_each(|block| collect(block, &mut shown));
    let fonts = Fonts::for_text(&shown);
    let notice = fonts.notice();
    let footer = format!(
        "Judge Auditor {}, evaluation {}",
        env!("CARGO_PKG_VERSION"),
        report.id
    );
    let mut writer = Writer::new(Typesetter::new(fonts), footer);
    writer.title(report.title);
    if let Some(notice) = notice {
        writer.block(&Block::Text(vec![ours(notice)]), None);
    }
    for (at, block) in report.blocks.iter().enumerate() {
        if writer.is_full() {
            break;
        }
        writer.block(block, report.blocks.get(at + 1));
    }
    let (document, outline) = writer.finish()?;
    let bytes = finish(document, outline, report)?;
    file.write_all(&bytes).map_err(Unmade::because)
}

fn finish(
    mut document: Document,
    outline: Outline,
    report: &Report<'_>,
) -> Result<Vec<u8>, Unmade> {
    document.set_outline(outline);
    document.set_metadata(
        Metadata::new()
            .title(format!("{} {}", report.title, report.id))
            .description(format!("Finished {}", words::time(report.made)))
            .creator("Judge Auditor".to_owned())
            .language("en".to_owned())
            .document_id(report.id.clone()),
    );
    document
        .finish()
        .map_err(|error| Unmade::because(format!("{error:?}")))
}

/// Collects all text of a block, for the choice of fonts.
fn collect(block: &Block<'_>, shown: &mut String) {
    let mut add = |line: &Line<'_>| line.iter().for_each(|piece| shown.push_str(&piece.text));
    match block {
        Block::Heading(_, line) | Block::Text(line) | Block::Quote(line) => add(line),
        Block::List(lines) => lines.iter().for_each(add),
        Block::Facts(facts) => facts.iter().for_each(|(_, line)| add(line)),
        Block::Table(table) => table.rows.iter().flatten().for_each(add),
        Block::Chart(chart) => chart.drawing.shapes.iter().for_each(|shape| {
            if let Shape::Label(.., text) = shape {
                shown.push_str(text);
            }
        }),
    }
}
