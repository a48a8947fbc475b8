//! The weights of `support`: the effect of each value of a claim on its support and, if it is
//! unsupported, on its refutation. Printed by `training/fit_verifier.py`; not to be edited by hand.

/// The weights of one value; the last row of a table is the bias.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weights {
    /// The weight in the logit of support.
    pub(super) supported: f64,
    /// The weight in the logit of refutation, given that the claim is unsupported.
    pub(super) refuted: f64,
}

impl Weights {
    /// Only for readers, `_value` names the value.
    const fn new(_value: &'static str, supported: f64, refuted: f64) -> Self {
        Self { supported, refuted }
    }
}

/// With the neural model's figures.
#[rustfmt::skip]
pub(super) const WITH_MODEL: &[Weights] = &[
    Weights::new("best", 0.0000, 0.0471),
    Weights::new("coverage", 0.0000, -0.9120),
    Weights::new("pairs", 0.0000, -0.9672),
    Weights::new("run", 0.0000, -0.8673),
    Weights::new("verbatim", 0.4183, 0.1676),
    Weights::new("known", 0.0000, -0.4896),
    Weights::new("unknown_words", 0.0000, 0.1396),
    Weights::new("unknown_names", 0.0000, -0.1195),
    Weights::new("length", 0.2293, 0.7173),
    Weights::new("held", 0.0000, -0.0423),
    Weights::new("number_against", 0.0000, 1.2596),
    Weights::new("number_missing", -0.0442, 0.1260),
    Weights::new("date_against", -0.0522, 0.7734),
    Weights::new("date_missing", -0.0439, -0.0102),
    Weights::new("name_against", -0.6592, 0.0786),
    Weights::new("name_missing", -0.2450, -0.2966),
    Weights::new("opposite", -0.5188, -0.7358),
    Weights::new("negation", 0.0000, 0.7147),
    Weights::new("order", -0.3123, -0.0485),
    Weights::new("quantity", -0.1128, -0.5764),
    Weights::new("roles", -0.1242, 1.3068),
    Weights::new("subject", -0.4724, 1.2258),
    Weights::new("arithmetic", 0.0000, 1.1121),
    Weights::new("unit", 0.0000, -0.8281),
    Weights::new("certainty", -0.3369, 1.5385),
    Weights::new("other_against", 0.0000, 0.0000),
    Weights::new("other_missing", 0.0000, 0.0000),
    Weights::new("one_negated", -0.1073, 0.0861),
    Weights::new("rule_supported", 0.0000, -0.0041),
    Weights::new("rule_refuted", -0.2045, 0.3465),
    Weights::new("rule_supported_all", 0.0000, 0.8845),
    Weights::new("rule_refuted_closely", -0.5228, 0.8920),
    Weights::new("derived", 0.3516, 0.9187),
    Weights::new("derived_loosely", 0.3215, 0.3229),
    Weights::new("value_apart", -0.5329, 0.0967),
    Weights::new("name_apart", -0.4919, -0.2040),
    Weights::new("value_rivals", 0.0000, 0.0999),
    Weights::new("name_rivals", -0.0884, 0.1594),
    Weights::new("rival_nearer", -0.1376, 0.2021),
    Weights::new("least_aligned", 0.0000, 1.6590),
    Weights::new("soft_coverage", 0.0000, -4.4719),
    Weights::new("best_sentence", 0.0000, 1.6351),
    Weights::new("model_supported", 0.7416, 0.2371),
    Weights::new("model_refuted", 0.0000, 0.9718),
    Weights::new("bias", -0.5359, 0.3224),
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
