//! The encoded form of a text.

use std::ops::Range;

use super::sizes::{DIMENSIONS, WINDOW};

/// Scale factor by which components between -1 and 1 are multiplied before they are rounded to
/// `i8`.
const SCALE: f32 = 127.0;

/// An encoded text.
///
/// Vectors that are compared are quantized to small integers: they take a quarter of the memory,
/// and their products add up to the same in any order.
#[derive(Debug)]
pub struct Encoded {
    /// The range of bytes in the text for each piece.
    pieces: Vec<Range<usize>>,
    /// A unit vector for each piece, quantized by [`SCALE`].
    vectors: Vec<i8>,
    /// The unit vector of the whole text.
    whole: Vec<f32>,
    /// The input of the head: one row for each piece and for the special tokens around them.
    hidden: Vec<f32>,
}

impl Encoded {
    /// Assembles the text from its encoded windows; `unit` has one row for each piece.
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

    /// Returns the range of bytes in the text for each piece.
    pub fn pieces(&self) -> &[Range<usize>] {
        &self.pieces
    }

    /// Returns the cosine similarity of a piece of this text and a piece of another.
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

    /// Returns the cosine similarity of the two whole texts.
    pub fn likeness(&self, other: &Self) -> f64 {
        let products = self.whole.iter().zip(&other.whole);
        f64::from(products.map(|(one, two)| one * two).sum::<f32>())
    }

    /// Returns the number of rows that the head reads of this text as evidence: those of the first
    /// window.
    pub fn read(&self) -> usize {
        self.rows().min(WINDOW + 2)
    }

    /// Returns the number of rows of all windows.
    pub fn rows(&self) -> usize {
        self.hidden.len() / DIMENSIONS
    }

    /// Returns the input of the head, row by row.
    pub(super) fn hidden(&self) -> &[f32] {
        &self.hidden
    }

    /// Returns the size in memory, in bytes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>()
            + self.pieces.len() * size_of::<Range<usize>>()
            + self.vectors.len()
            + (self.whole.len() + self.hidden.len()) * size_of::<f32>()
    }
}
