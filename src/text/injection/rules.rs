//! Phrases as patterns over words, and their matching.
//!
//! A rule is a line of slots. `a|b*` matches one of several words, where a star stands for any
//! ending. `~3` before a slot allows up to three words in between. `^` at the beginning requires
//! that the phrase is addressed to somebody: at the start of a clause, or after "please", "you
//! must" and the like; third-person prose has "to ignore" and "they ignore". `!x` at the end
//! requires that x does not follow.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::fold::{Word, skeleton};
use super::phrases::{OfKind, PHRASES};
use crate::computing::checkpoint;
use crate::domain::injection::SignKind;

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::new(&PHRASES.rules));

/// Number of words between two checks for cancellation.
const LOOK_EVERY: usize = 1024;
/// Maximum distance at which "to" also governs a verb after "and".
const SHARED_TO: usize = 6;

struct Rules {
    all: Vec<Rule>,
    /// Indexes of rules by the first character of their first word.
    by_first: HashMap<char, Vec<usize>>,
}

struct Rule {
    kind: SignKind,
    addressed: bool,
    slots: Vec<Slot>,
    not_before: Option<Pattern>,
}

struct Slot {
    gap: usize,
    patterns: Vec<Pattern>,
}

struct Pattern {
    plain: String,
    skeleton: String,
    prefix: bool,
}

impl Pattern {
    fn new(text: &str) -> Self {
        let plain = text.trim_end_matches('*');
        Self {
            plain: plain.to_owned(),
            skeleton: skeleton(plain),
            prefix: text.ends_with('*'),
        }
    }

    fn fits(&self, word: &Word, disguised: bool) -> bool {
        let wanted = if disguised {
            &self.skeleton
        } else {
            &self.plain
        };
        if self.prefix {
            word.text.starts_with(wanted.as_str())
        } else {
            word.text == *wanted
        }
    }
}

impl Rule {
    fn new(kind: SignKind, line: &str) -> Self {
        let mut rule = Self {
            kind,
            addressed: line.starts_with('^'),
            slots: Vec::new(),
            not_before: None,
        };
        let mut gap = 0;
        for part in line.trim_start_matches('^').split_whitespace() {
            if let Some(width) = part.strip_prefix('~') {
                gap = width.parse().unwrap_or(0);
            } else if let Some(word) = part.strip_prefix('!') {
                rule.not_before = Some(Pattern::new(word));
            } else {
                rule.slots.push(Slot {
                    gap: std::mem::take(&mut gap),
                    patterns: part.split('|').map(Pattern::new).collect(),
                });
            }
        }
        rule
    }

    /// Returns the index of the last word of a match that begins at `at`.
    fn end(&self, words: &[Word], at: usize, disguised: bool) -> Option<usize> {
        if self.addressed && !addressed(words, at) {
            return None;
        }
        let end = self.rest(words, at, 0, disguised)?;
        let refused = self.not_before.as_ref().is_some_and(|pattern| {
            words
                .get(end + 1)
                .is_some_and(|word| pattern.fits(word, disguised))
        });
        (!refused).then_some(end)
    }

    fn rest(&self, words: &[Word], at: usize, slot: usize, disguised: bool) -> Option<usize> {
        let wanted = &self.slots[slot];
        for place in at..=at + wanted.gap {
            let word = words.get(place)?;
            // A phrase does not continue in the next sentence.
            if slot > 0 && word.breaks {
                return None;
            }
            if wanted.patterns.iter().any(|p| p.fits(word, disguised)) {
                if slot + 1 == self.slots.len() {
                    return Some(place);
                }
                if let Some(end) = self.rest(words, place + 1, slot + 1, disguised) {
                    return Some(end);
                }
            }
        }
        None
    }
}

impl Rules {
    fn new(phrases: &[OfKind]) -> Self {
        let lines = |of: &OfKind| {
            let rules = of.phrases.iter().map(|line| Rule::new(of.kind, line));
            rules.collect::<Vec<Rule>>()
        };
        let all: Vec<Rule> = phrases.iter().flat_map(lines).collect();
        let mut by_first: HashMap<char, Vec<usize>> = HashMap::new();
        for (index, rule) in all.iter().enumerate() {
            let first = rule.slots.iter().take(1).flat_map(|slot| &slot.patterns);
            for pattern in first {
                for text in [&pattern.plain, &pattern.skeleton] {
                    let Some(letter) = text.chars().next() else {
                        continue;
                    };
                    let known = by_first.entry(letter).or_default();
                    if known.last() != Some(&index) {
                        known.push(index);
                    }
                }
            }
        }
        Self { all, by_first }
    }
}

/// True if a verb at this position is addressed to the reader.
fn addressed(words: &[Word], at: usize) -> bool {
    let word = |back: usize| at.checked_sub(back).map(|place| words[place].text.as_str());
    let Some(before) = word(1).filter(|_| !words[at].starts) else {
        return true;
    };
    let before_that = word(2).unwrap_or_default();
    PHRASES.leads.contains(before)
        || PHRASES.modals.contains(before) && PHRASES.addressed.contains(before_that)
        || before == "and"
            && !words[at.saturating_sub(SHARED_TO)..at]
                .iter()
                .any(|word| word.text == "to")
}

/// Returns every phrase among the words, with its kind and the range of its words.
pub(super) fn find(words: &[Word], disguised: bool) -> Vec<(SignKind, Range<usize>)> {
    let rules = &*RULES;
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if at % LOOK_EVERY == 0 {
            checkpoint();
        }
        let Some(letter) = word.text.chars().next() else {
            continue;
        };
        let Some(candidates) = rules.by_first.get(&letter) else {
            continue;
        };
        let longest = candidates
            .iter()
            .filter_map(|&rule| {
                let rule = &rules.all[rule];
                Some((rule.end(words, at, disguised)?, rule.kind))
            })
            .max_by_key(|&(end, _)| end);
        if let Some((end, kind)) = longest {
            found.push((kind, at..end + 1));
        }
    }
    found
}
