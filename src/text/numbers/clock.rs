//! Times of day: "15:00", "3 p.m.", "9:30 am EST", "14h30", "15 Uhr", "noon", "T18:05:00Z".

use super::super::tokens::{Form, Token};
use super::adjacency::adjacent;
use super::quantity::{CLOCK, Quantity, Unit};

/// Minutes that the clocks of a zone are ahead of UTC.
const ZONES: &[(&str, i16)] = &[
    ("utc gmt z wet zulu", 0),
    ("bst cet mez west wat", 60),
    ("cest mesz eet cat sast", 120),
    ("eest msk eat trt", 180),
    ("gst", 240),
    ("pkt", 300),
    ("ist", 330),
    ("ict wib", 420),
    ("sgt hkt awst", 480),
    ("jst kst", 540),
    ("aest", 600),
    ("aedt", 660),
    ("nzst", 720),
    ("nzdt", 780),
    ("brt art", -180),
    ("edt ast", -240),
    ("est cdt", -300),
    ("cst mdt", -360),
    ("mst pdt", -420),
    ("pst akdt", -480),
    ("akst", -540),
    ("hst", -600),
];

/// The time that begins with the token, and how many tokens it takes.
pub(super) fn clock(text: &str, tokens: &[Token], at: usize) -> Option<(Quantity, usize)> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let named = match word(at) {
        "noon" | "midday" | "mittags" | "midi" | "mediodía" => Some(720.0),
        "midnight" | "mitternacht" | "minuit" | "medianoche" => Some(0.0),
        _ => None,
    };
    let (minutes, mut length, mut end) = match named {
        Some(minutes) => (minutes, 1, tokens[at].range.end),
        None => digits(text, tokens, at)?,
    };
    let mut zone = None;
    if let Some((minutes, more, to)) = self::zone(text, tokens, at + length, end) {
        zone = Some(minutes);
        length += more;
        end = to;
    }
    let mut quantity = Quantity::new(tokens[at].range.start..end, minutes, 0.5);
    quantity.unit = Unit::Measure(CLOCK);
    quantity.zone = zone;
    Some((quantity, length))
}

/// Minutes after midnight of a time in digits, its tokens and the byte behind it.
fn digits(text: &str, tokens: &[Token], at: usize) -> Option<(f64, usize, usize)> {
    let token = tokens.get(at).filter(|token| token.form == Form::Number)?;
    let short = |word: &str| -> Option<f64> {
        let plain = (1..=2).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| word.parse().ok()).flatten()
    };
    let joined = |at: usize, mark: &str| {
        tokens.get(at).is_some_and(|token| {
            text.get(tokens[at - 1].range.end..token.range.start) == Some(mark)
        })
    };
    // "2024-11-02T18:05:00Z": the hours hang on the day.
    if let Some((_, hours)) = token.word.split_once('t') {
        let hours = short(hours).filter(|hours| *hours < 24.0 && token.word.len() == 5)?;
        let minutes = tokens.get(at + 1).filter(|_| joined(at + 1, ":"))?;
        let zulu = minutes.word.trim_end_matches('z');
        let mut end = minutes.range.end - (minutes.word.len() - zulu.len());
        let value = hours.mul_add(60.0, short(zulu).filter(|minutes| *minutes < 60.0)?);
        let mut length = if zulu.len() == minutes.word.len() {
            2
        } else {
            1
        };
        if length == 2 && joined(at + 2, ":") {
            let seconds = tokens[at + 2].word.trim_end_matches('z');
            end = tokens[at + 2].range.start + seconds.len();
            length = if seconds.len() == tokens[at + 2].word.len() {
                3
            } else {
                2
            };
        }
        return Some((value, length, end));
    }
    let mut word = token.word.as_str();
    let mut half = "";
    for tail in ["am", "pm", "uhr", "h"] {
        if let Some(bare) = word.strip_suffix(tail) {
            (word, half) = (bare, tail);
        }
    }
    // "14h30".
    if let Some((hours, minutes)) = word.split_once('h') {
        let (hours, minutes) = (short(hours)?, short(minutes)?);
        let fits = hours < 24.0 && minutes < 60.0;
        return fits.then_some((hours.mul_add(60.0, minutes), 1, token.range.end));
    }
    let mut length = 1;
    let mut minutes = 0.0;
    let mut hours = match short(word) {
        Some(hours) => hours,
        // "9.30 Uhr", "7.15 a.m.": only with the word behind it, else it is a number.
        None => {
            let (hours, rest) = word.split_once('.')?;
            minutes = short(rest).filter(|minutes| rest.len() == 2 && *minutes < 60.0)?;
            short(hours)?
        }
    };
    if hours > 24.0 {
        return None;
    }
    let dotted = word.contains('.');
    let mut colon = false;
    if half.is_empty() && !dotted && joined(at + 1, ":") {
        let next = &tokens[at + 1].word;
        let mut rest = next.as_str();
        for tail in ["am", "pm", "z", "uhr"] {
            if let Some(bare) = rest.strip_suffix(tail) {
                (rest, half) = (bare, tail);
            }
        }
        if let Some(found) = short(rest).filter(|found| *found < 60.0 && rest.len() == 2) {
            minutes = found;
            length = 2;
            colon = true;
            // Seconds.
            if half.is_empty() && joined(at + 2, ":") && tokens[at + 2].word.len() == 2 {
                length = 3;
            }
        } else {
            half = "";
        }
    }
    let mut end = tokens[at + length - 1].range.end;
    if half == "z" {
        half = "";
        end -= 1;
    }
    if half.is_empty()
        && let Some(next) = tokens
            .get(at + length)
            .filter(|_| adjacent(text, tokens, at + length))
        && let Some(found) = match next.word.as_str() {
            "am" | "a.m" | "a.m." => Some("am"),
            "pm" | "p.m" | "p.m." => Some("pm"),
            "uhr" => Some("uhr"),
            _ => None,
        }
    {
        // "am" is "on the" in German: no half of the day behind a plain number there.
        let german = found == "am"
            && next.word == "am"
            && text[next.range.end..].starts_with(" ")
            && tokens
                .get(at + length + 1)
                .is_some_and(|after| after.capital || after.form == Form::Number)
            && !colon;
        if !german {
            half = found;
            end = next.range.end;
            length += 1;
            // "Uhr" may have its minutes behind it: "9 Uhr 30".
            if found == "uhr"
                && !colon
                && !dotted
                && let Some(found) = tokens
                    .get(at + length)
                    .filter(|_| adjacent(text, tokens, at + length))
                    .and_then(|token| short(&token.word))
                    .filter(|found| *found < 60.0)
            {
                minutes = found;
                end = tokens[at + length].range.end;
                length += 1;
            }
        }
    }
    match half {
        "am" if hours <= 12.0 => hours %= 12.0,
        "pm" if hours <= 12.0 => hours = hours % 12.0 + 12.0,
        "uhr" => {}
        "h" if !dotted && hours <= 24.0 && hour_lead(text, tokens, at) => {}
        _ if !colon => return None,
        _ => {}
    }
    Some((hours.mul_add(60.0, minutes), length, end))
}

/// "à 14 h": a time of day, where "14 h" by itself is a duration.
fn hour_lead(text: &str, tokens: &[Token], at: usize) -> bool {
    at > 0
        && adjacent(text, tokens, at)
        && matches!(
            tokens[at - 1].word.as_str(),
            "à" | "a" | "at" | "um" | "dès" | "alle" | "vers"
        )
}

/// The zone behind a time: minutes ahead of UTC, its tokens and the byte behind it.
fn zone(text: &str, tokens: &[Token], next: usize, from: usize) -> Option<(i16, usize, usize)> {
    let rest = text.get(from..)?;
    // A letter or an offset right behind the digits.
    if rest.starts_with(['Z', 'z']) && !rest[1..].starts_with(char::is_alphanumeric) {
        let taken = tokens
            .get(next)
            .is_some_and(|token| token.range.start < from + 1);
        return Some((0, usize::from(taken), from + 1));
    }
    let mut minutes = 0;
    let mut length = 0;
    let mut end = from;
    if let Some(token) = tokens.get(next).filter(|token| {
        token.range.start >= from
            && text[from..token.range.start]
                .trim_matches(['(', ',', '.', ' ', '\u{a0}', '\u{202f}'])
                .is_empty()
    }) {
        let known = ZONES
            .iter()
            .find(|(names, _)| names.split(' ').any(|name| name == token.word));
        // In capitals, or "14:30 Uhr MEZ": "est" is French for "is".
        if let Some((_, ahead)) = known.filter(|_| token.acronym) {
            minutes = *ahead;
            length = 1;
            end = token.range.end;
        }
    }
    let tail = &text[end..];
    if let Some(sign) = tail.chars().next().filter(|c| matches!(c, '+' | '-' | '−'))
        && let Some(token) = tokens.get(next + length).filter(|token| {
            token.range.start == end + sign.len_utf8()
                && token.word.bytes().all(|b| b.is_ascii_digit())
        })
    {
        let colon = text[token.range.end..].starts_with(':');
        let two = tokens.get(next + length + 1).filter(|_| colon);
        let value: i16 = token.word.parse().ok()?;
        let (hours, rest) = if token.word.len() == 4 {
            (value / 100, value % 100)
        } else {
            (value, 0)
        };
        let rest = two.and_then(|two| two.word.parse().ok()).unwrap_or(rest);
        if hours <= 14 && rest < 60 && (length == 1 || colon || token.word.len() == 4) {
            let ahead = hours * 60 + rest;
            minutes += if sign == '+' { ahead } else { -ahead };
            length += 1 + usize::from(two.is_some());
            end = two.unwrap_or(token).range.end;
            return Some((minutes, length, end));
        }
    }
    (length > 0).then_some((minutes, length, end))
}

#[cfg(test)]
#[path = "tests/clock.rs"]
mod tests;
