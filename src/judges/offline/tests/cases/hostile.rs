//! Texts that are made to be slow, many or unwanted.

use std::time::{Duration, Instant};

use super::*;
use crate::computing::Cores;
use crate::evidence::index::COMPARED;
use crate::judges::offline::{Judge, OfflineJudge, Profile};

/// Far above what the work takes in a debug build, far below what it took when it was cubic.
const PATIENCE: Duration = Duration::from_secs(5);

/// Every second word a name, rotated by some words, in one sentence.
fn alternating(turn: usize) -> String {
    let mut words: Vec<String> = (0..280u32)
        .map(|at| {
            let letter = |digit: u32| char::from_u32(u32::from(b'a') + digit).unwrap();
            let (one, two) = (letter(at % 26), letter(at / 26));
            if at % 2 == 0 {
                format!("{}{two}q", one.to_ascii_uppercase())
            } else {
                format!("{one}{two}q")
            }
        })
        .collect();
    words.rotate_left(turn * 17);
    words.join(" ") + "."
}

#[test]
fn a_sentence_of_names_takes_no_cubic_time() {
    let source = (0..16).map(alternating).collect::<Vec<_>>().join(" ");
    let case = case(&source, &alternating(3));
    assert_eq!(case.claims().len(), 1);
    let start = Instant::now();
    assert_eq!(verdicts(&case).len(), 1);
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

#[test]
fn issues_are_listed_up_to_a_limit_and_labels_are_not() {
    let candidate = "The mill employs 1,500 workers. ".repeat(250);
    let Answer::Scored(assessment) = facts::judge(&case(MILL, &candidate)) else {
        panic!("a number concerns the judge of facts");
    };
    assert_eq!(assessment.claim_labels.len(), 250);
    assert_eq!(assessment.issues.len(), 200);
    let words = "and 246 more, of which the first 200 in all are listed";
    assert!(
        assessment.reasoning.ends_with(words),
        "{}",
        assessment.reasoning
    );
}

/// What never ends but by being stopped.
fn endless(_: &Case) -> Answer {
    loop {
        crate::computing::checkpoint();
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn dropping_the_answer_stops_the_work() {
    let cores = Cores::one_at_a_time();
    let judge = OfflineJudge {
        profile: Profile {
            name: "endless".to_owned(),
            kind: "endless".to_owned(),
            model: "endless/1".to_owned(),
            offline: true,
            weight: 1.0,
        },
        judge: endless,
        cores: cores.clone(),
    };
    let asked = tokio::spawn(judge.assess(Arc::new(case(MILL, "The mill stands."))));
    while cores.free() > 0 {
        tokio::task::yield_now().await;
    }
    asked.abort();
    let free = async {
        while cores.free() == 0 {
            tokio::task::yield_now().await;
        }
    };
    let free = tokio::time::timeout(PATIENCE, free).await;
    assert!(free.is_ok(), "the thread goes on computing");
}

/// Pairs of words that all judges compare.
fn work(source: &str, candidate: &str) -> u64 {
    let case = case(source, candidate);
    COMPARED.set(0);
    answers(&case);
    COMPARED.get()
}

/// Texts that repeat what makes a verifier look again: one word, names, negations, numbers.
const STUBBORN: [&str; 5] = [
    "The mill mill mill mill mill mill employs mill mill workers. ",
    "Anna Vries met Paul Keane and Clara Boyd near Harlow. ",
    "The board did not never not approve no sale without no vote. ",
    "In 1902 the mill sold 1,200 sacks and 1,300 sacks for 12% more. ",
    "The port before the mill after the port before the mill closed. ",
];

#[test]
fn twice_the_text_is_about_twice_the_work() {
    for text in STUBBORN {
        let claim = text.trim_end();
        // The source grows: what is compared with one claim is bound by the sentences ranked best.
        let small = work(&text.repeat(50), claim);
        let large = work(&text.repeat(400), claim);
        assert!(
            small > 0 && large <= 2 * small,
            "source: {small} {large} {text}"
        );
        // Both grow: each claim costs the same.
        let small = work(&text.repeat(50), &text.repeat(10));
        let large = work(&text.repeat(400), &text.repeat(80));
        assert!(large <= 8 * 2 * small, "both: {small} {large} {text}");
    }
}
