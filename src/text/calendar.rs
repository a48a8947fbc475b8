//! Names of months and week days, and what can be a day or a year.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::tokens::Token;

/// Names of the months, one line each, in the languages that numbers and dates are read in.
const MONTHS: [&str; 12] = [
    "january jan januar jänner janvier enero gennaio janeiro января январе يناير जनवरी",
    "february feb februar feber février febrero febbraio fevereiro февраля феврале فبراير फरवरी",
    "march mar märz mars marzo março марта марте مارس मार्च",
    "april apr avril abril aprile апреля апреле أبريل अप्रैल",
    "may mai mayo maggio maio мая мае مايو मई",
    "june jun juni juin junio giugno junho июня июне يونيو जून",
    "july jul juli juillet julio luglio julho июля июле يوليو जुलाई",
    "august aug août agosto августа августе أغسطس अगस्त",
    "september sep sept septembre septiembre settembre setembro сентября сентябре سبتمبر सितंबर",
    "october oct oktober octobre octubre ottobre outubro октября октябре أكتوبر अक्टूबर",
    "november nov novembre noviembre novembro ноября ноябре نوفمبر नवंबर",
    "december dec dezember décembre diciembre dicembre dezembro декабря декабре ديسمبر दिसंबर",
];
static MONTH: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
    (1u8..)
        .zip(MONTHS)
        .flat_map(|(number, names)| names.split_whitespace().map(move |name| (name, number)))
        .collect()
});
pub(super) const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// Words behind which a bare four-digit number is a year.
const YEAR_LEADS: &str = "in since by from until till during before after early late mid year around \
    circa spring summer autumn fall winter fiscal season election im seit jahr en dal \
    nel em в с до после عام سنة सन between and to the of \
    through census";

pub(super) fn year_lead(word: &str) -> bool {
    YEAR_LEADS.split_whitespace().any(|lead| lead == word)
}

/// True for the name of a month, in any case.
pub(super) fn names_month(word: &str) -> bool {
    MONTH.contains_key(word.to_lowercase().as_str())
}

pub(super) fn month(token: &Token) -> Option<u8> {
    // "may" and "march" are months only as names.
    if matches!(
        token.word.as_str(),
        "may" | "march" | "mar" | "sep" | "dec" | "mai" | "mars"
    ) && !token.capital
    {
        return None;
    }
    MONTH.get(token.word.as_str()).copied()
}

pub(super) fn day(token: &Token) -> Option<u8> {
    let digits = token
        .word
        .trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let tail = &token.word[digits.len()..];
    if !matches!(tail, "" | "st" | "nd" | "rd" | "th") {
        return None;
    }
    digits
        .parse()
        .ok()
        .filter(|day| (1..=31).contains(day) && digits.len() <= 2)
}

pub(super) fn year(token: &Token) -> Option<(i32, bool)> {
    let (digits, decade) = match token.word.strip_suffix('s') {
        Some(digits) => (digits, true),
        None => (token.word.as_str(), false),
    };
    let value: i32 = digits.parse().ok()?;
    (digits.len() == 4 && (1000..=2199).contains(&value)).then_some((value, decade))
}
