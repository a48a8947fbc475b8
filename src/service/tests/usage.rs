use super::*;
use crate::domain::credential::DayBudget;

fn used(day: &str, prompt_tokens: u64, completion_tokens: u64, cost_usd: f64) -> DayUsage {
    DayUsage {
        day: day.to_owned(),
        calls: 1,
        prompt_tokens,
        completion_tokens,
        cost_usd,
    }
}

fn estimate(
    prompt_tokens: u64,
    max_completion_tokens: u64,
    cost_usd: Option<f64>,
) -> JudgeEstimate {
    JudgeEstimate {
        judge_name: "model".to_owned(),
        model: "model-1".to_owned(),
        calls: 2,
        prompt_tokens,
        max_completion_tokens,
        cost_usd,
    }
}

const NO_BUDGET: BudgetView = BudgetView {
    run_usd: None,
    run_tokens: None,
    user_day_usd: None,
    user_day_tokens: None,
    left_today_usd: None,
    left_today_tokens: None,
    key_day_usd: None,
    key_day_tokens: None,
    key_left_today_usd: None,
    key_left_today_tokens: None,
};

const NOT_BOUNDED: LeftOfAll = LeftOfAll {
    tokens: None,
    usd: None,
};

#[test]
fn a_day_without_a_call_is_a_day_of_zeros() {
    let days = [
        used("2026-11-01", 10, 2, 0.5),
        used("2026-11-02", 30, 4, 0.1),
    ];
    assert_eq!(today(&days, "2026-11-02".to_owned()), days[1]);
    let empty = today(&days, "2026-11-03".to_owned());
    assert_eq!(empty.day, "2026-11-03");
    assert_eq!((tokens(&empty), empty.calls, empty.cost_usd), (0, 0, 0.0));
}

#[test]
fn a_budget_of_zero_is_none_and_what_is_left_is_never_below_zero() {
    let budgets = config::Budgets {
        run_tokens: 500,
        day_usd: 3.0,
        ..config::Budgets::default()
    };
    let of_day = Amount {
        tokens: 100,
        usd: 2.0,
    };
    let view = budget(&budgets, of_day, &used("d", 30, 20, 0.5), None);
    assert_eq!((view.run_tokens, view.run_usd), (Some(500), None));
    assert_eq!(
        (view.user_day_tokens, view.left_today_tokens),
        (Some(100), Some(50))
    );
    assert_eq!(
        (view.user_day_usd, view.left_today_usd),
        (Some(2.0), Some(1.5))
    );
    let view = budget(&budgets, of_day, &used("d", u64::MAX, 20, 9.0), None);
    assert_eq!(
        (view.left_today_tokens, view.left_today_usd),
        (Some(0), Some(0.0))
    );
    let view = budget(&budgets, Amount::default(), &used("d", 30, 20, 0.5), None);
    assert_eq!((view.user_day_tokens, view.left_today_tokens), (None, None));

    let key = KeyDay {
        key: crate::store::new_id(),
        budget: DayBudget {
            tokens: Some(60),
            usd: None,
        },
        used: used("d", 30, 20, 0.5),
    };
    let view = budget(&budgets, of_day, &used("d", 30, 20, 0.5), Some(&key));
    assert_eq!(
        (view.key_day_tokens, view.key_left_today_tokens),
        (Some(60), Some(10))
    );
    assert_eq!((view.key_day_usd, view.key_left_today_usd), (None, None));

    let left = LeftOfAll::of(&budgets, &used("d", 30, 20, 0.5));
    assert_eq!((left.tokens, left.usd), (None, Some(2.5)));
    let left = LeftOfAll::of(&budgets, &used("d", 30, 20, 4.0));
    assert_eq!(left.usd, Some(0.0));
}

#[test]
fn an_estimate_sums_and_its_price_is_known_only_where_each_is() {
    let judges = vec![
        estimate(100, 20, Some(0.25)),
        estimate(200, 30, Some(0.5)),
        estimate(0, 0, Some(0.0)),
    ];
    let view = total(judges, &NO_BUDGET, NOT_BOUNDED);
    assert_eq!(
        (view.calls, view.prompt_tokens, view.max_completion_tokens),
        (6, 300, 50)
    );
    assert_eq!(
        (view.cost_usd, view.fits, view.judges.len()),
        (Some(0.75), true, 3)
    );
    let judges = vec![estimate(100, 20, Some(0.25)), estimate(200, 30, None)];
    assert_eq!(total(judges, &NO_BUDGET, NOT_BOUNDED).cost_usd, None);
}

#[test]
fn an_estimate_names_each_budget_that_does_not_bear_it() {
    let tight = BudgetView {
        run_tokens: Some(119),
        left_today_tokens: Some(120),
        run_usd: Some(0.25),
        left_today_usd: Some(0.125),
        ..NO_BUDGET
    };
    let left = |tokens, usd| LeftOfAll { tokens, usd };
    let reasons = |budget: &BudgetView, left| {
        let view = total(vec![estimate(100, 20, Some(0.25))], budget, left);
        assert_eq!(view.fits, view.reasons.is_empty());
        view.reasons
    };
    // Exactly as much as is left fits.
    assert_eq!(
        reasons(&tight, left(Some(120), Some(0.25))),
        [
            "the budget of a run is 119 tokens, and it may take 120",
            "what is left of the day is $0.125, and it may cost $0.250000",
        ]
    );
    let of_key = BudgetView {
        key_left_today_tokens: Some(119),
        key_left_today_usd: Some(0.125),
        ..NO_BUDGET
    };
    assert_eq!(
        reasons(&of_key, left(None, None)),
        [
            "what is left of the API key's day is 119 tokens, and it may take 120",
            "what is left of the API key's day is $0.125, and it may cost $0.250000",
        ]
    );
    // How much all users have left is nobody's business: the sentence has no figure.
    for left in [left(Some(119), None), left(None, Some(0.2))] {
        assert_eq!(
            reasons(&NO_BUDGET, left),
            ["what is left today of the budget of all users does not bear it"]
        );
    }
    let unpriced = total(
        vec![estimate(100, 20, None)],
        &NO_BUDGET,
        left(None, Some(0.0)),
    );
    assert!(unpriced.fits, "no price, no comparison");
    // But a key with a budget in money may not ask it.
    let of_key = BudgetView {
        key_day_usd: Some(5.0),
        ..NO_BUDGET
    };
    assert_eq!(
        total(vec![estimate(1, 1, Some(0.0))], &of_key, NOT_BOUNDED).reasons,
        [""; 0]
    );
    assert_eq!(
        total(vec![estimate(1, 1, None)], &of_key, NOT_BOUNDED).reasons,
        ["the API key has a budget in money, and the model of the judge model has no price"]
    );
}
