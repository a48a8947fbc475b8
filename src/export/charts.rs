//! Charts as shapes, which the HTML page draws as SVG and the PDF as paths.

use std::f32::consts::PI;

use crate::domain::result::ConfidenceInterval;

use super::words::{score, short};

/// The role of a colour; the renderer chooses the colour itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Ink {
    #[default]
    Text,
    Muted,
    Faint,
    Accent,
    Good,
    Bad,
    Unsure,
}

impl Ink {
    /// The name of the CSS class.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Muted => "muted",
            Self::Faint => "faint",
            Self::Accent => "accent",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Unsure => "unsure",
        }
    }
}

/// The alignment of a label relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

pub(super) type Point = (f32, f32);

#[derive(Debug, PartialEq)]
pub(super) enum Shape {
    /// The corner, then width and height.
    Bar(Point, Point, Ink),
    Curve(Vec<Point>, f32, Ink),
    Dot(Point, f32, Ink),
    /// The start of the baseline, then the font size.
    Label(Point, f32, Anchor, Ink, String),
}

/// A chart that fills the available width.
pub(super) struct Chart {
    pub(super) title: &'static str,
    /// The content in words, for readers who cannot see the chart.
    pub(super) description: String,
    pub(super) drawing: Drawing,
    /// A second drawing for narrow screens, if the wide one would be too small to read there.
    pub(super) narrow: Option<Drawing>,
}

/// A drawing of `width` by `height` units.
pub(super) struct Drawing {
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) shapes: Vec<Shape>,
}

const SMALL: f32 = 11.0;

/// Widths of charts, in units of the drawing.
const WIDE: f32 = 600.0;
const NARROW: f32 = 340.0;

fn label(at: Point, anchor: Anchor, ink: Ink, text: impl Into<String>) -> Shape {
    Shape::Label(at, SMALL, anchor, ink, text.into())
}

/// A semicircular gauge of the hallucination score.
pub(super) fn gauge(title: &'static str, hallucination: f64) -> Chart {
    const CENTRE: Point = (150.0, 130.0);
    const RADIUS: f32 = 100.0;
    let on = |share: f32, radius: f32| {
        let angle = PI * (1.0 - share);
        (
            CENTRE.0 + radius * angle.cos(),
            CENTRE.1 - radius * angle.sin(),
        )
    };
    let arc = |to: f32, ink| {
        // The steps are small enough to look round in print.
        let steps = (96.0 * to).ceil().max(1.0);
        let points = (0..=steps as u32).map(|step| on(to * step as f32 / steps, RADIUS));
        Shape::Curve(points.collect(), 18.0, ink)
    };
    let value = hallucination.clamp(0.0, 100.0);
    // The colours of verdicts are not used here, because the threshold decides which score is too
    // high.
    let mut shapes = vec![arc(1.0, Ink::Faint), arc(value as f32 / 100.0, Ink::Accent)];
    for tick in [0.0, 50.0, 100.0] {
        let (x, y) = on(tick as f32 / 100.0, RADIUS + 16.0);
        let anchor = match tick {
            0.0 => Anchor::End,
            50.0 => Anchor::Middle,
            _ => Anchor::Start,
        };
        shapes.push(label((x, y), anchor, Ink::Muted, format!("{tick:.0}")));
    }
    let middle = (CENTRE.0, CENTRE.1 - 12.0);
    shapes.push(Shape::Label(
        middle,
        30.0,
        Anchor::Middle,
        Ink::Text,
        score(value),
    ));
    let below = (CENTRE.0, CENTRE.1 + 10.0);
    shapes.push(label(
        below,
        Anchor::Middle,
        Ink::Muted,
        "of 100; 0 is best",
    ));
    Chart {
        title,
        description: format!("{title} {} of 100, where 0 is best.", score(value)),
        drawing: Drawing {
            width: 300.0,
            height: 150.0,
            shapes,
        },
        narrow: None,
    }
}

/// The consensus on a scale, with its confidence interval and the score of each judge.
pub(super) fn interval(
    consensus: f64,
    interval: Option<&ConfidenceInterval>,
    scores: &[(&str, f64)],
) -> Chart {
    let mut description = format!("Consensus {} of 100", score(consensus));
    if let Some(interval) = interval {
        description.push_str(&format!(
            ", interval {} to {}",
            score(interval.lower),
            score(interval.upper)
        ));
    }
    for (name, value) in scores {
        description.push_str(&format!("; {} {}", short(name), score(*value)));
    }
    Chart {
        title: "Consensus with its interval, and each judge's score",
        description: description + ".",
        drawing: interval_in(WIDE, consensus, interval, scores),
        narrow: Some(interval_in(NARROW, consensus, interval, scores)),
    }
}

fn interval_in(
    width: f32,
    consensus: f64,
    interval: Option<&ConfidenceInterval>,
    scores: &[(&str, f64)],
) -> Drawing {
    const SIDE: f32 = 20.0;
    const AXIS: f32 = 78.0;
    let x = |value: f64| SIDE + (width - 2.0 * SIDE) * value.clamp(0.0, 100.0) as f32 / 100.0;
    let line = |points: [Point; 2], width, ink| Shape::Curve(points.to_vec(), width, ink);
    let mut shapes = vec![line([(x(0.0), AXIS), (x(100.0), AXIS)], 1.0, Ink::Muted)];
    for tick in [0.0, 25.0, 50.0, 75.0, 100.0] {
        let at = x(tick);
        shapes.push(line([(at, AXIS), (at, AXIS + 4.0)], 1.0, Ink::Muted));
        let below = (at, AXIS + 17.0);
        shapes.push(label(
            below,
            Anchor::Middle,
            Ink::Muted,
            format!("{tick:.0}"),
        ));
    }
    if let Some(interval) = interval {
        let (from, to) = (x(interval.lower), x(interval.upper));
        let size = ((to - from).max(1.0), 12.0);
        shapes.push(Shape::Bar((from, 44.0), size, Ink::Faint));
        for end in [from, to] {
            shapes.push(line([(end, 40.0), (end, 60.0)], 2.0, Ink::Accent));
        }
    }
    for (_, value) in scores {
        shapes.push(Shape::Dot((x(*value), 50.0), 3.5, Ink::Text));
    }
    let at = x(consensus);
    shapes.push(line([(at, 30.0), (at, AXIS)], 3.0, Ink::Accent));
    let anchor = match consensus {
        low if low < 15.0 => Anchor::Start,
        high if high > 85.0 => Anchor::End,
        _ => Anchor::Middle,
    };
    let text = format!("consensus {}", score(consensus));
    shapes.push(Shape::Label((at, 22.0), 13.0, anchor, Ink::Text, text));
    Drawing {
        width,
        height: 102.0,
        shapes,
    }
}

/// A row of a bar chart: its name, its share of the full width, and the text at its end.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) share: Option<f64>,
    pub(super) end: String,
    pub(super) ink: Ink,
}

/// Horizontal bars, one below the other.
pub(super) fn bars(title: &'static str, rows: &[Row]) -> Chart {
    let described: Vec<_> = rows
        .iter()
        .map(|row| format!("{} {}", short(&row.name), row.end))
        .collect();
    Chart {
        title,
        description: format!("{title}: {}.", described.join("; ")),
        drawing: bars_between_words(rows),
        narrow: Some(bars_below_words(rows)),
    }
}

fn bars_between_words(rows: &[Row]) -> Drawing {
    const LEFT: f32 = 180.0;
    const LONGEST: f32 = 330.0;
    const STEP: f32 = 26.0;
    let mut shapes = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let top = at as f32 * STEP + 6.0;
        let base = top + 11.0;
        let name = (LEFT - 10.0, base);
        shapes.push(label(name, Anchor::End, Ink::Text, short(&row.name)));
        shapes.extend(bar((LEFT, top), (LONGEST, 14.0), row));
        let end = (LEFT + LONGEST + 8.0, base);
        shapes.push(label(end, Anchor::Start, Ink::Text, row.end.clone()));
    }
    Drawing {
        width: WIDE,
        height: rows.len() as f32 * STEP + 8.0,
        shapes,
    }
}

fn bars_below_words(rows: &[Row]) -> Drawing {
    const STEP: f32 = 36.0;
    let mut shapes = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let top = at as f32 * STEP;
        let base = top + 13.0;
        shapes.push(label(
            (0.0, base),
            Anchor::Start,
            Ink::Text,
            short(&row.name),
        ));
        let end = (NARROW, base);
        shapes.push(label(end, Anchor::End, Ink::Text, row.end.clone()));
        shapes.extend(bar((0.0, top + 18.0), (NARROW, 12.0), row));
    }
    Drawing {
        width: NARROW,
        height: rows.len() as f32 * STEP,
        shapes,
    }
}

/// A bar of the full length in the background, and the row's share of it.
fn bar(at: Point, (longest, height): (f32, f32), row: &Row) -> impl Iterator<Item = Shape> {
    let whole = Shape::Bar(at, (longest, height), Ink::Faint);
    let part = row.share.map(|share| {
        let length = longest * share.clamp(0.0, 1.0) as f32;
        Shape::Bar(at, (length, height), row.ink)
    });
    [Some(whole), part].into_iter().flatten()
}

#[cfg(test)]
#[path = "tests/charts.rs"]
mod tests;
