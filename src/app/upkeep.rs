//! Periodic maintenance in small slices beside the traffic: unused keys of rate limits, expired
//! rows, retention, deleted data, and the disk space of it.

use std::time::Duration;

use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use crate::actors::messages::Close;
use crate::computing::Task;
use crate::service::Service;
use crate::store::fleet::{grants, rates};
use crate::store::{Db, Store, StoreError, evaluations, partitioning, retention, search, trash};

/// The interval at which unused keys of rate limits and ended logins are removed.
const SWEEP: Duration = Duration::from_secs(60);

/// The interval at which rows beyond their retention period are removed.
const RETENTION: Duration = Duration::from_secs(3600);

/// Runs until the process ends.
pub(super) async fn keep_up(service: web::Data<Service>) {
    let mut every = tokio::time::interval(SWEEP);
    let mut looked: Option<Instant> = None;
    // True if bytes of what is deleted may be left in the write-ahead log: something was deleted that
    // others may have removed already, as the removal of an account does, or a reader kept the last
    // checkpoint from completing.
    let mut left = false;
    loop {
        tokio::select! {
            _ = every.tick() => {
                service.limits.sweep();
                service.key_rates.sweep();
                service.drafts.sweep();
                service.record.sweep();
                service.record.flush().await;
                warn(expired(&service).await);
                if looked.is_none_or(|looked| looked.elapsed() >= RETENTION) {
                    looked = Some(Instant::now());
                    warn(old(&service).await);
                }
            }
            () = service.upkeep.notified() => left = true,
        }
        match deleted(&service.store, left).await {
            Ok(done) => left = !done,
            Err(error) => warn(Err(error)),
        }
    }
}

/// Indexes what a search of the history can only find by reading it: evaluations of earlier releases,
/// and those of nodes that still run one. Beside the rest of the upkeep, since a long history takes
/// minutes and what is deleted goes within seconds. Runs until the process ends.
pub(super) async fn keep_indexed(service: web::Data<Service>) {
    let mut every = tokio::time::interval(SWEEP);
    loop {
        every.tick().await;
        if let Err(error) = index_all(&service).await {
            tracing::warn!(%error, "the history can't be indexed now; it will be tried again");
        }
    }
}

/// Indexes one evaluation after the other until none is left. The terms are computed where all is
/// that users' texts cost, so that nobody waits for them with the writer.
async fn index_all(service: &Service) -> Result<(), StoreError> {
    /// Between two evaluations, so that the processors are for others too.
    const PAUSE: Duration = Duration::from_millis(5);
    let store = &service.store;
    while let Some(next) = store.read(search::next_unindexed).await? {
        let task = Task::of(next.user);
        let Ok(indexed) = service.cores.compute(&task, || next.indexed()).await else {
            // The failure has been logged already.
            return Ok(());
        };
        store
            .write(move |db| search::keep_indexed(db, &indexed))
            .await?;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

fn warn(outcome: Result<(), StoreError>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "what is over or deleted can't be removed now; it will be tried again");
    }
}

/// Removes expired links, logins, API keys and idempotency keys, old counters of rates and grants, and
/// security events beyond their retention period.
async fn expired(service: &Service) -> Result<(), StoreError> {
    let (store, now) = (&service.store, Utc::now());
    in_slices(store, move |db| retention::expired_links(db, now)).await?;
    in_slices(store, move |db| retention::expired_logins(db, now)).await?;
    in_slices(store, move |db| retention::ended_keys(db, now)).await?;
    if store.is_shared() {
        in_slices(store, rates::sweep).await?;
        in_slices(store, grants::sweep).await?;
    }
    in_slices(store, move |db| {
        retention::idempotency_keys(db, now - evaluations::KEY_LIFE)
    })
    .await?;
    if let Some(before) = days_ago(service.config.auth.security_log_days) {
        in_slices(store, move |db| retention::security_events(db, before)).await?;
    }
    Ok(())
}

/// Removes rows beyond their retention period.
async fn old(service: &Service) -> Result<(), StoreError> {
    let (store, kept) = (&service.store, &service.config.retention);
    if let Some(before) = days_ago(kept.spent_tokens_days) {
        in_slices(store, move |db| retention::spent_tokens(db, before)).await?;
    }
    if let Some(before) = days_ago(kept.usage_days) {
        in_slices(store, move |db| retention::usage(db, before)).await?;
    }
    let events_before = days_ago(kept.events_days);
    if let Some(before) = events_before {
        let mut from = None;
        loop {
            let slice = store.write(move |db| retention::events(db, from, before));
            let slice = slice.await?;
            if slice.rows == 0 {
                break;
            }
            from = Some(slice.reached);
        }
    }
    if store.is_shared() {
        event_months(service, events_before).await;
    }
    if let Some(before) = days_ago(kept.evaluations_days) {
        loop {
            let taken = store
                .write(move |db| retention::evaluations(db, before))
                .await?;
            if taken.is_empty() {
                break;
            }
            for session in taken {
                let reason = Some("deleted");
                service.registry.do_send(Close { session, reason });
            }
            deleted(store, false).await?;
        }
    }
    // The removals above leave free pages, too.
    deleted(store, true).await.map(drop)
}

/// Makes months of a partitioned event log, and drops old ones. If that fails, as where the tables
/// are in use all the time, everything else still takes its course.
async fn event_months(service: &Service, before: Option<DateTime<Utc>>) {
    let (store, metrics, now) = (&service.store, &service.metrics, Utc::now());
    let cleared = store.write(partitioning::clear_abandoned).await;
    let kept = store.keep_event_months(now, before).await.map(|kept| {
        metrics
            .event_months_dropped
            .inc_by(kept.dropped.len() as u64);
    });
    // Counted even if not all could be made or dropped, which is when the counts matter.
    let counted = store.event_months(now).await.map(|months| {
        metrics.event_months.set(months.all as f64);
        metrics.event_months_ahead.set(months.ahead as f64);
    });
    if let Err(error) = cleared.and(kept).and(counted) {
        tracing::warn!(%error, "the months of the event log can't be kept up now; it will be tried again");
    }
}

/// Removes deleted data and returns its disk space; with `look` the space is checked even if
/// nothing was deleted. Returns false if some of the data is still in the write-ahead log.
async fn deleted(store: &Store, look: bool) -> Result<bool, StoreError> {
    const TRIES: u32 = 5;
    const WAIT: Duration = Duration::from_millis(200);
    if !in_slices(store, trash::remove_slice).await? && !look {
        return Ok(true);
    }
    while store.shrink().await? {}
    for _ in 0..TRIES {
        if store.checkpoint().await? {
            return Ok(true);
        }
        tokio::time::sleep(WAIT).await;
    }
    Ok(false)
}

/// Removes slice after slice, each in its own transaction, until nothing is left. Returns true
/// if there was anything.
async fn in_slices(
    store: &Store,
    slice: impl Fn(&mut Db) -> Result<usize, StoreError> + Copy + Send + 'static,
) -> Result<bool, StoreError> {
    let mut any = false;
    while store.write(slice).await? > 0 {
        any = true;
    }
    Ok(any)
}

/// Returns `None` for 0 days, which means that rows are kept forever.
fn days_ago(days: u32) -> Option<DateTime<Utc>> {
    (days > 0).then(|| Utc::now() - TimeDelta::days(i64::from(days)))
}
