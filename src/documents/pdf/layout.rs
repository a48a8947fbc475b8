//! Layout of a PDF page: derives words, lines, columns and paragraphs from the positions of glyphs.
//!
//! PDF 32000-1 §9.4: glyphs are placed one by one or by strings, and nothing marks the end of a
//! word or a line. Lines keep the order in which they are drawn, which is normally that of writing.

use super::super::extracted::ExtractError;
use super::super::raised::{lowered, raised};
use super::line::{Line, Part};
use super::matrix::Matrix;
use super::{bidi, columns};

/// The minimum gap between two glyphs that counts as a blank, relative to the font size.
const BLANK: f64 = 0.15;
/// The minimum gap within a line that may separate columns, relative to the font size.
const WIDE: f64 = 1.2;
/// The maximum overlap of two glyphs of one line, relative to the font size.
const OVERLAP: f64 = 0.6;
/// The maximum distance of baselines that count as equal, relative to the font size.
const SAME_LINE: f64 = 0.2;
/// The maximum size of superscripts and subscripts, relative to the line's.
const SMALL: f64 = 0.86;
/// The maximum distance of superscripts and subscripts from the baseline, relative
/// to the line's size.
const MOVED: f64 = 0.8;
/// The distance of lines beyond which a new paragraph starts, relative to the font size.
const SAME_PARAGRAPH: f64 = 1.8;
/// The factor by which a document may exceed its maximum length before blanks
/// and duplicates are removed.
const SURPLUS: usize = 2;

/// The position of a glyph on its page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glyph {
    /// The unit vector of the writing direction.
    direction: (f64, f64),
    /// The start of the glyph along the line; `to` is its end.
    from: f64,
    to: f64,
    /// The position of the baseline, downwards from the top.
    base: f64,
    size: f64,
}

impl Glyph {
    /// Creates the position of a glyph at the origin of a matrix, given the font
    /// size and the advance.
    pub(super) fn new(place: &Matrix, size: f64, (across, down): (f64, f64)) -> Self {
        let [a, b, c, d, x, y] = place.map(|number| if number.is_finite() { number } else { 0.0 });
        let unit = |(x, y): (f64, f64), otherwise| {
            let length = f64::hypot(x, y);
            if length > 0.0 {
                (x / length, y / length)
            } else {
                otherwise
            }
        };
        let sign = size.signum();
        let right = unit((a * sign, b * sign), (1.0, 0.0));
        let up = unit((c * sign, d * sign), (0.0, 1.0));
        let (direction, below) = if down == 0.0 {
            (right, (-up.0, -up.1))
        } else {
            // Vertical writing: text runs downwards, and lines follow to the left.
            ((-up.0, -up.1), (-right.0, -right.1))
        };
        let along = |(x, y): (f64, f64)| x * direction.0 + y * direction.1;
        let end = (x + across * a + down * c, y + across * b + down * d);
        let (from, to) = (along((x, y)), along(end));
        Self {
            direction,
            from: from.min(to),
            to: from.max(to),
            base: x * below.0 + y * below.1,
            size: (size * f64::hypot(c, d)).abs().max(0.1),
        }
    }
}

/// The position of a glyph relative to the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    On,
    Raised,
    Lowered,
}

/// The text of a page while it is being read.
#[derive(Debug)]
pub(super) struct Page {
    lines: Vec<Line>,
    /// The level of the superscript or subscript at the end of the last line.
    level: Level,
    moved: String,
    /// The last glyph and its text.
    last: Option<(Glyph, String)>,
    chars: usize,
    max_chars: usize,
}

impl Page {
    /// Creates a page of at most `max_chars` characters.
    pub(super) const fn new(max_chars: usize) -> Self {
        Self {
            lines: Vec::new(),
            level: Level::On,
            moved: String::new(),
            last: None,
            chars: 0,
            max_chars,
        }
    }

    /// Adds a glyph and its text.
    pub(super) fn show(&mut self, text: &str, glyph: &Glyph) -> Result<(), ExtractError> {
        self.chars += text.chars().count();
        if self.chars > self.max_chars.saturating_mul(SURPLUS) {
            return Err(ExtractError::TooLong(self.max_chars));
        }
        if self.is_double(text, glyph) {
            return Ok(());
        }
        let level = self.level_of(glyph);
        if text.trim().is_empty() {
            // A blank starts no line, and a glyph without text is no gap.
            if let Some(level) = level.filter(|_| self.follows(glyph)) {
                if !text.is_empty() {
                    self.flush(Level::On);
                    self.blank();
                }
                if level == Level::On {
                    self.extend(glyph);
                }
            }
            return Ok(());
        }
        self.last = Some((*glyph, text.to_owned()));
        match level {
            Some(level) => self.append(text, glyph, level),
            None => self.begin(text, glyph),
        }
        Ok(())
    }

    /// Returns true for a repeated glyph: bold print is simulated by drawing a
    /// glyph twice, slightly offset.
    fn is_double(&self, text: &str, glyph: &Glyph) -> bool {
        self.last.as_ref().is_some_and(|(last, shown)| {
            shown == text
                && !text.trim().is_empty()
                && (last.from - glyph.from).abs() < BLANK * glyph.size
                && (last.base - glyph.base).abs() < BLANK * glyph.size
        })
    }

    /// The level of a glyph relative to the last line; `None` if it belongs to another line.
    fn level_of(&self, glyph: &Glyph) -> Option<Level> {
        let line = self.lines.last()?;
        let end = line.parts.last()?.to;
        let (right, below) = (line.direction, glyph.direction);
        if right.0 * below.0 + right.1 * below.1 < 0.99 {
            return None;
        }
        let apart = glyph.base - line.base;
        let (gap, size) = (glyph.from - end, line.size.max(glyph.size));
        if apart.abs() <= SAME_LINE * glyph.size.min(line.size) {
            let is_backwards = bidi::is_right_to_left(self.last.as_ref()?.1.chars().last())
                && (glyph.to - line.parts.last()?.from).abs() < WIDE * size;
            return (gap > -OVERLAP * size || is_backwards).then_some(Level::On);
        }
        if glyph.size > line.size * SMALL || gap.abs() > OVERLAP * size {
            return None;
        }
        if apart < 0.0 && apart > -MOVED * line.size {
            Some(Level::Raised)
        } else if apart > 0.0 && apart < MOVED * line.size / 2.0 {
            Some(Level::Lowered)
        } else {
            None
        }
    }

    /// Returns true if a glyph directly follows the last one.
    fn follows(&self, glyph: &Glyph) -> bool {
        let part = self.lines.last().and_then(|line| line.parts.last());
        part.is_some_and(|part| (glyph.from - part.to).abs() < glyph.size)
    }

    fn begin(&mut self, text: &str, glyph: &Glyph) {
        self.flush(Level::On);
        let part = Part {
            from: glyph.from,
            to: glyph.to,
            text: text.to_owned(),
            is_visual: false,
        };
        // A superscript may start a line, which then takes the size of the glyph after it.
        if let Some(line) = self.lines.last_mut()
            && line.direction == glyph.direction
            && line.size < glyph.size * SMALL
            && line.parts.len() == 1
            && (0.0..MOVED).contains(&((glyph.base - line.base) / glyph.size))
            && (glyph.from - line.parts[0].to).abs() < OVERLAP * glyph.size
        {
            let mark = raised("", &line.parts[0].text, false);
            line.parts[0].text = format!("{mark}{text}");
            line.parts[0].to = glyph.to;
            (line.base, line.size) = (glyph.base, glyph.size);
            return;
        }
        self.lines.push(Line {
            direction: glyph.direction,
            base: glyph.base,
            size: glyph.size,
            parts: vec![part],
        });
    }

    fn append(&mut self, text: &str, glyph: &Glyph, level: Level) {
        if level != self.level {
            self.flush(level);
        }
        let Some(line) = self.lines.last_mut() else {
            return;
        };
        let size = line.size.max(glyph.size);
        let Some(part) = line.parts.last_mut() else {
            return;
        };
        let gap = glyph.from - part.to;
        if level != Level::On {
            if gap > BLANK * size && !self.moved.is_empty() {
                self.moved.push(' ');
            }
            self.moved.push_str(text);
            part.to = part.to.max(glyph.to);
            return;
        }
        line.size = size;
        if gap > WIDE * size {
            line.parts.push(Part {
                from: glyph.from,
                to: glyph.to,
                text: text.to_owned(),
                is_visual: false,
            });
            return;
        }
        let is_right_to_left = bidi::is_right_to_left(text.chars().next());
        part.is_visual |= is_right_to_left
            && glyph.from > part.from
            && bidi::is_right_to_left(part.text.chars().last());
        let apart = if glyph.to <= part.from + OVERLAP * size {
            part.from - glyph.to
        } else {
            gap
        };
        if apart > BLANK * size && !part.text.ends_with(' ') && !part.text.is_empty() {
            part.text.push(' ');
        }
        part.text.push_str(text);
        part.from = part.from.min(glyph.from);
        part.to = part.to.max(glyph.to);
    }

    /// Ends a superscript or subscript.
    fn flush(&mut self, next: Level) {
        let moved = std::mem::take(&mut self.moved);
        let level = std::mem::replace(&mut self.level, next);
        if moved.is_empty() {
            return;
        }
        if let Some(part) = self.lines.last_mut().and_then(|line| line.parts.last_mut()) {
            let text = if level == Level::Raised {
                raised(&part.text, &moved, false)
            } else {
                lowered(&moved)
            };
            part.text.push_str(&text);
        }
    }

    fn blank(&mut self) {
        if let Some(part) = self.lines.last_mut().and_then(|line| line.parts.last_mut())
            && !part.text.ends_with(' ')
        {
            part.text.push(' ');
        }
    }

    fn extend(&mut self, glyph: &Glyph) {
        if let Some(part) = self.lines.last_mut().and_then(|line| line.parts.last_mut()) {
            part.to = part.to.max(glyph.to);
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.flush(Level::On);
        let mut lines = self.lines;
        for part in lines.iter_mut().flat_map(|line| &mut line.parts) {
            part.text = part.text.trim().to_owned();
            if part.is_visual {
                part.text = bidi::logical(&part.text);
            }
        }
        lines.dedup_by(|next, line| {
            (next.base - line.base).abs() < BLANK * line.size && is_same(line, next)
        });
        let mut text = String::new();
        let mut last: Option<Line> = None;
        for line in columns::in_reading_order(lines) {
            let words: Vec<&str> = line.parts.iter().map(|part| part.text.as_str()).collect();
            let words = words.join(" ");
            if words.is_empty() {
                continue;
            }
            if let Some(last) = &last {
                text.push_str(between(last, &line, &text, &words));
            }
            text.push_str(&words);
            last = Some(line);
        }
        text
    }
}

/// Returns true if a line was drawn again, slightly offset.
fn is_same(line: &Line, again: &Line) -> bool {
    let near = |(one, two): (&Part, &Part)| {
        one.text == two.text && (one.from - two.from).abs() < BLANK * line.size
    };
    line.parts.len() == again.parts.len() && line.parts.iter().zip(&again.parts).all(near)
}

/// Returns the separator between two lines.
fn between(last: &Line, next: &Line, before: &str, after: &str) -> &'static str {
    let size = next.size.min(last.size);
    let down = next.base - last.base;
    if last.direction != next.direction || down > SAME_PARAGRAPH * size.max(next.size * 0.8) {
        return "\n\n";
    }
    if down < -SAME_LINE * size {
        // The top of the next column, where a sentence may continue.
        let ended = before.ends_with(['.', '!', '?', ':', '。']);
        let goes_on = after.starts_with(char::is_lowercase);
        return if goes_on && !ended { "\n" } else { "\n\n" };
    }
    if down < SAME_LINE * size {
        return " ";
    }
    "\n"
}
