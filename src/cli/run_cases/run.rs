//! The run itself: resumes what an earlier process has stored, audits the items that are left, and
//! writes the reports.

use std::collections::{HashMap, HashSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use futures_util::{StreamExt as _, stream};

use super::arguments::Arguments;
use super::baseline::{Compared, Kept, Ruler};
use super::engine::{Asked, Engine};
use super::gate::{Gate, Tally};
use super::input::Input;
use super::item::number;
use super::junit::Junit;
use super::record::{self, Out, Outcome, Record};
use super::sarif::Sarif;
use super::summary::{Summary, Worst};
use super::unusable::Unusable;
use crate::cli::complaint::complain;
use crate::cli::progress::Progress;
use crate::domain::panel::StampedJudge;

/// Exit code if the gate does not hold.
const GATE: u8 = 3;

/// The state of a run in progress.
pub(super) struct Run<'a> {
    input: &'a Input,
    tally: Tally,
    pub(super) kept: HashMap<u64, Kept>,
    /// Hashes of the ids of items that an earlier process with the same `--out` has done.
    done: HashSet<u64>,
    pub(super) ruler: Ruler,
    worst: Worst,
    junit: Option<Junit>,
    sarif: Option<Sarif>,
    thresholds: Vec<f64>,
}

impl<'a> Run<'a> {
    pub(super) fn new(arguments: &Arguments, input: &'a Input) -> Self {
        Self {
            input,
            tally: Tally::default(),
            kept: HashMap::new(),
            done: HashSet::new(),
            ruler: Ruler::default(),
            worst: Worst::default(),
            junit: arguments.junit.is_some().then(Junit::new),
            sarif: arguments.sarif.is_some().then(Sarif::new),
            thresholds: Vec::new(),
        }
    }

    /// Returns the threshold for the comparison: the first result's.
    pub(super) fn threshold(&self) -> f64 {
        self.thresholds.first().copied().unwrap_or_default()
    }

    /// Resumes an earlier process: takes over its results of the same texts by the same judges.
    pub(super) fn take_up(
        &mut self,
        path: &Path,
        engine: &Engine,
        asked: &Asked,
        configured: &[StampedJudge],
    ) -> Result<(), Unusable> {
        // The last result of an item replaces earlier ones.
        let mut found: HashMap<u64, (u64, bool)> = HashMap::new();
        let mut others = 0;
        for record in record::records(path)? {
            let record = record?;
            let is_same = record
                .panel
                .as_ref()
                .is_some_and(|stamp| engine.goes_on(stamp, asked, configured));
            let counts = is_same && record.outcome != Outcome::Errored;
            others += usize::from(!is_same && record.panel.is_some());
            found.insert(number(&record.id), (number(&record.digest), counts));
        }
        let mut wanted: HashMap<u64, usize> = HashMap::new();
        for (at, item) in self.input.items().enumerate() {
            let item = item?;
            let id = number(&item.id);
            if found.get(&id) == Some(&(number(&item.digest()), true)) {
                wanted.insert(id, at);
            }
        }
        let mut last: HashMap<u64, usize> = HashMap::new();
        for (line, record) in record::records(path)?.enumerate() {
            last.insert(number(&record?.id), line);
        }
        for (line, record) in record::records(path)?.enumerate() {
            let record = record?;
            let id = number(&record.id);
            if let (Some(at), Some(true)) =
                (wanted.get(&id), last.get(&id).map(|last| *last == line))
            {
                // The threshold may have changed since.
                let record = rejudged(record, asked.threshold);
                self.done.insert(id);
                self.take(*at, &record);
            }
        }
        if others > 0 {
            complain(&format!(
                "judge-auditor: {others} results of {} are by another panel, and are not used",
                path.display()
            ));
        }
        Ok(())
    }

    fn take(&mut self, at: usize, record: &Record) {
        self.tally.add(record.outcome);
        self.kept.insert(number(&record.id), Kept::of(record));
        if let (Some(stamp), true) = (&record.panel, record.outcome != Outcome::Errored) {
            self.ruler.add(stamp);
            if self.thresholds.is_empty() {
                self.thresholds.push(record.threshold);
            }
        }
        self.worst.add(at, record);
        if let Some(junit) = &mut self.junit {
            junit.add(at, record);
        }
        if let Some(sarif) = &mut self.sarif {
            sarif.add(at, record, self.input.sources());
        }
    }

    pub(super) async fn audit(
        &mut self,
        engine: &Engine,
        asked: &Asked,
        items: usize,
        out: &mut Option<Out>,
    ) -> Result<()> {
        let open = items.saturating_sub(self.done.len());
        if !self.done.is_empty() {
            complain(&format!(
                "judge-auditor: {} of {items} are done already, {open} are left",
                self.done.len()
            ));
        }
        let mut progress = Progress::new("run", open);
        let done = self.done.clone();
        let input = self.input;
        let auditing = input
            .items()
            .enumerate()
            .filter(|(_, item)| {
                item.as_ref()
                    .map_or(true, |item| !done.contains(&number(&item.id)))
            })
            .map(|(at, item)| async move {
                // An error here means that the file has changed since it was validated.
                let item = item.map_err(anyhow::Error::msg)?;
                anyhow::Ok((at, engine.audit(item, asked).await?))
            });
        let mut auditing = stream::iter(auditing).buffer_unordered(engine.at_once());
        while let Some(audited) = auditing.next().await {
            let (at, record) = audited?;
            if let Some(out) = out {
                out.write(&record)?;
            }
            self.take(at, &record);
            progress.step();
        }
        drop(progress);
        complete(items, self.tally.all())
    }

    /// Writes the reports, prints the figures, and returns the exit code.
    pub(super) fn finish(
        self,
        arguments: &Arguments,
        compared: Option<&Compared>,
        bridged: bool,
    ) -> Result<ExitCode> {
        let gate = Gate {
            min_faithful: arguments.min_faithful,
            no_worse_by: arguments.no_worse_by,
        };
        let failures = gate.failures(self.tally, compared);
        let summary = Summary {
            tally: self.tally,
            gate,
            failures: &failures,
            compared,
            bridged,
            ruler: &self.ruler,
            worst: &self.worst,
        };
        let write = |path: &Option<PathBuf>, text: String| match path {
            None => Ok(()),
            Some(path) => std::fs::write(path, text)
                .with_context(|| format!("{} can't be written", path.display())),
        };
        write(&arguments.summary, summary.markdown())?;
        if let Some(junit) = self.junit {
            write(&arguments.junit, junit.finish()?)?;
        }
        if let Some(sarif) = self.sarif {
            write(&arguments.sarif, sarif.finish()?)?;
        }
        let text = if arguments.json {
            serde_json::to_string_pretty(&summary.json())? + "\n"
        } else {
            summary.text()
        };
        std::io::stdout().write_all(text.as_bytes())?;
        Ok(if self.tally.errored > 0 {
            ExitCode::FAILURE
        } else if failures.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(GATE)
        })
    }
}

/// Checks that as many items have a result as there were when the input was validated. Without
/// this a file that was emptied meanwhile would end as done.
fn complete(items: usize, results: usize) -> Result<()> {
    if items != results {
        bail!(
            "the input has changed while it was read: it had {items} items at first, and {results} were audited"
        );
    }
    Ok(())
}

/// Applies the current threshold to a stored result.
fn rejudged(record: Record, threshold: Option<f64>) -> Record {
    let (Some(threshold), Some(probability)) = (threshold, record.probability) else {
        return record;
    };
    let outcome = match record.outcome {
        Outcome::Passed | Outcome::Failed if probability < threshold => Outcome::Failed,
        Outcome::Passed | Outcome::Failed => Outcome::Passed,
        other => other,
    };
    Record {
        outcome,
        threshold,
        ..record
    }
}

#[cfg(test)]
#[path = "tests/run.rs"]
mod tests;
