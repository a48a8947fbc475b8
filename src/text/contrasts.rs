//! Words that stand in each other's place and never mean the same: days, months, units, directions, sizes.
//!
//! A model's vectors put them side by side, since they are used alike; what they say differs. Opposites of
//! verbs and adjectives in general are `lexicon`'s part.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::word_lists::{Phrases, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contrasts {
    sets: Phrases,
}

/// For each word the sets that it is in, with its place there.
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

/// True where two lower-case words are members of one set and differ there.
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
