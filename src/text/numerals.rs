//! How numbers, magnitudes, measures and currencies are written.

/// True for a word that names a number, such as "twelve" or "third".
pub fn names_number(word: &str) -> bool {
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
pub(super) const MEASURES: &[(&str, &str, f64)] = &[
    ("km", "m", 1e3),
    ("kilometre", "m", 1e3),
    ("kilometer", "m", 1e3),
    ("m", "m", 1.0),
    ("metre", "m", 1.0),
    ("meter", "m", 1.0),
    ("cm", "m", 0.01),
    ("centimetre", "m", 0.01),
    ("centimeter", "m", 0.01),
    ("mm", "m", 1e-3),
    ("millimetre", "m", 1e-3),
    ("mile", "mile", 1.0),
    ("foot", "foot", 1.0),
    ("feet", "foot", 1.0),
    ("ft", "foot", 1.0),
    ("inch", "inch", 1.0),
    ("inche", "inch", 1.0),
    ("kg", "g", 1e3),
    ("kilogram", "g", 1e3),
    ("kilo", "g", 1e3),
    ("g", "g", 1.0),
    ("gram", "g", 1.0),
    ("mg", "g", 1e-3),
    ("tonne", "g", 1e6),
    ("ton", "g", 1e6),
    ("pound", "lb", 1.0),
    ("lb", "lb", 1.0),
    ("second", "s", 1.0),
    ("minute", "s", 60.0),
    ("hour", "s", 3600.0),
    ("day", "day", 1.0),
    ("week", "day", 7.0),
    ("month", "month", 1.0),
    ("year", "month", 12.0),
    ("decade", "month", 120.0),
    ("century", "month", 1200.0),
    ("litre", "l", 1.0),
    ("liter", "l", 1.0),
    ("ml", "l", 1e-3),
    ("hectare", "ha", 1.0),
    ("acre", "acre", 1.0),
    ("mw", "w", 1e6),
    ("kw", "w", 1e3),
    ("gw", "w", 1e9),
    ("kwh", "wh", 1e3),
    ("mwh", "wh", 1e6),
    ("degree", "degree", 1.0),
    ("°c", "degree", 1.0),
    ("mph", "mph", 1.0),
    ("kmh", "kmh", 1.0),
    ("gb", "byte", 1e9),
    ("mb", "byte", 1e6),
    ("tb", "byte", 1e12),
    ("hz", "hz", 1.0),
    ("ghz", "hz", 1e9),
    ("mhz", "hz", 1e6),
    ("미터", "m", 1.0),
    ("킬로미터", "m", 1e3),
    ("센티미터", "m", 0.01),
    ("밀리미터", "m", 1e-3),
    ("킬로그램", "g", 1e3),
    ("그램", "g", 1.0),
    ("밀리그램", "g", 1e-3),
    ("톤", "g", 1e6),
    ("리터", "l", 1.0),
    ("헥타르", "ha", 1.0),
];

/// True for the name of a measure, in the singular or plural.
pub(super) fn is_measure(word: &str) -> bool {
    measure(word).is_some()
}

pub(super) fn measure(word: &str) -> Option<(&'static str, f64)> {
    let singular = word
        .strip_suffix('s')
        .filter(|bare| bare.len() > 1)
        .unwrap_or(word);
    MEASURES
        .iter()
        .find(|(name, _, _)| *name == word || *name == singular)
        .map(|(_, base, factor)| (*base, *factor))
        .or_else(|| (word == "centuries").then_some(("month", 1200.0)))
}

pub(super) fn money(mark: &str) -> Option<&'static str> {
    Some(match mark {
        "$" | "usd" | "dollar" | "dollars" | "달러" => "usd",
        "€" | "eur" | "euro" | "euros" | "유로" => "eur",
        "£" | "gbp" => "gbp",
        "¥" | "yen" | "jpy" | "円" => "jpy",
        "yuan" | "cny" | "元" | "위안" => "cny",
        "₩" | "won" | "krw" | "원" => "krw",
        "₹" | "rupee" | "rupees" | "inr" => "inr",
        "franc" | "francs" | "chf" => "chf",
        _ => return None,
    })
}

pub(super) fn magnitude(word: &str) -> Option<f64> {
    Some(match word {
        "hundred" | "hundreds" => 1e2,
        "k" | "thousand" | "thousands" | "tausend" | "mille" | "mil" | "тысяч" | "тысячи"
        | "千" | "천" | "ألف" | "हजार" => 1e3,
        "万" | "萬" | "만" => 1e4,
        "lakh" | "लाख" | "십만" => 1e5,
        "백만" | "m" | "mn" | "mln" | "million" | "millions" | "millionen" | "mio" | "millones"
        | "milioni" | "milhões" | "миллиона" | "миллионов" | "млн" | "مليون" => {
            1e6
        }
        "천만" | "crore" | "करोड़" => 1e7,
        "亿" | "億" | "억" => 1e8,
        "조" => 1e12,
        "b"
        | "bn"
        | "billion"
        | "billions"
        | "milliarden"
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_of_several_countries() {
        for (word, value) in [
            ("1,200", 1200.0),
            ("1.200.000", 1_200_000.0),
            ("1.234,5", 1234.5),
            ("1,234.5", 1234.5),
            ("3,5", 3.5),
            ("0,125", 0.125),
            ("3.125", 3.125),
            ("12٬000", 12_000.0),
        ] {
            assert_eq!(
                digits(word, false).map(|found| found.0),
                Some(value),
                "{word}"
            );
        }
        assert_eq!(digits("1.200", true).map(|found| found.0), Some(1200.0));
        assert_eq!(digits("1.25", true).map(|found| found.0), Some(1.25));
        assert_eq!(digits("1.2.3", false), None);
    }
}
