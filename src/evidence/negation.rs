//! Finds a word that one of claim and sentence negates and the other states.

use super::denials::DENIALS;
use super::finding::{Aspect, Checked};
use super::index::meets;
use super::pair::{Pair, SAID};
use super::polarity;
use super::roles::speech;
use crate::text::analysis::Analysis;
use crate::text::tokens::Token;
use crate::text::{lexicon, words};

/// Minimum share of a claim in a sentence about the same matter, however far its words are apart.
const WHOLE: f64 = 0.95;
/// Maximum number of content words of a sentence that makes a single statement.
const SHORT: usize = 10;
/// Maximum number of positions of a repeated word that are tried.
const REPEATS: usize = 32;

impl Pair<'_> {
    /// Finds a negation in a script without word separators.
    pub(super) fn negation_of_characters(&self, checked: &mut Checked) {
        if let Some((range, message)) = polarity::of_characters(
            self.alignment.text,
            &self.alignment.index.text()[self.alignment.index.range(self.sentence)],
        ) {
            self.push(checked, Aspect::Negation, range, true, message);
        }
    }

    /// Finds a word that one of the two negates and the other states.
    pub(super) fn negation(&self, checked: &mut Checked) {
        let (here, there) = self.negates_what_the_other_has();
        if here == there {
            return;
        }
        let content = self
            .claim
            .tokens
            .iter()
            .filter(|token| token.content())
            .count();
        let frame = self.alignment.frame(self.sentence, &[]);
        for (at, token) in self.claim.tokens.iter().enumerate() {
            let mut places = if token.stop {
                Vec::new()
            } else {
                self.places(token)
            };
            // Verbs such as "said" and "reported" are only interchangeable if they are not negated.
            places.retain(|place| {
                !speech(&token.term) || token.word == self.given.tokens[*place].word
            });
            if places.is_empty()
                || (content > 2
                    && frame < WHOLE
                    && !places
                        .iter()
                        .take(REPEATS)
                        .any(|place| self.near(at, *place)))
            {
                continue;
            }
            // Skips a part of a name, and sentences that deny in other words.
            let named = |analysis: &Analysis, at: usize| {
                let names = &analysis.entities;
                names
                    .iter()
                    .any(|name| !name.weak && name.tokens.contains(&at))
            };
            if named(self.claim, at) {
                continue;
            }
            // The negated word itself is not counted as a denial in other words, so that "did
            // not reject" beside "rejected" remains a contradiction.
            let denied = |tokens: &[Token], same: &[usize]| {
                let mut places = tokens.iter().enumerate();
                places.any(|(place, token)| denies(&token.word) && !same.contains(&place))
            };
            let said_otherwise = if self.claim_negated[at].is_some() {
                denied(&self.given.tokens, &places)
            } else {
                denied(&self.claim.tokens, &[at])
            };
            if said_otherwise {
                continue;
            }
            if let Some(negator) = self.claim_negated[at] {
                // "did not reject" does not deny "approved … rejected".
                if self
                    .given
                    .tokens
                    .iter()
                    .any(|given| lexicon::opposite(&token.term, &given.term))
                {
                    continue;
                }
                let (from, to) = (negator.min(at), negator.max(at));
                let range = self.claim.tokens[from].range.start..self.claim.tokens[to].range.end;
                let message = format!(
                    "the claim negates what the source states: \"{}\", the source says \"{}\"",
                    &self.alignment.text[range.clone()],
                    self.slice(places[0], (places[0] + 2).min(self.given.tokens.len() - 1)),
                );
                return self.push(checked, Aspect::Negation, range, frame >= SAID, message);
            }
            let negators: Vec<(usize, usize)> = places
                .iter()
                .filter_map(|place| Some((self.given_negated[*place]?, *place)))
                .collect();
            if negators.len() == places.len() {
                if self
                    .claim
                    .tokens
                    .iter()
                    .any(|own| lexicon::opposite(&own.term, &token.term))
                {
                    continue;
                }
                let (negator, place) = negators[0];
                let from = if negator > 0
                    && negator < place
                    && words::is_auxiliary(&self.given.tokens[negator - 1].word)
                {
                    negator - 1
                } else {
                    negator
                };
                let message = format!("the source negates this: \"{}\"", self.slice(from, place));
                return self.push(
                    checked,
                    Aspect::Negation,
                    token.range.clone(),
                    frame >= SAID,
                    message,
                );
            }
        }
    }

    /// If both deny something, one of them may contain a further negation: "does not run
    /// without" beside "runs without".
    pub(super) fn double_negation(&self, checked: &mut Checked) {
        if self.negates_what_the_other_has() != (true, true) {
            return;
        }
        let language = self.alignment.index.language();
        let (claim, given) = (&self.claim.tokens, &self.given.tokens);
        // A long sentence may deny things that the claim is not about.
        let content = |tokens: &[Token]| tokens.iter().filter(|token| token.content()).count();
        if content(claim).max(content(given)) > SHORT {
            return;
        }
        let shared = |found: Vec<(usize, usize)>, own: &[Token], others: &[Token]| {
            let meets = |target: usize| others.iter().any(|other| meets(&own[target], other));
            found
                .into_iter()
                .filter(|(_, target)| meets(*target))
                .collect::<Vec<_>>()
        };
        let here = polarity::negations(self.alignment.text, claim, language);
        let here = shared(here, claim, given);
        let there = polarity::negations(self.alignment.index.text(), given, language);
        let there = shared(there, given, claim);
        if here.len().abs_diff(there.len()) != 1 {
            return;
        }
        let Some((negator, target)) = here.first().copied() else {
            return;
        };
        let range = claim[negator.min(target)].range.start..claim[negator.max(target)].range.end;
        let message = format!(
            "one of the two denies once more: the claim says \"{}\", the source says \"{}\"",
            &self.alignment.text[range.clone()],
            self.slice(there[0].0, there[0].1),
        );
        self.push(checked, Aspect::Negation, range, true, message);
    }

    /// Returns, for the claim and for the sentence, true if it negates a word
    /// that the other contains.
    fn negates_what_the_other_has(&self) -> (bool, bool) {
        let shared = |negated: &[Option<usize>], tokens: &[Token], others: &[Token]| {
            negated.iter().enumerate().any(|(at, mark)| {
                mark.is_some() && others.iter().any(|other| meets(&tokens[at], other))
            })
        };
        (
            shared(&self.claim_negated, &self.claim.tokens, &self.given.tokens),
            shared(&self.given_negated, &self.given.tokens, &self.claim.tokens),
        )
    }
}

/// Returns true for words that deny or restrict without a negator; a "not" next to them
/// may mean the same.
fn denies(word: &str) -> bool {
    DENIALS.in_other_words.contains(word) || word.ends_with("n't")
}
