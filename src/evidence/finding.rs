//! What is wrong with a claim, seen from its evidence.

use std::ops::Range;

use super::derived::Derived;

/// Which kind of feature a finding rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// A number, an amount, a share.
    Number,
    /// The same figure in another currency or measure.
    Unit,
    /// How often, or for how long a time.
    Period,
    /// A value that the source gives, but of another subject or row.
    Subject,
    /// What follows from two values of the source by arithmetic.
    Arithmetic,
    Date,
    Name,
    /// Who did it to whom.
    Roles,
    Negation,
    /// A word and its opposite.
    Opposite,
    Order,
    /// All, most, some, few, none.
    Quantity,
    /// A possibility or plan told as a fact.
    Certainty,
    /// An address, a version, a path: right to the last character or wrong.
    Identifier,
}

/// One thing that is wrong with a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it rests on.
    pub aspect: Aspect,
    /// Bytes of the claim's text: the words at fault.
    pub range: Range<usize>,
    /// True where the source says otherwise; false where it does not say so.
    pub against: bool,
    /// What the source says and what the claim says.
    pub message: String,
    /// The sentence of the source that speaks against it.
    pub sentence: Option<usize>,
}

/// What came of checking one aspect group of a claim.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Checked {
    /// Features of the claim that could be checked.
    pub features: usize,
    /// Values that the source does not give, and that two of its values make which stand together.
    pub derived: usize,
    /// The same of values that may be made so by chance: small ones, or of values that stand apart.
    pub derived_loosely: usize,
    /// Whether the claim has values, all of which stand in the row of a table that it is about, and says hardly
    /// anything else.
    pub in_row: bool,
    /// What is wrong, in the claim's order.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// Counts a value that may follow from others.
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

    /// True where the source says otherwise.
    pub fn against(&self) -> bool {
        self.findings.iter().any(|finding| finding.against)
    }
}
