//! Finds the words of a sentence that express the words of a claim, by the vectors
//! of a sentence encoder.
//!
//! Words are compared in their sentences, as BERTScore (Zhang et al. 2020) and ColBERT (Khattab &
//! Zaharia 2020) do. Words with close vectors but different meanings (numbers, names, dates,
//! negators, quantifiers, opposites) never count as equal here, but are compared exactly. The
//! results are cached by the claim's text, so that a repeated claim costs nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::view::NeuralView;
use crate::computing::checkpoint;
use crate::neural::{Encoded, Encoder};
use crate::text::analysis::Analysis;
use crate::text::language::Language;
use crate::text::reading::unmarked;
use crate::text::tokens::{Form, Token};
use crate::text::{contrasts, lexicon, words};

/// Maximum number of claims of one candidate that the encoder compares, so that a candidate of
/// thousands of claims costs no more than one of hundreds; the rest is left to the rules.
const CLAIMS: usize = 256;
/// Maximum number of sentences from the start of a source that are compared.
const SENTENCES: usize = 600;
/// Number of sentences up to which all are compared with each claim: once encoded
/// they serve all claims.
pub(super) const SHORT: usize = 40;
/// Minimum cosine for a word of a sentence to express a word of a claim.
const CARRIES: f64 = 0.6;

/// The encoder and its results for one source.
#[derive(Debug)]
pub(super) struct Sight {
    encoder: Arc<Encoder>,
    /// Keyed by the claim's text.
    seen: Mutex<HashMap<String, Arc<Seen>>>,
}

/// The encoder's results for one claim.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Keyed by sentence; `None` for a sentence that cannot be encoded.
    soft: Mutex<HashMap<usize, Option<Arc<Soft>>>>,
    pub(super) view: OnceLock<Option<NeuralView>>,
}

/// The comparison by vectors of a claim's words with one sentence.
#[derive(Debug, PartialEq)]
pub struct Soft {
    /// For each token of the claim, the cosine of the sentence's nearest word; 0 if it has none.
    pub cosines: Vec<f64>,
    /// For each token of the claim, the index of that word among the sentence's tokens.
    pub places: Vec<Option<usize>>,
    /// The cosine of the whole claim and the whole sentence.
    pub whole: f64,
}

impl Sight {
    pub(super) fn new(encoder: Arc<Encoder>) -> Self {
        Self {
            encoder,
            seen: Mutex::default(),
        }
    }

    /// Returns the results for a claim, given its index in the candidate. Returns `None` for a
    /// claim beyond the limit, or in a language that the encoder does not support.
    pub(super) fn of(&self, text: &str, at: usize, language: Language) -> Option<Arc<Seen>> {
        let known = language == Language::English && Language::of(text) == Language::English;
        if at >= CLAIMS || !known {
            return None;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = seen.get(text) {
            return Some(Arc::clone(seen));
        }
        Some(Arc::clone(seen.entry(text.to_owned()).or_default()))
    }

    pub(super) const fn encoder(&self) -> &Arc<Encoder> {
        &self.encoder
    }

    /// Compares a claim with a sentence, given as its text, the byte of the source at which it
    /// starts, and its analysis.
    pub(super) fn soft(
        &self,
        seen: &Seen,
        claim: (&str, &Analysis),
        (given, start, analysis): (&str, usize, &Analysis),
        sentence: usize,
    ) -> Option<Arc<Soft>> {
        if sentence >= SENTENCES {
            return None;
        }
        // Outside of the lock, and before anything is encoded.
        checkpoint();
        let mut known = seen.soft.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(soft) = known.get(&sentence) {
            return soft.clone();
        }
        let encode = || {
            let one = self.encoder.encode(&unmarked(claim.0))?;
            let two = self.encoder.encode(&unmarked(given))?;
            Some(Arc::new(compare_words(
                (&one, &claim.1.tokens, 0),
                (&two, &analysis.tokens, start),
            )))
        };
        known.entry(sentence).or_insert_with(encode).clone()
    }
}

/// The relevance of a sentence for a claim: the mean over its content words, averaged with
/// the whole sentence's cosine.
pub(super) fn worth(cosines: &[f64], whole: f64, content: &[usize]) -> f64 {
    let words: Vec<f64> = content.iter().map(|at| cosines[*at]).collect();
    if words.is_empty() {
        whole
    } else {
        0.5 * (mean(&words) + whole)
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Returns for each piece the token that it is part of; `start` is the byte offset of the encoded
/// text in the tokens' text.
fn tokens_of(encoded: &Encoded, tokens: &[Token], start: usize) -> Vec<Option<usize>> {
    let pieces = encoded.pieces().iter();
    let of = |piece: &std::ops::Range<usize>| {
        let at = tokens.partition_point(|token| token.range.end <= start + piece.start);
        let token = tokens.get(at)?;
        (token.range.start < start + piece.end).then_some(at)
    };
    pieces.map(of).collect()
}

/// Compares a claim with a sentence; the number of cosines is bounded by the encoder's windows.
fn compare_words(claim: (&Encoded, &[Token], usize), given: (&Encoded, &[Token], usize)) -> Soft {
    let own = tokens_of(claim.0, claim.1, claim.2);
    let theirs = tokens_of(given.0, given.1, given.2);
    let mut sums = vec![(0.0, 0_usize); claim.1.len()];
    let mut places: Vec<Option<(usize, f64)>> = vec![None; claim.1.len()];
    for (piece, token) in own.iter().enumerate() {
        let Some(token) = *token else { continue };
        let mut best: Option<(usize, f64)> = None;
        for (other, place) in theirs.iter().enumerate() {
            let Some(place) = *place else { continue };
            let cosine = claim.0.cosine(piece, given.0, other);
            if best.is_none_or(|(_, most)| cosine > most) {
                best = Some((place, cosine));
            }
        }
        let Some((place, cosine)) = best else {
            continue;
        };
        sums[token].0 += cosine;
        sums[token].1 += 1;
        if places[token].is_none_or(|(_, most)| cosine > most) {
            places[token] = Some((place, cosine));
        }
    }
    let mean = |(sum, count): (f64, usize)| if count > 0 { sum / count as f64 } else { 0.0 };
    Soft {
        cosines: sums.into_iter().map(mean).collect(),
        places: places
            .into_iter()
            .map(|found| found.map(|(place, _)| place))
            .collect(),
        whole: claim.0.likeness(given.0),
    }
}

impl Soft {
    /// Returns true if the sentence's nearest word means the same as the claim's word, as far as
    /// vectors can tell. Only applies to common words, and never to opposites or to alternatives
    /// that exclude each other.
    pub fn carries(&self, at: usize, token: &Token, given: &[Token]) -> bool {
        let Some(other) = self.places[at].and_then(|place| given.get(place)) else {
            return false;
        };
        self.cosines[at] >= CARRIES
            && common(token)
            && common(other)
            && !lexicon::opposite(&token.term, &other.term)
            && !contrasts::contrast(&token.word, &other.word)
    }
}

/// Returns true for a word that words with close vectors may replace.
fn common(token: &Token) -> bool {
    token.form == Form::Word
        && token.content()
        && !token.acronym
        && words::quantifier(&token.word).is_none()
        && !words::is_negator(&token.word, Language::English)
}

#[cfg(test)]
#[path = "tests/sight.rs"]
mod tests;
