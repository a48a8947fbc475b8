//! From a claim beside its evidence to a label, a confidence and the words for it.

use super::align::Alignment;
use super::finding::{Checked, Finding};
use super::index::SourceIndex;
use super::neural::NeuralView;
use super::{facts, fields, logic, support, table};
use crate::computing::checkpoint;
use crate::domain::claim::Claim;
use crate::domain::verdict::{Evidence, Label, Verdict};

/// Coverage from which a claim that nothing speaks against counts as supported.
const SUPPORTED: f64 = 0.6;
/// Share of information unknown to the source above which it does not.
const NOVEL: f64 = 0.34;
/// Coverage below which the source holds nothing on the subject.
const RELATED: f64 = 0.15;
/// Confidence in a claim of nothing but values that stand together in the source.
const VALUES_ALONE: f64 = 0.6;
/// Sentences that a verdict names.
const EVIDENCE: usize = 3;
/// Words of a sentence that a reasoning quotes.
const QUOTED: usize = 40;
/// Missing words that a reasoning lists.
const LISTED: usize = 5;

/// A claim with everything that was found out about it.
#[derive(Debug)]
pub struct Comparison<'i> {
    /// The claim beside its evidence.
    pub alignment: Alignment<'i>,
    /// Numbers, dates, names.
    pub facts: Checked,
    /// Whether all values of the claim stand in the row of a table that it is about.
    pub in_row: bool,
    /// Polarity, opposites, roles, order, quantifiers, certainty.
    pub logic: Checked,
    /// What the neural verifier sees; none where it is off, or does not know the language.
    pub neural: Option<NeuralView>,
    /// What follows from it.
    pub label: Label,
    /// 0..1.
    pub confidence: f64,
}

impl<'i> Comparison<'i> {
    /// Compares the claim `claims[at]` with the source.
    pub fn new(index: &'i SourceIndex, claims: &'i [Claim], at: usize) -> Self {
        checkpoint();
        let mut alignment = Alignment::new(index, claims, at);
        let mut facts = facts::check(&alignment);
        fields::check(&mut alignment, &mut facts);
        let in_row = table::check(&mut alignment, &mut facts);
        let logic = logic::check(&alignment);
        let neural = neural(&alignment);
        let mut comparison = Self {
            alignment,
            facts,
            in_row,
            logic,
            neural,
            label: Label::NotEnoughInfo,
            confidence: 0.5,
        };
        (comparison.label, comparison.confidence) = comparison.weigh();
        comparison
    }

    /// All findings, those that contradict first.
    pub fn findings(&self) -> Vec<&Finding> {
        let mut findings: Vec<&Finding> = self
            .facts
            .findings
            .iter()
            .chain(&self.logic.findings)
            .collect();
        findings.sort_by_key(|finding| (!finding.against, finding.range.start));
        findings
    }

    fn weigh(&self) -> (Label, f64) {
        let coverage = self.alignment.coverage();
        let novelty = self.alignment.novelty();
        let contradictions = self
            .findings()
            .iter()
            .filter(|finding| finding.against)
            .count();
        if contradictions > 0 {
            let more = 0.05 * (contradictions.min(3) - 1) as f64;
            return (
                Label::Refuted,
                (0.35f64.mul_add(coverage, 0.5) + more).clamp(0.0, 0.95),
            );
        }
        let gaps = self.findings().len();
        if gaps == 0 && self.alignment.values_alone_hold() {
            return (Label::Supported, VALUES_ALONE);
        }
        if gaps > 0 || coverage < SUPPORTED || novelty > NOVEL {
            let missing = (1.0 - coverage).max(novelty) + 0.15 * gaps.min(2) as f64;
            return (
                Label::NotEnoughInfo,
                0.45f64.mul_add(missing, 0.45).clamp(0.0, 0.95),
            );
        }
        (
            Label::Supported,
            (0.55 + 0.4 * (coverage - SUPPORTED) / (1.0 - SUPPORTED) - 0.3 * novelty)
                .clamp(0.0, 0.95),
        )
    }

    /// Words of the claim that the evidence does not have, in order, each once.
    pub fn missing(&self) -> Vec<&str> {
        let mut words: Vec<&str> = Vec::new();
        for (at, token) in self.alignment.claim.tokens.iter().enumerate() {
            let word = &self.alignment.text[token.range.clone()];
            if self.alignment.weights[at] > 0.0
                && !self.alignment.covered[at]
                && !words.contains(&word)
            {
                words.push(word);
            }
        }
        words
    }

    /// Why the verifier says so: what was found out, and how the model reads the evidence where the rules
    /// alone would say something else.
    fn reasoning(&self, label: Label) -> String {
        let mut parts: Vec<String> = Vec::new();
        for finding in self.findings() {
            if !parts.contains(&finding.message) {
                parts.push(finding.message.clone());
            }
        }
        let missing = self.missing();
        let coverage = self.alignment.coverage();
        let contradicted = self.findings().iter().any(|finding| finding.against);
        let list = |missing: &[&str]| {
            let more = missing.len().saturating_sub(LISTED);
            let named = missing.iter().take(LISTED);
            let mut list = named
                .map(|word| format!("\"{word}\""))
                .collect::<Vec<_>>()
                .join(", ");
            if more > 0 {
                list.push_str(&format!(" and {more} more"));
            }
            list
        };
        match label {
            Label::Supported => {
                if parts.is_empty() && missing.is_empty() {
                    return "the source states this; nothing in it speaks against it".to_owned();
                }
                let how = self.passage().map_or_else(
                    || "the evidence bears this out".to_owned(),
                    |passage| format!("the source says this in other words: \"{passage}\""),
                );
                if !missing.is_empty() {
                    parts.push(format!("not word for word: {}", list(&missing)));
                }
                parts.insert(0, how);
            }
            Label::Refuted if !contradicted => {
                let read = self.passage().map_or_else(
                    || "the evidence reads as speaking against this".to_owned(),
                    |passage| format!("this reads as speaking against it: \"{passage}\""),
                );
                parts.insert(0, read);
            }
            Label::Refuted => {}
            Label::NotEnoughInfo => {
                if self.alignment.evidence.is_empty() && !missing.is_empty() {
                    parts.push(format!(
                        "the source holds nothing on this: {} not found",
                        list(&missing)
                    ));
                } else if !missing.is_empty() && (parts.is_empty() || coverage < SUPPORTED) {
                    parts.push(format!("not found in the evidence: {}", list(&missing)));
                } else if parts.is_empty() && self.alignment.evidence.is_empty() {
                    parts.push(
                        "the source holds nothing that could be compared with this".to_owned(),
                    );
                } else if parts.is_empty() {
                    parts.push(
                        "the source has these words, but it is not sure that it says this"
                            .to_owned(),
                    );
                } else if contradicted {
                    parts.push("it is not sure that both speak of the same".to_owned());
                }
            }
        }
        parts.join("; ")
    }

    /// The sentence that moved the model most, or else the best one, not too long to be quoted.
    fn passage(&self) -> Option<String> {
        let moved = self.neural.as_ref().map(|view| view.moved_most);
        let sentence = moved.or_else(|| self.alignment.evidence.first().copied())?;
        let text = self.alignment.index.text()[self.alignment.index.range(sentence)].trim();
        let mut words: Vec<&str> = text.split_whitespace().take(QUOTED + 1).collect();
        let long = words.len() > QUOTED;
        words.truncate(QUOTED);
        let mut quoted = words.join(" ");
        if long {
            quoted.push('…');
        }
        (!quoted.is_empty()).then_some(quoted)
    }

    /// The sentences that a verdict rests on: what contradicts comes first, then what moved the model most.
    fn evidence(&self, label: Label) -> Vec<Evidence> {
        let index = self.alignment.index;
        let mut sentences = self.alignment.evidence.clone();
        let moved = self.neural.as_ref().map(|view| view.moved_most);
        let against = self
            .findings()
            .first()
            .filter(|finding| finding.against && label != Label::Supported)
            .and_then(|finding| finding.sentence);
        for first in [moved, against].into_iter().flatten() {
            sentences.retain(|sentence| *sentence != first);
            sentences.insert(0, first);
        }
        sentences.truncate(EVIDENCE);
        let unrelated = self.alignment.coverage() < RELATED && against.is_none();
        if label == Label::NotEnoughInfo && unrelated {
            sentences.clear();
        }
        sentences
            .into_iter()
            .map(|sentence| index.evidence(sentence))
            .collect()
    }
}

/// The neural verifier's view, found out once for all who compare the claim.
fn neural(alignment: &Alignment<'_>) -> Option<NeuralView> {
    let sight = alignment.index.sight()?;
    let seen = alignment.seen.as_ref()?;
    let view = seen.view.get_or_init(|| NeuralView::new(alignment, sight));
    view.clone()
}

/// The verifier's verdict of claim `claims[at]`; its neighbours are context.
pub fn decide(index: &SourceIndex, claims: &[Claim], at: usize) -> Verdict {
    let comparison = Comparison::new(index, claims, at);
    let probability = support::probabilities(&comparison);
    let label = probability.label();
    Verdict {
        claim: claims[at].clone(),
        label,
        confidence: probability.confidence(),
        probability,
        evidence: comparison.evidence(label),
        reasoning: comparison.reasoning(label),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::claim::{ClaimType, Span};
    use crate::domain::ids::ClaimId;

    fn claims(texts: &[&str]) -> Vec<Claim> {
        texts
            .iter()
            .enumerate()
            .map(|(index, text)| Claim {
                id: ClaimId::new(uuid::Uuid::from_u128(index as u128 + 1)),
                index,
                text: (*text).to_owned(),
                kind: ClaimType::Factual,
                span: Span {
                    start: 0,
                    end: text.encode_utf16().count(),
                },
            })
            .collect()
    }

    const SOURCE: &str = "The ferry Alba sank off Corrin in 1931. Its captain, Owen Hale, did not survive. \
        In 1950 the harbour bought a new ferry. It carries more cars than the old one. The crew may strike in June.";

    #[test]
    fn labels_and_the_words_for_them() {
        let index = SourceIndex::new(SOURCE);
        for (text, label, words) in [
            (
                "The ferry Alba sank off Corrin in 1931.",
                Label::Supported,
                "the source states this",
            ),
            (
                "The ferry Alba sank off Corrin in 1932.",
                Label::Refuted,
                "the source says 1931, the claim says 1932",
            ),
            (
                "The ferry Alba sank off Lisbon in 1931.",
                Label::Refuted,
                "the source says \"Corrin\", the claim says \"Lisbon\"",
            ),
            (
                "Captain Owen Hale survived.",
                Label::Refuted,
                "the source negates this: \"did not survive\"",
            ),
            (
                "The new ferry carries fewer cars than the old one.",
                Label::Refuted,
                "fewer",
            ),
            (
                "The harbour bought a new ferry in May 1950.",
                Label::NotEnoughInfo,
                "the source gives only 1950",
            ),
            (
                "The harbour sold a new ferry in 1950.",
                Label::Refuted,
                "\"bought\", the claim says \"sold\"",
            ),
            (
                "The crew struck work; violins played.",
                Label::NotEnoughInfo,
                "violins",
            ),
            (
                "Penguins adore marmalade.",
                Label::NotEnoughInfo,
                "the source holds nothing on this",
            ),
        ] {
            let verdict = decide(&index, &claims(&[text]), 0);
            assert_eq!(verdict.label, label, "{text}: {}", verdict.reasoning);
            assert!(
                verdict.reasoning.contains(words),
                "{text}: {}",
                verdict.reasoning
            );
        }
    }

    #[test]
    fn a_pronoun_is_read_with_the_claim_before() {
        let index = SourceIndex::new(SOURCE);
        let claims = claims(&[
            "The ferry Alba sank off Corrin.",
            "Its captain did not survive.",
        ]);
        let verdict = decide(&index, &claims, 1);
        assert_eq!(verdict.label, Label::Supported, "{}", verdict.reasoning);
        assert!(verdict.evidence[0].text.starts_with("Its captain"));
    }

    #[test]
    fn values_belong_to_what_they_are_said_of() {
        let vote = "In March the council voted for the plan.";
        let coded = "Valve V1 opens at 30 bar in hall H1. Valve V2 opens at 40 bar in hall H2. \
            Valve V3 opens at 50 bar in hall H3.";
        let pumps = "Pump 16 runs at 1016 rpm. Pump 17 runs at 1017 rpm. Pump 18 runs at 1018 rpm.";
        let towers = "Tower 7 of the harbour has 10 floors and was painted in 1907. Tower 99 of the \
            harbour has 42 floors and was painted in 1999.";
        let years =
            "In 2020 the mill earned 5 million euros. In 2021 the mill earned 7 million euros.";
        let ways = "Sales rose by 12% in the first quarter and fell by 3% in the second.";
        let budget =
            "The budget for 2022 was 3.1 million dollars. The budget for 2023 was 2.4 million.";
        let rows = "| Year | Sold |\n|---|---|\n| 2022 | 45.300 € |\n| 2023 | 52.750 € |\n";
        let plans = "Plan | Price | Storage\nBasic | 9 euros | 50 GB\nPlus | 19 euros | 200 GB\nMax | 39 euros | 900 GB\n";
        let (supported, refuted, open) = (Label::Supported, Label::Refuted, Label::NotEnoughInfo);
        for (source, text, label) in [
            (pumps, "Pump 17 runs at 1017 rpm.", supported),
            (pumps, "Pump 17 runs at 1018 rpm.", refuted),
            (vote, "The council supported the plan.", supported),
            (vote, "The council voted against the plan.", refuted),
            (vote, "The council opposed the plan.", refuted),
            (coded, "Valve V2 opens at 40 bar.", supported),
            (coded, "Valve V2 opens at 50 bar.", refuted),
            (coded, "Valve V3 opens at 30 bar in hall H3.", refuted),
            (coded, "Valve V3 opens in hall H1.", refuted),
            (pumps, "Pump 18 runs at 1016 rpm.", refuted),
            (towers, "Tower 99 of the harbour has 42 floors.", supported),
            (towers, "Tower 7 of the harbour has 99 floors.", refuted),
            (
                towers,
                "Tower 7 of the harbour was painted in 1999.",
                refuted,
            ),
            (
                years,
                "In 2020 the mill earned 5 million euros and in 2021 7 million euros.",
                supported,
            ),
            (years, "In 2020 the mill earned 7 million euros.", refuted),
            (ways, "Sales rose by 12% in the first quarter.", supported),
            (ways, "Sales fell by 3% in the second quarter.", supported),
            (ways, "Sales fell by 12% in the first quarter.", refuted),
            (budget, "The budget shrank by 700,000 dollars.", open),
            (rows, "| 2022 | 45.300 € |", supported),
            (plans, "The Plus plan costs 19 euros.", supported),
            (plans, "The Plus plan costs 39 euros.", refuted),
        ] {
            let verdict = decide(&SourceIndex::new(source), &claims(&[text]), 0);
            assert_eq!(verdict.label, label, "{text}: {}", verdict.reasoning);
        }
    }

    #[test]
    fn each_language_has_its_own_negators() {
        let source = "Der Verein betreibt z. B. zwei Büchereien und keinen Kindergarten. Der Vorstand traf \
            sich im Mai.";
        let index = SourceIndex::new(source);
        for (text, label) in [
            ("Der Verein betreibt einen Kindergarten.", Label::Refuted),
            ("Der Verein betreibt keinen Kindergarten.", Label::Supported),
            ("Der Vorstand traf sich im Mai.", Label::Supported),
        ] {
            let verdict = decide(&index, &claims(&[text]), 0);
            assert_eq!(verdict.label, label, "{text}: {}", verdict.reasoning);
        }
        let verdict = decide(&index, &claims(&["Der Vorstand traf sich im Juni."]), 0);
        assert!(
            !verdict.reasoning.contains("negates"),
            "{}",
            verdict.reasoning
        );
    }

    #[test]
    fn a_source_without_words_supports_nothing() {
        for source in ["", "\n\n", "!!!"] {
            let verdict = decide(&SourceIndex::new(source), &claims(&["The ferry sank."]), 0);
            assert_eq!(verdict.label, Label::NotEnoughInfo);
            assert!(verdict.evidence.is_empty());
        }
    }
}
