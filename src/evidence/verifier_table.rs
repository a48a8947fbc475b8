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
    Weights::new("best", 0.0000, 0.1978),
    Weights::new("coverage", 0.0000, -1.0036),
    Weights::new("pairs", 0.0011, -0.8721),
    Weights::new("run", 0.0000, -1.3532),
    Weights::new("verbatim", 0.2831, 0.1786),
    Weights::new("known", 0.0000, -0.4949),
    Weights::new("unknown_words", 0.0000, 0.1534),
    Weights::new("unknown_names", -0.0692, -0.2360),
    Weights::new("length", 0.0164, -0.1541),
    Weights::new("held", 0.0648, -0.0369),
    Weights::new("number_against", -0.0972, 1.7234),
    Weights::new("number_missing", -0.1856, 0.1516),
    Weights::new("date_against", -0.5002, 2.3548),
    Weights::new("date_missing", -0.2789, -0.1367),
    Weights::new("name_against", 0.0000, -0.1689),
    Weights::new("name_missing", -0.2032, -0.3735),
    Weights::new("opposite", -0.3815, -0.6860),
    Weights::new("negation", -0.1866, 0.8695),
    Weights::new("order", -0.3093, -0.2175),
    Weights::new("quantity", -0.5044, -0.5273),
    Weights::new("roles", 0.0000, 2.5530),
    Weights::new("subject", 0.0000, 1.2973),
    Weights::new("arithmetic", 0.0000, -0.0128),
    Weights::new("unit", 0.0000, 2.1105),
    Weights::new("certainty", -0.3075, 2.8724),
    Weights::new("other_against", 0.0000, 0.0000),
    Weights::new("other_missing", 0.0000, 0.0000),
    Weights::new("one_negated", -0.0168, -0.1762),
    Weights::new("rule_supported", 0.0464, 0.2182),
    Weights::new("rule_refuted", -0.3675, 1.0440),
    Weights::new("rule_supported_all", 0.1055, 0.5657),
    Weights::new("rule_refuted_closely", -0.4938, 0.0269),
    Weights::new("derived", 0.4067, 0.2582),
    Weights::new("derived_loosely", 0.5474, -0.0433),
    Weights::new("least_aligned", 0.0000, 2.0413),
    Weights::new("soft_coverage", 0.0000, -2.3974),
    Weights::new("best_sentence", 0.5998, 0.8567),
    Weights::new("model_supported", 0.5373, 0.1172),
    Weights::new("model_refuted", 0.0000, 0.9571),
    Weights::new("bias", -0.6518, 1.4735),
];

#[rustfmt::skip]
pub(super) const RULES_ALONE: &[Weights] = &[
    Weights::new("best", 0.4747, 0.7835),
    Weights::new("coverage", 0.0000, -2.0958),
    Weights::new("pairs", 0.5559, -1.7146),
    Weights::new("run", 0.0000, 0.1653),
    Weights::new("verbatim", 0.8272, 0.5863),
    Weights::new("known", 0.0000, 0.8676),
    Weights::new("unknown_words", 0.0000, -0.0666),
    Weights::new("unknown_names", -0.0179, -0.1584),
    Weights::new("length", 0.0949, 0.8355),
    Weights::new("held", 0.0172, -0.1656),
    Weights::new("number_against", -1.1507, 1.5761),
    Weights::new("number_missing", -0.1770, -0.0205),
    Weights::new("date_against", -1.7616, 1.9582),
    Weights::new("date_missing", -0.5590, -0.2070),
    Weights::new("name_against", -0.0707, -0.1168),
    Weights::new("name_missing", -0.3245, -0.6855),
    Weights::new("opposite", -0.9645, -0.0980),
    Weights::new("negation", -0.4637, 0.5879),
    Weights::new("order", -0.9197, 0.3640),
    Weights::new("quantity", -0.9879, 2.7426),
    Weights::new("roles", 0.0000, 3.0695),
    Weights::new("subject", 0.0000, 2.3150),
    Weights::new("arithmetic", 0.0000, -0.0485),
    Weights::new("unit", 0.0000, 2.5564),
    Weights::new("certainty", 0.0000, 3.0932),
    Weights::new("other_against", 0.0000, 0.0000),
    Weights::new("other_missing", 0.0000, 0.0000),
    Weights::new("one_negated", -0.0939, -0.1159),
    Weights::new("rule_supported", 0.0091, 0.1745),
    Weights::new("rule_refuted", -0.0336, 1.2052),
    Weights::new("rule_supported_all", 0.3004, 1.2570),
    Weights::new("rule_refuted_closely", -0.7311, 0.4595),
    Weights::new("derived", 0.5405, 0.7636),
    Weights::new("derived_loosely", 0.5411, 0.2020),
    Weights::new("bias", -0.9323, -0.4286),
];
