//! What the page and the PDF say, before it has a form.

use std::borrow::Cow;

use crate::domain::verdict::Label;

use super::charts::Chart;

/// How a piece of text is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Style {
    #[default]
    Plain,
    Strong,
    Muted,
    /// A claim in the output, with what was decided.
    Claim(Label),
    /// The sign of a label, which tells it apart without colour.
    Sign(Label),
    /// A passage of the source that a verdict rests on.
    Evidence,
}

/// Text in one style. What was judged, and what a model said, is `foreign`: it may be of any language and
/// direction, and try to be markup.
#[derive(Debug, Clone)]
pub(super) struct Piece<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) style: Style,
    pub(super) foreign: bool,
}

pub(super) type Line<'a> = Vec<Piece<'a>>;

/// The title of a section.
pub(super) fn heading<'a>(text: &'static str) -> Block<'a> {
    Block::Heading(2, vec![ours(text)])
}

/// Words of our own.
pub(super) fn ours<'a>(text: impl Into<Cow<'a, str>>) -> Piece<'a> {
    styled(text, Style::Plain)
}

/// Words of our own in a style.
pub(super) fn styled<'a>(text: impl Into<Cow<'a, str>>, style: Style) -> Piece<'a> {
    Piece {
        text: text.into(),
        style,
        foreign: false,
    }
}

/// Words of somebody else.
pub(super) fn theirs<'a>(text: impl Into<Cow<'a, str>>) -> Piece<'a> {
    Piece {
        text: text.into(),
        style: Style::Plain,
        foreign: true,
    }
}

/// A table; `widths` are shares of the whole.
pub(super) struct Table<'a> {
    pub(super) widths: &'static [f32],
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Vec<Line<'a>>>,
}

pub(super) enum Block<'a> {
    /// Level 2 or 3.
    Heading(u8, Line<'a>),
    Text(Line<'a>),
    /// A text that was judged, as it is, with its line ends.
    Quote(Line<'a>),
    List(Vec<Line<'a>>),
    Facts(Vec<(&'static str, Line<'a>)>),
    Table(Table<'a>),
    Chart(Chart),
}

pub(super) struct Report<'a> {
    pub(super) title: &'static str,
    /// When it was made and which it is.
    pub(super) id: String,
    pub(super) made: chrono::DateTime<chrono::Utc>,
    pub(super) blocks: Vec<Block<'a>>,
}
