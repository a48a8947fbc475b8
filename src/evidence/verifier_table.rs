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
    Weights::new("best", 0.0000, 0.0308),
    Weights::new("coverage", 0.0000, -0.3511),
    Weights::new("pairs", 0.0000, -1.1670),
    Weights::new("run", 0.0000, -1.7120),
    Weights::new("verbatim", 0.3798, 0.0834),
    Weights::new("known", 0.0000, -0.8156),
    Weights::new("unknown_words", 0.0000, 0.1450),
    Weights::new("unknown_names", -0.1601, -1.0262),
    Weights::new("length", 0.1070, 0.3414),
    Weights::new("held", 0.0889, -0.0363),
    Weights::new("number_against", -0.7950, 1.6510),
    Weights::new("number_missing", 0.0000, 0.1599),
    Weights::new("date_against", -1.2488, 2.2303),
    Weights::new("date_missing", -0.8350, 0.4363),
    Weights::new("name_against", -0.9699, -0.3509),
    Weights::new("name_missing", 0.0000, -0.0900),
    Weights::new("opposite", -1.6358, -0.0662),
    Weights::new("negation", -1.1532, 1.7252),
    Weights::new("order", -3.7115, -0.5999),
    Weights::new("quantity", -1.8174, -0.5620),
    Weights::new("roles", 0.0000, -0.0055),
    Weights::new("subject", 0.0000, 1.2342),
    Weights::new("arithmetic", 0.0000, 0.0000),
    Weights::new("unit", 0.0000, 0.0000),
    Weights::new("certainty", -0.8241, 2.9296),
    Weights::new("other_against", 0.0000, 0.0000),
    Weights::new("other_missing", 0.0000, 0.0000),
    Weights::new("one_negated", 0.0000, -0.1996),
    Weights::new("rule_supported", 0.0537, 0.3040),
    Weights::new("rule_refuted", 0.0000, 1.2245),
    Weights::new("rule_supported_all", 0.1098, 0.5877),
    Weights::new("rule_refuted_closely", -0.4048, -0.3509),
    Weights::new("derived", 0.0000, 0.0000),
    Weights::new("derived_loosely", 0.0000, 0.0000),
    Weights::new("least_aligned", 0.0000, 2.4226),
    Weights::new("soft_coverage", 0.0000, -3.8144),
    Weights::new("best_sentence", 1.0809, 1.9158),
    Weights::new("model_supported", 0.4668, 0.1488),
    Weights::new("model_refuted", 0.0000, 1.0778),
    Weights::new("bias", -1.1759, 0.3524),
];

/// Without them.
#[rustfmt::skip]
pub(super) const RULES_ALONE: &[Weights] = &[
    Weights::new("best", 0.4950, 1.1092),
    Weights::new("coverage", 0.1712, -1.4613),
    Weights::new("pairs", 0.5043, -1.5924),
    Weights::new("run", 0.0984, 0.2462),
    Weights::new("verbatim", 0.8190, 0.3736),
    Weights::new("known", 0.0000, -0.5389),
    Weights::new("unknown_words", 0.0000, -0.2183),
    Weights::new("unknown_names", -0.1883, -0.9157),
    Weights::new("length", 0.1881, 0.8523),
    Weights::new("held", 0.0482, -0.1743),
    Weights::new("number_against", -1.0725, 1.5295),
    Weights::new("number_missing", 0.0000, 0.1027),
    Weights::new("date_against", -1.6939, 2.0225),
    Weights::new("date_missing", -1.0905, 0.0621),
    Weights::new("name_against", -0.7712, -0.7153),
    Weights::new("name_missing", 0.0000, -1.3322),
    Weights::new("opposite", -1.5698, 0.5163),
    Weights::new("negation", -1.0859, 1.1737),
    Weights::new("order", -3.9103, -0.1879),
    Weights::new("quantity", -1.6418, 2.8120),
    Weights::new("roles", 0.0000, -0.0591),
    Weights::new("subject", -0.3568, 2.7496),
    Weights::new("arithmetic", 0.0000, 0.0000),
    Weights::new("unit", 0.0000, 0.0000),
    Weights::new("certainty", -0.2877, 3.0852),
    Weights::new("other_against", 0.0000, 0.0000),
    Weights::new("other_missing", 0.0000, 0.0000),
    Weights::new("one_negated", -0.0628, -0.2042),
    Weights::new("rule_supported", 0.0653, 0.3464),
    Weights::new("rule_refuted", 0.0000, 1.1919),
    Weights::new("rule_supported_all", 0.3256, 1.0247),
    Weights::new("rule_refuted_closely", -0.4836, 0.3235),
    Weights::new("derived", 0.0000, 0.0000),
    Weights::new("derived_loosely", 0.0000, 0.0000),
    Weights::new("bias", -1.3706, 0.0561),
];
