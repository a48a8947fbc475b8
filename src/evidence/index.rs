//! The index of a source, which is split once: its sentences with their analyses,
//! and an inverted index.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::leads::leads;
use super::sight::Sight;
use super::table::{self, Table};
use crate::computing::checkpoint;
use crate::domain::claim::Span;
use crate::domain::document::Retrieved;
use crate::domain::source::NamedSource;
use crate::domain::verdict::{Evidence, SOURCE_TEXT};
use crate::neural::Encoder;
use crate::text::analysis::Analysis;
use crate::text::entities::Entity;
use crate::text::language::Language;
use crate::text::numbers::Quantity;
use crate::text::sentences::{self, Part as Layout};
use crate::text::span::Utf16Index;
use crate::text::tokens::{Form, Token, Tokenizer};
use crate::text::unit_lines;

/// Okapi BM25 with the usual constants (Robertson & Zaragoza 2009).
const K1: f64 = 1.2;
const B: f64 = 0.75;
/// The share of an adjacent sentence's score that a sentence gets, because a pronoun mostly refers
/// to an adjacent sentence.
const NEIGHBOUR: f64 = 0.15;
/// Number of sentences from which a source counts as long.
const LONG: usize = 2_000;
/// Number of sentences with a term from which the term counts as common in a long source, so that
/// no claim searches all of it.
const COMMON: usize = LONG / 2;
/// Maximum number of sentences examined for each term of a query that has only common terms.
const FEW: usize = 250;
/// Number of equal leading characters by which two words count as forms of the same word if
/// no stemmer knows them.
const PREFIX: usize = 6;

/// Maximum length in bytes of a line that introduces a list (`LEAD`), and of the following list
/// whose items it applies to (`LED`).
const LEAD: usize = 300;
const LED: usize = 2_000;

/// Separates the source and the passages retrieved in addition, so that no sentence
/// spans two of them.
const PART: &str = "\n\n";

/// A retrieved passage within the indexed text.
#[derive(Debug)]
struct Part {
    /// Offset of its first byte; `unit` is the same in UTF-16 code units.
    start: usize,
    unit: usize,
    passage: Retrieved,
}

/// A source, split and indexed once, together with the retrieved passages.
#[derive(Debug)]
pub struct SourceIndex {
    text: Arc<str>,
    /// The length in bytes of the source itself, which comes first.
    own: usize,
    /// The named sources with their ranges in bytes; empty for a single source.
    sources: Vec<(NamedSource, Range<usize>)>,
    /// The retrieved passages after it, in order.
    parts: Vec<Part>,
    spans: Utf16Index,
    language: Language,
    ranges: Vec<Range<usize>>,
    analyses: Vec<Analysis>,
    /// Maps a term to the sentences that contain it and its frequency there, ordered by sentence.
    postings: HashMap<String, Vec<(usize, f64)>>,
    lengths: Vec<f64>,
    mean_length: f64,
    /// All words in lower case, and the words of names without dots.
    words: HashSet<String>,
    /// Words that occur in lower case, and so are no names.
    common: HashSet<String>,
    prefixes: HashSet<String>,
    acronyms: HashSet<String>,
    /// True if the source has no upper-case letters, so that names cannot be
    /// recognised by their capitals.
    caseless: bool,
    /// The heading or table header of each sentence, computed on first use.
    leads: OnceLock<Vec<Option<usize>>>,
    /// The encoder's view of the source, if an encoder is used.
    sight: Option<Sight>,
    tables: Vec<Table>,
}

impl SourceIndex {
    /// Splits and indexes a source, in time linear in its length.
    pub fn new(source: &str) -> Self {
        Self::with(source, Vec::new())
    }

    /// Does the same with additional passages, which count like the source.
    pub fn with(source: &str, retrieved: Vec<Retrieved>) -> Self {
        Self::of(source, &[], retrieved)
    }

    /// Does the same for a source that consists of several named ones.
    pub fn of(source: &str, sources: &[NamedSource], retrieved: Vec<Retrieved>) -> Self {
        let of_sources = Utf16Index::new(source);
        let placed = sources.iter().filter_map(|named| {
            let bytes = of_sources.bytes(named.span)?;
            Some((named.clone(), bytes))
        });
        let sources: Vec<_> = placed.collect();
        let mut text = source.to_owned();
        let mut parts = Vec::with_capacity(retrieved.len());
        let mut units = source.encode_utf16().count();
        for passage in retrieved {
            text.push_str(PART);
            units += PART.len();
            let (start, unit) = (text.len(), units);
            text.push_str(&passage.text);
            units += passage.text.encode_utf16().count();
            parts.push(Part {
                start,
                unit,
                passage,
            });
        }
        let own = source.len();
        let source: &str = &text;
        let language = Language::of(source);
        let tokenizer = Tokenizer::new(language);
        let mut index = Self {
            text: source.into(),
            own,
            sources,
            parts,
            spans: Utf16Index::new(source),
            language,
            ranges: Vec::new(),
            analyses: Vec::new(),
            postings: HashMap::new(),
            lengths: Vec::new(),
            mean_length: 1.0,
            words: HashSet::new(),
            common: HashSet::new(),
            prefixes: HashSet::new(),
            acronyms: HashSet::new(),
            caseless: !source.chars().any(char::is_uppercase),
            leads: OnceLock::new(),
            sight: None,
            tables: table::read(source, &tokenizer),
        };
        for sentence in sentences::split(source) {
            checkpoint();
            let mut analysis = Analysis::new(&tokenizer, source, sentence.range.clone());
            // The line that introduces a list applies to each of its items: "Do not take it if:".
            if sentence.part == Layout::Row {
                let header = sentence.header.clone();
                let lines = [header, sentence.lead.clone()].into_iter().flatten();
                for line in lines.filter(|line| line.len() <= LEAD) {
                    let found = unit_lines::read(&source[line], &tokenizer);
                    if let Some(line) = found {
                        line.apply(&mut analysis);
                        break;
                    }
                }
            }
            let lead = sentence.lead.filter(|lead| {
                sentence.part == Layout::Item
                    && lead.end <= sentence.range.start
                    && sentence.range.start - lead.end <= LED
                    && lead.len() <= LEAD
            });
            if let Some(lead) = lead {
                let mut whole = Analysis::new(&tokenizer, source, lead);
                whole.append(analysis);
                analysis = whole;
            }
            index.add(analysis, sentence.range);
        }
        let mut tables = std::mem::take(&mut index.tables);
        for table in &mut tables {
            table.take_quantities(|cell| index.quantities_within(cell));
        }
        index.tables = tables;
        let total: f64 = index.lengths.iter().sum();
        index.mean_length = (total / index.lengths.len().max(1) as f64).max(1.0);
        index
    }

    /// Uses an encoder, if there is one, so that claims are also compared by the
    /// meaning of their words.
    #[must_use]
    pub fn looked_at_by(mut self, encoder: Option<&Arc<Encoder>>) -> Self {
        self.sight = encoder.map(|encoder| Sight::new(Arc::clone(encoder)));
        self
    }

    /// The heading or the table header that a sentence belongs to.
    pub(super) fn lead(&self, sentence: usize) -> Option<usize> {
        self.leads.get_or_init(|| leads(&self.text, &self.ranges))[sentence]
    }

    pub(super) const fn sight(&self) -> Option<&Sight> {
        self.sight.as_ref()
    }

    /// The quantities found within a part of the text when its sentence was analysed.
    fn quantities_within(&self, part: &Range<usize>) -> Vec<Quantity> {
        let at = self.ranges.partition_point(|range| range.end <= part.start);
        let Some(analysis) = self.analyses.get(at) else {
            return Vec::new();
        };
        let within = analysis.quantities.iter().filter(|quantity| {
            part.start <= quantity.range.start && quantity.range.end <= part.end
        });
        within.cloned().collect()
    }

    fn add(&mut self, analysis: Analysis, range: Range<usize>) {
        let number = self.ranges.len();
        let mut length = 0.0;
        for token in &analysis.tokens {
            if !token.stop {
                length += 1.0;
                let postings = self.postings.entry(token.term.clone()).or_default();
                match postings.last_mut() {
                    Some((sentence, frequency)) if *sentence == number => *frequency += 1.0,
                    _ => postings.push((number, 1.0)),
                }
            }
            if !token.capital {
                self.common.insert(token.word.clone());
            }
            if let Some(prefix) = prefix(token) {
                self.prefixes.insert(prefix);
            }
            self.words.insert(token.word.replace('.', ""));
        }
        self.acronyms
            .extend(analysis.entities.iter().filter_map(Entity::acronym));
        self.lengths.push(length);
        self.ranges.push(range);
        self.analyses.push(analysis);
    }

    /// The unchanged source, followed by the retrieved passages.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Returns the ranges of the parts of [`Self::text`]: the source or each named source, then
    /// each retrieved passage.
    pub fn parts(&self) -> impl Iterator<Item = Range<usize>> {
        let of = |part: &Part| part.start..part.start + part.passage.text.len();
        let whole = self.sources.is_empty().then_some(0..self.own);
        let each = self.sources.iter().map(|(_, bytes)| bytes.clone());
        whole
            .into_iter()
            .chain(each)
            .chain(self.parts.iter().map(of))
    }

    /// Returns the named source that contains a span of [`Self::text`], and the span within it.
    fn named(&self, span: Span) -> Option<(&NamedSource, Span)> {
        let after = self
            .sources
            .partition_point(|(source, _)| source.span.start <= span.start);
        let (source, _) = &self.sources[after.checked_sub(1)?];
        let within = Span {
            start: span.start - source.span.start,
            end: span.end.min(source.span.end) - source.span.start,
        };
        (span.start < source.span.end).then_some((source, within))
    }

    /// Returns the name of the source or of the retrieved document that a span of [`Self::text`] is
    /// from, and the number of that part among all, from 1; `None` for a source without a name.
    pub fn origin(&self, span: Span) -> Option<(usize, &str)> {
        let after = self.parts.partition_point(|part| part.unit <= span.start);
        if let Some(part) = after.checked_sub(1).and_then(|at| self.parts.get(at)) {
            return Some((self.sources.len().max(1) + after, &part.passage.name));
        }
        let (named, _) = self.named(span)?;
        let number = self
            .sources
            .partition_point(|(source, _)| source.span.start <= span.start);
        Some((number, &named.name))
    }

    /// The retrieved passage that contains a span of [`Self::text`], and the position in its
    /// document; `None` for a position in the source itself.
    pub fn retrieved(&self, span: Span) -> Option<(&Retrieved, Span)> {
        let after = self.parts.partition_point(|part| part.unit <= span.start);
        let part = &self.parts[after.checked_sub(1)?];
        let moved = |unit: usize| unit - part.unit + part.passage.span.start;
        let span = Span {
            start: moved(span.start),
            end: moved(span.end).min(part.passage.span.end),
        };
        Some((&part.passage, span))
    }

    /// Returns a sentence as evidence, with its position in the text that it comes from.
    pub fn evidence(&self, sentence: usize) -> Evidence {
        let range = self.range(sentence);
        let text = self.text[range.clone()].to_owned();
        let span = self.span(range);
        match self.retrieved(span) {
            None => {
                let (source, span) = match self.named(span) {
                    Some((named, within)) => (named.name.clone(), within),
                    None => (SOURCE_TEXT.to_owned(), span),
                };
                Evidence {
                    text,
                    span,
                    source,
                    document: None,
                }
            }
            Some((passage, span)) => Evidence {
                text,
                span,
                source: passage.name.clone(),
                document: Some(passage.place),
            },
        }
    }

    /// The language used for stemming.
    pub const fn language(&self) -> Language {
        self.language
    }

    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The byte range of a sentence.
    pub fn range(&self, sentence: usize) -> Range<usize> {
        self.ranges[sentence].clone()
    }

    /// The sentence that contains a byte, or the next one after it.
    pub(super) fn sentence_at(&self, byte: usize) -> Option<usize> {
        let at = self.ranges.partition_point(|range| range.end <= byte);
        (at < self.ranges.len()).then_some(at)
    }

    /// Converts a byte range to a span.
    pub fn span(&self, range: Range<usize>) -> Span {
        self.spans.span(range)
    }

    pub fn analysis(&self, sentence: usize) -> &Analysis {
        &self.analyses[sentence]
    }

    pub(super) fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Returns true if names cannot be recognised by their capitals.
    pub const fn caseless(&self) -> bool {
        self.caseless
    }

    /// Returns true if the source contains the word in any form known to be equal.
    pub fn knows(&self, token: &Token) -> bool {
        // A label's letter is looked up as a label, rather than as the article of the same letter.
        let label = token.term.len() == 1 && token.term != token.word;
        self.postings.contains_key(&token.term)
            || (!label && self.words.contains(&token.word))
            || self.acronyms.contains(&token.word)
            || (!token.capital
                && prefix(token).is_some_and(|prefix| self.prefixes.contains(&prefix)))
    }

    /// Returns true if the source contains the word of a name, in upper or lower case.
    pub fn has_word(&self, word: &str) -> bool {
        self.words.contains(word) || self.acronyms.contains(word)
    }

    /// Returns true if a word occurs in lower case in the source.
    pub fn is_common(&self, word: &str) -> bool {
        self.common.contains(word)
    }

    /// The rarity of a term: 0 if every sentence contains it, 1 if at most one does.
    pub fn rarity(&self, term: &str) -> f64 {
        let sentences = self.len() as f64;
        let frequency = self.postings.get(term).map_or(0, Vec::len) as f64;
        if sentences <= 1.0 || frequency <= 1.0 {
            return 1.0;
        }
        (1.0 - frequency.ln() / sentences.ln()).clamp(0.0, 1.0)
    }

    /// Returns at most `limit` sentences by their BM25 scores, best first; equal scores keep the
    /// order of the source.
    ///
    /// Visits only sentences that contain a term of the query, and adjacent ones.
    pub fn rank(&self, query: &[(&str, f64)], limit: usize) -> Vec<(usize, f64)> {
        let mut scores = vec![0.0; self.len()];
        let mut touched = self.score(query, &mut scores);
        let hits = touched.len();
        for hit in 0..hits {
            let at = touched[hit];
            touched.extend(at.checked_sub(1));
            touched.extend((at + 1 < self.len()).then_some(at + 1));
        }
        touched.sort_unstable();
        touched.dedup();
        let mut ranked: Vec<(usize, f64)> = touched
            .into_iter()
            .filter_map(|at| {
                let neighbours = at
                    .checked_sub(1)
                    .map_or(0.0, |at| scores[at])
                    .max(scores.get(at + 1).copied().unwrap_or(0.0));
                let score = NEIGHBOUR.mul_add(neighbours, scores[at]);
                (score > 0.0).then_some((at, score))
            })
            .collect();
        let order = |one: &(usize, f64), two: &(usize, f64)| {
            two.1.total_cmp(&one.1).then(one.0.cmp(&two.0))
        };
        if ranked.len() > limit && limit > 0 {
            ranked.select_nth_unstable_by(limit - 1, order);
            ranked.truncate(limit);
        }
        ranked.sort_unstable_by(order);
        ranked
    }

    /// Adds the BM25 scores of weighted terms. Returns the sentences with
    /// a score, without duplicates.
    ///
    /// In a long source, a term that very many sentences contain tells little and costs most.
    /// It only counts if the query has no other known term, and then only in the first
    /// sentences that contain it.
    fn score(&self, query: &[(&str, f64)], scores: &mut [f64]) -> Vec<usize> {
        let sentences = self.len() as f64;
        let mut touched = Vec::new();
        let found: Vec<(&[(usize, f64)], f64)> = query
            .iter()
            .filter_map(|(term, weight)| Some((self.postings.get(*term)?.as_slice(), *weight)))
            .collect();
        let common = |postings: &[(usize, f64)]| self.len() > LONG && postings.len() > COMMON;
        let rare = found.iter().any(|(postings, _)| !common(postings));
        for (postings, weight) in found {
            let walked = match (common(postings), rare) {
                (false, _) => postings,
                (true, true) => continue,
                (true, false) => &postings[..postings.len().min(FEW)],
            };
            let frequency = postings.len() as f64;
            let idf = ((sentences - frequency + 0.5) / (frequency + 0.5)).ln_1p();
            for (sentence, count) in walked {
                if scores[*sentence] == 0.0 {
                    touched.push(*sentence);
                }
                let norm = K1 * (1.0 - B + B * self.lengths[*sentence] / self.mean_length);
                scores[*sentence] += weight * idf * count * (K1 + 1.0) / (count + norm);
            }
        }
        touched
    }
}

/// The leading characters of a word that is long enough.
fn prefix(token: &Token) -> Option<String> {
    if token.form != Form::Word || token.stop {
        return None;
    }
    let mut characters = token.word.char_indices();
    let (end, _) = characters.nth(PREFIX)?;
    Some(token.word[..end].to_owned())
}

#[cfg(test)]
thread_local! {
    /// The number of pairs of tokens compared by this thread, with which tests bound the work.
    pub(crate) static COMPARED: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Returns true if two tokens are forms of one word.
pub(crate) fn meets(claimed: &Token, given: &Token) -> bool {
    #[cfg(test)]
    COMPARED.with(|compared| compared.set(compared.get() + 1));
    if claimed.term == given.term {
        return true;
    }
    if claimed.form != Form::Word || given.form != Form::Word || claimed.stop || given.stop {
        return false;
    }
    if claimed.capital || given.capital {
        return crate::text::entities::alike(&claimed.word, &given.word);
    }
    let (one, two) = (claimed.word.chars().count(), given.word.chars().count());
    let (short, long) = (one.min(two), one.max(two));
    let common = claimed
        .word
        .chars()
        .zip(given.word.chars())
        .take_while(|(one, two)| one == two)
        .count();
    short >= PREFIX && common >= PREFIX && common * 4 >= long * 3
}

#[cfg(test)]
#[path = "tests/index.rs"]
mod tests;
