//! What is heard of other nodes, on its way to the rooms.

use actix::{Message, Recipient};
use tokio::sync::mpsc;

use crate::bus::Heard;

impl Message for Heard {
    type Result = ();
}

/// Hands the registry one thing after another; what comes faster than it takes it is bounded by the channel.
pub(crate) async fn pass_on(mut heard: mpsc::Receiver<Heard>, registry: Recipient<Heard>) {
    while let Some(one) = heard.recv().await {
        if registry.send(one).await.is_err() {
            return;
        }
    }
}
