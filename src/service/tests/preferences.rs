use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::domain::settings::AggregationStrategy;

/// A server with three judges, of which it asks two; both have to give a score.
fn runs() -> Runs {
    Runs {
        default_judges: ["facts", "logic"].map(str::to_owned).to_vec(),
        quorum: 2,
        deadline_ms: 60_000,
        ..Runs::default()
    }
}

fn has_judge(name: &str) -> bool {
    ["facts", "logic", "lexical"].contains(&name)
}

fn asked(value: serde_json::Value) -> ConfigRequest {
    serde_json::from_value(value).unwrap()
}

fn preferring(value: serde_json::Value) -> Preferences {
    serde_json::from_value(value).unwrap()
}

/// Each fault as its pointer and detail.
fn told(faults: &[FieldError]) -> Vec<(&str, &str)> {
    faults
        .iter()
        .map(|fault| (fault.pointer.as_str(), fault.detail.as_str()))
        .collect()
}

#[test]
fn what_is_asked_for_counts_before_what_is_preferred_before_what_the_server_says() {
    let nothing = (asked(json!({})), Preferences::default());
    let (settled, faults) = settings(nothing.0, &nothing.1, &runs(), &has_judge);
    assert_eq!(faults, []);
    let expected = EvaluationConfig {
        judges: runs().default_judges,
        quorum: 2,
        enable_retrieval: false,
        collection_id: None,
        aggregation_strategy: AggregationStrategy::default(),
        deadline_ms: 60_000,
    };
    assert_eq!(settled, expected);

    let preferred = preferring(json!({
        "judges": ["lexical", "facts"], "quorum": 1, "deadline_ms": 5000, "aggregation_strategy": "median",
    }));
    let own = asked(json!({ "judges": ["logic"], "deadline_ms": 7000 }));
    let (settled, faults) = settings(own, &preferred, &runs(), &has_judge);
    assert_eq!(faults, []);
    assert_eq!(
        (settled.judges, settled.deadline_ms),
        (vec!["logic".to_owned()], 7000)
    );
    assert_eq!(
        (settled.quorum, settled.aggregation_strategy),
        (1, AggregationStrategy::Median)
    );
}

#[test]
fn a_preferred_judge_that_is_gone_is_passed_over() {
    let judges = |preferred| {
        let preferred = preferring(json!({ "judges": preferred }));
        let (settled, faults) = settings(asked(json!({})), &preferred, &runs(), &has_judge);
        assert_eq!(faults, []);
        settled.judges
    };
    assert_eq!(judges(json!(["gone", "lexical"])), ["lexical"]);
    assert_eq!(judges(json!(["gone"])), ["facts", "logic"], "the server's");
}

#[test]
fn a_quorum_is_never_more_than_the_judges() {
    let one = asked(json!({ "judges": ["facts"] }));
    let (settled, faults) = settings(one, &Preferences::default(), &runs(), &has_judge);
    assert_eq!(
        (settled.quorum, faults),
        (1, Vec::new()),
        "the usual one is 2"
    );
    for quorum in [0, 3, u64::MAX] {
        let own = asked(json!({ "quorum": quorum }));
        let (_, faults) = settings(own, &Preferences::default(), &runs(), &has_judge);
        let expected = ("/config/quorum", "must be 1 to 2, the number of judges");
        assert_eq!(told(&faults), [expected], "{quorum}");
    }
}

#[test]
fn who_names_a_collection_wants_it_used_unless_retrieval_is_switched_off() {
    let id = Uuid::from_u128(5);
    let preferred = preferring(json!({ "collection_id": id }));
    for (own, retrieval, used) in [
        (json!({}), true, true),
        (json!({ "collection_id": null }), false, false),
        (json!({ "enable_retrieval": false }), false, false),
        (
            json!({ "enable_retrieval": true, "collection_id": null }),
            true,
            false,
        ),
    ] {
        let (settled, faults) = settings(asked(own.clone()), &preferred, &runs(), &has_judge);
        assert_eq!(faults, []);
        let got = (settled.enable_retrieval, settled.collection_id.is_some());
        assert_eq!(got, (retrieval, used), "{own}");
    }
}

#[test]
fn each_wrong_judge_is_pointed_at() {
    let own = asked(json!({ "judges": ["facts", "nobody", "facts", "neural"] }));
    let (_, faults) = settings(own, &Preferences::default(), &runs(), &has_judge);
    assert_eq!(
        told(&faults),
        [
            ("/config/judges/1", "there is no judge of that name"),
            ("/config/judges/2", "is named twice"),
            ("/config/judges/3", "is switched off on this server"),
        ]
    );
}

#[test]
fn preferences_are_refused_where_no_evaluation_could_have_them() {
    for (preferences, pointer) in [
        (
            json!({ "judges": ["facts", "logic"], "quorum": 3 }),
            "/quorum",
        ),
        (json!({ "quorum": 0 }), "/quorum"),
        (json!({ "quorum": 33 }), "/quorum"),
        (json!({ "judges": ["nobody"] }), "/judges/0"),
        (json!({ "deadline_ms": 1 }), "/deadline_ms"),
    ] {
        let faults = preference_faults(&preferring(preferences.clone()), &has_judge);
        assert_eq!(faults.len(), 1, "{preferences}: {faults:?}");
        assert_eq!(faults[0].pointer, pointer, "{preferences}");
    }
    let fine = preferring(json!({ "judges": ["facts", "logic"], "quorum": 2 }));
    assert_eq!(preference_faults(&fine, &has_judge), []);
}
