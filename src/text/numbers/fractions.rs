//! Parts of a whole: "half of", "three quarters", "one in five", "½", in several languages.

use super::super::language::Language;
use super::super::tokens::{Form, Token};
use super::adjacency::adjacent;
use super::numerals::small;
use super::quantity::{Quantity, Unit};

/// The value of a fraction that is one character.
pub(in crate::text) fn vulgar(c: char) -> Option<f64> {
    Some(match c {
        '½' => 0.5,
        '⅓' => 1.0 / 3.0,
        '⅔' => 2.0 / 3.0,
        '¼' => 0.25,
        '¾' => 0.75,
        '⅕' => 0.2,
        '⅖' => 0.4,
        '⅗' => 0.6,
        '⅘' => 0.8,
        '⅙' => 1.0 / 6.0,
        '⅚' => 5.0 / 6.0,
        '⅐' => 1.0 / 7.0,
        '⅛' => 0.125,
        '⅜' => 0.375,
        '⅝' => 0.625,
        '⅞' => 0.875,
        '⅑' => 1.0 / 9.0,
        '⅒' => 0.1,
        _ => return None,
    })
}

/// Into how many parts a word divides; the plural counts as well.
fn parts(word: &str) -> Option<f64> {
    const WORDS: &[(&str, f64)] = &[
        ("half halves hälfte moitié mitad metà metade", 2.0),
        (
            "third thirds drittel tiers tercio tercios terzo terzi terço terços",
            3.0,
        ),
        (
            "quarter quarters viertel quart quarts cuarto cuartos quarto quarti",
            4.0,
        ),
        (
            "fifth fifths fünftel cinquième cinquièmes quinto quintos quinti",
            5.0,
        ),
        ("sixth sixths sechstel", 6.0),
        ("seventh sevenths siebtel", 7.0),
        ("eighth eighths achtel", 8.0),
        ("ninth ninths neuntel", 9.0),
        ("tenth tenths zehntel dixième dixièmes décimo décimos", 10.0),
    ];
    WORDS
        .iter()
        .find(|(words, _)| words.split(' ').any(|known| known == word))
        .map(|(_, parts)| *parts)
}

/// A part of a whole, in per cent, where the token begins it.
pub(super) fn fraction(
    text: &str,
    tokens: &[Token],
    at: usize,
    language: Language,
) -> Option<(Quantity, usize)> {
    let word = |ahead: usize| {
        tokens
            .get(at + ahead)
            .map_or("", |token| token.word.as_str())
    };
    let near = |ahead: usize| adjacent(text, tokens, at + ahead);
    let count = |ahead: usize| -> Option<f64> {
        let token = tokens.get(at + ahead)?;
        if token.form == Form::Number {
            return token
                .word
                .parse()
                .ok()
                .filter(|count: &f64| *count <= 99.0 && *count > 0.0);
        }
        small(&token.word, language)
    };
    let made = |share: f64, length: usize| {
        let range = tokens[at].range.start..tokens[at + length - 1].range.end;
        let mut found = Quantity::new(range, share * 100.0, 0.7);
        found.unit = Unit::Percent;
        (found, length)
    };
    let of = |ahead: usize| {
        near(ahead)
            && matches!(
                word(ahead),
                "of" | "der"
                    | "des"
                    | "aller"
                    | "von"
                    | "de"
                    | "du"
                    | "del"
                    | "della"
                    | "dei"
                    | "delle"
                    | "das"
                    | "dos"
                    | "do"
                    | "da"
                    | "all"
                    | "unserer"
            )
    };
    // "half of the boats", "half the boats", "die Hälfte der Boote".
    let article = matches!(
        word(0),
        "a" | "an"
            | "one"
            | "the"
            | "die"
            | "ein"
            | "eine"
            | "la"
            | "un"
            | "une"
            | "una"
            | "um"
            | "uma"
    );
    let head = usize::from(article && near(1) && parts(word(1)).is_some());
    if let Some(divisor) = parts(word(head)) {
        let halves = divisor == 2.0;
        let whole = of(head + 1)
            || (halves
                && language == Language::English
                && near(head + 1)
                && matches!(
                    word(head + 1),
                    "the" | "its" | "their" | "his" | "her" | "our" | "all"
                ));
        // "the third of May", "the second half of the year" are no parts; "by half", "a third more" are.
        let ordinal = !halves && (head == 0 || word(0) == "the");
        let lead = at.checked_sub(1).map_or("", |at| tokens[at].word.as_str());
        let second = matches!(
            lead,
            "second"
                | "first"
                | "other"
                | "last"
                | "latter"
                | "zweiten"
                | "ersten"
                | "zweite"
                | "erste"
        );
        let alone = lead == "by"
            || lead == "um"
            || (head == 1
                && matches!(word(0), "a" | "one" | "ein" | "un" | "une")
                && matches!(
                    word(head + 1),
                    "more"
                        | "less"
                        | "fewer"
                        | "larger"
                        | "smaller"
                        | "cheaper"
                        | "mehr"
                        | "weniger"
                ));
        return (!ordinal && !second && (whole || alone)).then(|| made(1.0 / divisor, head + 1));
    }
    let many = count(0)?;
    if near(1)
        && let Some(divisor) = parts(word(1)).filter(|divisor| *divisor > many && many >= 1.0)
        // "two thirds", "drei Viertel"; "one third" is above; "2 quarters" of a year are two.
        && (of(2) || word(1).ends_with('s') || language != Language::English)
        && (many > 1.0 || of(2))
        && (divisor != 4.0 || of(2) || word(2) == "full")
    {
        return Some(made(many / divisor, 2));
    }
    // "one in five", "nine out of ten", "3/4 of".
    if matches!(word(1), "in") && near(1) && near(2) && language == Language::English {
        let whole = count(2).filter(|whole| *whole > many && *whole <= 20.0)?;
        let thing = tokens.get(at + 3).map_or("", |next| next.word.as_str());
        let timed = measure_of_time(thing);
        return (!timed).then(|| made(many / whole, 3));
    }
    if word(1) == "out" && word(2) == "of" && near(1) && near(2) && near(3) {
        let whole = count(3).filter(|whole| *whole > many)?;
        return Some(made(many / whole, 4));
    }
    let slash = tokens
        .get(at + 1)
        .is_some_and(|next| text.get(tokens[at].range.end..next.range.start) == Some("/"));
    if slash && of(2) {
        let whole = count(1).filter(|whole| *whole > many && *whole <= 20.0)?;
        return Some(made(many / whole, 2));
    }
    None
}

fn measure_of_time(word: &str) -> bool {
    super::measures::measure(word).is_some_and(|found| found.base == "s")
}
