//! One-line descriptions of the kinds of judges.

/// Returns a description of a kind of judge, for people who choose judges.
pub(crate) fn description(kind: &str) -> &'static str {
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
#[path = "tests/description.rs"]
mod tests;
