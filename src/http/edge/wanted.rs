//! Cancels the work on a request when its client has disconnected.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::protocol::error::{ErrorCode, Refusal};
use crate::socket::SocketHandle;

/// Interval between two checks that the client is still connected. A request that is answered
/// sooner is never checked.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// Drops the work on a request whose client has closed its side of the connection, and with it all
/// computations for it.
///
/// The server itself would continue for such a client, which might still read. Hardly any client
/// does, and neither do proxies; clients that ask for much work and disconnect would keep the
/// processors busy for nothing. Work that must be finished all the same (a change and the message
/// that follows it) does not run inside the request.
pub(crate) async fn while_wanted(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let socket = request.conn_data::<SocketHandle>();
    let Some(hung_up) = socket.map(SocketHandle::hung_up) else {
        return next.call(request).await;
    };
    let gone = async {
        loop {
            tokio::time::sleep(CHECK_INTERVAL).await;
            if hung_up() {
                break;
            }
        }
    };
    tokio::select! {
        biased;
        answer = next.call(request) => answer,
        () = gone => Err(nobody_waits().into()),
    }
}

fn nobody_waits() -> Refusal {
    Refusal::new(
        ErrorCode::BadRequest,
        "the client closed its side of the connection before the answer was there",
    )
}

#[cfg(test)]
#[path = "tests/wanted.rs"]
mod tests;
