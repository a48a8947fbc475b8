//! Executes calls of tools on the connection's thread. The library calls its handler from tasks on
//! any thread, but an actor that watches a run has to live on that thread.

use std::cell::Cell;
use std::rc::Rc;

use actix_web::web;
use tokio::sync::{Semaphore, mpsc};

use crate::service::Service;

use super::call::Call;
use super::caller::Caller;
use super::work::{Work, carry_out};

/// Maximum number of concurrent calls of one client; `WAITING` is that of waiting calls.
const AT_ONCE: usize = 8;
const WAITING: usize = 32;

/// The sender of calls. The queue ends when its last clone is dropped.
#[derive(Clone)]
pub(super) struct CallQueue(mpsc::Sender<Call>);

impl CallQueue {
    /// Starts a queue on this thread, for one client.
    pub(super) fn open(service: web::Data<Service>, caller: Caller) -> Self {
        let (sender, mut calls) = mpsc::channel::<Call>(WAITING);
        let permits = Rc::new(Semaphore::new(AT_ONCE));
        actix_web::rt::spawn(async move {
            while let Some(call) = calls.recv().await {
                let (service, permits) = (service.clone(), Rc::clone(&permits));
                actix_web::rt::spawn(async move {
                    // The semaphore is never closed, so that this can't fail.
                    let _permit = permits.acquire().await;
                    execute(&service, caller, call).await;
                });
            }
        });
        Self(sender)
    }

    /// Sends a call; waits while too many calls are waiting.
    ///
    /// # Errors
    /// The queue has ended, because the server is stopping.
    pub(super) async fn send(&self, call: Call) -> Result<(), ()> {
        self.0.send(call).await.map_err(drop)
    }
}

/// Executes a call while somebody waits for it; otherwise the run that it started is cancelled.
async fn execute(service: &Service, caller: Caller, call: Call) {
    let Call {
        tool,
        arguments,
        steps,
        mut answer,
    } = call;
    let started = Cell::new(None);
    let work = Work {
        service,
        caller,
        steps,
        started: &started,
    };
    let done = tokio::select! {
        biased;
        () = answer.closed() => None,
        done = carry_out(&work, tool, arguments) => Some(done),
    };
    match (done, started.get()) {
        (Some(done), _) => {
            // The receiver may be gone by now, and then needs no answer.
            let _ = answer.send(done);
        }
        (None, Some(evaluation)) => {
            let cancelled = service.cancel_evaluation(caller.user(), evaluation).await;
            if let Err(refusal) = cancelled {
                // The run has most likely just ended.
                tracing::debug!(%evaluation, %refusal, "an audit that nobody waits for was not cancelled");
            }
        }
        (None, None) => {}
    }
}
