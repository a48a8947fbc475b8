//! What the outputs of a model mean.

/// One output of a model for natural language inference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NliLabel {
    /// The evidence entails the claim.
    Entailment,
    /// It says nothing of it.
    Neutral,
    /// It contradicts it.
    Contradiction,
    /// It does not entail it: one of the two before, of a model with two outputs.
    NotEntailment,
}

impl NliLabel {
    /// The label of that name in the configuration.
    pub fn named(name: &str) -> Option<Self> {
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
pub struct Labels(Vec<NliLabel>);

/// Probabilities have four digits.
const DIGITS: f64 = 1e4;

/// A probability as it is told.
pub(super) fn rounded(probability: f64) -> f64 {
    (probability * DIGITS).round() / DIGITS
}

/// What a model says of one claim and one piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opinion {
    /// Probability of entailment, 0..1.
    pub entailed: f64,
    /// Probability of contradiction, 0..1; 0 of a model that does not tell it from neutral.
    pub contradicted: f64,
}

impl Labels {
    /// Reads `entailment`, `neutral` and `contradiction`, or `entailment` and `not_entailment`, each once,
    /// in the order of the outputs.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(names: &[String]) -> Result<Self, String> {
        let labels: Option<Vec<NliLabel>> =
            names.iter().map(|name| NliLabel::named(name)).collect();
        let has = |wanted: &[NliLabel]| {
            labels.as_ref().is_some_and(|labels| {
                labels.len() == wanted.len() && wanted.iter().all(|label| labels.contains(label))
            })
        };
        let three = [
            NliLabel::Entailment,
            NliLabel::Neutral,
            NliLabel::Contradiction,
        ];
        let two = [NliLabel::Entailment, NliLabel::NotEntailment];
        match labels.clone() {
            Some(labels) if has(&three) || has(&two) => Ok(Self(labels)),
            _ => Err("the labels are not those of a model with two or three outputs".to_owned()),
        }
    }

    /// How many outputs the model has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Never; for `len`'s sake.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The softmax of one row of outputs, by what they mean; none where they are no numbers.
    pub fn opinion(&self, logits: &[f32]) -> Option<Opinion> {
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        if logits.len() != self.0.len() || !most.is_finite() || logits.iter().any(|it| it.is_nan())
        {
            return None;
        }
        let powers: Vec<f64> = logits
            .iter()
            .map(|logit| f64::from(logit - most).exp())
            .collect();
        let sum: f64 = powers.iter().sum();
        let of = |wanted: NliLabel| -> f64 {
            let place = self.0.iter().position(|label| *label == wanted);
            place.map_or(0.0, |place| {
                // Beyond that, figures depend on how a processor adds, and on what else is in the batch.
                rounded(powers[place] / sum)
            })
        };
        Some(Opinion {
            entailed: of(NliLabel::Entailment),
            contradicted: of(NliLabel::Contradiction),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(names: &[&str]) -> Result<Labels, String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Labels::read(&names)
    }

    #[test]
    fn two_or_three_labels_each_once() {
        for names in [
            &["entailment", "neutral", "contradiction"][..],
            &["contradiction", "neutral", "entailment"],
            &["not_entailment", "entailment"],
        ] {
            assert_eq!(read(names).unwrap().len(), names.len());
        }
        for names in [
            &[][..],
            &["entailment"],
            &["entailment", "entailment"],
            &["entailment", "neutral"],
            &["entailment", "neutral", "not_entailment"],
            &["entailment", "neutral", "Contradiction"],
        ] {
            assert!(read(names).is_err(), "{names:?}");
        }
    }

    #[test]
    fn outputs_become_probabilities_in_the_order_of_the_labels() {
        let labels = read(&["contradiction", "entailment", "neutral"]).unwrap();
        let opinion = labels.opinion(&[0.0, 2f32.ln(), 0.0]).unwrap();
        assert!((opinion.entailed, opinion.contradicted) == (0.5, 0.25));
        let sure = labels.opinion(&[-1000.0, 1000.0, 0.0]).unwrap();
        assert_eq!((sure.entailed, sure.contradicted), (1.0, 0.0));
        let two = read(&["not_entailment", "entailment"]).unwrap();
        assert_eq!(two.opinion(&[0.0, 0.0]).unwrap().contradicted, 0.0);
        for broken in [
            &[0.0, f32::NAN, 0.0][..],
            &[f32::INFINITY, 0.0, 0.0],
            &[0.0, 0.0],
        ] {
            assert_eq!(labels.opinion(broken), None, "{broken:?}");
        }
    }
}
