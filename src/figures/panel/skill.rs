//! How right each kind of judge is about a claim, and how much of that it has not from the verifier.
//!
//! The rates are assumptions, chosen so that their balanced accuracy lies where published figures do: nobody
//! publishes rates of three labels for a judge with this program's rubric. They hold until an operator's own
//! labels say more (see `Confusion`). What was looked up stands at each kind; whoever changes a figure says
//! where it comes from.

/// Rows: what is true; columns: what the judge says. Both in the order of `Label::ALL`. A row sums to 1.
pub(super) type Rates = [[f64; 3]; 3];

/// Judges whose errors go together more than others' do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    /// Rules and the model in the binary: they look at what the verifier has looked at.
    Offline,
    /// Published checkers that run on this machine.
    Checker,
    LanguageModel,
}

impl Group {
    pub(super) const ALL: [Self; 3] = [Self::Offline, Self::Checker, Self::LanguageModel];

    /// Mean residual correlation of two judges of the group, given the truth: how often they are wrong
    /// together beyond chance. Where two language models are wrong on questions of four choices, they choose
    /// the same wrong one in 60 % of cases, by chance 33 % (Kim et al., ICML 2025, "Correlated errors in
    /// large language models": more among models of one maker, and among better ones): (.60 - .33) / .67 is
    /// .4 for any two of them; .3 is assumed, since a panel has models of several makers. For checkers, which
    /// are trained on the same sets, more is assumed; no figure was found.
    pub(super) const fn correlation(self) -> f64 {
        match self {
            Self::Offline => 1.0,
            Self::Checker => 0.5,
            Self::LanguageModel => 0.3,
        }
    }
}

/// What is known of a kind of judge before anybody labels anything.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skill {
    pub(super) group: Group,
    pub(super) rates: Rates,
    /// 1 less the correlation with the verifier: 0 where its evidence is the verifier's already.
    pub(super) own: f64,
}

/// Language models with the rubric of this program. Published: GPT-4 asked without examples has a balanced
/// accuracy of .738 on AggreFact-SOTA, GPT-3.5 .722 (card of HHEM-2.1-open), and GPT-4 is as good on
/// LLM-AggreFact as the best checker of its authors (Tang et al. 2024, arXiv 2404.10774), .75. Assumed:
/// present models on ordinary outputs are better than that on collected hard cases, and call too much
/// supported rather than too little.
const LANGUAGE_MODEL: Skill = Skill {
    group: Group::LanguageModel,
    rates: [[0.91, 0.015, 0.075], [0.05, 0.85, 0.10], [0.14, 0.06, 0.80]],
    own: 1.0,
};

/// Cross-encoders and token classifiers of 0.1 to 0.4 billion parameters. Published: HHEM-2.1-open .766 on
/// AggreFact-SOTA (its card); on LLM-AggreFact .70 to .76 (see `docs/how-to/checkers.md`); LettuceDetect an F1 of .77
/// to .79 on RAGTruth's answers, where GPT-4 has .63 (its benchmarks page). How their errors lie
/// among three labels is assumed.
const CHECKER: Skill = Skill {
    group: Group::Checker,
    rates: [[0.80, 0.05, 0.15], [0.14, 0.62, 0.24], [0.25, 0.11, 0.64]],
    own: 0.6,
};

/// The built-in judges: about .63 on the sets of `benchmark`. The verifier combines what they find, so
/// their votes are in its probabilities already and count nothing beside them.
const OFFLINE: Skill = Skill {
    group: Group::Offline,
    rates: [[0.62, 0.10, 0.28], [0.40, 0.28, 0.32], [0.42, 0.13, 0.45]],
    own: 0.0,
};

/// The skill of a kind. A kind that is not here counts as one of the built-in ones: nothing is known
/// of it that would let it overrule the verifier.
pub(super) fn of_kind(kind: &str) -> Skill {
    match kind {
        "openai" | "anthropic" | "gemini" | "ollama" => LANGUAGE_MODEL,
        "nli" | "spans" => CHECKER,
        _ => OFFLINE,
    }
}

#[cfg(test)]
#[path = "tests/skill.rs"]
mod tests;
