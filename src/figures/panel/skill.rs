//! How right each kind of judge is about a claim, and how much of that it has not from the verifier.
//!
//! Nobody publishes rates of three labels for a judge with this program's rubric. What is published of two labels, with
//! its source, is in docs/explanation/accuracy.md; each kind says below which of its rates follow from that, and which are
//! assumed. They hold until an operator's own labels say more (see `Confusion`). Whoever changes a figure says where it
//! comes from.

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

/// Language models with the rubric of this program. Published of GPT-4: supported claims are found in .945 (AggreFact-SOTA,
/// asked without examples) and about .87 of cases (answers of a search engine, Yue et al. 2023), of which .91 is the middle.
/// The rest is assumed: of what is not supported GPT-4 finds .53 in the first and about .90 in the second, and present models
/// on ordinary outputs are taken to lie near the second; and one model that is certain has to be able to overrule the
/// verifier, which .85 of the contradicted claims let it.
const LANGUAGE_MODEL: Skill = Skill {
    group: Group::LanguageModel,
    rates: [[0.91, 0.015, 0.075], [0.05, 0.85, 0.10], [0.14, 0.06, 0.80]],
    own: 1.0,
};

/// Cross-encoders and token classifiers of 0.1 to 0.4 billion parameters. Published: supported texts are found in .846
/// (HHEM-2.1-open on AggreFact-SOTA) and .877 of cases (LettuceDetect on RAGTruth), others in .685 and .755; the means are
/// .86 and .72. Assumed: that contradictions are found more often than what is merely not there (.775 against .665), and how
/// the errors lie among three labels.
const CHECKER: Skill = Skill {
    group: Group::Checker,
    rates: [
        [0.86, 0.035, 0.105],
        [0.225, 0.56, 0.215],
        [0.335, 0.10, 0.565],
    ],
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
