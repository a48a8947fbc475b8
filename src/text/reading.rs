//! Normalises a part of a text for comparison: removes markup of emphasis, links, formulas and
//! citations, and invisible characters, composes Unicode, and converts powers and fractions to
//! plain numbers. Keeps the mapping back to the original bytes.
//!
//! Used for comparison only; text that is displayed is always taken from the original.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::citations;
use super::hidden::hidden;
use super::numbers::fractions::vulgar;
use super::powers::{exponent, shifted, written};

/// Maximum distance at which the end of an element or of a formula is searched for, in bytes.
const NEAR: usize = 200;
/// Number of consecutive emphasis marks from which they are no emphasis.
const MARKS: usize = 4;

/// The normalised form of a part of a text.
pub(super) struct Reading {
    pub(super) text: String,
    /// For each byte of `text`, the original byte range; `None` if the text is unchanged.
    origin: Option<Vec<(u32, u32)>>,
}

impl Reading {
    /// Normalises a whole slice, in linear time.
    pub(super) fn new(slice: &str) -> Self {
        if plain(slice) {
            return Self {
                text: slice.to_owned(),
                origin: None,
            };
        }
        let mut reader = Reader {
            slice,
            text: String::with_capacity(slice.len()),
            origin: Vec::with_capacity(slice.len()),
            braces: 0,
            formula: None,
            quotation: None,
        };
        reader.read();
        Self {
            text: reader.text,
            origin: Some(reader.origin),
        }
    }

    /// Returns the byte range of the slice for a range of `text`.
    pub(super) fn original(&self, range: &Range<usize>) -> Range<usize> {
        let Some(origin) = &self.origin else {
            return range.clone();
        };
        let (Some(first), Some(last)) = (
            origin.get(range.start),
            range.end.checked_sub(1).and_then(|at| origin.get(at)),
        ) else {
            return 0..0;
        };
        first.0 as usize..(last.1 as usize).max(first.0 as usize)
    }
}

/// Returns the text with blanks in place of the parts that are not read, so that lengths and
/// positions in bytes stay. This is for models, which were trained on texts without markup.
pub(crate) fn unmarked(text: &str) -> Cow<'_, str> {
    let Some(origin) = Reading::new(text).origin else {
        return Cow::Borrowed(text);
    };
    let mut is_read = vec![false; text.len()];
    for (from, to) in origin {
        is_read[from as usize..(to as usize).min(text.len())].fill(true);
    }
    let mut blanked = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let length = character.len_utf8();
        if is_read[at..at + length].contains(&true) {
            blanked.push(character);
        } else {
            blanked.extend(std::iter::repeat_n(' ', length));
        }
    }
    Cow::Owned(blanked)
}

/// True for a text that normalisation does not change.
fn plain(slice: &str) -> bool {
    let bytes = slice.as_bytes();
    !bytes.iter().enumerate().any(|(at, byte)| match byte {
        b'*' | b'_' | b'`' | b'~' | b'<' | b'[' | b'(' | b'{' | b'$' | b'\\' | b'^' | b'='
        | b'"' => true,
        b'e' | b'E' => at > 0 && bytes[at - 1].is_ascii_digit(),
        0..=8 | 11 | 12 | 14..=31 | 127.. => true,
        _ => false,
    })
}

struct Reader<'s> {
    slice: &'s str,
    text: String,
    origin: Vec<(u32, u32)>,
    /// Number of open braces of commands in a formula; their closing braces are removed, too.
    braces: usize,
    /// The end of the formula that is being processed.
    formula: Option<usize>,
    /// The end of a quotation that consists of a bare number.
    quotation: Option<usize>,
}

impl Reader<'_> {
    fn push(&mut self, text: &str, from: Range<usize>) {
        self.text.push_str(text);
        // The limit on a text's size is far below 4 GiB.
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.origin
            .resize(self.text.len(), (place(from.start), place(from.end)));
    }

    fn read(&mut self) {
        let unseen = hidden(self.slice);
        let mut unseen = unseen.iter().peekable();
        let mut at = 0;
        while let Some(character) = self.slice[at..].chars().next() {
            while unseen.next_if(|range| range.end <= at).is_some() {}
            if let Some(range) = unseen.peek().filter(|range| range.contains(&at)) {
                at = range.end;
                continue;
            }
            let length = self
                .mark(at, character)
                .or_else(|| self.number(at, character))
                .unwrap_or_else(|| self.letter(at, character));
            at += length.max(character.len_utf8());
        }
    }

    /// Removes or replaces markup at this position; returns the number of bytes that were
    /// processed.
    fn mark(&mut self, at: usize, character: char) -> Option<usize> {
        let rest = &self.slice[at..];
        let before = &self.slice[..at];
        if matches!(
            character,
            '[' | '【' | '(' | '（' | '{' | '<' | '†' | '‡' | '¹' | '²' | '³' | '⁰'..='⁹'
        ) && let Some(length) = citations::mark(before, rest)
        {
            return Some(length);
        }
        match character {
            '*' | '_' | '`' | '~' | '=' => emphasis(before, rest, character),
            '"' | '“' | '”' | '„' | '«' | '»' => self.quoted(at, character),
            '<' => self.element(at),
            '[' => link_opens(rest).then_some(1),
            ']' => {
                let address = citations::address(&rest[1..]);
                (address > 0 && address_like(&rest[1..1 + address])).then_some(1 + address)
            }
            '$' => {
                if self.formula == Some(at) {
                    self.formula = None;
                    return Some(1 + usize::from(rest[1..].starts_with('$')));
                }
                let double = usize::from(rest.starts_with("$$"));
                let end = formula(&rest[double..])?;
                self.formula = Some(at + double + end);
                Some(1 + double)
            }
            '\\' => self.command(at),
            '{' if self.braces > 0 => {
                self.braces += 1;
                Some(1)
            }
            '}' if self.braces > 0 => {
                self.braces -= 1;
                Some(1)
            }
            '^' => {
                let digit = |c: char| c.is_ascii_digit() || matches!(c, '-' | '−' | '{');
                (before.ends_with(char::is_alphabetic) && rest[1..].starts_with(digit)).then_some(1)
            }
            '™' | '®' | '©' => Some(character.len_utf8()),
            // Pictures decorate: no rule reads them, and a model was trained without them. Those that may answer a question
            // stay: thumbs, red and green circles, check marks and crosses.
            '👍' | '👎' | '🔴' | '🟢' | '\u{1f5f4}'..='\u{1f5f9}' => None,
            '\u{1f300}'..='\u{1faff}' => Some(character.len_utf8()),
            _ => None,
        }
    }

    /// Handles quotation marks around a bare number; an inch sign has no opening mark.
    fn quoted(&mut self, at: usize, mark: char) -> Option<usize> {
        if self.quotation == Some(at) {
            self.quotation = None;
            return Some(mark.len_utf8());
        }
        let rest = &self.slice[at + mark.len_utf8()..];
        let digits = rest
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')))
            .unwrap_or(rest.len());
        let closed =
            (1..=16).contains(&digits) && rest[digits..].starts_with(['"', '”', '“', '»', '«']);
        if !closed {
            return None;
        }
        self.quotation = Some(at + mark.len_utf8() + digits);
        Some(mark.len_utf8())
    }

    /// Handles an HTML tag: removes an inline one, and replaces others by a space.
    fn element(&mut self, at: usize) -> Option<usize> {
        let rest = &self.slice[at..];
        let body = rest[1..].strip_prefix('/').unwrap_or(&rest[1..]);
        if !body.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let end = rest
            .char_indices()
            .skip(1)
            .take_while(|(at, c)| *at <= NEAR && !matches!(c, '<' | '\n'))
            .find(|(_, c)| *c == '>')
            .map(|(at, _)| at)?;
        let name_end = body
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
            .unwrap_or(body.len());
        let name = body[..name_end].to_ascii_lowercase();
        let tail = &body[name_end..];
        if !tail.starts_with(['>', ' ', '/', '\t'])
            || rest[..end].contains("://") && !tail.contains('=')
        {
            return None;
        }
        if !INLINE.split_whitespace().any(|inline| inline == name) {
            self.push(" ", at..at + end + 1);
        }
        Some(end + 1)
    }

    /// Handles a command of a formula or an escaped mark of Markdown.
    fn command(&mut self, at: usize) -> Option<usize> {
        let rest = &self.slice[at + 1..];
        let next = rest.chars().next()?;
        if next.is_ascii_alphabetic() {
            let end = rest
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(rest.len());
            let name = &rest[..end];
            let sign = match name {
                "times" => "×",
                "cdot" => "·",
                "approx" | "sim" => "≈",
                "pm" => "±",
                "le" | "leq" => "≤",
                "ge" | "geq" => "≥",
                "quad" | "qquad" => " ",
                "text" | "mathrm" | "mathbf" | "textbf" | "mathit" | "textit" | "boxed"
                | "mathsf" | "operatorname" | "emph" | "underline" | "bf" | "displaystyle" => "",
                _ => return None,
            };
            let opens = usize::from(sign.is_empty() && rest[end..].starts_with('{'));
            self.braces += opens;
            self.push(sign, at..at + 1 + end);
            return Some(1 + end + opens);
        }
        match next {
            '(' | ')' | '[' | ']' | '!' => Some(2),
            ',' | ';' | ':' | ' ' => {
                self.push(" ", at..at + 2);
                Some(2)
            }
            '*' | '_' | '`' | '#' | '+' | '-' | '.' | '$' | '%' | '&' | '~' | '{' | '}' | '|'
            | '>' | '<' => {
                self.push(&rest[..1], at + 1..at + 2);
                Some(2)
            }
            _ => None,
        }
    }

    /// Replaces fractions in one character, powers of ten and "3.2e6" by plain digits.
    fn number(&mut self, at: usize, character: char) -> Option<usize> {
        let apart = !self
            .text
            .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | ','));
        let rest = &self.slice[at..];
        if let Some(value) = vulgar(character) {
            self.push(&written(value), at..at + character.len_utf8());
            return Some(character.len_utf8());
        }
        if !character.is_ascii_digit() || !apart {
            return None;
        }
        let digits = rest
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')))
            .unwrap_or(rest.len());
        let mantissa = rest[..digits].trim_end_matches(['.', ',']);
        let behind = &rest[mantissa.len()..];
        // "1½", "1 ½".
        let gap = usize::from(behind.starts_with(' '));
        if let Some(part) = behind[gap..].chars().next().and_then(vulgar) {
            let length = mantissa.len() + gap + behind[gap..].chars().next()?.len_utf8();
            let value: f64 = mantissa.parse().ok().filter(|_| mantissa.len() <= 3)?;
            self.push(&written(value + part), at..at + length);
            return Some(length);
        }
        let (power, length) = exponent(mantissa, behind)?;
        let plain = shifted(mantissa, power)?;
        self.push(&plain, at..at + mantissa.len() + length);
        Some(mantissa.len() + length)
    }

    /// Composes one character with its combining characters.
    fn letter(&mut self, at: usize, character: char) -> usize {
        let rest = &self.slice[at..];
        let first = character.len_utf8();
        let more: usize = rest[first..]
            .chars()
            .take(8)
            .take_while(|c| combines(*c))
            .map(char::len_utf8)
            .sum();
        if more == 0 && character.is_ascii() {
            self.push(&rest[..1], at..at + 1);
            return 1;
        }
        let length = first + more;
        let composed: String = match character {
            '‐' | '‑' => "-".to_owned(),
            // The compatibility form of these would be misleading, or they are handled elsewhere.
            'º' | 'ª' | '…' | '﹒' | '．' => rest[..length].to_owned(),
            _ => rest[..length].nfkc().collect(),
        };
        self.push(&composed, at..at + length);
        length
    }
}

/// Inline elements, which do not separate words.
const INLINE: &str = "b strong i em u s mark small big code span a font sub sup q tt kbd var abbr cite ins del answer \
    final response output strike time data bdi bdo wbr";

fn combines(c: char) -> bool {
    is_combining_mark(c) || matches!(c, '\u{1160}'..='\u{11FF}' | '\u{FF9E}' | '\u{FF9F}')
}

/// Returns the length of a run of emphasis marks; `None` if they are inside a word or stand alone.
fn emphasis(before: &str, rest: &str, character: char) -> Option<usize> {
    // The count is bounded, so that a long run is not scanned repeatedly.
    let length = rest
        .chars()
        .take(MARKS)
        .take_while(|c| *c == character)
        .count();
    let left = before.chars().next_back();
    let right = rest[length..].chars().next();
    if character == '`' {
        return Some(length);
    }
    if matches!(character, '~' | '=') {
        let apart = left.is_none_or(char::is_whitespace) != right.is_none_or(char::is_whitespace);
        return (length == 2 && (character == '~' || apart)).then_some(length);
    }
    let inside =
        left.is_some_and(char::is_alphanumeric) && right.is_some_and(char::is_alphanumeric);
    let blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let alone = blank(left) && blank(right);
    (!(alone || inside && (character == '_' || length == 1)) && length < MARKS).then_some(length)
}

/// True for a link in Markdown, `[words](address)`.
fn link_opens(rest: &str) -> bool {
    let close = rest
        .char_indices()
        .take_while(|(at, c)| *at <= NEAR && *c != '\n')
        .find(|(_, c)| *c == ']');
    close.is_some_and(|(at, _)| {
        let address = citations::address(&rest[at + 1..]);
        address > 0 && address_like(&rest[at + 1..at + 1 + address])
    })
}

fn address_like(bracketed: &str) -> bool {
    let inner = bracketed.trim_matches(['(', ')']).trim();
    !inner.contains(char::is_whitespace)
        && (inner.contains("://")
            || inner.starts_with(['#', '/', '.'])
            || inner.contains('/')
            || inner.starts_with("mailto:"))
}

/// Returns the end of the formula that a dollar sign opens; `None` if the sign is one of money.
fn formula(rest: &str) -> Option<usize> {
    let body = &rest[1..];
    if body.starts_with(char::is_whitespace) {
        return None;
    }
    let end = body
        .char_indices()
        .take_while(|(at, c)| *at <= NEAR && *c != '\n')
        .find(|(_, c)| *c == '$')
        .map(|(at, _)| at)?;
    let (inner, after) = (&body[..end], &body[end + 1..]);
    let spaced = inner.ends_with(char::is_whitespace) || inner.is_empty();
    let prose = inner.contains(char::is_whitespace)
        && !inner.contains(['\\', '=', '^', '+', '<', '>', '×'])
        && inner.contains(char::is_alphabetic);
    (!spaced && !prose && !after.starts_with(|c: char| c.is_ascii_digit())).then_some(end + 1)
}

#[cfg(test)]
#[path = "tests/reading.rs"]
mod tests;
