//! The languages that are distinguished for stemming and stop words.

use serde::Deserialize;

/// A language with its own stop words and, except for the last ones, its own stemmer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Also the default for text in Latin script without known words.
    English,
    German,
    French,
    Spanish,
    Italian,
    Portuguese,
    /// Snowball; any text that is mostly Cyrillic.
    Russian,
    /// Any text that is mostly in Arabic script; only the article is removed.
    Arabic,
    /// Any text that is mostly in Devanagari; no stemming.
    Hindi,
    /// Any other language; no stemming and no stop words.
    Other,
}

/// Languages that are distinguished by their stop words; ties are decided in this order.
pub(super) const LATIN: [Language; 6] = [
    Language::English,
    Language::German,
    Language::French,
    Language::Spanish,
    Language::Italian,
    Language::Portuguese,
];

impl Language {
    /// Returns the name under which it is stored.
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

    /// Returns the language of that name; unknown names give [`Language::Other`].
    pub fn named(name: &str) -> Self {
        let known = [Self::Russian, Self::Arabic, Self::Hindi];
        LATIN
            .into_iter()
            .chain(known)
            .find(|language| language.as_str() == name)
            .unwrap_or(Self::Other)
    }

    /// Returns the stemming algorithm, if there is one.
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
