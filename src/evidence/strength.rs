//! How much a claim says, and how surely, beside what the source says.

use super::finding::{Aspect, Checked};
use super::index::meets;
use super::logic::Pair;
use crate::text::tokens::Token;
use crate::text::words;

impl<'a> Pair<'a> {
    /// All, most, some, few, none of the same thing.
    pub(super) fn quantifiers(&self, checked: &mut Checked) {
        let level = |token: &Token, tokens: &[Token], at: usize| {
            // "at all", "after all", "most famous", "few years ago" count nothing.
            let before = at.checked_sub(1).map_or("", |at| tokens[at].word.as_str());
            if before == "a" && token.word == "few" {
                return words::quantifier("some");
            }
            if matches!(before, "at" | "after" | "the" | "a")
                && !matches!(token.word.as_str(), "majority" | "minority" | "entire")
            {
                return None;
            }
            words::quantifier(&token.word)
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
                let many_and_few =
                    (token.word == "many" && found == 1) || (told == 1 && given.word == "many");
                let against = many_and_few
                    || matches!(
                        (told, found),
                        (4, 0 | 1 | 3) | (3, 0 | 1) | (2, 0) | (1, 3 | 4) | (0, 1..=4)
                    );
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

    /// A possibility or a plan of the source told as a fact.
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
