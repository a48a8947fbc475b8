//! What of a text is in the full-text index of the history: its n-grams.
//!
//! A search finds a text in the middle of words too (`l_mix` in `wool_mix`), in any language, also
//! in those that write no spaces. So the terms of the index are not words but n-grams of one to three
//! letters, each once an evaluation. Which evaluations have all n-grams of what is searched for, the
//! index tells; whether they have it as it is written, the texts of those few tell.
//!
//! A term is a number: 12 bits for the user, so that the terms of one user lie together and a search
//! reads no other's, and 20 bits for the n-gram. Two n-grams of one number cost a text that is read
//! in vain. Terms are stored, so none of this must change.

use std::fmt::Write as _;

use super::search_text::{folded, is_separator};
use crate::domain::ids::UserId;

/// Bits of a term that stand for the n-gram.
const GRAM_BITS: u32 = 20;

/// Maximum length of an n-gram, in characters.
const LONGEST: usize = 3;

/// Maximum number of terms of one entry. A text with more different n-grams (a novel, noise) has the
/// one term [`ANYTHING`] instead: each search reads it.
const MAX_TERMS: usize = 12_000;

/// Maximum number of terms that one search asks for.
const MAX_ASKED: usize = 24;

/// The n-gram of texts that have too many.
const ANYTHING: u32 = 0;

/// The terms of texts, in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchTerms(Vec<u32>);

impl SearchTerms {
    /// Computes the terms in linear time, some milliseconds for the longest texts. It is done before
    /// the transaction that stores them, since SQLite has a single writer.
    pub fn of(user: UserId, texts: &[&str]) -> Self {
        let mut grams = vec![0_u64; 1 << (GRAM_BITS - 6)];
        for text in texts {
            for word in words(&folded(text)) {
                let mut last = ['\0'; LONGEST];
                for (before, letter) in word.chars().enumerate() {
                    last.rotate_left(1);
                    last[LONGEST - 1] = letter;
                    for length in 1..=(before + 1).min(LONGEST) {
                        let gram = &last[LONGEST - length..];
                        if is_indexed(gram) {
                            let gram = hash(gram);
                            grams[(gram / 64) as usize] |= 1 << (gram % 64);
                        }
                    }
                }
            }
        }
        let scope = scope(user);
        let different: usize = grams.iter().map(|bits| bits.count_ones() as usize).sum();
        if different > MAX_TERMS {
            return Self(vec![scope | ANYTHING]);
        }
        let mut terms = Vec::with_capacity(different);
        for (place, mut bits) in (0_u32..).zip(grams) {
            while bits != 0 {
                terms.push(scope | (place * 64 + bits.trailing_zeros()));
                bits &= bits - 1;
            }
        }
        Self(terms)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the terms as the words of a text, which is what FTS5 indexes.
    pub(super) fn as_words(&self) -> String {
        let mut words = String::with_capacity(self.0.len() * 9);
        for term in &self.0 {
            push_word(&mut words, *term);
            words.push(' ');
        }
        words
    }

    /// Returns the terms as numbers with a sign, which is what PostgreSQL indexes.
    pub(super) fn as_integers(&self) -> Vec<i32> {
        self.0.iter().map(|term| term.cast_signed()).collect()
    }

    /// Encodes the terms: the first, then each one's distance from the one before, in groups of
    /// seven bits, the lowest first, of which each but the last has its eighth bit set.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * 2);
        let mut before = 0;
        for term in &self.0 {
            let mut distance = term - before;
            while distance >= 0x80 {
                bytes.push(0x80 | (distance & 0x7f) as u8);
                distance >>= 7;
            }
            bytes.push(distance as u8);
            before = *term;
        }
        bytes
    }

    /// Reads what [`Self::encode`] has written.
    pub(super) fn decode(bytes: &[u8]) -> Self {
        let (mut terms, mut before) = (Vec::with_capacity(bytes.len() / 2), 0_u32);
        let (mut distance, mut shift) = (0_u32, 0_u32);
        for byte in bytes {
            distance |= u32::from(byte & 0x7f)
                .checked_shl(shift)
                .unwrap_or_default();
            if byte & 0x80 == 0 {
                before = before.wrapping_add(distance);
                terms.push(before);
                (distance, shift) = (0, 0);
            } else {
                shift += 7;
            }
        }
        Self(terms)
    }
}

/// The terms that an evaluation has which holds what is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AskedTerms {
    anything: u32,
    all: Vec<u32>,
}

impl AskedTerms {
    /// Returns `None` if the index can't tell, since the search has only spaces and punctuation.
    pub(super) fn of(user: UserId, q: &str) -> Option<Self> {
        let scope = scope(user);
        let mut all = Vec::new();
        for word in words(&folded(q)) {
            let letters: Vec<char> = word.chars().collect();
            let mut end_before = 0;
            for start in 0..letters.len() {
                let longest = (1..=LONGEST)
                    .rev()
                    .filter_map(|length| letters.get(start..start + length))
                    .find(|gram| is_indexed(gram));
                // What ends where the n-gram before ends is part of it.
                if let Some(gram) = longest
                    && start + gram.len() > end_before
                {
                    end_before = start + gram.len();
                    all.push(scope | hash(gram));
                }
            }
        }
        all.sort_unstable();
        all.dedup();
        let step = all.len().div_ceil(MAX_ASKED).max(1);
        let all: Vec<u32> = all.into_iter().step_by(step).collect();
        let anything = scope | ANYTHING;
        (!all.is_empty()).then_some(Self { anything, all })
    }

    /// Returns the query in the language of FTS5.
    pub(super) fn as_match(&self) -> String {
        let mut query = "\"".to_owned();
        push_word(&mut query, self.anything);
        query.push_str("\" OR (");
        for (place, term) in self.all.iter().enumerate() {
            query.push_str(if place == 0 { "\"" } else { " AND \"" });
            push_word(&mut query, *term);
            query.push('"');
        }
        query.push(')');
        query
    }

    /// Returns arrays of PostgreSQL: an evaluation has all terms of the first or the one of the
    /// second.
    pub(super) fn as_arrays(&self) -> (String, String) {
        let all: Vec<String> = self
            .all
            .iter()
            .map(|term| term.cast_signed().to_string())
            .collect();
        (
            format!("{{{}}}", all.join(",")),
            format!("{{{}}}", self.anything.cast_signed()),
        )
    }
}

fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(is_separator).filter(|word| !word.is_empty())
}

/// Of scripts with thousands of signs two are as rare as three letters of an alphabet.
fn is_indexed(gram: &[char]) -> bool {
    gram.len() < LONGEST || gram.iter().all(|letter| *letter < '\u{2e80}')
}

fn push_word(words: &mut String, term: u32) {
    // Writing to a string can't fail.
    let _ = write!(words, "{term:08x}");
}

fn scope(user: UserId) -> u32 {
    fnv(user.uuid().as_bytes().iter().copied()) << GRAM_BITS
}

/// Returns the number of an n-gram, which is never [`ANYTHING`].
fn hash(gram: &[char]) -> u32 {
    let bytes = gram
        .iter()
        .flat_map(|letter| u32::from(*letter).to_le_bytes());
    (fnv(bytes) & ((1 << GRAM_BITS) - 1)).max(1)
}

/// FNV-1a, its two halves combined.
fn fnv(bytes: impl Iterator<Item = u8>) -> u32 {
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 32)) as u32
}

#[cfg(test)]
#[path = "tests/search_terms.rs"]
mod tests;
