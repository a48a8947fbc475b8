//! Measures the accuracy of verdicts with three labels, and of their probabilities, against labels
//! of claims by people.

use crate::domain::verdict::{Label, Probabilities};

use super::accuracy::{Observation, auroc, calibration_error};

/// The label of a claim by people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    /// One of the three.
    Label(Label),
    /// The claim is not supported; nothing more is known.
    NotSupported,
}

impl Truth {
    /// Returns true if the source supports the claim.
    pub(crate) fn supported(self) -> bool {
        self == Self::Label(Label::Supported)
    }

    /// Returns true if a verdict is right, as far as the label tells.
    pub(crate) fn is(self, given: Label) -> bool {
        match self {
            Self::Label(label) => label == given,
            Self::NotSupported => given != Label::Supported,
        }
    }
}

/// A claim that people labelled, and the verdict on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Judged {
    pub truth: Truth,
    /// The verdict; `None` if the program found no such claim.
    pub given: Option<(Label, Probabilities)>,
    /// The document that it belongs to.
    pub document: usize,
}

/// Counts of claims with one of three labels. Rows are the labels by people, columns the verdicts,
/// with "no such claim" as the last column; both are in the order of [`Label::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Confusion(pub [[usize; 4]; 3]);

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ThreeWay {
    /// The number of claims that people labelled.
    pub claims: usize,
    /// The number of these that no claim of the program covers; they count as wrong in the accuracy
    /// and are left out of the calibration errors.
    pub not_covered: usize,
    /// The share of right verdicts among the claims with one of three labels.
    pub accuracy: Option<f64>,
    pub confusion: Confusion,
    /// The share of the claims that are not supported but marked SUPPORTED.
    pub false_marked_supported: Option<f64>,
    /// The share of the supported claims marked REFUTED.
    pub true_marked_refuted: Option<f64>,
    /// The share of the supported claims marked NOT_ENOUGH_INFO.
    pub true_marked_not_enough_info: Option<f64>,
    /// AUROC of the probability of SUPPORTED: supported claims against all others.
    pub auroc: Option<f64>,
    /// Expected calibration error of each label's probability, in the order of [`Label::ALL`]. That
    /// of SUPPORTED is over all claims, those of the others over claims with one of three labels.
    pub calibration_error: [Option<f64>; 3],
}

/// Computes all figures of some claims.
pub(crate) fn three_way(claims: &[Judged]) -> ThreeWay {
    let mut confusion = Confusion::default();
    for claim in claims {
        if let Truth::Label(label) = claim.truth {
            let column = claim.given.map_or(3, |(given, _)| place(given));
            confusion.0[place(label)][column] += 1;
        }
    }
    let count = |fits: &dyn Fn(&Judged) -> bool| claims.iter().filter(|c| fits(c)).count();
    let share = |part: usize, all: usize| (all > 0).then(|| part as f64 / all as f64);
    let labelled: usize = confusion.0.iter().flatten().sum();
    let right: usize = (0..3).map(|at| confusion.0[at][at]).sum();
    let marked =
        |claim: &Judged, label: Label| claim.given.is_some_and(|(given, _)| given == label);
    let (supported, others) = (
        count(&|claim| claim.truth.supported()),
        count(&|claim| !claim.truth.supported()),
    );
    let of_supported = |label: Label| {
        share(
            count(&|claim| claim.truth.supported() && marked(claim, label)),
            supported,
        )
    };
    let chances = |label: Label| -> Vec<Observation> {
        claims
            .iter()
            .filter_map(|claim| {
                let so = match claim.truth {
                    Truth::Label(truth) => truth == label,
                    Truth::NotSupported if label == Label::Supported => false,
                    Truth::NotSupported => return None,
                };
                Some(Observation {
                    probability: claim.given?.1.of(label),
                    supported: so,
                    document: claim.document,
                })
            })
            .collect()
    };
    ThreeWay {
        claims: claims.len(),
        not_covered: count(&|claim| claim.given.is_none()),
        accuracy: share(right, labelled),
        confusion,
        false_marked_supported: share(
            count(&|claim| !claim.truth.supported() && marked(claim, Label::Supported)),
            others,
        ),
        true_marked_refuted: of_supported(Label::Refuted),
        true_marked_not_enough_info: of_supported(Label::NotEnoughInfo),
        auroc: auroc(&chances(Label::Supported)),
        calibration_error: Label::ALL.map(|label| calibration_error(&chances(label))),
    }
}

const fn place(label: Label) -> usize {
    match label {
        Label::Supported => 0,
        Label::Refuted => 1,
        Label::NotEnoughInfo => 2,
    }
}

#[cfg(test)]
#[path = "tests/three_way.rs"]
mod tests;
