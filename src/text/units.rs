//! What a number counts and how its text bounds it.

use super::numbers::{Bound, Quantity, Unit};
use super::numerals::{measure, money};
use super::tokens::{Form, Token};

/// True where nothing but blanks, hyphens or a percent sign stands before the token.
pub(super) fn adjacent(text: &str, tokens: &[Token], at: usize) -> bool {
    at > 0
        && at < tokens.len()
        && text
            .get(tokens[at - 1].range.end..tokens[at].range.start)
            .is_some_and(|gap| {
                gap.chars()
                    .all(|c| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '-' | '%'))
            })
}

/// Reads the unit behind a number; returns how many more tokens belong to the number itself.
pub(super) fn unit(text: &str, tokens: &[Token], next: usize, quantity: &mut Quantity) -> usize {
    if quantity.unit == Unit::Rank {
        return 0;
    }
    let rest = &text[quantity.range.end..];
    let blanks = rest.len() - rest.trim_start_matches([' ', '\u{a0}', '\u{202f}']).len();
    let mark = rest[blanks..].chars().next();
    if let Some(c @ ('%' | '٪' | '％')) = mark {
        quantity.unit = Unit::Percent;
        quantity.range.end += blanks + c.len_utf8();
        return 0;
    }
    if let Some(code) = mark
        .filter(|c| !c.is_alphabetic())
        .and_then(|c| money(c.encode_utf8(&mut [0; 4])))
    {
        quantity.unit = Unit::Money(code);
        return 0;
    }
    let Some(word) = tokens.get(next).filter(|_| adjacent(text, tokens, next)) else {
        return 0;
    };
    match word.word.as_str() {
        "percent" | "percentage" | "prozent" | "процентов" | "pct" | "퍼센트" => {
            quantity.unit = Unit::Percent;
            quantity.range.end = word.range.end;
            return 1;
        }
        "per" if tokens.get(next + 1).is_some_and(|cent| cent.word == "cent") => {
            quantity.unit = Unit::Percent;
            quantity.range.end = tokens[next + 1].range.end;
            return 2;
        }
        _ => {}
    }
    if quantity.unit != Unit::Bare {
        return 0;
    }
    if let Some(code) = money(&word.word) {
        quantity.unit = Unit::Money(code);
    } else if let Some((base, factor)) = measure(&word.word) {
        quantity.unit = Unit::Measure(base);
        quantity.value *= factor;
        quantity.precision *= factor;
    } else {
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
        let noun =
            noun.or_else(|| (!word.stop && word.form == Form::Word).then(|| word.term.clone()));
        if let Some(noun) = noun {
            quantity.unit = Unit::Things(noun);
        }
    }
    0
}

/// How the words before the number bound it.
pub(super) fn bound(text: &str, tokens: &[Token], at: usize) -> Bound {
    let word = |back: usize| {
        at.checked_sub(back)
            .map_or("", |at| tokens[at].word.as_str())
    };
    match (word(2), word(1)) {
        (
            _,
            "about" | "around" | "nearly" | "almost" | "roughly" | "approximately" | "some"
            | "circa" | "etwa" | "rund" | "environ" | "около" | "approx",
        ) => Bound::About,
        ("more" | "greater" | "larger" | "higher", "than")
        | ("at", "least")
        | (_, "over" | "above" | "exceeding" | "exceeded") => Bound::Above,
        ("less" | "fewer" | "smaller" | "lower", "than")
        | ("at", "most")
        | (_, "under" | "below") => Bound::Below,
        ("up" | "close", "to") => Bound::About,
        _ if tokens
            .get(at)
            .is_some_and(|token| text[..token.range.start].ends_with(['~', '≈'])) =>
        {
            Bound::About
        }
        _ => Bound::Exact,
    }
}
