//! Extracts the claims of a candidate: sentences and complete clauses that state something.

use std::ops::Range;

use super::analysis::Analysis;
use super::announcements;
use super::clauses;
use super::denied;
use super::language::Language;
use super::non_claims::{Company, NonClaim, non_claim, states_nothing};
use super::numbers::Unit;
use super::openings::{behind_courtesy, opening};
use super::questions;
use super::regions;
use super::sentences::{self, Part, Sentence, trimmed};
use super::span::Utf16Index;
use super::tokens::{Form, Tokenizer};
use crate::computing::checkpoint;
use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::ids::ClaimId;

/// Maximum number of openings that are removed before one statement.
const OPENINGS: usize = 3;

/// A claim before it gets its id and index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimDraft {
    /// Equal to the candidate's text at `span`.
    pub text: String,
    /// The main kind of content on which the claim rests.
    pub kind: ClaimType,
    /// The position in the candidate.
    pub span: Span,
}

/// Returns the candidate's claims in order, without overlap.
pub fn extract(candidate: &str) -> Vec<ClaimDraft> {
    cut(candidate).0
}

/// Returns the candidate's claims in order, each with the id that `id` returns for its index.
pub(crate) fn numbered(candidate: &str, mut id: impl FnMut(usize) -> ClaimId) -> Vec<Claim> {
    let claim = |(index, draft): (usize, ClaimDraft)| Claim {
        id: id(index),
        index,
        text: draft.text,
        kind: draft.kind,
        span: draft.span,
    };
    extract(candidate)
        .into_iter()
        .enumerate()
        .map(claim)
        .collect()
}

/// Returns the candidate's claims, and the byte ranges that are no claims, with the reason; both in
/// order. Every content word is in one of the two.
pub(crate) fn cut(candidate: &str) -> (Vec<ClaimDraft>, Vec<(Range<usize>, NonClaim)>) {
    let mut others = regions::find(candidate);
    let answer = regions::without(candidate, &others);
    let language = Language::of(&answer);
    let tokenizer = Tokenizer::new(language);
    let spans = Utf16Index::new(candidate);
    let sentences = denied::joined(sentences::split(&answer), &answer, &tokenizer);
    let companies = companies(&sentences, &answer);
    let mut claims = Vec::new();
    for (mut sentence, company) in sentences.into_iter().zip(companies) {
        checkpoint();
        if let Some(stated) = questions::stated(&answer, sentence.range.clone()) {
            for rest in [
                sentence.range.start..stated.start,
                stated.end..sentence.range.end,
            ] {
                if !rest.is_empty() {
                    others.push((rest, NonClaim::Question));
                }
            }
            sentence.range = stated;
        }
        let mut analysis = Analysis::new(&tokenizer, &answer, sentence.range.clone());
        // Openings may be chained: "Sure, according to the text, …".
        for _ in 0..OPENINGS {
            let range = sentence.range.clone();
            let question = answer[range.clone()].ends_with(['?', '？', '؟']);
            let found = opening(&answer, range.start, range.end, &analysis.tokens);
            let Some((end, reason)) = found.filter(|_| !question && sentence.part != Part::Header)
            else {
                break;
            };
            others.push((trimmed(&answer, range.start..end), reason));
            sentence.range = trimmed(&answer, end..range.end);
            analysis = Analysis::new(&tokenizer, &answer, sentence.range.clone());
        }
        if let Some(reason) = non_claim(&answer, &sentence, &analysis, company, language) {
            let polite = reason == NonClaim::Courtesy;
            let Some(start) = polite
                .then(|| behind_courtesy(&answer, &analysis))
                .flatten()
            else {
                others.push((sentence.range, reason));
                continue;
            };
            others.push((trimmed(&answer, sentence.range.start..start), reason));
            sentence.range.start = start;
            analysis = Analysis::new(&tokenizer, &answer, sentence.range.clone());
        }
        let stated = announcements::without_colon(&answer[sentence.range.clone()]);
        sentence.range.end = sentence.range.start + stated.len();
        let clauses = match sentence.part {
            Part::Row => vec![sentence.range.clone()],
            _ => clauses::split(&answer, sentence.range.clone(), &analysis.tokens, language),
        };
        for range in clauses {
            let text = candidate[range.clone()].to_owned();
            let part = Analysis::new(&tokenizer, &text, 0..text.len());
            if let Some(reason) = states_nothing(&text, &part) {
                others.push((range, reason));
                continue;
            }
            claims.push(ClaimDraft {
                kind: kind(&text, &part),
                span: spans.span(range),
                text,
            });
        }
    }
    others.sort_by_key(|(range, _)| range.start);
    (claims, others)
}

/// Returns the neighbourhood of each sentence.
fn companies(sentences: &[Sentence], answer: &str) -> Vec<Company> {
    let of = |at: usize| {
        let block = |other: Option<usize>| {
            let other = other.and_then(|other| sentences.get(other));
            other.is_some_and(|other| other.block == sentences[at].block)
        };
        if sentences.len() == 1 {
            Company::Alone
        } else if at == 0 && answer[sentences[0].range.clone()].ends_with('.') {
            Company::First
        } else if block(at.checked_sub(1)) || block(Some(at + 1)) {
            Company::InBlock
        } else {
            Company::Apart
        }
    };
    (0..sentences.len()).map(of).collect()
}

/// Returns the spans that are no claims, with the reason, in order.
#[cfg(test)]
pub(crate) fn non_claims(candidate: &str) -> Vec<(Span, NonClaim)> {
    let spans = Utf16Index::new(candidate);
    let others = cut(candidate).1.into_iter();
    others
        .map(|(range, reason)| (spans.span(range), reason))
        .collect()
}

/// Returns the kind of a claim by the first rule that matches.
fn kind(text: &str, analysis: &Analysis) -> ClaimType {
    let words: Vec<&str> = analysis
        .tokens
        .iter()
        .map(|token| token.word.as_str())
        .collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let quoted = text.matches(['"', '“', '”', '«', '»', '「', '」']).count() >= 2;
    if quoted
        || has(&[
            "said",
            "says",
            "stated",
            "told",
            "quoted",
            "remarked",
            "sagte",
            "déclaré",
            "dijo",
            "сказал",
        ])
        || text.contains("ccording to")
    {
        return ClaimType::Quotation;
    }
    let compared = words.iter().enumerate().any(|(at, word)| {
        *word == "than"
            && analysis.tokens.get(at + 1).is_some_and(|next| {
                next.form != Form::Number
                    && !analysis
                        .quantities
                        .iter()
                        .any(|q| q.range.start == next.range.start)
            })
    });
    if compared
        || text.contains(" compared to ")
        || text.contains(" compared with ")
        || words.windows(3).any(|w| w[0] == "as" && w[2] == "as")
    {
        return ClaimType::Comparative;
    }
    if has(&[
        "because",
        "caused",
        "causes",
        "cause",
        "therefore",
        "consequently",
        "weil",
        "deshalb",
        "parce",
        "porque",
        "perché",
    ]) || [
        "due to",
        "led to",
        "leads to",
        "resulted in",
        "results in",
        "as a result",
        "thanks to",
        "owing to",
    ]
    .iter()
    .any(|phrase| text.contains(phrase))
    {
        return ClaimType::Causal;
    }
    if analysis
        .quantities
        .iter()
        .any(|quantity| !quantity.weak && quantity.unit != Unit::Rank)
    {
        return ClaimType::Numerical;
    }
    if !analysis.dates.is_empty()
        || has(&[
            "before", "after", "since", "until", "during", "later", "earlier",
        ])
    {
        return ClaimType::Temporal;
    }
    ClaimType::Factual
}

#[cfg(test)]
#[path = "tests/claims.rs"]
mod tests;
