//! Parses the unit of a number and its bound.

use super::super::language::Language;
use super::super::tokens::{Form, Token};
use super::super::words;
use super::adjacency::adjacent;
use super::currencies;
use super::measures::{Measure, measure};
use super::periods::per;
use super::quantity::{Bound, Quantity, TIMES, Unit};

/// Parses the unit after a number; returns the number of further tokens that belong to the number.
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

/// Parses a unit that is part of the number; returns the number of its tokens.
fn named(text: &str, tokens: &[Token], at: usize, next: usize, quantity: &mut Quantity) -> usize {
    if matches!(quantity.unit, Unit::Measure(_) | Unit::Percent) {
        return 0;
    }
    if let Some(length) = signed(text, tokens, next, quantity) {
        return length;
    }
    let near = |place: usize| tokens.get(place).filter(|_| adjacent(text, tokens, place));
    let Some(word) = near(next) else {
        return 0;
    };
    let behind = Behind {
        tokens,
        next,
        word,
        second: near(next + 1),
    };
    if let Some(length) = behind.percent(quantity) {
        return length;
    }
    if let Unit::Money(shared) = quantity.unit {
        // In "$ 5 US dollars" the currency is given twice; "$5 million Canadian" and "£5 sterling"
        // are rare.
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
    let named = behind
        .money(at, quantity)
        .or_else(|| behind.times(quantity))
        .or_else(|| behind.measure(quantity));
    named.unwrap_or_else(|| {
        // "Room 3 costs 150 euros": the word after the number of a room is no noun that it counts.
        let numbers = at
            .checked_sub(1)
            .map(|before| &tokens[before])
            .is_some_and(|before| before.capital && before.content());
        if numbers && adjacent(text, tokens, at) && words::is_finite(&word.word) {
            return 0;
        }
        if let Some(noun) = behind.things() {
            quantity.unit = Unit::Things(noun);
        }
        0
    })
}

/// Parses a sign directly after the number: "5 %", "20 °C", "3 €"; returns the number of tokens.
fn signed(text: &str, tokens: &[Token], next: usize, quantity: &mut Quantity) -> Option<usize> {
    let rest = &text[quantity.range.end..];
    let blanks = rest.len() - rest.trim_start_matches([' ', '\u{a0}', '\u{202f}']).len();
    let mark = rest[blanks..].chars().next()?;
    let letter = tokens
        .get(next)
        .filter(|token| mark == '°' && text[quantity.range.end..token.range.start].trim() == "°");
    match mark {
        '%' | '٪' | '％' => quantity.unit = Unit::Percent,
        '‰' => {
            quantity.unit = Unit::Percent;
            quantity.value *= 0.1;
            quantity.precision *= 0.1;
        }
        '°' | '℃' | '℉' => {
            let scale = match (mark, letter.map(|token| token.word.as_str())) {
                ('℃', _) | (_, Some("c" | "celsius")) => "celsius",
                ('℉', _) | (_, Some("f" | "fahrenheit")) => "fahrenheit",
                _ => "degree",
            };
            if let Some(found) = measure(scale) {
                convert(quantity, found);
            }
            if let Some(token) = letter.filter(|_| scale != "degree") {
                quantity.range.end = token.range.end;
                return Some(1);
            }
        }
        _ if mark.is_alphabetic() => return None,
        _ => quantity.unit = Unit::Money(currencies::sign(mark)?),
    }
    quantity.range.end += blanks + mark.len_utf8();
    Some(0)
}

/// The words after a number.
struct Behind<'a> {
    tokens: &'a [Token],
    /// The index of the first of them.
    next: usize,
    word: &'a Token,
    /// The second word, if it is adjacent to the first.
    second: Option<&'a Token>,
}

impl Behind<'_> {
    /// Extends the number's range over the first `length` of these words.
    fn take(&self, length: usize, quantity: &mut Quantity) -> usize {
        quantity.range.end = self.tokens[self.next + length - 1].range.end;
        length
    }

    fn percent(&self, quantity: &mut Quantity) -> Option<usize> {
        let second = self.second.map(|token| token.word.as_str());
        let length = match (self.word.word.as_str(), second) {
            (
                "percent" | "percentage" | "prozent" | "prozentpunkte" | "процентов" | "pct",
                Some("points"),
            ) => 2,
            (
                "percent" | "percentage" | "prozent" | "prozentpunkte" | "prozentpunkten"
                | "процентов" | "pct" | "퍼센트",
                _,
            ) => 1,
            ("per" | "pour" | "por", Some("cent" | "ciento" | "cento")) => 2,
            ("basis", Some("points" | "point")) => {
                quantity.value *= 0.01;
                quantity.precision *= 0.01;
                2
            }
            _ => return None,
        };
        quantity.unit = Unit::Percent;
        Some(self.take(length, quantity))
    }

    fn money(&self, at: usize, quantity: &mut Quantity) -> Option<usize> {
        let (code, length) = self.currency()?;
        // "3 won a prize" is not about money.
        let sure = code != currencies::EITHER_POUND && self.word.word != "won";
        let pays = sure
            || quantity.raw.abs() >= 1e4
            || self.tokens[at.saturating_sub(8)..at]
                .iter()
                .any(|token| currencies::is_paid(&token.word));
        pays.then(|| {
            quantity.unit = Unit::Money(code);
            self.take(length, quantity)
        })
    }

    /// Parses a currency and returns the number of its tokens: "euros", "Norwegian kroner",
    /// "US-Dollar", "dollars canadiens", "EUR".
    fn currency(&self) -> Option<(&'static str, usize)> {
        let word = &self.word.word;
        let named = |token: &Token| currencies::name(&token.word);
        if let Some(name) = currencies::name(word) {
            // The adjective may follow the noun, as in French.
            let narrow = self
                .second
                .and_then(|token| currencies::of_country(&token.word, name));
            return Some((narrow.unwrap_or(name), 1 + usize::from(narrow.is_some())));
        }
        if let Some(name) = self.second.and_then(named)
            && let Some(code) = currencies::of_country(word, name)
        {
            return Some((code, 2));
        }
        // "Hong Kong dollars", "New Zealand dollars".
        if let Some(name) = self.tokens.get(self.next + 2).and_then(named)
            && let Some(code) = self
                .second
                .and_then(|token| currencies::of_country(&token.word, name))
        {
            return Some((code, 3));
        }
        currencies::code(word, self.word.acronym).map(|code| (code, 1))
    }

    fn times(&self, quantity: &mut Quantity) -> Option<usize> {
        let times = matches!(
            self.word.word.as_str(),
            "times" | "mal" | "fois" | "veces" | "volte" | "vezes" | "раза" | "раз"
        );
        let ratio = self.second.is_some_and(|next| {
            matches!(
                next.word.as_str(),
                "as" | "the" | "more" | "larger" | "bigger" | "higher" | "faster" | "so"
            )
        });
        times.then(|| {
            quantity.unit = Unit::Measure(if ratio { "ratio" } else { TIMES });
            self.take(1, quantity)
        })
    }

    fn measure(&self, quantity: &mut Quantity) -> Option<usize> {
        if let Some(found) = measure(&self.word.word) {
            // "degrees Celsius", "Grad Fahrenheit".
            let scale = self.second.filter(|_| found.base == "degree");
            let exact = scale
                .and_then(|token| measure(&token.word))
                .filter(|exact| exact.base == "celsius");
            convert(quantity, exact.unwrap_or(found));
            return Some(self.take(1 + usize::from(exact.is_some()), quantity));
        }
        // "square metres".
        let (base, power) = match self.word.word.as_str() {
            "square" => ("m2", 2),
            "cubic" => ("m3", 3),
            _ => return None,
        };
        let found = measure(&self.second?.word).filter(|found| found.base == "m")?;
        let factor = found.factor.powi(power);
        convert(
            quantity,
            Measure {
                base,
                factor,
                ..found
            },
        );
        Some(self.take(2, quantity))
    }

    /// Returns the counted noun, which may follow adjectives: a plural among the next three content
    /// words, or else the first of them.
    fn things(&self) -> Option<String> {
        let is_plural = |token: &&Token| {
            token.word.ends_with('s')
                || matches!(
                    token.word.as_str(),
                    "people" | "men" | "women" | "children" | "staff"
                )
        };
        let is_content = |token: &&Token| !token.stop && token.form == Form::Word;
        let words = self.tokens[self.next..].iter().take(3);
        let plural = words.take_while(is_content).find(is_plural);
        let noun = plural.or_else(|| Some(self.word).filter(is_content));
        noun.map(|noun| noun.term.clone())
    }
}

/// Returns the bound that the words before the number give.
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
