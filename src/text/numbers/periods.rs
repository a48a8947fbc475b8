//! How often, and for how long a time: "twice a day", "every 5 minutes", "weekly", "for a month".

use super::super::language::Language;
use super::super::tokens::{Form, Token};
use super::adjacency::adjacent;
use super::measures::{measure, period};
use super::numerals::small;
use super::quantity::{Quantity, TIMES, Unit};

/// Words that say how often by themselves, with the days between two times.
const ADVERBS: &[(&str, f64)] = &[
    ("hourly stündlich", 1.0 / 24.0),
    (
        "daily nightly täglich quotidiennement diariamente giornalmente",
        1.0,
    ),
    ("weekly wöchentlich semanalmente settimanalmente", 7.0),
    ("fortnightly zweiwöchentlich", 14.0),
    (
        "monthly monatlich mensuellement mensualmente mensilmente",
        30.4375,
    ),
    ("quarterly vierteljährlich trimestralmente", 91.3125),
    (
        "yearly annually jährlich annuellement anualmente annualmente",
        365.25,
    ),
];

/// Days of "a day", "per week", "/month", "pro Jahr" from a token on, and its tokens.
pub(super) fn per(text: &str, tokens: &[Token], at: usize) -> Option<(f64, usize)> {
    let token = tokens.get(at)?;
    let before = at.checked_sub(1).map_or(0, |at| tokens[at].range.end);
    if text
        .get(before..token.range.start)
        .is_some_and(|gap| gap.trim() == "/")
    {
        return period(&token.word).map(|days| (days, 1));
    }
    if !adjacent(text, tokens, at) {
        return None;
    }
    let lead = token.word.as_str();
    let (skip, article) = match lead {
        "a" | "an" => (1, true),
        "per" | "each" | "every" | "pro" | "par" | "por" | "je" | "am" | "im" | "al" | "à"
        | "alla" | "jeden" | "jede" | "jedes" | "cada" | "chaque" => (1, false),
        "in" if tokens.get(at + 1).is_some_and(|next| next.word == "der") => (2, false),
        "по" | "в" => (1, false),
        _ => return None,
    };
    let noun = tokens
        .get(at + skip)
        .filter(|_| adjacent(text, tokens, at + skip))?;
    // "a second time", "78 million a year earlier".
    let after = tokens
        .get(at + skip + 1)
        .map_or("", |next| next.word.as_str());
    if article && noun.word == "second"
        || matches!(
            after,
            "earlier"
                | "ago"
                | "later"
                | "before"
                | "after"
                | "previously"
                | "on"
                | "zuvor"
                | "früher"
        )
    {
        return None;
    }
    // "im Jahr 2020" and "am Tag der Wahl" name one time.
    if matches!(lead, "im" | "am" | "al")
        && tokens.get(at + skip + 1).is_some_and(|next| {
            next.form == Form::Number
                || matches!(next.word.as_str(), "der" | "des" | "nach" | "vor")
        })
    {
        return None;
    }
    period(&noun.word).map(|days| (days, 1 + skip))
}

/// How often, where the token begins it.
pub(super) fn often(
    text: &str,
    tokens: &[Token],
    at: usize,
    language: Language,
) -> Option<(Quantity, usize)> {
    let token = &tokens[at];
    let word = token.word.as_str();
    let next = |back: usize| {
        tokens
            .get(at + back)
            .map_or("", |token| token.word.as_str())
    };
    let times = |value: f64, length: usize, per: Option<f64>| {
        let range = token.range.start..tokens[at + length - 1].range.end;
        let mut found = Quantity::new(range, value, 0.5);
        found.unit = Unit::Measure(TIMES);
        found.per = per;
        found
    };
    if let Some((_, days)) = ADVERBS
        .iter()
        .find(|(words, _)| words.split(' ').any(|known| known == word))
    {
        let mut found = times(1.0, 1, Some(*days));
        found.weak = true;
        return Some((found, 1));
    }
    let count = match word {
        "once" if language == Language::English => Some(1.0),
        "einmal" => Some(1.0),
        "twice" | "zweimal" => Some(2.0),
        "thrice" | "dreimal" => Some(3.0),
        "viermal" => Some(4.0),
        _ => None,
    };
    if let Some(count) = count {
        if let Some((days, length)) = per(text, tokens, at + 1) {
            return Some((times(count, 1 + length, Some(days)), 1 + length));
        }
        if let Some((days, length)) = every(text, tokens, at + 1, language) {
            return Some((times(count, 1 + length, Some(days)), 1 + length));
        }
        if count == 1.0 {
            return None;
        }
        let mut found = times(count, 1, None);
        if matches!(next(1), "as" | "the" | "so" | "that") {
            found.unit = Unit::Measure("ratio");
        }
        return Some((found, 1));
    }
    let (days, length) = every(text, tokens, at, language)?;
    let mut found = times(1.0, length, Some(days));
    found.weak = true;
    Some((found, length))
}

/// Days between two times in "every hour", "every 5 minutes", "every other day", "alle zwei Wochen".
fn every(text: &str, tokens: &[Token], at: usize, language: Language) -> Option<(f64, usize)> {
    let word = |ahead: usize| {
        tokens
            .get(at + ahead)
            .map_or("", |token| token.word.as_str())
    };
    let lead = match word(0) {
        "every" | "each" | "jede" | "jeden" | "jedes" | "alle" | "chaque" | "cada" | "ogni"
        | "каждый" | "каждую" => 1,
        "tous" | "toutes" | "todos" | "todas" | "tutti" | "tutte" => 2,
        _ => return None,
    };
    if !(1..=lead).all(|ahead| adjacent(text, tokens, at + ahead)) {
        return None;
    }
    if let Some(days) = period(word(lead)) {
        return Some((days, lead + 1));
    }
    let token = tokens.get(at + lead)?;
    let count = if token.form == Form::Number {
        token.word.parse().ok()?
    } else {
        match token.word.as_str() {
            "other" | "second" | "zweite" | "zweiten" => 2.0,
            "third" | "dritte" | "dritten" => 3.0,
            "fourth" => 4.0,
            "few" | "single" => return None,
            word => small(word, language)?,
        }
    };
    if !adjacent(text, tokens, at + lead + 1) {
        return None;
    }
    period(word(lead + 1)).map(|days| (days * count, lead + 2))
}

/// "for a week", "within an hour": one of a unit of time, behind a word that says how long.
pub(super) fn lasting(text: &str, tokens: &[Token], at: usize) -> Option<(Quantity, usize)> {
    let article = matches!(
        tokens[at].word.as_str(),
        "a" | "an" | "eine" | "einen" | "einem" | "einer" | "ein" | "une" | "un" | "una"
    );
    let lead = at.checked_sub(1).map_or("", |at| tokens[at].word.as_str());
    let lasts = matches!(
        lead,
        "for"
            | "within"
            | "lasted"
            | "lasts"
            | "lasting"
            | "last"
            | "takes"
            | "took"
            | "take"
            | "about"
            | "nearly"
            | "almost"
            | "than"
            | "after"
            | "für"
            | "binnen"
            | "innerhalb"
            | "dauert"
            | "dauerte"
            | "während"
            | "pendant"
            | "durante"
            | "dure"
            | "dura"
    );
    if !article || !lasts || !adjacent(text, tokens, at + 1) {
        return None;
    }
    let noun = tokens.get(at + 1)?;
    let found = measure(&noun.word).filter(|found| found.base == "s")?;
    // "for a second time", "after a year-long strike".
    let after = tokens
        .get(at + 2)
        .filter(|_| adjacent(text, tokens, at + 2));
    if noun.word == "second"
        || after.is_some_and(|next| matches!(next.word.as_str(), "long" | "old"))
    {
        return None;
    }
    let mut quantity = Quantity::new(
        tokens[at].range.start..noun.range.end,
        found.factor,
        found.factor * 0.5,
    );
    quantity.raw = 1.0;
    quantity.unit = Unit::Measure(found.base);
    quantity.system = found.system;
    quantity.weak = true;
    Some((quantity, 2))
}
