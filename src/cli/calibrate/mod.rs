//! `calibrate`: fits the faithfulness of outputs to the user's labels, and estimates how well the
//! fit generalises.

mod print;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use chrono::{SecondsFormat, Utc};
use clap::Args;

use crate::app::{calibration, panel};
use crate::audit::panel::{Opinion, Panel};
use crate::config::Config;
use crate::figures::accuracy::Observation;
use crate::figures::calibration::{Calibration, FORMAT, carries, fit};
use crate::figures::panel::Confusions;
use crate::figures::three_way::Truth;

use super::benchmark::claims::judged;
use super::benchmark::lines::{self, Pair};
use super::benchmark::{ask, estimate};
use super::complaint::{USAGE, complain};
use super::judge_names::judges_fault;
use super::users::store;
use crate::domain::settings::AggregationStrategy;
use crate::store::{feedback, users};

/// The arguments of `calibrate`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A file of labelled pairs, as `benchmark` reads them: at least 20, with both labels among them.
    #[arg(
        value_name = "FILE",
        required_unless_present = "feedback",
        conflicts_with = "feedback"
    )]
    file: Option<PathBuf>,
    /// Use the feedback on the audits in the database (`POST /evaluations/{id}/feedback`) instead of a file.
    #[arg(long)]
    feedback: bool,
    /// Use only the feedback of this user.
    #[arg(long, value_name = "NAME", requires = "feedback")]
    user: Option<String>,
    /// The name of a judge to ask; may be given more than once. Default: `runs.default_judges`.
    #[arg(long = "judge", value_name = "NAME")]
    judges: Vec<String>,
    /// Write the calibration to `calibrations/NAME.json` in the data directory. Without a name the figures are only
    /// printed.
    #[arg(long, value_name = "NAME", value_parser = plain_name)]
    name: Option<String>,
    /// Overwrite an existing calibration of this name.
    #[arg(long, requires = "name")]
    replace: bool,
    /// Print only the figures, as JSON.
    #[arg(long)]
    json: bool,
    /// Ask judges that cost money; without this option only the estimated cost is printed.
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

/// Obtains the labelled observations, fits a calibration, writes it if a name is given, and prints
/// its figures.
pub(super) async fn calibrate(arguments: Arguments, config: &Config) -> Result<ExitCode> {
    let refuse = |why: &str| {
        complain(&format!("judge-auditor: {why}"));
        Ok(ExitCode::from(USAGE))
    };
    if let Some(wrong) = judges_fault(config, &arguments.judges) {
        return refuse(&wrong);
    }
    let panel = panel(config, &arguments.judges)?;
    let labelled = match &arguments.file {
        Some(file) => from_file(file, &panel, arguments.yes).await?,
        None => from_feedback(&panel, arguments.user.as_deref(), config).await?,
    };
    let labelled = match labelled {
        Ok(labelled) => labelled,
        Err(why) => return refuse(&why),
    };
    let scored = &labelled.scored;
    let map = match fit(scored) {
        Ok(map) => map,
        Err(why) => return refuse(&format!("{why}{}", labelled.left_out())),
    };
    let mut judges = panel.names().to_vec();
    judges.sort();
    let mut fitted = Calibration {
        format: FORMAT,
        name: arguments.name.clone().unwrap_or_default(),
        created_at: Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
        judges,
        labels: scored.len(),
        supported: scored.iter().filter(|pair| pair.supported).count(),
        map,
        confusions: labelled.confusions.clone(),
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
        left_out: &labelled.left_out,
        carries: carries(scored),
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

/// The observations that a calibration is fitted on.
struct Labelled {
    scored: Vec<Observation>,
    /// Numbers of labels that could not be used, each with the reason.
    left_out: Vec<(usize, &'static str)>,
    /// Confusion matrix of each judge's claim labels against the human ones.
    confusions: Confusions,
}

impl Labelled {
    fn left_out(&self) -> String {
        let told = |(count, why): &(usize, &str)| format!("; {count} {why}");
        self.left_out.iter().map(told).collect()
    }
}

/// Reads labelled pairs from a file and asks the panel about them. The inner error is a message for
/// the user.
async fn from_file(file: &Path, panel: &Panel, yes: bool) -> Result<Result<Labelled, String>> {
    let pairs = match lines::read(file) {
        Ok(pairs) => pairs,
        Err(wrong) => return Ok(Err(wrong)),
    };
    // A trial fit with constant probabilities finds too few labels, or labels of one kind only,
    // before any judge is paid for.
    if let Err(why) = fit(&observations(&pairs, |_| Some(0.5))) {
        return Ok(Err(why));
    }
    if !panel.offline() {
        let all: Vec<&Pair> = pairs.iter().collect();
        complain(&estimate(panel, &all).await?);
        if !yes {
            return Ok(Err("nothing was asked; say --yes to go on".to_owned()));
        }
    }
    let opinions = ask(panel, &file.display().to_string(), &pairs).await?;
    let scored = observations(&pairs, |at| opinions[at].probability());
    let unscored = pairs.len() - scored.len();
    let left_out =
        (unscored > 0).then_some((unscored, "have no claim or no score and are in no figure"));
    Ok(Ok(Labelled {
        scored,
        left_out: left_out.into_iter().collect(),
        confusions: confusions(&pairs, &opinions),
    }))
}

/// Counts each judge's claim labels against the human ones, over the claims whose true label is
/// known.
fn confusions(pairs: &[Pair], opinions: &[Opinion]) -> Confusions {
    let mut counted = Confusions::new();
    for (pair, opinion) in pairs.iter().zip(opinions) {
        for (claim, at) in judged(pair, &opinion.verdicts) {
            let (Truth::Label(truth), Some(at)) = (claim.truth, at) else {
                continue;
            };
            let id = opinion.verdicts[at].claim.id;
            for report in &opinion.reports {
                let mut labels = report.claim_verdicts.iter();
                if let Some(given) = labels.find(|label| label.claim_id == id) {
                    let of_judge = counted.entry(report.judge_name.clone()).or_default();
                    of_judge.count(truth, given.label);
                }
            }
        }
    }
    counted
}

/// Reads the feedback on finished audits by the same panel, of one user or of all. The inner error
/// is a message for the user.
async fn from_feedback(
    panel: &Panel,
    user: Option<&str>,
    config: &Config,
) -> Result<Result<Labelled, String>> {
    let store = store(config).await?;
    let mut whose = None;
    if let Some(name) = user {
        let name = name.to_owned();
        match store.read(move |db| users::by_username(db, &name)).await? {
            Some((found, _)) => whose = Some(found.id),
            None => return Ok(Err("no such user".to_owned())),
        }
    }
    let said = store.read(move |db| feedback::labelled(db, whose)).await?;
    let confusions = store
        .read(move |db| feedback::confusions(db, whose))
        .await?;
    let names = panel.names();
    Ok(Ok(Labelled {
        confusions: confusions
            .into_iter()
            .filter(|(judge, _)| names.contains(judge))
            .collect(),
        ..feedback_pairs(&said, names)
    }))
}

/// Selects the labelled audits that `panel` made with the default strategy. Audits of one source
/// belong to one document.
fn feedback_pairs(said: &[feedback::Labelled], panel: &[String]) -> Labelled {
    let mut wanted: Vec<&str> = panel.iter().map(String::as_str).collect();
    wanted.sort_unstable();
    let mut documents: Vec<&str> = Vec::new();
    let (mut scored, mut others, mut open, mut without) = (Vec::new(), 0, 0, 0);
    for audit in said {
        let Some(supported) = audit.supported() else {
            open += 1;
            continue;
        };
        if audit.judges != wanted || audit.strategy != AggregationStrategy::default() {
            others += 1;
            continue;
        }
        let Some(probability) = audit.probability else {
            without += 1;
            continue;
        };
        let known = documents.iter().position(|hash| *hash == audit.source_hash);
        let document = known.unwrap_or_else(|| {
            documents.push(&audit.source_hash);
            documents.len() - 1
        });
        scored.push(Observation {
            probability,
            supported,
            document,
        });
    }
    let left_out = [
        (others, "were audited by other judges or another strategy"),
        (
            open,
            "have feedback that does not tell whether all of the output is supported",
        ),
        (
            without,
            "were audited by an earlier version, or hold no claim; audit them again",
        ),
    ];
    Labelled {
        scored,
        left_out: left_out
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .collect(),
        confusions: Confusions::new(),
    }
}

/// Makes an observation of each pair whose probability is known.
fn observations(pairs: &[Pair], probability: impl Fn(usize) -> Option<f64>) -> Vec<Observation> {
    pairs
        .iter()
        .enumerate()
        .filter_map(|(at, pair)| {
            Some(Observation {
                probability: probability(at)?,
                supported: pair.supported,
                document: pair.document,
            })
        })
        .collect()
}
