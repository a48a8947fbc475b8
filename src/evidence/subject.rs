//! Finds values of another subject: in "The Lund plant makes 40 tonnes. The Vara plant
//! makes 90 tonnes." every word and number of "The Lund plant makes 90 tonnes" occurs, and
//! yet the claim is wrong.

use std::ops::Range;

use super::align::Alignment;
use super::finding::{Aspect, Checked, Finding};
use super::frames::{SAME_FRAME, places};
use super::index::meets;
use crate::text::analysis::Analysis;
use crate::text::dates::Date;
use crate::text::numbers::{Quantity, Unit};
use crate::text::tokens::Token;

/// Maximum number of sentences and of values that are examined.
const MOST: usize = 16;
/// Minimum share of the claim, without its value, in the sentence about its subject.
const ITS_OWN: f64 = 0.75;

/// A sentence, the part that the claim names in it, its statement about that,
/// and the claim's statement.
type Exchanged = (usize, Range<usize>, Range<usize>, Range<usize>);

#[derive(Clone, Copy)]
enum Value<'a> {
    Number(&'a Quantity),
    Date(&'a Date),
}

impl Value<'_> {
    fn range(&self) -> &Range<usize> {
        match self {
            Self::Number(own) => &own.range,
            Self::Date(own) => &own.range,
        }
    }

    /// The ranges of the sentence's values of the same kind, in order, each with true if
    /// it is this value.
    fn alike(&self, given: &Analysis) -> Vec<(Range<usize>, bool)> {
        match self {
            Self::Number(own) => given
                .quantities
                .iter()
                .take(MOST)
                .filter(|other| own.matches(other) || (own.contradicts(other) && !other.weak))
                .map(|other| (other.range.clone(), own.matches(other)))
                .collect(),
            Self::Date(own) => given
                .dates
                .iter()
                .take(MOST)
                .filter(|other| own.comparable(other))
                .map(|other| (other.range.clone(), own.covered_by(other)))
                .collect(),
        }
    }
}

/// Finds values that the source states about another subject, in another sentence or
/// in the same one.
pub(super) fn check_values(alignment: &Alignment<'_>, checked: &mut Checked) {
    let claim = &alignment.claim;
    let numbers = claim
        .quantities
        .iter()
        .filter(|it| !it.weak && it.unit != Unit::Rank);
    let dates = claim.dates.iter().map(Value::Date);
    let values = numbers.map(Value::Number).chain(dates).take(MOST);
    let sentences = first_places(alignment);
    for value in values {
        let told = checked.findings.iter();
        if told
            .clone()
            .any(|finding| finding.against && finding.range == *value.range())
        {
            continue;
        }
        let found = within_one(alignment, &sentences, value)
            .or_else(|| of_another(alignment, &sentences, value));
        if let Some((sentence, subject, rival)) = found {
            checked.features = checked.features.max(1);
            push(
                alignment,
                checked,
                value.range().clone(),
                sentence,
                &subject,
                rival,
            );
        }
    }
}

/// Finds a word that the source states about another subject, in sentences that differ
/// in two places only.
pub(super) fn check_words(alignment: &Alignment<'_>, checked: &mut Checked) {
    let sentences = first_places(alignment);
    if let Some((sentence, subject, rival, range)) = parallel(alignment, &sentences) {
        checked.features = checked.features.max(1);
        push(alignment, checked, range, sentence, &subject, rival);
    }
}

fn first_places(alignment: &Alignment<'_>) -> Vec<usize> {
    places(alignment).into_iter().take(MOST).collect()
}

fn push(
    alignment: &Alignment<'_>,
    checked: &mut Checked,
    range: Range<usize>,
    sentence: usize,
    subject: &Range<usize>,
    rival: Range<usize>,
) {
    // A single letter is quoted with the noun before it: "Room A".
    let tokens = &alignment.claim.tokens;
    let at = tokens.partition_point(|token| token.range.end <= subject.start);
    let label = subject.len() == 1;
    let noun = at.checked_sub(1).filter(|_| label);
    let from = noun.map_or(subject.start, |before| tokens[before].range.start);
    checked.findings.push(Finding {
        aspect: Aspect::Subject,
        message: format!(
            "of \"{}\" the source says {}, the claim says {}",
            &alignment.text[from..subject.end],
            &alignment.index.text()[rival],
            &alignment.text[range.clone()]
        ),
        range,
        against: true,
        sentence: Some(sentence),
    });
}

/// The word before a token, ignoring articles.
fn before(tokens: &[Token], at: usize) -> Option<&str> {
    let article = |word: &str| {
        matches!(
            word,
            "the" | "a" | "an" | "der" | "die" | "das" | "dem" | "den" | "la" | "le" | "el"
        )
    };
    let at = tokens[..at]
        .iter()
        .rposition(|token| !article(&token.word))?;
    Some(&tokens[at].term)
}

/// Returns true if two tokens are in the same kind of position: the same word
/// precedes or follows both.
fn same_slot(one: &[Token], at: usize, two: &[Token], place: usize) -> bool {
    let behind = |tokens: &[Token], at: usize| tokens.get(at + 1).map(|next| next.term.clone());
    let (left, other_left) = (before(one, at), before(two, place));
    let (right, other_right) = (behind(one, at), behind(two, place));
    // A conjunction such as "and" may precede anything.
    let tells = |word: &str| !matches!(word, "and" | "or" | "but" | "und" | "et" | "y");
    (left.is_some_and(tells) && left == other_left)
        || (left.is_none() && other_left.is_none() && right.is_some() && right == other_right)
        || (right.as_deref().is_some_and(tells) && right == other_right)
}

/// The content words of a sentence that the claim does not contain.
fn strange<'g>(claim: &Analysis, given: &'g Analysis) -> Vec<(usize, &'g Token)> {
    let valued = |token: &Token| {
        given
            .quantities
            .iter()
            .any(|it| it.range.start <= token.range.start && token.range.end <= it.range.end)
    };
    given
        .tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| token.content() && !valued(token))
        .filter(|(_, token)| !claim.tokens.iter().any(|own| meets(own, token)))
        .collect()
}

/// Finds two sentences: the one about the claim's subject has another value, and the one with the
/// claim's value has another subject.
fn of_another(
    alignment: &Alignment<'_>,
    sentences: &[usize],
    value: Value<'_>,
) -> Option<(usize, Range<usize>, Range<usize>)> {
    let claim = &alignment.claim;
    let index = alignment.index;
    let has = |sentence: usize| {
        value
            .alike(index.analysis(sentence))
            .iter()
            .any(|(_, own)| *own)
    };
    // The sentences about the same matter that contain the value.
    let others: Vec<usize> = sentences
        .iter()
        .copied()
        .filter(|sentence| has(*sentence) && alignment.frame(*sentence, &[]) >= 0.4)
        .collect();
    let best = others.first().copied()?;
    for own in sentences
        .iter()
        .copied()
        .filter(|own| !others.contains(own))
    {
        let frame = alignment.frame(own, &[]);
        if frame < ITS_OWN
            || others
                .iter()
                .any(|other| alignment.frame(*other, &[]) >= frame)
        {
            continue;
        }
        let given = index.analysis(own);
        let Some((rival, _)) = value.alike(given).into_iter().next() else {
            continue;
        };
        let row = alignment.row(own);
        // Look for the words that distinguish the two subjects.
        for (at, token) in claim.tokens.iter().enumerate() {
            let content = alignment.weights[at] > 0.0 || token.acronym;
            if !content || !row[at] || others.iter().any(|other| alignment.row(*other)[at]) {
                continue;
            }
            let theirs = index.analysis(best);
            let Some(place) = given.tokens.iter().position(|given| meets(token, given)) else {
                continue;
            };
            let parallel = strange(claim, theirs).into_iter().any(|(other, it)| {
                !given.tokens.iter().any(|own| meets(own, it))
                    && same_slot(&given.tokens, place, &theirs.tokens, other)
            });
            let rest = alignment.frame(best, &[at]);
            if parallel && rest >= SAME_FRAME {
                return Some((own, token.range.clone(), rival));
            }
        }
    }
    None
}

/// Finds an exchange within a sentence that states values of several subjects in order: the first
/// value belongs to the first subject, the second to the second.
fn within_one(
    alignment: &Alignment<'_>,
    sentences: &[usize],
    value: Value<'_>,
) -> Option<(usize, Range<usize>, Range<usize>)> {
    let claim = &alignment.claim;
    for sentence in sentences.iter().copied() {
        if alignment.frame(sentence, &[]) < ITS_OWN {
            continue;
        }
        let given = alignment.index.analysis(sentence);
        let values = value.alike(given);
        let hits: Vec<usize> = (0..values.len()).filter(|at| values[*at].1).collect();
        let [hit] = hits[..] else { continue };
        if values.len() < 2 {
            return None;
        }
        let strangers = strange(claim, given);
        for (at, token) in claim.tokens.iter().enumerate() {
            if alignment.weights[at] <= 0.0 && !token.acronym {
                continue;
            }
            let own: Vec<usize> = (0..given.tokens.len())
                .filter(|place| meets(token, &given.tokens[*place]))
                .collect();
            let [own] = own[..] else { continue };
            let mut subjects: Vec<usize> = strangers
                .iter()
                .filter(|(place, _)| same_slot(&given.tokens, own, &given.tokens, *place))
                .map(|(place, _)| *place)
                .collect();
            subjects.push(own);
            subjects.sort_unstable();
            if subjects.len() != values.len() || !in_turn(given, &subjects, &values) {
                continue;
            }
            let Ok(turn) = subjects.binary_search(&own) else {
                continue;
            };
            if turn != hit {
                return Some((sentence, token.range.clone(), values[turn].0.clone()));
            }
            return None;
        }
    }
    None
}

/// Returns true if subjects and values alternate, or if all of one kind precede all of the other
/// and the sentence contains a word such as "respectively".
fn in_turn(given: &Analysis, subjects: &[usize], values: &[(Range<usize>, bool)]) -> bool {
    let starts: Vec<usize> = subjects
        .iter()
        .map(|at| given.tokens[*at].range.start)
        .collect();
    let first = |at: usize| starts[at] < values[at].0.start;
    let alternate = (0..starts.len()).all(|at| first(at) == first(0))
        && (1..starts.len()).all(|at| {
            if first(0) {
                values[at - 1].0.start < starts[at]
            } else {
                starts[at - 1] < values[at].0.start
            }
        });
    let respectively = given.tokens.iter().any(|token| {
        matches!(
            token.word.as_str(),
            "respectively"
                | "beziehungsweise"
                | "bzw"
                | "jeweils"
                | "respectivement"
                | "respectivamente"
        )
    });
    let block = values.last().is_some_and(|last| last.0.start < starts[0])
        || starts.last().is_some_and(|last| *last < values[0].0.start);
    alternate || (block && respectively)
}

/// Finds two sentences that differ in two places only, and of which the claim takes one place
/// each: "The basic plan includes support" beside "The premium plan includes support. The
/// basic plan includes backups."
fn parallel(alignment: &Alignment<'_>, sentences: &[usize]) -> Option<Exchanged> {
    let claim = &alignment.claim;
    let content = |given: &Analysis| -> Vec<Token> {
        given
            .tokens
            .iter()
            .filter(|token| !token.stop)
            .cloned()
            .collect()
    };
    let told: Vec<&Token> = claim.tokens.iter().filter(|token| !token.stop).collect();
    if told.len() > MOST {
        return None;
    }
    let short: Vec<(usize, Vec<Token>)> = sentences
        .iter()
        .map(|sentence| (*sentence, content(alignment.index.analysis(*sentence))))
        .filter(|(_, tokens)| (2..=MOST).contains(&tokens.len()))
        .take(8)
        .collect();
    let whole = |tokens: &[Token]| {
        told.iter()
            .all(|own| tokens.iter().any(|given| meets(own, given)))
    };
    if short.iter().any(|(_, tokens)| whole(tokens)) {
        return None;
    }
    for (own, first) in &short {
        for (_, second) in short.iter().filter(|(other, _)| other != own) {
            let (Some([subject, mine]), Some([_, theirs])) =
                (runs(first, second), runs(second, first))
            else {
                continue;
            };
            let said = |range: &Range<usize>, tokens: &[Token]| {
                tokens[range.clone()]
                    .iter()
                    .all(|given| told.iter().any(|own| meets(own, given)))
            };
            let known = told
                .iter()
                .all(|own| first.iter().chain(second).any(|given| meets(own, given)));
            let none = |range: &Range<usize>, tokens: &[Token]| {
                !tokens[range.clone()]
                    .iter()
                    .any(|given| told.iter().any(|own| meets(own, given)))
            };
            if known && said(&subject, first) && said(&theirs, second) && none(&mine, first) {
                let place = |given: &Token| {
                    let token = claim.tokens.iter().find(|own| meets(own, given));
                    token.map(|token| token.range.clone())
                };
                let rival = first[mine.start].range.start..first[mine.end - 1].range.end;
                return Some((
                    *own,
                    place(&first[subject.start])?,
                    rival,
                    place(&second[theirs.start])?,
                ));
            }
        }
    }
    None
}

/// Returns the two runs of words that the other sentence does not contain; `None` if there are more
/// or fewer, or if no common words separate them.
fn runs(one: &[Token], other: &[Token]) -> Option<[Range<usize>; 2]> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut common = 0;
    for (at, token) in one.iter().enumerate() {
        if other.iter().any(|given| meets(token, given)) {
            common += 1;
            continue;
        }
        match runs.last_mut() {
            Some(last) if last.end == at => last.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    if common == 0 || runs.iter().any(|run| run.len() > 3) {
        return None;
    }
    runs.try_into().ok()
}
