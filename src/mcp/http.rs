//! `POST /mcp`: the protocol's streamable HTTP transport. It is stateless in every supported
//! revision.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt, poll_fn};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use rmcp::handler::server::ServerHandler;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde::de::IgnoredAny;
use tokio::time::{MissedTickBehavior, interval};

use crate::http::edge::address::exact_address;
use crate::http::edge::body::{Extracting, read};
use crate::http::edge::origin;
use crate::protocol::error::{ErrorCode, Finer, Refusal};
use crate::protocol::strip_bearer;
use crate::service::Service;
use crate::service::accounts::unauthenticated;
use crate::socket::SocketHandle;

use super::call_queue::CallQueue;
use super::caller::Caller;
use super::handler::Handler;
use super::tools::Tool;

/// Maximum size of a message, in bytes: room for the longest texts with every character escaped.
const MAX_MESSAGE_BYTES: usize = 4 << 20;

/// Interval at which a stream checks whether its reader has disconnected.
const CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// Request headers that the library receives. The token is not among them: the library's log could
/// show it. `host` is not either: the library refuses a request without a host, or with one that it
/// can't parse, even where every host is allowed; the address that it receives has a fixed one.
const PASSED_ON: [&str; 7] = [
    "accept",
    "content-type",
    "mcp-protocol-version",
    "mcp-method",
    "mcp-name",
    "mcp-session-id",
    "last-event-id",
];

/// The address of each message that the library receives.
const ADDRESS: &str = "http://localhost/mcp";

/// A message of an authenticated user.
pub(crate) struct Message {
    caller: Caller,
    bytes: Bytes,
}

impl FromRequest for Message {
    type Error = Refusal;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read(request, payload, MAX_MESSAGE_BYTES);
        let request = request.clone();
        Box::pin(async move {
            let service = request.app_data::<web::Data<Service>>();
            let service = service.ok_or_else(Refusal::internal)?;
            // A foreign page must not call tools through its visitor's browser.
            if origin::admitted(&request, &service.config.server) == Some(false) {
                let message = "pages of this origin may not use this server; its operator can add the origin \
                    to server.allowed_origins";
                return Err(Refusal::new(ErrorCode::Forbidden, message));
            }
            let token = request.headers().get(header::AUTHORIZATION);
            let token = token
                .and_then(|value| value.to_str().ok())
                .and_then(strip_bearer)
                .ok_or_else(unauthenticated)?;
            let address = exact_address(&request, &service.config.server.trusted_proxies);
            let identity = service.identify(token, address).await?;
            tracing::Span::current().record("user", tracing::field::display(identity.user.id));
            let bytes = bytes.await?;
            // The library would call a message that is not JSON a wrong content type.
            let kind = request.headers().get(header::CONTENT_TYPE);
            let is_json = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
            if is_json && let Err(error) = serde_json::from_slice::<IgnoredAny>(&bytes) {
                let message = format!("the message is not JSON: {error}");
                return Err(Refusal::new(ErrorCode::BadRequest, message));
            }
            Ok(Self {
                caller: Caller::Granted(identity.grant),
                bytes,
            })
        })
    }
}

/// Processes a message and returns the response.
pub(crate) async fn answer(
    request: HttpRequest,
    message: Message,
    service: web::Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let Message { caller, bytes } = message;
    let library = library(Handler::new(CallQueue::open(service, caller), &Tool::ALL));
    let passed = passed_on(&request, bytes).ok_or_else(Refusal::internal)?;
    let (head, body) = library.handle(passed).await.into_parts();
    let status = StatusCode::from_u16(head.status.as_u16()).map_err(|_| Refusal::internal())?;
    let kind = head.headers.get("content-type");
    let kind = kind
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if status.is_client_error() && !kind.starts_with("application/json") {
        return Err(in_words(status, body).await);
    }
    let mut answer = HttpResponse::build(status);
    for (name, value) in &head.headers {
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value)
            && name != header::CONTENT_LENGTH
        {
            answer.insert_header((name, value));
        }
    }
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    if !kind.starts_with("text/event-stream") {
        return Ok(answer.body(whole(body).await));
    }
    let socket = request.conn_data::<SocketHandle>();
    let hung_up = socket.ok_or_else(Refusal::internal)?.hung_up();
    // Without this header nginx buffers the messages until it has a few kilobytes.
    answer.insert_header(("X-Accel-Buffering", "no"));
    Ok(answer.streaming(while_read(body, hung_up)))
}

/// Creates the library's service for one message.
fn library<H>(handler: H) -> StreamableHttpService<H, NeverSessionManager>
where
    H: ServerHandler + Clone + Send + Sync + 'static,
{
    // Hosts and origins are checked by the middleware, with the configured lists.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(MAX_MESSAGE_BYTES)
        .disable_allowed_hosts()
        .disable_allowed_origins();
    let sessions = Arc::new(NeverSessionManager::default());
    StreamableHttpService::new(move || Ok(handler.clone()), sessions, config)
}

/// Refuses other methods: there is no stream without a message, and no session to end.
pub(crate) async fn other_method() -> Result<HttpResponse, Refusal> {
    let message =
        "messages come by POST; there are no sessions here, and no stream without a message";
    let allow = serde_json::json!({ "allow": "POST" });
    Err(Refusal::finer(Finer::MethodNotAllowed, message).with_details(allow))
}

fn passed_on(request: &HttpRequest, bytes: Bytes) -> Option<http::Request<Full<Bytes>>> {
    let mut passed = http::Request::post(ADDRESS);
    for name in PASSED_ON {
        for value in request.headers().get_all(name) {
            passed = passed.header(name, value.as_bytes());
        }
    }
    // Headers that mirror parameters have names of their own.
    for (name, value) in request.headers() {
        if name.as_str().starts_with("mcp-param-") {
            passed = passed.header(name.as_str(), value.as_bytes());
        }
    }
    passed.body(Full::new(bytes)).ok()
}

/// Converts an error response of the library to a refusal.
async fn in_words(status: StatusCode, body: BoxBody<Bytes, Infallible>) -> Refusal {
    let message = String::from_utf8_lossy(&whole(body).await).into_owned();
    match status {
        StatusCode::NOT_ACCEPTABLE => Refusal::finer(Finer::NotAcceptable, message),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Refusal::finer(Finer::UnsupportedMediaType, message),
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::new(ErrorCode::PayloadTooLarge, message),
        _ => Refusal::new(ErrorCode::BadRequest, message),
    }
}

/// Collects a body, which is complete already.
async fn whole(body: BoxBody<Bytes, Infallible>) -> Bytes {
    match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(never) => match never {},
    }
}

/// Streams the body while the client is connected; afterwards the body is dropped, which stops the
/// call.
fn while_read(
    body: BoxBody<Bytes, Infallible>,
    hung_up: impl Fn() -> bool + 'static,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let mut pieces = Some(body.into_data_stream());
    let mut look = interval(CHECK_INTERVAL);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    poll_fn(move |cx| {
        while look.poll_tick(cx).is_ready() {
            if hung_up() {
                pieces = None;
            }
        }
        match &mut pieces {
            Some(pieces) => Pin::new(pieces).poll_next(cx),
            None => Poll::Ready(None),
        }
    })
    .fuse()
}

#[cfg(test)]
#[path = "tests/http.rs"]
mod tests;
