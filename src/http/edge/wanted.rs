//! A request is worked at while somebody waits for its answer.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::protocol::error::{ErrorCode, Refusal};
use crate::socket::SocketHandle;

/// How often it is looked whether the client is still there. What is answered sooner is not looked after.
const LOOK: Duration = Duration::from_millis(50);

/// Drops the work at a request whose client has closed its side of the connection, and with it all
/// computations for it.
///
/// The server itself goes on for such a client, which might still read. Next to nobody does, proxies don't
/// either, and whoever asks for much and goes away would keep the processors at work for nobody. What has to
/// come to its end all the same (a change and the message that follows it) does not hang on its request.
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
            tokio::time::sleep(LOOK).await;
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
