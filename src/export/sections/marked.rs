//! The audited texts with the findings marked in them.

use std::ops::Range;

use crate::protocol::rest::EvaluationView;
use crate::text::span::Utf16Index;

use super::super::report::{Block, Line, Style, heading, ours, styled, theirs};
use super::super::words;

/// The candidate with its claims marked.
pub(in crate::export) fn output(evaluation: &EvaluationView) -> Vec<Block<'_>> {
    let text = evaluation.candidate_output.as_str();
    let index = Utf16Index::new(text);
    let mut claims: Vec<_> = evaluation
        .claims
        .iter()
        .filter_map(|view| Some((index.bytes(view.claim.span)?, view)))
        .collect();
    claims.sort_by_key(|(range, _)| (range.start, range.end));
    let (mut line, mut at) = (Vec::new(), 0);
    for (range, view) in claims {
        // A claim that overlaps the one before is listed below, but cannot be marked twice.
        if range.start < at {
            continue;
        }
        line.push(theirs(&text[at..range.start]));
        at = range.end;
        let mut claim = theirs(&text[range]);
        let number = view.claim.index + 1;
        if let Some(label) = view.label {
            claim.style = Style::Claim(label);
            line.push(claim);
            // A non-breaking space keeps number and sign on one line.
            let sign = format!("[{number}\u{a0}{}]", words::sign(label));
            line.push(styled(sign, Style::Sign(label)));
        } else {
            line.push(claim);
            line.push(styled(format!("[{number}]"), Style::Muted));
        }
    }
    line.push(theirs(&text[at..]));
    line.retain(|piece| !piece.text.is_empty());
    let legend = "Each claim is followed by its number and its verdict: ✓ supported, ✗ contradicted, \
        ? not supported.";
    vec![
        heading("The output, claim by claim"),
        Block::Text(vec![ours(legend)]),
        Block::Quote(line),
    ]
}

/// The source with the passages marked that verdicts are based on.
pub(in crate::export) fn source(evaluation: &EvaluationView) -> Vec<Block<'_>> {
    let text = evaluation.source_text.as_str();
    let index = Utf16Index::new(text);
    let evidence = evaluation.claims.iter().flat_map(|view| &view.evidence);
    let mut passages: Vec<Range<usize>> = evidence
        .filter_map(|found| evaluation.place_in_source(found))
        .filter_map(|span| index.bytes(span))
        .collect();
    passages.sort_by_key(|range| (range.start, range.end));
    let (mut line, mut at): (Line<'_>, usize) = (Vec::new(), 0);
    for range in passages {
        let range = range.start.max(at)..range.end;
        if range.is_empty() {
            continue;
        }
        line.push(theirs(&text[at..range.start]));
        at = range.end;
        let mut passage = theirs(&text[range]);
        passage.style = Style::Evidence;
        line.push(passage);
    }
    line.push(theirs(&text[at..]));
    line.retain(|piece| !piece.text.is_empty());
    vec![
        heading("The source"),
        Block::Text(vec![ours(
            "Passages that a verdict rests on are underlined.",
        )]),
        Block::Quote(line),
    ]
}
