//! Selects windows of evidence for a claim, for models with a limited context.

use std::ops::Range;

use crate::evidence::SourceIndex;
use crate::text::tokens::{Form, Tokenizer};

use super::tokens::{Row, Words};

/// Maximum length of a piece of a sentence, in the model's tokens; longer sentences are split.
const PIECE: usize = 96;
/// Number of tokens reserved for special tokens, and for words that are tokenized differently
/// beside others.
const MARGIN: usize = 12;
/// Number of sentences for each window that are ranked by the claim's terms.
const RANKED: usize = 6;

impl Room {
    /// Returns the number of tokens that a claim may have so that there is room for evidence.
    pub(super) const fn beside_evidence(self) -> usize {
        self.row.saturating_sub(self.around + MARGIN + PIECE)
    }
}

/// Maximum number of times that evidence is shortened until a row fits: words can have more tokens
/// within a text than alone.
const CUTS: usize = 4;

/// Builds a row with `row`, and shortens the end of the evidence until it fits: a model fails
/// beyond the length for which it was made.
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
    /// The range in the indexed text, in bytes.
    range: Range<usize>,
    tokens: usize,
    sentence: usize,
}

/// The evidence of a case in pieces, which are cut once for all claims.
pub(super) struct Evidence<'c> {
    index: &'c SourceIndex,
    pieces: Vec<Piece>,
    room: Room,
}

/// The limits of a row and of the number of windows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Maximum number of tokens in a row.
    pub(super) row: usize,
    /// Number of those that every row has around evidence and claim.
    pub(super) around: usize,
    /// Maximum number of tokens of evidence in a row.
    pub(super) evidence: usize,
    /// Maximum number of windows for a claim.
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
                // Offsets refer to the tokenizer's own input; if it has changed the text, they are
                // invalid and the whole sentence is used.
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

    /// Returns the windows for a claim that has so many tokens, in the order of the text: all of
    /// them if they are few enough, or else those with the best ranked sentences. `None` if the
    /// claim leaves no room for evidence.
    pub(super) fn windows(&self, claim: &str, tokens: usize) -> Option<Vec<String>> {
        let spare = self.room.beside_evidence().checked_sub(tokens)?;
        let windows = self.pack((spare + PIECE).min(self.room.evidence.max(PIECE)));
        let chosen: Vec<usize> = if windows.len() <= self.room.windows {
            (0..windows.len()).collect()
        } else {
            self.best(claim, &windows)
        };
        let text = self.index.text();
        // Text between pieces (list markers, rules) was not counted and may be long, so it is left
        // out.
        let cut = |at: usize| {
            let pieces = self.pieces[windows[at].clone()].iter();
            let texts: Vec<&str> = pieces.map(|piece| &text[piece.range.clone()]).collect();
            texts.join(" ")
        };
        Some(chosen.into_iter().map(cut).collect())
    }

    /// Packs consecutive pieces into windows. The last piece of a window is also the first of the
    /// next, so that related sentences are together in at least one.
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
            // A piece is never longer than the room.
            let end = end.max(start + 1);
            windows.push(start..end);
            if end == self.pieces.len() {
                break;
            }
            start = if end - start > 1 { end - 1 } else { end };
        }
        windows
    }

    /// Returns the windows that hold the claim's best ranked sentences, by the sum of reciprocal
    /// ranks.
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
