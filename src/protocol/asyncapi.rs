//! The WebSocket protocol as an AsyncAPI 3.0 document, generated from the types that encode and
//! decode it.

use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::event::EventBody;

use super::check::{AddToCheck, BeginCheck};
use super::command::{AuthenticateData, JoinData, MAX_ID_CHARS, SessionData, StartData};
use super::reply::{ErrorBody, Reply};
use super::{BEARER_SUBPROTOCOL, SUBPROTOCOL};

/// The variants of [`Reply`] that answer commands; the others are control messages.
const ANSWERS: [&str; 6] = [
    "welcome",
    "session_joined",
    "session_left",
    "evaluation_started",
    "evaluation_cancelling",
    "check_progress",
];

/// Schemas and their names, in the order in which they were found.
type Schemas = Vec<(String, RefOr<Schema>)>;

/// A message type of the protocol, with the schema of its payload.
struct Message {
    name: String,
    kind: Kind,
    payload: Value,
}

#[derive(PartialEq, Eq)]
enum Kind {
    /// A message from the client, with the name of the reply to it.
    Command(&'static str),
    Answer,
    Control,
    Event,
}

/// Generates the document.
pub(crate) fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut messages = commands(&mut schemas);
    messages.extend(replies(&mut schemas));
    messages.extend(events(&mut schemas));
    let operations = operations(&messages);
    let component = |name: &str| json!({ "$ref": format!("#/components/messages/{name}") });
    let by_name = |value: &dyn Fn(&Message) -> Value| -> Map<String, Value> {
        let pairs = messages
            .iter()
            .map(|message| (message.name.clone(), value(message)));
        pairs.collect()
    };
    let schemas: Map<String, Value> = schemas
        .into_iter()
        .map(|(name, schema)| (name, plain(&schema)))
        .collect();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "LLM Judge Auditor: the socket",
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!(
                "`GET /ws` with the subprotocol `{SUBPROTOCOL}`; text frames, one JSON object each. An access \
                 token or an API key comes in the header `Authorization: Bearer`, as a second subprotocol `{BEARER_SUBPROTOCOL}` \
                 and the token in base64url, or by `authenticate` as the first message. A key needs the scope \
                 `read`, and `audit` to start, to cancel and to check. Recovery, limits and \
                 close codes are in docs/reference/protocol.md; REST is in `/api/v1/openapi.json`."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {
            "socket": {
                "address": "/ws",
                "messages": by_name(&|message| component(&message.name)),
                "bindings": { "ws": { "method": "GET", "bindingVersion": "0.1.0" } },
            },
        },
        "operations": operations,
        "components": {
            "messages": by_name(&|message| json!({
                "name": message.name,
                "title": message.name,
                "contentType": "application/json",
                "payload": message.payload,
            })),
            "schemas": schemas,
        },
    })
}

/// Describes what is sent and received: an operation for each command with its reply, one for all
/// events, and one for all control messages.
fn operations(messages: &[Message]) -> Map<String, Value> {
    let mut operations = Map::new();
    let on_channel = |name: &str| json!({ "$ref": format!("#/channels/socket/messages/{name}") });
    let channel = json!({ "$ref": "#/channels/socket" });
    for message in messages {
        if let Kind::Command(answer) = message.kind {
            let operation = json!({
                "action": "receive",
                "channel": channel,
                "summary": format!("Answered by `{answer}` or `error`, exactly once."),
                "messages": [on_channel(&message.name)],
                "reply": { "channel": channel, "messages": [on_channel(answer), on_channel("error")] },
            });
            operations.insert(message.name.clone(), operation);
        }
    }
    let of_kind = |kind: Kind| -> Vec<Value> {
        let ours = messages.iter().filter(|message| message.kind == kind);
        ours.map(|message| on_channel(&message.name)).collect()
    };
    for (name, kind, summary) in [
        (
            "events",
            Kind::Event,
            "A session's log: every event is stored before it is sent.",
        ),
        (
            "control",
            Kind::Control,
            "Messages about the connection, which are in no log.",
        ),
    ] {
        let operation = json!({
            "action": "send",
            "channel": channel,
            "summary": summary,
            "messages": of_kind(kind),
        });
        operations.insert(name.to_owned(), operation);
    }
    operations
}

/// Converts a schema to JSON.
fn plain(schema: &RefOr<Schema>) -> Value {
    // Serialisation cannot fail: a schema consists of strings, numbers, lists and maps.
    serde_json::to_value(schema).unwrap_or_default()
}

/// Adds the schemas of a type and of the types that it contains, and returns a reference to it.
fn noted<T: ToSchema>(schemas: &mut Schemas) -> Value {
    let name = T::name().into_owned();
    let mut found = vec![(name.clone(), T::schema())];
    T::schemas(&mut found);
    for (name, schema) in found {
        if schemas.iter().all(|(known, _)| *known != name) {
            schemas.push((name, schema));
        }
    }
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn commands(schemas: &mut Schemas) -> Vec<Message> {
    let command = |name: &str, answer, data: Value, needed: bool| {
        let required = if needed {
            vec!["type", "data"]
        } else {
            vec!["type"]
        };
        Message {
            name: name.to_owned(),
            kind: Kind::Command(answer),
            payload: json!({
                "type": "object",
                "required": required,
                "properties": { "type": { "const": name }, "id": id(), "data": data },
            }),
        }
    };
    let session = noted::<SessionData>(schemas);
    vec![
        command(
            "authenticate",
            "welcome",
            noted::<AuthenticateData>(schemas),
            true,
        ),
        command(
            "join_session",
            "session_joined",
            noted::<JoinData>(schemas),
            true,
        ),
        command("leave_session", "session_left", session.clone(), true),
        command(
            "start_evaluation",
            "evaluation_started",
            noted::<StartData>(schemas),
            true,
        ),
        command("cancel_evaluation", "evaluation_cancelling", session, true),
        command(
            "begin_check",
            "check_progress",
            noted::<BeginCheck>(schemas),
            true,
        ),
        command(
            "add_to_check",
            "check_progress",
            noted::<AddToCheck>(schemas),
            true,
        ),
        command("ping", "pong", json!(true), false),
    ]
}

fn id() -> Value {
    json!({
        "type": "string",
        "maxLength": MAX_ID_CHARS,
        "description": "The client's own name for a command; the reply repeats it.",
    })
}

fn replies(schemas: &mut Schemas) -> Vec<Message> {
    let mut messages: Vec<Message> = variants::<Reply>(schemas)
        .into_iter()
        .map(|(name, data)| {
            let answers = ANSWERS.contains(&name.as_str());
            let mut properties = json!({ "type": { "const": name }, "data": data });
            if answers {
                properties["id"] = id();
            }
            let payload = json!({
                "type": "object",
                "required": ["type", "data"],
                "properties": properties,
            });
            let kind = if answers { Kind::Answer } else { Kind::Control };
            Message {
                name,
                kind,
                payload,
            }
        })
        .collect();
    let time = json!({ "type": "string", "format": "date-time" });
    messages.push(Message {
        name: "pong".to_owned(),
        kind: Kind::Answer,
        payload: json!({
            "type": "object",
            "required": ["type", "data"],
            "description": "The data of the ping, with `server_time` in it if the data is an object, otherwise beside it.",
            "properties": {
                "type": { "const": "pong" },
                "id": id(),
                "data": { "if": { "type": "object" }, "then": {
                    "required": ["server_time"],
                    "properties": { "server_time": time },
                } },
                "server_time": time,
            },
        }),
    });
    messages.push(Message {
        name: "error".to_owned(),
        kind: Kind::Answer,
        payload: json!({
            "type": "object",
            "required": ["type", "error"],
            "properties": {
                "type": { "const": "error" },
                "id": id(),
                "error": noted::<ErrorBody<'_>>(schemas),
            },
        }),
    });
    messages
}

fn events(schemas: &mut Schemas) -> Vec<Message> {
    let uuid = json!({ "type": "string", "format": "uuid" });
    let variants = variants::<EventBody>(schemas).into_iter();
    let event = variants.map(|(name, data)| Message {
        payload: json!({
            "type": "object",
            "required": ["type", "session_id", "run_id", "epoch", "seq", "ts", "data"],
            "properties": {
                "type": { "const": name },
                "session_id": uuid,
                "run_id": uuid,
                "epoch": { "type": "string", "description": "The epoch of the log: it changes when earlier sequence numbers are no longer valid." },
                "seq": { "type": "integer", "minimum": 1, "description": "The sequence number of the event in the log, from 1." },
                "ts": { "type": "string", "format": "date-time" },
                "data": data,
            },
        }),
        name,
        kind: Kind::Event,
    });
    event.collect()
}

/// Returns the variants of an enum that is encoded as `{"type", "data"}`, each with the schema of
/// its data. Also adds the schemas of the types that they contain.
fn variants<T: PartialSchema + ToSchema>(schemas: &mut Schemas) -> Vec<(String, Value)> {
    let mut held = Schemas::new();
    T::schemas(&mut held);
    for (name, schema) in held {
        if schemas.iter().all(|(known, _)| *known != name) {
            schemas.push((name, schema));
        }
    }
    let whole = plain(&T::schema());
    let one_of = whole["oneOf"].as_array().cloned().unwrap_or_default();
    one_of
        .into_iter()
        .filter_map(|variant| {
            let name = variant["properties"]["type"]["enum"][0]
                .as_str()?
                .to_owned();
            Some((name, variant["properties"]["data"].clone()))
        })
        .collect()
}

#[cfg(test)]
#[path = "tests/asyncapi.rs"]
mod tests;
