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
