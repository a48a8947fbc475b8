//! Finds citations of sources in a text: `[1]`, `[2, 3]`, `[name]`, "(Source: name)", footnotes and
//! links.
//!
//! A number is the position of a source from 1, unless the text itself defines it in a footnote or
//! in a list of references.

use std::collections::HashMap;
use std::ops::Range;

use super::citations;
use super::language::Language;
use super::regions;
use super::words;
use crate::computing::checkpoint;

/// Maximum number of sources of one mark, such as "[1-20]".
const OF_ONE_MARK: usize = 20;
/// Maximum number of citations of a text.
const MOST: usize = 10_000;
/// Maximum number of digits of a source's number. A longer number names no source, and would make a
/// range of any length.
const DIGITS: usize = 6;
/// Maximum length of a mark or of a link's text, in bytes; `ADDRESS` is that of a link's address.
const MARK: usize = 120;
const ADDRESS: usize = 2_000;
/// Maximum number of words in brackets that are taken for the name of a source that isn't there.
const WORDS_OF_A_NAME: usize = 5;

/// A citation of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cited {
    /// Range of the mark, in bytes.
    pub range: Range<usize>,
    /// Index of the source; `None` if the mark names none of the sources.
    pub source: Option<usize>,
}

/// Returns the citations of `text` in order; `names` are the sources' names.
pub(crate) fn find(text: &str, names: &[&str]) -> Vec<Cited> {
    if names.is_empty() {
        return Vec::new();
    }
    let answer = regions::without(text, &regions::find(text));
    let known = Names::new(names);
    let (notes, lists) = definitions(&answer, &known);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = answer[at..].find(STARTS) {
        checkpoint();
        at += next;
        let list = lists.partition_point(|list| list.end <= at);
        if let Some(list) = lists.get(list).filter(|list| list.start <= at) {
            at = list.end;
            continue;
        }
        let (before, rest) = answer.split_at(at);
        let Some((length, targets)) = mark(before, rest, &known, &notes) else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        let mut names_nothing = false;
        for source in targets {
            if found.len() == MOST {
                return found;
            }
            // What a mark names in vain counts once, however many numbers it has, such as "[7-19]".
            if source.is_none() && std::mem::replace(&mut names_nothing, true) {
                continue;
            }
            found.push(Cited {
                range: at..at + length,
                source,
            });
        }
        at += length;
    }
    found
}

const STARTS: [char; 15] = [
    '[', '【', '(', '（', '<', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹', '⁰',
];

/// What may follow a citation at the end of a statement.
const ENDS: [char; 12] = [
    '.', ',', ';', ':', '!', '?', '[', '(', '\n', '\r', '。', '，',
];

/// An index of the sources' names.
struct Names<'a> {
    names: &'a [&'a str],
    folded: HashMap<String, usize>,
    /// True if some names are addresses: only then a link to an unknown address is a citation.
    addresses: bool,
}

impl<'a> Names<'a> {
    fn new(names: &'a [&'a str]) -> Self {
        let folded = names.iter().enumerate().rev();
        Self {
            names,
            folded: folded.map(|(at, name)| (fold(name), at)).collect(),
            addresses: names.iter().any(|name| is_address(name)),
        }
    }

    fn named(&self, name: &str) -> Option<usize> {
        let exact = self.names.iter().position(|known| *known == name.trim());
        exact.or_else(|| self.folded.get(&fold(name)).copied())
    }

    /// Returns the source at a position that counts from 1.
    fn numbered(&self, number: usize) -> Option<usize> {
        let index = number.checked_sub(1)?;
        (index < self.names.len()).then_some(index)
    }

    /// Returns the first source whose name occurs in a text; names of fewer than three characters
    /// don't count.
    fn within(&self, text: &str) -> Option<usize> {
        let text = text.to_lowercase();
        let stands = |name: &&str| {
            let name = fold(name);
            name.chars().count() >= 3 && text.contains(&name)
        };
        self.names.iter().position(stands)
    }
}

/// Normalizes a name for comparison: lower case, trimmed, and addresses without fragment and
/// trailing slashes.
fn fold(name: &str) -> String {
    let name = name.trim().to_lowercase();
    if !is_address(&name) {
        return name;
    }
    let bare = name.split('#').next().unwrap_or_default();
    bare.trim_end_matches('/').to_owned()
}

fn is_address(name: &str) -> bool {
    name.contains("://")
}

/// The definitions of marks in footnotes and lists of references: the source that each mark stands
/// for, if any.
type Notes = HashMap<String, Option<usize>>;

fn definitions(text: &str, known: &Names<'_>) -> (Notes, Vec<Range<usize>>) {
    let (mut notes, mut lists) = (Notes::new(), Vec::new());
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let range = start..start + line.len();
        start = range.end;
        let Some((label, rest)) = line
            .trim_start()
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
            .filter(|(label, _)| !label.is_empty() && label.len() <= MARK)
        else {
            continue;
        };
        let label = label.trim_start_matches('^').trim().to_lowercase();
        let source = match rest.strip_prefix(':') {
            // If the definition names none of the sources, a number still stands for its position.
            Some(what) => {
                let number = label.parse().ok().and_then(|number| known.numbered(number));
                known.within(what).or(number)
            }
            // "[1] The handbook, page 3": only where it names a source, since a sentence may begin with a mark.
            None => match known.within(rest) {
                Some(source) if label.chars().all(|c| c.is_ascii_digit()) => Some(source),
                _ => continue,
            },
        };
        notes.insert(label, source);
        lists.push(range);
    }
    (notes, lists)
}

/// Parses the mark at the start of `rest`; returns its length in bytes and its sources.
fn mark(
    before: &str,
    rest: &str,
    known: &Names<'_>,
    notes: &Notes,
) -> Option<(usize, Vec<Option<usize>>)> {
    if let Some(found) = bracket(before, rest, known, notes) {
        return Some(found);
    }
    let length = citations::mark(before, rest)?;
    let inner = bare(&rest[..length]);
    let targets = targets(&inner, known, notes)?;
    Some((length, targets))
}

/// Parses `[name]`, `[^note]` and `[text](address)`, which are citations only if the sources' names
/// say so.
fn bracket(
    before: &str,
    rest: &str,
    known: &Names<'_>,
    notes: &Notes,
) -> Option<(usize, Vec<Option<usize>>)> {
    let inside = rest.strip_prefix('[')?;
    let end = limited(inside, MARK).find(']')?;
    let (inner, length) = (&inside[..end], end + 2);
    let after = &rest[length..];
    if let Some(address) = after
        .strip_prefix('(')
        .and_then(|after| limited(after, ADDRESS).split_once(')'))
        .map(|(address, _)| address)
    {
        let whole = length + address.len() + 2;
        let link = address.split_whitespace().next().unwrap_or_default();
        if let Some(source) = known.named(link) {
            return Some((whole, vec![Some(source)]));
        }
        if is_address(link) && known.addresses {
            return Some((whole, vec![None]));
        }
        // The mark is a number with a link, as in "[1](page)".
        return citations::mark("", rest).and_then(|length| {
            let found = targets(inner, known, notes)?;
            Some((length, found))
        });
    }
    if let Some(source) = known.named(inner) {
        return Some((length, vec![Some(source)]));
    }
    if inner.len() > DIGITS && inner.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((length, vec![notes.get(inner).copied().flatten()]));
    }
    if citations::mark("", rest).is_none() && names_in_vain(before, inner, after) {
        return Some((length, vec![None]));
    }
    let label = inner.strip_prefix('^')?.trim().to_lowercase();
    let source = notes.get(&label).copied().flatten();
    let number = label.parse().ok().and_then(|number| known.numbered(number));
    Some((length, vec![source.or(number)]))
}

/// Returns whether words in brackets stand where the name of a source would: behind a statement and before its
/// end. A remark such as "\[sic\]", what stands in a sentence for one of its words, as in "call \[phone number\]", and
/// what goes on with the statement, as in "\[but not on Sundays\]", are none.
fn names_in_vain(before: &str, inner: &str, after: &str) -> bool {
    let behind = before.ends_with(|c: char| c.is_whitespace() || c.is_ascii_punctuation());
    let ends = after.trim_start_matches([' ', '\u{a0}']);
    let ends = ends.is_empty() || ends.starts_with(ENDS);
    let name = inner.trim();
    let named =
        name.starts_with(char::is_alphabetic) && !name.contains(['?', '!', '"', '“', ';', '[']);
    let says = |word: &str| {
        let word = word.to_lowercase();
        words::is_stop(&word, Language::English) || words::is_finite(&word)
    };
    let words_of = |text: &str| -> Vec<String> {
        text.split(|c: char| !(c.is_alphanumeric() || c == '\''))
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let inside = words_of(name);
    let short = name.chars().count() >= 2 && inside.len() <= WORDS_OF_A_NAME;
    let line = limited_end(before, MARK)
        .rsplit('\n')
        .next()
        .unwrap_or_default();
    let line = words_of(line);
    // A number, or a word that doesn't wait for another one.
    let said = line.len() >= 3
        && line
            .last()
            .is_some_and(|word| !words::is_stop(&word.to_lowercase(), Language::English));
    behind
        && ends
        && short
        && named
        && said
        && !inside.iter().any(|word| says(word))
        && !citations::is_remark(name)
}

/// Returns the end of a text, of at most `most` bytes.
fn limited_end(text: &str, most: usize) -> &str {
    let mut start = text.len().saturating_sub(most);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// Returns the beginning of the first line, of at most `most` bytes.
fn limited(text: &str, most: usize) -> &str {
    // The text is cut before the line's end is looked for: many marks on one long line would
    // otherwise take time that grows with the square of its length.
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].split('\n').next().unwrap_or_default()
}

/// Returns the inside of a mark, with superscript digits as plain ones.
fn bare(mark: &str) -> String {
    let mark = mark.split('†').next().unwrap_or_default();
    let mark = mark.split("](").next().unwrap_or_default();
    let plain = |c: char| match c {
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴'..='⁹' => {
            char::from_u32(u32::from('4') + u32::from(c) - u32::from('⁴')).unwrap_or(c)
        }
        other => other,
    };
    let text: String = mark.chars().map(plain).collect();
    let text = ["<sup>", "</sup>", "<cite>", "</cite>", "<ref>", "</ref>"]
        .iter()
        .fold(text, |text, element| text.replace(element, ""));
    let brackets = ['[', ']', '(', ')', '{', '}', '【', '】', '（', '）', ' '];
    text.trim_matches(brackets).to_owned()
}

/// Returns the sources that the inside of a mark names, in order, or `None` if it can't be a
/// citation.
fn targets(inner: &str, known: &Names<'_>, notes: &Notes) -> Option<Vec<Option<usize>>> {
    if let Some(source) = known.named(inner) {
        return Some(vec![Some(source)]);
    }
    // "Source: the handbook".
    if let Some((_, name)) = inner.split_once([':', '：']) {
        if let Some(source) = known.named(name).or_else(|| known.within(name)) {
            return Some(vec![Some(source)]);
        }
        if !name.chars().any(|c| c.is_ascii_digit()) {
            return Some(vec![None]);
        }
    }
    let numbers = numbers(inner);
    if numbers.is_empty() {
        // The mark is a checkbox, or a remark such as "(see above)".
        return None;
    }
    let source = |number: Option<usize>| {
        let number = number?;
        match notes.get(&number.to_string()) {
            Some(said) => *said,
            None => known.numbered(number),
        }
    };
    Some(numbers.into_iter().map(source).collect())
}

/// Returns the numbers of a mark, as in "1, 3" or "2-5"; `None` stands for a number that is too long
/// to be a source's.
fn numbers(inner: &str) -> Vec<Option<usize>> {
    let mut numbers: Vec<Option<usize>> = Vec::new();
    let mut range_from: Option<usize> = None;
    let mut rest = inner;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let room = OF_ONE_MARK.saturating_sub(numbers.len());
        if room == 0 {
            break;
        }
        let ranges = rest[..at].trim().trim_matches(['#', '^']);
        if !matches!(ranges, "-" | "–") {
            range_from = None;
        }
        let digits = rest[at..].find(|c: char| !c.is_ascii_digit());
        let end = digits.map_or(rest.len(), |length| at + length);
        let number = short_number(&rest[at..end]);
        match (range_from, number) {
            // The first number of the range is among the numbers already.
            (Some(from), Some(to)) => numbers.extend((from..=to).skip(1).take(room).map(Some)),
            _ => numbers.push(number),
        }
        range_from = number;
        rest = &rest[end..];
    }
    numbers
}

/// Parses a source's number, unless it has too many digits.
fn short_number(digits: &str) -> Option<usize> {
    let short = (digits.len() <= DIGITS).then_some(digits)?;
    short.parse().ok()
}

#[cfg(test)]
#[path = "tests/cited.rs"]
mod tests;
