//! Which words of a sentence carry which words of a claim, by the vectors of a sentence encoder.
//!
//! Words are compared in their sentences, as BERTScore (Zhang et al. 2020) and ColBERT (Khattab & Zaharia
//! 2020) do. What is near in vectors and yet differs in what it says (numbers, names, dates, negators,
//! quantifiers, opposites) is never taken for the same here: that stays with exact comparing.
//! What is found out about a claim is kept by its text, so that an output that says one thing many times pays once.

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

/// Claims of one output that are looked at, so that an output of thousands costs no more than one of
/// hundreds; the rest is left to the rules.
const CLAIMS: usize = 256;
/// Sentences from the beginning of a source that are looked at.
const SENTENCES: usize = 600;
/// Sentences of a source all of which are looked at for each claim: once encoded they serve all claims.
pub(super) const SHORT: usize = 40;
/// Cosine from which a word of a sentence carries a word of a claim.
const CARRIES: f64 = 0.6;

/// The encoder beside a source.
#[derive(Debug)]
pub(super) struct Sight {
    encoder: Arc<Encoder>,
    /// By the claim's text.
    seen: Mutex<HashMap<String, Arc<Seen>>>,
}

/// What was found out about one claim.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// By sentence; none for a sentence that can't be encoded.
    soft: Mutex<HashMap<usize, Option<Arc<Soft>>>>,
    pub(super) view: OnceLock<Option<NeuralView>>,
}

/// The words of a claim beside one sentence.
#[derive(Debug, PartialEq)]
pub struct Soft {
    /// For each token of the claim, the cosine of the sentence's nearest word; 0 where it has none.
    pub cosines: Vec<f64>,
    /// For each token of the claim, the place of that word among the sentence's tokens.
    pub places: Vec<Option<usize>>,
    /// The cosine of the claim and the sentence as wholes.
    pub whole: f64,
}

impl Sight {
    pub(super) fn new(encoder: Arc<Encoder>) -> Self {
        Self {
            encoder,
            seen: Mutex::default(),
        }
    }

    /// What is known of a claim, by its place in the output; none for one that is not looked at: beyond
    /// the bound, or in a language that the encoder does not know.
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

    /// A claim beside a sentence: its text, the byte of the source that it begins at, and what is in it.
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
        // Before the lock, and before what is encoded.
        checkpoint();
        let mut known = seen.soft.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(soft) = known.get(&sentence) {
            return soft.clone();
        }
        let encode = || {
            let one = self.encoder.encode(&unmarked(claim.0))?;
            let two = self.encoder.encode(&unmarked(given))?;
            Some(Arc::new(beside(
                (&one, &claim.1.tokens, 0),
                (&two, &analysis.tokens, start),
            )))
        };
        known.entry(sentence).or_insert_with(encode).clone()
    }
}

/// How much a sentence tells of a claim: its content words, and the whole.
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

/// For each piece, the token that it is a part of; `start` is where the encoded text begins among the
/// bytes that the tokens count.
fn tokens_of(encoded: &Encoded, tokens: &[Token], start: usize) -> Vec<Option<usize>> {
    let pieces = encoded.pieces().iter();
    let of = |piece: &std::ops::Range<usize>| {
        let at = tokens.partition_point(|token| token.range.end <= start + piece.start);
        let token = tokens.get(at)?;
        (token.range.start < start + piece.end).then_some(at)
    };
    pieces.map(of).collect()
}

/// Lays a claim beside a sentence; the number of cosines is bounded by the encoder's windows.
fn beside(claim: (&Encoded, &[Token], usize), given: (&Encoded, &[Token], usize)) -> Soft {
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
    /// True where the sentence's nearest word says what the claim's word says, as far as vectors can tell:
    /// for common words only, and never for a word and its opposite, or
    /// for two of a set of which only one can be meant.
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

/// True for a word whose neighbours in vectors may stand for it.
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
