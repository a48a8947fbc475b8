//! Checks lines such as "Town: Oslo": the name before the colon describes the value, by a word
//! that the source need not contain. The kind of thing that the name asks for tells where the
//! source states its value.

use std::sync::LazyLock;

use serde::Deserialize;

use super::align::Alignment;
use super::finding::{Aspect, Checked, Finding};
use crate::text::entities::Entity;
use crate::text::layout::field;
use crate::text::numbers::{Quantity, Unit};
use crate::text::word_lists::{WordParts, WordSet, read};

/// Maximum number of sentences of a source that are searched for a field.
const MOST: usize = 400;

/// The kind of value that the name of a field asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Any,
    Place,
    Beginning,
    Leader,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldWords {
    any: WordSet,
    place: WordSet,
    beginning: WordSet,
    leader: WordSet,
    stands: WordParts,
    began: WordParts,
    leads: WordParts,
    place_prepositions: WordSet,
}

static LISTS: LazyLock<FieldWords> =
    LazyLock::new(|| read("fields.toml", include_str!("words/fields.toml")));

/// The kind of value that a claim asks for if it is a field, and the tokens of its name.
fn asked(alignment: &Alignment<'_>) -> Option<(Asked, Vec<usize>)> {
    let (name, _) = field(alignment.text)?;
    let tokens = &alignment.claim.tokens;
    let inside: Vec<usize> = (0..tokens.len())
        .filter(|at| tokens[*at].range.end <= name.end)
        .collect();
    let bare = alignment.text[name].to_lowercase();
    let mut kind = None;
    for word in inside
        .iter()
        .map(|at| tokens[*at].word.as_str())
        .chain(std::iter::once(bare.as_str()))
    {
        for (list, asked) in [
            (&LISTS.place, Asked::Place),
            (&LISTS.leader, Asked::Leader),
            (&LISTS.beginning, Asked::Beginning),
            (&LISTS.any, Asked::Any),
        ] {
            if kind.is_none_or(|kind| kind == Asked::Any) && list.contains(word) {
                kind = Some(asked);
            }
        }
    }
    Some((kind?, inside)).filter(|(_, inside)| inside.len() < tokens.len())
}

/// Returns true if the field's name asks for this kind.
fn asks(alignment: &Alignment<'_>, wanted: Asked) -> bool {
    asked(alignment).is_some_and(|(asked, _)| asked == wanted)
}

/// Returns true if it does and the source does not contain the name; other rules handle
/// names that it contains.
fn asks_otherwise(alignment: &Alignment<'_>, wanted: Asked) -> bool {
    asked(alignment).is_some_and(|(asked, name)| asked == wanted && !is_known(alignment, &name))
}

fn is_known(alignment: &Alignment<'_>, name: &[usize]) -> bool {
    name.iter().any(|at| {
        !alignment.claim.tokens[*at].stop && alignment.known[*at] && alignment.weights[*at] > 0.0
    })
}

/// Sets the weight of a name that only describes the value to 0, so that the source
/// need not contain it.
pub(super) fn forget_name(alignment: &mut Alignment<'_>) {
    if let Some((_, name)) = asked(alignment)
        && !is_known(alignment, &name)
    {
        for at in name {
            alignment.weights[at] = 0.0;
        }
    }
}

/// Checks a field that states a number of things.
pub(super) fn check_count(alignment: &Alignment<'_>, checked: &mut Checked) {
    add(alignment, checked, counted(alignment));
}

pub(super) fn check_place(alignment: &Alignment<'_>, checked: &mut Checked) {
    if asks(alignment, Asked::Place) {
        add(alignment, checked, place(alignment));
    }
}

pub(super) fn check_leader(alignment: &Alignment<'_>, checked: &mut Checked) {
    if asks_otherwise(alignment, Asked::Leader) {
        add(alignment, checked, leader(alignment));
    }
}

pub(super) fn check_beginning(alignment: &Alignment<'_>, checked: &mut Checked) {
    if asks_otherwise(alignment, Asked::Beginning) {
        add(alignment, checked, beginning(alignment));
    }
}

fn add(alignment: &Alignment<'_>, checked: &mut Checked, rival: Option<Rival>) {
    let Some((sentence, range, own, aspect)) = rival else {
        return;
    };
    checked.features += 1;
    checked.findings.retain(|finding| finding.range != own);
    checked.findings.push(Finding {
        aspect,
        message: format!(
            "the source says \"{}\", the claim says \"{}\"",
            &alignment.index.text()[range],
            &alignment.text[own.clone()]
        ),
        range: own,
        against: true,
        sentence: Some(sentence),
    });
}

/// Finds the only other number of the counted things in the source: "Paintings: 3,400" beside
/// "4,300 paintings".
fn counted(alignment: &Alignment<'_>) -> Option<Rival> {
    let (name, value) = field(alignment.text)?;
    let claim = &alignment.claim;
    let inside = |quantity: &&Quantity| quantity.range.start >= value.start;
    let own = claim.quantities.iter().find(inside)?;
    let things: Vec<&str> = claim
        .tokens
        .iter()
        .filter(|token| token.range.end <= name.end && token.content())
        .map(|token| token.term.as_str())
        .collect();
    if own.unit != Unit::Bare || things.len() != 1 {
        return None;
    }
    let index = alignment.index;
    let mut found: Option<(usize, &Quantity)> = None;
    for sentence in 0..index.len().min(MOST) {
        for given in &index.analysis(sentence).quantities {
            if !matches!(&given.unit, Unit::Things(thing) if thing == things[0]) {
                continue;
            }
            if given.value == own.value
                || found.is_some_and(|(_, other)| other.value != given.value)
            {
                return None;
            }
            found = Some((sentence, given));
        }
    }
    let (sentence, given) = found?;
    Some((
        sentence,
        given.range.clone(),
        own.range.clone(),
        Aspect::Number,
    ))
}

type Bytes = std::ops::Range<usize>;
/// The sentence, the bytes of its value, the bytes of the claim's value, and the aspect.
type Rival = (usize, Bytes, Bytes, Aspect);

/// The name that is the field's value; here every capitalized word counts as a name.
fn value(alignment: &Alignment<'_>) -> Option<Entity> {
    let (_, value) = field(alignment.text)?;
    let inside = |entity: &&Entity| entity.range.start >= value.start;
    if let Some(entity) = alignment.claim.entities.iter().find(inside) {
        return Some(entity.clone());
    }
    let tokens = &alignment.claim.tokens;
    let first = tokens
        .iter()
        .position(|token| token.range.start >= value.start)?;
    tokens[first..]
        .iter()
        .all(|token| token.capital)
        .then(|| Entity {
            range: tokens[first].range.start
                ..tokens.last().map_or(value.end, |last| last.range.end),
            tokens: first..tokens.len(),
            words: tokens[first..]
                .iter()
                .map(|token| token.word.clone())
                .collect(),
            weak: false,
        })
}

fn sentences(alignment: &Alignment<'_>, verbs: &WordParts) -> Vec<usize> {
    let index = alignment.index;
    (0..index.len().min(MOST))
        .filter(|at| {
            let tokens = &index.analysis(*at).tokens;
            tokens.iter().any(|token| verbs.begin(&token.word))
        })
        .collect()
}

/// Finds a place other than the field's, if the source has only one.
fn place(alignment: &Alignment<'_>) -> Option<Rival> {
    let own = value(alignment)?;
    let index = alignment.index;
    let mut found: Option<(usize, &Entity)> = None;
    for sentence in sentences(alignment, &LISTS.stands) {
        let given = index.analysis(sentence);
        for entity in &given.entities {
            let before = entity.tokens.start.checked_sub(1)?;
            let located = LISTS
                .place_prepositions
                .contains(&given.tokens[before].word);
            if !located {
                continue;
            }
            if entity.same(&own) || found.is_some_and(|(_, other)| !other.same(entity)) {
                return None;
            }
            found = Some((sentence, entity));
        }
    }
    let (sentence, entity) = found?;
    Some((sentence, entity.range.clone(), own.range, Aspect::Name))
}

/// Finds a leader other than the field's, if the source has only one.
fn leader(alignment: &Alignment<'_>) -> Option<Rival> {
    let own = value(alignment)?;
    let index = alignment.index;
    let mut found: Option<(usize, &Entity)> = None;
    for sentence in sentences(alignment, &LISTS.leads) {
        let given = index.analysis(sentence);
        for entity in given
            .entities
            .iter()
            .filter(|entity| entity.words.len() >= 2)
        {
            if entity.same(&own) || found.is_some_and(|(_, other)| !other.same(entity)) {
                return None;
            }
            found = Some((sentence, entity));
        }
    }
    let (sentence, entity) = found?;
    Some((sentence, entity.range.clone(), own.range, Aspect::Name))
}

/// Finds a start date other than the field's, if the source has only one.
fn beginning(alignment: &Alignment<'_>) -> Option<Rival> {
    let own = alignment.claim.dates.first()?;
    let index = alignment.index;
    let mut found = None;
    for sentence in sentences(alignment, &LISTS.began) {
        for date in &index.analysis(sentence).dates {
            if !own.conflicts(date) || found.is_some() {
                return None;
            }
            found = Some((sentence, date.range.clone()));
        }
    }
    let (sentence, range) = found?;
    Some((sentence, range, own.range.clone(), Aspect::Date))
}
