//! Detects characters that are invisible to a reader but not to a tokenizer, and removes them.
//!
//! Characters that a script or an emoji needs are kept: joiners inside words of Arabic and Indic
//! scripts and inside emoji, one variation selector after a character that has variants, and the
//! tag characters of a flag.

use std::borrow::Cow;
use std::ops::Range;

/// The black flag, with which the flag of a subdivision begins.
const FLAG: char = '\u{1F3F4}';
/// Maximum number of tag characters in a flag.
const FLAG_TAGS: usize = 6;
const CANCEL_TAG: char = '\u{E007F}';

/// Returns the byte ranges of unnecessary hidden characters, in order; adjacent ones share a range.
pub(crate) fn hidden(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let is_plain = |byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    if text.bytes().all(is_plain) {
        return found;
    }
    let mut before = None;
    let mut flag = 0..0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character == FLAG {
            flag = flag_tags(text, at + character.len_utf8());
        }
        let after = characters.peek().map(|&(_, next)| next);
        if flag.contains(&at) || !is_hidden(before, character, after) {
            before = Some(character);
            continue;
        }
        let end = at + character.len_utf8();
        match found.last_mut() {
            Some(last) if last.end == at => last.end = end,
            _ => found.push(at..end),
        }
    }
    found
}

/// Returns the text without the characters that [`hidden`] finds.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    let hidden = hidden(text);
    if hidden.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut done = 0;
    for range in hidden {
        kept.push_str(&text[done..range.start]);
        done = range.end;
    }
    kept.push_str(&text[done..]);
    Cow::Owned(kept)
}

/// Returns the range of tag characters after a black flag if they form a flag, and an empty range
/// otherwise.
fn flag_tags(text: &str, start: usize) -> Range<usize> {
    let mut end = start;
    for (count, tag) in text[start..].chars().enumerate() {
        end += tag.len_utf8();
        match tag {
            CANCEL_TAG if count > 0 => return start..end,
            '\u{E0030}'..='\u{E0039}' | '\u{E0061}'..='\u{E007A}' if count < FLAG_TAGS => {}
            _ => break,
        }
    }
    start..start
}

/// True for a character that is invisible between its neighbours; `before` is the last visible one.
fn is_hidden(before: Option<char>, character: char, after: Option<char>) -> bool {
    match character {
        // Zero-width joiner and non-joiner.
        '\u{200C}' | '\u{200D}' => {
            let in_word = before.is_some_and(joins) && after.is_some_and(joins);
            let in_emoji = character == '\u{200D}'
                && before.is_some_and(is_emoji)
                && after.is_some_and(is_emoji);
            !in_word && !in_emoji
        }
        // Variation selectors of text, emoji and ideographs.
        '\u{FE00}'..='\u{FE0F}' => !before.is_some_and(|c| {
            !is_selector(c) && (!c.is_ascii() || c.is_ascii_digit() || matches!(c, '#' | '*'))
        }),
        '\u{E0100}'..='\u{E01EF}' => !before.is_some_and(is_ideograph),
        '\u{00AD}'
        | '\u{034F}'
        | '\u{061C}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{180E}'
        | '\u{200B}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{3164}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}' => true,
        // Backspaces and escape sequences can change what a terminal shows; line ends and tabs are
        // white space.
        c => c.is_control() && !c.is_whitespace(),
    }
}

const fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

/// True for scripts in which joiners change the appearance: Arabic and related scripts, those of
/// India and South-East Asia, Mongolian.
const fn joins(c: char) -> bool {
    matches!(c, '\u{0600}'..='\u{0DFF}' | '\u{0E80}'..='\u{109F}' | '\u{1780}'..='\u{18AF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}

/// Approximately true for emoji, their skin tones and their selectors.
const fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{FE0F}' | '\u{1F000}'..='\u{1FAFF}')
}

#[cfg(test)]
#[path = "tests/hidden.rs"]
mod tests;
