//! OpenAI's chat completions, as many other servers speak them too.

use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::excerpt::excerpt;
use super::prompt::Prompt;
use super::{Completion, Provider, Settings, transport};
use crate::domain::report::Usage;
use crate::judges::JudgeError;

/// One model on one server.
pub(super) struct OpenAi {
    url: String,
    model: String,
    api_key: Option<SecretString>,
    max_tokens: u32,
}

impl OpenAi {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            url: format!(
                "{}/chat/completions",
                settings.base_url.trim_end_matches('/')
            ),
            model: settings.model.clone(),
            api_key: settings.api_key.clone(),
            max_tokens: settings.max_tokens,
        }
    }
}

#[derive(Serialize)]
struct ChatRequest<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    temperature: u8,
    max_tokens: u32,
    response_format: ResponseFormat<'a>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct ResponseFormat<'a> {
    r#type: &'static str,
    json_schema: JsonSchema<'a>,
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    name: &'static str,
    strict: bool,
    /// Raw, because servers write the fields in the order of the schema, and a `Value` sorts them.
    schema: &'a RawValue,
}

#[derive(Deserialize)]
struct ChatResponse {
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<TokenCounts>,
    /// Some servers report a failure with a status of success.
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    message: Reply,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    content: Option<Content>,
    #[serde(default)]
    refusal: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct TokenCounts {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

impl Provider for OpenAi {
    fn kind(&self) -> &'static str {
        "openai"
    }

    fn request(&self, client: &reqwest::Client, prompt: &Prompt) -> reqwest::RequestBuilder {
        let mut messages = vec![
            Message {
                role: "system",
                content: &prompt.system,
            },
            Message {
                role: "user",
                content: &prompt.user,
            },
        ];
        if let Some(repair) = &prompt.repair {
            messages.push(Message {
                role: "assistant",
                content: &repair.reply,
            });
            messages.push(Message {
                role: "user",
                content: &repair.complaint,
            });
        }
        let request = client.post(&self.url).json(&ChatRequest {
            model: &self.model,
            messages,
            temperature: 0,
            max_tokens: self.max_tokens,
            response_format: ResponseFormat {
                r#type: "json_schema",
                json_schema: JsonSchema {
                    name: "assessment",
                    strict: true,
                    schema: &prompt.schema,
                },
            },
        });
        match &self.api_key {
            Some(key) => request.bearer_auth(key.expose_secret()),
            None => request,
        }
    }

    fn secret(&self) -> Option<&SecretString> {
        self.api_key.as_ref()
    }

    fn parse(&self, body: &str) -> Result<Completion, JudgeError> {
        let response: ChatResponse = serde_json::from_str(body).map_err(|error| {
            JudgeError::Malformed(format!(
                "not a chat completion: {}",
                excerpt(&error.to_string())
            ))
        })?;
        if let Some(error) = response.error.filter(|error| !error.is_null()) {
            return Err(disguised(&error, body));
        }
        let usage = response.usage.map(|counts| Usage {
            prompt_tokens: counts.prompt_tokens,
            completion_tokens: counts.completion_tokens,
            cost_usd: None,
        });
        let text = match response.choices.into_iter().next() {
            Some(choice) => self.written(choice),
            None => Err(JudgeError::Malformed("the reply holds no choice".into())),
        };
        Ok(Completion { text, usage })
    }
}

impl OpenAi {
    fn written(&self, choice: Choice) -> Result<String, JudgeError> {
        let refusal = choice.message.refusal;
        if let Some(refusal) = refusal.filter(|text| !text.trim().is_empty()) {
            return Err(JudgeError::Refused(excerpt(&refusal)));
        }
        match choice.finish_reason.as_deref() {
            Some("content_filter") => {
                let reason = "the provider's content filter stopped the reply";
                return Err(JudgeError::Refused(reason.into()));
            }
            Some("length") => {
                return Err(JudgeError::Truncated {
                    max_tokens: self.max_tokens,
                });
            }
            _ => {}
        }
        let text = match choice.message.content {
            Some(Content::Text(text)) => text,
            Some(Content::Parts(parts)) => parts.into_iter().map(|part| part.text).collect(),
            None => String::new(),
        };
        if text.trim().is_empty() {
            return Err(JudgeError::Malformed("the reply is empty".into()));
        }
        Ok(text)
    }
}

/// A failure in the body of a success, with its status as `code` where it has one.
fn disguised(error: &Value, body: &str) -> JudgeError {
    let status = error
        .get("code")
        .and_then(Value::as_u64)
        .and_then(|code| StatusCode::from_u16(code.try_into().ok()?).ok())
        .filter(|status| status.is_client_error() || status.is_server_error())
        .unwrap_or(StatusCode::BAD_GATEWAY);
    transport::failure(status, None, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider() -> OpenAi {
        OpenAi::new(&Settings {
            max_tokens: 700,
            ..Settings::new("j", "http://127.0.0.1:1/v1/", "some-model")
        })
    }

    #[test]
    fn the_request_is_what_servers_expect() {
        let prompt = Prompt {
            system: "rules".into(),
            version: "builtin".into(),
            user: "texts".into(),
            schema: RawValue::from_string(r#"{"z":1,"a":2}"#.into())
                .unwrap()
                .into(),
            repair: None,
        };
        let client = reqwest::Client::new();
        let request = provider().request(&client, &prompt).build().unwrap();
        assert_eq!(
            request.url().as_str(),
            "http://127.0.0.1:1/v1/chat/completions"
        );
        assert!(!request.headers().contains_key("authorization"));
        let body = request.body().and_then(|body| body.as_bytes()).unwrap();
        let expected = concat!(
            r#"{"model":"some-model","messages":[{"role":"system","content":"rules"},"#,
            r#"{"role":"user","content":"texts"}],"temperature":0,"max_tokens":700,"#,
            r#""response_format":{"type":"json_schema","json_schema":{"name":"assessment","#,
            r#""strict":true,"schema":{"z":1,"a":2}}}}"#
        );
        assert_eq!(std::str::from_utf8(body).unwrap(), expected);
    }

    #[test]
    fn replies_are_read_in_every_shape_that_servers_send() {
        let table = [
            (
                r#"{"choices":[{"message":{"content":"hi","refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#,
                Some(Usage {
                    prompt_tokens: 3,
                    completion_tokens: 1,
                    cost_usd: None,
                }),
            ),
            (
                r#"{"choices":[{"message":{"content":"hi"}}],"error":null}"#,
                None,
            ),
            (
                r#"{"choices":[{"message":{"content":[{"type":"text","text":"h"},{"type":"text","text":"i"}]}}]}"#,
                None,
            ),
        ];
        for (body, usage) in table {
            let got = provider().parse(body).unwrap();
            assert_eq!(
                (got.text.unwrap().as_str(), got.usage),
                ("hi", usage),
                "{body}"
            );
        }
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        let table = [
            (
                "<html>",
                "the answer can't be used: not a chat completion: expected value at line 1 column 1",
            ),
            ("{}", "the answer can't be used: the reply holds no choice"),
            (
                r#"{"choices":[{"message":{"content":null}}]}"#,
                "the answer can't be used: the reply is empty",
            ),
            (
                r#"{"choices":[{"message":{"content":"{","refusal":null},"finish_reason":"length"}]}"#,
                "the answer is cut off after max_tokens = 700",
            ),
            (
                r#"{"choices":[{"message":{"content":null,"refusal":"I can't help"}}]}"#,
                "the model refused to judge: I can't help",
            ),
            (
                r#"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#,
                "the model refused to judge: the provider's content filter stopped the reply",
            ),
            (
                r#"{"error":{"code":429,"message":"slow down"}}"#,
                "the provider is limiting requests (HTTP 429)",
            ),
            (
                r#"{"error":{"code":404,"message":"no such model"}}"#,
                "the provider refused the call (HTTP 404): no such model",
            ),
            (
                r#"{"error":"boom"}"#,
                "the provider can't serve now (HTTP 502): boom",
            ),
        ];
        for (body, expected) in table {
            let error = provider().parse(body).and_then(|made| made.text);
            assert_eq!(error.unwrap_err().to_string(), expected);
        }
    }
}
