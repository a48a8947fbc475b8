//! The lines of a prompt that say which source the sentences below them are from.

use serde_json::{Value, json};

use crate::domain::claim::Span;
use crate::evidence::SourceIndex;
use crate::text::hidden::visible;
use crate::text::injection::detect;

/// Stands for the name of a source without one.
const UNNAMED: &str = "the source";

/// Produces a line where the sentences of another source begin.
pub(super) struct Headings<'a> {
    index: &'a SourceIndex,
    /// The number of the source whose sentences were shown last.
    last: Option<usize>,
    any: bool,
    /// True if the first sentences are from a source without a name.
    begins_unnamed: bool,
}

impl<'a> Headings<'a> {
    pub(super) const fn new(index: &'a SourceIndex) -> Self {
        Self {
            index,
            last: None,
            any: false,
            begins_unnamed: false,
        }
    }

    /// Returns the line before a sentence at this place of the index's text, unless the sentence
    /// before it is from the same source. A source without a name that comes first gets its line
    /// from [`Self::first`], since it needs one only if another source follows.
    pub(super) fn before(&mut self, unit: usize) -> Option<Value> {
        let place = Span {
            start: unit,
            end: unit,
        };
        let origin = self.index.origin(place);
        let number = origin.map(|(number, _)| number);
        if number == self.last {
            self.begins_unnamed |= !self.any;
            return None;
        }
        self.last = number;
        self.any = true;
        let name = match origin {
            Some((number, name)) => shown(number, name),
            None => UNNAMED.to_owned(),
        };
        Some(json!({ "source": name }))
    }

    /// Returns the line that belongs before all sentences, once these were shown: where one source
    /// stands below its name, each does, so that the title of the texts is true.
    pub(super) fn first(&self) -> Option<Value> {
        (self.any && self.begins_unnamed).then(|| json!({ "source": UNNAMED }))
    }

    /// True if there was a line.
    pub(super) const fn any(&self) -> bool {
        self.any
    }
}

/// Returns the name that a model sees. Names are written by others too, and no second asking goes
/// without them: one that addresses a judge is never shown, and its number stands for it.
fn shown(number: usize, name: &str) -> String {
    if detect(name).is_empty() {
        visible(name).into_owned()
    } else {
        format!("source {number}")
    }
}
