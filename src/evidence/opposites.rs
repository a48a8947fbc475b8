//! Finds words of a claim in whose place the sentence has their opposites.

use super::align::MOST;
use super::finding::{Aspect, Checked};
use super::index::meets;
use super::pair::{ALIGNED, Pair};
use super::roles::crossed;
use crate::text::lexicon;
use crate::text::tokens::Token;

/// Minimum share of a claim in a sentence for an opposite to contradict it.
const CLOSE: f64 = 0.7;
/// Maximum distance in tokens of the word before a number that states the direction of a change.
const BESIDE: usize = 3;
/// Maximum number of positions of a repeated word that are tried.
const REPEATS: usize = 32;

impl Pair<'_> {
    /// Finds a word whose opposite is in the same place.
    pub(super) fn opposite(&self, checked: &mut Checked) {
        // "opens every day except Monday" does not contradict "closed on Monday".
        if self
            .given
            .tokens
            .iter()
            .any(|token| matches!(token.word.as_str(), "except" | "unless" | "excluding"))
        {
            return;
        }
        for (at, token) in self.claim.tokens.iter().enumerate() {
            if !self.places(token).is_empty() {
                continue;
            }
            let mut tried = 0;
            for (place, given) in self.given.tokens.iter().enumerate() {
                if token.stop != given.stop || !lexicon::opposite(&token.term, &given.term) {
                    continue;
                }
                tried += 1;
                if tried > REPEATS {
                    break;
                }
                if self.claim.tokens.iter().any(|own| own.term == given.term)
                    || !self.near(at, place)
                {
                    continue;
                }
                checked.features += 1;
                let odd = self.claim_negated[at].is_some() != self.given_negated[place].is_some();
                // "Ann bought it from Bob" says the same as "Bob sold it to Ann".
                if odd || crossed(&self.claim.tokens, at, &self.given.tokens, place) == Some(true) {
                    break;
                }
                // A word and its opposite do not contradict each other in a
                // sentence about something else.
                let least = if token.stop { ALIGNED } else { CLOSE };
                if self.alignment.frame(self.sentence, &[at]) < least {
                    break;
                }
                let aspect = if matches!(
                    token.word.as_str(),
                    "before" | "after" | "earlier" | "later"
                ) {
                    Aspect::Order
                } else {
                    Aspect::Opposite
                };
                let message = format!(
                    "the source says \"{}\", the claim says \"{}\"",
                    self.slice(place, place),
                    &self.alignment.text[token.range.clone()]
                );
                return self.push(checked, aspect, token.range.clone(), true, message);
            }
        }
    }

    /// If the sentence contains a word and its opposite, the one next to the claim's number counts:
    /// "rose by 12% and fell by 3%" beside "fell by 12%".
    pub(super) fn direction(&self, checked: &mut Checked) {
        let (claim, given) = (self.claim, self.given);
        let at = |tokens: &[Token], range: &std::ops::Range<usize>| {
            tokens.partition_point(|token| token.range.end <= range.start)
        };
        for quantity in claim.quantities.iter().take(MOST) {
            let same: Vec<usize> = given
                .quantities
                .iter()
                .take(MOST)
                .filter(|other| quantity.matches(other))
                .map(|other| at(&given.tokens, &other.range))
                .collect();
            let [place] = same[..] else { continue };
            let own = at(&claim.tokens, &quantity.range);
            for word in own.saturating_sub(BESIDE)..own {
                let token = &claim.tokens[word];
                let from = place.saturating_sub(BESIDE);
                let beside = || (from..place.min(given.tokens.len())).rev();
                let opposite = beside()
                    .find(|at| lexicon::opposite(&token.term, &given.tokens[*at].term))
                    .filter(|found| {
                        !beside()
                            .take_while(|at| at > found)
                            .any(|at| meets(token, &given.tokens[at]))
                    });
                let Some(found) = opposite.filter(|_| token.content()) else {
                    continue;
                };
                if self.claim_negated[word].is_some() != self.given_negated[found].is_some() {
                    continue;
                }
                let from = given.tokens[found].range.start;
                let to = given
                    .quantities
                    .iter()
                    .find(|other| quantity.matches(other));
                let message = format!(
                    "the source says \"{}\", the claim says \"{}\"",
                    &self.alignment.index.text()[from..to.map_or(from, |other| other.range.end)],
                    &self.alignment.text[token.range.start..quantity.range.end]
                );
                return self.push(
                    checked,
                    Aspect::Opposite,
                    token.range.clone(),
                    true,
                    message,
                );
            }
        }
    }
}
