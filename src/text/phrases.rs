//! Patterns over the words of a sentence, for phrases with which answerers introduce their
//! statements.
//!
//! A pattern is a list of steps. A step is words joined by `|` (any of them), a class such as
//! `@source`, or `*` (up to [`GAP`] words of any kind) or `~` (up to [`SHORT`]). A step that ends
//! in `?` is optional, one in `+` may repeat, one in `%` both; `$` is the end of the sentence.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::word_lists::{WordSet, read};

/// Maximum number of words that a gap skips.
const GAP: usize = 6;
/// Maximum number of words that a short gap skips.
const SHORT: usize = 3;
/// Maximum number of repetitions of a step.
const REPEAT: usize = 4;
/// Maximum number of steps that are tried for one pattern at one position, so that no text makes
/// matching slow.
const TRIES: usize = 4_000;

static CLASSES: LazyLock<HashMap<String, WordSet>> = LazyLock::new(|| {
    read(
        "phrase_classes.toml",
        include_str!("words/phrase_classes.toml"),
    )
});

/// Returns the words of an option of a step: those of its class, or the option itself.
fn options(option: &'static str) -> Vec<&'static str> {
    let class = option.strip_prefix('@');
    class
        .and_then(|name| CLASSES.get(name))
        .map_or_else(|| vec![option], |words| words.iter().collect())
}

/// One step of a pattern.
enum Step {
    Gap(usize),
    End,
    Words {
        any: HashSet<&'static str>,
        /// True if the end of the sentence matches as well.
        end: bool,
        optional: bool,
        most: usize,
    },
}

impl Step {
    fn of(written: &'static str) -> Self {
        match written {
            "*" => Self::Gap(GAP),
            "~" => Self::Gap(SHORT),
            "$" => Self::End,
            _ => {
                let bare = written.trim_end_matches(['?', '+', '%']);
                let any = bare.split('|').flat_map(options);
                Self::Words {
                    end: bare.split('|').any(|option| option == "$"),
                    any: any.collect(),
                    optional: written.ends_with(['?', '%']),
                    most: if written.ends_with(['+', '%']) {
                        REPEAT
                    } else {
                        1
                    },
                }
            }
        }
    }
}

/// A set of patterns that are matched together.
pub(super) struct Patterns {
    all: Vec<Vec<Step>>,
    /// Indexes of the patterns that may begin with a word.
    by_first: HashMap<&'static str, Vec<usize>>,
    /// Indexes of the patterns that may begin with any word.
    open: Vec<usize>,
}

impl Patterns {
    pub(super) fn new(written: impl IntoIterator<Item = &'static str>) -> Self {
        let all: Vec<Vec<Step>> = written
            .into_iter()
            .map(|pattern| pattern.split_whitespace().map(Step::of).collect())
            .collect();
        let mut patterns = Self {
            by_first: HashMap::new(),
            open: Vec::new(),
            all: Vec::new(),
        };
        for (number, steps) in all.iter().enumerate() {
            let mut closed = false;
            let mut firsts: Vec<&'static str> = Vec::new();
            for step in steps {
                let Step::Words { any, optional, .. } = step else {
                    break;
                };
                firsts.extend(any);
                if !optional {
                    closed = true;
                    break;
                }
            }
            if !closed {
                patterns.open.push(number);
                continue;
            }
            firsts.sort_unstable();
            firsts.dedup();
            for first in firsts {
                patterns.by_first.entry(first).or_default().push(number);
            }
        }
        patterns.all = all;
        patterns
    }

    /// Returns for each matching pattern the number of words that it takes from the beginning, in
    /// the order of the patterns. A gap at its end takes none.
    pub(super) fn begins<'p>(&'p self, words: &'p [&str]) -> impl Iterator<Item = usize> + 'p {
        self.found(words).map(|(taken, _)| taken)
    }

    /// Like [`Self::begins`], with the number of further words that a gap at the end may take.
    pub(super) fn found<'p>(
        &'p self,
        words: &'p [&str],
    ) -> impl Iterator<Item = (usize, usize)> + 'p {
        let named = words.first().and_then(|first| self.by_first.get(first));
        let mut tried: Vec<usize> = named
            .into_iter()
            .flatten()
            .chain(&self.open)
            .copied()
            .collect();
        tried.sort_unstable();
        tried.into_iter().filter_map(move |number| {
            let mut tries = TRIES;
            let steps = &self.all[number];
            let open = matches!(steps.last(), Some(Step::Gap(_)));
            walk(steps, words, 0, &mut tries).map(|taken| (taken, if open { GAP } else { 0 }))
        })
    }
}

fn walk(steps: &[Step], words: &[&str], at: usize, tries: &mut usize) -> Option<usize> {
    let Some((step, rest)) = steps.split_first() else {
        return Some(at);
    };
    *tries = tries.checked_sub(1)?;
    match step {
        Step::Gap(most) => {
            (0..=(*most).min(words.len() - at)).find_map(|gap| walk(rest, words, at + gap, tries))
        }
        Step::End => (at == words.len()).then_some(at),
        Step::Words {
            any,
            end,
            optional,
            most,
        } => {
            if *end && at == words.len() {
                return walk(rest, words, at, tries);
            }
            let taken = words[at..]
                .iter()
                .take(*most)
                .take_while(|word| any.contains(**word))
                .count();
            (usize::from(!optional)..=taken)
                .rev()
                .find_map(|count| walk(rest, words, at + count, tries))
        }
    }
}

#[cfg(test)]
#[path = "tests/phrases.rs"]
mod tests;
