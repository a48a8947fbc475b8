//! Assigns each citation of an output to the claims that it supports, and verifies these claims
//! against the cited source.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::computing::checkpoint;
use crate::domain::citation::{CheckedCitation, CitationFindings};
use crate::domain::claim::{Claim, Span};
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::domain::source::NamedSource;
use crate::domain::verdict::{Label, Verdict};
use crate::evidence::SourceIndex;
use crate::evidence::compared::ComparedClaim;
use crate::evidence::stitched::stitched;
use crate::neural::Encoder;
use crate::text::cited::{self, Cited};
use crate::text::sentences;
use crate::text::span::Utf16Index;

/// Maximum number of citations in one result.
const LISTED: usize = 1_000;
/// Maximum number of issues in one result.
const ISSUES: usize = 200;
/// Maximum number of pairs of a claim and a single source that are compared for one output: a pair
/// costs as much as the comparison of the claim with all sources.
const COMPARED: usize = 500;

/// The texts and the verdicts that the check of citations needs.
pub(crate) struct Texts<'a> {
    /// All sources, concatenated; `sources` has the span of each.
    pub source: &'a str,
    pub sources: &'a [NamedSource],
    pub candidate: &'a str,
    /// The claims as the verifier compares them.
    pub claims: &'a [Claim],
    /// The verifier's verdicts, in the claims' order.
    pub verdicts: &'a [Verdict],
    pub index: &'a SourceIndex,
    pub encoder: Option<&'a Arc<Encoder>>,
}

/// Returns the citations and the issues with citations and quotations, or `None` if there are
/// neither. Expensive: call it on a thread for computations.
pub(crate) fn findings(texts: &Texts<'_>) -> Option<CitationFindings> {
    let spans = Utf16Index::new(texts.candidate);
    let names: Vec<&str> = texts.sources.iter().map(|it| it.name.as_str()).collect();
    let cited = cited::find(texts.candidate, &names);
    let mut found = CitationFindings {
        total: cited.len(),
        ..CitationFindings::default()
    };
    let of_claims = claims_cited(texts, &spans, &cited);
    let mut alone = Alone::new(texts);
    for (citation, at) in cited.iter().zip(&of_claims) {
        let span = spans.span(citation.range.clone());
        let name = citation.source.map(|source| names[source]);
        if name.is_none() {
            found.note(unknown(texts, citation, span));
        }
        let claims: Vec<Option<usize>> = match at.as_slice() {
            [] => vec![None],
            some => some.iter().copied().map(Some).collect(),
        };
        for claim in claims {
            let verdict = citation.source.zip(claim);
            let verdict = verdict.and_then(|(source, claim)| alone.says(source, claim));
            if found.items.len() < LISTED {
                found.items.push(CheckedCitation {
                    claim_id: claim.map(|at| texts.claims[at].id),
                    span,
                    source: name.map(ToOwned::to_owned),
                    label: verdict.map(|(label, _)| label),
                    confidence: verdict.map(|(_, confidence)| confidence),
                });
            }
        }
    }
    for issue in mismatches(texts, &spans, &cited, &of_claims, &mut alone) {
        found.note(issue);
    }
    for quote in stitched(texts.index, texts.candidate) {
        let span = spans.span(quote.range);
        found.note(Issue {
            kind: IssueType::QuoteStitched,
            severity: Severity::High,
            description: format!(
                "The quotation joins words of {} places of the source as if they stood there together.",
                quote.pieces
            ),
            span: Some(span),
            unmatched_quote: None,
        });
    }
    (found.total > 0 || !found.issues.is_empty()).then_some(found)
}

impl CitationFindings {
    fn note(&mut self, issue: Issue) {
        if self.issues.len() < ISSUES {
            self.issues.push(issue);
        }
    }
}

fn unknown(texts: &Texts<'_>, citation: &Cited, span: Span) -> Issue {
    let mark = &texts.candidate[citation.range.clone()];
    let mark: String = mark.chars().take(80).collect();
    let there = match texts.sources {
        [one] => format!("there is one source, \"{}\"", one.name),
        several => format!("there are {} sources", several.len()),
    };
    Issue {
        kind: IssueType::CitationUnknown,
        severity: Severity::Medium,
        description: format!("The citation {mark} names no source: {there}."),
        span: Some(span),
        unmatched_quote: None,
    }
}

/// Reports each claim that none of its cited sources supports while a source that is not cited
/// does.
fn mismatches(
    texts: &Texts<'_>,
    spans: &Utf16Index,
    cited: &[Cited],
    of_claims: &[Vec<usize>],
    alone: &mut Alone<'_>,
) -> Vec<Issue> {
    let mut by_claim: HashMap<usize, Vec<&Cited>> = HashMap::new();
    for (citation, claims) in cited.iter().zip(of_claims) {
        for claim in claims {
            by_claim.entry(*claim).or_default().push(citation);
        }
    }
    let mut claims: Vec<_> = by_claim.into_iter().collect();
    claims.sort_by_key(|(claim, _)| *claim);
    let mut issues = Vec::new();
    for (claim, citations) in claims {
        let sources: Vec<usize> = citations.iter().filter_map(|it| it.source).collect();
        let Some(first) = citations.iter().find(|it| it.source.is_some()) else {
            continue;
        };
        let said = sources.iter().map(|source| alone.says(*source, claim));
        let said: Option<Vec<_>> = said.collect();
        // The limit on comparisons was reached: without a verdict there is no issue.
        let Some(said) = said else { continue };
        if said.iter().any(|(label, _)| *label == Label::Supported) {
            continue;
        }
        let Some(other) = says_so(texts, claim, &sources, alone) else {
            continue;
        };
        let names: Vec<String> = sources
            .iter()
            .map(|source| format!("\"{}\"", texts.sources[*source].name))
            .collect();
        issues.push(Issue {
            kind: IssueType::CitationMismatch,
            severity: Severity::High,
            description: format!(
                "{} does not say this; \"{}\" does.",
                names.join(", "),
                texts.sources[other].name
            ),
            span: Some(spans.span(first.range.clone())),
            unmatched_quote: None,
        });
    }
    issues
}

/// Returns the index of a source that is not cited and supports the claim by itself.
fn says_so(
    texts: &Texts<'_>,
    claim: usize,
    cited: &[usize],
    alone: &mut Alone<'_>,
) -> Option<usize> {
    // The sources of the verdict's evidence are tried first: mostly one of them supports the claim.
    let evidence = texts.verdicts.get(claim)?.evidence.iter();
    let named = |name: &str| texts.sources.iter().position(|source| source.name == name);
    let likely: Vec<usize> = evidence.filter_map(|it| named(&it.source)).collect();
    let others = (0..texts.sources.len()).filter(|at| !likely.contains(at));
    let mut order = likely.iter().copied().chain(others);
    order.find(|source| {
        !cited.contains(source)
            && alone
                .says(*source, claim)
                .is_some_and(|(label, _)| label == Label::Supported)
    })
}

/// Returns, for each citation, the claims of its sentence that begin between the previous citation
/// and itself.
fn claims_cited(texts: &Texts<'_>, spans: &Utf16Index, cited: &[Cited]) -> Vec<Vec<usize>> {
    if cited.is_empty() {
        return Vec::new();
    }
    let starts: Vec<usize> = sentences::split(texts.candidate)
        .into_iter()
        .map(|sentence| sentence.range.start)
        .collect();
    let claims: Vec<Option<Range<usize>>> = texts
        .claims
        .iter()
        .map(|claim| spans.bytes(claim.span))
        .collect();
    let sentence_of = |byte: usize| starts.partition_point(|start| *start <= byte);
    let mut of_sentence: HashMap<usize, Vec<(usize, Range<usize>)>> = HashMap::new();
    for (at, range) in claims.into_iter().enumerate() {
        if let Some(range) = range {
            let sentence = sentence_of(range.start);
            of_sentence.entry(sentence).or_default().push((at, range));
        }
    }
    let mut found: Vec<Vec<usize>> = Vec::with_capacity(cited.len());
    // Claims that begin at `open` or later in `sentence` have no citation yet.
    let (mut open, mut sentence) = (0, usize::MAX);
    let mut last_end = 0;
    for citation in cited {
        checkpoint();
        let at = citation.range.start;
        let between = texts.candidate.get(last_end..at).unwrap_or_default();
        let goes_on = !found.is_empty()
            && between
                .chars()
                .all(|c| c.is_whitespace() || matches!(c, ',' | ';' | '.' | '&'));
        last_end = citation.range.end;
        // "[1][2]", "[1, 2]": one place with several citations.
        if goes_on && let Some(same) = found.last().cloned() {
            open = citation.range.end;
            found.push(same);
            continue;
        }
        let own = sentence_of(at);
        if own != sentence {
            (open, sentence) = (0, own);
        }
        let here: &[(usize, Range<usize>)] = of_sentence.get(&own).map_or(&[], Vec::as_slice);
        let covered: Vec<usize> = here
            .iter()
            .filter(|(_, range)| range.start >= open && range.start < at)
            .map(|(claim, _)| *claim)
            .collect();
        let covered = if covered.is_empty() {
            // The citation stands inside a claim that has a citation already, or before the first
            // claim.
            let around = here.iter().rfind(|(_, range)| range.start <= at);
            let one = around.or_else(|| here.first());
            one.map(|(claim, _)| *claim).into_iter().collect()
        } else {
            covered
        };
        open = citation.range.end;
        found.push(covered);
    }
    found
}

/// Verdicts on claims by single sources; each pair is compared once and kept.
struct Alone<'a> {
    texts: &'a Texts<'a>,
    whole: Utf16Index,
    indexes: HashMap<usize, SourceIndex>,
    said: HashMap<(usize, usize), (Label, f64)>,
}

impl<'a> Alone<'a> {
    fn new(texts: &'a Texts<'a>) -> Self {
        Self {
            texts,
            whole: Utf16Index::new(texts.source),
            indexes: HashMap::new(),
            said: HashMap::new(),
        }
    }

    /// Returns the verdict of one source alone on a claim, or `None` once `COMPARED` pairs have
    /// been compared.
    fn says(&mut self, source: usize, claim: usize) -> Option<(Label, f64)> {
        if let Some(said) = self.said.get(&(source, claim)) {
            return Some(*said);
        }
        if self.said.len() >= COMPARED {
            return None;
        }
        checkpoint();
        let said =
            if let ([_], Some(verdict)) = (self.texts.sources, self.texts.verdicts.get(claim)) {
                // There is only one source, so that the verifier's verdict holds.
                (verdict.label, verdict.confidence)
            } else {
                let texts = self.texts;
                let index = self.index(source)?;
                let compared = ComparedClaim::new(index, texts.claims, claim);
                let verdict = compared.verdict(index, &texts.claims[claim]);
                (verdict.label, verdict.confidence)
            };
        self.said.insert((source, claim), said);
        Some(said)
    }

    fn index(&mut self, source: usize) -> Option<&SourceIndex> {
        if !self.indexes.contains_key(&source) {
            let bytes = self.whole.bytes(self.texts.sources[source].span)?;
            let index = SourceIndex::new(&self.texts.source[bytes]);
            self.indexes
                .insert(source, index.looked_at_by(self.texts.encoder));
        }
        self.indexes.get(&source)
    }
}

/// Removes the names of cited sources, which state nothing, from the texts of claims, as in "Fees
/// rose `[handbook]`." Marks of other forms are recognized without the names of sources.
pub(crate) fn without_marks(
    candidate: &str,
    claims: &Arc<[Claim]>,
    sources: &[NamedSource],
) -> Arc<[Claim]> {
    let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    // What no source is called stays: it may be a statement in brackets, which has to be verified with the rest.
    let mut cited = cited::find(candidate, &names);
    cited.retain(|citation| citation.source.is_some());
    if cited.is_empty() {
        return Arc::clone(claims);
    }
    let spans = Utf16Index::new(candidate);
    let read = claims.iter().map(|claim| {
        let Some(bytes) = spans.bytes(claim.span) else {
            return claim.clone();
        };
        let first = cited.partition_point(|citation| citation.range.end <= bytes.start);
        let within = cited[first..]
            .iter()
            .take_while(|citation| citation.range.start < bytes.end);
        let mut text = String::with_capacity(claim.text.len());
        let mut done = bytes.start;
        for Cited { range, .. } in within {
            if range.start < done {
                // The range belongs to the mark before it, or to one in which the claim begins.
                done = done.max(range.end);
                continue;
            }
            text.push_str(&candidate[done..range.start]);
            done = range.end;
        }
        text.push_str(candidate.get(done..bytes.end).unwrap_or_default());
        // A claim of nothing but marks is compared as it is.
        if text.trim().is_empty() {
            return claim.clone();
        }
        Claim {
            text,
            ..claim.clone()
        }
    });
    read.collect()
}

#[cfg(test)]
#[path = "tests/citations.rs"]
mod tests;
