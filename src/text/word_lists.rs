//! Word lists in data files, so that speakers of a language can proofread them without reading
//! code.
//!
//! The files are TOML, in the folder `words/` of the module that uses them; each is parsed when one
//! of its lists is first used. Words are a string, separated by white space and sorted, or a table
//! of such strings by language. Phrases, words whose order counts, and lines with a value and its
//! words are an array. `tests/word_lists.rs` enforces this form.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Deref;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Parses an embedded file; `name` appears in the panic message if the file is invalid.
pub(crate) fn read<T: DeserializeOwned>(name: &str, file: &str) -> T {
    match toml::from_str(file) {
        Ok(lists) => lists,
        Err(error) => panic!("{name}: {error}"),
    }
}

/// The two notations of a list of words.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Together(String),
    ByLanguage(BTreeMap<String, String>),
}

impl Written {
    /// Returns the words, in the file's order within a language. They are leaked, since the lists
    /// live as long as the process.
    fn words(self) -> Vec<&'static str> {
        let texts = match self {
            Self::Together(words) => vec![words],
            Self::ByLanguage(groups) => groups.into_values().collect(),
        };
        let words = texts
            .into_iter()
            .flat_map(|text| Box::leak(text.into_boxed_str()).split_whitespace());
        words.collect()
    }
}

/// A set of whole words.
#[derive(Debug, Deserialize)]
#[serde(from = "Written")]
pub(crate) struct WordSet(HashSet<&'static str>);

impl From<Written> for WordSet {
    fn from(written: Written) -> Self {
        Self(written.words().into_iter().collect())
    }
}

impl WordSet {
    pub(crate) fn contains(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    /// Returns the word as it stands in the file, or `None` if the set lacks it.
    pub(crate) fn get(&self, word: &str) -> Option<&'static str> {
        self.0.get(word).copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }
}

/// Parts of words: prefixes, endings, and infixes.
#[derive(Debug, Deserialize)]
#[serde(from = "Written")]
pub(crate) struct WordParts(Vec<&'static str>);

impl From<Written> for WordParts {
    fn from(written: Written) -> Self {
        Self(written.words())
    }
}

impl WordParts {
    /// Returns whether the word begins with one of them.
    pub(crate) fn begin(&self, word: &str) -> bool {
        self.0.iter().any(|part| word.starts_with(part))
    }

    /// Returns whether the word ends with one of them.
    pub(crate) fn end(&self, word: &str) -> bool {
        self.0.iter().any(|part| word.ends_with(part))
    }

    /// Returns whether the text contains one of them.
    pub(crate) fn stand_in(&self, text: &str) -> bool {
        self.0.iter().any(|part| text.contains(part))
    }
}

/// Words that stand for a name, such as the code of a currency: a table of names, each with its
/// words.
#[derive(Debug, Deserialize)]
#[serde(from = "BTreeMap<String, WordSet>")]
pub(crate) struct NamedWords(HashMap<&'static str, &'static str>);

impl From<BTreeMap<String, WordSet>> for NamedWords {
    fn from(names: BTreeMap<String, WordSet>) -> Self {
        let mut of = HashMap::new();
        for (name, words) in names {
            let name = &*Box::leak(name.into_boxed_str());
            of.extend(words.iter().map(|word| (word, name)));
        }
        Self(of)
    }
}

impl NamedWords {
    /// Returns the name that the word stands for.
    pub(crate) fn get(&self, word: &str) -> Option<&'static str> {
        self.0.get(word).copied()
    }
}

/// A value and the words that stand for it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ValueLine<T> {
    value: T,
    words: WordSet,
}

/// Words that stand for a value: an array of values, each with its words.
#[derive(Debug, Deserialize)]
#[serde(from = "Vec<ValueLine<T>>", bound = "T: Copy + Deserialize<'de>")]
pub(crate) struct ValuedWords<T>(HashMap<&'static str, T>);

impl<T: Copy> From<Vec<ValueLine<T>>> for ValuedWords<T> {
    fn from(lines: Vec<ValueLine<T>>) -> Self {
        let with_value = |line: ValueLine<T>| {
            let words: Vec<_> = line.words.iter().collect();
            words.into_iter().map(move |word| (word, line.value))
        };
        Self(lines.into_iter().flat_map(with_value).collect())
    }
}

impl<T: Copy> ValuedWords<T> {
    /// Returns the value that the word stands for.
    pub(crate) fn get(&self, word: &str) -> Option<T> {
        self.0.get(word).copied()
    }
}

/// Phrases, patterns, and words whose order matters.
#[derive(Debug, Deserialize)]
#[serde(from = "Vec<String>")]
pub(crate) struct Phrases(Vec<&'static str>);

impl From<Vec<String>> for Phrases {
    fn from(written: Vec<String>) -> Self {
        let kept = |text: String| &*Box::leak(text.into_boxed_str());
        Self(written.into_iter().map(kept).collect())
    }
}

impl Deref for Phrases {
    type Target = [&'static str];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

#[cfg(test)]
#[path = "tests/word_lists.rs"]
mod tests;
