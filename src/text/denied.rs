//! Joins lists with a lead that negates them: under "The clinic does not offer:", an item alone
//! would state the opposite.

use super::sentences::{Part, Sentence};
use super::tokens::Tokenizer;
use super::words;

/// Maximum length of a list that is joined with its lead, in bytes.
const LONGEST: usize = 1_200;
/// Maximum number of words of an item; a longer item may be a statement of its own.
const ITEM: usize = 12;

/// Returns the sentences, with a negating lead and the items below it merged.
pub(super) fn joined(sentences: Vec<Sentence>, text: &str, tokenizer: &Tokenizer) -> Vec<Sentence> {
    let mut joined: Vec<Sentence> = Vec::with_capacity(sentences.len());
    let mut rest = sentences.into_iter().peekable();
    while let Some(mut sentence) = rest.next() {
        let lead = sentence.range.clone();
        let led = |next: &Sentence, end: usize| {
            next.part == Part::Item
                && next.lead.as_ref().is_some_and(|it| it.end == end)
                && next.range.end - lead.start <= LONGEST
                && names(&text[next.range.clone()], tokenizer)
        };
        let end = lead.end;
        if sentence.part != Part::Item && denies(&text[lead.clone()], tokenizer) {
            while let Some(item) = rest.next_if(|next| led(next, end)) {
                sentence.range.end = item.range.end;
                sentence.part = Part::Prose;
                sentence.heading = false;
            }
        }
        joined.push(sentence);
    }
    joined
}

/// True for a line that announces what follows and contains a negation.
fn denies(line: &str, tokenizer: &Tokenizer) -> bool {
    line.trim_end_matches(['*', '_', ' '])
        .ends_with([':', '：'])
        && tokenizer
            .tokens(line, 0..line.len())
            .iter()
            .any(|token| words::is_negator(&token.word, tokenizer.language()))
}

/// True for an item that only names something, without a verb of its own.
fn names(item: &str, tokenizer: &Tokenizer) -> bool {
    let tokens = tokenizer.tokens(item, 0..item.len());
    tokens.len() <= ITEM
        && !tokens
            .iter()
            .skip(1)
            .any(|token| words::is_finite(&token.word))
}

#[cfg(test)]
#[path = "tests/denied.rs"]
mod tests;
