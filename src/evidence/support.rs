//! How well the source supports a claim, by a small model with fixed weights, fitted to labels of people.
//!
//! `support = ½ · (1 + z / √(1 + z²))` with `z = BIAS + Σ weight · value` over [`FEATURES`]. The signs are bound
//! (what the source has counts for a claim, what it lacks or contradicts against it); the weights come
//! from `benches/offline/fit.py`, which prints this table. There is no exponential in it: what it computes with
//! is rounded the same on every platform.

use std::collections::HashSet;

use super::align::Alignment;
use super::finding::{Aspect, Finding};
use super::rules::Comparison;
use crate::text::language::Language;
use crate::text::tokens::{Form, Token};
use crate::text::words;

/// Findings or words of one kind that count.
const MOST: usize = 4;

/// The names of what [`values`] returns, each with its weight.
pub const FEATURES: [(&str, f64); 16] = [
    ("best", 1.284),
    ("pairs", 1.272),
    ("run", 1.099),
    ("known", 0.117),
    ("unknown_words", -0.215),
    ("unknown_names", -0.658),
    ("number_against", -2.408),
    ("number_missing", -0.653),
    ("date_against", -5.237),
    ("date_missing", -1.516),
    ("name_against", -1.984),
    ("name_missing", -0.125),
    ("opposite", -6.802),
    ("negation", -2.504),
    ("order", -8.133),
    ("one_negated", -0.312),
];
const BIAS: f64 = -1.671;

/// 0..1.
pub fn support(comparison: &Comparison<'_>) -> f64 {
    let z = FEATURES
        .iter()
        .zip(values(comparison))
        .fold(BIAS, |sum, ((_, weight), value)| sum + weight * value);
    0.5 * (1.0 + z / z.mul_add(z, 1.0).sqrt())
}

/// The values of a claim, in the order of [`FEATURES`].
pub fn values(comparison: &Comparison<'_>) -> [f64; 16] {
    let alignment = &comparison.alignment;
    let tokens = &alignment.claim.tokens;
    let best = alignment.evidence.first().copied();
    let content: Vec<usize> = (0..tokens.len())
        .filter(|at| tokens[*at].content())
        .collect();
    let known = content.iter().filter(|at| alignment.known[**at]).count();
    let unknown = |capital: bool| {
        let count = content
            .iter()
            .filter(|at| !alignment.known[**at] && tokens[**at].capital == capital)
            // The first word of a claim has its capital by its place.
            .filter(|at| !capital || (**at > 0 && tokens[**at].form == Form::Word))
            .count();
        count.min(MOST) as f64
    };
    let found = |aspect: Aspect, against: bool| {
        // An identifier counts like a number: both are right or wrong to the last figure.
        let counted = |finding: &Finding| match finding.aspect {
            Aspect::Identifier => Aspect::Number,
            other => other,
        };
        let fits = |finding: &&Finding| counted(finding) == aspect && finding.against == against;
        let findings = comparison.facts.findings.iter();
        let count = findings
            .chain(&comparison.logic.findings)
            .filter(fits)
            .count();
        count.min(MOST) as f64
    };
    let language = alignment.index.language();
    let one_negated = best.is_some_and(|best| {
        negates(tokens, language) != negates(&alignment.index.analysis(best).tokens, language)
    });
    [
        best.map_or(0.0, |best| alignment.frame(best, &[])),
        alignment.pairs().unwrap_or_else(|| alignment.coverage()),
        run(alignment),
        known as f64 / content.len().max(1) as f64,
        unknown(false),
        unknown(true),
        found(Aspect::Number, true),
        found(Aspect::Number, false),
        found(Aspect::Date, true),
        found(Aspect::Date, false),
        found(Aspect::Name, true),
        found(Aspect::Name, false),
        found(Aspect::Opposite, true),
        found(Aspect::Negation, true),
        found(Aspect::Order, true),
        f64::from(u8::from(one_negated)),
    ]
}

fn negates(tokens: &[Token], language: Language) -> bool {
    tokens
        .iter()
        .any(|token| words::is_negator(&token.word, language))
}

/// Share of the claim that its longest run of pairs of neighbours makes that the source's sentences on it
/// have as neighbours too.
fn run(alignment: &Alignment<'_>) -> f64 {
    let given: HashSet<(&str, &str)> = alignment
        .candidates
        .iter()
        .flat_map(|(sentence, _)| alignment.index.analysis(*sentence).tokens.windows(2))
        .map(|pair| (pair[0].term.as_str(), pair[1].term.as_str()))
        .collect();
    let tokens = &alignment.claim.tokens;
    let (mut longest, mut current) = (0, 0);
    for pair in tokens.windows(2) {
        if given.contains(&(pair[0].term.as_str(), pair[1].term.as_str())) {
            current += 1;
            longest = longest.max(current);
        } else {
            current = 0;
        }
    }
    f64::from(longest) / tokens.len().max(1) as f64
}
