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
    Weights::new("best", 0.0000, 0.0576),
    Weights::new("coverage", 0.0000, -0.8926),
    Weights::new("pairs", 0.0000, -0.9784),
    Weights::new("run", 0.0000, -0.8874),
    Weights::new("verbatim", 0.9718, 0.1918),
    Weights::new("known", 0.0000, -0.4786),
    Weights::new("unknown_words", 0.0000, 0.1426),
    Weights::new("unknown_names", 0.0000, -0.1175),
    Weights::new("length", 0.2672, 0.7340),
    Weights::new("held", 0.0000, -0.0418),
    Weights::new("number_against", 0.0000, 1.2565),
    Weights::new("number_missing", -0.0465, 0.1252),
    Weights::new("date_against", -0.1675, 0.7751),
    Weights::new("date_missing", 0.0000, -0.0082),
    Weights::new("name_against", -1.3979, 0.0786),
    Weights::new("name_missing", -0.2421, -0.3013),
    Weights::new("opposite", -0.4988, -0.7330),
    Weights::new("negation", 0.0000, 0.7114),
    Weights::new("order", -0.3009, -0.0532),
    Weights::new("quantity", -0.1364, -0.5735),
    Weights::new("roles", -0.4029, 1.3055),
    Weights::new("subject", -0.3490, 1.2194),
    Weights::new("arithmetic", 0.0000, 1.0902),
    Weights::new("unit", 0.0000, -0.8233),
    Weights::new("certainty", -0.2906, 1.5531),
    Weights::new("other_against", 0.0000, 0.0000),
    Weights::new("other_missing", 0.0000, 0.0000),
    Weights::new("one_negated", -0.1328, 0.0850),
    Weights::new("rule_supported", 0.0000, -0.0033),
    Weights::new("rule_refuted", -0.2090, 0.3485),
    Weights::new("rule_supported_all", 0.0287, 0.8890),
    Weights::new("rule_refuted_closely", -0.5481, 0.8917),
    Weights::new("derived", 0.3472, 0.9130),
    Weights::new("derived_loosely", 0.3011, 0.3213),
    Weights::new("value_apart", -0.4737, 0.0919),
    Weights::new("name_apart", -0.4836, -0.1959),
    Weights::new("value_rivals", 0.0000, 0.0996),
    Weights::new("name_rivals", -0.0370, 0.1620),
    Weights::new("rival_nearer", -0.1706, 0.2016),
    Weights::new("least_aligned", 0.0000, 1.7437),
    Weights::new("soft_coverage", 0.0000, -4.6273),
    Weights::new("best_sentence", 0.0000, 1.6698),
    Weights::new("model_supported", 0.7607, 0.2414),
    Weights::new("model_refuted", 0.0000, 0.9693),
    Weights::new("bias", -0.6309, 0.3003),
];

/// Without them.
#[rustfmt::skip]
pub(super) const RULES_ALONE: &[Weights] = &[
    Weights::new("best", 0.0000, -0.0015),
    Weights::new("coverage", 0.0000, -2.1724),
    Weights::new("pairs", 0.7388, -1.5218),
    Weights::new("run", 0.0000, 0.6620),
    Weights::new("verbatim", 0.7659, 0.2603),
    Weights::new("known", 0.0000, 0.2017),
    Weights::new("unknown_words", 0.0000, -0.1320),
    Weights::new("unknown_names", -0.2776, -0.6675),
    Weights::new("length", 0.1690, 1.8441),
    Weights::new("held", 0.0630, -0.1449),
    Weights::new("number_against", -1.3889, 1.8067),
    Weights::new("number_missing", -0.0709, 0.2147),
    Weights::new("date_against", -2.0224, 0.0447),
    Weights::new("date_missing", -0.5673, -0.0471),
    Weights::new("name_against", -0.3120, 0.9760),
    Weights::new("name_missing", -0.1021, -0.0650),
    Weights::new("opposite", -1.5366, 0.5552),
    Weights::new("negation", -0.0075, 1.1149),
    Weights::new("order", -1.2611, -0.2361),
    Weights::new("quantity", -0.7746, 1.1472),
    Weights::new("roles", 0.0000, 2.9327),
    Weights::new("subject", -0.9950, 3.5252),
    Weights::new("arithmetic", 0.0000, 3.2200),
    Weights::new("unit", 0.0000, 0.6599),
    Weights::new("certainty", -0.0515, 1.7606),
    Weights::new("other_against", 0.0000, 0.0000),
    Weights::new("other_missing", 0.0000, 0.0000),
    Weights::new("one_negated", -0.1535, 0.0141),
    Weights::new("rule_supported", 0.0000, 0.1310),
    Weights::new("rule_refuted", 0.0000, 0.4379),
    Weights::new("rule_supported_all", 0.4525, 1.2302),
    Weights::new("rule_refuted_closely", -0.7881, 0.8816),
    Weights::new("derived", 0.6107, 1.1669),
    Weights::new("derived_loosely", 0.2603, 0.6835),
    Weights::new("value_apart", -0.8527, 0.0017),
    Weights::new("name_apart", -0.9245, -0.9106),
    Weights::new("value_rivals", 0.0000, 0.5206),
    Weights::new("name_rivals", 0.0000, -0.2265),
    Weights::new("rival_nearer", -0.5707, 0.4483),
    Weights::new("bias", -0.8747, -2.3622),
];
