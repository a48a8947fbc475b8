//! Names of a claim against the names of the aligned sentences.

use super::align::{Alignment, MOST};
use super::finding::{Aspect, Checked, Finding};
use super::frames::{CLOSE_FRAME, ELSEWHERE, SAME_FRAME, best_frame, frames};
use super::index::meets;
use crate::text::analysis::Analysis;
use crate::text::entities::Entity;
use crate::text::words;

/// Checks every name of the claim.
pub(super) fn check(alignment: &Alignment<'_>, checked: &mut Checked) {
    for entity in alignment.claim.entities.iter().take(MOST) {
        name(alignment, entity, checked);
    }
}

/// Checks one name: absent from the source, or another one in its place.
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
    // A word that begins the claim and is common in the source, or a synonym of one of its words, is no name.
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
                // A lone word at the start of a sentence may be no name ("Net profit rose"): it has to do something.
                .filter(|rival| !rival.weak || acts(given, rival))
                .filter(|rival| {
                    !(entity.weak || rival.weak)
                        || (frame >= CLOSE_FRAME && entity.weak == rival.weak)
                        || (!entity.weak && !adverb(&rival.words[0]))
                })
                // The same role of the same predicate: the word of a role before both and the same word behind or
                // before both, or one of the two in a sentence that says the same otherwise.
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
        // "Yesterday Anna …": the first word joined the name only by its capital.
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

/// Whether two names have the family's name in common and are of two people: "Karl Mohr", "Greta Mohr".
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

/// True where a verb stands right behind a name.
fn acts(given: &Analysis, entity: &Entity) -> bool {
    let next = given.tokens.get(entity.tokens.end);
    next.is_some_and(|next| words::is_finite(&next.word))
}

/// Words in "-ly" and "-ing" begin many sentences and name nothing.
fn adverb(word: &str) -> bool {
    word.ends_with("ly") || word.ends_with("ing")
}

/// What stands right before a name: the word of a place or role ("in", "by"), or the start of the sentence.
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

/// True where the next content word is the same behind both names, or both begin or end what is said.
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
