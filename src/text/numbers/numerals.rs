//! How numbers and magnitudes are written.

use super::super::language::Language;

/// True for a word that names a number, such as "twelve" or "third".
pub(crate) fn names_number(word: &str) -> bool {
    [SMALL, TENS, RANKS].concat().contains(&word)
        || matches!(
            word,
            "hundred"
                | "thousand"
                | "million"
                | "billion"
                | "trillion"
                | "dozen"
                | "half"
                | "once"
                | "twice"
        )
}

pub(super) const SMALL: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
pub(super) const TENS: &[&str] = &[
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
pub(super) const RANKS: &[&str] = &[
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
];
/// Small numbers in words, in other languages than English; the places of the words are their values.
const OTHER_SMALL: &[(Language, &[&str])] = &[
    (
        Language::German,
        &[
            "null",
            "eins",
            "zwei",
            "drei",
            "vier",
            "fünf",
            "sechs",
            "sieben",
            "acht",
            "neun",
            "zehn",
            "elf",
            "zwölf",
            "dreizehn",
            "vierzehn",
            "fünfzehn",
            "sechzehn",
            "siebzehn",
            "achtzehn",
            "neunzehn",
            "zwanzig",
        ],
    ),
    (
        Language::French,
        &[
            "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
            "onze", "douze", "treize", "quatorze", "quinze", "seize",
        ],
    ),
    (
        Language::Spanish,
        &[
            "cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve",
            "diez", "once", "doce", "trece", "catorce", "quince",
        ],
    ),
    (
        Language::Italian,
        &[
            "zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove",
            "dieci", "undici", "dodici",
        ],
    ),
    (
        Language::Portuguese,
        &[
            "zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez",
            "onze", "doze",
        ],
    ),
];

/// The value of one word that names a small number in the language.
pub(super) fn small(word: &str, language: Language) -> Option<f64> {
    let place = |names: &[&str]| names.iter().position(|name| *name == word);
    let found = if language == Language::English {
        place(SMALL).or_else(|| place(TENS).map(|place| (place + 2) * 10))
    } else {
        OTHER_SMALL
            .iter()
            .find(|(known, _)| *known == language)
            .and_then(|(_, names)| place(names))
    };
    found.map(|value| value as f64)
}

pub(super) fn magnitude(word: &str) -> Option<f64> {
    Some(match word {
        "hundred" | "hundreds" => 1e2,
        "k" | "thousand" | "thousands" | "tausend" | "mille" | "mil" | "тысяч" | "тысячи"
        | "千" | "천" | "ألف" | "हजार" => 1e3,
        "万" | "萬" | "만" => 1e4,
        "lakh" | "लाख" | "십만" => 1e5,
        "백만" | "m" | "mm" | "mn" | "mln" | "million" | "millions" | "millionen" | "mio"
        | "millón" | "milione" | "milhão" | "millones" | "milioni" | "milhões" | "миллиона"
        | "миллионов" | "млн" | "مليون" => 1e6,
        "천만" | "crore" | "करोड़" => 1e7,
        "亿" | "億" | "억" => 1e8,
        "조" => 1e12,
        "b"
        | "bn"
        | "bln"
        | "billion"
        | "billions"
        | "milliarde"
        | "milliarden"
        | "milliard"
        | "mrd"
        | "milliards"
        | "miliardi"
        | "млрд"
        | "миллиардов" => 1e9,
        "t" | "tn" | "trillion" | "trillions" => 1e12,
        _ => return None,
    })
}

/// Value and precision of digits with separators: "1,200", "3.5", "1.200,50", "1 200" is two tokens.
/// `dotted` where the language parts thousands by dots: there "1.200" is 1200.
pub(super) fn digits(word: &str, dotted: bool) -> Option<(f64, f64)> {
    let clean: String = word
        .chars()
        .filter(|c| !matches!(c, '\'' | '_' | '٬'))
        .map(|c| if c == '٫' { '.' } else { c })
        .collect();
    let commas = clean.matches(',').count();
    let dots = clean.matches('.').count();
    let grouped = |mark: char| {
        let mut groups = clean.split(mark);
        groups
            .next()
            .is_some_and(|first| (1..=3).contains(&first.len()) && first != "0")
            && groups.all(|group| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit()))
    };
    let plain = match (commas, dots) {
        (0, 0) => clean.clone(),
        (0, 1) if !(dotted && grouped('.')) => clean.clone(),
        // "3,5" in most of Europe, "1,200" in English.
        (1, 0) if !grouped(',') => clean.replace(',', "."),
        (_, 0) => clean.replace(',', ""),
        (0, _) => {
            if grouped('.') {
                clean.replace('.', "")
            } else {
                return None;
            }
        }
        _ if clean.rfind(',') > clean.rfind('.') => clean.replace('.', "").replace(',', "."),
        _ => clean.replace(',', ""),
    };
    let value: f64 = plain.parse().ok().filter(|value: &f64| value.is_finite())?;
    let decimals = plain.split('.').nth(1).map_or(0, str::len);
    let precision = if decimals > 0 {
        0.5 * 10f64.powi(-i32::try_from(decimals).ok()?)
    } else {
        let zeros = plain.len() - plain.trim_end_matches('0').len();
        0.5 * 10f64.powi(i32::try_from(zeros.min(plain.len().saturating_sub(1))).ok()?)
    };
    Some((value, precision))
}

/// The value of a decimal digit of any of the common scripts.
pub(crate) fn digit(c: char) -> Option<u8> {
    if c.is_ascii_digit() {
        return Some(c as u8 - b'0');
    }
    const ZEROS: [u32; 18] = [
        0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0,
        0xF20, 0x1040, 0x17E0, 0x1810, 0xFF10,
    ];
    let code = c as u32;
    ZEROS
        .iter()
        .find(|zero| (**zero..**zero + 10).contains(&code))
        .and_then(|zero| u8::try_from(code - zero).ok())
}

#[cfg(test)]
#[path = "tests/numerals.rs"]
mod tests;
