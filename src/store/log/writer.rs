//! The task that writes the event log. It commits everything that has queued up during the last
//! commit together (group commit): the higher the load, the more events share one flush to disk.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{mpsc, watch};
use tracing::Instrument;

use super::batch;
use super::journal::{Append, AppendError, Counters, Job, Journal};
use crate::store::pool::Store;
use crate::store::pool::connection::Db;
use crate::store::pool::hang::Claim;
use crate::telemetry::metrics::Metrics;

/// Capacity of the queue, in appends; senders wait while it is full.
const QUEUE: usize = 4096;

/// Maximum number of events in one transaction; a single larger append is accepted too. Beyond some
/// hundreds, the flush is cheap compared with the rows, and all callers wait for the whole batch.
const BATCH_EVENTS: usize = 512;

/// Maximum number of bytes of frames in one transaction, for the same reason.
const BATCH_BYTES: usize = 4 << 20;

impl Store {
    /// Starts the writer of the event log on the current runtime. A process needs one; it ends when
    /// the last clone of the journal is dropped.
    pub fn journal(&self) -> Journal {
        let store = self.clone();
        start_with(|jobs, counters| run(store, jobs, counters))
    }
}

fn start_with<F: Future<Output = ()> + Send + 'static>(
    run: impl FnOnce(mpsc::Receiver<Job>, Arc<Counters>) -> F,
) -> Journal {
    let (sender, jobs) = mpsc::channel(QUEUE);
    let counters = Arc::new(Counters::default());
    let (works, writer) = watch::channel(());
    let run = run(jobs, Arc::clone(&counters));
    tokio::spawn(async move {
        // Dropped when the task ends, in whatever way.
        let _works = works;
        run.await;
    });
    Journal::new(sender, counters, writer)
}

/// Returns a journal whose writer panics.
#[cfg(test)]
pub(crate) fn broken() -> Journal {
    start_with(|_, _| async { panic!("on purpose") })
}

async fn run(store: Store, mut jobs: mpsc::Receiver<Job>, counters: Arc<Counters>) {
    while let Some(first) = jobs.recv().await {
        // Other writers may go first; appends that queue up during the wait join this batch.
        let turn = store.write_turn().await;
        let mut batch = collect(first, &mut jobs);
        // A stable sort, so that appends of a session keep their order.
        batch.sort_by_key(|job| job.append.session_id);
        let (appends, answers): (Vec<Append>, Vec<_>) = batch
            .into_iter()
            .map(|job| (job.append, job.answer))
            .unzip();
        let mut began = Instant::now();
        let (counters, metrics) = (Arc::clone(&counters), store.metrics().cloned());
        let write = async {
            let slot = store.journal_slot().await?;
            let work = move |db: &mut Db, claim: &Claim| {
                // Claimed for the whole batch: an append that is committed after all is recognised
                // when it is retried.
                claim.commit()?;
                Ok(batch::write(db, &appends, |transaction| {
                    if let Ok(events) = transaction {
                        counters.committed(events);
                    }
                    if let Some(metrics) = &metrics {
                        measure(metrics, transaction, &mut began);
                    }
                }))
            };
            store.blocking(slot, turn, work).await
        };
        let span = tracing::error_span!("commit", appends = answers.len());
        let failed = match write.instrument(span.clone()).await {
            Ok(outcomes) => {
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    // The caller may have stopped waiting, which is no error.
                    drop(answer.send(outcome));
                }
                continue;
            }
            Err(error) => AppendError::from(error),
        };
        span.in_scope(|| tracing::warn!(error = %failed, "the event log could not be written"));
        for answer in answers {
            drop(answer.send(Err(failed.clone())));
        }
    }
}

/// Records metrics of a transaction. It began with the wait for the connection, or with the end of
/// the previous transaction of the same batch.
fn measure(metrics: &Metrics, transaction: Result<usize, &AppendError>, began: &mut Instant) {
    match transaction {
        Ok(events) => {
            metrics.events.inc_by(events as u64);
            metrics.commit_events.observe(events as f64);
            metrics
                .commit_seconds
                .observe(began.elapsed().as_secs_f64());
        }
        Err(AppendError::Unavailable(_)) => metrics.database_errors.count("unavailable"),
        Err(AppendError::Query(_)) => metrics.database_errors.count("refused"),
        // These are no faults of the database.
        Err(AppendError::Gone | AppendError::Conflict | AppendError::Fenced) => {}
    }
    *began = Instant::now();
}

fn collect(first: Job, jobs: &mut mpsc::Receiver<Job>) -> Vec<Job> {
    let size = |job: &Job| -> usize {
        job.append
            .events
            .iter()
            .map(|event| event.frame.len())
            .sum()
    };
    let (mut events, mut bytes) = (first.append.events.len(), size(&first));
    let mut batch = vec![first];
    while events < BATCH_EVENTS && bytes < BATCH_BYTES {
        let Ok(job) = jobs.try_recv() else { break };
        events += job.append.events.len();
        bytes += size(&job);
        batch.push(job);
    }
    batch
}
