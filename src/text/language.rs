//! Which language a text is in, as far as stemming and stop words depend on it.

use unicode_segmentation::UnicodeSegmentation;

use super::words::stop_words;

/// A language with its own stop words and, but for the last ones, its own stemmer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Also what text in Latin script without known words counts as.
    English,
    /// Snowball.
    German,
    /// Snowball.
    French,
    /// Snowball.
    Spanish,
    /// Snowball.
    Italian,
    /// Snowball.
    Portuguese,
    /// Snowball; any text that is mostly Cyrillic.
    Russian,
    /// Any text that is mostly in Arabic script; only the article is cut off.
    Arabic,
    /// Any text that is mostly Devanagari; no stemming.
    Hindi,
    /// Everything else; no stemming and no stop words.
    Other,
}

const LATIN: [Language; 6] = [
    Language::English,
    Language::German,
    Language::French,
    Language::Spanish,
    Language::Italian,
    Language::Portuguese,
];
/// Words of which at least one is a function word in any text that is more than names and numbers.
const SPARSE: usize = 12;
/// Characters that are read to guess: a text's language shows long before.
const SAMPLE: usize = 8_000;

impl Language {
    /// Guesses by script, then by stop words of the text's beginning; ties go to English.
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
            return Self::of_latin(sample);
        }
        match most {
            n if n == cyrillic => Self::Russian,
            n if n == arabic => Self::Arabic,
            n if n == devanagari => Self::Hindi,
            _ => Self::Other,
        }
    }

    fn of_latin(sample: &str) -> Self {
        let mut hits = [0usize; LATIN.len()];
        let mut words = 0;
        for word in sample.unicode_words() {
            words += 1;
            let word = word.to_lowercase();
            for (hit, language) in hits.iter_mut().zip(LATIN) {
                *hit += usize::from(
                    stop_words(language).is_some_and(|words| words.contains(word.as_str())),
                );
            }
        }
        let mut best = 0;
        for at in 1..LATIN.len() {
            if hits[at] > hits[best] {
                best = at;
            }
        }
        // One word of a table ("Plus") is a function word of some language by chance.
        if hits[best] * SPARSE < words {
            best = 0;
        }
        LATIN[best]
    }

    /// The name under which it is kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "english",
            Self::German => "german",
            Self::French => "french",
            Self::Spanish => "spanish",
            Self::Italian => "italian",
            Self::Portuguese => "portuguese",
            Self::Russian => "russian",
            Self::Arabic => "arabic",
            Self::Hindi => "hindi",
            Self::Other => "other",
        }
    }

    /// The language of that name; what nobody knows is stemmed like none.
    pub fn named(name: &str) -> Self {
        let known = [Self::Russian, Self::Arabic, Self::Hindi];
        LATIN
            .into_iter()
            .chain(known)
            .find(|language| language.as_str() == name)
            .unwrap_or(Self::Other)
    }

    /// The stemming algorithm, where there is one.
    pub(super) const fn algorithm(self) -> Option<rust_stemmers::Algorithm> {
        use rust_stemmers::Algorithm;
        Some(match self {
            Self::English => Algorithm::English,
            Self::German => Algorithm::German,
            Self::French => Algorithm::French,
            Self::Spanish => Algorithm::Spanish,
            Self::Italian => Algorithm::Italian,
            Self::Portuguese => Algorithm::Portuguese,
            Self::Russian => Algorithm::Russian,
            Self::Arabic | Self::Hindi | Self::Other => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_languages_are_told_apart() {
        for (text, language) in [
            (
                "The mill by the river was sold to a baker in May.",
                Language::English,
            ),
            (
                "Die Mühle am Fluss wurde im Mai an einen Bäcker verkauft.",
                Language::German,
            ),
            (
                "Le moulin au bord de la rivière a été vendu à un boulanger.",
                Language::French,
            ),
            (
                "El molino junto al río fue vendido a un panadero en mayo.",
                Language::Spanish,
            ),
            (
                "Il mulino sul fiume è stato venduto a un fornaio nella valle.",
                Language::Italian,
            ),
            (
                "O moinho foi vendido a um padeiro e não voltou a abrir.",
                Language::Portuguese,
            ),
            (
                "Мельница у реки была продана пекарю в мае.",
                Language::Russian,
            ),
            ("بيعت الطاحونة إلى خباز في مايو", Language::Arabic),
            ("चक्की मई में एक बेकर को बेच दी गई", Language::Hindi),
            ("磨坊在五月卖给了面包师", Language::Other),
            ("", Language::English),
        ] {
            assert_eq!(Language::of(text), language, "{text}");
        }
    }
}
