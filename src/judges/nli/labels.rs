//! The meaning of a model's outputs.

use crate::domain::verdict::Probabilities;

/// One output of a model for natural language inference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NliLabel {
    /// The evidence entails the claim.
    Entailment,
    /// The evidence neither entails nor contradicts the claim.
    Neutral,
    Contradiction,
    /// The evidence does not entail the claim; for models that do not distinguish neutral and
    /// contradiction.
    NotEntailment,
}

impl NliLabel {
    /// Parses the name of a label in the configuration.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "entailment" => Self::Entailment,
            "neutral" => Self::Neutral,
            "contradiction" => Self::Contradiction,
            "not_entailment" => Self::NotEntailment,
            _ => return None,
        })
    }
}

/// The labels in the order of a model's outputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Labels(Vec<NliLabel>);

/// Probabilities are rounded to four decimal places.
const DIGITS: f64 = 1e4;

/// Rounds a probability for reporting.
pub(super) fn rounded(probability: f64) -> f64 {
    (probability * DIGITS).round() / DIGITS
}

/// A model's result for one claim and one piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Opinion {
    /// Probability of entailment, 0..1.
    pub entailed: f64,
    /// Probability of contradiction, 0..1; 0 for a model that does not distinguish it from neutral.
    pub contradicted: f64,
}

impl Labels {
    /// Parses labels in the order of the outputs: `entailment`, `neutral` and `contradiction`, each
    /// once; or `entailment` once, alone or with `not_entailment` for every other output.
    ///
    /// # Errors
    /// Returns a message if the labels are of another form.
    pub(crate) fn read(names: &[String]) -> Result<Self, String> {
        let wrong = || "the labels are not those of a model for inference".to_owned();
        let labels: Option<Vec<NliLabel>> =
            names.iter().map(|name| NliLabel::named(name)).collect();
        let labels = labels.ok_or_else(wrong)?;
        let count = |wanted: NliLabel| labels.iter().filter(|label| **label == wanted).count();
        let told = [NliLabel::Neutral, NliLabel::Contradiction].map(count);
        let others = count(NliLabel::NotEntailment);
        if count(NliLabel::Entailment) == 1 && (told == [0, 0] || told == [1, 1] && others == 0) {
            Ok(Self(labels))
        } else {
            Err(wrong())
        }
    }

    /// Returns the number of outputs of the model.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether the model distinguishes contradiction from neutral.
    pub(crate) fn tell_contradiction(&self) -> bool {
        self.0.contains(&NliLabel::Contradiction)
    }

    /// Converts one row of outputs to probabilities, by softmax or, for a single output, by the
    /// logistic function. Returns `None` if the outputs are not finite.
    pub(crate) fn opinion(&self, logits: &[f32]) -> Option<Opinion> {
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        if logits.len() != self.0.len() || !most.is_finite() || logits.iter().any(|it| it.is_nan())
        {
            return None;
        }
        let shares = shares(logits);
        let of = |wanted: NliLabel| -> f64 {
            let place = self.0.iter().position(|label| *label == wanted);
            place.map_or(0.0, |place| shares[place])
        };
        Some(Opinion {
            entailed: of(NliLabel::Entailment),
            contradicted: of(NliLabel::Contradiction),
        })
    }
}

/// Returns the probabilities of one row of finite outputs.
fn shares(logits: &[f32]) -> Vec<f64> {
    let logits: Vec<f64> = logits.iter().copied().map(f64::from).collect();
    // Beyond four digits, figures depend on the processor's order of summation, and on the rest of
    // the batch.
    if let [logit] = logits[..] {
        return vec![rounded(1.0 / (1.0 + (-logit).exp()))];
    }
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = logits.iter().map(|logit| (logit - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| rounded(power / sum)).collect()
}

/// Identifies the output of a token classifier that means that the source does not support a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TokenLabels {
    outputs: usize,
    unsupported: usize,
}

impl TokenLabels {
    /// Parses `unsupported` once and `supported` for every other output, in their order;
    /// `unsupported` may be the only one.
    ///
    /// # Errors
    /// Returns a message if the labels are of another form.
    pub(crate) fn read(names: &[String]) -> Result<Self, String> {
        let known = names
            .iter()
            .all(|name| name == "supported" || name == "unsupported");
        let mut places = names.iter().enumerate();
        let place = places.find_map(|(at, name)| (name == "unsupported").then_some(at));
        match place {
            Some(unsupported) if known && places.all(|(_, name)| name != "unsupported") => {
                Ok(Self {
                    outputs: names.len(),
                    unsupported,
                })
            }
            _ => Err("the labels are not `unsupported` once, and else `supported`".to_owned()),
        }
    }

    /// Returns the number of outputs for each token.
    pub(super) const fn len(self) -> usize {
        self.outputs
    }

    /// Returns the probability that a token is not supported, or `None` if the outputs are not
    /// finite.
    pub(super) fn unsupported(self, logits: &[f32]) -> Option<f64> {
        let numbers = logits.len() == self.outputs && logits.iter().all(|it| it.is_finite());
        numbers.then(|| shares(logits)[self.unsupported])
    }
}

/// Returns the probabilities for a model that only distinguishes support from everything else.
pub(super) fn both_ways(supported: f64) -> Probabilities {
    let rest = (1.0 - supported) / 2.0;
    Probabilities {
        supported,
        refuted: rest,
        not_enough_info: rest,
    }
}

#[cfg(test)]
#[path = "tests/labels.rs"]
mod tests;
