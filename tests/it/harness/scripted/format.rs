//! The four formats that providers are asked in: which one it is, and whether it is well formed.

use std::net::SocketAddr;

use serde_json::Value;

use super::KEY;
use super::request::Request;

/// A provider's wire format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    OpenAi,
    Anthropic,
    Gemini,
    Ollama,
}

impl Format {
    pub(crate) const ALL: [Self; 4] = [Self::OpenAi, Self::Anthropic, Self::Gemini, Self::Ollama];

    /// The kind of judge that speaks it.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
        }
    }

    /// Where the interface begins on a server.
    pub(super) fn base_url(self, address: SocketAddr) -> String {
        let path = match self {
            Self::OpenAi => "/v1",
            Self::Anthropic | Self::Gemini | Self::Ollama => "",
        };
        format!("http://{address}{path}")
    }

    /// Where the model `scripted-1` is asked.
    const fn path(self) -> &'static str {
        match self {
            Self::OpenAi => "/v1/chat/completions",
            Self::Anthropic => "/v1/messages",
            Self::Gemini => "/v1beta/models/scripted-1:generateContent",
            Self::Ollama => "/api/chat",
        }
    }

    /// The format of a request to this path.
    pub(super) fn of(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.path() == path)
    }

    /// What is not as the provider's documentation wants it.
    pub(super) fn wrong(self, request: &Request) -> Vec<String> {
        let body = &request.body;
        let mut found = vec![
            (request.method == "POST", "the method"),
            (
                request.header("content-type") == Some("application/json"),
                "the content type",
            ),
            (body.is_object(), "the body"),
            (self.key_is_right(request), "the key"),
            (self.schema(body).is_some_and(is_schema), "the schema"),
        ];
        found.extend(match self {
            Self::OpenAi => openai(body),
            Self::Anthropic => anthropic(request),
            Self::Gemini => gemini(body),
            Self::Ollama => ollama(body),
        });
        let wrong = found.into_iter().filter(|(right, _)| !right);
        wrong
            .map(|(_, what)| format!("{self:?}: {what}: {}", request.text))
            .collect()
    }

    /// The header that carries a key, and what stands before it.
    const fn key_header(self) -> (&'static str, &'static str) {
        match self {
            Self::OpenAi | Self::Ollama => ("authorization", "Bearer "),
            Self::Anthropic => ("x-api-key", ""),
            Self::Gemini => ("x-goog-api-key", ""),
        }
    }

    /// The key that came with a request.
    pub(super) fn key(self, request: &Request) -> Option<&str> {
        let (name, before) = self.key_header();
        request.header(name)?.strip_prefix(before)
    }

    /// There is none, or the right one; and in no other place.
    fn key_is_right(self, request: &Request) -> bool {
        let (name, _) = self.key_header();
        let elsewhere = request.path.contains(KEY)
            || request.text.contains(KEY)
            || request
                .headers
                .iter()
                .any(|(other, value)| other != name && value.contains(KEY));
        let given = request.header(name).is_some();
        !elsewhere && (!given || self.key(request) == Some(KEY))
    }

    /// The JSON Schema of the answer that is asked for.
    fn schema(self, body: &Value) -> Option<&Value> {
        body.pointer(match self {
            Self::OpenAi => "/response_format/json_schema/schema",
            Self::Anthropic => "/tools/0/input_schema",
            Self::Gemini => "/generationConfig/responseSchema",
            Self::Ollama => "/format",
        })
    }
}

fn is_schema(schema: &Value) -> bool {
    let kind = schema["type"].as_str().unwrap_or_default();
    kind.eq_ignore_ascii_case("object") && schema["properties"]["explanation"].is_object()
}

type Findings = Vec<(bool, &'static str)>;

/// Messages by these roles in turn, beginning with the first, each with a text.
fn is_talk(messages: &Value, roles: [&str; 2], text: impl Fn(&Value) -> bool) -> bool {
    messages.as_array().is_some_and(|messages| {
        let in_turn = messages.iter().zip(roles.into_iter().cycle());
        messages.len() % 2 == 1
            && in_turn
                .into_iter()
                .all(|(message, role)| message["role"] == role && text(message))
    })
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

/// The rules first, then the talk, in one list.
fn is_chat(body: &Value) -> bool {
    let Some([system, talk @ ..]) = body["messages"].as_array().map(Vec::as_slice) else {
        return false;
    };
    let has_text = |message: &Value| is_text(&message["content"]);
    system["role"] == "system"
        && has_text(system)
        && is_talk(&talk.to_vec().into(), ["user", "assistant"], has_text)
}

fn openai(body: &Value) -> Findings {
    let format = &body["response_format"];
    vec![
        (body["model"] == "scripted-1", "the model"),
        (is_chat(body), "the messages"),
        (body["max_tokens"].is_u64(), "max_tokens"),
        (body["temperature"].is_number(), "temperature"),
        (
            format["type"] == "json_schema"
                && format["json_schema"]["strict"] == true
                && is_text(&format["json_schema"]["name"]),
            "response_format",
        ),
        (body["stream"] != true, "stream"),
    ]
}

fn anthropic(request: &Request) -> Findings {
    let body = &request.body;
    let has_text = |message: &Value| {
        let content = &message["content"];
        is_text(content) || content[0].is_object()
    };
    let tool = &body["tools"][0]["name"];
    vec![
        (body["model"] == "scripted-1", "the model"),
        (
            request.header("anthropic-version") == Some("2023-06-01"),
            "anthropic-version",
        ),
        (
            is_text(&body["system"]) || is_text(&body["system"][0]["text"]),
            "system",
        ),
        (
            is_talk(&body["messages"], ["user", "assistant"], has_text),
            "messages",
        ),
        (body["max_tokens"].is_u64(), "max_tokens"),
        (
            is_text(tool)
                && body["tool_choice"]["type"] == "tool"
                && body["tool_choice"]["name"] == *tool,
            "tool_choice",
        ),
        (body["stream"] != true, "stream"),
    ]
}

fn gemini(body: &Value) -> Findings {
    let has_text = |content: &Value| is_text(&content["parts"][0]["text"]);
    let settings = &body["generationConfig"];
    vec![
        (has_text(&body["systemInstruction"]), "systemInstruction"),
        (
            is_talk(&body["contents"], ["user", "model"], has_text),
            "contents",
        ),
        (
            settings["responseMimeType"] == "application/json",
            "responseMimeType",
        ),
        (settings["maxOutputTokens"].is_u64(), "maxOutputTokens"),
    ]
}

fn ollama(body: &Value) -> Findings {
    vec![
        (body["model"] == "scripted-1", "the model"),
        (is_chat(body), "the messages"),
        // Unless told, it streams.
        (body["stream"] == false, "stream"),
        (body["options"]["num_predict"].is_u64(), "num_predict"),
    ]
}
