//! `audit`: one audit of local files without a server, by the same actors, on a temporary database.

use std::collections::BTreeMap;
use std::io::{Read, Stdout, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use clap::Args;

use crate::app;
use crate::config::Config;
use crate::documents::MediaType;
use crate::domain::ids::UserId;
use crate::domain::settings::AggregationStrategy;
use crate::protocol::event::Event;
use crate::protocol::rest::{ConfigRequest, CreateEvaluation, EvaluationView, SourceText};
use crate::service::Service;
use crate::service::reader;
use crate::service::sources::named as named_sources;
use crate::service::watch::watch;

use super::complaint::{USAGE, complain};
use super::judge_names::judges_fault;
use super::local_user::local_user;
use super::print::{Printer, Style};
use super::text_file::decoded;

/// Exit code of an audit that completed with a score over `--max-hallucination`.
const OVER: u8 = 3;

/// The arguments of `audit`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The source that the output is checked against, as text, Markdown, HTML or PDF; `-` reads standard input. May be
    /// given more than once: each source then has a name, NAME or otherwise FILE, and citations in the output are
    /// checked against these names.
    #[arg(long = "source", value_name = "[NAME=]FILE", required = true)]
    sources: Vec<PathBuf>,
    /// The model's output; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    candidate: PathBuf,
    /// The question that the output answers.
    #[arg(long, value_name = "TEXT")]
    question: Option<String>,
    /// The name of a judge to ask; may be given more than once. Default: `runs.default_judges`.
    #[arg(long = "judge", value_name = "NAME")]
    judges: Vec<String>,
    /// The method by which the scores are combined.
    #[arg(long, value_name = "NAME", value_parser = strategy)]
    strategy: Option<AggregationStrategy>,
    /// The minimum number of judges with a score, at least 1; with fewer the audit fails. Default: `runs.quorum`.
    #[arg(long, value_name = "N")]
    quorum: Option<u64>,
    /// Give the judges the best passages of a long source instead of all of it.
    #[arg(long)]
    retrieval: bool,
    /// Print only the evaluation, as JSON.
    #[arg(long)]
    json: bool,
    /// Exit with code 3 if the hallucination score is greater than N, 0 to 100.
    #[arg(long, value_name = "N", value_parser = score)]
    max_hallucination: Option<f64>,
}

fn strategy(text: &str) -> Result<AggregationStrategy, String> {
    let named = serde_json::from_value(serde_json::Value::String(text.to_owned()));
    named.map_err(|_| {
        "one of weighted_average, mean, median, trimmed_mean, majority_vote".to_owned()
    })
}

fn score(text: &str) -> Result<f64, String> {
    let number: f64 = text
        .parse()
        .map_err(|_| "a number from 0 to 100".to_owned())?;
    if (0.0..=100.0).contains(&number) {
        Ok(number)
    } else {
        Err("a number from 0 to 100".into())
    }
}

/// Runs one audit, prints it as it goes on, and returns the exit code of its outcome.
pub(super) async fn audit(
    arguments: Arguments,
    config: Arc<Config>,
    env: &BTreeMap<String, String>,
) -> Result<ExitCode> {
    let (source_text, sources, candidate_output) = match texts(&arguments).await {
        Ok(texts) => texts,
        Err(error) => return Ok(refuse(&format!("{error:#}"))),
    };
    if let Some(fault) = judges_fault(&config, &arguments.judges) {
        return Ok(refuse(&fault));
    }
    let body = CreateEvaluation {
        source_text,
        sources,
        candidate_output,
        question: arguments.question.clone(),
        config: Some(ConfigRequest {
            judges: (!arguments.judges.is_empty()).then(|| arguments.judges.clone()),
            enable_retrieval: Some(arguments.retrieval),
            aggregation_strategy: arguments.strategy,
            quorum: arguments.quorum,
            ..ConfigRequest::default()
        }),
        start: false,
    };
    let service = app::assemble(config).await?;
    let owner = local_user(&service).await?;
    let created = match service.create_evaluation(owner, body, None).await {
        Ok(created) => created,
        Err(refusal) => {
            for fault in &refusal.fields {
                let option = option_of(&fault.pointer);
                complain(&format!("judge-auditor: {option}: {}", fault.detail));
            }
            if refusal.fields.is_empty() {
                complain(&format!("judge-auditor: {refusal}"));
            }
            return Ok(ExitCode::from(USAGE));
        }
    };
    let done = follow(&service, owner, &created, &arguments, env).await?;
    if arguments.json {
        let json = serde_json::to_string_pretty(&done)?;
        writeln!(std::io::stdout(), "{json}")?;
    }
    let Some(result) = &done.result else {
        return Ok(ExitCode::FAILURE);
    };
    let (score, bound) = (result.hallucination_score, arguments.max_hallucination);
    Ok(match score.zip(bound) {
        Some((score, bound)) if score > bound => {
            complain(&format!(
                "judge-auditor: the hallucination score of {score:.1} is over {bound}, the bound of \
                 --max-hallucination"
            ));
            ExitCode::from(OVER)
        }
        _ => ExitCode::SUCCESS,
    })
}

/// Maps a JSON pointer into the request to the option that set the value there; an unknown pointer
/// is returned as it is.
fn option_of(pointer: &str) -> &str {
    const OPTIONS: [(&str, &str); 8] = [
        ("/source_text", "--source"),
        ("/sources", "--source"),
        ("/candidate_output", "--candidate"),
        ("/question", "--question"),
        ("/config/judges", "--judge"),
        ("/config/aggregation_strategy", "--strategy"),
        ("/config/quorum", "--quorum"),
        ("/config/enable_retrieval", "--retrieval"),
    ];
    let known = OPTIONS.iter().find(|(place, _)| pointer.starts_with(place));
    known.map_or(pointer, |(_, option)| option)
}

fn refuse(why: &str) -> ExitCode {
    complain(&format!("judge-auditor: {why}"));
    ExitCode::from(USAGE)
}

/// Reads the texts of the options. A single source without a name is the first value, and the list
/// is then empty; otherwise the first value is empty.
async fn texts(arguments: &Arguments) -> Result<(String, Vec<SourceText>, String)> {
    let standard_input = arguments
        .sources
        .iter()
        .chain([&arguments.candidate])
        .filter(|path| *path == Path::new("-"));
    if standard_input.count() > 1 {
        return Err(anyhow!(
            "only one of --source and --candidate can be standard input"
        ));
    }
    let candidate = read("--candidate", &arguments.candidate)?;
    let named: Vec<(Option<String>, &Path)> = arguments
        .sources
        .iter()
        .map(|path| name_and_file(path))
        .collect();
    if let [(None, path)] = named.as_slice() {
        let text = match MediaType::from_file_name(&path.to_string_lossy()) {
            Some(MediaType::Pdf) => document("--source", path, MediaType::Pdf).await?,
            _ => read("--source", path)?,
        };
        return Ok((text, Vec::new(), candidate));
    }
    let mut texts = Vec::with_capacity(named.len());
    for (name, path) in named {
        let file_name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let kind = file_name.as_deref().and_then(MediaType::from_file_name);
        let text = match kind {
            None | Some(MediaType::Plain) => read("--source", path)?,
            Some(kind) => document("--source", path, kind).await?,
        };
        texts.push((name.or(file_name), text));
    }
    Ok((String::new(), named_sources(texts), candidate))
}

/// Splits `NAME=FILE`. An argument that is itself the path of an existing file is not split.
fn name_and_file(argument: &Path) -> (Option<String>, &Path) {
    let parts = argument.to_str().and_then(|text| text.split_once('='));
    match parts {
        Some((name, file)) if !name.trim().is_empty() && !argument.exists() => {
            (Some(name.to_owned()), Path::new(file))
        }
        _ => (None, argument),
    }
}

/// Extracts the text of a Markdown, HTML or PDF file.
async fn document(option: &str, path: &Path, kind: MediaType) -> Result<String> {
    let name = format!("{option} {}", path.display());
    let bytes = std::fs::read(path).with_context(|| format!("{name} can't be read"))?;
    let read = reader::read(kind, bytes).await;
    let read = read.with_context(|| format!("{name} can't be read"))?;
    let read = read.map_err(|error| anyhow!("{name}: {error}"))?;
    Ok(read.text)
}

/// Reads and decodes the file of an option; `-` is standard input. A text of white space alone is
/// an error.
fn read(option: &str, path: &Path) -> Result<String> {
    let is_input = path == Path::new("-");
    let name = if is_input {
        format!("{option} (standard input)")
    } else {
        format!("{option} {}", path.display())
    };
    let mut bytes = Vec::new();
    let read = if is_input {
        std::io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|all| bytes = all)
    };
    read.with_context(|| format!("{name} can't be read"))?;
    let text = decoded(&name, &bytes).map_err(|why| anyhow!(why))?;
    if text.trim().is_empty() {
        return Err(anyhow!("{name} holds nothing but white space"));
    }
    Ok(text.into_owned())
}

async fn follow(
    service: &Service,
    owner: UserId,
    created: &EvaluationView,
    arguments: &Arguments,
    env: &BTreeMap<String, String>,
) -> Result<EvaluationView> {
    let mut printer =
        (!arguments.json).then(|| Printer::new(std::io::stdout(), Style::detect(env)));
    show(&mut printer, |printer| {
        printer.header(
            "Judge Auditor",
            &created.source_text,
            &created.candidate_output,
        )
    })?;
    let events = watch(service, owner, created.id).await;
    let mut events = events.map_err(|refusal| anyhow!("the audit can't be watched: {refusal}"))?;
    service
        .start_evaluation(owner, created.id, None)
        .await
        .map_err(|refusal| anyhow!("the audit can't be started: {refusal}"))?;
    let broken = service.journal.broken();
    tokio::pin!(broken);
    loop {
        let frame = tokio::select! {
            frame = events.recv() => frame,
            () = &mut broken => return Err(anyhow!("the writer of the event log has ended")),
        };
        let Some(frame) = frame else { break };
        let event: Event = serde_json::from_str(&frame)?;
        show(&mut printer, |printer| printer.event(&event.body))?;
        if event.body.is_terminal() {
            break;
        }
    }
    let done = service.evaluation(owner, created.id).await;
    done.map_err(|refusal| anyhow!("the result can't be read: {refusal}"))
}

/// Prints until standard output is closed, and ignores output after that: `| head` must not change
/// the audit's exit code.
fn show(
    printer: &mut Option<Printer<Stdout>>,
    print: impl FnOnce(&mut Printer<Stdout>) -> std::io::Result<()>,
) -> Result<()> {
    match printer.as_mut().map_or(Ok(()), print) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            *printer = None;
            Ok(())
        }
        outcome => Ok(outcome?),
    }
}
