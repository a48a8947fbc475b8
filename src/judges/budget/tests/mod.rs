mod grant;

use uuid::Uuid;

use super::{Amount, Budgets, Granted, Grants, JudgeUsage, KeyPayer, Ledger, Payer, RunBudget};
use crate::domain::ids::{ApiKeyId, UserId};
use crate::domain::report::Usage;
use crate::judges::Waiting;

const fn tokens(tokens: u64) -> Amount {
    Amount { tokens, usd: 0.0 }
}

const fn usd(usd: f64) -> Amount {
    Amount { tokens: 0, usd }
}

/// A price without a token.
const fn price(usd: f64) -> Usage {
    Usage {
        prompt_tokens: 0,
        completion_tokens: 0,
        cost_usd: Some(usd),
    }
}

const fn call(tokens: u64) -> Usage {
    Usage {
        prompt_tokens: tokens,
        completion_tokens: 0,
        cost_usd: None,
    }
}

fn user(id: u128) -> UserId {
    UserId::new(Uuid::from_u128(id))
}

/// A user of old whose runs have used so many tokens on that day, and nobody else's any.
fn payer(user: UserId, day: &str, of_user_day: u64) -> Payer<'_> {
    Payer {
        user,
        is_new: false,
        day,
        of_run: Amount::default(),
        of_user_day: tokens(of_user_day),
        of_day: Amount::default(),
        key: None,
        granted: Granted::default(),
    }
}

fn of_run(limit: Amount, spent: Amount) -> RunBudget {
    let budgets = Budgets {
        run: limit,
        ..Budgets::default()
    };
    let payer = Payer {
        of_run: spent,
        ..payer(user(1), "2026-11-23", 0)
    };
    Ledger::new(budgets).run_budget(&payer)
}

#[test]
fn what_is_held_and_spent_counts_against_the_budget() {
    let run_budget = of_run(tokens(100), tokens(20));
    let first = run_budget.hold_now("a", call(50)).unwrap();
    let refused = run_budget.hold_now("a", call(31)).unwrap_err();
    assert_eq!(
        refused,
        "the budget of the run, 100 tokens, does not bear the call: 20 are used, 50 held, and it may take 31"
    );
    let second = run_budget.hold_now("a", call(30)).unwrap();
    first.settle(call(10));
    assert!(
        run_budget.hold_now("a", call(41)).is_err(),
        "20 + 10 + 30 + 41"
    );
    drop(second);
    run_budget.hold_now("a", call(70)).unwrap().settle(call(70));
    assert!(run_budget.hold_now("a", call(1)).is_err(), "20 + 10 + 70");
}

#[test]
fn money_is_counted_too_and_zero_is_no_budget() {
    let run_budget = of_run(usd(0.5), usd(0.1));
    assert!(run_budget.hold_now("a", price(0.41)).is_err());
    run_budget
        .hold_now("a", price(0.4))
        .unwrap()
        .settle(price(0.0));
    run_budget
        .hold_now("a", price(0.4))
        .unwrap()
        .settle(price(0.4));
    assert!(run_budget.hold_now("a", price(0.000_001)).is_err());
    run_budget.hold_now("a", call(u64::MAX)).unwrap();
    let unbound = of_run(Amount::default(), usd(1e9));
    unbound.hold_now("a", price(1e9)).unwrap();
}

#[test]
fn runs_of_one_user_share_the_day() {
    let ledger = Ledger::new(Budgets {
        user_day: tokens(100),
        ..Budgets::default()
    });
    let first = ledger.run_budget(&payer(user(1), "2026-11-23", 10));
    first.hold_now("a", call(60)).unwrap().settle(call(60));
    // What the store says is older than what the first run has spent since.
    let second = ledger.run_budget(&payer(user(1), "2026-11-23", 10));
    assert!(second.hold_now("a", call(31)).is_err());
    second.hold_now("a", call(30)).unwrap();
    let other = ledger.run_budget(&payer(user(2), "2026-11-23", 0));
    other.hold_now("a", call(100)).unwrap();
    let tomorrow = ledger.run_budget(&payer(user(1), "2026-11-24", 0));
    tomorrow.hold_now("a", call(100)).unwrap();
    drop((first, second));
    // Another process's runs are in the store alone.
    let later = ledger.run_budget(&payer(user(1), "2026-11-23", 90));
    assert!(later.hold_now("a", call(11)).is_err());
}

#[test]
fn a_call_that_one_budget_refuses_holds_nothing_of_the_other() {
    let ledger = Ledger::new(Budgets {
        run: tokens(100),
        user_day: tokens(50),
        ..Budgets::default()
    });
    let run_budget = ledger.run_budget(&payer(user(1), "d", 0));
    assert!(run_budget.hold_now("a", call(60)).is_err());
    let held = run_budget.hold_now("a", call(50)).unwrap();
    drop(held);
    let other = ledger.run_budget(&payer(user(2), "d", 0));
    other.hold_now("a", call(50)).unwrap();
}

#[test]
fn what_a_key_starts_has_a_day_of_its_own_within_its_users() {
    let ledger = Ledger::new(Budgets {
        user_day: tokens(100),
        ..Budgets::default()
    });
    let of = |key: u128, limit: u64, day, stored| {
        ledger.run_budget(&Payer {
            key: Some(KeyPayer {
                key: ApiKeyId::new(Uuid::from_u128(key)),
                limit: tokens(limit),
                of_day: tokens(stored),
            }),
            ..payer(user(1), day, stored)
        })
    };
    let first = of(1, 50, "2026-11-23", 10);
    first.hold_now("a", call(30)).unwrap().settle(call(30));
    let why = of(1, 50, "2026-11-23", 10).hold_now("a", call(11));
    let why = why.unwrap_err();
    assert!(why.contains("the API key's day, 50 tokens"), "{why}");
    // Another key has its own, and one without a limit has the user's alone.
    of(2, 20, "2026-11-23", 0)
        .hold_now("a", call(20))
        .unwrap()
        .settle(call(20));
    let free = of(3, 0, "2026-11-23", 0);
    let why = free.hold_now("a", call(41)).unwrap_err();
    assert!(why.contains("the user's day"), "{why}");
    free.hold_now("a", call(40)).unwrap();
    of(1, 50, "2026-11-24", 0).hold_now("a", call(50)).unwrap();
}

#[test]
fn a_call_without_a_price_is_refused_to_a_key_with_a_budget_in_money() {
    let ledger = Ledger::new(Budgets::default());
    let of = |limit| {
        let key = ApiKeyId::new(Uuid::from_u128(1));
        Payer {
            key: Some(KeyPayer {
                key,
                limit,
                of_day: Amount::default(),
            }),
            ..payer(user(1), "2026-11-23", 0)
        }
    };
    let granted = |limit| ledger.granted_budget(&of(limit), |_| Box::new(NoGrant));
    for bounded in [ledger.run_budget(&of(usd(2.5))), granted(usd(2.5))] {
        let why = bounded.hold_now("late", call(1)).unwrap_err();
        assert!(
            why.contains("the API key's day, $2.5") && why.contains("the judge late has no price"),
            "{why}"
        );
        // A model that costs nothing has a price, too.
        bounded.hold_now("free", price(0.0)).unwrap();
    }
    for counted in [ledger.run_budget(&of(tokens(10))), granted(tokens(10))] {
        counted.hold_now("late", call(1)).unwrap();
    }
}

#[test]
fn what_runs_were_granted_is_left_to_them_and_is_there_again_once_they_have_ended() {
    let bounded = |key: &str| Budgets {
        user_day: if key == "user" {
            tokens(100)
        } else {
            Amount::default()
        },
        day: if key == "all" {
            tokens(100)
        } else {
            Amount::default()
        },
        ..Budgets::default()
    };
    for of in ["user", "key", "all"] {
        let ledger = Ledger::new(bounded(of));
        let check = |granted: u64| {
            let here = |name: &str| {
                if name == of {
                    tokens(granted)
                } else {
                    tokens(1000)
                }
            };
            ledger.run_budget(&Payer {
                key: (of == "key").then_some(KeyPayer {
                    key: ApiKeyId::new(Uuid::from_u128(1)),
                    limit: tokens(100),
                    of_day: Amount::default(),
                }),
                granted: Granted {
                    of_user: here("user"),
                    of_key: here("key"),
                    of_all: here("all"),
                },
                ..payer(user(1), "2026-11-23", 0)
            })
        };
        assert!(check(60).hold_now("a", call(41)).is_err(), "{of}");
        let held = check(60).hold_now("a", call(30)).unwrap();
        // Checks know of each other, beside what runs were granted.
        assert!(check(60).hold_now("a", call(11)).is_err(), "{of}");
        held.settle(call(20));
        check(60).hold_now("a", call(20)).unwrap().give_back();
        // The run has ended and used nothing.
        check(0).hold_now("a", call(80)).unwrap().give_back();
        assert!(check(0).hold_now("a", call(81)).is_err(), "{of}");
    }
}

/// Is never asked.
struct NoGrant;

impl Grants for NoGrant {
    fn raise(&self, _more: Amount) -> Waiting<Result<(), String>> {
        Box::pin(async { Err("nothing is left".to_owned()) })
    }
}

#[test]
fn all_users_share_one_day_and_are_told_nothing_of_each_other() {
    let ledger = Ledger::new(Budgets {
        day: tokens(100),
        ..Budgets::default()
    });
    let of = |id, day, stored| {
        ledger.run_budget(&Payer {
            of_day: tokens(stored),
            ..payer(user(id), day, 0)
        })
    };
    let held = of(1, "2026-11-23", 10).hold_now("a", call(60)).unwrap();
    let why = of(2, "2026-11-23", 10).hold_now("a", call(31)).unwrap_err();
    assert!(why.contains("the day of all users"), "{why}");
    assert!(!why.contains(char::is_numeric), "{why}");
    held.settle(call(50));
    of(2, "2026-11-23", 10)
        .hold_now("a", call(40))
        .unwrap()
        .settle(call(40));
    assert!(of(3, "2026-11-23", 0).hold_now("a", call(1)).is_err());
    of(3, "2026-11-24", 0).hold_now("a", call(100)).unwrap();
}

#[test]
fn a_new_account_has_the_tighter_of_two_budgets() {
    let budgets = |user_day, new_user_day| Budgets {
        user_day,
        new_user_day,
        ..Budgets::default()
    };
    for (user_day, new_user_day, old, new) in [
        (100, 10, Some(100), Some(10)),
        (10, 100, Some(10), Some(10)),
        (0, 10, None, Some(10)),
        (10, 0, Some(10), Some(10)),
        (0, 0, None, None),
    ] {
        let ledger = Ledger::new(budgets(tokens(user_day), tokens(new_user_day)));
        for (id, is_new, limit) in [(1, false, old), (2, true, new)] {
            let payer = Payer {
                is_new,
                ..payer(user(id), "d", 0)
            };
            let run_budget = ledger.run_budget(&payer);
            match limit {
                Some(limit) => {
                    assert!(run_budget.hold_now("a", call(limit + 1)).is_err());
                    run_budget.hold_now("a", call(limit)).unwrap();
                }
                None => drop(run_budget.hold_now("a", call(u64::MAX)).unwrap()),
            }
        }
    }
    let both = budgets(usd(1.0), usd(0.25));
    assert_eq!(both.of_user_day(true), usd(0.25));
    assert_eq!(both.of_user_day(false), usd(1.0));
}

#[test]
fn what_is_known_of_the_day_never_shrinks() {
    let ledger = Ledger::new(Budgets {
        user_day: tokens(100),
        ..Budgets::default()
    });
    let day = |day: &str, stored| ledger.run_budget(&payer(user(1), day, stored));
    let first = day("2026-11-23", 0);
    first.hold_now("a", call(60)).unwrap().settle(call(60));
    drop(first);
    // Read from the store before the first run's report was written.
    let second = day("2026-11-23", 0);
    assert!(second.hold_now("a", call(41)).is_err());
    let tomorrow = day("2026-11-24", 0);
    tomorrow.hold_now("a", call(100)).unwrap();
    // Loaded before midnight, started after.
    let late = day("2026-11-23", 60);
    assert!(late.hold_now("a", call(41)).is_err());
    let still_tomorrow = day("2026-11-24", 0);
    tomorrow.hold_now("a", call(100)).unwrap().settle(call(100));
    assert!(still_tomorrow.hold_now("a", call(1)).is_err());
}

#[test]
fn a_call_that_is_cancelled_counts_as_all_that_it_may_use() {
    let run_budget = of_run(tokens(100), tokens(0));
    run_budget.hold_now("a", call(30)).unwrap().settle(call(10));
    let (open, other) = (
        run_budget.hold_now("a", call(30)).unwrap(),
        run_budget.hold_now("b", call(20)).unwrap(),
    );
    drop(run_budget.hold_now("a", call(40)).unwrap());
    let mut refused = run_budget.hold_now("a", call(40)).unwrap();
    refused.sent();
    refused.give_back();
    let usage = run_budget.close("a");
    assert_eq!((usage.calls, usage.estimated), (4, false));
    assert_eq!(
        (usage.used, usage.under_way),
        (Some(call(10)), Some(call(30)))
    );
    // What comes of it later changes nothing.
    open.settle(call(1));
    assert!(
        run_budget.hold_now("a", call(41)).is_err(),
        "10 + 30 + 20 + 41"
    );
    drop(other);
    let mut last = run_budget.hold_now("a", call(60)).unwrap();
    last.sent();
    drop(last);
    assert!(
        run_budget.hold_now("a", call(1)).is_err(),
        "nobody knows what it used"
    );
    let usage = run_budget.judge_usage("a");
    assert_eq!((usage.used, usage.estimated), (Some(call(70)), true));
    assert_eq!(run_budget.close("nobody"), JudgeUsage::default());
}
