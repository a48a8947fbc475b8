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
    let gone = JudgeReport {
        failure: Some(Failure::Rejected),
        error: Some("the model does not exist".into()),
        ..report("d", JudgeStatus::Failed)
    };
    let offer = Offer {
        has_model: false,
        likest: vec!["some-model-2".into(), "some\u{1b}[2J".into()],
        total: 31,
    };
    let plain = |report| Tried {
        report,
        offer: None,
    };
    let tried = [
        plain(priced),
        plain(broken),
        plain(silent),
        Tried {
            report: gone,
            offer: Some(offer),
        },
    ];
    insta::assert_snapshot!(as_table(&tried), @r"
    judge        kind    model       answer        time    tokens     price
    a-long-name  openai  some-model  ok            812 ms  812 + 101  $0.000180
    b            openai  some-model  rate limited  812 ms
        slow\u{1b}[2J down
        hint: wait and start again, or lower the judge's max_concurrency
    c            openai  some-model  ok, abstains  812 ms
    d            openai  some-model  rejected      812 ms
        the model does not exist
        hint: check the judge's base_url and model, and which parameters the model takes
        the provider does not offer some-model; of its 31 models these are called most alike: some-model-2, some\u{1b}[2J
    2 of 4 work
    ");
}
