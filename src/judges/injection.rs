//! What speaks to the judges in the texts of a case.

use std::ops::Range;

use crate::domain::injection::{InjectionFindings, InjectionSign, Place};
use crate::evidence::SourceIndex;
use crate::text::hidden::visible;
use crate::text::injection::detect;

/// Allowed phrases that are looked at around one sign, so that many of them cost no more than few.
const MOST_AT_ONE_PLACE: usize = 16;
/// Signs that a result lists.
const LISTED: usize = 50;
/// Characters of an excerpt.
const EXCERPT: usize = 100;

/// Phrases that the operator knows and that are no attack, such as those of a policy that is audited every
/// day.
#[derive(Debug, Clone, Default)]
pub(crate) struct AllowedPhrases(Vec<String>);

impl AllowedPhrases {
    /// These, compared regardless of case and of how words are parted.
    pub(crate) fn new<P: AsRef<str>>(phrases: impl IntoIterator<Item = P>) -> Self {
        let plain = phrases
            .into_iter()
            .map(|phrase| Plain::of(phrase.as_ref()).text);
        Self(plain.filter(|phrase| !phrase.is_empty()).collect())
    }

    /// Where they stand in a text, in order.
    fn within(&self, text: &str) -> Vec<Range<usize>> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let plain = Plain::of(text);
        let mut found: Vec<Range<usize>> = Vec::new();
        for phrase in &self.0 {
            let places = plain.text.match_indices(phrase.as_str());
            found.extend(places.map(|(at, _)| plain.original(at..at + phrase.len())));
        }
        found.sort_unstable_by_key(|range| (range.start, range.end));
        found
    }
}

/// A text in small letters with one blank between words, and the way back.
struct Plain {
    text: String,
    /// For each byte the character of the text that it came from.
    origin: Vec<Range<usize>>,
}

impl Plain {
    fn of(text: &str) -> Self {
        let mut plain = Self {
            text: String::with_capacity(text.len()),
            origin: Vec::with_capacity(text.len()),
        };
        for (at, character) in text.trim().char_indices() {
            let at = at + (text.len() - text.trim_start().len());
            if !character.is_whitespace() {
                plain.text.extend(character.to_lowercase());
            } else if !plain.text.ends_with(' ') {
                plain.text.push(' ');
            }
            let place = at..at + character.len_utf8();
            plain.origin.resize(plain.text.len(), place);
        }
        plain
    }

    fn original(&self, range: Range<usize>) -> Range<usize> {
        self.origin[range.start].start..self.origin[range.end - 1].end
    }
}

/// The signs in the three texts, in the order candidate, source, question, each text's in order; none
/// within a phrase that is allowed. Heavy for long texts.
pub(crate) fn signs(
    candidate: &str,
    source: &str,
    question: Option<&str>,
    allowed: &AllowedPhrases,
) -> Vec<InjectionSign> {
    let texts = [
        (Place::Candidate, candidate),
        (Place::Source, source),
        (Place::Question, question.unwrap_or_default()),
    ];
    texts
        .into_iter()
        .flat_map(|(place, text)| {
            let allowed = allowed.within(text);
            let is_allowed = move |range: &Range<usize>| {
                // One of those that begin before it has to reach beyond it.
                let after = allowed.partition_point(|phrase| phrase.start <= range.start);
                let near = &allowed[after.saturating_sub(MOST_AT_ONE_PLACE)..after];
                near.iter().any(|phrase| range.end <= phrase.end)
            };
            let suspicious = detect(text).into_iter();
            let suspicious = suspicious.filter(move |sign| !is_allowed(&sign.range));
            suspicious.map(move |sign| InjectionSign {
                place,
                kind: sign.kind,
                span: sign.span,
                excerpt: excerpt(&text[sign.range]),
                document: None,
            })
        })
        .collect()
}

/// What a result says of the signs; nothing where there are none. What was found beyond the source, in
/// what was retrieved beside it, is told of the document that it comes from.
pub(crate) fn findings(signs: &[InjectionSign], index: &SourceIndex) -> Option<InjectionFindings> {
    let told = |sign: &InjectionSign| {
        let beside = (sign.place == Place::Source).then(|| index.retrieved(sign.span));
        match beside.flatten() {
            None => sign.clone(),
            Some((passage, span)) => InjectionSign {
                place: Place::Document,
                span,
                document: Some(passage.name.clone()),
                ..sign.clone()
            },
        }
    };
    (!signs.is_empty()).then(|| InjectionFindings {
        signs: signs.iter().take(LISTED).map(told).collect(),
        total: signs.len(),
    })
}

/// The beginning of a passage on one line. What can't be seen is left out; where nothing else is
/// there, tags are spelt as the letters that they stand for, and others by their number.
fn excerpt(passage: &str) -> String {
    let seen = visible(passage);
    let shown: String = if seen.trim().is_empty() {
        passage.chars().take(EXCERPT).map(spelt).collect()
    } else {
        seen.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let mut characters = shown.chars();
    let mut kept: String = characters.by_ref().take(EXCERPT - 1).collect();
    if characters.next().is_some() {
        kept.push('…');
    }
    kept
}

fn spelt(character: char) -> String {
    match u32::from(character) {
        code @ 0xE0020..=0xE007E => char::from_u32(code - 0xE0000).map(String::from),
        _ => None,
    }
    .unwrap_or_else(|| format!("U+{:04X} ", u32::from(character)))
}

#[cfg(test)]
#[path = "tests/injection.rs"]
mod tests;
