use super::*;

use crate::config::{JudgeSettings, PriceSettings};

#[test]
fn a_judge_that_may_cost_wants_a_budget_of_all_where_anybody_may_come() {
    let judge = |base_url: &str| JudgeSettings {
        base_url: base_url.into(),
        model: "m".into(),
        ..JudgeSettings::new("far", JudgeKind::OpenAi)
    };
    let with = |judge: JudgeSettings| Config {
        judges: vec![JudgeSettings::new("facts", JudgeKind::Facts), judge],
        ..Config::default()
    };
    let far = with(judge("https://api.example/v1"));
    let said = unbounded_cost(&far).unwrap();
    assert!(
        said.contains("(far)") && said.contains("budgets.day_usd"),
        "{said}"
    );
    for here in [
        "http://127.0.0.1:8080/v1",
        "http://localhost:1/",
        "http://[::1]:1/",
    ] {
        assert_eq!(unbounded_cost(&with(judge(here))), None, "{here}");
    }
    let quiet: [fn(&mut Config); 4] = [
        |config| config.auth.registration = Registration::Closed,
        |config| config.budgets.day_usd = 1.0,
        |config| config.budgets.day_tokens = 1,
        |config| {
            config.prices.push(PriceSettings {
                model: "m".into(),
                ..PriceSettings::default()
            });
        },
    ];
    for change in quiet {
        let mut config = far.clone();
        change(&mut config);
        assert_eq!(unbounded_cost(&config), None);
    }
    // A budget of each user is none of all: there may be any number of them.
    let mut each = far;
    each.budgets.user_day_usd = 1.0;
    assert!(unbounded_cost(&each).is_some());
}
