//! The form of the fitted model: how the values of a claim change its two logits.
//!
//! The model is a generalized additive model (Hastie and Tibshirani 1990): each value has an effect
//! of its own, and the effects are added. An effect is a line that may bend: within a piece between
//! two bends the logits change by the slope of that piece. So a coverage of .95 instead of .9 may
//! say more than one of .35 instead of .3. The effects are in `verifier_table`; the values that
//! they belong to in `support`.

/// How much the logits change where a value grows by 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Slope {
    /// The change of the logit of support.
    pub(super) supported: f64,
    /// The change of the logit of refutation, given that the claim is unsupported.
    pub(super) refuted: f64,
}

impl Slope {
    pub(super) const fn new(supported: f64, refuted: f64) -> Self {
        Self { supported, refuted }
    }

    /// Adds `count` times another slope.
    fn add(&mut self, other: Self, count: f64) {
        self.supported += other.supported * count;
        self.refuted += other.refuted * count;
    }
}

/// The effect of one value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effect {
    /// The values at which the line bends, in ascending order.
    bends: &'static [f64],
    /// The slope of each piece; one more than there are bends.
    slopes: &'static [Slope],
}

impl Effect {
    /// Only for readers, `_value` names the value.
    pub(super) const fn new(
        _value: &'static str,
        bends: &'static [f64],
        slopes: &'static [Slope],
    ) -> Self {
        Self { bends, slopes }
    }

    /// Adds the effect of `value` to the logits: for each piece its slope times the part of the
    /// value that lies in it. The first piece counts from 0 and each other one from its beginning,
    /// so that the line has no jumps.
    fn add_to(&self, logits: &mut Slope, value: f64) {
        for (piece, slope) in self.slopes.iter().enumerate() {
            let end = self.bends.get(piece).copied().unwrap_or(f64::INFINITY);
            let before = piece.checked_sub(1).and_then(|at| self.bends.get(at));
            let part = match before {
                None => value.min(end),
                Some(start) => (value.min(end) - start).max(0.0),
            };
            logits.add(*slope, part);
        }
    }
}

/// A fitted model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    /// The effect of each value, in the order of `support::values`.
    pub(super) effects: &'static [Effect],
    /// What is added for every claim.
    pub(super) bias: Slope,
}

impl Table {
    /// Returns the probabilities of support and of refutation, between 0 and 1 each and at most 1
    /// together.
    pub(super) fn probabilities(&self, values: &[f64]) -> (f64, f64) {
        debug_assert_eq!(
            self.effects.len(),
            values.len(),
            "one effect for each value"
        );
        let mut logits = self.bias;
        for (effect, value) in self.effects.iter().zip(values) {
            effect.add_to(&mut logits, *value);
        }
        let supported = logistic(logits.supported);
        (supported, (1.0 - supported) * logistic(logits.refuted))
    }
}

fn logistic(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

#[cfg(test)]
#[path = "tests/effect.rs"]
mod tests;
