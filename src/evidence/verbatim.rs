//! Whether a claim is letter for letter what the source says: a sentence of it, or a clause that is cut from a
//! sentence as claims are cut.
//!
//! Not every run of words of the source is: "the mill burned" stands in "Nobody says that the mill burned".

use super::align::Alignment;
use crate::text::clauses;

/// True for a claim that the source states in the same words. Looks at the sentences nearest to it.
pub fn verbatim(alignment: &Alignment<'_>) -> bool {
    let own = bare(alignment.text);
    if own.is_empty() {
        return false;
    }
    let index = alignment.index;
    let text: &str = index.text();
    alignment.candidates.iter().any(|(sentence, _)| {
        let range = index.range(*sentence);
        if bare(&text[range.clone()]) == own {
            return true;
        }
        text[range.clone()].contains(own)
            && clauses::split(text, range, &index.analysis(*sentence).tokens)
                .into_iter()
                .any(|clause| bare(&text[clause]) == own)
    })
}

/// Without the marks that end or list a sentence.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '.' | ';' | ',' | '。' | '-' | '*' | '•')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::claim::{Claim, ClaimType, Span};
    use crate::domain::ids::ClaimId;
    use crate::evidence::SourceIndex;
    use crate::text::claims::extract;

    fn claims(candidate: &str) -> Vec<Claim> {
        extract(candidate)
            .into_iter()
            .enumerate()
            .map(|(index, draft)| Claim {
                id: ClaimId::new(uuid::Uuid::from_u128(index as u128 + 1)),
                index,
                text: draft.text,
                kind: ClaimType::Factual,
                span: Span { start: 0, end: 1 },
            })
            .collect()
    }

    #[test]
    fn what_the_source_says_in_the_same_words_and_nothing_else() {
        let source = "Nobody says that the mill burned in 1931. The ferry sank in May, and the harbour bought a \
            new one. Anna Vries founded the mill.";
        let index = SourceIndex::new(source);
        for (candidate, expected) in [
            (source, true),
            (
                "The ferry sank in May, and the harbour bought a new one.",
                true,
            ),
            ("Anna Vries founded the mill", true),
            ("the mill burned in 1931", false),
            ("Anna Vries founded a mill.", false),
            ("Anna Vries founded the mill in 1902.", false),
        ] {
            let claims = claims(candidate);
            assert!(!claims.is_empty(), "{candidate}");
            for at in 0..claims.len() {
                let got = verbatim(&Alignment::new(&index, &claims, at));
                assert_eq!(got, expected, "{}", claims[at].text);
            }
        }
    }
}
