//! Checks addresses, versions, hashes, paths and codes of a claim: the source must contain each
//! to the last character.

use super::align::{Alignment, MOST};
use super::finding::{Aspect, Checked, Finding};
use super::frames::{SAME_FRAME, places};
use crate::text::analysis::Analysis;
use crate::text::identifiers::Identifier;

pub(super) fn check(alignment: &Alignment<'_>, checked: &mut Checked) {
    for own in alignment.claim.identifiers.iter().take(MOST) {
        checked.features += 1;
        if let Some(finding) = compare(alignment, own) {
            checked.findings.push(finding);
        }
    }
}

fn compare(alignment: &Alignment<'_>, own: &Identifier) -> Option<Finding> {
    let told = &alignment.text[own.range.clone()];
    let against = |sentence: usize, rival: &Identifier| Finding {
        aspect: Aspect::Identifier,
        range: own.range.clone(),
        against: true,
        message: format!(
            "the source says {}, the claim says {told}",
            &alignment.index.text()[rival.range.clone()]
        ),
        sentence: Some(sentence),
    };
    let mut stands = false;
    let mut rival: Option<(usize, &Identifier, usize)> = None;
    for place in places(alignment) {
        let given = alignment.index.analysis(place);
        let alike: Vec<&Identifier> = given
            .identifiers
            .iter()
            .take(MOST)
            .filter(|other| other.kind == own.kind || own.borne_out_by(other))
            .collect();
        let nearness = |other: &Identifier| nearness(alignment, given, other);
        let borne = alike.iter().filter(|other| own.borne_out_by(other));
        let best = borne.map(|other| nearness(other)).max();
        stands |= best.is_some();
        // A value of another identifier in the claim is no rival.
        let others = alike.iter().filter(|other| {
            !own.borne_out_by(other)
                && !alignment
                    .claim
                    .identifiers
                    .iter()
                    .take(MOST)
                    .any(|mine| mine.borne_out_by(other))
        });
        let nearest = others
            .map(|other| (nearness(other), *other))
            .reduce(|one, two| if two.0 > one.0 { two } else { one });
        match (best, nearest) {
            // The claim's words are next to the other identifier.
            (Some(0), Some((near, other))) if near > 0 => return Some(against(place, other)),
            (Some(_), _) => return None,
            (None, Some((near, other))) => {
                let fits = near > 0 || alignment.frame(place, &[]) >= SAME_FRAME;
                if fits && rival.is_none_or(|(_, _, most)| near > most) {
                    rival = Some((place, other, near));
                }
            }
            (None, None) => {}
        }
    }
    let anywhere = |sentence: usize| {
        let given = alignment.index.analysis(sentence);
        given
            .identifiers
            .iter()
            .any(|other| own.borne_out_by(other))
    };
    match rival {
        Some((place, other, _)) if !stands => Some(against(place, other)),
        _ if stands || (0..alignment.index.len()).any(anywhere) => None,
        _ => Some(Finding {
            aspect: Aspect::Identifier,
            range: own.range.clone(),
            against: false,
            message: format!("{told} does not appear in the source"),
            sentence: None,
        }),
    }
}

/// The number of the claim's words between an identifier and the one before it.
fn nearness(alignment: &Alignment<'_>, given: &Analysis, other: &Identifier) -> usize {
    let start = given
        .identifiers
        .iter()
        .map(|one| one.range.end)
        .filter(|end| *end <= other.range.start)
        .max()
        .unwrap_or(0);
    given
        .tokens
        .iter()
        .filter(|token| token.range.start >= start && token.range.end <= other.range.start)
        .filter(|token| token.content())
        .filter(|token| {
            alignment
                .claim
                .tokens
                .iter()
                .any(|own| own.content() && own.term == token.term)
        })
        .count()
}
