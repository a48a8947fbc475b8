//! A small table of synonyms, irregular forms and opposites for English.
//!
//! One line is one concept; a word belongs to one concept only (the first that names it), so that
//! two words mean the same here exactly if their terms are equal.

use std::collections::HashMap;
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

use super::synonyms::SYNONYMS;

/// Opposites: each line is one axis, its two ends parted by a slash.
const AXES: &[&str] = &[
    "increase expand up more upward / decrease shrink down less fewer downward narrow",
    "win / lose",
    "approve support allow confirm / reject ban oppose deny",
    "buy / sell",
    "begin / end stop",
    "open / close",
    "before earlier / after later",
    "above over / below under beneath",
    "big / small",
    "fast / slow",
    "rich / poor",
    "first / last",
    "north northern / south southern",
    "east eastern / west western",
    "left-hand / right-hand",
    "male man / female woman",
    "hot warm / cold cool",
    "high tall / low short",
    "long / short",
    "old / new young",
    "correct true / wrong false",
    "legal lawful / illegal unlawful",
    "guilty convicted / innocent acquitted",
    "convict / acquit",
    "success succeed successful / failure fail unsuccessful",
    "safe / dangerous unsafe",
    "possible / impossible",
    "likely / unlikely",
    "hire appoint / fire",
    "arrive enter / leave exit",
    "born / die",
    "love like / hate dislike",
    "strong / weak",
    "heavy / light",
    "full / empty",
    "public / private",
    "positive / negative",
    "import importer / export exporter",
    "majority / minority",
    "maximum most / minimum least",
    "best / worst",
    "better improve improved / worse worsen deteriorate",
    "build / destroy",
    "help / damage",
    "profit / loss",
    "agree / disagree",
    "present / absent",
    "same identical / different",
    "easy / difficult",
    "cheap / expensive",
    "include / exclude",
    "accelerate / decelerate",
    "ally friend / enemy",
    "victory / defeat",
    "day daytime / night",
    "morning / evening",
    "summer / winter",
    "inside indoor / outside outdoor",
    "inner internal / outer external",
    "urban / rural",
    "offensive / defensive",
    "temporary / permanent",
    "voluntary / mandatory compulsory",
    "lend / borrow",
    "married / divorced",
    "alive / dead",
    "rise / fall",
    "upper / lower",
    "prevent / cause",
    "healthy / sick ill",
    "wet / dry",
    "clean / dirty",
    "optional / mandatory",
    "free / paid",
    "active / inactive",
    "known / unknown",
    "ahead / behind",
    "optimistic / pessimistic",
    "domestic / foreign",
    "senior / junior",
    "major / minor",
    "cancel / confirm",
    "attack / defend",
    "strengthen / weaken",
    "quiet silent / loud noisy",
    "preserve / destroy",
    "deep / shallow",
    "wide broad / narrow",
    "thick / thin",
    "ascend / descend",
    "deposit / withdraw",
    "encourage / discourage",
    "tighten / loosen",
    "praise applaud welcome / criticise criticize condemn blame",
    "remember / forget",
    "attract / repel",
    "raise elevate / lower",
    "gain / lose",
    "activate stimulate induce enhance / inhibit suppress attenuate",
    "upregulate / downregulate",
    "admit / deny",
    "reveal disclose / conceal hide",
    "simple / complex complicated",
    "add / remove",
    "appear / disappear vanish",
    "ancient / modern",
    "forward / backward",
    "shorten / lengthen",
    "freeze / melt thaw",
    "unite / divide",
    "employer / employee",
    "buyer / seller",
    "lender / borrower",
    "landlord / tenant",
    "plaintiff / defendant",
    "advance / retreat",
    "float / sink",
    "overestimate / underestimate",
    "benign / malignant",
    "acute / chronic",
    "sensitive / resistant",
    "visible / invisible hidden",
    "brave / cowardly",
    "generous / stingy",
    "odd / even",
    "sharp / blunt",
    "sweet / bitter sour",
    "smooth / rough",
    "frequent common widespread usual / rare uncommon seldom",
    "unchanged stable constant flat / raise increase lower decrease cut",
    "pending undecided unresolved / approve reject decide settle resolve close",
    "optional voluntary / required obligatory",
    "postpone delay / advance",
    "gross / net",
    "optimist / pessimist",
    "mild / severe",
    "guest / host",
];

struct Lexicon {
    /// Stem to the stem that stands for its concept.
    concepts: HashMap<String, String>,
    /// Term to its places on axes: number of the axis, and which end.
    axes: HashMap<String, Vec<(usize, bool)>>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let stemmer = Stemmer::create(Algorithm::English);
    let mut concepts: HashMap<String, String> = HashMap::new();
    for line in SYNONYMS {
        let mut head: Option<String> = None;
        for word in line.split_whitespace().filter(|word| !word.contains('-')) {
            let stem = stemmer.stem(word).into_owned();
            let head = head.get_or_insert_with(|| {
                concepts.get(&stem).cloned().unwrap_or_else(|| stem.clone())
            });
            concepts.entry(stem).or_insert_with(|| head.clone());
        }
    }
    let mut axes: HashMap<String, Vec<(usize, bool)>> = HashMap::new();
    for (number, line) in AXES.iter().enumerate() {
        for (end, words) in line.split('/').enumerate() {
            for word in words.split_whitespace() {
                let stem = stemmer.stem(word).into_owned();
                let term = concepts.get(&stem).cloned().unwrap_or(stem);
                let places = axes.entry(term).or_default();
                if !places.contains(&(number, end == 1)) {
                    places.push((number, end == 1));
                }
            }
        }
    }
    // A concept that stands on both ends of one axis says nothing on it.
    for places in axes.values_mut() {
        let all = places.clone();
        places.retain(|(number, end)| !all.contains(&(*number, !end)));
    }
    Lexicon { concepts, axes }
});

/// The stem that stands for the concept of an English stem; the stem itself where none is known.
pub fn concept(stem: &str) -> &str {
    LEXICON.concepts.get(stem).map_or(stem, String::as_str)
}

/// True where two terms of the same text language are opposites.
pub fn opposite(one: &str, other: &str) -> bool {
    let (Some(left), Some(right)) = (LEXICON.axes.get(one), LEXICON.axes.get(other)) else {
        return prefixed(one, other) || prefixed(other, one);
    };
    left.iter()
        .any(|(axis, end)| right.contains(&(*axis, !end)) && !right.contains(&(*axis, *end)))
}

/// True where `long` is `short` with a negating prefix.
fn prefixed(long: &str, short: &str) -> bool {
    ["un", "in", "im", "dis", "non", "ir", "il"]
        .iter()
        // "form" and "inform" are no opposites, "active" and "inactive" are.
        .any(|prefix| {
            long.strip_prefix(prefix) == Some(short)
                && short.len() >= if *prefix == "un" { 3 } else { 5 }
        })
}

#[cfg(test)]
#[path = "tests/lexicon.rs"]
mod tests;
