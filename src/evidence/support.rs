//! Estimates the probability of each label of a claim by a small model with fixed weights, fitted
//! to labels by people.
//!
//! Two logistic regressions over [`values`] are combined: one for whether the claim is supported,
//! and one for whether an unsupported claim is refuted: `s = σ(w·x + b)`, `r = (1 − s) · σ(v·x +
//! c)`; the rest is NOT_ENOUGH_INFO. The signs of `w` are constrained: what the source contains
//! counts in favour of a claim, what it lacks or contradicts counts against it. The weights are in
//! `verifier_table`, which `training/fit_verifier.py` prints, with and without the figures of the
//! neural model. The result is rounded to four digits, so that it is the same on every machine.

use std::collections::HashSet;

use super::align::{Alignment, close};
use super::belonging::Belonging;
use super::comparison::Comparison;
use super::finding::{Aspect, Finding};
use super::nearest::Nearest;
use super::verbatim::verbatim;
use super::verifier_table::{RULES_ALONE, WITH_MODEL, Weights};
use crate::domain::verdict::{Label, Probabilities, REFUTED_FROM, SUPPORTED_FROM};
use crate::text::language::Language;
use crate::text::tokens::{Form, Token};
use crate::text::words;

/// Maximum count of findings or words of one kind.
const MOST: usize = 4;
/// Minimum share of a claim that the source contains word for word for the claim to be a quotation.
const VERBATIM: f64 = 0.85;
/// Minimum coverage of a claim of which nothing is missing.
const ALL: f64 = 0.95;
/// Minimum share of adjacent word pairs that are close together in the evidence for a
/// claim to be stated.
const TOGETHER: f64 = 0.9;
/// Minimum share of a claim, without the contradicted part, that the
/// contradicting sentence must support.
const CLOSE: f64 = 0.75;
/// Probability of support for a claim that is a sentence of the source word for word.
const COPIED: f64 = 0.999;
/// Minimum probability of support for a claim whose words are all close together in the evidence,
/// with all its values, and which nothing contradicts. Of the project's held-out texts 47 of 65
/// such claims are supported, as measured before exchanged values were recognised.
const STATED: f64 = 0.75;
/// The same for a claim whose values are all in the table row that it names, and that says hardly
/// anything else; the fitted weights do not consider rows.
const IN_ROW: f64 = 0.6;
/// Minimum probability of refutation for a claim of which a sentence supports all but the part that
/// it contradicts: of the project's held-out texts 76 of 109 such claims are refuted.
const CONTRADICTED: f64 = 0.6;
/// Minimum probability at which a claim is called refuted although no rule has found anything
/// against it. Of the project's held-out texts 148 of 264 such claims are refuted, and 428 of 813
/// just below the bound. On realistic outputs it keeps the share of true claims that are called
/// refuted below one in twenty.
const SURE: f64 = 0.58;
/// The upper limit for a less certain refutation by the model alone; just below
/// the minimum for REFUTED.
const MODEL_ALONE: f64 = 0.53;
/// With the model, support below `BORNE` is limited to `DOUBTED`. On realistic outputs the bound
/// keeps the share of false claims that are labelled supported below one in seven.
const BORNE: f64 = 0.44;
const DOUBTED: f64 = 0.39;
/// Maximum number of content words of a claim that counts as an item of a list: too few for the
/// model to notice that the source has none of them.
const ITEM: usize = 2;
/// Maximum probability of support if a value differs for the same subject.
const VETO: f64 = 0.35;
/// Minimum probability given to the label of the rules where the fitted table would give another.
const RULED: f64 = 0.5;
/// Without the model, and in other languages than English: the probability of support from which a
/// claim counts as supported although the rules found too little, because they have no synonyms for
/// these languages.
const BORNE_OUT: f64 = 0.49;
/// Weight of the rules' result for languages without fitted weights; the rest is spread evenly.
const OTHER_LANGUAGE: f64 = 0.8;

/// Facts about a claim in addition to its values: rules that take precedence
/// over the fitted weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certain {
    /// The claim is a sentence of the source, word for word.
    pub copied: bool,
    /// A sentence contradicts the claim and supports nearly all the rest of it.
    pub contradicted: bool,
    /// The minimum probability of support, if any.
    pub least: Option<f64>,
    /// A value differs for the same subject.
    pub hard: bool,
    /// A rule has found a contradiction.
    pub against: bool,
}

impl Certain {
    /// Determines the facts from a comparison.
    pub fn new(comparison: &Comparison<'_>) -> Self {
        let findings = comparison.findings();
        Self {
            copied: findings.is_empty() && verbatim(&comparison.alignment),
            contradicted: contradicted_closely(comparison),
            least: stated(comparison),
            hard: hard(comparison),
            against: findings.iter().any(|finding| finding.against),
        }
    }
}

pub(crate) fn probabilities(comparison: &Comparison<'_>) -> Probabilities {
    let certain = Certain::new(comparison);
    if certain.copied {
        let rest = (1.0 - COPIED) / 2.0;
        return rounded(COPIED, rest);
    }
    let values = values(comparison);
    let table = if comparison.neural.is_some() {
        WITH_MODEL
    } else {
        RULES_ALONE
    };
    let (mut supported, mut refuted) = weigh(table, &values);
    if certain.contradicted && refuted < CONTRADICTED {
        supported *= (1.0 - CONTRADICTED) / (1.0 - refuted);
        refuted = CONTRADICTED;
    } else if let Some(least) = certain.least.filter(|least| supported < *least) {
        refuted *= (1.0 - least) / (1.0 - supported);
        supported = least;
    }
    if certain.hard && supported > VETO {
        // Refutation gains what support loses, because a contradiction was found.
        refuted += supported - VETO;
        supported = VETO;
    }
    if comparison.neural.is_some() {
        let heard = certain.against || refuted >= SURE;
        if !heard {
            refuted = refuted.min(MODEL_ALONE);
        }
        if supported < BORNE || unheard(&comparison.alignment) {
            supported = supported.min(DOUBTED);
        }
        return rounded(supported, refuted);
    }
    let mut label = comparison.label;
    if comparison.alignment.index.language() != Language::English {
        if label == Label::NotEnoughInfo && supported >= BORNE_OUT && supported > refuted {
            label = Label::Supported;
        }
        let even = |value: f64| OTHER_LANGUAGE * value + (1.0 - OTHER_LANGUAGE) / 3.0;
        (supported, refuted) = (even(supported), even(refuted));
    }
    as_ruled(rounded(supported, refuted), label)
}

/// Returns the probabilities of a claim that holds only if a clause of it holds, too.
pub(super) fn held_to(whole: Probabilities, clause: Probabilities) -> Probabilities {
    let supported = whole.supported.min(clause.supported);
    let refuted = whole.refuted.max(clause.refuted).min(1.0 - supported);
    rounded(supported, refuted)
}

/// Returns true for an item of a list if the source has none of its words in any form.
fn unheard(alignment: &Alignment<'_>) -> bool {
    let tokens = alignment.claim.tokens.iter().zip(&alignment.known);
    let mut content = tokens.filter(|(token, _)| token.content());
    let words = content.clone().count();
    (1..=ITEM).contains(&words) && content.all(|(_, known)| !known)
}

/// Without the model the label of the rules stands. If the table would give another one,
/// the rules' label gets the minimum probability for it, and the others share the rest
/// in their previous proportion.
fn as_ruled(probability: Probabilities, label: Label) -> Probabilities {
    if probability.label() == label {
        return probability;
    }
    let Probabilities {
        supported,
        refuted,
        not_enough_info,
    } = probability;
    let least = RULED.max(match label {
        Label::Supported => SUPPORTED_FROM,
        Label::Refuted => REFUTED_FROM,
        Label::NotEnoughInfo => 0.0,
    });
    let rest = 1.0 - least;
    let share = |one: f64, other: f64| {
        if one + other > 0.0 {
            rest * one / (one + other)
        } else {
            rest / 2.0
        }
    };
    match label {
        Label::Supported => rounded(least, share(refuted, not_enough_info)),
        Label::Refuted => rounded(share(supported, not_enough_info), least),
        Label::NotEnoughInfo => rounded(share(supported, refuted), share(refuted, supported)),
    }
}

/// Returns the probabilities of support and of refutation by a table, between 0 and 1 each and
/// at most 1 together.
fn weigh(table: &[Weights], values: &[f64]) -> (f64, f64) {
    // The last row of a table is the bias.
    let (mut one, mut two) = table
        .last()
        .map_or((0.0, 0.0), |bias| (bias.supported, bias.refuted));
    for (weights, value) in table[..table.len().saturating_sub(1)].iter().zip(values) {
        one += weights.supported * value;
        two += weights.refuted * value;
    }
    let supported = logistic(one);
    (supported, (1.0 - supported) * logistic(two))
}

fn logistic(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

fn rounded(supported: f64, refuted: f64) -> Probabilities {
    let digits = |value: f64| (value * 1e4).round() / 1e4;
    let (supported, refuted) = (digits(supported), digits(refuted));
    Probabilities {
        supported,
        refuted,
        not_enough_info: digits((1.0 - supported - refuted).max(0.0)),
    }
}

/// Returns the minimum probability of support for a claim that nothing contradicts and whose words
/// and values are all in the evidence, close together, or all in a table row.
fn stated(comparison: &Comparison<'_>) -> Option<f64> {
    let alignment = &comparison.alignment;
    if comparison.label != Label::Supported || !comparison.findings().is_empty() {
        return None;
    }
    if alignment.coverage() > ALL && together(alignment) > TOGETHER {
        return Some(STATED);
    }
    comparison.facts.in_row.then_some(IN_ROW)
}

/// The share of the claim's adjacent word pairs that are close together in the evidence, or split
/// between a sentence and the one that its pronoun refers to. Values, which have many spellings,
/// are ignored between them.
fn together(alignment: &Alignment<'_>) -> f64 {
    let tokens = &alignment.claim.tokens;
    let words: Vec<usize> = (0..tokens.len())
        .filter(|at| alignment.weights[*at] > 0.0)
        .collect();
    let near = |pair: &&[usize]| {
        let (one, two) = (pair[0], pair[1]);
        alignment.evidence.iter().any(|sentence| {
            let given = &alignment.index.analysis(*sentence).tokens;
            close(given, &tokens[one], &tokens[two])
                || alignment.antecedent(*sentence).is_some_and(|before| {
                    let (own, context) = (alignment.row(*sentence), alignment.row(before));
                    (own[one] && context[two]) || (own[two] && context[one])
                })
        })
    };
    let pairs = words.len().saturating_sub(1);
    if pairs == 0 {
        return 1.0;
    }
    words.windows(2).filter(near).count() as f64 / pairs as f64
}

/// Returns true if a value differs for the same subject.
fn hard(comparison: &Comparison<'_>) -> bool {
    let findings = comparison.facts.findings.iter();
    findings
        .chain(&comparison.logic.findings)
        .any(|finding| finding.against && valued(finding.aspect))
}

/// Returns true for aspects with values, of which only one can be right.
const fn valued(aspect: Aspect) -> bool {
    matches!(
        aspect,
        Aspect::Number
            | Aspect::Unit
            | Aspect::Period
            | Aspect::Subject
            | Aspect::Arithmetic
            | Aspect::Date
            | Aspect::Identifier
    )
}

/// The values of a claim, in the order of the rows of `verifier_table`.
pub fn values(comparison: &Comparison<'_>) -> Vec<f64> {
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
            // The first word of a claim is capitalized by its position.
            .filter(|at| !capital || (**at > 0 && tokens[**at].form == Form::Word))
            .count();
        count.min(MOST) as f64
    };
    let findings = || {
        let facts = comparison.facts.findings.iter();
        facts.chain(&comparison.logic.findings)
    };
    let found = |fits: &dyn Fn(&Finding) -> bool| {
        findings().filter(|finding| fits(finding)).count().min(MOST) as f64
    };
    let of = |aspect: Aspect, against: bool| {
        found(&|finding| finding.aspect == aspect && finding.against == against)
    };
    let rest =
        |against: bool| found(&|finding| finding.against == against && !listed(finding.aspect));
    let language = alignment.index.language();
    let one_negated = best.is_some_and(|best| {
        negates(tokens, language) != negates(&alignment.index.analysis(best).tokens, language)
    });
    let flag = |is: bool| f64::from(u8::from(is));
    let held = comparison
        .facts
        .features
        .saturating_sub(comparison.facts.findings.len());
    let run = run(alignment);
    let mut values = vec![
        best.map_or(0.0, |best| alignment.frame(best, &[])),
        alignment.coverage(),
        alignment.pairs().unwrap_or_else(|| alignment.coverage()),
        run,
        flag(run > VERBATIM),
        known as f64 / content.len().max(1) as f64,
        unknown(false),
        unknown(true),
        (tokens.len() as f64).ln_1p(),
        held.min(MOST) as f64,
        of(Aspect::Number, true),
        of(Aspect::Number, false),
        of(Aspect::Date, true),
        of(Aspect::Date, false),
        of(Aspect::Name, true),
        of(Aspect::Name, false),
        of(Aspect::Opposite, true),
        of(Aspect::Negation, true),
        of(Aspect::Order, true),
        of(Aspect::Quantity, true),
        of(Aspect::Roles, true),
        of(Aspect::Subject, true),
        of(Aspect::Arithmetic, true),
        found(&|finding| {
            finding.against
                && matches!(
                    finding.aspect,
                    Aspect::Unit | Aspect::Period | Aspect::Identifier
                )
        }),
        of(Aspect::Certainty, false),
        rest(true),
        rest(false),
        flag(one_negated),
        flag(comparison.label == Label::Supported),
        flag(comparison.label == Label::Refuted),
        flag(comparison.label == Label::Supported && alignment.coverage() > ALL),
        flag(contradicted_closely(comparison)),
        comparison.facts.derived.min(MOST) as f64,
        comparison.facts.derived_loosely.min(MOST) as f64,
    ];
    let belonging = Belonging::new(&Nearest::new(alignment));
    values.extend([
        belonging.value_apart,
        belonging.name_apart,
        belonging.value_rivals,
        belonging.name_rivals,
        belonging.rival_nearer,
    ]);
    if let Some(view) = &comparison.neural {
        let [supported, refuted, unknown] = view.logits;
        let most = refuted.max(unknown);
        let others = most + ((refuted - most).exp() + (unknown - most).exp()).ln();
        values.extend([
            view.least_aligned,
            view.soft_coverage,
            view.best_sentence,
            supported - others,
            refuted - unknown,
        ]);
    }
    values
}

/// Returns true if a sentence contradicts the claim and supports nearly all the rest of it.
fn contradicted_closely(comparison: &Comparison<'_>) -> bool {
    let alignment = &comparison.alignment;
    comparison.findings().into_iter().any(|finding| {
        let without: Vec<usize> = (0..alignment.claim.tokens.len())
            .filter(|at| {
                let range = &alignment.claim.tokens[*at].range;
                range.start < finding.range.end && finding.range.start < range.end
            })
            .collect();
        let mut rest = (0..alignment.weights.len()).filter(|at| !without.contains(at));
        // Without its value nothing remains of "Town: Oslo" that a sentence could support.
        let bare = rest.all(|at| alignment.weights[at] == 0.0);
        finding.against
            && finding
                .sentence
                .is_some_and(|sentence| bare || alignment.frame(sentence, &without) > CLOSE)
    })
}

/// Returns true for aspects that have values of their own in the table.
const fn listed(aspect: Aspect) -> bool {
    matches!(
        aspect,
        Aspect::Number
            | Aspect::Date
            | Aspect::Name
            | Aspect::Opposite
            | Aspect::Negation
            | Aspect::Order
            | Aspect::Quantity
            | Aspect::Roles
            | Aspect::Subject
            | Aspect::Arithmetic
            | Aspect::Unit
            | Aspect::Period
            | Aspect::Identifier
            | Aspect::Certainty
    )
}

fn negates(tokens: &[Token], language: Language) -> bool {
    tokens
        .iter()
        .any(|token| words::is_negator(&token.word, language))
}

/// The share of the claim in its longest run of adjacent pairs that are also adjacent in the
/// sentences about its subject.
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

#[cfg(test)]
#[path = "tests/support.rs"]
mod tests;
