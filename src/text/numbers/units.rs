//! What a number counts and how its text bounds it.

use super::super::language::Language;
use super::super::tokens::{Form, Token};
use super::super::words;
use super::adjacency::adjacent;
use super::currencies;
use super::measures::{Measure, measure};
use super::periods::per;
use super::quantity::{Bound, Quantity, TIMES, Unit};

/// Words before a number of pounds by which it is a sum and no weight.
const PAID: &str = "cost costs costing paid pay pays price priced worth spend spent spends fee fees fine fined \
    earn earned earns fare charge charged charges budget fund grant raised donated saved sold bought sells";

/// Reads the unit behind a number; returns how many more tokens belong to the number itself.
pub(super) fn unit(
    text: &str,
    tokens: &[Token],
    at: usize,
    next: usize,
    quantity: &mut Quantity,
    language: Language,
) -> usize {
    let named = named(text, tokens, at, next, quantity);
    let mut length = named;
    // The counted noun is no part of the number, but stands between it and its period.
    let things = usize::from(matches!(quantity.unit, Unit::Things(_)));
    let times = matches!(quantity.unit, Unit::Measure(TIMES)) && quantity.per.is_some();
    let mut from = next + length + things;
    // "30 litres of milk a day".
    if tokens
        .get(from)
        .is_some_and(|of| matches!(of.word.as_str(), "of" | "de" | "di"))
        && adjacent(text, tokens, from)
    {
        let words = tokens.iter().skip(from + 1).take(2);
        from += 1 + words.take_while(|token| token.content()).count();
    }
    let behind = from == next + length;
    let clock = matches!(quantity.unit, Unit::Measure("time of day"));
    // In French "a" is a verb.
    let has = language == Language::French && tokens.get(from).is_some_and(|word| word.word == "a");
    if !(times || clock || has)
        && let Some((days, more)) = per(text, tokens, from)
    {
        quantity.per = Some(days);
        if behind {
            length += more;
            quantity.range.end = tokens[from + more - 1].range.end;
        }
    }
    length
}

fn convert(quantity: &mut Quantity, found: Measure) {
    quantity.unit = Unit::Measure(found.base);
    quantity.value = (quantity.raw + found.offset) * found.factor;
    quantity.precision *= found.factor;
    quantity.system = found.system;
}

fn named(text: &str, tokens: &[Token], at: usize, next: usize, quantity: &mut Quantity) -> usize {
    if matches!(quantity.unit, Unit::Measure(_) | Unit::Percent) {
        return 0;
    }
    let rest = &text[quantity.range.end..];
    let blanks = rest.len() - rest.trim_start_matches([' ', '\u{a0}', '\u{202f}']).len();
    let mut marks = rest[blanks..].chars();
    let mark = marks.next();
    match mark {
        Some(c @ ('%' | '٪' | '％')) => {
            quantity.unit = Unit::Percent;
            quantity.range.end += blanks + c.len_utf8();
            return 0;
        }
        Some(c @ '‰') => {
            quantity.unit = Unit::Percent;
            quantity.value *= 0.1;
            quantity.precision *= 0.1;
            quantity.range.end += blanks + c.len_utf8();
            return 0;
        }
        Some(c @ ('°' | '℃' | '℉')) => {
            let letter = tokens.get(next).filter(|token| {
                c == '°' && text[quantity.range.end..token.range.start].trim() == "°"
            });
            let scale = match (c, letter.map(|token| token.word.as_str())) {
                ('℃', _) | (_, Some("c" | "celsius")) => "celsius",
                ('℉', _) | (_, Some("f" | "fahrenheit")) => "fahrenheit",
                _ => "degree",
            };
            if let Some(found) = measure(scale) {
                convert(quantity, found);
            }
            quantity.range.end += blanks + c.len_utf8();
            if let Some(token) = letter.filter(|_| scale != "degree") {
                quantity.range.end = token.range.end;
                return 1;
            }
            return 0;
        }
        _ => {}
    }
    if let Some((sign, code)) = mark
        .filter(|c| !c.is_alphabetic())
        .and_then(|c| Some((c, currencies::sign(c)?)))
    {
        quantity.unit = Unit::Money(code);
        quantity.range.end += blanks + sign.len_utf8();
        return 0;
    }
    let Some(word) = tokens.get(next).filter(|_| adjacent(text, tokens, next)) else {
        return 0;
    };
    let second = tokens
        .get(next + 1)
        .filter(|_| adjacent(text, tokens, next + 1));
    let percent = match (word.word.as_str(), second.map(|token| token.word.as_str())) {
        (
            "percent" | "percentage" | "prozent" | "prozentpunkte" | "процентов" | "pct",
            Some("points"),
        ) => 2,
        (
            "percent" | "percentage" | "prozent" | "prozentpunkte" | "prozentpunkten" | "процентов"
            | "pct" | "퍼센트",
            _,
        ) => 1,
        ("per" | "pour" | "por", Some("cent" | "ciento" | "cento")) => 2,
        ("basis", Some("points" | "point")) => {
            quantity.value *= 0.01;
            quantity.precision *= 0.01;
            2
        }
        _ => 0,
    };
    if percent > 0 {
        quantity.unit = Unit::Percent;
        quantity.range.end = tokens[next + percent - 1].range.end;
        return percent;
    }
    if let Unit::Money(shared) = quantity.unit {
        // "$5 million Canadian" and "£5 sterling" are rare; "$ 5 US dollars" says it twice.
        let twice =
            currencies::name(&word.word).filter(|name| currencies::same_money(name, shared));
        if twice.is_some() {
            quantity.range.end = word.range.end;
        }
        return usize::from(twice.is_some());
    }
    if quantity.unit != Unit::Bare {
        return 0;
    }
    if let Some((code, length)) = money_behind(tokens, next, word, second) {
        // "3 won a prize" is no money.
        let sure = code != currencies::EITHER_POUND && word.word != "won";
        let pays = sure
            || quantity.raw.abs() >= 1e4
            || tokens[at.saturating_sub(8)..at]
                .iter()
                .any(|token| PAID.split_whitespace().any(|paid| paid == token.word));
        if pays {
            quantity.unit = Unit::Money(code);
            quantity.range.end = tokens[next + length - 1].range.end;
            return length;
        }
    }
    if matches!(
        word.word.as_str(),
        "times" | "mal" | "fois" | "veces" | "volte" | "vezes" | "раза" | "раз"
    ) {
        let ratio = second.is_some_and(|next| {
            matches!(
                next.word.as_str(),
                "as" | "the" | "more" | "larger" | "bigger" | "higher" | "faster" | "so"
            )
        });
        quantity.unit = Unit::Measure(if ratio { "ratio" } else { TIMES });
        quantity.range.end = word.range.end;
        return 1;
    }
    if let Some(found) = measure(&word.word) {
        // "degrees Celsius", "Grad Fahrenheit", "square metres".
        let scale = second.filter(|_| found.base == "degree");
        if let Some(exact) = scale
            .and_then(|token| measure(&token.word))
            .filter(|exact| exact.base == "celsius")
        {
            convert(quantity, exact);
            quantity.range.end = tokens[next + 1].range.end;
            return 2;
        }
        convert(quantity, found);
        quantity.range.end = word.range.end;
        return 1;
    }
    if let Some(found) = second
        .filter(|_| matches!(word.word.as_str(), "square" | "cubic"))
        .and_then(|token| measure(&token.word))
        .filter(|found| found.base == "m")
    {
        let power = if word.word == "square" { 2 } else { 3 };
        convert(
            quantity,
            Measure {
                base: if power == 2 { "m2" } else { "m3" },
                factor: found.factor.powi(power),
                ..found
            },
        );
        quantity.range.end = tokens[next + 1].range.end;
        return 2;
    }
    // "Room 3 costs 150 euros": what stands behind the number of a room is no noun that it counts.
    let numbers = at
        .checked_sub(1)
        .map(|before| &tokens[before])
        .is_some_and(|before| before.capital && before.content());
    if numbers && adjacent(text, tokens, at) && words::is_finite(&word.word) {
        return 0;
    }
    // The counted noun may stand behind adjectives: the last content word of the next three.
    let noun = tokens[next..]
        .iter()
        .take(3)
        .take_while(|token| !token.stop && token.form == Form::Word)
        .filter(|token| {
            token.word.ends_with('s')
                || matches!(
                    token.word.as_str(),
                    "people" | "men" | "women" | "children" | "staff"
                )
        })
        .map(|token| token.term.clone())
        .next();
    let noun = noun.or_else(|| (!word.stop && word.form == Form::Word).then(|| word.term.clone()));
    if let Some(noun) = noun {
        quantity.unit = Unit::Things(noun);
    }
    0
}

/// "euros", "Norwegian kroner", "US-Dollar", "dollars canadiens", "EUR": the currency and its tokens.
fn money_behind(
    tokens: &[Token],
    next: usize,
    word: &Token,
    second: Option<&Token>,
) -> Option<(&'static str, usize)> {
    if let Some(name) = currencies::name(&word.word) {
        // The adjective behind it, as in French.
        let narrow = second.and_then(|token| currencies::of_country(&token.word, name));
        return Some((narrow.unwrap_or(name), 1 + usize::from(narrow.is_some())));
    }
    if let Some(name) = second.and_then(|token| currencies::name(&token.word))
        && let Some(code) = currencies::of_country(&word.word, name)
    {
        return Some((code, 2));
    }
    // "Hong Kong dollars", "New Zealand dollars".
    if let Some(name) = tokens
        .get(next + 2)
        .and_then(|token| currencies::name(&token.word))
        && let Some(code) = second.and_then(|token| currencies::of_country(&token.word, name))
    {
        return Some((code, 3));
    }
    currencies::code(&word.word, word.acronym).map(|code| (code, 1))
}

/// How the words before the number bound it.
pub(super) fn bound(text: &str, tokens: &[Token], at: usize) -> Bound {
    let word = |back: usize| {
        at.checked_sub(back)
            .map_or("", |at| tokens[at].word.as_str())
    };
    match (word(2), word(1)) {
        ("just" | "slightly" | "little", "over" | "above") => Bound::JustOver,
        ("just" | "slightly" | "little", "under" | "below") => Bound::Nearly,
        (
            _,
            "nearly" | "almost" | "fast" | "beinahe" | "knapp" | "presque" | "casi" | "quasi"
            | "quase",
        ) => Bound::Nearly,
        ("short", "of") => Bound::Nearly,
        (
            _,
            "about" | "around" | "roughly" | "approximately" | "some" | "circa" | "etwa" | "rund"
            | "environ" | "около" | "approx" | "ca" | "ungefähr" | "aproximadamente",
        ) => Bound::About,
        ("no", "under") => Bound::AtLeast,
        ("more" | "greater" | "larger" | "higher" | "longer", "than")
        | ("mehr", "als")
        | ("plus" | "más" | "mais", "de")
        | ("più", "di") => match word(3) {
            "no" | "not" | "nicht" | "never" => Bound::AtMost,
            _ => Bound::Above,
        },
        ("less" | "fewer" | "smaller" | "lower" | "shorter", "than")
        | ("weniger", "als")
        | ("moins" | "menos", "de")
        | ("meno", "di") => match word(3) {
            "no" | "not" | "nicht" | "never" => Bound::AtLeast,
            _ => Bound::Below,
        },
        ("at", "least") | ("al", "menos") => Bound::AtLeast,
        (_, "mindestens" | "wenigstens" | "minimum") | ("moins", "au") => Bound::AtLeast,
        (_, "over" | "above" | "exceeding" | "exceeded" | "über" | "exceed" | "exceeds") => {
            Bound::Above
        }
        ("at", "most") | ("up", "to") | (_, "höchstens" | "maximal" | "maximum") => Bound::AtMost,
        (_, "under" | "below" | "unter") => Bound::Below,
        ("close", "to") => Bound::About,
        _ if tokens.get(at).is_some_and(|token| {
            text[..token.range.start]
                .trim_end_matches(['$', '€', '£', ' '])
                .ends_with(['~', '≈'])
        }) =>
        {
            Bound::About
        }
        _ => Bound::Exact,
    }
}
