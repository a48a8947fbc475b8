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
pub(super) struct Needle {
    folded: String,
    grams: Vec<u32>,
}

impl Needle {
    /// None where nothing is looked for. NUL stands in no text.
    pub(super) fn new(q: &str) -> Option<Self> {
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
    pub(super) fn may_be_in(&self, filter: Option<&[u8]>) -> bool {
        filter.is_none_or(|filter| self.grams.iter().all(|&gram| has(filter, gram)))
    }

    /// Whether it stands in the text, whatever its case. Takes time in proportion to the text, whatever
    /// text and needle are: the standard library's search is two-way.
    pub(super) fn is_in(&self, text: &str) -> bool {
        folded(text).contains(&self.folded)
    }
}

/// The filter of an evaluation's texts.
pub(super) fn filter(source: &str, candidate: &str) -> Vec<u8> {
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
mod tests {
    use super::*;

    fn found(text: &str, q: &str) -> bool {
        let needle = Needle::new(q).unwrap();
        let may_be = needle.may_be_in(Some(&filter(text, "")));
        assert!(may_be || !needle.is_in(text), "{q:?} was overlooked");
        may_be
    }

    #[test]
    fn a_filter_keeps_apart_what_is_there_and_what_is_not() {
        let text = "The Danube is 2,850 km long. Волга впадает в Каспийское море. 长江全长6300公里";
        for there in ["danube", "2,850 KM", "ВОЛГА", "公里", "里", "e is 2"] {
            assert!(found(text, there), "{there:?}");
        }
        let vain = (0..1000)
            .filter(|n| found(text, &format!("rhine {n}")))
            .count();
        assert!(vain <= 10, "{vain} of 1000 would be read in vain");
        assert_eq!(Needle::new(""), None);
        assert_eq!(Needle::new("\0"), None);
    }

    #[test]
    fn the_size_of_a_filter_follows_what_the_texts_hold_and_is_bounded() {
        let repeated = "ab".repeat(100_000);
        assert_eq!(filter(&repeated, "").len(), MIN_BYTES);
        let different: String = (0..100_000)
            .filter_map(|n| char::from_u32(0x4e00 + n * 7 % 20_000))
            .collect();
        assert_eq!(filter(&different, "").len(), MAX_BYTES);
        let ones: u32 = filter("A sentence of some length.", "And another one.")
            .iter()
            .map(|byte| byte.count_ones())
            .sum();
        let bits = filter("A sentence of some length.", "And another one.").len() * 8;
        assert!(ones as usize * BITS_PER_GRAM <= bits, "{ones} of {bits}");
    }

    proptest::proptest! {
        #[test]
        fn what_is_in_a_text_is_never_overlooked(text in ".{0,60}", from in 0_usize..60, length in 1_usize..20) {
            let q: String = text.chars().skip(from).take(length).collect();
            if let Some(needle) = Needle::new(&q) {
                proptest::prop_assert!(needle.is_in(&text.replace('\0', "")) || text.contains('\0'));
                proptest::prop_assert!(needle.may_be_in(Some(&filter("x", &text))) || text.contains('\0'));
            }
        }
    }
}
