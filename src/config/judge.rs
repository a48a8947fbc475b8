//! `[[judges]]`

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::address;

/// Which judge answers under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", rename_all = "lowercase")]
pub enum JudgeKind {
    /// A server that speaks the chat completions interface.
    OpenAi,
    /// Anthropic's Messages API.
    Anthropic,
    /// Google's Gemini API.
    Gemini,
    /// Ollama's own interface.
    Ollama,
    /// Offline: what the model in the binary makes of each claim beside its evidence.
    Neural,
    /// Offline: how well the source's words cover the output's.
    Lexical,
    /// Offline: numbers, dates, names.
    Facts,
    /// Offline: negation, order, contradiction.
    Logic,
    /// The same judge as [`Self::Lexical`], under the name of one that it took in.
    Novelty,
    /// On this machine: a cross-encoder from the operator's own files.
    Nli,
    /// On this machine: a token classifier from the operator's own files.
    Spans,
}

impl JudgeKind {
    /// The language models, asked over HTTP.
    pub const ONLINE: [Self; 4] = [Self::OpenAi, Self::Anthropic, Self::Gemini, Self::Ollama];

    /// The judges that are always there, in the order in which they are listed.
    pub const OFFLINE: [Self; 5] = [
        Self::Neural,
        Self::Facts,
        Self::Logic,
        Self::Lexical,
        Self::Novelty,
    ];

    /// The name in the file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
            Self::Neural => "neural",
            Self::Lexical => "lexical",
            Self::Facts => "facts",
            Self::Logic => "logic",
            Self::Novelty => "novelty",
            Self::Nli => "nli",
            Self::Spans => "spans",
        }
    }

    /// Whether it reads a model from the operator's own files.
    pub const fn has_files(self) -> bool {
        matches!(self, Self::Nli | Self::Spans)
    }

    /// True where nothing leaves the machine.
    pub const fn is_offline(self) -> bool {
        !matches!(
            self,
            Self::OpenAi | Self::Anthropic | Self::Gemini | Self::Ollama
        )
    }

    /// Where it is asked unless the file says otherwise: the official address, or the usual one of
    /// this machine.
    pub const fn usual_url(self) -> Option<&'static str> {
        match self {
            Self::Anthropic => Some("https://api.anthropic.com"),
            Self::Gemini => Some("https://generativelanguage.googleapis.com"),
            Self::Ollama => Some("http://127.0.0.1:11434"),
            _ => None,
        }
    }
}

impl TryFrom<String> for JudgeKind {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let all = Self::ONLINE.into_iter().chain(Self::OFFLINE);
        let mut all = all.chain([Self::Nli, Self::Spans]);
        all.find(|kind| kind.as_str() == text).ok_or_else(|| {
            format!(
                "unknown kind `{text}`: known are openai, anthropic, gemini, ollama, neural, facts, logic, lexical, novelty, nli, spans"
            )
        })
    }
}

/// How a server is made to answer with JSON of the wanted shape.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Structured {
    /// By a JSON Schema that it enforces.
    #[default]
    Schema,
    /// As JSON of any shape; the prompt says which.
    Json,
    /// By the prompt alone.
    Prompt,
}

/// The two names that OpenAI's interface has for the longest answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxTokensField {
    /// Most servers.
    #[default]
    MaxTokens,
    /// OpenAI's models that reason.
    MaxCompletionTokens,
}

/// One judge.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JudgeSettings {
    /// Unique; what clients ask for.
    pub name: String,
    /// What answers.
    pub kind: JudgeKind,
    /// Of a language model, up to and without the call's own path, such as `/chat/completions`; it
    /// may hold a query. Empty takes the usual one of its kind, which `openai` has none of.
    pub base_url: String,
    /// Of a language model; else empty.
    pub model: String,
    /// The variable that holds the key, or empty.
    pub api_key_env: String,
    /// The file that holds the key.
    #[serde(with = "address::optional_path")]
    pub api_key_file: Option<PathBuf>,
    /// The systemd credential that holds the key, or empty.
    pub api_key_credential: String,
    /// The header that carries the key alone, such as Azure's `api-key`; empty: as the provider wants it.
    pub api_key_header: String,
    /// Further headers of every request; never a key.
    pub headers: BTreeMap<String, String>,
    /// PEM of certificate authorities to trust beside the system's.
    #[serde(with = "address::optional_path")]
    pub ca_file: Option<PathBuf>,
    /// How the shape of the answer is asked for.
    pub structured: Structured,
    /// The name that an `openai` judge's server has for `max_tokens`.
    pub max_tokens_field: MaxTokensField,
    /// 0..2; -1: none is sent, as models that reason want it.
    pub temperature: f64,
    /// The rubric in place of the built-in one.
    #[serde(with = "address::optional_path")]
    pub rubric_file: Option<PathBuf>,
    /// How often one case is judged, 1..20.
    pub repeats: u32,
    /// How long an answer serves for the same question again, seconds; 0 asks anew.
    pub cache_ttl_s: u64,
    /// Whether repeated opinions may come from there too.
    pub cache_repeats: bool,
    /// Of the provider, all its judges together; 0 means none.
    pub requests_per_minute: u32,
    /// Of the provider, all its judges together; 0 means none.
    pub tokens_per_minute: u32,
    /// Failures in a row after which it is not asked for a while; 0 means never.
    pub circuit_failures: u32,
    /// That while, 100..3,600,000.
    pub circuit_open_ms: u64,
    /// After how long without an answer a second request is sent; 0 means never.
    pub hedge_after_ms: u64,
    /// For one attempt, 100..3,600,000.
    pub timeout_ms: u64,
    /// Calls until it counts as failed, 1..10.
    pub max_attempts: u32,
    /// Calls under way at once, over all runs, 1..10,000.
    pub max_concurrency: usize,
    /// In `weighted_average`, 0..1,000.
    pub weight: f64,
    /// Longest answer asked for, 16..1,000,000.
    pub max_tokens: u32,
    /// Of an `nli` or `spans` judge: a published checker whose settings the keys below have by default, or
    /// empty.
    pub preset: String,
    /// The folder with the model and its `tokenizer.json`.
    #[serde(with = "address::optional_path")]
    pub folder: Option<PathBuf>,
    /// The ONNX file in it.
    pub model_file: String,
    /// What the model's outputs mean, in their order.
    pub labels: Vec<String>,
    /// Threads that it computes on, 1..256.
    pub threads: usize,
    /// Pairs of evidence and claim that are computed together, 1..256.
    pub batch_size: usize,
    /// The words around evidence and claim, as one text; empty: two texts, or for `spans` the evidence alone.
    pub template: String,
    /// The words around evidence and question, of a `spans` judge; empty: the question is left out.
    pub question_template: String,
    /// Of an `nli` judge without a template: the claim is the first of the two texts.
    pub claim_first: bool,
    /// Probability from which the model's word counts, 0.01..0.99.
    pub threshold: f64,
    /// Tokens of such a pair, at most, 160..8,192.
    pub window_tokens: usize,
    /// Tokens of evidence in such a pair, at most, 96..8,192; 0: what the claim leaves.
    pub evidence_tokens: usize,
    /// Windows of evidence for one claim, at most, 1..256.
    pub max_windows: usize,
    /// The key, read from where the settings above say.
    #[serde(skip)]
    pub api_key: Option<SecretString>,
    /// The words of `rubric_file`.
    #[serde(skip)]
    pub rubric: Option<String>,
}

impl JudgeSettings {
    /// A judge with the defaults.
    pub fn new(name: impl Into<String>, kind: JudgeKind) -> Self {
        Self {
            name: name.into(),
            kind,
            base_url: String::new(),
            model: String::new(),
            api_key_env: String::new(),
            api_key_file: None,
            api_key_credential: String::new(),
            api_key_header: String::new(),
            headers: BTreeMap::new(),
            ca_file: None,
            structured: Structured::default(),
            max_tokens_field: MaxTokensField::default(),
            temperature: 0.0,
            rubric_file: None,
            repeats: 1,
            cache_ttl_s: 0,
            cache_repeats: false,
            requests_per_minute: 0,
            tokens_per_minute: 0,
            circuit_failures: 5,
            circuit_open_ms: 30_000,
            hedge_after_ms: 0,
            timeout_ms: 60_000,
            max_attempts: 3,
            max_concurrency: 8,
            weight: 1.0,
            max_tokens: 2048,
            preset: String::new(),
            folder: None,
            model_file: "model.onnx".to_owned(),
            labels: Vec::new(),
            threads: 1,
            batch_size: 8,
            template: String::new(),
            question_template: String::new(),
            claim_first: false,
            threshold: 0.5,
            window_tokens: 512,
            evidence_tokens: 0,
            max_windows: 16,
            api_key: None,
            rubric: None,
        }
    }

    /// The offline judges, named by their kind.
    pub fn offline() -> Vec<Self> {
        JudgeKind::OFFLINE
            .into_iter()
            .map(|kind| Self::new(kind.as_str(), kind))
            .collect()
    }

    /// `timeout_ms`.
    pub const fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_go_by_the_names_of_the_file() {
        for kind in JudgeKind::ONLINE.into_iter().chain(JudgeKind::OFFLINE) {
            assert_eq!(JudgeKind::try_from(kind.as_str().to_owned()), Ok(kind));
            assert_eq!(
                serde_json::to_string(&kind).unwrap(),
                format!("\"{}\"", kind.as_str())
            );
        }
        let unknown = JudgeKind::try_from("oracle".to_owned()).unwrap_err();
        assert!(unknown.contains("known are openai"), "{unknown}");
    }
}
