//! Words and signs that deny besides the negators of a language: other ways to say "not", and signs
//! of scripts without word separators.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::text::word_lists::{Phrases, WordSet, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Denials {
    pub(super) in_other_words: WordSet,
    pub(super) signs: Phrases,
    pub(super) endings: Phrases,
    pub(super) no_denials: Phrases,
}

pub(super) static DENIALS: LazyLock<Denials> =
    LazyLock::new(|| read("denials.toml", include_str!("words/denials.toml")));
