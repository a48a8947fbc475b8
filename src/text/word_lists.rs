//! Lists of words in data files, which whoever speaks a language can proofread without reading a program.
//!
//! The files are TOML, in the folder `words/` of the module that uses them; each is read once, when one of its
//! lists is first wanted. Words are a string, parted by white space and sorted, or a table of such strings by
//! language. Phrases, words whose order counts, and lines with a value and its words are an array.
//! `tests/word_lists.rs` holds the files to this.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Deref;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Reads a file that is a part of the program; `name` is for whoever has made a mistake in it.
pub(crate) fn read<T: DeserializeOwned>(name: &str, file: &str) -> T {
    match toml::from_str(file) {
        Ok(lists) => lists,
        Err(error) => panic!("{name}: {error}"),
    }
}

/// How words are written.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Together(String),
    ByLanguage(BTreeMap<String, String>),
}

impl Written {
    /// The words, in the file's order within a language. The files live as long as the process, and so do their
    /// words.
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

/// Words that are looked up whole.
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

    /// The word as it stands in the file.
    pub(crate) fn get(&self, word: &str) -> Option<&'static str> {
        self.0.get(word).copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }
}

/// Parts of words: stems that words begin with, endings, pieces.
#[derive(Debug, Deserialize)]
#[serde(from = "Written")]
pub(crate) struct WordParts(Vec<&'static str>);

impl From<Written> for WordParts {
    fn from(written: Written) -> Self {
        Self(written.words())
    }
}

impl WordParts {
    /// Whether the word begins with one of them.
    pub(crate) fn begin(&self, word: &str) -> bool {
        self.0.iter().any(|part| word.starts_with(part))
    }

    /// Whether the word ends with one of them.
    pub(crate) fn end(&self, word: &str) -> bool {
        self.0.iter().any(|part| word.ends_with(part))
    }

    /// Whether the text has one of them anywhere.
    pub(crate) fn stand_in(&self, text: &str) -> bool {
        self.0.iter().any(|part| text.contains(part))
    }
}

/// Words that stand for a name, such as the code of a currency: a table of names, each with its words.
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
    /// What the word stands for.
    pub(crate) fn get(&self, word: &str) -> Option<&'static str> {
        self.0.get(word).copied()
    }
}

/// One value and the words that stand for it.
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
    /// What the word stands for.
    pub(crate) fn get(&self, word: &str) -> Option<T> {
        self.0.get(word).copied()
    }
}

/// Phrases, patterns, and words whose order counts.
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
