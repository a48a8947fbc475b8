//! Compares a run with an earlier one: whether both used the same panel, and how the results
//! changed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use super::item::{Item, Place, number};
use super::record::{Outcome, Record, records};
use crate::domain::panel::{PanelStamp, StampedJudge};
use crate::figures::paired::{Comparison, Pair, compare};

/// The part of a result that is kept in memory; its size does not depend on the texts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Kept {
    pub outcome: Outcome,
    pub probability: Option<f64>,
    /// Hash of the document's name.
    pub document: u64,
    /// Hash of the digest of the texts.
    pub digest: u64,
}

impl Kept {
    pub(super) fn of(record: &Record) -> Self {
        Self {
            outcome: record.outcome,
            probability: record.probability,
            document: number(record.document()),
            digest: number(&record.digest),
        }
    }
}

/// The release, whether the built-in model was used, and the calibration of a result.
type Setting = (String, bool, Option<String>);

/// The panel of a whole run, collected from the stamps of its results.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Ruler {
    /// The distinct settings of all results.
    settings: BTreeSet<Setting>,
    /// The distinct sets of judges of all results, each judge as its name, kind and model.
    judges: BTreeSet<Vec<(String, String, String)>>,
    /// Models that have answered, by the name of the judge.
    answered: BTreeMap<String, BTreeSet<String>>,
    rubrics: BTreeMap<String, BTreeSet<String>>,
}

impl Ruler {
    pub(super) fn add(&mut self, stamp: &PanelStamp) {
        let settings = (
            stamp.release.clone(),
            stamp.neural,
            stamp.calibration.clone(),
        );
        if !self.settings.contains(&settings) {
            self.settings.insert(settings);
        }
        let configured = configured(&stamp.judges);
        if !self.judges.contains(&configured) {
            self.judges.insert(configured);
        }
        for judge in &stamp.judges {
            if let Some(model) = &judge.answered_by {
                let of_judge = self.answered.entry(judge.name.clone()).or_default();
                of_judge.insert(model.clone());
            }
            if let Some(rubric) = &judge.rubric {
                let of_judge = self.rubrics.entry(judge.name.clone()).or_default();
                of_judge.insert(rubric.clone());
            }
        }
    }

    /// Returns true if a stored result is by the current panel. The models that answer are not
    /// compared, because they are not known in advance.
    pub(super) fn goes_on(stamp: &PanelStamp, now: &PanelStamp) -> bool {
        let settings = |of: &PanelStamp| (of.release.clone(), of.neural, of.calibration.clone());
        settings(stamp) == settings(now) && configured(&stamp.judges) == configured(&now.judges)
    }

    pub(super) fn same_judges(one: &[StampedJudge], other: &[StampedJudge]) -> bool {
        configured(one) == configured(other)
    }

    /// Describes the differences between two panels; empty if they are the same.
    pub(super) fn differences(&self, now: &Self) -> Vec<String> {
        let mut found = self.settings_differ(now);
        found.extend(self.judges_differ(now));
        for (what, before, after) in [
            ("models that answered as", &self.answered, &now.answered),
            ("rubric of", &self.rubrics, &now.rubrics),
        ] {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names {
                let of = |all: &BTreeMap<String, BTreeSet<String>>| {
                    all.get(name)
                        .map_or_else(|| "none".to_owned(), |all| listed(all.clone()))
                };
                found.extend(differ(&format!("{what} {name}"), of(before), of(after)));
            }
        }
        found
    }

    /// Describes the differences to a panel that has not answered yet: not the models that answer
    /// and their rubrics.
    pub(super) fn differences_in_advance(&self, now: &PanelStamp) -> Vec<String> {
        let mut ruler = Self::default();
        ruler.add(now);
        let mut found = self.settings_differ(&ruler);
        found.extend(self.judges_differ(&ruler));
        found
    }

    /// Describes the difference to a panel of which only the judges are known.
    pub(super) fn differences_of_judges(&self, now: &[StampedJudge]) -> Vec<String> {
        let mut ruler = Self::default();
        ruler.judges.insert(configured(now));
        self.judges_differ(&ruler).into_iter().collect()
    }

    fn settings_differ(&self, now: &Self) -> Vec<String> {
        let each = |of: &Self, part: &dyn Fn(&Setting) -> String| {
            let parts: BTreeSet<String> = of.settings.iter().map(part).collect();
            listed(parts)
        };
        let release = |one: &Setting| one.0.clone();
        let neural = |one: &Setting| if one.1 { "used" } else { "not used" }.to_owned();
        let calibration = |one: &Setting| one.2.clone().unwrap_or_else(|| "none".to_owned());
        [
            differ("release", each(self, &release), each(now, &release)),
            differ(
                "the model in the program",
                each(self, &neural),
                each(now, &neural),
            ),
            differ(
                "calibration",
                each(self, &calibration),
                each(now, &calibration),
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn judges_differ(&self, now: &Self) -> Option<String> {
        let judges = |of: &Self| {
            let panels = of.judges.iter().map(|panel| {
                let named = panel
                    .iter()
                    .map(|(name, kind, model)| format!("{name} ({kind}, {model})"));
                named.collect::<Vec<_>>().join(", ")
            });
            listed(panels.collect())
        };
        differ("judges", judges(self), judges(now))
    }

    /// Returns the judges and the models that answered, as text for people.
    pub(super) fn described(&self) -> String {
        let panels = self.judges.iter().flatten().map(|(name, _, model)| {
            let answered = self.answered.get(name).cloned().unwrap_or_default();
            if answered.is_empty() {
                format!("{name} ({model})")
            } else {
                format!("{name} ({})", listed(answered))
            }
        });
        listed(panels.collect())
    }
}

fn differ(what: &str, before: String, after: String) -> Option<String> {
    (before != after).then(|| format!("{what}: {before} before, {after} now"))
}

fn configured(judges: &[StampedJudge]) -> Vec<(String, String, String)> {
    let mut all: Vec<_> = judges
        .iter()
        .map(|judge| (judge.name.clone(), judge.kind.clone(), judge.model.clone()))
        .collect();
    all.sort();
    all.dedup();
    all
}

fn listed(all: BTreeSet<String>) -> String {
    if all.is_empty() {
        return "none".to_owned();
    }
    all.into_iter().collect::<Vec<_>>().join(", ")
}

/// Returns the position in a file of results of the last one of each item, which replaces earlier
/// ones.
fn newest(path: &Path) -> Result<HashMap<u64, usize>, String> {
    let mut newest = HashMap::new();
    for (at, record) in records(path)?.enumerate() {
        newest.insert(number(&record?.id), at);
    }
    Ok(newest)
}

/// Reads a file of results; the last result of an item replaces earlier ones, which may be by
/// another panel.
pub(super) fn read(path: &Path) -> Result<(HashMap<u64, Kept>, Ruler), String> {
    let mut kept = HashMap::new();
    let mut ruler = Ruler::default();
    let newest = newest(path)?;
    for (at, record) in records(path)?.enumerate() {
        let record = record?;
        if newest.get(&number(&record.id)) != Some(&at) {
            continue;
        }
        if let (Some(stamp), true) = (&record.panel, record.outcome != Outcome::Errored) {
            ruler.add(stamp);
        }
        kept.insert(number(&record.id), Kept::of(&record));
    }
    if kept.is_empty() {
        return Err(format!("{} holds no result", path.display()));
    }
    Ok((kept, ruler))
}

/// Reads the stored texts of a file of results, to judge them again: the last ones of each wanted
/// item.
pub(super) fn stored<'a>(
    path: &Path,
    wanted: &'a HashSet<u64>,
) -> Result<impl Iterator<Item = Result<Item, String>> + 'a, String> {
    let newest = newest(path)?;
    let is_meant = move |(at, record): &(usize, Result<Record, String>)| match record {
        Ok(record) => {
            let id = number(&record.id);
            wanted.contains(&id) && newest.get(&id) == Some(at)
        }
        Err(_) => true,
    };
    let item = |(_, record): (usize, Result<Record, String>)| {
        record.map(|record| Item {
            place: Place {
                file: record.file,
                line: record.line,
                item: record.item,
            },
            error: record
                .candidate
                .is_empty()
                .then(|| "there was no output".to_owned()),
            id: record.id,
            source: record.source.into(),
            candidate: record.candidate,
            question: record.question,
            document: record.doc,
        })
    };
    Ok(records(path)?.enumerate().filter(is_meant).map(item))
}

/// The comparison of the items that both runs have a result for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compared {
    pub comparison: Comparison,
    /// Number of items of the earlier run without a counterpart; `only_now` is the same for this
    /// run.
    pub only_before: usize,
    pub only_now: usize,
}

/// Pairs the items by id; returns `None` if there is no pair.
pub(super) fn compared(
    before: &HashMap<u64, Kept>,
    now: &HashMap<u64, Kept>,
    threshold: f64,
) -> Option<Compared> {
    let mut pairs = Vec::new();
    for (id, kept) in now {
        let earlier = before.get(id).and_then(|earlier| earlier.probability);
        if let (Some(earlier), Some(probability)) = (earlier, kept.probability) {
            pairs.push(Pair {
                before: earlier,
                now: probability,
                // Both use the current threshold, which is not part of the panel.
                flagged_before: earlier < threshold,
                flagged_now: probability < threshold,
                document: kept.document,
            });
        }
    }
    // The iteration order of a map is random, and a sum of floating-point numbers depends on the
    // order.
    pairs.sort_by(|one, other| {
        one.document
            .cmp(&other.document)
            .then(one.before.total_cmp(&other.before))
            .then(one.now.total_cmp(&other.now))
    });
    Some(Compared {
        only_before: before.len() - pairs.len(),
        only_now: now.len() - pairs.len(),
        comparison: compare(&pairs)?,
    })
}

#[cfg(test)]
#[path = "tests/baseline.rs"]
mod tests;
