//! The frame of a value: the sentences that it may be in, and the share of the rest of the claim
//! that such a sentence contains.

use super::align::Alignment;
use crate::text::analysis::Analysis;
use crate::text::tokens::Token;

/// Minimum share of a claim, without the feature itself, that a sentence must
/// contain to contradict it.
pub(super) const SAME_FRAME: f64 = 0.5;
/// Share from which the values need no common words around them.
pub(super) const CLOSE_FRAME: f64 = 0.7;
/// A value in a sentence that covers less than this part of the rival's frame
/// belongs to something else.
pub(super) const ELSEWHERE: f64 = 0.6;

/// The sentences in which a value may be: the candidates, and the neighbours of the best one.
pub(super) fn places(alignment: &Alignment<'_>) -> Vec<usize> {
    let mut places = alignment.evidence.clone();
    if let Some(best) = alignment.evidence.first() {
        let next = best + 1;
        places.extend(
            [
                best.checked_sub(1),
                best.checked_sub(2),
                (next < alignment.index.len()).then_some(next),
            ]
            .into_iter()
            .flatten(),
        );
    }
    places.extend(alignment.candidates.iter().map(|(sentence, _)| *sentence));
    let mut seen = Vec::with_capacity(places.len());
    places.retain(|place| {
        !seen.contains(place) && {
            seen.push(*place);
            true
        }
    });
    places
}

/// The best frame among the sentences that fit; `None` if none fits.
pub(super) fn best_frame(
    alignment: &Alignment<'_>,
    without: &[usize],
    fits: impl Fn(&Analysis) -> bool,
) -> Option<f64> {
    places(alignment)
        .into_iter()
        .filter(|place| fits(alignment.index.analysis(*place)))
        .map(|place| alignment.frame(place, without))
        .reduce(f64::max)
}

/// The sentences that contain enough of the claim to contradict it, with their frames.
pub(super) fn frames(alignment: &Alignment<'_>, without: &[usize]) -> Vec<(usize, f64)> {
    let mut frames: Vec<(usize, f64)> = alignment
        .candidates
        .iter()
        .take(4)
        .map(|(sentence, _)| {
            let frame = alignment.frame_with_antecedent(*sentence, without);
            (*sentence, frame)
        })
        .filter(|(_, frame)| *frame >= SAME_FRAME)
        .collect();
    frames.sort_by(|one, two| two.1.total_cmp(&one.1).then(one.0.cmp(&two.0)));
    frames
}

/// Returns true for the amount of a change: "fell by 12".
pub(super) fn changed(tokens: &[Token], range: &std::ops::Range<usize>) -> bool {
    let at = tokens.partition_point(|token| token.range.end <= range.start);
    at.checked_sub(1)
        .is_some_and(|before| matches!(tokens[before].word.as_str(), "by" | "um"))
}
