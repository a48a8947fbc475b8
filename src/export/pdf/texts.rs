//! Lays out text as lines of glyphs: fonts, directions, line breaks.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use krilla::color::rgb;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use parley::layout::{Alignment, AlignmentOptions, Layout};
use parley::style::{FontFamily, FontWeight, LineHeight, OverflowWrap, StyleProperty};
use parley::{LayoutContext, Line as SetLine};

use crate::domain::verdict::Label;

use super::super::charts::Ink;
use super::super::report::{Line, Piece, Style};
use super::fonts::Fonts;
use super::sheet::{Glyphs, Mark};

/// The line height relative to the font size.
pub(super) const LEADING: f32 = 1.4;

/// Maximum length of a text that is laid out at once, in bytes; a longer one is broken at a space.
const MOST_AT_ONCE: usize = 4000;

/// The appearance of a piece of text.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Look {
    ink: Ink,
    ground: Option<Label>,
    bold: bool,
    underlined: bool,
}

impl Look {
    pub(super) fn of(ink: Ink) -> Self {
        Self {
            ink,
            ..Self::default()
        }
    }

    pub(super) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    fn of_style(style: Style, base: Self) -> Self {
        let label = |label| match label {
            Label::Supported => Ink::Good,
            Label::Refuted => Ink::Bad,
            Label::NotEnoughInfo => Ink::Unsure,
        };
        match style {
            Style::Plain => base,
            Style::Strong => base.bold(),
            Style::Muted => Self::of(Ink::Muted),
            Style::Claim(its) => Self {
                ground: Some(its),
                ..base
            },
            Style::Sign(its) => Self::of(label(its)).bold(),
            Style::Evidence => Self {
                underlined: true,
                ..base
            },
        }
    }
}

pub(super) fn color(ink: Ink) -> rgb::Color {
    let (red, green, blue) = match ink {
        Ink::Text => (0x1a, 0x1d, 0x21),
        Ink::Muted => (0x5b, 0x63, 0x6e),
        Ink::Faint => (0xdf, 0xe3, 0xe8),
        Ink::Accent => (0x1f, 0x5f, 0xbf),
        Ink::Good => (0x18, 0x70, 0x3c),
        Ink::Bad => (0xb3, 0x26, 0x1e),
        Ink::Unsure => (0x86, 0x53, 0x00),
    };
    rgb::Color::new(red, green, blue)
}

fn ground(label: Label) -> rgb::Color {
    match label {
        Label::Supported => rgb::Color::new(0xd9, 0xf0, 0xe0),
        Label::Refuted => rgb::Color::new(0xfb, 0xde, 0xdb),
        Label::NotEnoughInfo => rgb::Color::new(0xfb, 0xec, 0xcb),
    }
}

/// The words that determine the text direction: the program's own or the foreign ones. The others
/// are isolated, so that they do not affect the direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ours,
    Theirs,
}

/// A paragraph laid out in lines.
pub(super) struct Set {
    text: Rc<str>,
    layout: Layout<Look>,
    size: f32,
}

impl Set {
    pub(super) fn lines(&self) -> usize {
        self.layout.len()
    }

    pub(super) fn width(&self) -> f32 {
        self.layout.width()
    }
}

pub(super) struct Typesetter {
    fonts: Fonts,
    layouts: LayoutContext<Look>,
    embedded: HashMap<(u64, u32), Option<Font>>,
}

impl Typesetter {
    pub(super) fn new(fonts: Fonts) -> Self {
        Self {
            fonts,
            layouts: LayoutContext::new(),
            embedded: HashMap::new(),
        }
    }

    /// Lays out a text, with a paragraph for each of its lines.
    pub(super) fn set(
        &mut self,
        line: &Line<'_>,
        base: Look,
        size: f32,
        width: Option<f32>,
        direction: Direction,
    ) -> Vec<Set> {
        let paragraphs = Self::paragraphs(line, base, direction);
        let set = paragraphs.map(|paragraph| self.set_one(paragraph, size, width));
        set.collect()
    }

    /// Splits a text into paragraphs, one for each of its lines, to be laid out
    /// one after the other.
    pub(super) fn paragraphs(
        line: &Line<'_>,
        base: Look,
        direction: Direction,
    ) -> std::vec::IntoIter<Paragraph> {
        let turns = line
            .iter()
            .any(|piece| piece.text.chars().any(is_right_to_left));
        let looks = move |piece: &Piece<'_>| {
            let apart = turns && piece.foreign == (direction == Direction::Ours);
            (shown(piece, apart), Look::of_style(piece.style, base))
        };
        paragraphs(line.iter().map(looks)).into_iter()
    }

    pub(super) fn set_one(
        &mut self,
        (text, looks): Paragraph,
        size: f32,
        width: Option<f32>,
    ) -> Set {
        let families = FontFamily::List(Cow::Borrowed(&self.fonts.families));
        let context = &mut self.fonts.context;
        let mut builder = self.layouts.ranged_builder(context, &text, 1.0, false);
        builder.push_default(StyleProperty::FontFamily(families));
        builder.push_default(StyleProperty::FontSize(size));
        builder.push_default(StyleProperty::LineHeight(LineHeight::Absolute(
            size * LEADING,
        )));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        for (range, look) in looks {
            if look.bold {
                let bold = StyleProperty::FontWeight(FontWeight::BOLD);
                builder.push(bold, range.clone());
            }
            builder.push(StyleProperty::Brush(look), range);
        }
        let mut layout = builder.build(&text);
        layout.break_all_lines(width);
        layout.align(Alignment::Start, AlignmentOptions::default());
        Set {
            text: text.into(),
            layout,
            size,
        }
    }

    /// The elements of a line with the given top edge.
    pub(super) fn marks(&mut self, set: &Set, at: usize, left: f32, top: f32) -> Vec<Mark> {
        let Some(line) = set.layout.get(at) else {
            return Vec::new();
        };
        let height = set.size * LEADING;
        let base = top + line.metrics().baseline - at as f32 * height;
        let mut behind = Vec::new();
        let mut glyphs = Vec::new();
        for run in self.runs(&line) {
            let (from, to) = (left + run.from, left + run.to);
            if let Some(label) = run.look.ground {
                let bar = [from, base - set.size, to - from, set.size * 1.3];
                behind.push(Mark::Bar(bar, ground(label)));
            }
            if run.look.underlined {
                let under = base + set.size * 0.2;
                let line = vec![(from, under), (to, under)];
                behind.push(Mark::Curve(line, 0.8, color(Ink::Accent)));
            }
            glyphs.push(Mark::Glyphs(Glyphs {
                start: (from, base),
                glyphs: run.glyphs,
                font: run.font,
                text: Rc::clone(&set.text),
                size: set.size,
                color: color(run.look.ink),
            }));
        }
        behind.extend(glyphs);
        behind
    }

    /// The glyphs of a line from left to right, grouped by font and appearance.
    fn runs(&mut self, line: &SetLine<'_, Look>) -> Vec<Run> {
        let mut runs = Vec::new();
        let mut x = line.metrics().offset;
        for run in line.runs() {
            let font = run.font().clone();
            let (data, id) = font.data.into_raw_parts();
            let embedded = self.embedded.entry((id, font.index));
            let embedded = embedded.or_insert_with(|| Font::new(data.into(), font.index));
            let size = run.font_size();
            let mut open: Option<Run> = None;
            // The letters of a ligature share one glyph. From right to left, the first letter,
            // which has the glyph, comes last.
            let mut before: Option<Range<usize>> = None;
            for cluster in run.visual_clusters() {
                let range = cluster.text_range();
                if cluster.is_ligature_continuation() {
                    let last = open.as_mut().and_then(|open| open.glyphs.last_mut());
                    match last.filter(|_| !run.is_rtl()) {
                        Some(last) => last.text_range = around(&last.text_range, &range),
                        None => before = Some(around(before.as_ref().unwrap_or(&range), &range)),
                    }
                    continue;
                }
                let range = around(before.take().as_ref().unwrap_or(&range), &range);
                let look = cluster.style().brush;
                if open.as_ref().is_some_and(|open| open.look != look) {
                    runs.extend(open.take());
                }
                for glyph in cluster.glyphs() {
                    if open.is_none() {
                        let Some(font) = embedded.clone() else { break };
                        open = Some(Run::new(x, look, font));
                    }
                    x += glyph.advance;
                    if let Some(open) = &mut open {
                        open.to = x;
                        open.glyphs.push(KrillaGlyph::new(
                            GlyphId::new(glyph.id),
                            glyph.advance / size,
                            glyph.x / size,
                            glyph.y / size,
                            0.0,
                            range.clone(),
                            None,
                        ));
                    }
                }
            }
            runs.extend(open);
        }
        runs
    }
}

/// Consecutive glyphs of one font and appearance.
struct Run {
    from: f32,
    to: f32,
    look: Look,
    font: Font,
    glyphs: Vec<KrillaGlyph>,
}

impl Run {
    fn new(from: f32, look: Look, font: Font) -> Self {
        Self {
            from,
            to: from,
            look,
            font,
            glyphs: Vec::new(),
        }
    }
}

fn around(one: &Range<usize>, other: &Range<usize>) -> Range<usize> {
    one.start.min(other.start)..one.end.max(other.end)
}

/// Replaces control characters by a visible sign.
fn shown(piece: &Piece<'_>, apart: bool) -> String {
    let mut text = String::with_capacity(piece.text.len());
    if apart {
        text.push('\u{2068}');
    }
    for character in piece.text.chars() {
        match character {
            '\t' => text.push_str("    "),
            '\r' => {}
            '\n' => text.push('\n'),
            control if control.is_control() => text.push('\u{fffd}'),
            other => text.push(other),
        }
    }
    if apart {
        text.push('\u{2069}');
    }
    text
}

const fn is_right_to_left(character: char) -> bool {
    matches!(character as u32,
        0x0590..=0x08ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x10800..=0x10fff | 0x1e800..=0x1efff)
}

/// A paragraph before layout: its text, and the appearance of its parts.
pub(super) type Paragraph = (String, Vec<(Range<usize>, Look)>);

/// Splits at line ends, and at spaces where a paragraph is too long.
fn paragraphs(pieces: impl Iterator<Item = (String, Look)>) -> Vec<Paragraph> {
    let mut done = Vec::new();
    let (mut text, mut looks) = (String::new(), Vec::new());
    for (piece, look) in pieces {
        for part in piece.split_inclusive(['\n', ' ']) {
            let ends = part.ends_with('\n');
            let part = part.trim_end_matches('\n');
            for part in bounded(part) {
                if text.len() + part.len() > MOST_AT_ONCE {
                    done.push((std::mem::take(&mut text), std::mem::take(&mut looks)));
                }
                let from = text.len();
                text.push_str(part);
                looks.push((from..text.len(), look));
            }
            if ends {
                done.push((std::mem::take(&mut text), std::mem::take(&mut looks)));
            }
        }
    }
    if !text.is_empty() {
        done.push((text, looks));
    }
    for (_, looks) in &mut done {
        merge(looks);
    }
    done
}

/// Splits into parts that can be laid out at once.
fn bounded(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let cut = rest.floor_char_boundary(MOST_AT_ONCE.min(rest.len()));
        let (part, left) = rest.split_at(cut);
        rest = left;
        (!part.is_empty()).then_some(part)
    })
}

/// Merges adjacent ranges of the same appearance.
fn merge(looks: &mut Vec<(Range<usize>, Look)>) {
    looks.dedup_by(|next, kept| {
        let alike = next.1 == kept.1 && next.0.start == kept.0.end;
        if alike {
            kept.0.end = next.0.end;
        }
        alike
    });
}

#[cfg(test)]
#[path = "tests/texts.rs"]
mod tests;
