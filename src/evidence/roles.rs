//! Finds exchanged sides of a verb, of a comparison, or of an order in time.

use std::sync::LazyLock;

use serde::Deserialize;

use super::finding::{Aspect, Checked};
use super::index::meets;
use super::pair::{Pair, SAID};
use crate::text::tokens::{Form, Token};
use crate::text::word_lists::{WordParts, WordSet, read};
use crate::text::words;

/// Verbs whose sides may be exchanged without a change of meaning.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Verbs {
    speech: WordSet,
    pub(super) mutual: WordParts,
}

pub(super) static VERBS: LazyLock<Verbs> =
    LazyLock::new(|| read("verbs.toml", include_str!("words/verbs.toml")));

/// Maximum number of tokens on each side of a pivot that are compared.
const SIDE: usize = 12;

/// Maximum number of words on a side for which an exchange can be recognised.
const FEW: usize = 4;

impl Pair<'_> {
    /// Finds a verb, a comparison or an order in time whose two sides are exchanged.
    pub(super) fn roles(&self, checked: &mut Checked) {
        for (at, token) in self.claim.tokens.iter().enumerate() {
            let than = |tokens: &[Token], at: usize| {
                tokens.get(at + 1).is_some_and(|next| next.word == "than")
            };
            let order = matches!(token.word.as_str(), "before" | "after");
            let verb = is_verb(&self.claim.tokens, at);
            if !(verb || order || than(&self.claim.tokens, at)) || speech(&token.term) {
                continue;
            }
            let [place] = self.places(token)[..] else {
                continue;
            };
            let alike = order
                || than(&self.given.tokens, place)
                || (verb && is_verb(&self.given.tokens, place));
            if !alike {
                continue;
            }
            if verb
                && !than(&self.claim.tokens, at)
                && self
                    .claim
                    .entities
                    .iter()
                    .all(|name| name.weak && self.alignment.index.is_common(&name.words[0]))
                && self.claim.tokens.len() > 8
            {
                continue;
            }
            checked.features += 1;
            if crossed(&self.claim.tokens, at, &self.given.tokens, place) == Some(true) {
                let aspect = if order { Aspect::Order } else { Aspect::Roles };
                let tokens = &self.claim.tokens;
                let message = format!(
                    "the source has it the other way round: \"{}\"",
                    self.slice(
                        place.saturating_sub(4),
                        (place + 4).min(self.given.tokens.len() - 1)
                    )
                );
                let range = tokens[at].range.start
                    ..tokens[(at + 1 + usize::from(at + 2 < tokens.len())).min(tokens.len() - 1)]
                        .range
                        .end;
                let against = order || self.alignment.frame(self.sentence, &[]) >= SAID;
                return self.push(checked, aspect, range, against, message);
            }
        }
    }
}

/// Returns true for a probable finite verb: by its form, or because it is between a content word
/// and the article of its object ("the moon orbits the planet").
fn is_verb(tokens: &[Token], at: usize) -> bool {
    let token = &tokens[at];
    if token.stop || token.capital {
        return false;
    }
    let article = |token: &Token| {
        matches!(
            token.word.as_str(),
            "the" | "a" | "an" | "his" | "her" | "its" | "their"
        )
    };
    let between = || at > 0 && tokens[at - 1].content() && tokens.get(at + 1).is_some_and(article);
    words::is_finite(&token.word) || (token.form == Form::Word && between())
}

#[derive(PartialEq, Eq)]
enum Voice {
    Active,
    /// With the agent after "by".
    Passive,
    /// Without an agent, or an adjective ("was fascinated").
    Agentless,
}

/// Returns true if the words left and right of a pivot have changed sides, and `None` if
/// that cannot be determined.
///
/// A passive with its agent counts as reversed. Dates and amounts are ignored, since
/// their position is free.
pub(crate) fn crossed(claim: &[Token], at: usize, given: &[Token], place: usize) -> Option<bool> {
    let flip = match (voice(claim, at), voice(given, place)) {
        (Voice::Active, Voice::Agentless) | (Voice::Agentless, Voice::Active) => return None,
        (Voice::Active, Voice::Passive) | (Voice::Passive, Voice::Active) => true,
        _ => false,
    };
    let (mut left, mut right) = sides(claim, at);
    let (other_left, other_right) = sides(given, place);
    // The words next to the verb are its agent and its object; words further off ("… over the
    // patent") belong to both.
    let mut doer = left.last().copied();
    let mut done_to = right.first().copied();
    if flip {
        std::mem::swap(&mut left, &mut right);
        std::mem::swap(&mut doer, &mut done_to);
    }
    let (other_doer, other_done_to) = (other_left.last().copied(), other_right.first().copied());
    let meet = |one: &[&Token], two: &[&Token]| {
        one.iter().any(|one| two.iter().any(|two| meets(one, two)))
    };
    let straight = meet(&left, &other_left) || meet(&right, &other_right);
    let crossed = meet(&left, &other_right) && meet(&right, &other_left);
    match (straight, crossed) {
        (false, true) => Some(true),
        (true, false) => Some(false),
        (true, true) => {
            let same = |one: Option<&Token>, two: Option<&Token>| {
                one.zip(two).is_some_and(|(one, two)| meets(one, two))
            };
            let swapped = same(doer, other_done_to) && same(done_to, other_doer);
            let changed = swapped && !same(doer, other_doer);
            (changed || exchanged(claim, at, given, place, flip)).then_some(true)
        }
        (false, false) => None,
    }
}

/// Returns true if the words that are not on the same side in both have changed sides with each
/// other: "Radox Industries sued Helmer Bank over the loan" beside "Helmer Bank sued Radox
/// Industries over the loan".
fn exchanged(claim: &[Token], at: usize, given: &[Token], place: usize, flip: bool) -> bool {
    let (mut left, mut right) = taking_part(claim, at);
    if flip {
        std::mem::swap(&mut left, &mut right);
    }
    let (other_left, other_right) = taking_part(given, place);
    // With many words some are on both sides by chance.
    if [&left, &right, &other_left, &other_right]
        .iter()
        .any(|side| side.len() > FEW)
    {
        return false;
    }
    let without = |own: &[&'_ Token], same: &[&Token]| -> Vec<Token> {
        let stays = |token: &&&Token| !same.iter().any(|other| meets(token, other));
        own.iter()
            .filter(stays)
            .map(|token| (*token).clone())
            .collect()
    };
    let meet =
        |one: &[Token], two: &[Token]| one.iter().any(|one| two.iter().any(|two| meets(one, two)));
    let (moved_left, moved_right) = (without(&left, &other_left), without(&right, &other_right));
    let (their_left, their_right) = (without(&other_left, &left), without(&other_right, &right));
    meet(&moved_left, &their_right) && meet(&moved_right, &their_left)
}

/// Like [`sides`], without times and places, whose position is free.
fn taking_part(tokens: &[Token], at: usize) -> (Vec<&Token>, Vec<&Token>) {
    let placed = |place: usize| {
        let before = tokens[..place].iter().rev().take(3);
        let mut before = before.take_while(|token| token.stop);
        before.any(|token| {
            matches!(
                token.word.as_str(),
                "in" | "on"
                    | "at"
                    | "during"
                    | "since"
                    | "until"
                    | "before"
                    | "after"
                    | "near"
                    | "over"
                    | "under"
                    | "within"
                    | "for"
                    | "with"
                    | "as"
            )
        })
    };
    let part = |range: std::ops::Range<usize>| -> Vec<&Token> {
        let content = range.filter(|place| tokens[*place].content() && !placed(*place));
        content.map(|place| &tokens[place]).collect()
    };
    let end = tokens.len().min(at + 1 + SIDE);
    (part(at.saturating_sub(SIDE)..at), part(at + 1..end))
}

fn sides(tokens: &[Token], at: usize) -> (Vec<&Token>, Vec<&Token>) {
    let left = tokens[at.saturating_sub(SIDE)..at]
        .iter()
        .filter(|token| token.content());
    let right = tokens[at + 1..]
        .iter()
        .take(SIDE)
        .filter(|token| token.content());
    (left.collect(), right.collect())
}

fn voice(tokens: &[Token], at: usize) -> Voice {
    let by = |at: usize| {
        tokens
            .get(at)
            .is_some_and(|token| matches!(token.word.as_str(), "by" | "von" | "par" | "por" | "da"))
            && tokens
                .get(at + 1)
                .is_some_and(|next| next.form != Form::Number)
    };
    let been = !tokens[at].word.ends_with("ing")
        && words::is_finite(&tokens[at].word)
        && tokens[..at].iter().rev().take(3).any(|token| {
            matches!(
                token.word.as_str(),
                "is" | "are"
                    | "was"
                    | "were"
                    | "be"
                    | "been"
                    | "being"
                    | "wurde"
                    | "wurden"
                    | "fue"
                    | "foi"
            )
        });
    if by(at + 1) || (been && (at + 2..at + 9).any(by)) {
        Voice::Passive
    } else if been {
        Voice::Agentless
    } else {
        Voice::Active
    }
}

/// Returns true for verbs whose sides have no meaning: quoted speech may come before or after its
/// verb, and who met whom is symmetric.
pub(crate) fn speech(term: &str) -> bool {
    VERBS.speech.contains(term)
}

#[cfg(test)]
#[path = "tests/roles.rs"]
mod tests;
