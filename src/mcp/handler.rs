//! The handler of the protocol's requests: server information, the list of tools, and calls of
//! tools.

use std::borrow::Cow;
use std::future::pending;

use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData,
    Implementation, ListToolsResult, PaginatedRequestParams, ProgressNotificationParam,
    ProgressToken, ProtocolVersion, ServerCapabilities, ServerConfig, Tool as Description,
};
use rmcp::service::{Peer, RequestContext, RoleServer};
use tokio::sync::{oneshot, watch};

use super::advice::advice;
use super::call::{Call, Step};
use super::call_queue::CallQueue;
use super::tools::Tool;

/// Time for which clients may cache the list of tools, in milliseconds: it changes with a release
/// only.
const LIST_TTL_MS: u64 = 300_000;

/// Returns the instructions for a model, which name only tools that are there.
fn instructions(tools: &[Tool]) -> String {
    let search = if tools.contains(&Tool::SearchCollection) {
        ", search_collection to find passages of the account's own documents"
    } else {
        ""
    };
    format!(
        "Audits text against its sources: whether a summary, an answer or a single statement holds to what the \
         sources say. Call audit for a whole output, check_claims for a few statements, get_evaluation for an audit \
         that was not done in time{search}. Verdicts are SUPPORTED, REFUTED and NOT_ENOUGH_INFO; spans count UTF-16 \
         code units."
    )
}

/// The supported revisions of the protocol, newest first.
const REVISIONS: [ProtocolVersion; 3] = [
    ProtocolVersion::V_2026_07_28,
    ProtocolVersion::V_2025_11_25,
    ProtocolVersion::V_2025_06_18,
];

/// Serves one client.
#[derive(Clone)]
pub(super) struct Handler {
    calls: CallQueue,
    tools: &'static [Tool],
}

impl Handler {
    pub(super) const fn new(calls: CallQueue, tools: &'static [Tool]) -> Self {
        Self { calls, tools }
    }

    fn tool(&self, name: &str) -> Option<Tool> {
        Tool::named(name).filter(|tool| self.tools.contains(tool))
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let own = Implementation::new("judge-auditor", env!("CARGO_PKG_VERSION"))
            .with_title("LLM Judge Auditor");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(own)
            .with_instructions(instructions(self.tools))
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(&REVISIONS)
    }

    fn get_tool(&self, name: &str) -> Option<Description> {
        self.tool(name).map(|tool| tool.description().clone())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = self.tools.iter().map(|tool| tool.description().clone());
        Ok(ListToolsResult::with_all_items(tools.collect())
            .with_ttl_ms(LIST_TTL_MS)
            .with_cache_scope(CacheScope::Public))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = self.tool(&request.name) else {
            let names: Vec<&str> = self.tools.iter().map(|tool| tool.name()).collect();
            let message = format!(
                "there is no tool of that name; there are {}",
                names.join(", ")
            );
            return Err(ErrorData::invalid_params(message, None));
        };
        let (answer, answered) = oneshot::channel();
        let (steps, progress) = watch::channel(None);
        let mut notifier = ProgressNotifier {
            peer: &context.peer,
            token: context.meta.get_progress_token(),
            steps: progress,
            last: -1.0,
        };
        let call = Call {
            tool,
            arguments: request.arguments.unwrap_or_default(),
            steps,
            answer,
        };
        let stopping = || ErrorData::internal_error("the server is stopping", None);
        self.calls.send(call).await.map_err(|()| stopping())?;
        let answer = tokio::select! {
            biased;
            // Returning drops the receiver of the answer, which stops the work.
            () = context.ct.cancelled() => return Err(stopping()),
            answered = answered => answered.map_err(|_| stopping())?,
            () = notifier.run() => return Err(stopping()),
        };
        // A short call may end before its steps were sent.
        notifier.notify().await;
        let result = match answer {
            Ok(value) => CallToolResult::structured(value),
            Err(refusal) => CallToolResult::error(vec![ContentBlock::text(advice(&refusal))]),
        };
        Ok(result.into())
    }
}

/// Sends progress notifications to a client that asked for them, as fast as it reads.
struct ProgressNotifier<'a> {
    peer: &'a Peer<RoleServer>,
    /// `None` if the client did not ask for progress.
    token: Option<ProgressToken>,
    steps: watch::Receiver<Option<Step>>,
    /// The progress that the client knows.
    last: f64,
}

impl ProgressNotifier<'_> {
    /// Sends each step that is new; never returns.
    async fn run(&mut self) {
        while self.steps.changed().await.is_ok() {
            self.notify().await;
        }
        pending().await
    }

    /// Sends the latest step, unless the client knows it.
    async fn notify(&mut self) {
        let Some(token) = self.token.clone() else {
            return;
        };
        let step = self.steps.borrow_and_update().clone();
        // The protocol requires that progress increases with each notification.
        let Some(step) = step.filter(|step| step.progress > self.last) else {
            return;
        };
        let told = ProgressNotificationParam::new(token, step.progress)
            .with_total(100.0)
            .with_message(step.message);
        match self.peer.notify_progress(told).await {
            Ok(()) => self.last = step.progress,
            // The client is gone, which ends the call.
            Err(_) => self.token = None,
        }
    }
}

#[cfg(test)]
#[path = "tests/handler.rs"]
mod tests;
