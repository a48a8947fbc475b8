//! What the figures say of the event log.

use std::sync::Arc;

use super::journal::{append, started};
use super::on_both;
use crate::store::journal::AppendError;
use crate::telemetry::metrics::Metrics;

on_both!(a_commit_that_failed_is_counted_and_not_timed, |store| {
    let ada = store.account("ada").await;
    let (session, run) = started(store, ada.id).await;
    let metrics = Arc::new(Metrics::new().unwrap());
    let journal = (**store).clone().metered(Arc::clone(&metrics)).journal();
    journal.append(append(session, run, 0, 2)).await.unwrap();
    // Nothing is wrong with the database here.
    assert_eq!(
        journal.append(append(session, run, 7, 1)).await,
        Err(AppendError::Conflict)
    );
    assert_eq!(metrics.database_errors.of("refused").unwrap().get(), 0);
    store.sql("DROP TABLE session_events").await;
    for failures in 1..3 {
        let refused = journal.append(append(session, run, 2, 1)).await;
        assert!(matches!(refused, Err(AppendError::Query(_))), "{refused:?}");
        let counted = metrics.database_errors.of("refused").unwrap().get();
        assert_eq!(counted, failures);
    }
    assert_eq!(metrics.commit_seconds.get_sample_count(), 1);
    assert_eq!(metrics.commit_events.get_sample_count(), 1);
    assert_eq!(metrics.database_errors.of("unavailable").unwrap().get(), 0);
});
