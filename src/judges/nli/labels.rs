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
    /// It does not entail it: one of the two before, of a model that does not tell them apart.
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
    /// Reads, in the order of the outputs, `entailment`, `neutral` and `contradiction`, each once; or
    /// `entailment` once, alone or with `not_entailment` for every other output.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(names: &[String]) -> Result<Self, String> {
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

    /// How many outputs the model has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Never; for `len`'s sake.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the model tells a contradiction from saying nothing.
    pub fn tell_contradiction(&self) -> bool {
        self.0.contains(&NliLabel::Contradiction)
    }

    /// The softmax of one row of outputs, by what they mean, of a single one its logistic function; none
    /// where they are no numbers.
    pub fn opinion(&self, logits: &[f32]) -> Option<Opinion> {
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

/// The probabilities of one row of outputs, which are numbers.
fn shares(logits: &[f32]) -> Vec<f64> {
    let logits: Vec<f64> = logits.iter().copied().map(f64::from).collect();
    // Beyond four digits, figures depend on how a processor adds, and on what else is in the batch.
    if let [logit] = logits[..] {
        return vec![rounded(1.0 / (1.0 + (-logit).exp()))];
    }
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = logits.iter().map(|logit| (logit - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| rounded(power / sum)).collect()
}

/// Which of a token classifier's outputs says that the source does not support a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenLabels {
    outputs: usize,
    unsupported: usize,
}

impl TokenLabels {
    /// Reads `unsupported` once and `supported` for every other output, in their order; `unsupported` may
    /// be the only one.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(names: &[String]) -> Result<Self, String> {
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

    /// How many outputs the model has for a token.
    pub(super) const fn len(self) -> usize {
        self.outputs
    }

    /// The probability that a token is not supported; none where the outputs are no numbers.
    pub(super) fn unsupported(self, logits: &[f32]) -> Option<f64> {
        let numbers = logits.len() == self.outputs && logits.iter().all(|it| it.is_finite());
        numbers.then(|| shares(logits)[self.unsupported])
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
    fn labels_are_those_of_a_model_for_inference() {
        for names in [
            &["entailment", "neutral", "contradiction"][..],
            &["contradiction", "neutral", "entailment"],
            &["not_entailment", "entailment"],
            &["entailment"],
            &["entailment", "not_entailment", "not_entailment"],
        ] {
            assert_eq!(read(names).unwrap().len(), names.len());
        }
        for names in [
            &[][..],
            &["neutral"],
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

    #[test]
    fn a_single_output_is_a_probability_by_itself() {
        let one = read(&["entailment"]).unwrap();
        let of = |logit: f32| one.opinion(&[logit]).unwrap().entailed;
        assert_eq!((of(0.0), of(3f32.ln())), (0.5, 0.75));
        assert_eq!((of(1000.0), of(-1000.0)), (1.0, 0.0));
        assert!(!one.tell_contradiction());
    }

    #[test]
    fn tokens_are_unsupported_by_one_output() {
        let read = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            TokenLabels::read(&names)
        };
        let usual = read(&["supported", "unsupported"]).unwrap();
        assert_eq!(usual.unsupported(&[0.0, 3f32.ln()]), Some(0.75));
        assert_eq!(usual.unsupported(&[0.0]), None);
        assert_eq!(usual.unsupported(&[0.0, f32::NAN]), None);
        let many = read(&["supported", "unsupported", "supported"]).unwrap();
        assert_eq!(many.unsupported(&[0.0, 2f32.ln(), 0.0]), Some(0.5));
        assert_eq!(
            read(&["unsupported"]).unwrap().unsupported(&[0.0]),
            Some(0.5)
        );
        for names in [
            &["supported"][..],
            &[],
            &["unsupported", "unsupported"],
            &["unsupported", "entailment"],
        ] {
            assert!(read(names).is_err(), "{names:?}");
        }
    }
}
