//! Judges that need no network, each on other evidence than the rest.
//!
//! `neural` asks the model in the binary, `facts` compares numbers, dates and names, `logic` polarity,
//! opposites, roles, quantifiers and certainty, `lexical` asks how much of the wording the source has and
//! what of it the source does not have at all; `novelty` is another name of it. No judge knows another's view. `app` builds them; actors see only the trait.
//! Deliberately not here: how a claim is compared with the source (`evidence`), what a verdict is
//! (`evidence::decide`). A judge is a pure function of its case; only [`build`] puts it on a thread.

use std::ops::Range;
use std::sync::Arc;

use super::{Answer, Assessing, Assessment, Case, Judge, JudgeError, Outcome, Profile};
use crate::computing::{Cores, Task, checkpoint};
use crate::domain::claim::{Claim, Span};
use crate::domain::issue::{Issue, IssueType, Severity};
use crate::domain::verdict::{ClaimLabel, Label, Probabilities};
use crate::evidence::compared::ComparedClaim;
use crate::evidence::finding::{Checked, Finding};

pub(crate) mod facts;
pub(crate) mod lexical;
pub(crate) mod logic;
pub(crate) mod neural;

/// The kinds that [`build`] knows.
pub(crate) const KINDS: [&str; 5] = [NEURAL, "facts", "logic", "lexical", "novelty"];
/// The kind that is there only where the model in the binary is used.
pub(crate) const NEURAL: &str = "neural";

/// Where the chance of SUPPORTED begins for a claim that a judge calls so, and where it ends for any other:
/// a label and its chance say the same.
const HELD_FROM: f64 = 0.6;
const OPEN_UP_TO: f64 = 0.39;
const REFUTED_UP_TO: f64 = 0.2;
/// What is left for the label itself, of all that is not SUPPORTED.
const OWN_SHARE: f64 = 0.85;
/// Issues that an assessment lists, so that it stays of a size that can be sent; labels are for all claims.
const LISTED: usize = 200;
/// Faults that a reasoning names.
const NAMED: usize = 4;

/// A judge of one of [`KINDS`]; `None` for another kind. `cores` bounds the computations of the whole
/// process, so that many runs at once do not take every thread.
pub(crate) fn build(kind: &str, name: &str, weight: f64, cores: Cores) -> Option<Arc<dyn Judge>> {
    let judge = match kind {
        NEURAL => neural::judge,
        "facts" => facts::judge,
        "logic" => logic::judge,
        "lexical" | "novelty" => lexical::judge,
        _ => return None,
    };
    let profile = Profile {
        name: name.to_owned(),
        kind: kind.to_owned(),
        model: format!("{kind}/1"),
        offline: true,
        weight,
    };
    Some(Arc::new(OfflineJudge {
        profile,
        judge,
        cores,
    }))
}

/// What `neural`, `facts`, `logic` and `lexical` think of a case, in this order.
pub fn answers(case: &Case) -> [Answer; 4] {
    [neural::judge, facts::judge, logic::judge, lexical::judge].map(|judge| judge(case))
}

struct OfflineJudge {
    profile: Profile,
    judge: fn(&Case) -> Answer,
    cores: Cores,
}

impl Judge for OfflineJudge {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn assess(&self, case: Arc<Case>) -> Assessing {
        let (judge, cores) = (self.judge, self.cores.clone());
        Box::pin(async move {
            let task = Task::of(case.user);
            let judged = cores.compute(&task, move || judge(&case)).await;
            let result = judged.map_err(|why| JudgeError::Internal(why.to_string()));
            Outcome::of(1, result)
        })
    }
}

/// Every claim of a case compared with its evidence, in order.
fn comparisons(case: &Case) -> impl Iterator<Item = Arc<ComparedClaim>> {
    (0..case.claims().len()).map(|at| {
        checkpoint();
        case.compared.get(at)
    })
}

/// The findings on a claim as issues.
fn pinned(
    claim: &Claim,
    checked: &Checked,
    kind: fn(&Finding) -> IssueType,
    severity: fn(&Finding) -> Severity,
) -> impl Iterator<Item = Issue> {
    checked.findings.iter().map(move |finding| Issue {
        kind: kind(finding),
        severity: severity(finding),
        description: finding.message.clone(),
        span: Some(pin(claim, finding.range.clone())),
        unmatched_quote: None,
    })
}

/// The span in the candidate of a byte range of a claim's text.
fn pin(claim: &Claim, range: Range<usize>) -> Span {
    let units = |end: usize| {
        claim
            .text
            .get(..end)
            .map_or(0, |text| text.encode_utf16().count())
    };
    let start = claim.span.start + units(range.start);
    Span {
        start,
        end: (claim.span.start + units(range.end)).max(start),
    }
}

/// What a judge thinks of one claim.
pub(super) struct Opinion {
    /// Place among the case's claims.
    pub(super) at: usize,
    /// 0..1.
    pub(super) support: f64,
    pub(super) label: Label,
    /// 0..1.
    pub(super) confidence: f64,
    /// How much of the candidate it is about.
    pub(super) weight: f64,
    /// How likely each label is, where the judge computes that itself.
    pub(super) probability: Option<Probabilities>,
}

impl Opinion {
    /// How likely each label is to the judge: as it says, or its support within the bounds that its label
    /// sets.
    fn chances(&self) -> Probabilities {
        if let Some(own) = self.probability {
            return own;
        }
        let support = self.support.clamp(0.0, 1.0);
        let supported = match self.label {
            Label::Supported => {
                (1.0 - HELD_FROM).mul_add((support - 0.5).max(0.0) * 2.0, HELD_FROM)
            }
            Label::NotEnoughInfo => support.min(OPEN_UP_TO),
            Label::Refuted => support.min(REFUTED_UP_TO),
        };
        let rest = 1.0 - supported;
        let (refuted, not_enough_info) = match self.label {
            Label::Supported => (rest / 2.0, rest / 2.0),
            Label::Refuted => (rest * OWN_SHARE, rest * (1.0 - OWN_SHARE)),
            Label::NotEnoughInfo => (rest * (1.0 - OWN_SHARE), rest * OWN_SHARE),
        };
        Probabilities {
            supported,
            refuted,
            not_enough_info,
        }
    }
}

/// Makes one assessment of opinions on single claims; abstains where there are none.
pub(super) fn sum_up(
    case: &Case,
    opinions: &[Opinion],
    mut issues: Vec<Issue>,
    subject: &str,
    nothing: &str,
) -> Answer {
    if opinions.is_empty() {
        let reason = if case.claims().is_empty() {
            "the candidate holds no claim"
        } else {
            nothing
        };
        return Answer::Abstained(reason.to_owned());
    }
    let total: f64 = opinions.iter().map(|opinion| opinion.weight).sum();
    let mean = |value: &dyn Fn(&Opinion) -> f64| {
        opinions
            .iter()
            .map(|opinion| value(opinion) * opinion.weight)
            .sum::<f64>()
            / total
    };
    let chances: Vec<Probabilities> = opinions.iter().map(Opinion::chances).collect();
    let supported: f64 = chances.iter().map(|chance| chance.supported).sum();
    // Each claim counts alike: the score is the share of them that hold.
    let score = supported / opinions.len() as f64 * 100.0;
    let held = opinions
        .iter()
        .filter(|opinion| opinion.label == Label::Supported)
        .count();
    let mut reasoning = format!(
        "{held} of {} claims hold by their {subject}",
        opinions.len()
    );
    for (place, issue) in issues.iter().take(NAMED).enumerate() {
        reasoning.push_str(if place == 0 { ": " } else { "; " });
        reasoning.push_str(&issue.description);
    }
    if issues.len() > NAMED {
        reasoning.push_str(&format!("; and {} more", issues.len() - NAMED));
    }
    if issues.len() > LISTED {
        reasoning.push_str(&format!(", of which the first {LISTED} in all are listed"));
        issues.truncate(LISTED);
    }
    Answer::Scored(Assessment {
        score: score.clamp(0.0, 100.0),
        confidence: mean(&|opinion| opinion.confidence).clamp(0.0, 1.0),
        reasoning,
        issues,
        claim_labels: opinions
            .iter()
            .zip(chances)
            .map(|(opinion, probability)| ClaimLabel {
                claim_id: case.claims()[opinion.at].id,
                label: opinion.label,
                confidence: opinion.confidence.clamp(0.0, 1.0),
                probability: Some(probability),
            })
            .collect(),
    })
}

/// The weight of a claim in a candidate: its words, damped.
fn weight(comparison: &ComparedClaim) -> f64 {
    (comparison.wording.tokens.max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests;
