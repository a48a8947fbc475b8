//! Units of measure with their size in base units, from `words/measures.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::super::word_lists::{WordSet, read};
use super::quantity::System;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    metric: Vec<Line>,
    calendar: Vec<Line>,
    customary: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    base: String,
    size: f64,
    #[serde(default)]
    offset: f64,
    names: WordSet,
}

static LISTS: LazyLock<Lists> =
    LazyLock::new(|| read("measures.toml", include_str!("words/measures.toml")));
static MEASURES: LazyLock<HashMap<&'static str, Measure>> = LazyLock::new(|| {
    let lists = &*LISTS;
    let systems = [
        (System::Metric, &lists.metric),
        (System::Calendar, &lists.calendar),
        (System::Customary, &lists.customary),
    ];
    let mut measures = HashMap::new();
    for (system, lines) in systems {
        for line in lines {
            let measure = Measure {
                base: &line.base,
                factor: line.size,
                offset: line.offset,
                system,
            };
            measures.extend(line.names.iter().map(|name| (name, measure)));
        }
    }
    measures
});

/// A unit of measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measure {
    /// The base unit to which values are converted.
    pub(super) base: &'static str,
    /// The number of base units in one of this unit.
    pub(super) factor: f64,
    /// Added before multiplying by the factor; nonzero only for temperatures.
    pub(super) offset: f64,
    pub(super) system: System,
}

/// Returns the unit that a word names in the singular or plural.
pub(super) fn measure(word: &str) -> Option<Measure> {
    // "Room 2 has 40 seats" is not about hectares.
    if word == "has" {
        return None;
    }
    let singular = || word.strip_suffix('s').filter(|bare| bare.len() > 1);
    let found = MEASURES.get(word);
    found.or_else(|| MEASURES.get(singular()?)).copied()
}

/// True for the name of a unit, in the singular or plural.
pub(in crate::text) fn is_measure(word: &str) -> bool {
    measure(word).is_some()
}

#[cfg(test)]
#[path = "tests/measures.rs"]
mod tests;
