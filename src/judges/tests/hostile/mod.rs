//! Every rule over texts takes time linear in their length, whatever they are made of.
//!
//! What a rule does happens inside of the standard library as often as in loops of our own (`find`,
//! `trim_start_matches`, regular expressions of the tokenizer), so that no counter of steps sees all of
//! it. Counted is the time that the thread is on the processor, for n bytes and for four times as many, and
//! again for larger ones where the two differ suspiciously: other processes change it little, and what
//! is quadratic takes sixteen times as long, not four.

mod shapes;

use std::sync::Arc;
use std::time::Duration;

use crate::computing::recorder::{gaps, on_processor};
use crate::domain::ids::ClaimId;
use crate::evidence::compared::ComparedClaims;
use crate::evidence::{SourceIndex, decide, passages};
use crate::judges::Case;
use crate::judges::injection::{self, AllowedPhrases};
use crate::judges::offline::answers;
use crate::judges::sample::case;
use crate::text::language::Language;
use crate::text::{chunks, claims, hidden, sentences, terms};

/// Bytes of the shorter of two texts that are compared first.
const SHORT: usize = 1_500;
/// Four times the text may take so many times as long: 4 with what is left of noise.
const MOST: f64 = 7.5;
/// Below that, a difference is noise.
const LEAST: Duration = Duration::from_millis(4);
/// Texts up to which a suspicion is looked into.
const LONG: usize = 48_000;
/// Of the shapes that are many, each so many-th is tried with rules that are quick, and with the others.
const OF_QUICK: usize = 97;
const OF_OTHERS: usize = 811;

/// The least of `times` runs.
fn time(times: usize, work: impl Fn()) -> Duration {
    let once = || {
        let begun = on_processor();
        work();
        on_processor() - begun
    };
    (0..times).map(|_| once()).min().unwrap_or_default()
}

/// How many times as long the rule takes for four times the text, if that is too long.
fn superlinear(rule: &dyn Fn(&str), shape: &shapes::Shape) -> Option<(usize, f64)> {
    let mut bytes = SHORT;
    let mut short = time(1, || rule(&shape.text(bytes)));
    let mut times = 1;
    loop {
        let text = shape.text(bytes * 4);
        let long = time(times, || rule(&text));
        let ratio = long.as_secs_f64() / short.as_secs_f64().max(1e-9);
        if long < LEAST || ratio < MOST {
            return None;
        }
        if times > 1 && (bytes * 4 >= LONG || long > Duration::from_secs(4)) {
            return Some((bytes, ratio));
        }
        // Once more, with the best of three, and longer.
        if times > 1 {
            bytes *= 4;
        }
        times = 3;
        short = time(times, || rule(&shape.text(bytes)));
    }
}

/// The shapes of this run: all of them take hours in a build that is not optimised, so that a run tries
/// some. `AUDITOR_TEST_SHAPES=1` tries all.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a test run may take is not a setting of the program"
)]
fn tried(nth: usize) -> Vec<shapes::Shape> {
    let asked = std::env::var("AUDITOR_TEST_SHAPES").ok();
    let nth = asked.and_then(|nth| nth.parse().ok()).unwrap_or(nth);
    shapes::all(nth)
}

#[track_caller]
fn linear(name: &str, nth: usize, rule: impl Fn(&str)) {
    rule("warm: 1,200 words.");
    let mut slow = Vec::new();
    for shape in tried(nth) {
        if let Some((bytes, ratio)) = superlinear(&rule, &shape) {
            let told = format!(
                "{name}: {}: {ratio:.1} times from {bytes} bytes",
                shape.name
            );
            eprintln!("{told}");
            slow.push(told);
        }
    }
    assert!(
        slow.is_empty(),
        "{} shapes\n{}",
        slow.len(),
        slow.join("\n")
    );
}

/// The case of a run, with the claims as it cuts them.
fn of_run(source: &str, candidate: &str) -> Case {
    let id = |index| ClaimId::new(uuid::Uuid::from_u128(index as u128 + 1));
    let case = case(source, candidate);
    let index = Arc::clone(case.compared.index());
    let claims = claims::numbered(candidate, id);
    Case {
        compared: Arc::new(ComparedClaims::new(index, claims.into())),
        ..case
    }
}

const MILL: &str =
    "The mill was built in 1812 by Anna Berg. It sold 1,200 sacks in 1902, and did not burn.";

#[test]
fn signs_of_injection_are_found_in_linear_time() {
    // What detects them, and what is made of each; the first is a part of the second.
    linear("injection", OF_QUICK, |text| {
        injection::signs(text, "", None, &AllowedPhrases::default());
    });
}

#[test]
fn hidden_text_and_languages_are_found_in_linear_time() {
    linear("hidden", OF_QUICK, |text| {
        hidden::visible(text);
        Language::of(text);
    });
}

#[test]
fn texts_are_cut_in_linear_time() {
    linear("sentences", OF_QUICK, |text| {
        sentences::split(text);
    });
}

#[test]
fn claims_are_cut_in_linear_time() {
    linear("claims", OF_OTHERS, |text| {
        claims::cut(text);
    });
}

#[test]
fn sources_are_indexed_in_linear_time() {
    linear("index", OF_OTHERS, |text| {
        SourceIndex::new(text);
    });
}

#[test]
fn what_a_source_says_of_a_claim_is_found_in_linear_time() {
    let case = of_run(MILL, MILL);
    let claims = case.claims();
    linear("decide", OF_OTHERS, |text| {
        let index = SourceIndex::new(text);
        decide(&index, claims, 0);
        passages::select(&index, claims, Some(MILL), 500);
    });
}

#[test]
fn claims_are_decided_in_linear_time() {
    let index = SourceIndex::new(MILL);
    linear("verify", OF_OTHERS, |text| {
        let case = of_run("", text);
        let claims = case.claims();
        for at in 0..claims.len() {
            decide(&index, claims, at);
        }
    });
}

#[test]
fn judges_take_linear_time() {
    linear("judges", OF_OTHERS, |text| {
        answers(&of_run(MILL, text));
    });
}

#[test]
fn documents_are_cut_in_linear_time() {
    linear("chunks", OF_QUICK, |text| {
        chunks::chunks(text);
        terms::query(&[Language::English, Language::German], text, 64);
    });
}

/// What a run of the longest texts does between two looks at whether it is still wanted, in a build that is
/// not optimised on a machine that is busy; optimised it is a tenth.
const GAP: Duration = Duration::from_secs(1);

#[test]
fn a_computation_looks_often_whether_it_is_still_wanted() {
    for unit in [
        "The mill sold 1,200 sacks in 1902. ",
        "Anna Berg met Paul Keane near Harlow. ",
        "word ",
        "=== [",
        "漢",
    ] {
        let text = unit.repeat(200_000 / unit.len());
        let (longest, passed, ()) = gaps(|| {
            let case = of_run(&text, &text[..text.floor_char_boundary(50_000)]);
            passages::select(case.index(), case.claims(), None, 12_000);
            answers(&case);
        });
        assert!(longest < GAP, "{unit}: {longest:?} in {passed}");
    }
}
