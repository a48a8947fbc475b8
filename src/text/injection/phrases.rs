//! What attacks say, in several languages.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::domain::injection::SignKind;
use crate::text::word_lists::{Phrases, WordSet, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttackPhrases {
    /// Phrases of scripts without spaces, looked for as they stand.
    pub(super) joined: Phrases,
    /// What letters that were pulled apart must hold.
    pub(super) spaced: Phrases,
    pub(super) leads: WordSet,
    pub(super) modals: WordSet,
    pub(super) addressed: WordSet,
    /// Rules as `rules` reads them, by what they give away.
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
