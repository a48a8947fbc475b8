//! Splits sentences into coordinated main clauses, each of which states something by itself.
//!
//! Conservative: a sentence is split only if both sides have a subject and a finite verb, and the
//! left side does not govern the right one ("he said that …", "if …, …"). Where words join two
//! clauses, English only; the marks that part them (semicolons, colons, dashes, brackets) are known
//! in every language with known verbs. A clause that stands inside another one cannot be cut out of
//! it; [`inserted`] finds it.

use std::ops::Range;

use super::language::Language;
use super::sentences::trimmed;
use super::tokens::{Form, Token};
use super::{unended, words};

/// Maximum number of clauses inside one claim that are verified by themselves.
const INSERTED: usize = 4;
/// Minimum number of words of a clause in a language whose subjects are not known.
const LEAST: usize = 3;

/// Returns the clauses of the sentence `text[range]` with these tokens, or the sentence itself if
/// it is not split.
pub(crate) fn split(
    text: &str,
    range: Range<usize>,
    tokens: &[Token],
    language: Language,
) -> Vec<Range<usize>> {
    let mut clauses = Vec::new();
    let mut start = range.start;
    let mut first = 0;
    let enclosed = enclosed(text, range.clone(), tokens);
    // Where the brackets begin that nothing but marks follows.
    let bracket = enclosed
        .iter()
        .rposition(|it| !it.bracketed)
        .map_or(0, |last| last + 1);
    for at in 1..tokens.len() {
        if first >= at {
            continue;
        }
        let gap = gap(text, tokens, at);
        let left = &tokens[first..at];
        if at == bracket && !enclosed[at].quoted {
            if has_verb(left, language) && is_clause(&tokens[at..], language) {
                let open = gap.rfind(BRACKETS).unwrap_or(0);
                clauses.push(trimmed(text, start..tokens[at - 1].range.end + open));
                // The last word is inside the bracket, whose end is no part of what it says.
                let end = tokens.last().map_or(range.end, |last| last.range.end);
                clauses.push(trimmed(text, tokens[at].range.start..end));
                return clauses;
            }
            break;
        }
        if enclosed[at].bracketed || enclosed[at].quoted {
            continue;
        }
        // A citation belongs to the statement before it.
        let end = tokens[at - 1].range.end;
        let cited_end = end + gap.len() - behind_marks(gap).len();
        if let Some(mark) = semicolon(gap) {
            let body = usize::from(conjunction(&tokens[at]));
            if has_verb(left, language) && is_clause(&tokens[at + body..], language) {
                clauses.push(trimmed(text, start..end + mark));
                start = tokens[at + body].range.start;
                first = at + body;
            }
        } else if let Some(mark) = colon(gap) {
            if !governs(left)
                && !announces(left)
                && has_verb(left, language)
                && is_main_clause(&tokens[at..], language)
            {
                clauses.push(trimmed(text, start..end + mark));
                start = tokens[at].range.start;
                first = at;
            }
        } else if is_dash(behind_marks(gap)) || is_cited(gap) && !conjunction(&tokens[at]) {
            if !governs(left) && has_verb(left, language) && is_main_clause(&tokens[at..], language)
            {
                clauses.push(trimmed(text, start..cited_end));
                start = tokens[at].range.start;
                first = at;
            }
        } else if has_comma(gap) && joined(left, &tokens[at..]) {
            clauses.push(trimmed(text, start..cited_end));
            start = tokens[at].range.start;
            first = at;
        } else if (conjunction(&tokens[at]) || contrasts(&tokens[at], gap))
            && at + 1 < tokens.len()
            && !governs(left)
            && states(left)
            && begins(&tokens[at + 1..], has_comma(gap))
        {
            clauses.push(trimmed(text, start..cited_end));
            start = tokens[at + 1].range.start;
            first = at + 1;
        }
    }
    clauses.push(trimmed(text, start..range.end));
    clauses
}

/// Returns the whole clauses that stand in brackets or between two dashes inside the claim
/// `text[range]`, and state something beside it: "The bridge (it was paid for by the army) opened
/// in 1932."
pub(crate) fn inserted(
    text: &str,
    range: Range<usize>,
    tokens: &[Token],
    language: Language,
) -> Vec<Range<usize>> {
    let enclosed = enclosed(text, range, tokens);
    let mut found = Vec::new();
    let mut add = |from: usize, to: usize| {
        let whole = from == 0 && to == tokens.len();
        if !whole && found.len() < INSERTED && is_clause(&tokens[from..to], language) {
            found.push(tokens[from].range.start..tokens[to - 1].range.end);
        }
    };
    let (mut bracket, mut dash) = (None, None);
    for (at, here) in enclosed.iter().enumerate() {
        match bracket {
            None if here.bracketed && !here.quoted => bracket = Some(at),
            Some(from) if !here.bracketed => {
                add(from, at);
                bracket = None;
            }
            _ => {}
        }
        if at > 0 && is_dash(behind_marks(gap(text, tokens, at))) {
            if let Some(from) = dash {
                add(from, at);
            }
            dash = Some(at);
        }
    }
    if let Some(from) = bracket {
        add(from, tokens.len());
    }
    found
}

/// Returns the text between a token and the one before. Bigram tokens overlap, so there may be none.
fn gap<'t>(text: &'t str, tokens: &[Token], at: usize) -> &'t str {
    text.get(tokens[at - 1].range.end..tokens[at].range.start)
        .unwrap_or_default()
}

fn conjunction(token: &Token) -> bool {
    !token.capital && matches!(token.word.as_str(), "and" | "but" | "yet" | "whereas")
}

/// True for "while" after a comma, which sets one statement beside another; without one it says when.
fn contrasts(token: &Token, gap: &str) -> bool {
    !token.capital && token.word == "while" && has_comma(gap)
}

/// Returns what stands behind the citations at the beginning of a gap: "… cars \[1\], and …".
fn behind_marks(gap: &str) -> &str {
    let behind = gap.rsplit([']', '】']).next().unwrap_or(gap);
    behind.trim_start_matches(['¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹', '⁰'])
}

fn has_comma(gap: &str) -> bool {
    behind_marks(gap).trim_start().starts_with(',')
}

/// True for a comma behind a citation, which ends what the cited source says.
fn is_cited(gap: &str) -> bool {
    has_comma(gap) && !gap.trim_start().starts_with(',')
}

/// True for a dash or a stroke between two statements: with blanks on both sides, other than in
/// "1990–2000".
fn is_dash(gap: &str) -> bool {
    let bare = gap.trim();
    bare.len() < gap.trim_start().len()
        && bare.len() < gap.trim_end().len()
        && matches!(bare, "-" | "--" | "–" | "—" | "/")
}

/// The byte of a gap at which a semicolon stands, other than one inside a citation.
fn semicolon(gap: &str) -> Option<usize> {
    let marks = [';', '；', '؛'];
    let behind = behind_marks(gap);
    let before = gap.split(['[', '【']).next().unwrap_or_default();
    let offset = gap.len() - behind.len();
    let found = behind.find(marks).map(|at| at + offset);
    found.or_else(|| before.find(marks))
}

/// The byte of a gap at which a colon parts two clauses: before a blank, unlike in "9:30".
fn colon(gap: &str) -> Option<usize> {
    let offset = gap.len() - behind_marks(gap).len();
    let at = offset + gap[offset..].find([':', '：'])?;
    let rest = gap[at..].trim_start_matches([':', '*', '_']);
    (rest.starts_with(char::is_whitespace) || rest.starts_with('：')).then_some(at)
}

/// The marks that open a bracket.
const BRACKETS: [char; 3] = ['(', '[', '（'];

/// What a token stands in.
#[derive(Debug, Clone, Copy, Default)]
struct Enclosed {
    bracketed: bool,
    quoted: bool,
}

/// Returns for each token whether it is inside quotation marks or brackets.
fn enclosed(text: &str, range: Range<usize>, tokens: &[Token]) -> Vec<Enclosed> {
    let mut inside = vec![Enclosed::default(); tokens.len()];
    let (mut brackets, mut quotations, mut quoted) = (0_usize, 0_usize, false);
    // A low mark is closed by the one that opens elsewhere: „so“ and “so”.
    let mut low = false;
    let mut at = range.start;
    for (token, inside) in tokens.iter().zip(&mut inside) {
        for c in text.get(at..token.range.start).unwrap_or_default().chars() {
            match c {
                '“' if low => {
                    low = false;
                    quotations = quotations.saturating_sub(1);
                }
                '“' | '«' | '„' => {
                    low |= c == '„';
                    quotations += 1;
                }
                '”' | '»' => quotations = quotations.saturating_sub(1),
                '"' => quoted = !quoted,
                ')' | ']' | '）' => brackets = brackets.saturating_sub(1),
                _ if BRACKETS.contains(&c) => brackets += 1,
                _ => {}
            }
        }
        at = token.range.end.max(at);
        inside.bracketed = brackets > 0;
        inside.quoted = quotations > 0 || quoted;
    }
    inside
}

/// True if the left side may govern the text after the conjunction.
fn governs(left: &[Token]) -> bool {
    left.iter().any(|token| {
        (words::is_subordinator(&token.word) && token.word != "than")
            || matches!(
                token.word.as_str(),
                "said"
                    | "says"
                    | "told"
                    | "claimed"
                    | "reported"
                    | "believes"
                    | "according"
                    | "between"
                    | "either"
                    | "neither"
            )
    })
}

/// True if the tokens contain a subject followed by a finite verb.
fn states(tokens: &[Token]) -> bool {
    tokens
        .iter()
        .skip(1)
        .any(|token| words::is_finite(&token.word))
}

/// True if the tokens have a finite verb behind their first word, or anywhere in languages that
/// need no subject.
fn has_verb(tokens: &[Token], language: Language) -> bool {
    states(tokens)
        || language != Language::English
            && tokens
                .iter()
                .any(|token| !token.capital && unended::finite_elsewhere(&token.word))
}

/// Maximum number of words of a clause that only says what kind of statement follows.
const VAGUE: usize = 6;

/// True if what stands before a colon only announces what stands behind it: it speaks ("He added:
/// …"), it ends with a verb that has no other object ("The reason is: …"), or it says what kind of
/// statement follows ("The verdict was clear: …").
fn announces(left: &[Token]) -> bool {
    let speaks = left.iter().any(|token| {
        matches!(
            token.word.as_str(),
            "added"
                | "adds"
                | "announced"
                | "answered"
                | "argued"
                | "asked"
                | "asks"
                | "concluded"
                | "explained"
                | "noted"
                | "notes"
                | "replied"
                | "stated"
                | "states"
                | "warned"
                | "wrote"
        )
    });
    let kind = |token: &Token| {
        matches!(
            token.word.as_str(),
            "answer"
                | "conclusion"
                | "fact"
                | "news"
                | "point"
                | "reason"
                | "result"
                | "summary"
                | "thing"
                | "truth"
                | "upshot"
                | "verdict"
                | "version"
        )
    };
    let copula = |token: &Token| matches!(token.word.as_str(), "is" | "was" | "are" | "were");
    let vague = left.len() <= VAGUE && left.iter().any(kind) && left.iter().any(copula);
    speaks
        || vague
        || left
            .last()
            .is_some_and(|last| words::is_auxiliary(&last.word))
}

/// True if a main clause begins here: one with a subject that the words mark as one, or in another
/// language one with a finite verb.
fn is_main_clause(tokens: &[Token], language: Language) -> bool {
    if language == Language::English {
        begins(tokens, true)
    } else {
        tokens.len() >= LEAST && has_verb(tokens, language)
    }
}

/// True if the tokens begin with a clause, whose subject may be any noun: marks part it from the
/// rest, so that it need not be told from a part of a phrase. A participle behind a noun is no verb,
/// as in "stones painted by children"; so only those forms count that are none.
fn is_clause(tokens: &[Token], language: Language) -> bool {
    let Some(first) = tokens.first() else {
        return false;
    };
    // "A town founded in 1802" says what something is; "a town was founded in 1802" is a clause.
    let indefinite = language == Language::English && matches!(first.word.as_str(), "a" | "an");
    let auxiliary = |token: &Token| words::is_auxiliary(&token.word);
    if indefinite && !tokens.iter().skip(1).take(8).any(auxiliary) {
        return false;
    }
    if is_main_clause(tokens, language) {
        return true;
    }
    let verb = |token: &Token| words::is_finite(&token.word) && !token.word.ends_with("ed");
    if language != Language::English
        || !first.content()
        || first.word.ends_with("ly")
        || verb(first)
    {
        return false;
    }
    let joins = |token: &&Token| words::is_subordinator(&token.word) || conjunction(token);
    let rest = tokens.iter().skip(1).take(8);
    let mut clause = rest.take_while(|token| !joins(token));
    tokens.len() >= LEAST && clause.any(verb)
}

/// True if a comma alone joins two main clauses: "The mill was sold, it has three floors."
fn joined(left: &[Token], right: &[Token]) -> bool {
    let pronoun = right.first().is_some_and(|first| {
        matches!(
            first.word.as_str(),
            "he" | "she" | "it" | "they" | "we" | "there"
        )
    });
    // "Should repairs be needed, they would cost more" is a condition.
    let inverted = left
        .first()
        .is_some_and(|first| words::is_auxiliary(&first.word));
    pronoun && !inverted && begins(left, true) && begins(right, true) && !governs(left)
}

/// True if a main clause begins here: a subject, and soon after it a finite verb without a
/// separator in between.
fn begins(tokens: &[Token], comma: bool) -> bool {
    let Some(first) = tokens.first() else {
        return false;
    };
    let pronoun = matches!(
        first.word.as_str(),
        "he" | "she" | "it" | "they" | "we" | "i" | "you" | "this" | "there"
    );
    let determiner = matches!(
        first.word.as_str(),
        "the"
            | "a"
            | "an"
            | "his"
            | "her"
            | "its"
            | "their"
            | "these"
            | "those"
            | "both"
            | "some"
            | "most"
            | "all"
            | "no"
            | "many"
            | "several"
    );
    let named = first.capital && !first.stop;
    if !(pronoun || (comma && (determiner || named || first.form == Form::Number))) {
        return false;
    }
    for (at, token) in tokens.iter().enumerate().skip(1).take(8) {
        if words::is_subordinator(&token.word) && token.word != "that" || conjunction(token) {
            return false;
        }
        if words::is_finite(&token.word) {
            // A participle between a determiner and a noun is no verb, as in "the painted house".
            return !(determiner && at == 1) && tokens.len() > at + 1;
        }
    }
    false
}

#[cfg(test)]
#[path = "tests/clauses.rs"]
mod tests;
