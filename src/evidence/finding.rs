//! Findings: the faults of a claim as its evidence shows them.

use std::ops::Range;

use super::derived::Derived;

/// The kind of feature that a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    Number,
    /// The same figure in another currency or unit of measure.
    Unit,
    /// A frequency or a duration.
    Period,
    /// A value of the source that belongs to another subject or row.
    Subject,
    /// A value that follows from two values of the source by arithmetic.
    Arithmetic,
    Date,
    Name,
    /// The exchange of who does something and to whom it is done.
    Roles,
    Negation,
    /// A word in place of its opposite.
    Opposite,
    Order,
    /// A quantifier: all, most, some, few, none.
    Quantity,
    /// A possibility or plan stated as a fact.
    Certainty,
    /// An address, a version or a path, which must match to the last character.
    Identifier,
}

/// A single fault of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub aspect: Aspect,
    /// The words at fault, as a range of bytes in the claim's text.
    pub range: Range<usize>,
    /// True if the source contradicts the claim; false if it does not state it.
    pub against: bool,
    /// Says what the source states and what the claim states.
    pub message: String,
    /// The index of the sentence of the source that contradicts the claim.
    pub sentence: Option<usize>,
}

/// The result of checking one group of aspects of a claim.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Checked {
    /// The number of the claim's features that could be checked.
    pub features: usize,
    /// The number of values that the source does not contain, but that follow from two of its
    /// values close to each other.
    pub derived: usize,
    /// The same for values that may follow by chance, because they are small or the two
    /// values are far apart.
    pub derived_loosely: usize,
    /// True if the claim consists of hardly anything but values, all of which are in the table row
    /// that it is about.
    pub in_row: bool,
    /// The findings, in the order of the claim.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// Counts a value that may follow from two others.
    pub(super) const fn count(&mut self, follows: Option<Derived>) {
        match follows {
            Some(Derived {
                near: true,
                large: true,
            }) => self.derived += 1,
            Some(_) => self.derived_loosely += 1,
            None => {}
        }
    }

    /// Returns true if any finding contradicts the claim.
    pub fn against(&self) -> bool {
        self.findings.iter().any(|finding| finding.against)
    }
}
