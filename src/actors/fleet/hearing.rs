//! Passes on the signals of other nodes from the bus to the registry.

use actix::{Message, Recipient};
use tokio::sync::mpsc;

use crate::bus::Heard;

impl Message for Heard {
    type Result = ();
}

/// Sends the registry one signal at a time; the bounded channel in front holds
/// signals that arrive faster.
pub(crate) async fn pass_on(mut heard: mpsc::Receiver<Heard>, registry: Recipient<Heard>) {
    while let Some(one) = heard.recv().await {
        if registry.send(one).await.is_err() {
            return;
        }
    }
}
