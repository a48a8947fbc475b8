//! The command `run`: audits many outputs, from files of cases or from a folder, and applies a
//! gate.
//!
//! Files are read twice, items are audited concurrently, and only a few numbers of each item stay
//! in memory. Exit codes: 0 done, and the gate holds; 1 an item could not be judged; 2 bad usage or
//! input; 3 the gate does not hold.

mod arguments;
mod baseline;
mod bridge;
mod case_file;
mod engine;
mod folder;
mod forms;
mod gate;
mod input;
mod item;
mod junit;
mod lines;
mod record;
mod run;
mod sarif;
mod summary;
mod unusable;
mod written_files;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use secrecy::SecretString;

use super::benchmark;
use super::client::Remote;
use super::complaint::{USAGE, complain};
use super::judge_names::judges_fault;
use super::progress::Progress;
use crate::app;
use crate::audit::panel::{Panel, Question};
use crate::config::Config;

use baseline::Ruler;
use bridge::{judged_again, other_ruler};
use engine::{Asked, Engine};
use input::Input;
use record::Out;
use run::Run;
use unusable::Unusable;
use written_files::check_written;

pub(super) use arguments::Arguments;

/// Environment variable with the API key of a server, unless `--key-file` is given.
const KEY_VARIABLE: &str = "JUDGE_AUDITOR_KEY";

/// Runs the audit, writes the reports, compares with the baseline, and returns the exit code.
pub(super) async fn run_gate(
    arguments: Arguments,
    config: &Config,
    env: &BTreeMap<String, String>,
) -> Result<ExitCode> {
    match judged(&arguments, config, env).await {
        Ok(code) => Ok(code),
        Err(error) => {
            let Unusable(why) = error.downcast::<Unusable>()?;
            complain(&format!("judge-auditor: {why}"));
            Ok(ExitCode::from(USAGE))
        }
    }
}

async fn judged(
    arguments: &Arguments,
    config: &Config,
    env: &BTreeMap<String, String>,
) -> Result<ExitCode> {
    let input = Input::of(arguments)?;
    check_written(arguments, &input)?;
    let engine = engine_of(arguments, config, env)?;
    let judges = match (&engine, arguments.judges.is_empty()) {
        (Engine::Here(_), true) => config.runs.default_judges.clone(),
        _ => arguments.judges.clone(),
    };
    let asked = Asked {
        judges,
        threshold: arguments.threshold,
    };
    let configured = engine.configured(&asked).await?;
    // All of the input is validated before any judge is asked, so that a mistake in its last line
    // costs nothing.
    let ids = input.check()?;
    let items = ids.len();
    let before = match &arguments.baseline {
        None => None,
        Some(path) => {
            let before = baseline::read(path);
            let (kept, ruler) = before.map_err(|why| Unusable(format!("--baseline: {why}")))?;
            Some((path, kept, ruler))
        }
    };
    // What is known of the panel is compared before anything is asked.
    let mut again = None;
    if let Some((path, _, ruler)) = &before {
        let differences = engine.differences(ruler, &asked, &configured);
        if !differences.is_empty() {
            if !arguments.bridge {
                return Err(other_ruler(&differences).into());
            }
            again = Some(path.as_path());
        }
    }
    if let (Engine::Here(guard), false) = (&engine, arguments.yes)
        && guard.asks_others(&asked.judges)
    {
        let panel = app::panel(config, &asked.judges)?;
        complain(&estimate(&panel, &input, &ids, again).await?);
        let why = "nothing was asked; say --yes to go on";
        return Err(Unusable(why.to_owned()).into());
    }
    let mut run = Run::new(arguments, &input);
    let mut out = None;
    if let Some(path) = &arguments.out {
        // It is opened first, so that no other run writes to it from then on.
        out = Some(Out::open(path).map_err(Unusable)?);
        run.take_up(path, &engine, &asked, &configured)?;
    }
    run.audit(&engine, &asked, items, &mut out).await?;
    let threshold = run.threshold();
    let mut compared = None;
    let mut bridged = false;
    if let Some((path, mut kept, ruler)) = before {
        // Which models answered is only known now.
        let differences = ruler.differences(&run.ruler);
        let differs = !differences.is_empty() && run.ruler != Ruler::default();
        if differs && !arguments.bridge {
            return Err(other_ruler(&differences).into());
        }
        bridged = differs || again.is_some();
        if bridged {
            judged_again(path, &ids, &engine, &asked, &mut kept).await?;
        }
        compared = baseline::compared(&kept, &run.kept, threshold);
    }
    run.finish(arguments, compared.as_ref(), bridged)
}

/// Creates the engine: judges in this process, or a server.
fn engine_of(
    arguments: &Arguments,
    config: &Config,
    env: &BTreeMap<String, String>,
) -> Result<Engine> {
    let Some(url) = &arguments.server else {
        if let Some(wrong) = judges_fault(config, &arguments.judges) {
            return Err(Unusable(wrong).into());
        }
        return Ok(Engine::Here(Box::new(app::guard(config)?)));
    };
    let key = match &arguments.key_file {
        Some(path) => match std::fs::read_to_string(path) {
            Ok(key) => Some(key),
            Err(error) => {
                let why = format!("--key-file {} can't be read: {error}", path.display());
                return Err(Unusable(why).into());
            }
        },
        None => env.get(KEY_VARIABLE).cloned(),
    };
    let key = key
        .map(|key| key.trim().to_owned())
        .filter(|key| !key.is_empty());
    let Some(key) = key else {
        let why = format!(
            "--server needs an API key with the scope audit: set {KEY_VARIABLE}, or name a file with --key-file"
        );
        return Err(Unusable(why).into());
    };
    let server = Remote::new(url, SecretString::from(key));
    let server = server.map_err(|error| Unusable(format!("{error:#}")))?;
    Ok(Engine::There(server))
}

/// Estimates the cost of the judges that are paid for, as text, including the baseline at `again`
/// whose texts would be judged again.
async fn estimate(
    panel: &Panel,
    input: &Input,
    ids: &HashSet<u64>,
    again: Option<&Path>,
) -> Result<String> {
    let stored = |path| baseline::stored(path, ids).map_err(anyhow::Error::msg);
    let more = match again {
        None => 0,
        Some(path) => stored(path)?.count(),
    };
    let mut sum = benchmark::Sum::default();
    let items = ids.len() + more;
    let mut progress = Progress::new("estimate", items);
    let stored = again.map(stored).transpose()?;
    for item in input.items().chain(stored.into_iter().flatten()) {
        let item = item.map_err(anyhow::Error::msg)?;
        if item.error.is_some() {
            progress.step();
            continue;
        }
        let texts = Question {
            source: item.source.to_string(),
            candidate: item.candidate,
            question: item.question,
        };
        sum.add(panel.estimate(texts).await?);
        progress.step();
    }
    drop(progress);
    Ok(sum.described("items", items))
}
