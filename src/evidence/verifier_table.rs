//! The weights of `support`: what each value of a claim counts for its support, and, where it is not supported,
//! for its refutation. Printed by `training/fit_verifier.py`; not to be changed by hand.

/// What one value counts; the last row of a table is the bias.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weights {
    /// In the logit of being supported.
    pub(super) supported: f64,
    /// In the logit of being refuted, where it is not supported.
    pub(super) refuted: f64,
}

impl Weights {
    /// `_value` says to a reader what is weighed.
    const fn new(_value: &'static str, supported: f64, refuted: f64) -> Self {
        Self { supported, refuted }
    }
}

/// With the neural model's figures.
#[rustfmt::skip]
pub(super) const WITH_MODEL: &[Weights] = &[
    Weights::new("best", 0.0000, -0.5188),
    Weights::new("coverage", 0.0000, -0.5082),
    Weights::new("pairs", 0.0000, -1.2965),
    Weights::new("run", 0.0000, -1.5834),
    Weights::new("verbatim", 0.4831, 0.0693),
    Weights::new("known", 0.0000, -0.4063),
    Weights::new("unknown_words", 0.0000, 0.0915),
    Weights::new("unknown_names", -0.0753, -1.1836),
    Weights::new("length", 0.0044, 0.3948),
    Weights::new("held", 0.0868, -0.0388),
    Weights::new("number_against", -1.1676, 1.8392),
    Weights::new("number_missing", 0.0000, 0.1917),
    Weights::new("date_against", -1.1254, 2.3350),
    Weights::new("date_missing", -0.6802, 0.2342),
    Weights::new("name_against", -0.9510, -0.6827),
    Weights::new("name_missing", 0.0000, -0.2283),
    Weights::new("opposite", -1.3146, -0.4849),
    Weights::new("negation", -0.8435, 1.6968),
    Weights::new("order", -4.0192, 2.3953),
    Weights::new("quantity", -1.7046, -0.7480),
    Weights::new("roles", 0.0000, -0.0057),
    Weights::new("subject", 0.0000, 1.5103),
    Weights::new("arithmetic", 0.0000, 0.0000),
    Weights::new("unit", 0.0000, 0.0000),
    Weights::new("certainty", -1.0533, 2.8954),
    Weights::new("other_against", 0.0000, 0.0000),
    Weights::new("other_missing", 0.0000, 0.0000),
    Weights::new("one_negated", 0.0000, -0.1331),
    Weights::new("rule_supported", 0.0474, 0.2854),
    Weights::new("rule_refuted", -0.0613, 1.1845),
    Weights::new("rule_supported_all", 0.0668, 0.5265),
    Weights::new("rule_refuted_closely", -0.2643, -0.1826),
    Weights::new("least_aligned", 0.0000, 2.4514),
    Weights::new("soft_coverage", 0.0000, -3.2381),
    Weights::new("best_sentence", 0.9514, 1.8104),
    Weights::new("model_supported", 0.4796, 0.1777),
    Weights::new("model_refuted", 0.0000, 0.9888),
    Weights::new("bias", -0.7968, 0.3643),
];

/// Without them.
#[rustfmt::skip]
pub(super) const RULES_ALONE: &[Weights] = &[
    Weights::new("best", 0.5114, 1.0499),
    Weights::new("coverage", 0.0000, -1.4297),
    Weights::new("pairs", 0.6194, -1.5493),
    Weights::new("run", 0.0000, 0.3292),
    Weights::new("verbatim", 0.8004, 0.3269),
    Weights::new("known", 0.1118, -0.4476),
    Weights::new("unknown_words", 0.0000, -0.2200),
    Weights::new("unknown_names", -0.1508, -0.9069),
    Weights::new("length", 0.0369, 0.7925),
    Weights::new("held", 0.0384, -0.1780),
    Weights::new("number_against", -1.4867, 1.3215),
    Weights::new("number_missing", 0.0000, 0.1707),
    Weights::new("date_against", -1.6693, 2.0995),
    Weights::new("date_missing", -0.8866, 0.0469),
    Weights::new("name_against", -0.8241, -0.6885),
    Weights::new("name_missing", 0.0000, -1.3093),
    Weights::new("opposite", -1.3942, 0.3398),
    Weights::new("negation", -1.1369, 1.2250),
    Weights::new("order", -4.0221, 3.5578),
    Weights::new("quantity", -1.6199, 2.9526),
    Weights::new("roles", 0.0000, -0.0399),
    Weights::new("subject", -0.4650, 2.9058),
    Weights::new("arithmetic", 0.0000, 0.0000),
    Weights::new("unit", 0.0000, 0.0000),
    Weights::new("certainty", -0.6484, 3.0174),
    Weights::new("other_against", 0.0000, 0.0000),
    Weights::new("other_missing", 0.0000, 0.0000),
    Weights::new("one_negated", -0.1279, -0.1981),
    Weights::new("rule_supported", 0.0467, 0.3163),
    Weights::new("rule_refuted", 0.0000, 1.0705),
    Weights::new("rule_supported_all", 0.2578, 0.9960),
    Weights::new("rule_refuted_closely", -0.3659, 0.3467),
    Weights::new("bias", -0.9118, 0.1603),
];
