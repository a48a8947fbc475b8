//! Bloom filters that tell, without reading the texts of an evaluation, that a search string is not
//! in them.
//!
//! Each evaluation has a Bloom filter of the n-grams (one to three characters) of its texts. A
//! search walks the filters, and reads only the texts whose filter has every n-gram of the search
//! string. An inverted index would be faster for very long histories, but deleted texts would
//! remain in it, or each deletion would rewrite thousands of its pages: FTS5's `secure-delete`
//! takes some 100 ms for one text of 9 KB.

use super::columns::folded;

/// Maximum size of a filter in bytes, whatever the texts are; the minimum is 8.
const MAX_BYTES: usize = 16 << 10;
const MIN_BYTES: usize = 8;

/// Minimum number of bits for each n-gram; about one bit in five is set then.
const BITS_PER_GRAM: usize = 4;

/// Maximum number of n-grams of one search that are tested.
const MAX_GRAMS: usize = 64;

/// Maximum length of an n-gram, in characters.
const LONGEST: usize = 3;

/// A search string with the hashes of its n-grams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Needle {
    folded: String,
    grams: Vec<u32>,
}

impl Needle {
    /// Returns `None` for an empty search string. NUL is removed, since no stored text has it.
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

    /// Returns whether a text with that filter may contain the search string. Without a filter it
    /// may.
    pub(crate) fn may_be_in(&self, filter: Option<&[u8]>) -> bool {
        filter.is_none_or(|filter| self.grams.iter().all(|&gram| has(filter, gram)))
    }

    /// Returns whether the text contains the search string, ignoring case. Takes linear time for
    /// any text and needle, since the standard library's search is two-way.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        folded(text).contains(&self.folded)
    }
}

/// The Bloom filter of an evaluation's texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchFilter(pub(crate) Vec<u8>);

impl SearchFilter {
    /// Computes the filter in linear time, some milliseconds for the longest texts. It is done
    /// before the transaction that stores it, since SQLite has a single writer.
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
    // An index consists of the hash's lowest bits, so the two halves of a filter can be combined
    // into one of half the size.
    let grams: usize = bits.iter().map(|byte| byte.count_ones() as usize).sum();
    while bits.len() > MIN_BYTES && bits.len() / 2 * 8 >= grams * BITS_PER_GRAM {
        let upper = bits.split_off(bits.len() / 2);
        for (low, high) in bits.iter_mut().zip(upper) {
            *low |= high;
        }
    }
    bits
}

/// FNV-1a over the code points of the characters, its two halves combined. Filters are stored, so
/// this must not change.
fn hash(gram: &[char]) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for &letter in gram {
        for byte in u32::from(letter).to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    (hash ^ (hash >> 32)) as u32
}

/// Returns the byte and the bit in it that belong to an n-gram. The length is a power of two.
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
    // A filter of unexpected length matches everything.
    filter.get(byte).is_none_or(|byte| byte & bit != 0)
}

#[cfg(test)]
#[path = "tests/search_filter.rs"]
mod tests;
