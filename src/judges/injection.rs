//! Signs of prompt injection in the texts of a case: passages that address the judges.

use std::ops::Range;

use crate::domain::injection::{InjectionFindings, InjectionSign, Place};
use crate::evidence::SourceIndex;
use crate::text::hidden::visible;
use crate::text::injection::detect;

/// Maximum number of allowed phrases that are compared with one sign, so that the cost does not
/// grow with their number.
const MOST_AT_ONE_PLACE: usize = 16;
/// Maximum number of signs that a result lists.
const LISTED: usize = 50;
/// Maximum length of an excerpt, in characters.
const EXCERPT: usize = 100;

/// Phrases that the operator has declared harmless, such as those of a policy that is audited every
/// day.
#[derive(Debug, Clone, Default)]
pub(crate) struct AllowedPhrases(Vec<String>);

impl AllowedPhrases {
    /// Phrases are compared regardless of case and white space.
    pub(crate) fn new<P: AsRef<str>>(phrases: impl IntoIterator<Item = P>) -> Self {
        let plain = phrases
            .into_iter()
            .map(|phrase| Plain::of(phrase.as_ref()).text);
        Self(plain.filter(|phrase| !phrase.is_empty()).collect())
    }

    /// Returns the ranges of the phrases in a text, in order of their start.
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

/// A text in lower case with single spaces between words, and the mapping back to the original.
struct Plain {
    text: String,
    /// For each byte, the range of the original character.
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

/// Detects signs in the three texts, in the order candidate, source, question; signs within an
/// allowed phrase are left out. Expensive for long texts.
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
                // A phrase that begins before the sign covers it if it also extends beyond its end.
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

/// Returns the injection findings of a result, or `None` if there are no signs. A sign in a passage
/// that was retrieved in addition to the source is reported for the document of that passage.
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

/// Returns the beginning of a passage on one line. Invisible characters are left out; if there are
/// no others, tag characters are shown as the letters that they encode, and others as code points.
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
