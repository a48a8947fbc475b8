//! Selects the passages of a long source that concern a candidate.

use super::SourceIndex;
use crate::computing::checkpoint;
use crate::domain::claim::{Claim, Span};
use crate::text::tokens::Tokenizer;

/// The number of ranked sentences that count for each claim: the best has weight 1, the next a
/// half, and so on.
const DEPTH: usize = 6;
/// Weight of the question relative to one claim.
const QUESTION: f64 = 1.0;
/// The share of a sentence's score that adjacent sentences get.
const NEIGHBOUR: f64 = 0.3;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The source's text at `span`, unchanged.
    pub text: String,
    /// The position in the source.
    pub span: Span,
}

/// Returns the best passages for all claims and the question, in the order of the source and of at
/// most `max_chars` characters together.
///
/// A source that is short enough is returned whole. Sentences are selected by the sum of their
/// reciprocal ranks over the claims, and merged if they are adjacent.
pub fn select(
    index: &SourceIndex,
    claims: &[Claim],
    question: Option<&str>,
    max_chars: usize,
) -> Vec<Passage> {
    let source = index.text();
    if source.chars().take(max_chars + 1).count() <= max_chars {
        let texts = index.parts().filter(|range| !range.is_empty());
        return texts.map(|range| passage(index, range)).collect();
    }
    let mut chosen = choose(index, &worth(index, claims, question), max_chars);
    if !chosen.contains(&true) {
        // If nothing fits or no sentence has a score: the start, which mostly says what
        // a text is about.
        let end = source
            .char_indices()
            .nth(max_chars)
            .map_or(source.len(), |(at, _)| at);
        return if end == 0 {
            Vec::new()
        } else {
            vec![passage(index, 0..end)]
        };
    }
    chosen.push(false);
    let mut passages = Vec::new();
    let mut start = None;
    for (at, mark) in chosen.into_iter().enumerate() {
        match (mark, start) {
            (true, None) => start = Some(at),
            (false, Some(first)) => {
                passages.push(passage(
                    index,
                    index.range(first).start..index.range(at - 1).end,
                ));
                start = None;
            }
            _ => {}
        }
    }
    passages
}

/// Computes the score of each sentence for the claims.
fn worth(index: &SourceIndex, claims: &[Claim], question: Option<&str>) -> Vec<f64> {
    let tokenizer = Tokenizer::new(index.language());
    let mut worth = vec![0.0; index.len()];
    let texts = claims
        .iter()
        .map(|claim| (claim.text.as_str(), 1.0))
        .chain(question.map(|question| (question, QUESTION)));
    for (text, weight) in texts {
        checkpoint();
        let tokens = tokenizer.tokens(text, 0..text.len());
        let query: Vec<(&str, f64)> = tokens
            .iter()
            .filter(|token| !token.stop)
            .map(|token| (token.term.as_str(), 1.0))
            .collect();
        for (rank, (sentence, _)) in index.rank(&query, DEPTH).into_iter().enumerate() {
            worth[sentence] += weight / (rank + 1) as f64;
        }
    }
    let own = worth.clone();
    for (at, worth) in worth.iter_mut().enumerate() {
        let before = at.checked_sub(1).map_or(0.0, |at| own[at]);
        *worth += NEIGHBOUR * before.max(own.get(at + 1).copied().unwrap_or(0.0));
    }
    worth
}

/// Selects sentences by score as long as they fit, counting the gaps between adjacent ones.
fn choose(index: &SourceIndex, worth: &[f64], max_chars: usize) -> Vec<bool> {
    let mut order: Vec<usize> = (0..worth.len()).filter(|at| worth[*at] > 0.0).collect();
    order.sort_by(|one, two| worth[*two].total_cmp(&worth[*one]).then(one.cmp(two)));
    let mut chosen = vec![false; worth.len()];
    let mut left = max_chars;
    for at in order {
        // The white space up to the next sentence is counted here, so that a merged
        // passage never costs more.
        let range = index.range(at);
        let end = if at + 1 < worth.len() {
            index.range(at + 1).start
        } else {
            range.end
        };
        let cost = index.text()[range.start..end].chars().count();
        if cost <= left {
            left -= cost;
            chosen[at] = true;
        }
    }
    chosen
}

fn passage(index: &SourceIndex, range: std::ops::Range<usize>) -> Passage {
    Passage {
        text: index.text()[range.clone()].to_owned(),
        span: index.span(range),
    }
}

#[cfg(test)]
#[path = "tests/passages.rs"]
mod tests;
