//! The turns of a conversation, in the form that the APIs of OpenAI, Anthropic and Ollama share.

use serde::Serialize;

use crate::judges::llm::prompt::Prompt;

/// One turn.
#[derive(Serialize)]
pub(super) struct Message<'a> {
    role: &'static str,
    pub(super) content: &'a str,
}

/// Returns the prompt with its instructions as the first turn.
pub(super) fn with_system(prompt: &Prompt) -> Vec<Message<'_>> {
    let mut messages = vec![Message {
        role: "system",
        content: &prompt.system,
    }];
    messages.extend(without_system(prompt));
    messages
}

/// Returns the prompt for an API that takes the instructions in a field of their own. To repair an
/// answer, the answer and the complaint about it follow as turns.
pub(super) fn without_system(prompt: &Prompt) -> Vec<Message<'_>> {
    let mut messages = vec![Message {
        role: "user",
        content: &prompt.user,
    }];
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
    messages
}
