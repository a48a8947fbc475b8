//! Builds judges, their clients, prices and rate limits from the configuration.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::computing::{Cores, processors};
use crate::config::{
    Config, JudgeKind, JudgeSettings, MaxTokensField, PriceSettings, Provider, Structured,
    TOKENIZER_FILE,
};
use crate::judges::budget::{Amount, Budgets};
use crate::judges::llm::rubric::Rubric;
use crate::judges::nli::{Slot, Template};
use crate::judges::table::JudgeTable;
use crate::judges::{Judge, llm, nli, offline};
use crate::neural::Encoder;
use crate::tls;

/// The embedded model, if it is enabled; it is loaded on first use.
pub(super) fn encoder(config: &Config) -> Option<Arc<Encoder>> {
    let threads = match config.neural.threads {
        0 => processors(),
        threads => threads,
    };
    config
        .neural
        .enabled
        .then(|| Arc::new(Encoder::new(threads)))
}

pub(super) fn judge_table(
    config: &Config,
    cores: &Cores,
    counters: &llm::SharedCounters,
) -> Result<JudgeTable> {
    // One client for each set of certificate authorities, whose judges share its connections.
    let mut clients = BTreeMap::new();
    let answers = llm::Answers::default();
    // Judges with the same server and key share its limits per minute.
    let mut allowances = BTreeMap::new();
    let mut judges: Vec<Arc<dyn Judge>> = Vec::new();
    for judge in &config.judges {
        if judge.kind.has_files() {
            let built = nli::build(nli_settings(judge)?);
            let named = |why| anyhow!("the judge `{}` can't be used: {why}", judge.name);
            judges.push(built.map_err(named)?);
            continue;
        }
        if judge.kind.is_offline() {
            let kind = judge.kind.as_str();
            let built = offline::build(kind, &judge.name, judge.weight, cores.clone());
            judges.push(built.context("a judge's kind is not known")?);
            continue;
        }
        let client = match clients.entry(judge.ca_file.as_deref()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(client(judge.ca_file.as_deref())?),
        };
        let build = match judge.kind {
            JudgeKind::Anthropic => llm::anthropic,
            JudgeKind::Gemini => llm::gemini,
            JudgeKind::Ollama => llm::ollama,
            JudgeKind::OpenAi => llm::openai,
            // Handled above; listed so that the compiler asks where a new kind belongs.
            JudgeKind::Neural
            | JudgeKind::Lexical
            | JudgeKind::Facts
            | JudgeKind::Logic
            | JudgeKind::Novelty
            | JudgeKind::Nli
            | JudgeKind::Spans => continue,
        };
        let settings = llm::Settings {
            price: config.price(judge).map(price),
            answers: answers.clone(),
            cores: cores.clone(),
            counters: counters.clone(),
            buckets: {
                let provider = Provider::of(judge);
                let name = provider.digest();
                let buckets = allowances.entry(provider).or_insert_with(|| {
                    let (requests, tokens) = (judge.requests_per_minute, judge.tokens_per_minute);
                    let buckets = llm::Buckets::new(requests, tokens);
                    Arc::new(buckets.shared(counters.clone(), name))
                });
                Arc::clone(buckets)
            },
            ..llm_settings(judge)
        };
        judges.push(build(settings, client.clone()));
    }
    Ok(JudgeTable::new(judges))
}

/// Requests the models that a judge's provider offers; returns `None` for a judge without a
/// provider.
pub(super) async fn offered_models(judge: &JudgeSettings) -> Option<Result<Offer>> {
    let listing = match judge.kind {
        JudgeKind::Anthropic => llm::Listing::Anthropic,
        JudgeKind::Gemini => llm::Listing::Gemini,
        JudgeKind::Ollama => llm::Listing::Ollama,
        JudgeKind::OpenAi => llm::Listing::OpenAi,
        JudgeKind::Neural
        | JudgeKind::Lexical
        | JudgeKind::Facts
        | JudgeKind::Logic
        | JudgeKind::Novelty
        | JudgeKind::Nli
        | JudgeKind::Spans => return None,
    };
    let client = match client(judge.ca_file.as_deref()) {
        Ok(client) => client,
        Err(error) => return Some(Err(error)),
    };
    let names = llm::offered(listing, &llm_settings(judge), &client).await;
    Some(names.map_err(Into::into).map(|names| Offer {
        has_model: listing.is_offered(&judge.model, &names),
        likest: llm::likest(&judge.model, &names, LIKEST),
        total: names.len(),
    }))
}

/// The models that a provider offers, compared with the configured one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    /// True if the configured model is offered.
    pub has_model: bool,
    /// Offered names that are most similar to the configured one, best first.
    pub likest: Vec<String>,
    /// Number of offered models.
    pub total: usize,
}

/// Number of similar names to list.
const LIKEST: usize = 5;

fn client(ca_file: Option<&Path>) -> Result<llm::Client> {
    llm::client(&authorities(ca_file)?).context("no HTTP client for the judges")
}

/// Reads the certificate authorities in a file; empty if none is configured.
pub(super) fn authorities(ca_file: Option<&Path>) -> Result<Vec<tls::Authority>> {
    let Some(path) = ca_file else {
        return Ok(Vec::new());
    };
    let named = || path.display().to_string();
    let pem = std::fs::read(path).with_context(named)?;
    tls::authorities(&pem)
        .map_err(|why| anyhow!(why))
        .with_context(named)
}

fn price(settings: &PriceSettings) -> llm::Price {
    llm::Price {
        input_usd_per_million: settings.input_usd_per_million,
        output_usd_per_million: settings.output_usd_per_million,
    }
}

pub(super) fn budgets(config: &Config) -> Budgets {
    let budgets = &config.budgets;
    Budgets {
        run: Amount {
            tokens: budgets.run_tokens,
            usd: budgets.run_usd,
        },
        user_day: Amount {
            tokens: budgets.user_day_tokens,
            usd: budgets.user_day_usd,
        },
        new_user_day: Amount {
            tokens: budgets.new_user_day_tokens,
            usd: budgets.new_user_day_usd,
        },
        day: Amount {
            tokens: budgets.day_tokens,
            usd: budgets.day_usd,
        },
    }
}

fn llm_settings(judge: &JudgeSettings) -> llm::Settings {
    llm::Settings {
        api_key: judge.api_key.clone(),
        api_key_header: (!judge.api_key_header.is_empty()).then(|| judge.api_key_header.clone()),
        headers: judge.headers.clone().into_iter().collect(),
        structured: match judge.structured {
            Structured::Schema => llm::Structured::Schema,
            Structured::Json => llm::Structured::Json,
            Structured::Prompt => llm::Structured::Prompt,
        },
        max_completion_tokens: judge.max_tokens_field == MaxTokensField::MaxCompletionTokens,
        temperature: (judge.temperature >= 0.0).then_some(judge.temperature),
        timeout: judge.timeout(),
        max_attempts: judge.max_attempts,
        max_concurrency: judge.max_concurrency,
        weight: judge.weight,
        max_tokens: judge.max_tokens,
        rubric: rubric(judge),
        repeats: judge.repeats,
        cache_ttl: Duration::from_secs(judge.cache_ttl_s),
        cache_repeats: judge.cache_repeats,
        circuit_failures: judge.circuit_failures,
        circuit_open: Duration::from_millis(judge.circuit_open_ms),
        hedge_after: (judge.hedge_after_ms > 0)
            .then(|| Duration::from_millis(judge.hedge_after_ms)),
        ..llm::Settings::new(&judge.name, &judge.base_url, &judge.model)
    }
}

fn nli_settings(judge: &JudgeSettings) -> Result<nli::Settings> {
    let folder = judge.folder.as_deref();
    let folder = folder.context("a judge with a model of one's own has no folder")?;
    Ok(nli::Settings {
        name: judge.name.clone(),
        weight: judge.weight,
        model: folder.join(&judge.model_file),
        tokenizer: folder.join(TOKENIZER_FILE),
        task: task(judge).map_err(|why| anyhow!(why))?,
        threshold: judge.threshold,
        threads: judge.threads,
        batch: judge.batch_size,
        window_tokens: judge.window_tokens,
        evidence_tokens: (judge.evidence_tokens > 0).then_some(judge.evidence_tokens),
        max_windows: judge.max_windows,
    })
}

fn task(judge: &JudgeSettings) -> Result<nli::Task, String> {
    let template = &*judge.template;
    if judge.kind == JudgeKind::Nli {
        let layout = match template {
            "" => nli::Layout::Pair {
                claim_first: judge.claim_first,
            },
            text => nli::Layout::Text(Template::read(text, &[Slot::Evidence, Slot::Claim])?),
        };
        return Ok(nli::Task::Pairs {
            labels: nli::Labels::read(&judge.labels)?,
            layout,
        });
    }
    let alone = if template.is_empty() {
        "{evidence}"
    } else {
        template
    };
    let with_question = match &*judge.question_template {
        "" => None,
        text => Some(Template::read(text, &[Slot::Evidence, Slot::Question])?),
    };
    Ok(nli::Task::Spans {
        labels: nli::TokenLabels::read(&judge.labels)?,
        prompts: nli::Prompts {
            without_question: Template::read(alone, &[Slot::Evidence])?,
            with_question,
        },
    })
}

/// The rubric of the judge's file, versioned by the file's name; otherwise the built-in one.
fn rubric(judge: &JudgeSettings) -> Rubric {
    let (Some(text), Some(path)) = (&judge.rubric, &judge.rubric_file) else {
        return Rubric::default();
    };
    let name = path.file_name().unwrap_or(path.as_os_str());
    Rubric {
        version: name.to_string_lossy().into_owned(),
        text: text.clone(),
    }
}
