//! Searching the texts of evaluations: what tells, without reading a text, that a word is not in it.
//!
//! Beside each evaluation's texts lies a Bloom filter of their n-grams (one to three characters). A search
//! walks the filters, and reads the texts of those evaluations only whose filter has every n-gram of what is
//! looked for. An inverted index would be faster for very long histories, but what was deleted would stay in
//! it, or each deletion would rewrite thousands of its pages: FTS5's `secure-delete` takes some 100 ms for
//! one text of 9 KB.

use super::columns::folded;

/// A filter has 8 bytes at least and this many at most, whatever its texts are.
const MAX_BYTES: usize = 16 << 10;
const MIN_BYTES: usize = 8;

/// How many bits a filter has for each n-gram, at least: about one bit in five is set then.
const BITS_PER_GRAM: usize = 4;

/// N-grams of one search that are looked up.
const MAX_GRAMS: usize = 64;

/// Longest n-gram, in characters.
const LONGEST: usize = 3;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Needle {
    folded: String,
    grams: Vec<u32>,
}

impl Needle {
    /// None where nothing is looked for. NUL stands in no text.
    pub(crate) fn new(q: &str) -> Option<Self> {
        let folded = folded(q).replace('\0', "");
        let letters: Vec<char> = folded.chars().collect();
        let mut grams: Vec<u32> = letters
            .windows(letters.len().clamp(1, LONGEST))
            .map(hash)
            .collect();
        grams.sort_unstable();
        grams.dedup();
        grams.truncate(MAX_GRAMS);
        (!folded.is_empty()).then_some(Self { folded, grams })
    }

    /// Whether a text with that filter may hold it. No filter: it may.
    pub(crate) fn may_be_in(&self, filter: Option<&[u8]>) -> bool {
        filter.is_none_or(|filter| self.grams.iter().all(|&gram| has(filter, gram)))
    }

    /// Whether it stands in the text, whatever its case. Takes time in proportion to the text, whatever
    /// text and needle are: the standard library's search is two-way.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        folded(text).contains(&self.folded)
    }
}

/// The filter of an evaluation's texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchFilter(pub(crate) Vec<u8>);

impl SearchFilter {
    /// Takes time in proportion to the texts, some milliseconds for the longest: it is made before the
    /// transaction that keeps it, since SQLite has one writer for everybody.
    pub fn of(source: &str, candidate: &str) -> Self {
        Self(filter(source, candidate))
    }
}

pub(crate) fn filter(source: &str, candidate: &str) -> Vec<u8> {
    let mut bits = vec![0_u8; MAX_BYTES];
    for text in [source, candidate] {
        let mut last = ['\0'; LONGEST];
        for (before, letter) in folded(text).chars().enumerate() {
            last.rotate_left(1);
            last[LONGEST - 1] = letter;
            let known = (before + 1).min(LONGEST);
            for length in 1..=known {
                set(&mut bits, hash(&last[LONGEST - length..]));
            }
        }
    }
    // A place is the hash's last bits: half as large a filter is the two halves together.
    let grams: usize = bits.iter().map(|byte| byte.count_ones() as usize).sum();
    while bits.len() > MIN_BYTES && bits.len() / 2 * 8 >= grams * BITS_PER_GRAM {
        let upper = bits.split_off(bits.len() / 2);
        for (low, high) in bits.iter_mut().zip(upper) {
            *low |= high;
        }
    }
    bits
}

/// FNV-1a over the characters' numbers, its halves together. Filters are stored: it must not change.
fn hash(gram: &[char]) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for &letter in gram {
        for byte in u32::from(letter).to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    (hash ^ (hash >> 32)) as u32
}

/// Where an n-gram's bit is: the byte, and the bit in it. The length is a power of two.
fn place(bytes: usize, gram: u32) -> (usize, u8) {
    let bit = gram as usize & (bytes * 8).wrapping_sub(1);
    (bit / 8, 1 << (bit % 8))
}

fn set(filter: &mut [u8], gram: u32) {
    let (byte, bit) = place(filter.len(), gram);
    if let Some(byte) = filter.get_mut(byte) {
        *byte |= bit;
    }
}

fn has(filter: &[u8], gram: u32) -> bool {
    let (byte, bit) = place(filter.len(), gram);
    // A filter that is not ours says nothing.
    filter.get(byte).is_none_or(|byte| byte & bit != 0)
}

#[cfg(test)]
#[path = "tests/search_filter.rs"]
mod tests;
