//! Opens an event stream: starts its actor, waits until it has joined the session, and returns its
//! output as a body.

use std::convert::Infallible;
use std::sync::Arc;

use actix::Actor;
use bytes::Bytes;
use futures_util::stream::{Stream, poll_fn};
use tokio::sync::{mpsc, oneshot};

use crate::protocol::error::{ErrorCode, Refusal};
use crate::service::Service;

use super::stream::{EventStream, Opening};

/// The body of an event stream.
pub(crate) type Events = Box<dyn Stream<Item = Result<Bytes, Infallible>> + Unpin>;

/// Opens an event stream.
///
/// # Errors
/// `draining`, `not_found`, `limit_exceeded` (429) if the user has too many connections,
/// `unauthenticated`, `overloaded`.
pub(crate) async fn open(service: Arc<Service>, opening: Opening) -> Result<Events, Refusal> {
    if service.is_draining() {
        return Err(Refusal::new(
            ErrorCode::Draining,
            "the server is shutting down",
        ));
    }
    let known = service
        .position(opening.identity.user.id, opening.session)
        .await?;
    // Only one piece is buffered here; the rest stays in the log.
    let (sender, mut pieces) = mpsc::channel(1);
    let (opened, answer) = oneshot::channel();
    EventStream::new(service, opening, known, sender, opened).start();
    answer.await.unwrap_or_else(|_| Err(Refusal::internal()))?;
    Ok(Box::new(poll_fn(move |cx| {
        pieces
            .poll_recv(cx)
            .map(|piece: Option<Bytes>| piece.map(Ok))
    })))
}
