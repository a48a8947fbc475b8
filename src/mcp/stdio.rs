//! The protocol over standard input and output: the program that starts the process is its only
//! client.

use actix_web::web;
use rmcp::service::ServiceExt;
use rmcp::transport::io::stdio;

use crate::domain::ids::UserId;
use crate::service::Service;

use super::call_queue::CallQueue;
use super::caller::Caller;
use super::handler::Handler;
use super::tools::Tool;

/// The temporary database has no collections, so that the search in them is left out.
const TOOLS: [Tool; 3] = [Tool::Audit, Tool::CheckClaims, Tool::GetEvaluation];

/// Serves until standard input ends.
///
/// # Errors
/// The input is not valid in the protocol.
pub(crate) async fn serve(service: web::Data<Service>, user: UserId) -> Result<(), String> {
    let handler = Handler::new(CallQueue::open(service, Caller::Local(user)), &TOOLS);
    let serving = handler.serve(stdio()).await;
    let serving = serving.map_err(|error| error.to_string())?;
    let ended = serving.waiting().await;
    ended.map(drop).map_err(|error| error.to_string())
}
