//! Finds statements that are reversed by the same words, such as "from 3 to 5" beside "from 5 to 3"
//! or "Krogh was sent off for a foul on Raast" beside "Raast was sent off for a foul on Krogh", and
//! exceptions that the claim includes.

use super::finding::{Aspect, Checked};
use super::index::meets;
use super::pair::Pair;
use super::roles::VERBS;
use crate::text::analysis::Analysis;
use crate::text::entities::Entity;
use crate::text::language::Language;
use crate::text::numbers::Quantity;
use crate::text::tokens::Token;
use crate::text::words;

/// Minimum share of a claim in a sentence about the same matter.
const SAID: f64 = 0.7;
/// Minimum share of the claim, without the excepted word, in a sentence with an exception.
const REST: f64 = 0.6;
/// Maximum distance in tokens between the word that marks an exception and what is excepted.
const REACH: usize = 4;
/// Maximum number of a claim's names that are examined.
const MOST: usize = 8;

/// A value of the claim, and the equal value of the source in the other place.
type Exchanged<'a> = (&'a Quantity, &'a Quantity);

impl<'a> Pair<'a> {
    /// Finds two values of a change, or two names, that changed places.
    pub(super) fn reversed(&self, checked: &mut Checked) {
        if self.alignment.frame(self.sentence, &[]) < SAID {
            return;
        }
        if let Some((one, two)) = self.exchanged_values() {
            checked.features += 1;
            let text = self.alignment.index.text();
            let message = format!(
                "the source says from {} to {}, the claim says from {} to {}",
                &text[two.1.range.clone()],
                &text[one.1.range.clone()],
                &self.alignment.text[one.0.range.clone()],
                &self.alignment.text[two.0.range.clone()],
            );
            let range = one.0.range.start..two.0.range.end;
            return self.push(checked, Aspect::Order, range, true, message);
        }
        if let Some((one, two)) = self.exchanged_names() {
            checked.features += 1;
            let name = |entity: &Entity| &self.alignment.text[entity.range.clone()];
            let message = format!(
                "the source says of \"{}\" what the claim says of \"{}\"",
                name(two),
                name(one)
            );
            self.push(checked, Aspect::Roles, one.range.clone(), true, message);
        }
    }

    /// Finds a "from X to Y" in the claim for which the source has "from Y to X".
    fn exchanged_values(&self) -> Option<(Exchanged<'a>, Exchanged<'a>)> {
        let own = from_to(self.claim);
        let theirs = from_to(self.given);
        own.iter().find_map(|(one, two)| {
            let (from, to) = theirs.iter().find(|(from, to)| {
                one.matches(to) && two.matches(from) && !one.matches(from) && !two.matches(to)
            })?;
            Some(((*one, *to), (*two, *from)))
        })
    }

    /// Finds two names of the claim that the sentence has in the other order with the
    /// same words between them.
    fn exchanged_names(&self) -> Option<(&'a Entity, &'a Entity)> {
        // The passive of other languages is not recognised.
        if self.alignment.index.language() != Language::English {
            return None;
        }
        let (claim, given) = (&self.claim.tokens, &self.given.tokens);
        let names: Vec<&Entity> = self
            .claim
            .entities
            .iter()
            .filter(|name| !name.weak)
            .take(MOST)
            .collect();
        let place = |name: &Entity| {
            let own = claim[name.tokens.clone()].last()?;
            let mut found = (0..given.len()).filter(|at| meets(own, &given[*at]));
            let first = found.next()?;
            found.next().is_none().then_some(first)
        };
        names.windows(2).find_map(|pair| {
            let (one, two) = (pair[0], pair[1]);
            let (first, second) = (place(one)?, place(two)?);
            if second >= first || one.tokens.end > two.tokens.start {
                return None;
            }
            let own = &claim[one.tokens.end..two.tokens.start];
            let theirs = &given[second + 1..first];
            let by = |tokens: &[Token]| tokens.iter().any(|token| token.word == "by");
            let content: Vec<&Token> = own.iter().filter(|token| token.content()).collect();
            let alike = content.iter().any(|token| VERBS.mutual.begin(&token.term));
            let common = content
                .iter()
                .filter(|token| theirs.iter().any(|other| meets(token, other)))
                .count();
            let same = common > 0 && common * 2 >= content.len();
            (same && !alike && by(own) == by(theirs)).then_some((one, two))
        })
    }

    /// Finds what the sentence excepts and the claim includes: "but not on
    /// Tuesday", "except the tower".
    pub(super) fn left_out(&self, checked: &mut Checked) {
        let language = self.alignment.index.language();
        let (claim, given) = (&self.claim.tokens, &self.given.tokens);
        let restricts = |token: &Token| {
            words::is_negator(&token.word, language)
                || matches!(
                    token.word.as_str(),
                    "except"
                        | "excluding"
                        | "apart"
                        | "besides"
                        | "only"
                        | "but"
                        | "without"
                        | "other"
                        | "closed"
                )
        };
        if claim.iter().any(restricts) {
            return;
        }
        let text = self.alignment.index.text();
        for at in 1..given.len() {
            let leaves_out = match given[at].word.as_str() {
                "not" => given[at - 1].word == "but" && !self.denies_a_verb(at),
                "except" | "excluding" => true,
                _ => false,
            };
            if !leaves_out {
                continue;
            }
            let behind = at + 1..given.len().min(at + 1 + REACH);
            let left_out = behind
                .take_while(|next| {
                    let gap = given[*next - 1].range.end..given[*next].range.start;
                    !text.get(gap).unwrap_or_default().contains([',', ';', '.'])
                })
                .find(|next| !given[*next].stop);
            let Some(left_out) = left_out else { continue };
            let Some(own) = claim
                .iter()
                .position(|token| meets(token, &given[left_out]))
            else {
                continue;
            };
            // The word also occurs elsewhere in the sentence.
            let again = (0..given.len())
                .filter(|place| meets(&claim[own], &given[*place]))
                .count()
                > 1;
            if again || self.alignment.frame(self.sentence, &[own]) < REST {
                continue;
            }
            checked.features += 1;
            let message = format!(
                "the source leaves this out: \"{}\"",
                self.slice(at, left_out)
            );
            return self.push(
                checked,
                Aspect::Negation,
                claim[own].range.clone(),
                true,
                message,
            );
        }
    }

    /// Returns true for a denied action such as "but not sold", which excepts nothing.
    fn denies_a_verb(&self, at: usize) -> bool {
        self.given
            .tokens
            .get(at + 1)
            .is_some_and(|next| words::is_finite(&next.word) || words::is_auxiliary(&next.word))
    }
}

/// Finds pairs of values after "from" and "to".
fn from_to(analysis: &Analysis) -> Vec<(&Quantity, &Quantity)> {
    let lead = |quantity: &Quantity| {
        let at = analysis
            .tokens
            .partition_point(|token| token.range.end <= quantity.range.start);
        at.checked_sub(1)
            .map_or("", |at| analysis.tokens[at].word.as_str())
    };
    analysis
        .quantities
        .windows(2)
        .take(MOST)
        .filter(|pair| {
            matches!(lead(&pair[0]), "from" | "von" | "de")
                && matches!(lead(&pair[1]), "to" | "auf" | "à" | "a")
        })
        .map(|pair| (&pair[0], &pair[1]))
        .collect()
}

#[cfg(test)]
#[path = "tests/reversed.rs"]
mod tests;
