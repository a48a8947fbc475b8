//! Detects abstentions: sentences stating that the source does not tell, or that the answerer does
//! not know.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::phrases::Patterns;
use super::tokens::Token;
use super::word_lists::{Phrases, WordParts, WordSet, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Abstentions {
    whole: Phrases,
    denials: WordSet,
    before: WordSet,
    turns: WordSet,
    turns_without_gaps: Phrases,
    knows: WordSet,
    answers: WordSet,
    english: Phrases,
    languages: BTreeMap<String, Words>,
    without_gaps: Vec<WithoutGaps>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    source: WordSet,
    not: WordSet,
    tell: WordParts,
    knowledge: WordParts,
    speaker: WordSet,
    know: WordParts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WithoutGaps {
    whose: Phrases,
    what: Phrases,
}

static LISTS: LazyLock<Abstentions> =
    LazyLock::new(|| read("abstentions.toml", include_str!("words/abstentions.toml")));
static PATTERNS: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::new(LISTS.english.iter().copied()));

/// Maximum number of words before an abstention.
const FIRST: usize = 4;
/// Maximum number of tokens of a sentence that only abstains.
const LONGEST: usize = 45;

/// Returns whether a clause with these tokens only states that the source is silent.
pub(super) fn abstains(clause: &str, tokens: &[Token]) -> bool {
    let lower = clause.trim().to_lowercase().replace('’', "'");
    let bare = lower
        .trim_end_matches(['.', '!', '。', '！', '*', '_', '"', ')'])
        .trim_start_matches(['*', '_', '"', '(']);
    if LISTS.whole.contains(&bare) {
        return true;
    }
    if tokens.is_empty() || tokens.len() > LONGEST {
        return false;
    }
    let has = |list: &[&str]| list.iter().any(|part| bare.contains(part));
    // Text in Latin script, which is the most frequent, contains none of these.
    let foreign = bare.chars().any(|c| c >= '\u{900}');
    let mut pairs = LISTS.without_gaps.iter();
    if foreign
        && pairs.any(|pair| has(&pair.whose) && has(&pair.what))
        && !has(&LISTS.turns_without_gaps)
    {
        return true;
    }
    let words: Vec<&str> = tokens.iter().map(|token| token.word.as_str()).collect();
    if turns(&words) {
        return false;
    }
    // Early exit for most sentences: without a negating word there is no abstention.
    if words
        .iter()
        .any(|word| LISTS.denials.contains(word) || word.ends_with("n't"))
        && (0..words.len().min(FIRST))
            .any(|at| starts(&words, at) && PATTERNS.begins(&words[at..]).next().is_some())
    {
        return true;
    }
    LISTS
        .languages
        .values()
        .any(|language| in_language(&words, language))
}

/// Returns whether an English abstention may begin at a word: at the first, or after words that
/// only open the sentence.
fn starts(words: &[&str], at: usize) -> bool {
    words[..at].iter().all(|word| LISTS.before.contains(word))
}

/// Returns whether a turning word such as "but" is among these, after which something may be stated
/// after all.
fn turns(words: &[&str]) -> bool {
    words.iter().skip(1).any(|word| LISTS.turns.contains(word))
}

/// Maximum number of tokens within which source, negation and verb of telling occur.
const NEAR: usize = 12;

fn in_language(words: &[&str], language: &Words) -> bool {
    // In French and Italian an article or a pronoun is joined to the word by an apostrophe.
    let bare = |word: &'_ str| -> usize { word.find('\'').map_or(0, |at| at + 1) };
    let place = |fits: &dyn Fn(&str) -> bool| {
        words
            .iter()
            .position(|word| fits(word) || fits(&word[bare(word)..]))
    };
    let Some(not) = place(&|word| language.not.contains(word) || word == "n'") else {
        return false;
    };
    let tell = place(&|word| language.tell.begin(word));
    let source = place(&|word| language.source.contains(word));
    let near = |one: usize, two: usize| one.abs_diff(two) <= NEAR;
    if let (Some(source), Some(tell)) = (source, tell)
        && near(source, not)
        && near(not, tell)
        && near(source, tell)
        && source < NEAR.min(words.len())
    {
        return true;
    }
    // "keine Angaben dazu", "aucune information sur".
    let knowledge = place(&|word| language.knowledge.begin(word));
    if knowledge.is_some_and(|at| at > not && at - not <= 3 && not <= 4) {
        return true;
    }
    // Some languages omit the subject: "no lo sé", "não sei", "non lo so".
    let know = place(&|word| language.know.begin(word) && word.len() <= 16);
    let speaker = place(&|word| language.speaker.contains(word));
    let silent = words.len() <= 4 && not <= 1;
    know.is_some_and(|know| {
        (speaker.is_some_and(|speaker| speaker <= 3) && near(know, not) && not <= 8 && opens(words))
            || silent && LISTS.knows.contains(words[know])
    })
}

/// True if the sentence mentions a kind of answer, so that "ich fand keinen Schlüssel" stays a
/// claim.
fn opens(words: &[&str]) -> bool {
    words.iter().any(|word| LISTS.answers.contains(word))
}

#[cfg(test)]
#[path = "tests/abstentions.rs"]
mod tests;
