//! The content of the HTML page and the PDF, independent of their form.

use std::borrow::Cow;

use crate::domain::verdict::Label;

use super::charts::Chart;

/// The meaning of a piece of text, which determines its appearance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Style {
    #[default]
    Plain,
    Strong,
    Muted,
    /// A claim in the candidate, with its label.
    Claim(Label),
    /// The sign of a label, which distinguishes it without colour.
    Sign(Label),
    /// A passage of the source that a verdict is based on.
    Evidence,
}

/// Text in one style. Audited texts and answers of models are `foreign`: they may have any language
/// and direction, and may contain markup.
#[derive(Debug, Clone)]
pub(super) struct Piece<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) style: Style,
    pub(super) foreign: bool,
}

pub(super) type Line<'a> = Vec<Piece<'a>>;

pub(super) fn heading<'a>(text: &'static str) -> Block<'a> {
    Block::Heading(2, vec![ours(text)])
}

/// The program's own words.
pub(super) fn ours<'a>(text: impl Into<Cow<'a, str>>) -> Piece<'a> {
    styled(text, Style::Plain)
}

/// The program's own words in a style.
pub(super) fn styled<'a>(text: impl Into<Cow<'a, str>>, style: Style) -> Piece<'a> {
    Piece {
        text: text.into(),
        style,
        foreign: false,
    }
}

/// Creates a piece of text that users or models have written.
pub(super) fn theirs<'a>(text: impl Into<Cow<'a, str>>) -> Piece<'a> {
    Piece {
        text: text.into(),
        style: Style::Plain,
        foreign: true,
    }
}

/// A table; `widths` are shares of the full width.
pub(super) struct Table<'a> {
    pub(super) widths: &'static [f32],
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Vec<Line<'a>>>,
}

pub(super) enum Block<'a> {
    /// The level is 2 or 3.
    Heading(u8, Line<'a>),
    Text(Line<'a>),
    /// An audited text, unchanged and with its line ends.
    Quote(Line<'a>),
    List(Vec<Line<'a>>),
    Facts(Vec<(&'static str, Line<'a>)>),
    Table(Table<'a>),
    Chart(Chart),
}

pub(super) struct Report<'a> {
    pub(super) title: &'static str,
    /// Identifies the evaluation and, with `made`, the time of its creation.
    pub(super) id: String,
    pub(super) made: chrono::DateTime<chrono::Utc>,
    pub(super) blocks: Vec<Block<'a>>,
}
