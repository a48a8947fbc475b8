use super::*;
use crate::cli::run_cases::record::ClaimRecord;
use crate::cli::run_cases::record::tests::sample;
use crate::domain::claim::Span;

fn failed(id: &str, claims: usize) -> Record {
    let claim = ClaimRecord {
        text: "It was <b>built</b> by @mayor in `1902`.\n## Not a heading".to_owned(),
        span: Span { start: 0, end: 4 },
        label: Label::Refuted,
        confidence: 0.9,
        probability: None,
        reasoning: "the year | differs".to_owned(),
        evidence: Vec::new(),
    };
    Record {
        outcome: Outcome::Failed,
        probability: Some(0.1),
        error: None,
        claims: vec![claim; claims],
        ..sample(id)
    }
}

fn summary(worst: &Worst, failures: &[String], tally: Tally) -> (String, String) {
    let summary = Summary {
        tally,
        gate: Gate {
            min_faithful: Some(0.9),
            no_worse_by: None,
        },
        failures,
        compared: None,
        bridged: false,
        ruler: &Ruler::default(),
        worst,
    };
    (summary.text(), summary.markdown())
}

#[test]
fn nothing_of_a_text_is_read_as_markdown() {
    let mut worst = Worst::default();
    worst.add(1, &failed("b", 7));
    worst.add(0, &sample("a"));
    let tally = Tally {
        passed: 8,
        failed: 1,
        errored: 1,
        nothing: 0,
    };
    let (text, markdown) = summary(&worst, &["--min-faithful: too few".to_owned()], tally);
    assert!(text.starts_with(
        "10 outputs: 8 passed, 1 failed, 1 errored, 0 with nothing to check; 88.9 % not flagged\n"
    ));
    assert!(
        text.ends_with("--min-faithful: too few\nnot all items could be judged\n"),
        "{text}"
    );
    for raw in ["<b>", "@mayor", " `1902", "\n## Not", "year | differs"] {
        assert!(!markdown.contains(raw), "{raw}: {markdown}");
    }
    assert!(markdown.contains("&lt;b&gt;built&lt;/b&gt;"), "{markdown}");
    assert!(markdown.find("**a (a.jsonl, line 3)**") < markdown.find("**b (a.jsonl, line 3)**"));
    assert!(
        markdown.contains("(failed, chance 0.10)") && markdown.contains("- and 2 more"),
        "{markdown}"
    );
}

#[test]
fn the_first_items_are_shown_in_whatever_order_they_come() {
    let mut worst = Worst::default();
    for at in (0..ITEMS + 5).rev() {
        worst.add(at, &failed(&format!("n{at}"), 1));
    }
    let (_, markdown) = summary(&worst, &[], Tally::default());
    assert!(
        markdown.contains("**n0 ") && markdown.contains("**n19 ") && !markdown.contains("**n20 ")
    );
    assert!(markdown.contains("and 5 more outputs"));
}

#[test]
fn the_commonest_error_is_told_and_an_item_of_a_list_by_its_position() {
    let mut worst = Worst::default();
    for (at, error) in ["slow", "gone", "slow"].into_iter().enumerate() {
        let record = Record {
            error: Some(error.to_owned()),
            line: None,
            item: Some(at + 1),
            ..sample("a")
        };
        worst.add(at, &record);
    }
    let (text, markdown) = summary(&worst, &[], Tally::default());
    let told = "the commonest error, of 2 items: slow";
    assert!(text.contains(told) && markdown.contains(told), "{text}");
    assert!(markdown.contains("**a (a.jsonl, item 2)**"), "{markdown}");
}
