//! Sets of words that are used alike and exclude each other: days, months, units, directions,
//! sizes.
//!
//! The vectors of a model place such words close together, since their contexts are alike, but
//! their meanings differ. Antonyms in general are in `lexicon`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::word_lists::{Phrases, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contrasts {
    sets: Phrases,
}

/// For each word, the sets that contain it, with its index in each.
static PLACES: LazyLock<HashMap<&str, Vec<(usize, usize)>>> = LazyLock::new(|| {
    let mut places: HashMap<&str, Vec<(usize, usize)>> = HashMap::new();
    let contrasts: Contrasts = read("contrasts.toml", include_str!("words/contrasts.toml"));
    for (set, members) in contrasts.sets.iter().enumerate() {
        for (member, names) in members.split(' ').enumerate() {
            for name in names.split('=') {
                places.entry(name).or_default().push((set, member));
            }
        }
    }
    places
});

/// True if both lower-case words are in the same set at different positions.
pub(crate) fn contrast(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (PLACES.get(one), PLACES.get(other)) else {
        return false;
    };
    let same = one.iter().any(|place| other.contains(place));
    let beside = |(set, _): &(usize, usize)| other.iter().any(|(theirs, _)| theirs == set);
    !same && one.iter().any(beside)
}

#[cfg(test)]
#[path = "tests/contrasts.rs"]
mod tests;
