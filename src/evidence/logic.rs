//! Polarity, opposites, roles, order, quantifiers and certainty of a claim against its best sentence.

use super::align::{Alignment, MOST};
use super::finding::{Aspect, Checked, Finding};
use super::index::meets;
use super::polarity;
use super::roles::{crossed, speech};
use crate::text::analysis::Analysis;
use crate::text::tokens::{Form, Token};
use crate::text::{lexicon, words};

/// Share of a claim that a sentence must have for its logic to be compared.
const ALIGNED: f64 = 0.5;
/// Share of a claim that a sentence must have for an opposite in it to contradict.
const CLOSE: f64 = 0.7;
/// Share of a claim from which a negation or exchanged sides contradict it: in a sentence that has less of it,
/// no more than every second claim was contradicted.
const SAID: f64 = 0.75;
/// Share of a claim from which a sentence speaks of the same, however its words are apart.
const WHOLE: f64 = 0.95;
/// Tokens on either side in which opposites must share a word.
const REACH: usize = 5;
/// Tokens before a number in which the word stands that says which way it went.
const BESIDE: usize = 3;
/// Content words of a sentence that says one thing.
const SHORT: usize = 10;
/// Places of one repeated word that are tried.
const REPEATS: usize = 32;

/// Checks everything that one aligned sentence lets check; no features where none is aligned.
pub fn check(alignment: &Alignment<'_>) -> Checked {
    let mut checked = Checked::default();
    let Some(sentence) = alignment.evidence.first().copied() else {
        return checked;
    };
    if alignment.frame(sentence, &[]) < ALIGNED {
        return checked;
    }
    // A question states nothing that could be contradicted.
    if alignment.index.text()[alignment.index.range(sentence)].ends_with(['?', '？', '؟']) {
        return checked;
    }
    let pair = Pair::new(alignment, sentence);
    checked.features = 1;
    pair.negation(&mut checked);
    pair.opposites(&mut checked);
    if !checked.against() {
        pair.shifted(&mut checked);
    }
    pair.roles(&mut checked);
    if !checked.against() {
        pair.reversed(&mut checked);
        pair.left_out(&mut checked);
    }
    pair.quantifiers(&mut checked);
    pair.certainty(&mut checked);
    checked.findings.sort_by_key(|finding| finding.range.start);
    checked
}

/// A claim and the one sentence that it is compared with.
pub(super) struct Pair<'a> {
    pub(super) alignment: &'a Alignment<'a>,
    pub(super) claim: &'a Analysis,
    pub(super) given: &'a Analysis,
    pub(super) sentence: usize,
    pub(super) claim_negated: Vec<Option<usize>>,
    pub(super) given_negated: Vec<Option<usize>>,
}

impl<'a> Pair<'a> {
    fn new(alignment: &'a Alignment<'a>, sentence: usize) -> Self {
        let (claim, given) = (&alignment.claim, alignment.index.analysis(sentence));
        let language = alignment.index.language();
        Self {
            alignment,
            claim,
            given,
            sentence,
            claim_negated: polarity::negated(alignment.text, &claim.tokens, language),
            given_negated: polarity::negated(alignment.index.text(), &given.tokens, language),
        }
    }

    pub(super) fn push(
        &self,
        checked: &mut Checked,
        aspect: Aspect,
        range: std::ops::Range<usize>,
        against: bool,
        message: String,
    ) {
        checked.findings.push(Finding {
            aspect,
            range,
            against,
            message,
            sentence: Some(self.sentence),
        });
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> &'a str {
        let tokens = &self.given.tokens;
        &self.alignment.index.text()
            [tokens[from.min(to)].range.start..tokens[from.max(to)].range.end]
    }

    /// Places of a claim's token in the sentence.
    fn places(&self, token: &Token) -> Vec<usize> {
        (0..self.given.tokens.len())
            .filter(|at| meets(token, &self.given.tokens[*at]))
            .collect()
    }

    fn negation(&self, checked: &mut Checked) {
        if let Some((range, message)) = polarity::of_characters(
            self.alignment.text,
            &self.alignment.index.text()[self.alignment.index.range(self.sentence)],
        ) {
            self.push(checked, Aspect::Negation, range, true, message);
            return;
        }
        let shared = |negated: &[Option<usize>], tokens: &[Token], others: &[Token]| {
            negated.iter().enumerate().any(|(at, mark)| {
                mark.is_some() && others.iter().any(|other| meets(&tokens[at], other))
            })
        };
        let here = shared(&self.claim_negated, &self.claim.tokens, &self.given.tokens);
        let there = shared(&self.given_negated, &self.given.tokens, &self.claim.tokens);
        if here && there {
            return self.double_negation(checked);
        }
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
            // "said" and "reported" are the same only as long as nothing hangs on them.
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
            // Part of a name, or a sentence that denies in other words: nobody is denied anything.
            let named = |analysis: &Analysis, at: usize| {
                let names = &analysis.entities;
                names
                    .iter()
                    .any(|name| !name.weak && name.tokens.contains(&at))
            };
            if named(self.claim, at) {
                continue;
            }
            // What is negated here is no denial in other words there: "did not reject" beside "rejected".
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
                // "did not reject" is no denial of "approved … rejected".
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
                    && polarity::auxiliary(&self.given.tokens[negator - 1].word)
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

    /// Where both deny something, one of them may deny once more: "does not run without" beside "runs without".
    fn double_negation(&self, checked: &mut Checked) {
        let language = self.alignment.index.language();
        let (claim, given) = (&self.claim.tokens, &self.given.tokens);
        // A long sentence denies things that the claim does not speak of.
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

    fn opposites(&self, checked: &mut Checked) {
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
                // A word and its opposite in a sentence that speaks of something else are no contradiction.
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

    /// Where the sentence has a word and its opposite, the one beside the claim's number counts: "rose by
    /// 12% and fell by 3%" beside "fell by 12%".
    fn shifted(&self, checked: &mut Checked) {
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

    /// True where the two places have another content word in common close by.
    fn near(&self, at: usize, place: usize) -> bool {
        let window = |tokens: &'a [Token], at: usize| -> Vec<&'a Token> {
            (at.saturating_sub(REACH)..(at + REACH + 1).min(tokens.len()))
                .filter(|near| *near != at)
                .map(|near| &tokens[near])
                .collect()
        };
        let theirs = window(&self.given.tokens, place);
        window(&self.claim.tokens, at)
            .iter()
            .any(|own| !own.stop && theirs.iter().any(|given| meets(own, given)))
    }

    fn roles(&self, checked: &mut Checked) {
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

/// True for words that deny or restrict without a negator: beside them a "not" may say the same.
fn denies(word: &str) -> bool {
    matches!(
        word,
        "refused"
            | "refuse"
            | "refuses"
            | "refusal"
            | "denied"
            | "denies"
            | "declined"
            | "declines"
            | "rejected"
            | "forbidden"
            | "forbid"
            | "forbids"
            | "banned"
            | "prohibited"
            | "excluded"
            | "excludes"
            | "except"
            | "excepted"
            | "exception"
            | "unless"
            | "lack"
            | "lacks"
            | "lacked"
            | "lacking"
            | "missing"
            | "absent"
            | "failed"
            | "fails"
            | "fail"
            | "failure"
            | "without"
            | "instead"
            | "rather"
            | "only"
            | "alone"
            | "closed"
            | "stopped"
            | "ended"
            | "dropped"
            | "cancelled"
            | "impossible"
            | "unable"
            | "neither"
            | "nor"
            | "none"
            | "nobody"
            | "nothing"
            | "never"
            | "no"
            | "not"
            | "hardly"
            | "barely"
            | "want"
            | "but"
    ) || word.ends_with("n't")
}

/// True for what is likely a finite verb: by its form, or because it stands between a content word and
/// the article of its object ("the moon orbits the planet").
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
