//! Detects openings before a statement that state nothing themselves: "Sure, …", "According to the
//! text, …", "Please note that …".

use std::sync::LazyLock;

use serde::Deserialize;

use super::abstentions;
use super::analysis::Analysis;
use super::non_claims::NonClaim;
use super::phrases::Patterns;
use super::tokens::Token;
use super::word_lists::{Phrases, WordSet, read};

/// Minimum number of tokens of the statement after an opening.
const LEAST: usize = 2;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Openings {
    courtesies: Phrases,
    that: Phrases,
    from_source: Phrases,
    hedges: Phrases,
    without_gaps: Phrases,
    notes: Phrases,
    after_all: Phrases,
    inverting: WordSet,
    inverted_verbs: WordSet,
    concessions: WordSet,
    turns: WordSet,
}

static LISTS: LazyLock<Openings> =
    LazyLock::new(|| read("openings.toml", include_str!("words/openings.toml")));

static COURTESY: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::new(LISTS.courtesies.iter().copied()));
static INTRODUCTION: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::new(LISTS.that.iter().chain(LISTS.hedges.iter()).copied()));
static NOTE: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(LISTS.notes.iter().copied()));
static ORIGIN: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::new(LISTS.from_source.iter().copied()));
static TELLS: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(LISTS.after_all.iter().copied()));

/// The end of an opening in bytes, and its kind.
pub(super) type Opening = (usize, NonClaim);

/// Returns the opening of `text[start..end]` with these tokens, if something follows that may be a
/// statement.
pub(super) fn opening(text: &str, start: usize, end: usize, tokens: &[Token]) -> Option<Opening> {
    let slice = text.get(start..end)?;
    if let Some(glued) = LISTS
        .without_gaps
        .iter()
        .find(|glued| slice.starts_with(**glued))
    {
        return (slice.len() > glued.len()).then_some((start + glued.len(), NonClaim::Courtesy));
    }
    let words: Vec<&str> = tokens
        .iter()
        .take(40)
        .map(|token| token.word.as_str())
        .collect();
    // Patterns in scripts without spaces were tried before.
    if words.is_empty() {
        return None;
    }
    let gap = |count: usize| {
        let before = tokens.get(count.checked_sub(1)?)?;
        text.get(before.range.end..tokens.get(count)?.range.start)
    };
    let enough = |count: usize| tokens.len() >= count + LEAST;
    let begin = |count: usize| {
        tokens
            .get(count)
            .map_or(end, |token| quoted(text, token.range.start, start))
    };
    if let Some(count) = INTRODUCTION.begins(&words).find(|count| enough(*count)) {
        return Some((begin(count), NonClaim::Courtesy));
    }
    // "Thanks to the new roof, …" gives a reason and is no opening.
    let reason = words.starts_with(&["thanks", "to"]) || words.starts_with(&["thank", "to"]);
    let courtesies = COURTESY
        .found(if reason { &[] } else { &words })
        .flat_map(|(count, more)| count..=count + more);
    for count in courtesies.filter(|count| enough(*count)) {
        let Some(gap) = gap(count) else { continue };
        let marked = gap.contains([',', ':', '，', '：', '、', '،']);
        let parted = marked || gap.contains(['!', '–', '—', '！', '.']) || gap.contains(" - ");
        // "Answer. …" and "Well! …" state nothing, and "Right – …" may be a direction.
        let vague = count == 1
            && matches!(
                words[0],
                "well" | "right" | "answer" | "summary" | "no" | "yes" | "si" | "ja" | "non"
            );
        if marked || parted && !vague {
            return Some((begin(count), NonClaim::Courtesy));
        }
    }
    for count in NOTE.begins(&words).filter(|count| enough(*count)) {
        let article = words.get(count).is_some_and(|word| {
            matches!(
                *word,
                "the" | "this" | "these" | "it" | "they" | "there" | "a"
            )
        });
        if (article && words[0] == "please")
            || gap(count).is_some_and(|gap| gap.contains([':', ',']))
        {
            return Some((begin(count), NonClaim::Courtesy));
        }
    }
    for count in ORIGIN.begins(&words).filter(|count| enough(*count)) {
        let parted = gap(count).is_some_and(|gap| gap.contains([',', ':', '，', '：', '–', '—']));
        // In German and Dutch the verb follows the opening.
        let inverted = LISTS.inverting.contains(words[0])
            && words
                .get(count)
                .is_some_and(|word| super::words::is_finite(word) || inverts(word));
        let korean = words[count.saturating_sub(1)] == "따르면";
        if parted || inverted || korean {
            return Some((begin(count), NonClaim::Announcement));
        }
    }
    silent(text, start, tokens)
}

/// Returns where a statement begins after a courtesy that no pattern matches: "I'm glad you asked:
/// the mill opened in 1902." The statement must have a verb, and a value or a name.
pub(super) fn behind_courtesy(text: &str, analysis: &Analysis) -> Option<usize> {
    let tokens = &analysis.tokens;
    for at in 1..tokens.len().min(16) {
        let gap = text.get(tokens[at - 1].range.end..tokens[at].range.start)?;
        if !gap.contains([',', ':', '–', '—', '!', ';']) {
            continue;
        }
        let link = matches!(
            tokens[at].word.as_str(),
            "since" | "because" | "as" | "that" | "so" | "but" | "and" | "for"
        );
        let first = at + usize::from(link);
        let start = tokens.get(first)?.range.start;
        let verb = tokens[first..]
            .iter()
            .skip(1)
            .any(|token| super::words::is_finite(&token.word) || inverts(&token.word));
        let value = analysis.dates.iter().any(|date| date.range.start >= start)
            || analysis
                .quantities
                .iter()
                .any(|quantity| quantity.range.start >= start && !quantity.weak)
            || analysis
                .entities
                .iter()
                .any(|name| name.range.start > start && !name.weak);
        if verb && (value || gap.contains(':')) && tokens.len() >= first + 3 {
            return Some(start);
        }
    }
    None
}

/// True for finite verbs that follow such an opening in German and Dutch.
fn inverts(word: &str) -> bool {
    LISTS.inverted_verbs.contains(word)
        || word.len() > 5 && (word.ends_with("te") || word.ends_with("ten"))
}

/// Returns the start of a statement including the quotation mark before its first word.
fn quoted(text: &str, at: usize, start: usize) -> usize {
    text.get(start..at)
        .and_then(|before| before.chars().next_back())
        .filter(|c| {
            matches!(
                c,
                '"' | '“' | '„' | '«' | '‘' | '(' | '$' | '€' | '£' | '*' | '`'
            )
        })
        .map_or(at, |c| at - c.len_utf8())
}

/// Parses "Although the text does not mention the year, …" and "The text does not say who built it,
/// but …".
fn silent(text: &str, start: usize, tokens: &[Token]) -> Option<Opening> {
    let first = tokens.first()?.word.as_str();
    let concedes = LISTS.concessions.contains(first);
    for at in 1..tokens.len().min(40) {
        let gap = text.get(tokens[at - 1].range.end..tokens[at].range.start)?;
        let comma = gap.contains([',', '，', '،', ';', '、', '–', '—', '.']);
        let turns = LISTS.turns.contains(&tokens[at].word);
        if !(concedes && comma || turns || gap.contains(';')) || tokens.len() < at + LEAST {
            continue;
        }
        let clause = text.get(start..tokens[at - 1].range.end)?;
        if abstentions::abstains(clause, &tokens[..at]) {
            let mut next = at + usize::from(turns);
            // "but it does say that …"
            let words: Vec<&str> = tokens[next..]
                .iter()
                .take(12)
                .map(|token| token.word.as_str())
                .collect();
            next += TELLS.begins(&words).next().unwrap_or(0);
            let begin = tokens.get(next)?.range.start;
            return Some((quoted(text, begin, start), NonClaim::Abstention));
        }
        if concedes {
            return None;
        }
    }
    None
}

#[cfg(test)]
#[path = "tests/openings.rs"]
mod tests;
