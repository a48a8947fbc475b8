//! Phrases of attacks in several languages, read from data files.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::domain::injection::SignKind;
use crate::text::word_lists::{Phrases, WordSet, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttackPhrases {
    /// Phrases in scripts without spaces, which are searched for verbatim.
    pub(super) joined: Phrases,
    /// Words that must occur in letters that were spaced out.
    pub(super) spaced: Phrases,
    pub(super) leads: WordSet,
    pub(super) modals: WordSet,
    pub(super) addressed: WordSet,
    /// Rules in the syntax of `rules`, by the kind of their findings.
    pub(super) rules: Vec<OfKind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfKind {
    pub(super) kind: SignKind,
    pub(super) phrases: Phrases,
}

pub(super) static PHRASES: LazyLock<AttackPhrases> =
    LazyLock::new(|| read("phrases.toml", include_str!("words/phrases.toml")));
