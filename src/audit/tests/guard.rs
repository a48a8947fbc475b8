//! Time that is over never lets an answer through, and takes what it says it takes.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::domain::issue::Issue;
use crate::judges::{Answer as Judged, Assessing, Assessment, JudgeError, Outcome, offline};

const SOURCE: &str = "The mill was built in 1874. It is 31 metres high and belongs to the town.";
const TRUE: &str = "The mill was built in 1874.";
const FALSE: &str = "The mill was built in 1902.";

/// A judge that asks others: after so long it gives this score, or fails, or never answers at all.
struct Slow {
    profile: Profile,
    after: Option<Duration>,
    score: Option<f64>,
    asked: Arc<AtomicUsize>,
}

impl Judge for Slow {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn assess(&self, _: Arc<Case>) -> Assessing {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let (after, score) = (self.after, self.score);
        Box::pin(async move {
            match after {
                Some(after) => tokio::time::sleep(after).await,
                None => std::future::pending().await,
            }
            let no_issues: Vec<Issue> = Vec::new();
            Outcome::of(
                1,
                score
                    .map(|score| {
                        Judged::Scored(Assessment {
                            score,
                            confidence: 0.9,
                            reasoning: String::new(),
                            issues: no_issues,
                            claim_labels: Vec::new(),
                        })
                    })
                    .ok_or_else(|| JudgeError::Internal("it broke".to_owned())),
            )
        })
    }
}

fn guard(after: Option<Duration>, score: Option<f64>) -> (Guard, Arc<AtomicUsize>) {
    let cores = Cores::new(2);
    let asked = Arc::new(AtomicUsize::new(0));
    let slow = Slow {
        profile: Profile {
            name: "slow".to_owned(),
            kind: "openai".to_owned(),
            model: "slow".to_owned(),
            offline: false,
            weight: 1.0,
        },
        after,
        score,
        asked: Arc::clone(&asked),
    };
    let mut judges: Vec<Arc<dyn Judge>> = vec![Arc::new(slow)];
    for kind in ["facts", "logic", "lexical"] {
        judges.push(offline::build(kind, kind, 1.0, cores.clone()).unwrap());
    }
    let guard = Guard {
        judges: JudgeTable::new(judges),
        figures: figures::Settings::default(),
        calibration: None,
        cores,
        encoder: None,
        allowed_phrases: Arc::default(),
    };
    (guard, asked)
}

fn answer(candidate: &str, judges: &[&str]) -> Answer {
    Answer {
        source: (SOURCE.to_owned(), Vec::new()),
        candidate: candidate.to_owned(),
        question: None,
        judges: judges.iter().map(|name| (*name).to_owned()).collect(),
        user: None,
        run_budget: RunBudget::default(),
        threshold: None,
        accept_missing: false,
        asked_elsewhere: Vec::new(),
    }
}

async fn check(guard: &Guard, answer: Answer, budget: Duration) -> Checked {
    let (_, elsewhere) = mpsc::channel(1);
    guard
        .check(answer, Instant::now() + budget, elsewhere)
        .await
}

const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn offline_judges_pass_what_holds_and_flag_what_does_not() {
    let (guard, asked) = guard(None, None);
    let names = ["facts", "logic", "lexical"];
    let held = check(&guard, answer(TRUE, &names), LONG).await;
    assert_eq!(held.verdict, GuardVerdict::Pass, "{held:?}");
    assert!(held.missing.is_empty() && held.reasons.is_empty());
    assert_eq!(held.reports.len(), 3);
    let wrong = check(&guard, answer(FALSE, &names), LONG).await;
    assert_eq!(wrong.verdict, GuardVerdict::Flag);
    assert_eq!(wrong.reasons, [GuardReason::BelowThreshold]);
    assert_eq!(wrong.verdicts.len(), 1);
    assert_eq!(asked.load(Ordering::Relaxed), 0, "nobody else is asked");
}

#[tokio::test]
async fn a_judge_that_never_answers_is_missing_and_its_silence_passes_nothing() {
    let (guard, asked) = guard(None, None);
    let names = ["facts", "slow", "logic", "lexical"];
    let budget = Duration::from_millis(700);
    let began = Instant::now();
    let checked = check(&guard, answer(TRUE, &names), budget).await;
    assert!(began.elapsed() >= budget);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    assert_eq!(checked.missing, ["slow"]);
    assert_eq!(checked.reasons, [GuardReason::NotHeard]);
    assert_eq!(checked.verdict, GuardVerdict::Flag);
    let figure = checked.faithfulness.unwrap();
    assert!(
        !figure.flagged,
        "by those who were heard it holds: {figure:?}"
    );
    let slow = checked
        .reports
        .iter()
        .find(|report| report.judge_name == "slow");
    assert_eq!(slow.unwrap().status, JudgeStatus::Timeout);
    let order: Vec<_> = checked
        .reports
        .iter()
        .map(|report| &*report.judge_name)
        .collect();
    assert_eq!(order, names);
}

#[tokio::test]
async fn whoever_accepts_that_judges_elsewhere_are_missing_gets_the_verdict_of_the_others() {
    let (guard, _) = guard(None, None);
    let names = ["facts", "slow", "logic", "lexical"];
    let lenient = |candidate| Answer {
        accept_missing: true,
        ..answer(candidate, &names)
    };
    let budget = Duration::from_millis(700);
    let held = check(&guard, lenient(TRUE), budget).await;
    assert_eq!((held.verdict, held.missing.len()), (GuardVerdict::Pass, 1));
    let wrong = check(&guard, lenient(FALSE), budget).await;
    assert_eq!(wrong.verdict, GuardVerdict::Flag);
}

#[tokio::test]
async fn a_time_that_was_over_before_anything_was_read_flags_and_names_everybody() {
    let (guard, asked) = guard(Some(Duration::ZERO), Some(99.0));
    let names = ["facts", "slow", "logic", "lexical"];
    for accept_missing in [false, true] {
        let answer = Answer {
            accept_missing,
            ..answer(TRUE, &names)
        };
        let checked = check(&guard, answer, Duration::ZERO).await;
        assert_eq!(checked.verdict, GuardVerdict::Flag);
        assert_eq!(
            checked.reasons,
            [GuardReason::NoScore, GuardReason::NotHeard]
        );
        assert_eq!(checked.missing, names);
        assert!(checked.faithfulness.is_none() && checked.verdicts.is_empty());
    }
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_judge_that_fails_is_missing_too_and_one_that_is_in_time_is_heard() {
    let names = ["facts", "slow", "logic", "lexical"];
    let (broken, _) = guard(Some(Duration::ZERO), None);
    let checked = check(&broken, answer(TRUE, &names), LONG).await;
    assert_eq!(
        (checked.verdict, &*checked.missing),
        (GuardVerdict::Flag, &["slow".to_owned()][..])
    );
    let (quick, _) = guard(Some(Duration::from_millis(5)), Some(99.0));
    let checked = check(&quick, answer(TRUE, &names), LONG).await;
    assert_eq!(
        (checked.verdict, checked.missing.len()),
        (GuardVerdict::Pass, 0)
    );
}

#[tokio::test]
async fn without_a_claim_nobody_is_asked() {
    let (guard, asked) = guard(None, None);
    let checked = check(
        &guard,
        answer("Hello! How are you?", &["facts", "slow"]),
        LONG,
    )
    .await;
    assert_eq!(checked.verdict, GuardVerdict::NothingToCheck);
    assert_eq!(checked.nothing_because(), Some("no_claim"));
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_threshold_of_ones_own_counts() {
    let (guard, _) = guard(None, None);
    let names = ["facts", "logic", "lexical"];
    let strict = Answer {
        threshold: Some(1.0),
        ..answer(TRUE, &names)
    };
    let checked = check(&guard, strict, LONG).await;
    assert_eq!(checked.reasons, [GuardReason::BelowThreshold]);
    let figure = checked.faithfulness.unwrap();
    assert!(figure.flagged && figure.threshold == 1.0);
}

#[tokio::test]
async fn what_a_run_has_stored_is_heard_for_the_judges_that_it_asks_and_no_others() {
    let (guard, asked) = guard(None, None);
    let names = ["facts", "slow", "logic", "lexical"];
    let (stored, elsewhere) = mpsc::channel(4);
    let quick = guard_report("slow");
    let of_run = OfRun {
        claims: Vec::new(),
        reports: vec![guard_report("facts"), quick],
    };
    stored.send(of_run).await.unwrap();
    let answer = Answer {
        asked_elsewhere: vec!["slow".to_owned()],
        ..answer(TRUE, &names)
    };
    let checked = guard.check(answer, Instant::now() + LONG, elsewhere).await;
    assert_eq!(asked.load(Ordering::Relaxed), 0, "the run asks it");
    assert!(checked.missing.is_empty(), "{:?}", checked.missing);
    let facts = &checked.reports[0];
    assert_eq!((&*facts.judge_name, &*facts.model), ("facts", "facts/1"));
}

/// A report as a run stores it.
fn guard_report(name: &str) -> JudgeReport {
    JudgeReport {
        judge_name: name.to_owned(),
        kind: "openai".to_owned(),
        model: "stored".to_owned(),
        status: JudgeStatus::Completed,
        score: Some(95.0),
        confidence: Some(0.9),
        reasoning: String::new(),
        flagged_issues: Vec::new(),
        claim_verdicts: Vec::new(),
        response_time_ms: 1,
        attempts: 1,
        usage: None,
        error: None,
        failure: None,
        details: None,
    }
}

#[test]
fn what_is_left_of_the_time_is_there_for_the_conclusion() {
    let now = Instant::now();
    let left = Duration::from_secs(2);
    assert_eq!(concluded_by(now + left, now), now + left + SUMMING_UP);
    assert_eq!(concluded_by(now, now + left), now + left + SUMMING_UP);
}
