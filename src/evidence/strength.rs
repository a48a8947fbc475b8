//! Compares quantifiers, exceptions, conditions and certainty of a claim with those of the source.

use super::finding::{Aspect, Checked};
use super::index::meets;
use super::pair::Pair;
use crate::text::tokens::Token;
use crate::text::words;

/// Minimum share of a claim, without the noun after "every", in a sentence with "only".
const REST: f64 = 0.6;
/// Minimum share of a claim in a sentence with the same condition.
const WHOLE: f64 = 0.8;

impl<'a> Pair<'a> {
    /// Finds different quantifiers of the same thing: all, most, some, few, none.
    pub(super) fn quantifier(&self, checked: &mut Checked) {
        let level = |token: &Token, tokens: &[Token], at: usize| {
            // Phrases that are no quantifiers: "at all", "after all", "most
            // famous", "few years ago".
            let before = at.checked_sub(1).map_or("", |at| tokens[at].word.as_str());
            if matches!(before, "at" | "after" | "the" | "a")
                && !matches!(token.word.as_str(), "majority" | "minority" | "entire")
            {
                return None;
            }
            match (before, words::quantifier(&token.word)?) {
                ("not", 4) => None,
                ("not", 2 | 3) => Some(1),
                (_, level) => Some(level),
            }
        };
        let noun = |tokens: &'a [Token], at: usize| {
            tokens[at + 1..].iter().take(4).find(|token| !token.stop)
        };
        for (at, token) in self.claim.tokens.iter().enumerate() {
            let (Some(told), Some(thing)) = (
                level(token, &self.claim.tokens, at),
                noun(&self.claim.tokens, at),
            ) else {
                continue;
            };
            for (place, given) in self.given.tokens.iter().enumerate() {
                let (Some(found), Some(other)) = (
                    level(given, &self.given.tokens, place),
                    noun(&self.given.tokens, place),
                ) else {
                    continue;
                };
                if !meets(thing, other) {
                    continue;
                }
                checked.features += 1;
                let against = matches!(
                    (told, found),
                    (4, 0 | 1 | 3) | (3, 0 | 1) | (2, 0) | (1, 3 | 4) | (0, 1..=4)
                );
                // "Few" and "many" of the same thing exclude each other.
                let large = |one: &Token, level: u8| level == 2 && words::is_large_part(&one.word);
                let against = against
                    || (told == 1 && large(given, found))
                    || (found == 1 && large(token, told));
                if against || (told > found && told >= 3) {
                    let message = format!(
                        "the source says \"{}\", the claim says \"{}\"",
                        self.slice(place, place),
                        &self.alignment.text[token.range.clone()]
                    );
                    return self.push(
                        checked,
                        Aspect::Quantity,
                        token.range.clone(),
                        against,
                        message,
                    );
                }
            }
        }
    }

    /// Finds "only on Sundays" on one side and "every day" or "anyone" on the other.
    pub(super) fn only_some(&self, checked: &mut Checked) {
        let (claim, given) = (&self.claim.tokens, &self.given.tokens);
        let only = |tokens: &[Token]| {
            (0..tokens.len()).find(|at| {
                let not = at
                    .checked_sub(1)
                    .is_some_and(|before| tokens[before].word == "not");
                let word = tokens[*at].word.as_str();
                matches!(
                    word,
                    "only" | "solely" | "exclusively" | "nur" | "ausschließlich"
                ) && !not
            })
        };
        let every = |tokens: &[Token]| {
            (0..tokens.len()).find(|at| {
                let not = at
                    .checked_sub(1)
                    .is_some_and(|before| tokens[before].word == "not");
                let word = tokens[*at].word.as_str();
                !not && (matches!(
                    word,
                    "any" | "anyone" | "anybody" | "jeder" | "jeden" | "jede"
                ) || words::quantifier(word) == Some(4))
            })
        };
        let (at, place) = match (every(claim), only(given), only(claim), every(given)) {
            (Some(at), Some(place), None, None) | (None, None, Some(at), Some(place)) => {
                (at, place)
            }
            _ => return,
        };
        // The nouns after "every" and "only" differ; the rest has to be the same.
        let noun = (at + 1..claim.len().min(at + 4)).find(|next| claim[*next].content());
        let mut without: Vec<usize> = noun.into_iter().collect();
        without.push(at);
        if self.alignment.frame(self.sentence, &without) < REST {
            return;
        }
        checked.features += 1;
        let message = format!(
            "the source says \"{}\", the claim says \"{}\"",
            self.slice(place, (place + 2).min(given.len() - 1)),
            &self.alignment.text[claim[at].range.start..claim[noun.unwrap_or(at)].range.end],
        );
        self.push(
            checked,
            Aspect::Quantity,
            claim[at].range.clone(),
            true,
            message,
        );
    }

    /// Finds "unless" on one side and "if" on the other, unless one condition is the
    /// negation of the other.
    pub(super) fn unless(&self, checked: &mut Checked) {
        let language = self.alignment.index.language();
        let place = |tokens: &[Token], words: &[&str]| {
            tokens
                .iter()
                .position(|token| words.contains(&token.word.as_str()))
        };
        let unless = ["unless"].as_slice();
        let when = ["if", "when", "whenever", "provided", "once"].as_slice();
        let (claim, given) = (&self.claim.tokens, &self.given.tokens);
        let (own, theirs) = (place(claim, unless), place(given, unless));
        let at = match (own, theirs) {
            (Some(at), None) if place(given, when).is_some() => at,
            (None, Some(_)) => match place(claim, when) {
                Some(at) => at,
                None => return,
            },
            _ => return,
        };
        let denials = |tokens: &[Token]| {
            tokens
                .iter()
                .filter(|token| words::is_negator(&token.word, language))
                .count()
                + usize::from(place(tokens, unless).is_some())
        };
        let odd = (denials(claim) + denials(given)) % 2 == 1;
        if !odd || self.alignment.frame(self.sentence, &[]) < WHOLE {
            return;
        }
        checked.features += 1;
        let to = claim.len().min(at + 3) - 1;
        let range = claim[at].range.start..claim[to].range.end;
        let message = format!(
            "the source has the condition the other way round: \"{}\"",
            theirs
                .or_else(|| place(given, when))
                .map_or("", |place| self
                    .slice(place, (place + 3).min(given.len() - 1)))
        );
        self.push(checked, Aspect::Negation, range, true, message);
    }

    /// Finds "all" on one side and "not all" or "only two" on the other.
    pub(super) fn not_all(&self, checked: &mut Checked) {
        let all = |tokens: &[Token], at: usize| words::quantifier(&tokens[at].word) == Some(4);
        let denied = |tokens: &[Token], at: usize| at > 0 && tokens[at - 1].word == "not";
        let only = |tokens: &[Token], at: usize| {
            let next = tokens.get(at + 1).map(|next| next.range.clone());
            tokens[at].word == "only"
                && next.is_some_and(|next| {
                    let quantities = &self.given.quantities;
                    quantities
                        .iter()
                        .any(|quantity| quantity.range.start == next.start)
                })
        };
        let places = |tokens: &[Token], is: &dyn Fn(&[Token], usize) -> bool| {
            (0..tokens.len()).find(|at| is(tokens, *at))
        };
        let (claim, given) = (&self.claim.tokens, &self.given.tokens);
        let whole = |tokens: &[Token], at: usize| all(tokens, at) && !denied(tokens, at);
        let part = |tokens: &[Token], at: usize| all(tokens, at) && denied(tokens, at);
        let some = |tokens: &[Token], at: usize| part(tokens, at) || only(tokens, at);
        let found = match (places(claim, &whole), places(given, &some)) {
            (Some(at), Some(place)) => Some((at, place)),
            _ => places(claim, &part).zip(places(given, &whole)),
        };
        let Some((at, place)) = found else { return };
        // Both are about the same thing if the word after one of them also follows the other.
        let behind = |tokens: &'a [Token], at: usize| {
            let rest = tokens[at + 1..].iter().take(6);
            rest.filter(|token| token.content()).collect::<Vec<_>>()
        };
        let (told, said) = (behind(claim, at), behind(given, place));
        let same = told
            .iter()
            .any(|one| said.iter().any(|two| meets(one, two)));
        if !(same || told.is_empty()) {
            return;
        }
        checked.features += 1;
        let message = format!(
            "the source says \"{}\", the claim says \"{}\"",
            self.slice(place, (place + 1).min(given.len() - 1)),
            &self.alignment.text[claim[at].range.clone()],
        );
        self.push(
            checked,
            Aspect::Quantity,
            claim[at].range.clone(),
            true,
            message,
        );
    }

    /// Finds a possibility or a plan of the source that the claim states as a fact.
    pub(super) fn certainty(&self, checked: &mut Checked) {
        let weak =
            |token: &Token| words::is_hedge(&token.word) && !(token.word == "may" && token.capital);
        if self.claim.tokens.iter().any(|token| {
            weak(token) || matches!(token.word.as_str(), "will" | "can" | "should" | "if")
        }) {
            return;
        }
        for (place, given) in self
            .given
            .tokens
            .iter()
            .enumerate()
            .filter(|(_, given)| weak(given))
        {
            let Some(next) = self.given.tokens[place + 1..]
                .iter()
                .take(4)
                .find(|token| !token.stop)
            else {
                continue;
            };
            let Some((at, told)) = self
                .claim
                .tokens
                .iter()
                .enumerate()
                .find(|(_, own)| !own.stop && meets(own, next))
            else {
                continue;
            };
            if self.claim_negated[at].is_some()
                || self
                    .claim
                    .entities
                    .iter()
                    .any(|name| name.tokens.contains(&at))
            {
                continue;
            }
            checked.features += 1;
            let message = format!(
                "the source only says \"{} {}\", the claim states it as a fact: \"{}\"",
                given.word,
                next.word,
                &self.alignment.text[told.range.clone()]
            );
            return self.push(
                checked,
                Aspect::Certainty,
                told.range.clone(),
                false,
                message,
            );
        }
    }
}
