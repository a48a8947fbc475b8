//! The settings of a judge: an entry of `[[judges]]`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::address;
use super::declare::{Kinds, settings};

/// The kind of a judge, which selects its implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", rename_all = "lowercase")]
pub(crate) enum JudgeKind {
    /// A server with OpenAI's chat completions API.
    OpenAi,
    /// Anthropic's Messages API.
    Anthropic,
    /// Google's Gemini API.
    Gemini,
    /// Ollama's native API.
    Ollama,
    /// Offline: compares each claim with its evidence by the built-in model.
    Neural,
    /// Offline: measures how well the source's words cover the output's.
    Lexical,
    /// Offline: compares numbers, dates and names.
    Facts,
    /// Offline: compares negation and order, and finds contradictions.
    Logic,
    /// The same judge as [`Self::Lexical`], under the name of an earlier judge that was merged into
    /// it.
    Novelty,
    /// Offline: a cross-encoder model from the operator's files.
    Nli,
    /// Offline: a token classifier model from the operator's files.
    Spans,
}

impl JudgeKind {
    /// The language models, which are called over HTTP.
    pub(crate) const ONLINE: [Self; 4] =
        [Self::OpenAi, Self::Anthropic, Self::Gemini, Self::Ollama];

    /// The judges that need no configuration, in the order in which they are listed.
    pub(crate) const OFFLINE: [Self; 5] = [
        Self::Neural,
        Self::Facts,
        Self::Logic,
        Self::Lexical,
        Self::Novelty,
    ];

    /// The judges that load a model from the operator's files.
    const WITH_FILES: [Self; 2] = [Self::Nli, Self::Spans];

    /// The name in the configuration file.
    pub(crate) const fn as_str(self) -> &'static str {
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

    /// Returns true if the judge loads a model from the operator's files.
    pub(crate) const fn has_files(self) -> bool {
        matches!(self, Self::Nli | Self::Spans)
    }

    /// Returns true if the judge sends no data over the network.
    pub(crate) const fn is_offline(self) -> bool {
        !matches!(
            self,
            Self::OpenAi | Self::Anthropic | Self::Gemini | Self::Ollama
        )
    }

    /// Returns true if a setting of the given kinds has an effect on this kind.
    pub(super) const fn has(self, kinds: Kinds) -> bool {
        match kinds {
            Kinds::All => true,
            Kinds::Online | Kinds::OnlineOnly => !self.is_offline(),
            Kinds::FilesOnly => self.has_files(),
        }
    }

    /// The default `base_url`: the provider's official address, or for Ollama the usual local one.
    /// `None` if it must be configured.
    pub(crate) const fn usual_url(self) -> Option<&'static str> {
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
        let kinds = [&Self::ONLINE[..], &Self::OFFLINE, &Self::WITH_FILES].concat();
        let found = kinds.iter().find(|kind| kind.as_str() == text);
        found.copied().ok_or_else(|| {
            let known: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
            format!("unknown kind `{text}`: known are {}", known.join(", "))
        })
    }
}

/// The method by which a server is made to answer with JSON of a given structure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Structured {
    /// The server enforces a JSON Schema.
    #[default]
    Schema,
    /// The server guarantees JSON, and the prompt describes its structure.
    Json,
    /// Only the prompt asks for JSON, and describes its structure.
    Prompt,
}

/// The field of OpenAI's API that carries the maximum length of the answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MaxTokensField {
    /// `max_tokens`, as most servers expect it.
    #[default]
    MaxTokens,
    /// `max_completion_tokens`, as OpenAI's reasoning models require it.
    MaxCompletionTokens,
}

settings! {
    /// One judge.
    #[derive(Debug, Clone)]
    JudgeSettings as "judges", "" {
        /// Unique name of the judge, by which clients ask for it.
        ///
        /// 1 to 64 letters, digits and `. _ - : / @ +`.
        name: String = String::new();
        /// openai, anthropic, gemini, ollama, nli, spans, or the kind of an offline judge.
        ///
        /// The offline kinds are neural, facts, logic, lexical and novelty.
        kind: JudgeKind = JudgeKind::Lexical;
        /// Base URL of the API; only the kind openai has no default. It may contain a query.
        ///
        /// It does not include the path of the call, such as `/chat/completions`.
        base_url: String = String::new(), of OnlineOnly;
        /// The provider's name of the model.
        model: String = String::new(), of OnlineOnly;
        /// Environment variable with the key; alternatives are api_key_file and api_key_credential.
        api_key_env: String = String::new(), of OnlineOnly;
        /// File with the key.
        #[serde(with = "address::optional")]
        api_key_file: Option<PathBuf> = None, of OnlineOnly;
        /// Name of the systemd credential with the key.
        api_key_credential: String = String::new(), of OnlineOnly;
        /// Name of the header whose value is the key, as Azure needs it.
        ///
        /// Empty: the provider's usual header.
        api_key_header: String = String::new(), of OnlineOnly;
        /// Additional headers of every request; a key is not allowed here.
        headers: BTreeMap<String, String> = BTreeMap::new(), of OnlineOnly;
        /// PEM file with certificate authorities, in addition to the system's.
        #[serde(with = "address::optional")]
        ca_file: Option<PathBuf> = None, of OnlineOnly;
        /// Method that makes the model answer with JSON: "schema", "json" or "prompt".
        structured: Structured = Structured::Schema, of OnlineOnly;
        /// "max_tokens", or "max_completion_tokens" for OpenAI's reasoning models.
        max_tokens_field: MaxTokensField = MaxTokensField::MaxTokens, of OnlineOnly;
        /// Temperature, 0 to 2 (anthropic: 0 to 1); -1 sends none, for reasoning models.
        temperature: f64 = 0.0, of OnlineOnly;
        /// File with a rubric that replaces the built-in one.
        ///
        /// It is in UTF-8, with at most 20,000 characters.
        #[serde(with = "address::optional")]
        rubric_file: Option<PathBuf> = None, of Online;
        /// Number of times that each case is judged.
        repeats: u32 = 1, 1 to 20, of Online;
        /// Lifetime of cached answers to the same question, in seconds; 0: no cache.
        cache_ttl_s: u64 = 0, 0 to 604_800, of Online;
        /// Use the cache for the repetitions of repeats too.
        cache_repeats: bool = false, of Online;
        /// Requests per minute to the provider, from all its judges together; 0: no limit.
        requests_per_minute: u32 = 0, of Online;
        /// Tokens per minute of the provider, for all its judges together; 0: no limit.
        ///
        /// It has to be greater than `max_tokens`, because otherwise no answer would be possible.
        tokens_per_minute: u32 = 0, of Online;
        /// Consecutive failures after which the judge is not asked for circuit_open_ms; 0: never.
        circuit_failures: u32 = 5, 0 to 1000, of Online;
        /// Time for which a judge is not asked after circuit_failures, in milliseconds.
        circuit_open_ms: u64 = 30_000, 100 to 3_600_000, of Online;
        /// Time without an answer after which a second request is sent, in milliseconds; 0: never.
        ///
        /// It has to be less than `timeout_ms`; the second request counts for `max_attempts`.
        hedge_after_ms: u64 = 0, 0 to 3_600_000, of Online;
        /// Time limit of one attempt, in milliseconds.
        timeout_ms: u64 = 60_000, 100 to 3_600_000;
        /// Maximum number of attempts.
        max_attempts: u32 = 3, 1 to 10;
        /// Maximum number of calls at the same time, over all runs.
        max_concurrency: usize = 8, 1 to 10_000;
        /// Weight of the judge with the strategy weighted_average.
        weight: f64 = 1.0, 0 to 1000;
        /// Maximum length of an answer, in tokens.
        max_tokens: u32 = 2048, 16 to 1_000_000;
        /// Name of a published checker whose settings are known; see docs/how-to/checkers.md.
        preset: String = String::new(), of FilesOnly;
        /// Folder with the model and its tokenizer.json.
        #[serde(with = "address::optional")]
        folder: Option<PathBuf> = None, of FilesOnly;
        /// Name of the ONNX file in the folder.
        model_file: String = "model.onnx".to_owned(), of FilesOnly;
        /// Labels of the model's outputs, in their order.
        ///
        /// For `nli`: entailment, neutral and contradiction; entailment and not_entailment; or entailment alone. For
        /// `spans`: unsupported once, and supported for all others.
        labels: Vec<String> = Vec::new(), of FilesOnly;
        /// Template with {evidence} and {claim} that makes one text of them.
        ///
        /// Empty: the model gets two texts, or for `spans` the evidence only.
        template: String = String::new(), of FilesOnly;
        /// Template with {evidence} and {question}, for a spans judge.
        ///
        /// Empty: the question is left out.
        question_template: String = String::new(), of FilesOnly;
        /// For an nli judge without a template: the claim is the first of the two texts.
        claim_first: bool = false, of FilesOnly;
        /// Minimum probability of the model's label.
        threshold: f64 = 0.5, 0.01 to 0.99, of FilesOnly;
        /// Number of threads for the model.
        threads: usize = 1, 1 to 256, of FilesOnly;
        /// Number of pairs of evidence and claim that are computed together.
        batch_size: usize = 8, 1 to 256, of FilesOnly;
        /// Maximum number of tokens of a pair: the length that the model was trained with.
        window_tokens: usize = 512, 160 to 8192, of FilesOnly;
        /// Maximum number of tokens of the evidence in a pair; 0: all that the claim leaves.
        evidence_tokens: usize = 0, none or 96 to 8192, of FilesOnly;
        /// Maximum number of windows of evidence for one claim.
        ///
        /// Of a longer source the windows with the most relevant sentences are used.
        max_windows: usize = 16, 1 to 256, of FilesOnly;
    }
    read {
        /// The key, read from where the settings above say.
        api_key: Option<SecretString>;
        /// The words of `rubric_file`.
        rubric: Option<String>;
    }
}

impl JudgeSettings {
    /// Creates a judge with the default settings.
    pub(crate) fn new(name: impl Into<String>, kind: JudgeKind) -> Self {
        Self {
            name: name.into(),
            kind,
            ..Self::default()
        }
    }

    /// Returns the offline judges with default settings, named after their kinds.
    pub(crate) fn offline() -> Vec<Self> {
        JudgeKind::OFFLINE
            .into_iter()
            .map(|kind| Self::new(kind.as_str(), kind))
            .collect()
    }

    /// Time limit of one attempt, from `timeout_ms`.
    pub(crate) const fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}

#[cfg(test)]
#[path = "tests/judge.rs"]
mod tests;
