//! A text as the encoder sees it.

use std::ops::Range;

use super::sizes::{DIMENSIONS, WINDOW};

/// What a number between -1 and 1 is multiplied by before it is kept as a whole one.
const SCALE: f32 = 127.0;

/// One text, encoded.
///
/// Vectors that are compared are kept as small whole numbers: a quarter of the memory, and their
/// products add up to the same in any order.
#[derive(Debug)]
pub struct Encoded {
    /// Bytes of the text, for each piece.
    pieces: Vec<Range<usize>>,
    /// A vector of length 1 for each piece, scaled.
    vectors: Vec<i8>,
    /// The vector of the whole text, of length 1.
    whole: Vec<f32>,
    /// What the head reads: a row for each piece and for the marks around them.
    hidden: Vec<f32>,
}

impl Encoded {
    /// Puts together what was encoded window by window; `unit` has a row for each piece.
    pub(super) fn new(pieces: Vec<Range<usize>>, unit: &[f32], hidden: Vec<f32>) -> Self {
        let mut whole = vec![0.0; DIMENSIONS];
        for row in unit.chunks_exact(DIMENSIONS) {
            for (sum, value) in whole.iter_mut().zip(row) {
                *sum += value;
            }
        }
        let length = whole.iter().map(|value| value * value).sum::<f32>().sqrt();
        if length > 0.0 {
            whole.iter_mut().for_each(|value| *value /= length);
        }
        let scaled = |value: &f32| (value * SCALE).round().clamp(-SCALE, SCALE) as i8;
        Self {
            pieces,
            vectors: unit.iter().map(scaled).collect(),
            whole,
            hidden,
        }
    }

    /// Bytes of the text that each piece is.
    pub fn pieces(&self) -> &[Range<usize>] {
        &self.pieces
    }

    /// The cosine of a piece of this text and one of another.
    pub fn cosine(&self, piece: usize, other: &Self, place: usize) -> f64 {
        let row =
            |vectors: &[i8], at: usize| at * DIMENSIONS..((at + 1) * DIMENSIONS).min(vectors.len());
        let one = &self.vectors[row(&self.vectors, piece)];
        let two = &other.vectors[row(&other.vectors, place)];
        let sum: i32 = one
            .iter()
            .zip(two)
            .map(|(one, two)| i32::from(*one) * i32::from(*two))
            .sum();
        f64::from(sum) / f64::from(SCALE * SCALE)
    }

    /// The cosine of the two texts as wholes.
    pub fn likeness(&self, other: &Self) -> f64 {
        let products = self.whole.iter().zip(&other.whole);
        f64::from(products.map(|(one, two)| one * two).sum::<f32>())
    }

    /// Rows that the head reads of it as evidence: those of the first window.
    pub fn read(&self) -> usize {
        self.rows().min(WINDOW + 2)
    }

    /// Rows of all windows.
    pub fn rows(&self) -> usize {
        self.hidden.len() / DIMENSIONS
    }

    /// What the head reads, a row after the other.
    pub(super) fn hidden(&self) -> &[f32] {
        &self.hidden
    }

    /// Bytes that it takes in memory.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>()
            + self.pieces.len() * size_of::<Range<usize>>()
            + self.vectors.len()
            + (self.whole.len() + self.hidden.len()) * size_of::<f32>()
    }
}
