//! Decides which sentences of a case address the judge.

use std::collections::HashSet;
use std::ops::Range;

use crate::domain::injection::{InjectionSign, Place, SignKind};
use crate::judges::Case;
use crate::text::sentences;

/// The signs by which the ablated prompt leaves sentences out.
pub(crate) struct Suspicion {
    candidate: Signs,
    source: Signs,
    question: Signs,
    /// Sentences of the candidate that are verbatim quotations of the source.
    quoted: HashSet<String>,
}

/// The signs of one text as ranges in UTF-16 code units, sorted and disjoint.
struct Signs {
    /// Signs in plain words, which may also occur in an audited policy.
    words: Vec<Range<usize>>,
    /// Signs that no text contains by accident: special tokens, hidden and encoded characters,
    /// disguised letters.
    marks: Vec<Range<usize>>,
}

impl Suspicion {
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

    /// Returns whether a sentence addresses the judge. A sentence of the candidate that quotes the
    /// source verbatim does not: it has to be verified like any other and not be left out.
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

/// Returns the ranges of the signs, with adjacent and overlapping ones merged.
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

/// Returns a sentence with single spaces between its words.
fn words(sentence: &str) -> String {
    sentence.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[path = "tests/suspicion.rs"]
mod tests;
