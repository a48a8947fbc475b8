//! What each kind of judge does, in one plain line.

/// One line for people who choose judges, by kind.
pub fn description(kind: &str) -> &'static str {
    match kind {
        "neural" => {
            "Compares the meaning of each claim with the source, by a small neural network built into the program. Offline."
        }
        "facts" => "Compares numbers, dates and names of each claim with the source. Offline.",
        "logic" => {
            "Looks for reversals: negations, opposites, exchanged roles, all against some, plans told as facts. Offline."
        }
        "lexical" | "novelty" => {
            "Checks how much of each claim's wording and information the source has. Offline."
        }
        "nli" => {
            "Asks a published checker on this machine whether the source entails each claim. Offline."
        }
        "spans" => {
            "Asks a published checker on this machine which parts of the output the source does not support. Offline."
        }
        "openai" | "anthropic" | "gemini" | "ollama" => {
            "A language model that reads the source and the output, labels every claim and explains why."
        }
        _ => "A judge that this version does not describe.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judges::{nli, offline};

    #[test]
    fn every_kind_has_a_line_of_its_own() {
        let unknown = description("of a later version");
        let models = ["openai", "anthropic", "gemini", "ollama"];
        let own = [nli::KIND, nli::SPANS];
        for kind in offline::KINDS.into_iter().chain(own).chain(models) {
            let line = description(kind);
            assert_ne!(line, unknown, "{kind}");
            assert!(
                !line.contains('\n') && line.ends_with('.'),
                "{kind}: {line}"
            );
        }
    }
}
