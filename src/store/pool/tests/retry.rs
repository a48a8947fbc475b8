use std::cell::Cell;

use super::*;

#[tokio::test]
async fn a_transient_error_is_tried_again_after_a_wait_and_another_is_told() {
    let tries = Cell::new(0);
    let attempt = || {
        tries.set(tries.get() + 1);
        let outcome = match tries.get() {
            1 => Err(StoreError::Unavailable("away".to_owned())),
            2 => Ok("an answer"),
            _ => Err(StoreError::Query("refused".to_owned())),
        };
        std::future::ready(outcome)
    };
    let begin = tokio::time::Instant::now();
    let got = retry("the test", 1, StoreError::is_transient, attempt).await;
    assert_eq!((got.unwrap(), tries.get()), ("an answer", 2));
    assert!(begin.elapsed() >= WAIT.0, "it asks without a pause");
    let got = retry("the test", 1, StoreError::is_transient, attempt).await;
    assert!(matches!(got, Err(StoreError::Query(_))), "{got:?}");
    assert_eq!(tries.get(), 3);
}
