//! Compares the names of a claim with those of the aligned sentences.

use super::align::{Alignment, MOST};
use super::finding::{Aspect, Checked, Finding};
use super::frames::{CLOSE_FRAME, ELSEWHERE, SAME_FRAME, best_frame, frames};
use super::index::meets;
use crate::text::analysis::Analysis;
use crate::text::entities::Entity;
use crate::text::words;

pub(super) fn check(alignment: &Alignment<'_>, checked: &mut Checked) {
    for entity in alignment.claim.entities.iter().take(MOST) {
        name(alignment, entity, checked);
    }
}

/// Checks one name: it may be absent from the source, or there may be another one in its place.
fn name(alignment: &Alignment<'_>, entity: &Entity, checked: &mut Checked) {
    let index = alignment.index;
    let claim = &alignment.claim;
    let without: Vec<usize> = entity.tokens.clone().collect();
    let told = &alignment.text[entity.range.clone()];
    let within = |given: &Analysis| {
        given.entities.iter().any(|given| given.same(entity))
            || without.iter().all(|at| {
                claim.tokens[*at].stop
                    || given
                        .tokens
                        .iter()
                        .any(|token| meets(&claim.tokens[*at], token))
            })
    };
    // The first word of the claim is no name if it is common in the source or is a stop word.
    if entity.weak
        && (index.is_common(&claim.tokens[entity.tokens.start].word)
            || claim.tokens[entity.tokens.start].stop)
    {
        return;
    }
    let matched = best_frame(alignment, &without, within);
    let rival = frames(alignment, &without)
        .into_iter()
        .find_map(|(sentence, frame)| {
            let given = index.analysis(sentence);
            if within(given) {
                return None;
            }
            let relatives = given.entities.iter().take(MOST);
            let relatives = relatives.filter(|given| {
                are_relatives(entity, given) && !claim.entities.iter().any(|own| own.same(given))
            });
            alignment
                .strangers(sentence)
                .iter()
                .map(|place| &given.entities[*place])
                .chain(relatives)
                // A single capitalized word at the start of a sentence may be no name ("Net profit
                // rose"), unless a verb follows it.
                .filter(|rival| !rival.weak || acts(given, rival))
                .filter(|rival| {
                    !(entity.weak || rival.weak)
                        || (frame >= CLOSE_FRAME && entity.weak == rival.weak)
                        || (!entity.weak && !adverb(&rival.words[0]))
                })
                // They have the same role in the same predicate if the same word comes before both
                // and the same content word is next to both; one of the two is enough in a sentence
                // that otherwise says the same.
                .find(|rival| {
                    let role =
                        slot(claim, entity).is_some_and(|word| slot(given, rival) == Some(word));
                    let predicate = neighbours(claim, entity, given, rival);
                    (role && predicate && frame >= SAME_FRAME)
                        || ((role || predicate) && frame >= CLOSE_FRAME)
                })
                .map(|rival| (sentence, frame, rival))
        });
    let missing: Vec<&str> = entity
        .tokens
        .clone()
        .filter(|at| {
            entity
                .words
                .contains(&claim.tokens[*at].word.replace('.', ""))
                && !alignment.known[*at]
        })
        // "Yesterday Anna …": the first word is part of the name only by its capital letter.
        .filter(|at| {
            !(*at == 0
                && entity.tokens.len() > 1
                && entity.tokens.start == 0
                && !alignment.known[0]
                && matched.is_some()
                && entity.words.len() > 2)
        })
        .map(|at| &alignment.text[claim.tokens[at].range.clone()])
        .collect();
    if entity.weak && rival.is_none() && (matched.is_none() || !missing.is_empty()) {
        return;
    }
    let known = missing.is_empty() || index.has_word(&entity.words.concat());
    checked.features += 1;
    match (matched, rival) {
        (Some(frame), Some((_, rival, _))) if frame >= ELSEWHERE * rival && known => {}
        (Some(_), None) if known => {}
        (_, Some((sentence, _, rival))) => checked.findings.push(Finding {
            aspect: Aspect::Name,
            range: entity.range.clone(),
            against: true,
            message: format!(
                "the source says \"{}\", the claim says \"{told}\"",
                &index.text()[rival.range.clone()]
            ),
            sentence: Some(sentence),
        }),
        _ if known => checked.findings.push(Finding {
            aspect: Aspect::Name,
            range: entity.range.clone(),
            against: false,
            message: format!("\"{told}\" does not appear in the source's passages on this"),
            sentence: None,
        }),
        _ => checked.findings.push(Finding {
            aspect: Aspect::Name,
            range: entity.range.clone(),
            against: false,
            message: format!("\"{}\" does not appear in the source", missing.join(" ")),
            sentence: None,
        }),
    }
}

/// Returns true if two names share the family name but belong to different people:
/// "Karl Mohr", "Greta Mohr".
fn are_relatives(one: &Entity, two: &Entity) -> bool {
    let parts = |entity: &Entity| match &entity.words[..] {
        [given, family] => Some((given.clone(), family.clone())),
        _ => None,
    };
    let (Some((one, family)), Some((two, other))) = (parts(one), parts(two)) else {
        return false;
    };
    // "K. Mohr" and "Kate" may be Katharine.
    let first = |name: &str| name.chars().next();
    family == other && first(&one) != first(&two)
}

/// Returns true if a verb directly follows a name.
fn acts(given: &Analysis, entity: &Entity) -> bool {
    let next = given.tokens.get(entity.tokens.end);
    next.is_some_and(|next| words::is_finite(&next.word))
}

/// Returns true for words in "-ly" and "-ing", which start many sentences and are no names.
fn adverb(word: &str) -> bool {
    word.ends_with("ly") || word.ends_with("ing")
}

/// The word before a name and its article that shows its place or role ("in", "by"); `None` at the
/// start of the sentence and after "and" or "or".
fn slot<'a>(analysis: &'a Analysis, entity: &Entity) -> Option<&'a str> {
    let before = entity.tokens.start.checked_sub(1)?;
    let word = analysis.tokens[before].word.as_str();
    if matches!(word, "the" | "a" | "an") {
        return before
            .checked_sub(1)
            .map(|at| analysis.tokens[at].term.as_str());
    }
    (!matches!(word, "and" | "or")).then_some(analysis.tokens[before].term.as_str())
}

/// Returns true if the next content word after both names is the same, or the last one before them.
fn neighbours(claim: &Analysis, one: &Entity, given: &Analysis, two: &Entity) -> bool {
    let next = |analysis: &Analysis, entity: &Entity| {
        analysis.tokens[entity.tokens.end..]
            .iter()
            .take(4)
            .find(|token| !token.stop)
            .map(|token| token.term.clone())
    };
    let previous = |analysis: &Analysis, entity: &Entity| {
        analysis.tokens[..entity.tokens.start]
            .iter()
            .rev()
            .take(4)
            .find(|token| !token.stop)
            .map(|token| token.term.clone())
    };
    let same = |one: Option<String>, two: Option<String>| one.is_some() && one == two;
    same(next(claim, one), next(given, two)) || same(previous(claim, one), previous(given, two))
}
