//! A run that is granted what it takes of a day.

use std::sync::{Arc, Mutex};

use super::super::grant::Grants;
use super::super::{Amount, RunBudget};
use crate::domain::report::Usage;
use crate::judges::Waiting;

/// A day with so many tokens left, and what was asked of it.
#[derive(Clone, Default)]
struct Left(Arc<Mutex<(u64, Vec<u64>)>>);

impl Grants for Left {
    fn raise(&self, more: Amount) -> Waiting<Result<(), String>> {
        let mut left = self.0.lock().unwrap();
        left.1.push(more.tokens);
        let granted = match left.0.checked_sub(more.tokens) {
            Some(rest) => {
                left.0 = rest;
                Ok(())
            }
            None => Err("not so much".to_owned()),
        };
        Box::pin(async move { granted })
    }
}

fn call(tokens: u64) -> Usage {
    Usage {
        prompt_tokens: tokens,
        completion_tokens: 0,
        cost_usd: None,
    }
}

#[tokio::test]
async fn only_what_is_missing_is_asked_for() {
    let left = Left::default();
    left.0.lock().unwrap().0 = 100;
    let run_budget = RunBudget::default().granted_by(Box::new(left.clone()));
    let first = run_budget.hold("a", call(40)).await.unwrap();
    let second = run_budget.hold("a", call(30)).await.unwrap();
    first.settle(call(10));
    // 70 are granted, 10 spent and 30 held.
    let third = run_budget.hold("a", call(50)).await.unwrap();
    assert_eq!(left.0.lock().unwrap().1, [40, 30, 20]);
    let why = run_budget.hold("a", call(11)).await.unwrap_err();
    assert_eq!(why, "not so much");
    second.give_back();
    drop(third);
    // What was not sent is there again.
    run_budget.hold("b", call(80)).await.unwrap();
    assert_eq!(left.0.lock().unwrap().1, [40, 30, 20, 11]);
}
