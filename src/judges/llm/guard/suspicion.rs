//! Which sentences of a case speak to whoever judges it.

use std::collections::HashSet;
use std::ops::Range;

use crate::domain::injection::{InjectionSign, Place, SignKind};
use crate::judges::Case;
use crate::text::sentences;

/// The sentences that a second look leaves out.
pub(crate) struct Suspicion {
    candidate: Signs,
    source: Signs,
    question: Signs,
    /// What stands in the source and, word for word, in the candidate too.
    quoted: HashSet<String>,
}

/// The signs of one text: where they stand, in UTF-16 code units, in order and apart.
struct Signs {
    /// Plain words, such as a policy may hold that is audited.
    words: Vec<Range<usize>>,
    /// What no text holds by accident: marks, hidden and encoded characters, disguises.
    marks: Vec<Range<usize>>,
}

impl Suspicion {
    /// Of all signs of a case.
    pub(crate) fn new(case: &Case) -> Self {
        let of = |place: Place| Signs::new(case.signs.iter().filter(|sign| sign.place == place));
        let (candidate, source) = (of(Place::Candidate), of(Place::Source));
        let both = !candidate.words.is_empty() && !source.words.is_empty();
        let quoted = if both {
            let of_source = sentences_of(&case.source);
            let of_candidate = sentences_of(&case.candidate);
            of_source.intersection(&of_candidate).cloned().collect()
        } else {
            HashSet::new()
        };
        Self {
            candidate,
            source,
            question: of(Place::Question),
            quoted,
        }
    }

    /// Whether a sentence speaks to the judge. A sentence of the candidate that stands in the source word
    /// for word is what the source says: whatever it tells, it is to be checked, and not to be left out.
    pub(crate) fn falls_on(&self, place: Place, sentence: &str, units: &Range<usize>) -> bool {
        let signs = match place {
            Place::Candidate => &self.candidate,
            Place::Source | Place::Document => &self.source,
            Place::Question => &self.question,
        };
        overlaps(&signs.marks, units)
            || overlaps(&signs.words, units)
                && !(place != Place::Question && self.quoted.contains(&words(sentence)))
    }
}

impl Signs {
    fn new<'s>(signs: impl Iterator<Item = &'s InjectionSign>) -> Self {
        let plain = |sign: &&InjectionSign| {
            matches!(
                sign.kind,
                SignKind::InstructionToEvaluator | SignKind::Persuasion
            )
        };
        let (words, marks): (Vec<_>, Vec<_>) = signs.partition(plain);
        Self {
            words: apart(words),
            marks: apart(marks),
        }
    }
}

/// Where the signs stand, those that touch made one.
fn apart(signs: Vec<&InjectionSign>) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = signs
        .into_iter()
        .map(|sign| sign.span.start..sign.span.end)
        .collect();
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|later, earlier| {
        let joins = later.start <= earlier.end;
        if joins {
            earlier.end = earlier.end.max(later.end);
        }
        joins
    });
    ranges
}

fn overlaps(ranges: &[Range<usize>], units: &Range<usize>) -> bool {
    let at = ranges.partition_point(|range| range.end <= units.start);
    ranges.get(at).is_some_and(|range| range.start < units.end)
}

fn sentences_of(text: &str) -> HashSet<String> {
    let all = sentences::split(text).into_iter();
    all.map(|sentence| words(&text[sentence.range])).collect()
}

/// A sentence with one blank between its words.
fn words(sentence: &str) -> String {
    sentence.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[path = "tests/suspicion.rs"]
mod tests;
