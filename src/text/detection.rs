//! Detects the language of a text by its script and its stop words.

use unicode_segmentation::UnicodeSegmentation;

use super::language::{LATIN, Language};
use super::words::stop_words;

/// In a text that is more than names and numbers, at least one in so many words is a function word.
const SPARSE: usize = 12;
/// Maximum number of characters that are examined, which is far more than detection needs.
const SAMPLE: usize = 8_000;

impl Language {
    /// Detects by script, then by the stop words at the beginning of the text; ties go to English.
    pub fn of(text: &str) -> Self {
        let end = text
            .char_indices()
            .nth(SAMPLE)
            .map_or(text.len(), |(at, _)| at);
        let sample = &text[..end];
        let (mut latin, mut cyrillic, mut arabic, mut devanagari, mut other) = (0, 0, 0, 0, 0);
        for character in sample.chars().filter(|c| c.is_alphabetic()) {
            match character {
                '\u{41}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => latin += 1,
                '\u{400}'..='\u{52F}' => cyrillic += 1,
                '\u{600}'..='\u{6FF}' | '\u{750}'..='\u{77F}' => arabic += 1,
                '\u{900}'..='\u{97F}' => devanagari += 1,
                _ => other += 1,
            }
        }
        let most = [latin, cyrillic, arabic, devanagari, other]
            .into_iter()
            .max()
            .unwrap_or(0);
        if most == 0 || latin == most {
            return of_latin(sample);
        }
        match most {
            n if n == cyrillic => Self::Russian,
            n if n == arabic => Self::Arabic,
            n if n == devanagari => Self::Hindi,
            _ => Self::Other,
        }
    }
}

fn of_latin(sample: &str) -> Language {
    let mut hits = [0usize; LATIN.len()];
    let mut words = 0;
    for word in sample.unicode_words() {
        words += 1;
        let word = word.to_lowercase();
        for (hit, language) in hits.iter_mut().zip(LATIN) {
            *hit += usize::from(stop_words(language).is_some_and(|words| words.contains(&word)));
        }
    }
    let mut best = 0;
    for at in 1..LATIN.len() {
        if hits[at] > hits[best] {
            best = at;
        }
    }
    // A single word of a table ("Plus") can be a function word of some language by coincidence.
    if hits[best] * SPARSE < words {
        best = 0;
    }
    LATIN[best]
}

#[cfg(test)]
#[path = "tests/detection.rs"]
mod tests;
