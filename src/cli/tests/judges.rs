use super::*;

use crate::domain::report::{Failure, Usage};

fn report(name: &str, status: JudgeStatus) -> JudgeReport {
    JudgeReport {
        judge_name: name.into(),
        kind: "openai".into(),
        model: "some-model".into(),
        status,
        score: None,
        confidence: None,
        reasoning: String::new(),
        flagged_issues: Vec::new(),
        claim_verdicts: Vec::new(),
        response_time_ms: 812,
        attempts: 1,
        usage: None,
        error: None,
        failure: None,
        details: None,
    }
}

#[test]
fn the_table_says_what_works_and_what_to_do() {
    let priced = JudgeReport {
        usage: Some(Usage {
            prompt_tokens: 812,
            completion_tokens: 101,
            cost_usd: Some(0.000_18),
        }),
        ..report("a-long-name", JudgeStatus::Completed)
    };
    let broken = JudgeReport {
        failure: Some(Failure::RateLimited),
        error: Some("slow\u{1b}[2J down".into()),
        ..report("b", JudgeStatus::RateLimited)
    };
    let silent = report("c", JudgeStatus::Abstained);
    insta::assert_snapshot!(as_table(&[priced, broken, silent]), @r"
    judge        kind    model       answer        time    tokens     price
    a-long-name  openai  some-model  ok            812 ms  812 + 101  $0.000180
    b            openai  some-model  rate limited  812 ms
        slow\u{1b}[2J down
        hint: wait and start again, or lower the judge's max_concurrency
    c            openai  some-model  ok, abstains  812 ms
    2 of 3 work
    ");
}
