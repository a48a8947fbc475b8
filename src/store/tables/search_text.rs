//! How a search of the history reads texts: it ignores case, accents, and how white space and
//! characters of several forms are written.

use unicode_normalization::char::{compose, decompose_compatible};

/// From this character on, letters that can be written in parts are kept whole.
const WHOLE: char = '\u{1100}';

/// What of ASCII becomes a space or goes.
const OTHER_SPACE: [char; 6] = ['\t', '\n', '\u{b}', '\u{c}', '\r', '\0'];

/// Folds a text for searching. Each character is folded by itself, but for white space, whose runs
/// become one space; so a part of a text folds to a part of what the whole folds to.
///
/// Full and half widths, ligatures and presentation forms become the plain letters. Accents go, and
/// so do the points of Hebrew and Arabic, which most texts leave out. The signs of Indic scripts and
/// the voicing marks of Japanese stay, since without them it is another word.
pub(super) fn folded(text: &str) -> String {
    // The quick way of most texts, since a search folds every text that it compares.
    if text.is_ascii()
        && !text.contains("  ")
        && !OTHER_SPACE.iter().any(|space| text.contains(*space))
    {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    // No stored text has NUL.
    for letter in text.chars().filter(|letter| *letter != '\0') {
        if letter.is_whitespace() {
            push_space(&mut folded);
        } else if letter.is_ascii() {
            folded.push(letter.to_ascii_lowercase());
        } else if has_other_forms(letter) {
            decompose_compatible(letter, |part| push(part, &mut folded));
        } else {
            push(letter, &mut folded);
        }
    }
    folded
}

fn push_space(folded: &mut String) {
    if !folded.ends_with(' ') {
        folded.push(' ');
    }
}

fn push(letter: char, folded: &mut String) {
    if letter.is_whitespace() {
        push_space(folded);
        return;
    }
    for small in letter.to_lowercase() {
        match small {
            'ß' => folded.push_str("ss"),
            // A sigma at the end of a word, and the Turkish letter that differs from "i" by its dot.
            'ς' => folded.push('σ'),
            'ı' => folded.push('i'),
            small if is_accent(small) || is_invisible(small) => {}
            small => push_composed(small, folded),
        }
    }
}

/// Adds a letter, to the one before if both are one: a voicing mark to the letter of Japanese, a part
/// to the syllable of Korean. Alphabets stay as they are taken apart.
fn push_composed(letter: char, folded: &mut String) {
    let whole = (letter >= WHOLE)
        .then(|| folded.chars().next_back())
        .flatten()
        .and_then(|before| compose(before, letter));
    if let Some(whole) = whole {
        folded.pop();
        folded.push(whole);
    } else {
        folded.push(letter);
    }
}

/// Returns whether the decomposition of a letter gives the plain letter. Korean syllables and
/// Japanese letters stay whole: taken apart, one would be found in another.
const fn has_other_forms(letter: char) -> bool {
    matches!(letter,
        ..WHOLE
        | '\u{1e00}'..'\u{2c00}'
        | '\u{3200}'..='\u{33ff}'
        | '\u{f900}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefe}'
        | '\u{ff00}'..='\u{ffef}'
        | '\u{1d400}'..='\u{1d7ff}')
}

const fn is_accent(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}'
        | '\u{483}'..='\u{487}'
        // Points of Hebrew.
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        // Points of Arabic, and the stroke that stretches a word.
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}' | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}')
}

/// Soft hyphens, joiners, marks of direction and of a character's variant.
const fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}')
}

/// Returns whether a folded character is between words: white space and punctuation. Signs that
/// people search for, such as those of currencies and emoji, are not.
pub(super) const fn is_separator(letter: char) -> bool {
    if letter.is_ascii() {
        return !letter.is_ascii_alphanumeric();
    }
    matches!(letter,
        '\u{80}'..='\u{a1}' | '\u{a6}'..='\u{bf}'
        | '\u{60c}' | '\u{61b}' | '\u{61f}' | '\u{6d4}'
        | '\u{964}' | '\u{965}'
        | '\u{2000}'..='\u{206f}'
        | '\u{3000}'..='\u{303f}')
}

#[cfg(test)]
#[path = "tests/search_text.rs"]
pub(in crate::store::tables) mod tests;
