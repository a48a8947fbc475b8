//! What the published checkers want: the names by which `preset` knows them, and the settings that their
//! authors' own code uses.
//!
//! Sources and dates stand in docs/how-to/checkers.md, which has to name every one of them.

use toml::{Table, Value};

use super::judge::JudgeKind;

/// One published checker, or several that are asked alike.
pub(super) struct Checker {
    name: &'static str,
    kind: JudgeKind,
    labels: &'static [&'static str],
    /// Empty: two texts.
    template: &'static str,
    question_template: &'static str,
    window_tokens: i64,
    /// 0: what the claim leaves.
    evidence_tokens: i64,
    threshold: f64,
}

const ENTAILMENT_LAST: [&str; 2] = ["not_entailment", "entailment"];

const USUAL: Checker = Checker {
    name: "",
    kind: JudgeKind::Nli,
    labels: &ENTAILMENT_LAST,
    template: "",
    question_template: "",
    window_tokens: 512,
    evidence_tokens: 0,
    threshold: 0.5,
};

/// Every preset. Where an author counts words, the tokens are those of so many English words, 1.3 each.
const CHECKERS: [Checker; 9] = [
    Checker {
        name: "deberta-mnli",
        labels: &["entailment", "neutral", "contradiction"],
        ..USUAL
    },
    Checker {
        name: "roberta-mnli",
        labels: &["contradiction", "neutral", "entailment"],
        ..USUAL
    },
    Checker {
        name: "hhem-2.1-open",
        template: "<pad> Determine if the hypothesis is true given the premise?\n\n\
            Premise: {evidence}\n\nHypothesis: {claim}",
        // It reads texts of any length; its card gives a time for 2,000 tokens.
        window_tokens: 2048,
        ..USUAL
    },
    Checker {
        name: "minicheck-flan-t5-large",
        template: "predict: {evidence}</s>{claim}",
        window_tokens: 2048,
        evidence_tokens: 650,
        ..USUAL
    },
    Checker {
        name: "minicheck-roberta-large",
        template: "{evidence}</s>{claim}",
        evidence_tokens: 400,
        ..USUAL
    },
    Checker {
        name: "minicheck-deberta-v3-large",
        template: "{evidence}[SEP]{claim}",
        window_tokens: 2048,
        evidence_tokens: 400,
        ..USUAL
    },
    Checker {
        name: "factcg-deberta-v3-large",
        template: "{evidence}\n\nChoose your answer: based on the paragraph above can we conclude that \
            \"{claim}\"?\n\nOPTIONS:\n- Yes\n- No\nI think the answer is ",
        window_tokens: 2048,
        evidence_tokens: 715,
        ..USUAL
    },
    Checker {
        name: "alignscore",
        // Its authors' code reads the first output alone.
        labels: &["entailment", "not_entailment", "not_entailment"],
        evidence_tokens: 455,
        ..USUAL
    },
    Checker {
        name: "lettucedetect-en-v1",
        kind: JudgeKind::Spans,
        labels: &["supported", "unsupported"],
        template: "Summarize the following text:\npassage 1: {evidence}\noutput:",
        question_template: "Briefly answer the following question:\n{question}\nBear in mind that your \
            response should be strictly based on the following 1 passages:\npassage 1: {evidence}\nIn case \
            the passages do not contain the necessary information to answer the question, please reply \
            with: \"Unable to answer based on given passages.\"\noutput:",
        window_tokens: 4096,
        ..USUAL
    },
];

/// The checker of that name, for a judge of that kind.
pub(super) fn named(name: &str, kind: &str) -> Result<&'static Checker, String> {
    let known = || {
        let names: Vec<&str> = CHECKERS.iter().map(|checker| checker.name).collect();
        format!(
            "there is no preset `{name}`: known are {}",
            names.join(", ")
        )
    };
    let found = CHECKERS.iter().find(|checker| checker.name == name);
    let found = found.ok_or_else(known)?;
    let wanted = found.kind.as_str();
    if wanted == kind {
        Ok(found)
    } else {
        Err(format!(
            "`{name}` is a preset of kind `{wanted}`, not `{kind}`"
        ))
    }
}

impl Checker {
    /// Puts its settings in place of the defaults; what the file says is laid over them.
    pub(super) fn lay(&self, judge: &mut Table) {
        let texts = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect();
        judge.insert("labels".to_owned(), Value::Array(texts(self.labels)));
        for (name, value) in [
            ("template", Value::from(self.template)),
            ("question_template", Value::from(self.question_template)),
            ("window_tokens", Value::from(self.window_tokens)),
            ("evidence_tokens", Value::from(self.evidence_tokens)),
            ("threshold", Value::from(self.threshold)),
        ] {
            judge.insert(name.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_checkers_has_every_preset() {
        let page = include_str!("../../docs/how-to/checkers.md");
        for checker in &CHECKERS {
            let named = format!("preset = \"{}\"", checker.name);
            assert!(page.contains(&named), "{named} is not on the page");
        }
        assert_eq!(page.matches("\npreset = \"").count(), CHECKERS.len());
    }
}
