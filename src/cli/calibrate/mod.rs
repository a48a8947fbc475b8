//! `calibrate`: fits the hallucination score to labels of one's own, and says how far that carries.

mod print;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use chrono::{SecondsFormat, Utc};
use clap::Args;

use crate::app::{Panel, calibration};
use crate::config::Config;
use crate::metrics::accuracy::Observation;
use crate::metrics::calibration::{Calibration, carries, fit};

use super::benchmark::lines::{self, Pair};
use super::benchmark::{ask, estimate};
use super::{USAGE, complain};

/// What to fit.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Labelled pairs, as `benchmark` reads them; at least 20, of both labels.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A judge to ask; may be given more than once. Default: the configured panel.
    #[arg(long = "judge", value_name = "NAME")]
    judges: Vec<String>,
    /// Write the calibration to `calibrations/NAME.json` in the data directory. Without a name,
    /// figures are shown and nothing is written.
    #[arg(long, value_name = "NAME", value_parser = plain_name)]
    name: Option<String>,
    /// Write over a calibration of that name.
    #[arg(long, requires = "name")]
    replace: bool,
    /// Print the figures as JSON, and nothing else.
    #[arg(long)]
    json: bool,
    /// Ask judges that cost money, after the estimate.
    #[arg(long)]
    yes: bool,
}

fn plain_name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if (1..=64).contains(&text.len()) && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("give 1 to 64 of A-Z, a-z, 0-9, - and _".to_owned())
    }
}

/// Reads, asks, fits, writes and prints.
pub(super) async fn calibrate(arguments: Arguments, config: &Config) -> Result<ExitCode> {
    let refuse = |why: &str| {
        complain(&format!("judge-auditor: {why}"));
        Ok(ExitCode::from(USAGE))
    };
    if let Err(wrong) = config.know_judges(&arguments.judges) {
        return refuse(&wrong);
    }
    let pairs = match lines::read(&arguments.file) {
        Ok(pairs) => pairs,
        Err(wrong) => return refuse(&wrong),
    };
    // What can't be fitted is said before any judge is asked: the classes do not depend on scores.
    if let Err(why) = fit(&observations(&pairs, |_| Some(0.0))) {
        return refuse(&why);
    }
    let panel = Panel::new(config, &arguments.judges)?;
    if !panel.offline() {
        let all: Vec<&Pair> = pairs.iter().collect();
        complain(&estimate(&panel, &all).await?);
        if !arguments.yes {
            return refuse("nothing was asked; say --yes to go on");
        }
    }
    let file = arguments.file.display().to_string();
    let opinions = ask(&panel, &file, &pairs).await?;
    let scored = observations(&pairs, |at| opinions[at].hallucination_score);
    let map = match fit(&scored) {
        Ok(map) => map,
        Err(why) => return refuse(&why),
    };
    let mut judges = panel.names().to_vec();
    judges.sort();
    let mut fitted = Calibration {
        name: arguments.name.clone().unwrap_or_default(),
        created_at: Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
        judges,
        labels: scored.len(),
        supported: scored.iter().filter(|pair| pair.supported).count(),
        map,
        hash: String::new(),
    };
    let mut written = None;
    if let Some(name) = &arguments.name {
        let path = config
            .data_dir
            .join("calibrations")
            .join(format!("{name}.json"));
        calibration::write(&path, &mut fitted, arguments.replace)?;
        written = Some(path);
    }
    let shown = print::Shown {
        calibration: &fitted,
        unscored: pairs.len() - scored.len(),
        carries: carries(&scored),
        written,
    };
    let text = if arguments.json {
        serde_json::to_string_pretty(&shown.to_json())? + "\n"
    } else {
        shown.to_text()
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The pairs that have a score.
fn observations(pairs: &[Pair], score: impl Fn(usize) -> Option<f64>) -> Vec<Observation> {
    pairs
        .iter()
        .enumerate()
        .filter_map(|(at, pair)| {
            Some(Observation {
                score: score(at)?,
                supported: pair.supported,
                document: pair.document,
            })
        })
        .collect()
}
