//! The error rates of each kind of judge about claims, and the share of its view that is
//! independent of the verifier.
//!
//! No published rates of three labels exist for a judge with this program's rubric. Published rates
//! of two labels are in docs/explanation/accuracy.md with their sources; each kind below says which
//! of its rates follow from them and which are assumed. They apply until an operator's own labels
//! say more (see `Confusion`). A changed figure needs its source.

/// Rows are the true label, columns the label that the judge gives, both in the order of
/// `Label::ALL`. Each row sums to 1.
pub(super) type Rates = [[f64; 3]; 3];

/// Judges whose errors are correlated more than those of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    /// Rules and the embedded model, which use the same evidence as the verifier.
    Offline,
    /// Published checkers that run on this machine.
    Checker,
    LanguageModel,
}

impl Group {
    pub(super) const ALL: [Self; 3] = [Self::Offline, Self::Checker, Self::LanguageModel];

    /// Mean residual correlation of two judges of the group, given the truth: the degree to which
    /// they err together beyond chance. Where two language models are wrong on questions with four
    /// choices, they choose the same wrong one in 60 % of cases, by chance 33 % (Kim et al., ICML
    /// 2025, "Correlated errors in large language models": more among models of one maker, and
    /// among better ones). That gives (.60 - .33) / .67 = .4 for any two of them; .3 is assumed,
    /// since a panel has models of several makers. For checkers, which are trained on the same
    /// sets, a higher value is assumed, as no published figure was found.
    pub(super) const fn correlation(self) -> f64 {
        match self {
            Self::Offline => 1.0,
            Self::Checker => 0.5,
            Self::LanguageModel => 0.3,
        }
    }
}

/// The properties of a kind of judge without any labels by the operator.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skill {
    pub(super) group: Group,
    pub(super) rates: Rates,
    /// One minus the correlation with the verifier; 0 if its evidence is that of the verifier.
    pub(super) own: f64,
}

/// Language models with the rubric of this program. Published for GPT-4: supported claims are
/// recognised in .945 (AggreFact-SOTA, without examples) and about .87 of cases (answers of a
/// search engine, Yue et al. 2023), of which .91 is the middle. The rest is assumed: GPT-4
/// recognises .53 of the unsupported claims in the first and about .90 in the second, and present
/// models on ordinary outputs are taken to be near the second; and a single certain model has to be
/// able to overrule the verifier, which .85 of the contradicted claims allows.
const LANGUAGE_MODEL: Skill = Skill {
    group: Group::LanguageModel,
    rates: [[0.91, 0.015, 0.075], [0.05, 0.85, 0.10], [0.14, 0.06, 0.80]],
    own: 1.0,
};

/// Cross-encoders and token classifiers of 0.1 to 0.4 billion parameters. Published: supported
/// texts are recognised in .846 (HHEM-2.1-open on AggreFact-SOTA) and .877 of cases (LettuceDetect
/// on RAGTruth), others in .685 and .755; the means are .86 and .72. Assumed: contradictions are
/// recognised more often than statements that are merely missing (.775 against .665), and the
/// distribution of the errors among three labels.
const CHECKER: Skill = Skill {
    group: Group::Checker,
    rates: [
        [0.86, 0.035, 0.105],
        [0.225, 0.56, 0.215],
        [0.335, 0.10, 0.565],
    ],
    own: 0.6,
};

/// The built-in judges: about .63 on the sets of `benchmark`. The verifier combines their findings,
/// so their votes are already in its probabilities and add nothing.
const OFFLINE: Skill = Skill {
    group: Group::Offline,
    rates: [[0.62, 0.10, 0.28], [0.40, 0.28, 0.32], [0.42, 0.13, 0.45]],
    own: 0.0,
};

/// Returns the skill of a kind. An unknown kind counts as a built-in one: nothing is known about it
/// that would let it overrule the verifier.
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
