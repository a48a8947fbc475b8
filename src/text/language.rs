//! The languages that stemming and stop words depend on.

use serde::Deserialize;

/// A language with its own stop words and, but for the last ones, its own stemmer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Also what text in Latin script without known words counts as.
    English,
    German,
    French,
    Spanish,
    Italian,
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

/// Those that are told apart by their stop words, in the order in which ties are decided.
pub(super) const LATIN: [Language; 6] = [
    Language::English,
    Language::German,
    Language::French,
    Language::Spanish,
    Language::Italian,
    Language::Portuguese,
];

impl Language {
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
