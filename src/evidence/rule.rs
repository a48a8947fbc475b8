//! What a rule of the verifier is: when it is applied, what it compares, and its examples.

use super::align::Alignment;
use super::finding::{Aspect, Checked};
use super::pair::Pair;

#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "what is not asked is read by people, by the tests and by the page that is made of it"
    )
)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    /// Describes in one sentence what the rule finds.
    pub(super) finds: &'static str,
    pub(super) asked: Asked,
    pub(super) check: Check,
    /// At least one example with a finding and one without.
    pub(super) examples: &'static [Example],
}

/// The condition under which a rule is applied.
pub(super) enum Asked {
    Always,
    /// Only if no rule before it has found a contradiction, because it would probably
    /// find the same again.
    UnlessContradicted,
    /// If the rule before it was applied, whatever that one has found.
    WithTheRuleBefore,
}

/// The part of the claim and the evidence that a rule compares.
pub(super) enum Check {
    /// The values and names of the claim, with all sentences about the same matter.
    Values(fn(&Alignment<'_>, &mut Checked)),
    /// A claim of the form name and value, "Town: Oslo", with the whole source.
    Field(fn(&Alignment<'_>, &mut Checked)),
    /// The table row that the claim is about; words that it settles count as found in the evidence.
    Row(fn(&mut Alignment<'_>, &mut Checked)),
    /// The claim with its best sentence.
    Sentence(fn(&Pair<'_>, &mut Checked)),
}

/// A source, a claim, and what a rule finds in them.
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "what is not asked is read by people, by the tests and by the page that is made of it"
    )
)]
pub(super) struct Example {
    pub(super) source: &'static str,
    pub(super) claim: &'static str,
    pub(super) finds: Option<(Aspect, Strength)>,
}

/// The effect of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strength {
    /// The source contradicts the claim.
    Contradicts,
    /// The source does not state the claim.
    NotStated,
}

pub(super) const fn contradicts(
    aspect: Aspect,
    source: &'static str,
    claim: &'static str,
) -> Example {
    Example {
        source,
        claim,
        finds: Some((aspect, Strength::Contradicts)),
    }
}

pub(super) const fn not_stated(
    aspect: Aspect,
    source: &'static str,
    claim: &'static str,
) -> Example {
    Example {
        source,
        claim,
        finds: Some((aspect, Strength::NotStated)),
    }
}

pub(super) const fn nothing(source: &'static str, claim: &'static str) -> Example {
    Example {
        source,
        claim,
        finds: None,
    }
}
