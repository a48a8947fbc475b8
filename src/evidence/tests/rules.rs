//! Each rule by itself, on its examples; and `docs/explanation/rules.md`, which is made from the table.
//!
//! `UPDATE_RULES=1 cargo test --lib rules_page` writes the page anew. Otherwise the test fails where the page is
//! not what the table gives.

use std::collections::HashSet;
use std::fmt::Write;

use super::*;
use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::ids::ClaimId;
use crate::evidence::SourceIndex;
use crate::evidence::comparison::Comparison;
use crate::evidence::rule::Example;
use crate::evidence::rule::Strength;

fn claims(text: &str) -> [Claim; 1] {
    [Claim {
        id: ClaimId::new(uuid::Uuid::from_u128(1)),
        index: 0,
        text: text.to_owned(),
        kind: ClaimType::Factual,
        span: Span {
            start: 0,
            end: text.encode_utf16().count(),
        },
    }]
}

/// What one rule finds where no other is asked.
fn alone(rule: &Rule, index: &SourceIndex, claims: &[Claim]) -> Vec<(Aspect, Strength)> {
    let mut alignment = Alignment::new(index, claims, 0);
    let mut checked = Checked::default();
    match rule.check {
        Check::Values(check) => check(&alignment, &mut checked),
        Check::Field(check) => {
            fields::forget_name(&mut alignment);
            check(&alignment, &mut checked);
        }
        Check::Row(check) => check(&mut alignment, &mut checked),
        Check::Sentence(check) => {
            // A counter-example that no sentence is aligned with would prove nothing.
            let pair = Pair::of(&alignment).expect("an aligned sentence");
            check(&pair, &mut checked);
        }
    }
    kinds(checked.findings.iter())
}

fn kinds<'f>(
    findings: impl Iterator<Item = &'f crate::evidence::finding::Finding>,
) -> Vec<(Aspect, Strength)> {
    let strength = |against| {
        if against {
            Strength::Contradicts
        } else {
            Strength::NotStated
        }
    };
    findings
        .map(|finding| (finding.aspect, strength(finding.against)))
        .collect()
}

#[test]
fn each_rule_finds_what_its_examples_say_and_nothing_else() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for example in rule.examples {
            let (index, claims) = (SourceIndex::new(example.source), claims(example.claim));
            let found = alone(rule, &index, &claims);
            let expected: Vec<(Aspect, Strength)> = example.finds.into_iter().collect();
            if found != expected {
                wrong.push(format!(
                    "{}: {:?} finds {found:?}",
                    rule.name, example.claim
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// No other rule takes back what an example shows, or keeps its rule from being asked.
#[test]
fn the_whole_comparison_finds_what_the_examples_say() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for example in rule.examples {
            let (index, claims) = (SourceIndex::new(example.source), claims(example.claim));
            let found = kinds(Comparison::new(&index, &claims, 0).findings().into_iter());
            if example
                .finds
                .is_some_and(|expected| !found.contains(&expected))
            {
                wrong.push(format!(
                    "{}: {:?} finds {found:?}",
                    rule.name, example.claim
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_rule_has_a_name_of_its_own_a_sentence_and_both_kinds_of_examples() {
    let mut names = HashSet::new();
    for rule in RULES {
        assert!(names.insert(rule.name), "{} stands twice", rule.name);
        assert!(rule.finds.ends_with('.'), "{}", rule.name);
        let finds = |it: &&Example| it.finds.is_some();
        let firing = rule.examples.iter().filter(finds).count();
        assert!(
            (1..rule.examples.len()).contains(&firing),
            "{} has {firing} of {} that it finds something in",
            rule.name,
            rule.examples.len()
        );
    }
}

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/explanation/rules.md");

const HEAD: &str = "\
<!-- Made from the table in src/evidence/rules.rs: UPDATE_RULES=1 cargo test --lib rules_page -->

# The rules

The verifier and the judges `facts` and `logic` compare a claim with its evidence by these rules, in this order.
A finding either contradicts the claim (the source says otherwise) or says that it is not stated (the source does not say so).
What the findings make of a claim's probabilities is told in [what the figures mean](figures.md); how often the whole is right, in [accuracy](accuracy.md).

Each example is a test: the rule, asked alone, finds in it what is said here and nothing else.
";

fn page() -> String {
    let mut out = HEAD.to_owned();
    let mut part = "";
    for rule in RULES {
        let (heading, about) = match rule.check {
            Check::Values(_) => (
                "Values and names",
                "Numbers, dates, names and identifiers are compared with those of all sentences that speak of the same.",
            ),
            Check::Field(_) => (
                "Lines with a name and a value",
                "Of a claim such as \"Town: Oslo\" the name says what the value is, in a word that the source need not have.",
            ),
            Check::Row(_) => (
                "Rows of tables",
                "A claim that names a row of a table is compared with that row.",
            ),
            Check::Sentence(_) => (
                "The best sentence",
                "These rules compare the claim with the one sentence that has most of it; where no sentence has half of it, none of them is asked.",
            ),
        };
        if heading != part {
            let _ = write!(out, "\n## {heading}\n\n{about}\n");
            part = heading;
        }
        let _ = write!(out, "\n### {}\n\n{}\n", rule.name, rule.finds);
        out.push_str(match rule.asked {
            Asked::Always => "",
            Asked::UnlessContradicted => {
                "It is asked only where no rule before it in its part contradicts the claim.\n"
            }
            Asked::WithTheRuleBefore => "It is asked where the rule before it is.\n",
        });
        out.push_str("\n| source | claim | what is found |\n|---|---|---|\n");
        for example in rule.examples {
            let _ = writeln!(
                out,
                "| {} | {} | {} |",
                cell(example.source),
                cell(example.claim),
                match example.finds {
                    None => "nothing".to_owned(),
                    Some((aspect, Strength::Contradicts)) =>
                        format!("contradicts: {}", word(aspect)),
                    Some((aspect, Strength::NotStated)) => format!("not stated: {}", word(aspect)),
                }
            );
        }
    }
    out
}

/// What a finding rests on, in a word.
fn word(aspect: Aspect) -> String {
    format!("{aspect:?}").to_lowercase()
}

fn cell(text: &str) -> String {
    text.trim().replace('|', "\\|").replace('\n', "<br>")
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the variable is the test's own, not a setting"
)]
fn rules_page() {
    if std::env::var_os("UPDATE_RULES").is_some() {
        std::fs::write(PAGE, page()).unwrap();
    }
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        written == page(),
        "docs/explanation/rules.md is not what the table gives: UPDATE_RULES=1 cargo test --lib rules_page"
    );
}
