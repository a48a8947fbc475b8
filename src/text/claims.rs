//! The claims of a candidate: its sentences and complete clauses that state something.

use std::ops::Range;

use super::analysis::Analysis;
use super::clauses;
use super::language::Language;
use super::non_claims::{NonClaim, non_claim, states_nothing};
use super::numbers::Unit;
use super::sentences;
use super::span::Utf16Index;
use super::tokens::{Form, Tokenizer};
use crate::domain::claim::{ClaimType, Span};

/// A claim without its id and place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimDraft {
    /// Exactly the candidate's text at `span`.
    pub text: String,
    /// What it mainly rests on.
    pub kind: ClaimType,
    /// Where it stands in the candidate.
    pub span: Span,
}

/// The candidate's claims in order; they do not overlap.
pub fn extract(candidate: &str) -> Vec<ClaimDraft> {
    cut(candidate).0
}

/// The candidate's claims, and the bytes of its sentences that are none, with the reason; both in order.
/// Every content word stands in one of the two.
pub fn cut(candidate: &str) -> (Vec<ClaimDraft>, Vec<(Range<usize>, NonClaim)>) {
    let tokenizer = Tokenizer::new(Language::of(candidate));
    let spans = Utf16Index::new(candidate);
    let sentences = sentences::split(candidate);
    let alone = sentences.len() == 1;
    let (mut claims, mut others) = (Vec::new(), Vec::new());
    for sentence in &sentences {
        let analysis = Analysis::new(&tokenizer, candidate, sentence.range.clone());
        if let Some(reason) = non_claim(candidate, sentence, &analysis, alone) {
            others.push((sentence.range.clone(), reason));
            continue;
        }
        for range in clauses::split(candidate, sentence.range.clone(), &analysis.tokens) {
            let text = candidate[range.clone()].to_owned();
            let part = Analysis::new(&tokenizer, &text, 0..text.len());
            if let Some(reason) = states_nothing(&text, &part) {
                others.push((range, reason));
                continue;
            }
            claims.push(ClaimDraft {
                kind: kind(&text, &part),
                span: spans.span(range),
                text,
            });
        }
    }
    (claims, others)
}

/// What a claim mainly rests on; the first rule that fits.
fn kind(text: &str, analysis: &Analysis) -> ClaimType {
    let words: Vec<&str> = analysis
        .tokens
        .iter()
        .map(|token| token.word.as_str())
        .collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let quoted = text.matches(['"', '“', '”', '«', '»', '「', '」']).count() >= 2;
    if quoted
        || has(&[
            "said",
            "says",
            "stated",
            "told",
            "quoted",
            "remarked",
            "sagte",
            "déclaré",
            "dijo",
            "сказал",
        ])
        || text.contains("ccording to")
    {
        return ClaimType::Quotation;
    }
    let compared = words.iter().enumerate().any(|(at, word)| {
        *word == "than"
            && analysis.tokens.get(at + 1).is_some_and(|next| {
                next.form != Form::Number
                    && !analysis
                        .quantities
                        .iter()
                        .any(|q| q.range.start == next.range.start)
            })
    });
    if compared
        || text.contains(" compared to ")
        || text.contains(" compared with ")
        || words.windows(3).any(|w| w[0] == "as" && w[2] == "as")
    {
        return ClaimType::Comparative;
    }
    if has(&[
        "because",
        "caused",
        "causes",
        "cause",
        "therefore",
        "consequently",
        "weil",
        "deshalb",
        "parce",
        "porque",
        "perché",
    ]) || [
        "due to",
        "led to",
        "leads to",
        "resulted in",
        "results in",
        "as a result",
        "thanks to",
        "owing to",
    ]
    .iter()
    .any(|phrase| text.contains(phrase))
    {
        return ClaimType::Causal;
    }
    if analysis
        .quantities
        .iter()
        .any(|quantity| !quantity.weak && quantity.unit != Unit::Rank)
    {
        return ClaimType::Numerical;
    }
    if !analysis.dates.is_empty()
        || has(&[
            "before", "after", "since", "until", "during", "later", "earlier",
        ])
    {
        return ClaimType::Temporal;
    }
    ClaimType::Factual
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(candidate: &str) -> Vec<String> {
        extract(candidate)
            .into_iter()
            .map(|claim| claim.text)
            .collect()
    }

    #[test]
    fn sentences_and_complete_clauses() {
        for (candidate, expected) in [
            (
                "The mill opened in 1902, and the bakery closed a year later.",
                vec!["The mill opened in 1902", "the bakery closed a year later."],
            ),
            (
                "Anna bought flour, salt and yeast.",
                vec!["Anna bought flour, salt and yeast."],
            ),
            (
                "She said that the mill was old, and the roof was new.",
                vec!["She said that the mill was old, and the roof was new."],
            ),
            (
                "If it rains, the fair is moved, and the stalls are closed.",
                vec!["If it rains, the fair is moved, and the stalls are closed."],
            ),
            (
                "The dam holds 3,500 litres; it was built by Rossi.",
                vec!["The dam holds 3,500 litres", "it was built by Rossi."],
            ),
            (
                "Hello! Sure, here is a summary: \nThe bridge was closed.\nI hope this helps.",
                vec!["The bridge was closed."],
            ),
            (
                "# History\n\n- Founded in 1998\n- Who knows?\n",
                vec!["Founded in 1998"],
            ),
            (
                "The painter, who lived in Ghent, and the sculptor met in 1901.",
                vec!["The painter, who lived in Ghent, and the sculptor met in 1901."],
            ),
            ("工厂于1998年开业。它有三层吗？", vec!["工厂于1998年开业。"]),
            ("Paris", vec!["Paris"]),
            ("Hello!", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(texts(candidate), expected, "{candidate}");
        }
    }

    #[test]
    fn kinds_by_their_marks() {
        for (text, expected) in [
            ("Revenue rose by 12% in 2020.", ClaimType::Numerical),
            ("The mill opened in 1902.", ClaimType::Temporal),
            (
                "“We will stay here”, the mayor added.",
                ClaimType::Quotation,
            ),
            ("The Elbe is longer than the Weser.", ClaimType::Comparative),
            ("More than 50 people came.", ClaimType::Numerical),
            ("The flood was caused by a broken dam.", ClaimType::Causal),
            ("Rossi built the bridge.", ClaimType::Factual),
        ] {
            assert_eq!(extract(text)[0].kind, expected, "{text}");
        }
    }

    /// Fails where a content word stands in no claim and in nothing that is told to be none.
    fn uncovered(candidate: &str) -> Result<(), TestCaseError> {
        let (claims, others) = cut(candidate);
        let spans = Utf16Index::new(candidate);
        let mut parts: Vec<Range<usize>> = others.into_iter().map(|(range, _)| range).collect();
        parts.extend(claims.iter().filter_map(|claim| spans.bytes(claim.span)));
        let tokenizer = Tokenizer::new(Language::of(candidate));
        for token in tokenizer.tokens(candidate, 0..candidate.len()) {
            // A mark that joins what is before it may join a blank.
            let blank = token.word.len() - token.word.trim_start().len();
            let inside = parts
                .iter()
                .any(|part| part.start <= token.range.start + blank && token.range.end <= part.end);
            prop_assert!(
                inside || !token.content(),
                "{:?} of {candidate:?} in {parts:?}",
                token.word
            );
        }
        Ok(())
    }

    #[test]
    fn what_is_no_claim_says_why() {
        for (candidate, expected) in [
            (
                "The mill opened in 1902. What do you want to know?",
                NonClaim::Question,
            ),
            ("Hello there! The mill opened in 1902.", NonClaim::Courtesy),
            (
                "The mill opened in 1902. I hope this helps!",
                NonClaim::Courtesy,
            ),
            (
                "These are the facts:\n- The mill opened in 1902.",
                NonClaim::Announcement,
            ),
            ("# The mill\nThe mill opened in 1902.", NonClaim::Heading),
            (
                "The mill opened in 1902. What a lovely place!",
                NonClaim::Opinion,
            ),
            (
                "The mill opened in 1902. In my opinion it is lovely.",
                NonClaim::Opinion,
            ),
            (
                "Ich finde das sehr schön. Die Mühle wurde 1902 eröffnet.",
                NonClaim::Opinion,
            ),
            (
                "The mill opened in 1902. The text does not say who built it.",
                NonClaim::Abstention,
            ),
            (
                "The mill opened in 1902. The price is not mentioned in the passage.",
                NonClaim::Abstention,
            ),
            (
                "The mill opened in 1902. There is no information in the source on wages.",
                NonClaim::Abstention,
            ),
            (
                "Die Mühle wurde 1902 eröffnet. Der Text erwähnt nicht, wer sie baute.",
                NonClaim::Abstention,
            ),
            (
                "Le moulin ouvrit en 1902. Le texte ne précise pas le prix.",
                NonClaim::Abstention,
            ),
            (
                "El molino abrió en 1902. El texto no menciona el precio.",
                NonClaim::Abstention,
            ),
            ("工厂于1902年开业。文中没有提到价格。", NonClaim::Abstention),
            (
                "The mill opened in 1902.\n\nMore to come",
                NonClaim::Fragment,
            ),
        ] {
            let (claims, others) = cut(candidate);
            assert_eq!(claims.len(), 1, "{candidate}: {claims:?}");
            assert!(claims[0].text.contains("1902"), "{candidate}");
            let reasons: Vec<NonClaim> = others.into_iter().map(|(_, reason)| reason).collect();
            assert_eq!(reasons, [expected], "{candidate}");
        }
    }

    #[test]
    fn what_could_be_checked_stays_a_claim() {
        for candidate in [
            "I think the mill opened in 1902.",
            "I believe Anna Vries founded it.",
            "The text does not say who built it, but the mill opened in 1902.",
            "The report does not include the costs of the roof.",
            "The mayor does not say why he left.",
        ] {
            assert_eq!(texts(candidate), [candidate]);
        }
    }

    proptest! {
        #[test]
        fn spans_slice_back_in_order(candidate in "[a-zA-Z .,;!?\\n\"#*0-9é漢😀؟।-]{0,200}") {
            let spans = Utf16Index::new(&candidate);
            let mut end = 0;
            for claim in extract(&candidate) {
                prop_assert!(claim.span.start >= end && claim.span.start < claim.span.end);
                end = claim.span.end;
                let range = spans.bytes(claim.span);
                prop_assert_eq!(range.map(|range| &candidate[range]), Some(claim.text.as_str()));
            }
        }

        #[test]
        fn every_content_word_is_in_a_claim_or_in_what_is_none(
            candidate in "([A-Za-z]{1,9}|the|is|was|not|and|1,902|3\\.5|Dr\\.|漢字|كتاب|été|[.,;:!?|#*-]|\\n| ){0,60}",
        ) {
            uncovered(&candidate)?;
        }

        #[test]
        fn any_unicode_is_covered(candidate in any::<String>()) {
            uncovered(&candidate)?;
        }

        #[test]
        fn any_unicode_is_taken(candidate in any::<String>()) {
            prop_assert_eq!(extract(&candidate), extract(&candidate));
        }
    }
}
