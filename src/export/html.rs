//! A self-contained HTML page: no scripts, no external resources, and escaped texts.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::domain::verdict::Label;

use super::charts::{Anchor, Chart, Drawing, Point, Shape};
use super::report::{Block, Line, Piece, Report, Style};
use super::unmade::Unmade;
use super::words;

const STYLE: &str = include_str!("style.css");

pub(super) fn render(report: &Report<'_>, file: &mut dyn Write) -> Result<(), Unmade> {
    // The stylesheet is allowed by its hash, and nothing else is allowed.
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
    );
    let head = html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            title { (report.title) " " (report.id) }
            style { (PreEscaped(STYLE)) }
        }
    };
    let title = html! { h1 { (report.title) } };
    let footer = html! {
        footer {
            "Judge Auditor " (env!("CARGO_PKG_VERSION")) ", evaluation " (report.id) ", "
            (words::time(report.made))
        }
    };
    let mut put = |markup: &str| file.write_all(markup.as_bytes()).map_err(Unmade::because);
    put(DOCTYPE.0)?;
    put("<html lang=\"en\">")?;
    put(&head.0)?;
    put("<body><main>")?;
    put(&title.0)?;
    for block in &report.blocks {
        match block {
            // The longest blocks are the audited texts, which are written piece by piece, one for
            // each claim or passage.
            Block::Quote(line) => {
                put("<blockquote dir=\"auto\" lang=\"\">")?;
                for piece in line {
                    put(&quoted(piece).0)?;
                }
                put("</blockquote>")?;
            }
            block => put(&one(block).0)?,
        }
    }
    put(&footer.0)?;
    put("</main></body></html>")
}

fn quoted(piece: &Piece<'_>) -> Markup {
    html! {
        @if piece.foreign { (bare(piece, true)) } @else { bdi lang="en" { (bare(piece, true)) } }
    }
}

fn one(block: &Block<'_>) -> Markup {
    html! {
        @match block {
            Block::Heading(3, line) => { h3 { (inline(line)) } }
            Block::Heading(_, line) => { h2 { (inline(line)) } }
            Block::Text(line) => { p dir="auto" { (inline(line)) } }
            Block::Quote(line) => {
                blockquote dir="auto" lang="" { @for piece in line { (quoted(piece)) } }
            }
            Block::List(items) => {
                ul { @for item in items { li { (inline(item)) } } }
            }
            Block::Facts(facts) => {
                dl { @for (name, line) in facts { dt { (name) } dd { (inline(line)) } } }
            }
            Block::Table(table) => {
                // Few columns fit a narrow view as they are.
                table class=[(table.head.len() > 2).then_some("many")] {
                    thead { tr { @for name in &table.head { th scope="col" { (name) } } } }
                    tbody {
                        @for row in &table.rows {
                            // In a narrow view each cell says its column.
                            tr { @for (name, cell) in table.head.iter().zip(row) { td data-name=(name) { (inline(cell)) } } }
                        }
                    }
                }
            }
            Block::Chart(chart) => (figure(chart))
        }
    }
}

/// A line of the program's own words and foreign texts, each of which has a text
/// direction of its own.
fn inline(line: &Line<'_>) -> Markup {
    html! {
        @for piece in line {
            @if piece.foreign { bdi lang="" { (bare(piece, false)) } } @else { (bare(piece, false)) }
        }
    }
}

fn bare(piece: &Piece<'_>, small: bool) -> Markup {
    let text = visible(&piece.text);
    let sized = if small { " small" } else { "" };
    html! {
        @match piece.style {
            Style::Plain => (text)
            Style::Strong => { strong { (text) } }
            Style::Muted => { span.muted { (text) } }
            Style::Claim(label) => { mark class=(format!("claim {}", tone(label))) { (text) } }
            Style::Sign(label) => {
                span class=(format!("sign {}{sized}", tone(label))) title=(words::verdict(label)) { (text) }
            }
            Style::Evidence => { mark { (text) } }
        }
    }
}

const fn tone(label: Label) -> &'static str {
    match label {
        Label::Supported => "good",
        Label::Refuted => "bad",
        Label::NotEnoughInfo => "unsure",
    }
}

/// Replaces characters that HTML does not allow by the replacement character.
fn visible(text: &str) -> String {
    let allowed = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| if allowed(c) { c } else { '\u{fffd}' })
        .collect()
}

fn figure(chart: &Chart) -> Markup {
    let small = (chart.drawing.width < 400.0).then_some("small");
    html! {
        figure class=[small] {
            figcaption { (chart.title) }
            @if let Some(narrow) = &chart.narrow {
                (drawing(chart, &chart.drawing, Some("wide")))
                (drawing(chart, narrow, Some("narrow")))
            } @else {
                (drawing(chart, &chart.drawing, None))
            }
        }
    }
}

/// Draws one of a chart's two drawings; the style shows one of them and hides the
/// other from all readers.
fn drawing(chart: &Chart, drawing: &Drawing, place: Option<&str>) -> Markup {
    html! {
        svg class=[place] viewBox=(format!("0 0 {} {}", drawing.width, drawing.height)) role="img"
            aria-label=(visible(&chart.description)) {
            @for shape in &drawing.shapes { (drawn(shape)) }
        }
    }
}

fn drawn(shape: &Shape) -> Markup {
    html! {
        @match shape {
            Shape::Bar((x, y), (width, height), ink) => {
                rect class=(format!("bar {}", ink.name())) x=(of(*x)) y=(of(*y))
                    width=(of(*width)) height=(of(*height)) rx="2" {}
            }
            Shape::Curve(points, width, ink) => {
                polyline class=(format!("curve {}", ink.name())) points=(list(points))
                    stroke-width=(of(*width)) {}
            }
            Shape::Dot((x, y), radius, ink) => {
                circle class=(format!("dot {}", ink.name())) cx=(of(*x)) cy=(of(*y)) r=(of(*radius)) {}
            }
            Shape::Label((x, y), size, anchor, ink, text) => {
                text class=(ink.name()) x=(of(*x)) y=(of(*y)) font-size=(of(*size))
                    text-anchor=(name_of(*anchor)) { (visible(text)) }
            }
        }
    }
}

fn of(value: f32) -> String {
    format!("{value:.2}")
}

fn list(points: &[Point]) -> String {
    let pairs: Vec<String> = points
        .iter()
        .map(|(x, y)| format!("{},{}", of(*x), of(*y)))
        .collect();
    pairs.join(" ")
}

const fn name_of(anchor: Anchor) -> &'static str {
    match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    }
}
