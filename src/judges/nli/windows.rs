//! The windows of evidence that a model of bounded length gets to see for a claim.

use std::ops::Range;

use crate::evidence::SourceIndex;
use crate::text::tokens::{Form, Tokenizer};

use super::tokens::{Row, Words};

/// Longest piece of a sentence, in the model's tokens: sentences without an end are cut.
const PIECE: usize = 96;
/// Tokens left free for those that mark where a text begins and ends, and for words that are cut in
/// another way beside others.
const MARGIN: usize = 12;
/// Sentences that a claim's terms are looked for in, for each window.
const RANKED: usize = 6;

impl Room {
    /// Tokens that a claim may have so that evidence has room beside it.
    pub(super) const fn beside_evidence(self) -> usize {
        self.row.saturating_sub(self.around + MARGIN + PIECE)
    }
}

/// How often evidence is cut until a row fits: words are cut into more tokens inside of a text than alone.
const CUTS: usize = 4;

/// The row that `row` makes of the evidence, from whose end as much is cut as does not fit into it: a model
/// fails beyond the length that it was made for.
pub(super) fn fitting(
    words: &Words,
    longest: usize,
    evidence: &str,
    row: impl Fn(&str) -> Result<Row, String>,
) -> Result<Row, String> {
    let mut text = evidence;
    for _ in 0..CUTS {
        let made = row(text)?;
        let length = made.ids.len();
        if length <= longest {
            return Ok(made);
        }
        let offsets = words.offsets(text)?;
        let kept = (offsets.len() * longest / length).saturating_sub(MARGIN);
        let end = offsets.get(kept).map_or(0, |token| token.0);
        text = text.get(..end).unwrap_or_default();
    }
    Err("a claim and its evidence are longer than the model reads".to_owned())
}

/// A part of a sentence.
struct Piece {
    /// Bytes of the indexed text.
    range: Range<usize>,
    tokens: usize,
    sentence: usize,
}

/// The evidence of a case in pieces, cut once for all claims.
pub(super) struct Evidence<'c> {
    index: &'c SourceIndex,
    pieces: Vec<Piece>,
    room: Room,
}

/// What there is room for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Tokens that a row has at most.
    pub(super) row: usize,
    /// Of them, what stands around evidence and claim in every row.
    pub(super) around: usize,
    /// Tokens of evidence in a row, at most.
    pub(super) evidence: usize,
    /// Windows that a claim gets at most.
    pub(super) windows: usize,
}

impl<'c> Evidence<'c> {
    pub(super) fn new(index: &'c SourceIndex, words: &Words, room: Room) -> Result<Self, String> {
        let mut pieces = Vec::new();
        for sentence in 0..index.len() {
            let range = index.range(sentence);
            let tokens = words.offsets(&index.text()[range.clone()])?;
            for part in tokens.chunks(PIECE) {
                let (Some(first), Some(last)) = (part.first(), part.last()) else {
                    continue;
                };
                let cut = range.start + first.0..range.start + last.1;
                // A tokenizer's offsets are bytes of what it was given; one that changed its text is off.
                let cut = match index.text().get(cut.clone()) {
                    Some(_) if tokens.len() > PIECE => cut,
                    _ => range.clone(),
                };
                pieces.push(Piece {
                    range: cut,
                    tokens: part.len(),
                    sentence,
                });
            }
        }
        Ok(Self {
            index,
            pieces,
            room,
        })
    }

    /// The windows for a claim that has so many tokens, in the order of the text: all of them where they
    /// are few enough, else those with the best ranked sentences. None where the claim leaves no room.
    pub(super) fn windows(&self, claim: &str, tokens: usize) -> Option<Vec<String>> {
        let spare = self.room.beside_evidence().checked_sub(tokens)?;
        let windows = self.pack((spare + PIECE).min(self.room.evidence.max(PIECE)));
        let chosen: Vec<usize> = if windows.len() <= self.room.windows {
            (0..windows.len()).collect()
        } else {
            self.best(claim, &windows)
        };
        let text = self.index.text();
        // What stands between pieces (marks of lists, rules) was not counted, and may be long.
        let cut = |at: usize| {
            let pieces = self.pieces[windows[at].clone()].iter();
            let texts: Vec<&str> = pieces.map(|piece| &text[piece.range.clone()]).collect();
            texts.join(" ")
        };
        Some(chosen.into_iter().map(cut).collect())
    }

    /// Neighbouring pieces together, as many as there is room for; the last of one window is also the
    /// first of the next, so that what belongs together is together in one.
    fn pack(&self, room: usize) -> Vec<Range<usize>> {
        let mut windows = Vec::new();
        let mut start = 0;
        while start < self.pieces.len() {
            let mut end = start;
            let mut left = room;
            while let Some(piece) = self.pieces.get(end).filter(|piece| piece.tokens <= left) {
                left -= piece.tokens;
                end += 1;
            }
            // No piece is longer than the room.
            let end = end.max(start + 1);
            windows.push(start..end);
            if end == self.pieces.len() {
                break;
            }
            start = if end - start > 1 { end - 1 } else { end };
        }
        windows
    }

    /// The windows that the claim's best ranked sentences are in, by the sum of their reciprocal ranks.
    fn best(&self, claim: &str, windows: &[Range<usize>]) -> Vec<usize> {
        let tokenizer = Tokenizer::new(self.index.language());
        let tokens = tokenizer.tokens(claim, 0..claim.len());
        let query: Vec<(&str, f64)> = tokens
            .iter()
            .filter(|token| !token.stop || token.form == Form::Number)
            .map(|token| (token.term.as_str(), 1.0))
            .collect();
        let mut worth = vec![0.0; self.index.len()];
        let ranked = self.index.rank(&query, RANKED * self.room.windows);
        for (rank, (sentence, _)) in ranked.into_iter().enumerate() {
            worth[sentence] = 1.0 / (rank + 1) as f64;
        }
        let mut order: Vec<(usize, f64)> = windows
            .iter()
            .enumerate()
            .map(|(at, window)| {
                let sentences = self.pieces[window.clone()]
                    .iter()
                    .map(|piece| piece.sentence);
                (at, sentences.map(|sentence| worth[sentence]).sum())
            })
            .collect();
        order.sort_by(|one, two| two.1.total_cmp(&one.1).then(one.0.cmp(&two.0)));
        let mut chosen: Vec<usize> = order
            .into_iter()
            .take(self.room.windows)
            .map(|(at, _)| at)
            .collect();
        chosen.sort_unstable();
        chosen
    }
}
