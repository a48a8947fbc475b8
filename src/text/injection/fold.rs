//! The folded form of a text, in which phrases are searched for, and the mapping back to the
//! original.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::text::hidden::hidden;

/// A text in lower case, without accents and hidden characters, and with compatibility characters
/// decomposed.
pub(super) struct Fold {
    pub(super) text: String,
    /// For each byte of `text`, the position and length of the original character.
    origin: Vec<(u32, u8)>,
}

impl Fold {
    pub(super) fn new(original: &str) -> Self {
        let mut fold = Self {
            text: String::with_capacity(original.len()),
            origin: Vec::with_capacity(original.len()),
        };
        let mut unseen = hidden(original).into_iter().peekable();
        for (at, character) in original.char_indices() {
            while unseen.next_if(|range| range.end <= at).is_some() {}
            if unseen.peek().is_some_and(|range| range.contains(&at)) {
                continue;
            }
            // The limit on a text's size is far below 4 GiB.
            let origin = (
                u32::try_from(at).unwrap_or(u32::MAX),
                character.len_utf8() as u8,
            );
            if character.is_ascii() {
                fold.text.push(character.to_ascii_lowercase());
            } else {
                let parts = std::iter::once(character).nfkd();
                for part in parts.filter(|&part| !is_combining_mark(part)) {
                    for small in part.to_lowercase() {
                        push_plain(&mut fold.text, small);
                    }
                }
            }
            fold.origin.resize(fold.text.len(), origin);
        }
        fold
    }

    /// Returns the byte range of the original for a range of `text`.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        let (Some(first), Some(last)) = (
            self.origin.get(range.start),
            range.end.checked_sub(1).and_then(|at| self.origin.get(at)),
        ) else {
            return 0..0;
        };
        first.0 as usize..last.0 as usize + usize::from(last.1)
    }
}

/// Replaces letters and marks that have no decomposition by plain ones.
fn push_plain(text: &mut String, small: char) {
    match small {
        'ß' => text.push_str("ss"),
        'æ' => text.push_str("ae"),
        'œ' => text.push_str("oe"),
        'ø' => text.push('o'),
        'ł' => text.push('l'),
        'ı' => text.push('i'),
        'đ' | 'ð' => text.push('d'),
        '“' | '”' | '„' | '«' | '»' | '″' => text.push('"'),
        '‘' | '’' | '‚' | '‹' | '›' | '`' | '′' => text.push('\''),
        '‐' | '–' | '—' | '−' | '―' => text.push('-'),
        '\u{307}' => {}
        other => text.push(other),
    }
}

/// A word or a colon.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub(super) text: String,
    /// Range in the folded text, in bytes.
    pub(super) range: Range<usize>,
    /// True after punctuation or at the start of a line.
    pub(super) starts: bool,
    /// True after the end of a sentence or of a line.
    pub(super) breaks: bool,
    /// True if letters were replaced, so that the text differs from the original.
    pub(super) altered: bool,
}

/// Returns the words of a folded text. With `disguised`, letters of other scripts, and digits and
/// signs inside words, are replaced by the letters that they resemble.
pub(super) fn words(fold: &Fold, disguised: bool) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut starts, mut breaks) = (true, true);
    let mut open: Option<Word> = None;
    let mut characters = fold.text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|&(_, next)| next);
        let end = at + character.len_utf8();
        let inside = open.is_some() && next.is_some_and(char::is_alphanumeric);
        let leads = next.is_some_and(char::is_alphabetic);
        let stands_in = disguised
            && (inside && matches!(character, '@' | '$' | '!' | '|' | '+')
                || leads && matches!(character, '@' | '$'));
        if character.is_alphanumeric() || stands_in {
            let word = open.get_or_insert_with(|| Word {
                text: String::new(),
                range: at..at,
                starts: std::mem::take(&mut starts),
                breaks: std::mem::take(&mut breaks),
                altered: false,
            });
            word.text.push(character);
            word.range.end = end;
            continue;
        }
        // An apostrophe inside a word belongs to it: "don't", "l'instruction".
        if character == '\'' && inside {
            continue;
        }
        words.extend(open.take());
        match character {
            ':' | '=' => {
                words.push(Word {
                    text: ":".to_owned(),
                    range: at..end,
                    starts: false,
                    breaks: false,
                    altered: false,
                });
                starts = true;
            }
            '\n' | '\r' => (starts, breaks) = (true, true),
            '.' | '!' | '?' | '。' | '！' | '？' | '؟' | '।' => {
                starts = true;
                breaks |= next.is_none_or(char::is_whitespace);
            }
            ' ' | '\t' | '_' | '/' | '-' | '&' | '%' | '$' | '+' => {}
            c if c.is_whitespace() => {}
            _ => starts = true,
        }
    }
    words.extend(open);
    if disguised {
        for word in &mut words {
            let skeleton = skeleton(&word.text);
            // Lower-case l is one of the characters that look alike; replacing it alone is no
            // disguise.
            word.altered = skeleton != word.text.replace('l', "i");
            word.text = skeleton;
        }
    }
    words
}

/// Returns the skeleton of a word: letters of other scripts and, beside letters, digits and signs
/// are replaced by the Latin letters that they resemble. Lower-case l becomes i, since 1, ! and |
/// can stand for either.
pub(super) fn skeleton(word: &str) -> String {
    let has_letter = word.chars().any(char::is_alphabetic);
    word.chars()
        .map(|c| match lookalike(c) {
            'l' => 'i',
            '0' if has_letter => 'o',
            '1' | '!' | '|' if has_letter => 'i',
            '3' if has_letter => 'e',
            '4' | '@' if has_letter => 'a',
            '5' | '$' if has_letter => 's',
            '7' | '+' if has_letter => 't',
            '8' if has_letter => 'b',
            '9' if has_letter => 'g',
            other => other,
        })
        .collect()
}

/// Returns the Latin letter that a Cyrillic, Greek, Armenian or other lower-case letter resembles,
/// from Unicode's confusables.
const fn lookalike(c: char) -> char {
    match c {
        'а' | 'α' | 'ɑ' | 'ᴀ' => 'a',
        'ь' | 'β' | 'ʙ' | 'в' => 'b',
        'с' | 'ϲ' | 'ᴄ' => 'c',
        'ԁ' | 'ᴅ' => 'd',
        'е' | 'є' | 'ε' | 'ҽ' | 'ᴇ' => 'e',
        'ɡ' | 'ց' | 'ɢ' => 'g',
        'һ' | 'н' | 'ʜ' | 'հ' => 'h',
        'і' | 'ι' | 'ї' | 'ɩ' | 'ӏ' | 'ɪ' => 'i',
        'ј' | 'ϳ' | 'ᴊ' => 'j',
        'к' | 'κ' | 'ᴋ' => 'k',
        'ʟ' => 'l',
        'м' | 'ᴍ' => 'm',
        'η' | 'п' | 'ո' | 'ɴ' => 'n',
        'о' | 'ο' | 'σ' | 'օ' | 'ᴏ' => 'o',
        'р' | 'ρ' | 'ᴘ' => 'p',
        'ԛ' => 'q',
        'г' | 'ʀ' => 'r',
        'ѕ' | 'ꜱ' => 's',
        'т' | 'τ' | 'ᴛ' => 't',
        'υ' | 'ս' | 'ᴜ' => 'u',
        'ν' | 'ѵ' | 'ᴠ' => 'v',
        'ԝ' | 'ω' | 'ᴡ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ү' | 'ʏ' => 'y',
        'ᴢ' => 'z',
        other => other,
    }
}
