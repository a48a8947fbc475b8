//! `benchmark`: measures on human labels how well judges tell supported outputs from others.

mod all;
pub(in crate::cli) mod claims;
mod dump;
mod figures;
mod json;
pub(in crate::cli) mod lines;
mod print;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::Args;
use futures_util::{StreamExt, stream};

use crate::app::calibrated_panel;
use crate::audit::panel::{Estimate, Opinion, Panel};
use crate::config::Config;

use super::complaint::{USAGE, complain};
use super::judge_names::judges_fault;
use super::progress::Progress;
use dump::Dump;
use figures::measure;
use lines::Pair;

/// Pairs processed at once per core: enough to keep every core busy, few enough to bound the
/// memory.
const AT_ONCE: usize = 4;

/// The arguments of `benchmark`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A file of labelled pairs, one JSON object per line: `{"id","source","candidate","label"}`, where the label is 1
    /// if the source supports the candidate, otherwise 0. Instead of `label` a pair may have
    /// `"claims": [{"text","label"}]`, with words of the candidate and SUPPORTED, REFUTED or NOT_ENOUGH_INFO.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The name of a judge to ask; may be given more than once. Default: `runs.default_judges`.
    #[arg(long = "judge", value_name = "NAME")]
    judges: Vec<String>,
    /// Print only the figures, as JSON.
    #[arg(long)]
    json: bool,
    /// Write the verdicts of the verifier, each judge and the panel on each claim to FILE, one JSON object per line.
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// Ask judges that cost money; without this option only the estimated cost is printed.
    #[arg(long)]
    yes: bool,
}

/// Reads the files, asks the panel about each pair, and prints the figures.
pub(super) async fn benchmark(arguments: Arguments, config: &Config) -> Result<ExitCode> {
    let refuse = |why: &str| {
        complain(&format!("judge-auditor: {why}"));
        Ok(ExitCode::from(USAGE))
    };
    if let Some(wrong) = judges_fault(config, &arguments.judges) {
        return refuse(&wrong);
    }
    let mut files = Vec::new();
    for path in &arguments.files {
        match lines::read(path) {
            Ok(pairs) => files.push((path.display().to_string(), pairs)),
            Err(wrong) => return refuse(&wrong),
        }
    }
    let panel = calibrated_panel(config, &arguments.judges)?;
    if !panel.offline() {
        let pairs: Vec<&Pair> = files.iter().flat_map(|(_, pairs)| pairs).collect();
        complain(&estimate(&panel, &pairs).await?);
        if !arguments.yes {
            return refuse("nothing was asked; say --yes to go on");
        }
    }
    let mut dump = match &arguments.claims {
        Some(path) => match Dump::new(path) {
            Ok(dump) => Some(dump),
            Err(wrong) => return refuse(&wrong),
        },
        None => None,
    };
    let (names, threshold) = (panel.names(), panel.threshold());
    let mut measured = Vec::new();
    for (file, pairs) in files {
        let began = Instant::now();
        let opinions = ask(&panel, &file, &pairs).await?;
        let took = began.elapsed();
        if let Some(dump) = &mut dump {
            dump.write(&file, &pairs, &opinions)?;
        }
        measured.push(measure(file, &pairs, &opinions, (names, threshold), took));
    }
    let all = all::all(&measured);
    let text = if arguments.json {
        serde_json::to_string_pretty(&json::value(names, threshold, &measured, &all))? + "\n"
    } else {
        print::table(names, threshold, &measured, &all)
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Asks the panel about each pair, several at once, and returns the opinions in the order of the
/// pairs.
pub(super) async fn ask(panel: &Panel, file: &str, pairs: &[Pair]) -> Result<Vec<Opinion>> {
    let mut opinions = Vec::with_capacity(pairs.len());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut progress = Progress::new(file, pairs.len());
    let mut asking = stream::iter(pairs)
        .map(|pair| panel.ask(pair.texts.clone()))
        .buffered(AT_ONCE * cores);
    while let Some(opinion) = asking.next().await {
        opinions.push(opinion?);
        progress.step();
    }
    Ok(opinions)
}

/// Describes the calls, tokens and cost that the paid judges will need, for the user to confirm.
pub(super) async fn estimate(panel: &Panel, pairs: &[&Pair]) -> Result<String> {
    let mut sum = Sum::default();
    for pair in pairs {
        sum.add(panel.estimate(pair.texts.clone()).await?);
    }
    Ok(sum.described("pairs", pairs.len()))
}

/// The sum of several estimates.
pub(super) struct Sum {
    calls: u64,
    prompt: u64,
    completion: u64,
    /// In US dollars; `None` as soon as the price of one estimate is unknown.
    dollars: Option<f64>,
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            calls: 0,
            prompt: 0,
            completion: 0,
            dollars: Some(0.0),
        }
    }
}

impl Sum {
    pub(super) fn add(&mut self, estimates: Vec<Option<Estimate>>) {
        for estimate in estimates.into_iter().flatten() {
            self.calls += u64::from(estimate.calls);
            self.prompt += estimate.prompt_tokens;
            self.completion += estimate.max_completion_tokens;
            self.dollars = self
                .dollars
                .zip(estimate.cost_usd)
                .map(|(sum, more)| sum + more);
        }
    }

    /// Describes the sum for people, as that of `count` items called `what`.
    pub(super) fn described(&self, what: &str, count: usize) -> String {
        let price = self.dollars.map_or_else(
            || "of a price that is not known".to_owned(),
            |dollars| format!("at most ${dollars:.2}"),
        );
        format!(
            "{count} {what}: {} calls, about {} tokens to send and at most {} to receive, {price}",
            self.calls, self.prompt, self.completion
        )
    }
}
