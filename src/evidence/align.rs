//! Aligns one claim with the sentences of the source about the same subject.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::appended;
use super::index::{SourceIndex, meets};
use super::sight::{SHORT, Seen, Soft, worth};
use crate::domain::claim::Claim;
use crate::text::analysis::Analysis;
use crate::text::tokens::{Form, Token, Tokenizer};
use crate::text::words;

/// Maximum number of sentences that BM25 selects for the comparison word by word.
const CANDIDATES: usize = 12;
/// Maximum number of sentences of a long source that BM25 selects for the model, which takes one or
/// two milliseconds for each, once for all claims.
const LOOKED: usize = 20;
/// Maximum number of additional sentences found by their vectors.
const NEARBY: usize = 4;
/// Maximum number of sentences in a verdict's evidence.
const EVIDENCE: usize = 3;
/// The minimum gain in coverage by a further sentence.
const WORTHWHILE: f64 = 0.08;
/// Maximum number of numbers, dates or names of one sentence that are compared with those of
/// another. A sentence of prose has far fewer; the limit keeps the work from growing
/// quadratically with long lists.
pub(super) const MOST: usize = 64;
/// Maximum number of consecutive sentences that a leading pronoun may refer back over: "It holds
/// 210,000 books. Its director is Mara Olsen."
const BACK: usize = 4;
/// The number of leading words in which a pronoun always refers to the sentences before.
const BEGINNING: usize = 2;
/// Pronouns that do so in any position if no name precedes them: "9,500 vehicles cross it".
const ANYWHERE: [&str; 7] = ["it", "its", "them", "their", "him", "his", "her"];
/// Weight of the previous claim's words if a pronoun refers to it.
const CONTEXT: f64 = 0.35;

/// A claim aligned with its evidence.
#[derive(Debug)]
pub struct Alignment<'i> {
    pub index: &'i SourceIndex,
    pub text: &'i str,
    /// The analysis of the claim; offsets are bytes of `text`.
    pub claim: Analysis,
    /// The information content of each token of the claim; 0 for function words.
    pub weights: Vec<f64>,
    /// The sentences of the source to compare, with the share of the claim that
    /// each covers, best first.
    pub candidates: Vec<(usize, f64)>,
    /// The sentences that the verdict is based on, best first.
    pub evidence: Vec<usize>,
    /// For each token of the claim, true if the evidence contains it.
    pub covered: Vec<bool>,
    /// For each token of the claim, true if the source contains it anywhere.
    pub known: Vec<bool>,
    /// The encoder's view of the claim; `None` if the encoder is not used.
    pub(super) seen: Option<Arc<Seen>>,
    /// The sentences that the encoder compares with the claim.
    looked: Vec<usize>,
    /// Caches, for each sentence examined, which of the claim's tokens it contains.
    rows: RefCell<HashMap<usize, Arc<[bool]>>>,
    /// Caches, for each sentence examined, the indices of its names that the
    /// claim does not mention.
    strangers: RefCell<HashMap<usize, Arc<[usize]>>>,
}

impl<'i> Alignment<'i> {
    /// Aligns the claim `claims[at]`.
    pub fn new(index: &'i SourceIndex, claims: &'i [Claim], at: usize) -> Self {
        let before = at.checked_sub(1).map(|before| claims[before].text.as_str());
        Self::of(index, &claims[at].text, before, at)
    }

    /// Aligns a text that the candidate states at the place of its claim `at`; a pronoun in it may
    /// refer to the text `before`.
    pub(super) fn of(
        index: &'i SourceIndex,
        text: &'i str,
        before: Option<&str>,
        at: usize,
    ) -> Self {
        let text = appended::without(index, text);
        let tokenizer = Tokenizer::new(index.language());
        let claim = Analysis::new(&tokenizer, text, 0..text.len());
        let known: Vec<bool> = claim
            .tokens
            .iter()
            .map(|token| token.stop || index.knows(token))
            .collect();
        let weights = weights(index, &claim);
        let before = before.filter(|_| {
            claim
                .tokens
                .iter()
                .take(4)
                .any(|token| words::is_pronoun(&token.word))
        });
        let context = before
            .map(|before| tokenizer.tokens(before, 0..before.len()))
            .unwrap_or_default();
        let mut query: Vec<(&str, f64)> = Vec::new();
        for (token, weight) in claim
            .tokens
            .iter()
            .map(|token| (token, 1.0))
            .chain(context.iter().map(|token| (token, CONTEXT)))
        {
            if !token.stop && !query.iter().any(|(term, _)| *term == token.term) {
                query.push((&token.term, weight));
            }
        }
        let mut ranked = index.rank(&query, CANDIDATES);
        let top = ranked.first().map_or(1.0, |first| first.1);
        let seen = index
            .sight()
            .and_then(|sight| sight.of(text, at, index.language()));
        let looked = if seen.is_none() {
            Vec::new()
        } else if index.len() <= SHORT {
            (0..index.len()).collect()
        } else {
            let more = index.rank(&query, LOOKED);
            more.into_iter().map(|(sentence, _)| sentence).collect()
        };
        let mut alignment = Self {
            index,
            text,
            weights,
            candidates: Vec::new(),
            evidence: Vec::new(),
            covered: vec![false; claim.tokens.len()],
            known,
            claim,
            seen,
            looked,
            rows: RefCell::default(),
            strangers: RefCell::default(),
        };
        ranked.extend(alignment.nearby(&ranked));
        alignment.learn();
        let mut scored: Vec<(usize, f64, f64)> = ranked
            .iter()
            .map(|(sentence, score)| {
                let frame = alignment.frame(*sentence, &[]);
                (
                    *sentence,
                    frame,
                    frame + 0.15 * score / top + 0.1 * alignment.matched_values(*sentence),
                )
            })
            .collect();
        scored.sort_by(|one, two| two.2.total_cmp(&one.2).then(one.0.cmp(&two.0)));
        alignment.candidates = scored
            .into_iter()
            .map(|(sentence, frame, _)| (sentence, frame))
            .collect();
        alignment.choose();
        alignment
    }

    /// Returns sentences that share the claim's meaning but not its words, with a word score of 0.
    fn nearby(&self, ranked: &[(usize, f64)]) -> Vec<(usize, f64)> {
        let tokens = &self.claim.tokens;
        let content: Vec<usize> = (0..tokens.len())
            .filter(|at| tokens[*at].content())
            .collect();
        let mut near: Vec<(usize, f64)> = self
            .looked
            .iter()
            .filter_map(|sentence| {
                let soft = self.soft(*sentence)?;
                Some((*sentence, worth(&soft.cosines, soft.whole, &content)))
            })
            .collect();
        near.sort_by(|one, two| two.1.total_cmp(&one.1).then(one.0.cmp(&two.0)));
        near.into_iter()
            .take(NEARBY)
            .filter(|(sentence, _)| !ranked.iter().any(|(known, _)| known == sentence))
            .map(|(sentence, _)| (sentence, 0.0))
            .collect()
    }

    /// Marks tokens as known to the source that it expresses in other words.
    fn learn(&mut self) {
        for sentence in self.looked.clone() {
            for at in 0..self.claim.tokens.len() {
                if !self.known[at] && self.carried(at, sentence) {
                    self.known[at] = true;
                }
            }
        }
    }

    /// The sentences that the encoder compares with the claim; empty if it is not used.
    pub fn looked_at(&self) -> &[usize] {
        &self.looked
    }

    /// The comparison by vectors of the claim's words with those of a sentence; `None` if the
    /// encoder does not compare the sentence.
    pub fn soft(&self, sentence: usize) -> Option<Arc<Soft>> {
        let seen = self
            .seen
            .as_ref()
            .filter(|_| self.looked.contains(&sentence))?;
        let sight = self.index.sight()?;
        let index = self.index;
        let range = index.range(sentence);
        let given = (
            &index.text()[range.clone()],
            range.start,
            index.analysis(sentence),
        );
        sight.soft(seen, (self.text, &self.claim), given, sentence)
    }

    /// The index of the sentence's word that expresses a word of the claim. Names are excluded,
    /// since the vectors of two names are as close as those of a word and its synonym.
    pub fn carrier(&self, at: usize, sentence: usize) -> Option<usize> {
        let soft = self.soft(sentence)?;
        let given = self.index.analysis(sentence);
        let place = soft.places[at]?;
        let named = |analysis: &Analysis, at: usize| {
            let names = analysis.entities.iter().take(MOST);
            names
                .filter(|name| !name.weak)
                .any(|name| name.tokens.contains(&at))
        };
        let carries = soft.carries(at, &self.claim.tokens[at], &given.tokens)
            && !named(&self.claim, at)
            && !named(given, place);
        carries.then_some(place)
    }

    fn carried(&self, at: usize, sentence: usize) -> bool {
        self.carrier(at, sentence).is_some()
    }

    /// Selects the best sentence, then those that add most to the coverage.
    fn choose(&mut self) {
        let total = self.total();
        while self.evidence.len() < EVIDENCE {
            let mut best: Option<(usize, f64)> = None;
            for (place, (sentence, _)) in self.candidates.iter().enumerate() {
                if self.evidence.contains(sentence) {
                    continue;
                }
                if self.evidence.is_empty() {
                    best = Some((*sentence, 1.0));
                    break;
                }
                let row = self.row(*sentence);
                let added: f64 = (0..self.claim.tokens.len())
                    .filter(|at| !self.covered[*at] && row[*at])
                    .map(|at| self.weights[at])
                    .sum::<f64>()
                    / total
                    - place as f64 * 1e-3;
                if added >= WORTHWHILE && best.is_none_or(|(_, most)| added > most) {
                    best = Some((*sentence, added));
                }
            }
            let Some((sentence, _)) = best else { return };
            self.evidence.push(sentence);
            let row = self.row(sentence);
            for (covered, has) in self.covered.iter_mut().zip(row.iter()) {
                *covered |= has;
            }
        }
    }

    fn total(&self) -> f64 {
        self.weights.iter().sum::<f64>().max(f64::MIN_POSITIVE)
    }

    /// Returns true for a claim that consists of numbers and dates, such as a table's row, if the
    /// best sentence contains all of them.
    pub fn values_alone_hold(&self) -> bool {
        self.weights.iter().all(|weight| *weight == 0.0)
            && self
                .evidence
                .first()
                .is_some_and(|best| self.matched_values(*best) >= 1.0)
    }

    /// The share of the claim's numbers and dates that a sentence confirms.
    fn matched_values(&self, sentence: usize) -> f64 {
        let given = self.index.analysis(sentence);
        let all = self.claim.quantities.len().min(MOST) + self.claim.dates.len().min(MOST);
        let matched = self
            .claim
            .quantities
            .iter()
            .take(MOST)
            .filter(|q| given.quantities.iter().take(MOST).any(|g| q.matches(g)))
            .count()
            + self
                .claim
                .dates
                .iter()
                .take(MOST)
                .filter(|d| given.dates.iter().take(MOST).any(|g| d.covered_by(g)))
                .count();
        matched as f64 / all.max(1) as f64
    }

    /// For each token of the claim, true if the sentence contains it in any form.
    /// Computed once per sentence.
    pub fn row(&self, sentence: usize) -> Arc<[bool]> {
        if let Some(row) = self.rows.borrow().get(&sentence) {
            return Arc::clone(row);
        }
        let given = self.index.analysis(sentence);
        let mut row: Vec<bool> = self
            .claim
            .tokens
            .iter()
            .map(|token| given.tokens.iter().any(|given| meets(token, given)))
            .collect();
        for (at, has) in row.iter_mut().enumerate() {
            *has = *has || self.carried(at, sentence);
        }
        for name in &self.claim.entities {
            let missing = |at: &usize| {
                let token = &self.claim.tokens[*at];
                !row[*at] && (token.capital || token.acronym)
            };
            if !name.tokens.clone().any(|at| missing(&at)) {
                continue;
            }
            if given
                .entities
                .iter()
                .any(|given| given.words.len() != name.words.len() && given.same(name))
            {
                let missing: Vec<usize> = name.tokens.clone().filter(missing).collect();
                for at in missing {
                    row[at] = true;
                }
            }
        }
        let row: Arc<[bool]> = row.into();
        self.rows.borrow_mut().insert(sentence, Arc::clone(&row));
        row
    }

    /// The indices of the sentence's names that the claim does not mention.
    /// Computed once per sentence.
    pub(super) fn strangers(&self, sentence: usize) -> Arc<[usize]> {
        if let Some(strangers) = self.strangers.borrow().get(&sentence) {
            return Arc::clone(strangers);
        }
        let words: HashSet<&str> = self
            .claim
            .tokens
            .iter()
            .map(|token| token.word.as_str())
            .collect();
        let strangers: Arc<[usize]> = self
            .index
            .analysis(sentence)
            .entities
            .iter()
            .enumerate()
            .take(MOST)
            .filter(|(_, given)| {
                !given.words.iter().any(|word| words.contains(word.as_str()))
                    && !self.claim.entities.iter().any(|own| own.same(given))
            })
            .map(|(place, _)| place)
            .collect();
        self.strangers
            .borrow_mut()
            .insert(sentence, Arc::clone(&strangers));
        strangers
    }

    /// The share of the claim's information that a sentence contains,
    /// ignoring the tokens `without`.
    pub fn frame(&self, sentence: usize, without: &[usize]) -> f64 {
        let row = self.row(sentence);
        let (mut have, mut all) = (0.0, 0.0);
        for (at, weight) in self.weights.iter().enumerate() {
            if *weight > 0.0 && !without.contains(&at) {
                all += weight;
                if row[at] {
                    have += weight;
                }
            }
        }
        if all > 0.0 { have / all } else { 0.0 }
    }

    /// The previous sentence that names what a pronoun of this sentence refers to.
    pub(super) fn antecedent(&self, sentence: usize) -> Option<usize> {
        let points_back = |at: usize| {
            let given = self.index.analysis(at);
            let mut tokens = given.tokens.iter().enumerate();
            tokens.any(|(place, token)| {
                if place < BEGINNING {
                    return words::is_pronoun(&token.word);
                }
                let mut names = given.entities.iter().take(MOST);
                ANYWHERE.contains(&token.word.as_str())
                    && names.all(|name| name.weak || name.tokens.start > place)
            })
        };
        if !points_back(sentence) {
            return None;
        }
        (sentence.saturating_sub(BACK)..sentence)
            .rev()
            .find(|before| !points_back(*before))
    }

    /// Like [`Self::frame`], with the sentence that its pronoun refers to included.
    pub(super) fn frame_with_antecedent(&self, sentence: usize, without: &[usize]) -> f64 {
        let Some(before) = self.antecedent(sentence) else {
            return self.frame(sentence, without);
        };
        let (own, context) = (self.row(sentence), self.row(before));
        let (mut have, mut all) = (0.0, 0.0);
        for (at, weight) in self.weights.iter().enumerate() {
            if *weight > 0.0 && !without.contains(&at) {
                all += weight;
                if own[at] || context[at] {
                    have += weight;
                }
            }
        }
        if all > 0.0 { have / all } else { 0.0 }
    }

    /// The share of the claim's information that the evidence contains.
    pub fn coverage(&self) -> f64 {
        self.share(&self.covered)
    }

    /// The share of the claim's information that the source contains nowhere.
    pub fn novelty(&self) -> f64 {
        if self.weights.iter().all(|weight| *weight == 0.0) {
            0.0
        } else {
            1.0 - self.share(&self.known)
        }
    }

    fn share(&self, marks: &[bool]) -> f64 {
        let have: f64 = self
            .weights
            .iter()
            .zip(marks)
            .filter(|(_, mark)| **mark)
            .map(|(weight, _)| weight)
            .sum();
        (have / self.total()).clamp(0.0, 1.0)
    }

    /// The share of the claim's pairs of adjacent content words that are close
    /// together in the evidence.
    pub fn pairs(&self) -> Option<f64> {
        let content: Vec<&Token> = self
            .claim
            .tokens
            .iter()
            .filter(|token| !token.stop)
            .collect();
        if content.len() < 2 {
            return None;
        }
        let hits = content
            .windows(2)
            .filter(|pair| {
                self.evidence
                    .iter()
                    .any(|sentence| close(&self.index.analysis(*sentence).tokens, pair[0], pair[1]))
            })
            .count();
        Some(hits as f64 / (content.len() - 1) as f64)
    }
}

/// Returns true if two words are at most four words apart in the sentence.
pub(super) fn close(given: &[Token], one: &Token, two: &Token) -> bool {
    let places = |token: &Token| -> Vec<usize> {
        (0..given.len())
            .filter(|at| meets(token, &given[*at]))
            .collect()
    };
    let (one, two) = (places(one), places(two));
    one.iter()
        .any(|one| two.iter().any(|two| one != two && one.abs_diff(*two) <= 4))
}

/// Estimates the information of each token: a prior by length and capitals, reduced for words
/// that the source repeats.
fn weights(index: &SourceIndex, claim: &Analysis) -> Vec<f64> {
    let valued = |token: &Token| {
        let inside = |range: &std::ops::Range<usize>| {
            range.start <= token.range.start && token.range.end <= range.end
        };
        claim.dates.iter().any(|date| inside(&date.range))
            || claim
                .quantities
                .iter()
                .any(|quantity| inside(&quantity.range))
    };
    claim
        .tokens
        .iter()
        .map(|token| {
            // Numbers and dates are compared by value instead.
            if !token.content() || valued(token) {
                return 0.0;
            }
            let length = token.word.chars().count().min(9) as f64;
            let prior = match token.form {
                Form::Bigram => 1.0,
                _ => 0.1f64.mul_add(length, 0.3) + if token.capital { 0.3 } else { 0.0 },
            };
            prior * 0.4f64.mul_add(index.rarity(&token.term), 0.6)
        })
        .collect()
}
