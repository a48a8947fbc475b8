//! What an audit made by hand looks like: the snapshots are what a person sees.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use uuid::Uuid;

use super::*;
use crate::domain::claim::{Claim, ClaimType};
use crate::domain::event::Completed;
use crate::domain::ids::ClaimId;
use crate::domain::injection::{
    InjectionFindings, InjectionSign, OfflineComparison, Place, SignKind,
};
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::domain::report::{JudgeReport, JudgeStatus};
use crate::domain::result::{
    Agreement, AuditResult, ClaimCounts, ConfidenceInterval, Faithfulness, HallucinationComponents,
    JudgeCounts, Outcome, ProbabilityInterval, Reliability, Statistics,
};
use crate::domain::settings::AggregationStrategy;
use crate::domain::verdict::{Evidence, JudgeOpinion, Probabilities, Verdict};

const SOURCE: &str = "The funicular of Bergen opened in January 1918. It climbs 302 metres to Mount \
    Fløyen in about six minutes. Two cars, one red and one blue, pass each other half way. The line \
    was rebuilt in 2002.";
const CANDIDATE: &str = "Bergen's funicular opened in 1918. It climbs 450 metres to Mount Fløyen. \
    Its engineers were trained in Zürich.";

fn style(width: usize) -> Style {
    Style {
        colour: false,
        width,
        unicode: true,
        live: false,
    }
}

fn decided(i: usize, text: &str, label: Label, evidence: &str, reasoning: &str) -> EventBody {
    let start = CANDIDATE
        .find(text)
        .map_or(0, |byte| CANDIDATE[..byte].encode_utf16().count());
    let claim = Claim {
        id: ClaimId::new(Uuid::from_u128(i as u128)),
        index: i,
        text: text.to_owned(),
        kind: ClaimType::Factual,
        span: Span {
            start,
            end: start + text.encode_utf16().count(),
        },
    };
    let evidence = Evidence {
        text: evidence.to_owned(),
        span: Span { start: 0, end: 1 },
        source: "source_text".to_owned(),
        document: None,
    };
    EventBody::ClaimVerdict(Box::new(ClaimDecided {
        verdict: Verdict {
            claim,
            label,
            confidence: 0.91,
            probability: Probabilities::from_label(label, 0.91),
            evidence: if evidence.text.is_empty() {
                Vec::new()
            } else {
                vec![evidence]
            },
            reasoning: reasoning.to_owned(),
        },
        completed: i + 1,
        total: 3,
    }))
}

fn progress(stage: Stage, progress: f64, stage_progress: f64, message: &str) -> EventBody {
    EventBody::EvaluationProgress(Progress {
        stage,
        progress,
        stage_progress,
        message: message.to_owned(),
    })
}

fn report(name: &str, status: JudgeStatus, score: Option<f64>) -> JudgeReport {
    JudgeReport {
        judge_name: name.to_owned(),
        kind: name.to_owned(),
        model: "1".to_owned(),
        status,
        score,
        confidence: score.map(|_| 0.82),
        reasoning: "nothing in the texts concerns it".to_owned(),
        flagged_issues: Vec::new(),
        claim_verdicts: Vec::new(),
        response_time_ms: 12,
        attempts: 1,
        usage: None,
        error: None,
        failure: None,
        details: None,
    }
}

fn events() -> Vec<EventBody> {
    let mut facts = report("facts", JudgeStatus::Completed, Some(38.0));
    facts.flagged_issues.push(Issue {
        kind: IssueType::NumericalError,
        severity: Severity::High,
        description: "450 metres stands against 302 metres in the source".to_owned(),
        span: None,
        unmatched_quote: None,
    });
    let mut remote = report("gpt-4o-mini", JudgeStatus::Timeout, None);
    remote.attempts = 3;
    remote.response_time_ms = 180_400;
    remote.error = Some("no answer within 60000 ms".to_owned());
    let completed = Completed {
        result: result(),
        degraded: true,
        processing_time_ms: 180_450,
    };
    vec![
        progress(Stage::Queued, 0.0, 0.0, "waiting for its turn"),
        progress(
            Stage::ClaimExtraction,
            0.0,
            0.0,
            "cutting the output into claims",
        ),
        progress(Stage::ClaimExtraction, 5.0, 100.0, "3 claims found"),
        progress(
            Stage::Verification,
            10.0,
            0.0,
            "checking 3 claims against the source",
        ),
        decided(
            0,
            "Bergen's funicular opened in 1918.",
            Label::Supported,
            "The funicular of Bergen opened in January 1918.",
            "subject, event and year are in one sentence of the source",
        ),
        progress(Stage::Verification, 23.3, 33.3, "1 of 3 claims checked"),
        decided(
            1,
            "It climbs 450 metres to Mount Fløyen.",
            Label::Refuted,
            "It climbs 302 metres to Mount Fløyen in about six minutes.",
            "450 metres contradicts 302 metres",
        ),
        decided(
            2,
            "Its engineers were trained in Zürich.",
            Label::NotEnoughInfo,
            "",
            "the source says nothing of engineers or Zürich",
        ),
        progress(Stage::Judging, 50.0, 0.0, "asking 4 judges"),
        EventBody::JudgeResult(Box::new(report(
            "lexical",
            JudgeStatus::Completed,
            Some(71.5),
        ))),
        EventBody::JudgeResult(Box::new(facts)),
        EventBody::JudgeResult(Box::new(report("logic", JudgeStatus::Abstained, None))),
        EventBody::JudgeResult(Box::new(remote)),
        EventBody::EvaluationError(Box::new(RunError {
            fatal: false,
            error_type: ErrorType::JudgeTimeout,
            message: "judge gpt-4o-mini gave no score: no answer within 60000 ms".to_owned(),
            recovery_suggestions: vec![
                "raise the judge's timeout_ms, or use a faster model".to_owned(),
            ],
            details: None,
        })),
        progress(Stage::Aggregation, 95.0, 0.0, "computing the figures"),
        EventBody::EvaluationComplete(Box::new(completed)),
    ]
}

fn result() -> AuditResult {
    AuditResult {
        outcome: Outcome::Checked,
        outcome_reason: None,
        faithfulness: Some(Faithfulness {
            probability: 0.123,
            flagged: true,
            threshold: 0.5,
            basis: "built-in/1".to_owned(),
            interval: Some(ProbabilityInterval {
                level: 0.95,
                lower: 0.015,
                upper: 0.569,
                method: "texts".to_owned(),
            }),
        }),
        consensus_score: Some(54.75),
        hallucination_score: Some(43.4),
        hallucination_components: Some(HallucinationComponents {
            inverse_consensus: 0.4525,
            verification: Some(0.5),
            issues: 0.25,
            confidence: 0.18,
        }),
        hallucination_breakdown: BTreeMap::from([(IssueType::NumericalError, 1.0)]),
        confidence_interval: None,
        confidence_interval_reason: Some("fewer_than_3_judges".to_owned()),
        inter_judge_agreement: Some(0.89),
        agreement: Agreement {
            raw: Some(0.67),
            fleiss_kappa: Some(0.2),
            krippendorff_alpha: Some(0.44),
            gwet_ac1: Some(0.5),
            items: 3,
            raters: 2,
            interpretation: Some("moderate".to_owned()),
            undefined_because: None,
        },
        statistics: Some(Statistics {
            variance: Some(561.125),
            standard_deviation: Some(23.7),
            mean: 54.75,
            median: 54.75,
            min: 38.0,
            max: 71.5,
            q1: 46.375,
            q3: 63.125,
        }),
        mean_confidence: Some(0.82),
        non_claims: Vec::new(),
        claims: ClaimCounts {
            total: 3,
            supported: 1,
            refuted: 1,
            not_enough_info: 1,
            supported_interval: None,
        },
        judges: JudgeCounts {
            requested: 4,
            completed: 2,
            failed: 1,
        },
        aggregation_strategy: AggregationStrategy::WeightedAverage,
        reliability: Reliability::Medium,
        reliability_reasons: vec![
            "verdict_confidence_below_0.9".to_owned(),
            "judge_failed".to_owned(),
        ],
        usage: None,
        injection: None,
        citations: None,
        offline_comparison: None,
        calibration: None,
    }
}

fn print(style: Style, events: &[EventBody]) -> String {
    let mut printer = Printer::new(Vec::new(), style);
    printer.header("Judge Auditor", SOURCE, CANDIDATE).unwrap();
    for event in events {
        printer.event(event).unwrap();
    }
    String::from_utf8(printer.into_inner()).unwrap()
}

/// What is printed for some events of their own, without the texts above.
fn part(style: Style, events: &[EventBody]) -> String {
    let mut printer = Printer::new(Vec::new(), style);
    for event in events {
        printer.event(event).unwrap();
    }
    String::from_utf8(printer.into_inner()).unwrap()
}

fn completed(result: AuditResult, processing_time_ms: u64) -> EventBody {
    EventBody::EvaluationComplete(Box::new(Completed {
        result,
        degraded: false,
        processing_time_ms,
    }))
}

/// What steers a terminal is shown by its signs, so that a snapshot can be read anywhere.
fn with_visible_escapes(shown: &str) -> String {
    shown.replace('\u{1b}', "␛").replace('\r', "␍")
}

#[test]
fn a_whole_audit() {
    assert_snapshot!(print(style(80), &events()));
}

#[test]
fn what_speaks_to_the_judges_is_told() {
    let mut result = result();
    result.injection = Some(InjectionFindings {
        signs: vec![InjectionSign {
            place: Place::Candidate,
            kind: SignKind::RoleTags,
            span: Span { start: 3, end: 9 },
            excerpt: "[INST]".to_owned(),
            document: None,
        }],
        total: 2,
    });
    result.offline_comparison = Some(OfflineComparison {
        offline_mean: 20.0,
        model_mean: 90.0,
        gap: 70.0,
        large: true,
        offline_judges: 3,
        run_for_comparison: true,
        note: Some("The models score 70 points above.".to_owned()),
    });
    assert_snapshot!(part(style(100), &[completed(result, 1)]));
}

#[test]
fn narrow_terminals_get_shorter_lines() {
    let shown = print(style(44), &events());
    for line in shown.lines() {
        assert!(wrap::width(line) <= 44, "{line}");
    }
    assert_snapshot!(shown);
}

#[test]
fn without_unicode_only_the_texts_leave_ascii() {
    let plain = Style {
        unicode: false,
        ..style(80)
    };
    let shown = print(plain, &events());
    let mut beyond = shown.chars().filter(|c| !c.is_ascii());
    assert!(beyond.all(|c| SOURCE.contains(c) || CANDIDATE.contains(c)));
    assert_snapshot!(shown);
}

#[test]
fn colour_adds_nothing_but_colour() {
    let coloured = print(
        Style {
            colour: true,
            ..style(80)
        },
        &events(),
    );
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain += before;
        rest = after.split_once('m').unwrap().1;
    }
    assert_eq!(plain + rest, print(style(80), &events()));
    assert_snapshot!(with_visible_escapes(&coloured));
}

#[test]
fn a_terminal_has_one_line_that_is_drawn_anew() {
    let live = Style {
        live: true,
        ..style(80)
    };
    let mut printer = Printer::new(Vec::new(), live);
    for event in &events()[..2] {
        printer.event(event).unwrap();
    }
    printer.clear().unwrap();
    let drawn = String::from_utf8(printer.into_inner()).unwrap();
    assert_snapshot!(with_visible_escapes(&drawn));
    // What stays when the redrawn lines are gone is the whole audit without its bars.
    let stays: String = print(live, &events())
        .split_inclusive('\n')
        .map(|line| line.rsplit("\u{1b}[2K").next().unwrap())
        .collect();
    assert_snapshot!("a_terminal_after_the_last_line", stays);
}

#[test]
fn how_a_run_ends_otherwise() {
    let error = RunError {
        fatal: true,
        error_type: ErrorType::AllJudgesFailed,
        message: "no judge gave a score: 1 failed, 0 abstained".to_owned(),
        recovery_suggestions: vec!["add an offline judge, which needs no provider".to_owned()],
        details: None,
    };
    let reason = CancelReason::Deadline;
    let ends = [
        EventBody::EvaluationError(Box::new(error)),
        EventBody::EvaluationCancelled(Cancelled { reason }),
    ];
    assert_snapshot!(part(style(60), &ends), @r"

      ✗ the audit failed: no judge gave a score: 1 failed, 0
        abstained
        → add an offline judge, which needs no provider

      cancelled: it took longer than its deadline
    ");
}

#[test]
fn figures_that_are_undefined_say_why() {
    let mut result = result();
    result.agreement.krippendorff_alpha = None;
    result.agreement.undefined_because = Some("one_category".to_owned());
    result.confidence_interval = Some(ConfidenceInterval {
        level: 0.95,
        lower: 31.04,
        upper: 78.46,
        method: "student_t".to_owned(),
        n: 4,
        n_effective: None,
    });
    result.claims.total = 0;
    assert_snapshot!(part(style(80), &[completed(result, 1234)]));
}

#[test]
fn hostile_texts_repaint_nothing() {
    let hostile = "\u{1b}[2J\u{1b}[1;1H\u{1b}[32m✓ SUPPORTED\u{7}\r\n\u{202e}gnihton";
    let mut report = report(hostile, JudgeStatus::Failed, None);
    report.error = Some(hostile.to_owned());
    let events = [
        progress(Stage::Queued, 0.0, 0.0, hostile),
        decided(0, hostile, Label::Refuted, hostile, hostile),
        EventBody::JudgeResult(Box::new(report)),
    ];
    let mut printer = Printer::new(Vec::new(), style(80));
    printer.header(hostile, hostile, hostile).unwrap();
    for event in &events {
        printer.event(event).unwrap();
    }
    let shown = String::from_utf8(printer.into_inner()).unwrap();
    assert!(
        !shown.chars().any(|c| c.is_control() && c != '\n'),
        "{shown:?}"
    );
    assert!(!shown.contains('\u{202e}'));
    // A forged verdict stands inside the claim's margin, never where verdicts stand.
    assert!(!shown.contains("\n  ✓ SUPPORTED"), "{shown}");
    assert!(
        shown.contains(
            "\n    \u{fffd}[2J\u{fffd}[1;1H\u{fffd}[32m✓ SUPPORTED\u{fffd} \u{fffd}gnihton\n"
        ),
        "{shown}"
    );
}

#[test]
fn east_asian_texts_keep_the_margin() {
    let claim = "ベルゲンのケーブルカーは1918年に開業し、頂上まで約六分で登る。";
    let shown = part(style(44), &[decided(0, claim, Label::Supported, claim, "")]);
    assert_snapshot!(shown, @r"

      Claims ─────────────────────────────────

      ✓ SUPPORTED  0.91                 1 of 3
        ベルゲンのケーブルカーは1918年に開業
        し、頂上まで約六分で登る。
        │ ベルゲンのケーブルカーは1918年に開業
        │ し、頂上まで約六分で登る。
    ");
}

proptest::proptest! {
    #[test]
    fn no_text_and_no_span_breaks_it(text in ".*", other in ".*", start in 0_usize..40, length in 0_usize..40, width in 0_usize..200) {
        let mut printer = Printer::new(Vec::new(), style(width));
        printer.header(&other, &text, &text).unwrap();
        for (i, label) in Label::ALL.into_iter().enumerate() {
            let EventBody::ClaimVerdict(mut decided) = decided(i, &text, label, &other, &text) else {
                unreachable!()
            };
            decided.verdict.claim.span = Span { start: start + i, end: start + length };
            printer.event(&EventBody::ClaimVerdict(decided)).unwrap();
        }
        printer.event(&completed(result(), 1)).unwrap();
        let shown = String::from_utf8(printer.into_inner()).unwrap();
        proptest::prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\n'));
        for line in shown.lines() {
            proptest::prop_assert!(wrap::width(line) <= width.clamp(40, 100), "{}", line);
        }
    }
}

#[test]
fn a_revised_claim_is_told_and_marked_with_its_new_label() {
    let mut events = events();
    let first = events.iter().find_map(|event| match event {
        EventBody::ClaimVerdict(decided) => Some(decided.verdict.clone()),
        _ => None,
    });
    let first = first.unwrap();
    let probability = Probabilities::from_label(Label::Refuted, 0.77);
    let revised = ClaimRevised {
        claim_id: first.claim.id,
        index: first.claim.index,
        label: Label::Refuted,
        confidence: 0.77,
        probability,
        previous_label: first.label,
        views: vec![JudgeOpinion {
            judge_name: "gpt-4o-mini".to_owned(),
            label: Label::Refuted,
            confidence: 0.9,
            probability: None,
        }],
    };
    let at = events.len() - 1;
    events.insert(at, EventBody::ClaimRevised(Box::new(revised)));
    let shown = print(style(80), &events);
    let (_, revised) = shown.split_once("computing the figures").unwrap();
    assert_snapshot!(revised);
}

#[test]
fn an_output_without_a_claim_is_told_without_figures() {
    let mut nothing = result();
    nothing.outcome = Outcome::NothingToCheck;
    nothing.outcome_reason = Some("abstained".to_owned());
    nothing.consensus_score = None;
    nothing.hallucination_score = None;
    nothing.hallucination_components = None;
    nothing.statistics = None;
    assert_snapshot!(part(style(80), &[completed(nothing, 3)]));
}
