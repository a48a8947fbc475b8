//! `audit`: two files, once, without a server. The same actors as everywhere, on a throw-away database.

use std::collections::BTreeMap;
use std::io::{Read, Stdout, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use chrono::Utc;
use clap::Args;

use crate::app;
use crate::config::Config;
use crate::domain::ids::UserId;
use crate::domain::settings::AggregationStrategy;
use crate::protocol::event::Event;
use crate::protocol::rest::{ConfigRequest, CreateEvaluation, EvaluationView};
use crate::service::Service;
use crate::store::new_id;
use crate::store::users::{NewUser, insert};

use super::print::{Printer, Style};
use super::watch::watch;
use super::{USAGE, complain};

/// Exit code of an audit that is done but whose score is over the bound.
const OVER: u8 = 3;

/// What to audit.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What the output has to hold to; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    source: PathBuf,
    /// The model's output; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    candidate: PathBuf,
    /// The question that the output answers.
    #[arg(long, value_name = "TEXT")]
    question: Option<String>,
    /// A judge to ask; may be given more than once. Default: the configured ones.
    #[arg(long = "judge", value_name = "NAME")]
    judges: Vec<String>,
    /// How the scores become one.
    #[arg(long, value_name = "NAME", value_parser = strategy)]
    strategy: Option<AggregationStrategy>,
    /// How many judges have to give a score; with fewer the audit fails.
    #[arg(long, value_name = "N")]
    quorum: Option<u64>,
    /// Give the judges the best passages of a long source instead of all of it.
    #[arg(long)]
    retrieval: bool,
    /// Print the evaluation as JSON, and nothing else.
    #[arg(long)]
    json: bool,
    /// Exit with 3 when the hallucination score is over N (0 to 100).
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

/// Audits, prints, and says by the exit code how it went.
pub(super) async fn audit(
    arguments: Arguments,
    config: Arc<Config>,
    env: &BTreeMap<String, String>,
) -> Result<ExitCode> {
    let (source_text, candidate_output) = match texts(&arguments) {
        Ok(texts) => texts,
        Err(error) => {
            complain(&format!("judge-auditor: {error:#}"));
            return Ok(ExitCode::from(USAGE));
        }
    };
    let body = CreateEvaluation {
        source_text,
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
    let owner = owner(&service).await?;
    let created = match service.create_evaluation(owner, body, None).await {
        Ok(created) => created,
        Err(refusal) => {
            for fault in &refusal.fields {
                complain(&format!(
                    "judge-auditor: {}: {}",
                    fault.pointer, fault.detail
                ));
            }
            return Ok(ExitCode::from(USAGE));
        }
    };
    let done = follow(&service, owner, &created, &arguments, env).await?;
    if arguments.json {
        let json = serde_json::to_string_pretty(&done)?;
        writeln!(std::io::stdout(), "{json}")?;
    }
    Ok(match (&done.result, arguments.max_hallucination) {
        (None, _) => ExitCode::FAILURE,
        (Some(result), Some(bound))
            if result
                .hallucination_score
                .is_some_and(|score| score > bound) =>
        {
            ExitCode::from(OVER)
        }
        (Some(_), _) => ExitCode::SUCCESS,
    })
}

fn texts(arguments: &Arguments) -> Result<(String, String)> {
    if arguments.source == Path::new("-") && arguments.candidate == Path::new("-") {
        return Err(anyhow!(
            "only one of --source and --candidate can be standard input"
        ));
    }
    Ok((read(&arguments.source)?, read(&arguments.candidate)?))
}

fn read(path: &Path) -> Result<String> {
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin()
            .read_to_string(&mut text)
            .context("standard input can't be read as UTF-8")?;
        return Ok(text);
    }
    let bytes = std::fs::read(path).with_context(|| format!("{} can't be read", path.display()))?;
    String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8", path.display()))
}

/// The throw-away database's only user, who never logs in.
async fn owner(service: &Service) -> Result<UserId> {
    let user = NewUser {
        id: new_id(),
        username: "local".into(),
        email: "local@localhost".into(),
        password_hash: "!".into(),
        created_at: Utc::now(),
    };
    Ok(service.store.write(move |db| insert(db, &user)).await?.id)
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
    let mut events = watch(service, owner, created.id).await?;
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

/// Prints, as long as somebody reads: `| head` must not change what the audit says by its exit code.
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
