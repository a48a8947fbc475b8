//! The frame of a value: where in the evidence it may stand, and how much of the claim a sentence has beside it.

use super::align::Alignment;
use crate::text::analysis::Analysis;
use crate::text::tokens::Token;

/// Share of a claim that a sentence must have (the feature itself left out) to speak against it.
pub(super) const SAME_FRAME: f64 = 0.5;
/// Share from which no common words around the two values are asked for.
pub(super) const CLOSE_FRAME: f64 = 0.7;
/// A value found in a sentence that covers less than this part of the rival's frame belongs to something else.
pub(super) const ELSEWHERE: f64 = 0.6;

/// Sentences in which a value may stand: the candidates and the neighbours of the best one.
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

/// The best frame among the sentences that fit; none where no sentence does.
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

/// The sentence of the evidence with the best frame that is good enough to contradict.
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

/// True for the amount of a change: "fell by 12".
pub(super) fn changed(tokens: &[Token], range: &std::ops::Range<usize>) -> bool {
    let at = tokens.partition_point(|token| token.range.end <= range.start);
    at.checked_sub(1)
        .is_some_and(|before| matches!(tokens[before].word.as_str(), "by" | "um"))
}
