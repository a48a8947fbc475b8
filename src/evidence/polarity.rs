//! Finds the negated words of a sentence.

use std::ops::Range;

use super::denials::DENIALS;
use crate::text::korean;
use crate::text::language::Language;
use crate::text::tokens::{Form, Token, unparted};
use crate::text::words;

/// Returns for each token the negator that governs it. A negator governs the next content word in
/// its clause, or the last one before it if none follows.
pub(crate) fn negated(text: &str, tokens: &[Token], language: Language) -> Vec<Option<usize>> {
    let mut negated = vec![None; tokens.len()];
    for (negator, target) in negations(text, tokens, language) {
        negated[target] = Some(negator);
    }
    negated
}

/// Returns each negator with the token that it governs; two of them may govern one word.
pub(crate) fn negations(text: &str, tokens: &[Token], language: Language) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        if !negates(tokens, at, language) {
            continue;
        }
        let after = (at + 1..tokens.len().min(at + 6))
            .take_while(|next| {
                !text
                    .get(tokens[next - 1].range.end..tokens[*next].range.start)
                    .unwrap_or_default()
                    .contains([',', ';', ':', '('])
                    && !matches!(
                        tokens[*next].word.as_str(),
                        "but" | "sondern" | "mais" | "pero" | "но"
                    )
            })
            .find(|next| !tokens[*next].stop && !negates(tokens, *next, language));
        // In English nothing before the negator is negated, except before "… does not", which
        // leaves the negated verb out.
        let before = || {
            (at.saturating_sub(4)..at)
                .rev()
                .find(|before| !tokens[*before].stop)
        };
        let target = after.or_else(|| {
            if language == Language::English {
                None
            } else {
                before()
            }
        });
        found.extend(target.map(|target| (at, target)));
    }
    found
}

fn negates(tokens: &[Token], at: usize, language: Language) -> bool {
    let word = tokens[at].word.as_str();
    if !words::is_negator(word, language) {
        return false;
    }
    let next = tokens.get(at + 1).map_or("", |token| token.word.as_str());
    match word {
        // In Portuguese "no" means "in the".
        "no" if language == Language::Portuguese => false,
        // "not all" is a quantifier.
        "not" if words::quantifier(next).is_some() => false,
        // Phrases that do not negate: "not only", "no more than", "no doubt", "No. 5".
        "not" | "no" => {
            !(matches!(next, "only" | "least" | "doubt" | "matter" | "sooner")
                || (word == "no"
                    && matches!(next, "more" | "less" | "fewer" | "later")
                    && tokens.get(at + 2).is_some_and(|token| token.word == "than"))
                || (word == "no"
                    && tokens
                        .get(at + 1)
                        .is_some_and(|token| token.form == Form::Number)))
        }
        "declined" | "declines" | "refused" | "refuses" | "fails" | "fail" | "failed"
        | "failing" | "unable" => next == "to",
        _ => true,
    }
}

/// Maximum number of negations of one kind that are examined; ordinary sentences have fewer.
const MOST: usize = 8;

/// For scripts without word separators: finds a negation that only one of the two has. Returns the
/// bytes of the claim at fault and the message.
pub(crate) fn of_characters(claim: &str, given: &str) -> Option<(Range<usize>, String)> {
    if claim.chars().any(korean::syllable) {
        return of_korean(claim, given);
    }
    if !claim.chars().any(unparted) {
        return None;
    }
    if let Some((range, bare)) = prefixed(claim, given) {
        let told = &claim[range.clone()];
        return Some((
            range,
            format!(
                "the claim negates what the source states: \"{told}\", the source says \"{bare}\""
            ),
        ));
    }
    if let Some((range, bare)) = prefixed(given, claim) {
        let at = claim.find(bare)?;
        return Some((
            at..at + bare.len(),
            format!("the source negates this: \"{}\"", &given[range]),
        ));
    }
    // The other text has no negation at all: "没有在1987年开通" beside "在1987年开通".
    let (here, there) = (denials(claim), denials(given));
    match (here.first(), there.first()) {
        (Some(at), None) if short(given) => {
            let range = at.clone();
            let told = &claim[range.clone()];
            return Some((
                range,
                format!("the claim negates what the source states: \"{told}\""),
            ));
        }
        (None, Some(at)) if short(given) => {
            let first = claim.chars().next().map_or(0, char::len_utf8);
            return Some((
                0..first,
                format!("the source negates this: \"{}\"", &given[at.clone()]),
            ));
        }
        _ => {}
    }
    let ends = |text: &str| {
        DENIALS
            .endings
            .iter()
            .find_map(|ending| text.rfind(ending).map(|at| (at, ending.len())))
    };
    match (ends(claim), ends(given)) {
        (Some((at, length)), None) => Some((
            at..at + length,
            format!(
                "the claim negates what the source states: \"{}\"",
                &claim[at..at + length]
            ),
        )),
        (None, Some((at, length))) => {
            let first = claim.char_indices().rev().nth(2).map_or(0, |(at, _)| at);
            Some((
                first..claim.len(),
                format!("the source negates this: \"{}\"", &given[at..at + length]),
            ))
        }
        _ => None,
    }
}

/// Maximum length of a sentence that makes a single statement, in characters.
const ONE_THING: usize = 40;

/// Returns true for a sentence too short to deny something that the claim is not about.
fn short(text: &str) -> bool {
    text.chars().take(ONE_THING + 1).count() <= ONE_THING
        && text.matches(['，', '、', '；', ',']).count() == 0
}

/// The ranges of the negations in a Chinese sentence.
fn denials(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if let Some(word) = DENIALS
            .no_denials
            .iter()
            .find(|word| rest.starts_with(**word))
        {
            at += word.len();
        } else if let Some(negation) = DENIALS.signs.iter().find(|word| rest.starts_with(**word)) {
            found.push(at..at + negation.len());
            at += negation.len();
        } else {
            at += c.len_utf8();
        }
    }
    found
}

/// Does the same for Korean, whose negations are words or part of the verb at the end.
fn of_korean(claim: &str, given: &str) -> Option<(Range<usize>, String)> {
    let denying = |text: &str| {
        let mut at = 0;
        let mut found = Vec::new();
        for word in text.split_inclusive(char::is_whitespace) {
            let bare = word.trim_end().trim_end_matches(['.', '!', '?', ',', '"']);
            if korean::negates(bare) {
                found.push(at..at + bare.len());
            }
            at += word.len();
        }
        found
    };
    let (here, there) = (denying(claim), denying(given));
    if here.len() % 2 == there.len() % 2 {
        return None;
    }
    match (here.into_iter().next(), there.into_iter().next()) {
        (Some(range), _) => {
            let message = format!(
                "the claim negates what the source states: \"{}\"",
                &claim[range.clone()]
            );
            Some((range, message))
        }
        (None, Some(other)) => {
            let message = format!("the source negates this: \"{}\"", &given[other]);
            let start = claim.trim_end().rfind(' ').map_or(0, |at| at + 1);
            Some((start..claim.len(), message))
        }
        (None, None) => None,
    }
}

/// Finds a negation in `one` whose next two characters occur in `other` without it.
fn prefixed<'a>(one: &'a str, other: &str) -> Option<(Range<usize>, &'a str)> {
    for negation in DENIALS.signs.iter().copied() {
        for (at, _) in one.match_indices(negation).take(MOST) {
            let start = at + negation.len();
            let length: usize = one[start..]
                .chars()
                .take(2)
                .take_while(|c| unparted(*c))
                .map(char::len_utf8)
                .sum();
            let bare = &one[start..start + length];
            if bare.chars().count() < 2 || DENIALS.signs.iter().any(|other| bare.starts_with(other))
            {
                continue;
            }
            let mut found = other.match_indices(bare).peekable();
            if found.peek().is_some()
                && found.all(|(place, _)| {
                    !DENIALS
                        .signs
                        .iter()
                        .any(|negation| other[..place].ends_with(negation))
                })
            {
                return Some((at..start + length, bare));
            }
        }
    }
    None
}

#[cfg(test)]
#[path = "tests/polarity.rs"]
mod tests;
