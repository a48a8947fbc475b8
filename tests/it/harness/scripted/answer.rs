//! What each provider says, in its own format.

use serde_json::{Value, json};

use super::format::Format;

/// How a reply ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    AtTheBound,
    Declined,
}

/// A judgement with this rating.
pub(super) fn judgement(rating: u8) -> Value {
    json!({
        "explanation": "as the script says",
        "claims": [{ "index": 0, "label": "NOT_ENOUGH_INFO", "quote": "", "confidence": "low" }],
        "issues": [],
        "rating": rating, "confidence": "high",
    })
}

/// A judgement with labels of claims: each with its index, the label and a quote.
pub(super) fn labelled(labels: &[(u64, &str, &str)]) -> Value {
    let claims: Vec<Value> = labels
        .iter()
        .map(|(index, label, quote)| {
            json!({ "index": index, "label": label, "quote": quote, "confidence": "high" })
        })
        .collect();
    let mut judgement = judgement(2);
    judgement["claims"] = json!(claims);
    judgement
}

impl Format {
    /// A success with this judgement.
    pub(super) fn judged(self, judgement: &Value) -> Value {
        match self {
            Self::Anthropic => anthropic(
                "tool_use",
                json!([
                    { "type": "tool_use", "id": "toolu_scripted", "name": "assessment", "input": judgement },
                ]),
            ),
            _ => self.says(&judgement.to_string(), End::Whole),
        }
    }

    /// A success with this text.
    pub(super) fn says(self, text: &str, end: End) -> Value {
        match (self, end) {
            (Self::OpenAi, End::Declined) => openai(
                "stop",
                json!({ "role": "assistant", "content": null, "refusal": text }),
            ),
            (Self::OpenAi, _) => openai(
                if end == End::Whole { "stop" } else { "length" },
                json!({ "role": "assistant", "content": text, "refusal": null }),
            ),
            (Self::Anthropic, End::Declined) => anthropic("refusal", json!([])),
            (Self::Anthropic, _) => anthropic(
                if end == End::Whole {
                    "end_turn"
                } else {
                    "max_tokens"
                },
                if text.is_empty() {
                    json!([])
                } else {
                    json!([{ "type": "text", "text": text }])
                },
            ),
            (Self::Gemini, End::Declined) => json!({
                "promptFeedback": { "blockReason": "SAFETY" },
                "usageMetadata": { "promptTokenCount": 321, "totalTokenCount": 321 },
                "modelVersion": "scripted-1",
            }),
            (Self::Gemini, _) => json!({
                "candidates": [{
                    "content": { "role": "model", "parts": [{ "text": text }] },
                    "finishReason": if end == End::Whole { "STOP" } else { "MAX_TOKENS" },
                    "index": 0,
                }],
                "usageMetadata": {
                    "promptTokenCount": 321, "candidatesTokenCount": 45, "totalTokenCount": 366,
                },
                "modelVersion": "scripted-1",
            }),
            // Its models decline in plain words only.
            (Self::Ollama, _) => json!({
                "model": "scripted-1", "created_at": "2026-11-23T05:00:00Z",
                "message": { "role": "assistant", "content": text },
                "done": true,
                "done_reason": if end == End::AtTheBound { "length" } else { "stop" },
                "prompt_eval_count": 321, "eval_count": 45,
            }),
        }
    }

    /// A failure with this status.
    pub(super) fn failure(self, status: u16, message: &str) -> Value {
        let (kind, state) = match status {
            401 => ("authentication_error", "UNAUTHENTICATED"),
            402 => ("billing_error", "FAILED_PRECONDITION"),
            429 => ("rate_limit_error", "RESOURCE_EXHAUSTED"),
            500 => ("api_error", "INTERNAL"),
            503 | 529 => ("overloaded_error", "UNAVAILABLE"),
            _ => ("invalid_request_error", "INVALID_ARGUMENT"),
        };
        match self {
            Self::OpenAi => json!({
                "error": { "message": message, "type": kind, "param": null, "code": status },
            }),
            Self::Anthropic => json!({
                "type": "error", "error": { "type": kind, "message": message },
                "request_id": "req_scripted",
            }),
            Self::Gemini => json!({
                "error": { "code": status, "message": message, "status": state },
            }),
            Self::Ollama => json!({ "error": message }),
        }
    }

    /// The status and the body for an account without credit.
    pub(super) fn out_of_credit(self) -> (u16, Value) {
        match self {
            Self::OpenAi => (
                429,
                json!({ "error": {
                    "message": "You exceeded your current quota, please check your plan and billing details.",
                    "type": "insufficient_quota", "param": null, "code": "insufficient_quota",
                } }),
            ),
            Self::Anthropic => {
                let message = "Your credit balance is too low to access the API. Please go to Plans & Billing to upgrade or purchase credits.";
                (400, self.failure(400, message))
            }
            Self::Gemini | Self::Ollama => (402, self.failure(402, "payment is required")),
        }
    }
}

fn openai(finish_reason: &str, message: Value) -> Value {
    json!({
        "id": "chatcmpl-scripted", "object": "chat.completion", "created": 0, "model": "scripted-1",
        "choices": [{ "index": 0, "finish_reason": finish_reason, "message": message }],
        "usage": { "prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366 },
    })
}

fn anthropic(stop_reason: &str, content: Value) -> Value {
    json!({
        "id": "msg_scripted", "type": "message", "role": "assistant", "model": "scripted-1",
        "content": content, "stop_reason": stop_reason, "stop_sequence": null,
        "usage": { "input_tokens": 321, "output_tokens": 45 },
    })
}
