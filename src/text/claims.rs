//! The claims of a candidate: its sentences and complete clauses that state something.

use super::analysis::Analysis;
use super::clauses;
use super::language::Language;
use super::numbers::Unit;
use super::sentences::{self, Sentence};
use super::span::Utf16Index;
use super::tokens::{Form, Tokenizer};
use super::words;
use crate::domain::claim::{ClaimType, Span};

/// Tokens from which a line without a full stop counts as a statement even without a verb.
const LONG_LINE: usize = 6;

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
    let tokenizer = Tokenizer::new(Language::of(candidate));
    let spans = Utf16Index::new(candidate);
    let sentences = sentences::split(candidate);
    let alone = sentences.len() == 1;
    let mut claims = Vec::new();
    for sentence in &sentences {
        let analysis = Analysis::new(&tokenizer, candidate, sentence.range.clone());
        if !states(candidate, sentence, &analysis, alone) {
            continue;
        }
        for range in clauses::split(candidate, sentence.range.clone(), &analysis.tokens) {
            let text = candidate[range.clone()].to_owned();
            let part = Analysis::new(&tokenizer, &text, 0..text.len());
            claims.push(ClaimDraft {
                kind: kind(&text, &part),
                span: spans.span(range),
                text,
            });
        }
    }
    claims
}

/// True for a sentence that can be true or false.
fn states(text: &str, sentence: &Sentence, analysis: &Analysis, alone: bool) -> bool {
    let body = text[sentence.range.clone()]
        .trim_end_matches(['"', '\'', '”', '’', '»', '」', ')', '*', '_']);
    let tokens = &analysis.tokens;
    if tokens.is_empty() || sentence.heading || body.ends_with(['?', '？', '؟']) {
        return false;
    }
    let words: Vec<&str> = tokens.iter().map(|token| token.word.as_str()).collect();
    if filler(&words, body) {
        return false;
    }
    let verb = tokens.iter().any(|token| words::is_finite(&token.word));
    let number = tokens.iter().any(|token| token.form == Form::Number);
    if body.ends_with([':', '：']) {
        return false;
    }
    if alone {
        return true;
    }
    let ended = body.ends_with(['.', '!', '…', '。', '！', '।', '॥', '۔', '．', '።', '։']);
    let bigrams = tokens[0].form == Form::Bigram;
    if ended {
        return tokens.len() >= 2 || bigrams;
    }
    (verb && tokens.len() >= 3) || (number && tokens.len() >= 2) || tokens.len() >= LONG_LINE
}

/// Greetings, thanks, announcements of an answer, offers of help.
fn filler(words: &[&str], body: &str) -> bool {
    let short = words.len() <= 12;
    let colon = body.ends_with([':', '：']);
    match words {
        [
            "hello" | "hi" | "hey" | "greetings" | "welcome" | "thanks" | "sorry" | "yes" | "no"
            | "okay" | "ok",
            ..,
        ] if words.len() <= 4 => true,
        ["sure" | "certainly" | "absolutely", ..] if short => true,
        ["of", "course", ..] if short => true,
        ["thank", "you", ..]
        | ["i'm", "sorry" | "happy" | "glad", ..]
        | ["i", "am", "sorry" | "happy" | "glad", ..] => true,
        ["i", "hope", ..]
        | ["hope", ..]
        | ["let", "me", ..]
        | ["feel", "free", ..]
        | ["please", ..] => true,
        ["let's", ..]
        | ["you're", "welcome", ..]
        | ["you", "are", "welcome", ..]
        | ["as", "an", "ai", ..] => true,
        ["if", "you", ..]
            if words.iter().any(|word| {
                matches!(
                    *word,
                    "questions" | "help" | "ask" | "clarification" | "know"
                )
            }) =>
        {
            true
        }
        [
            "great" | "good" | "excellent" | "interesting",
            "question",
            ..,
        ] => true,
        ["here" | "here's" | "below" | "following", ..]
            if short
                && (colon
                    || words.iter().any(|word| {
                        matches!(
                            *word,
                            "summary" | "answer" | "list" | "overview" | "response"
                        )
                    })) =>
        {
            true
        }
        ["in", "summary" | "conclusion" | "short"] => true,
        _ => false,
    }
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
        fn any_unicode_is_taken(candidate in any::<String>()) {
            prop_assert_eq!(extract(&candidate), extract(&candidate));
        }
    }
}
