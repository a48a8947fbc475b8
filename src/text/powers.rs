//! Converts powers of ten and fractions in one character to plain digits.

/// Maximum exponent for which a power of ten is written out.
const POWER: i32 = 18;

/// Parses the exponent of ten after a number, and returns the number of its bytes: "e6", "×10⁶", "x
/// 10^6". A ten alone is its own base.
pub(super) fn exponent(mantissa: &str, behind: &str) -> Option<(i32, usize)> {
    if let Some(rest) = behind.strip_prefix(['e', 'E']) {
        let (power, length) = signed(rest)?;
        let ends = !rest[length..].starts_with(char::is_alphanumeric);
        let first = rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
        return (ends && first).then_some((power, 1 + length));
    }
    if mantissa == "10"
        && let Some((power, length)) = raised(behind)
    {
        return Some((power - 1, length));
    }
    let rest = behind.trim_start_matches(' ');
    let blanks = behind.len() - rest.len();
    let sign = ["×", "·", "⋅", "x", "*", "\\times", "\\cdot", "&times;"]
        .iter()
        .find(|sign| rest.starts_with(**sign))?;
    let tail = rest[sign.len()..].trim_start_matches(' ');
    let (power, length) = raised(tail.strip_prefix("10")?)?;
    let skipped = rest.len() - sign.len() - tail.len();
    (blanks <= 1).then_some((power, blanks + sign.len() + skipped + 2 + length))
}

/// Parses a superscript exponent: "⁶", "^6", "^{6}", "<sup>6</sup>", "**6".
fn raised(rest: &str) -> Option<(i32, usize)> {
    for (open, shut) in [
        ("<sup>", "</sup>"),
        ("^{", "}"),
        ("^(", ")"),
        ("^", ""),
        ("**", ""),
    ] {
        if let Some(inner) = rest.strip_prefix(open) {
            let (power, length) = signed(inner)?;
            let closed = inner[length..].starts_with(shut);
            return closed.then_some((power, open.len() + length + shut.len()));
        }
    }
    let run: String = rest
        .chars()
        .take(3)
        .map_while(|c| match c {
            '⁰' => Some('0'),
            '¹' => Some('1'),
            '²' => Some('2'),
            '³' => Some('3'),
            '⁴'..='⁹' => char::from_digit(c as u32 - 0x2070, 10),
            '⁻' => Some('-'),
            _ => None,
        })
        .collect();
    let length = rest
        .chars()
        .take(run.chars().count())
        .map(char::len_utf8)
        .sum();
    run.parse().ok().map(|power| (power, length))
}

fn signed(rest: &str) -> Option<(i32, usize)> {
    let (sign, skip) = match rest.chars().next()? {
        '-' => (-1, 1),
        '−' => (-1, '−'.len_utf8()),
        '+' => (1, 1),
        _ => (1, 0),
    };
    let digits = rest[skip..].bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=2).contains(&digits) {
        return None;
    }
    let value: i32 = rest[skip..skip + digits].parse().ok()?;
    Some((sign * value, skip + digits))
}

/// Returns the digits of `mantissa · 10^power`, written out.
pub(super) fn shifted(mantissa: &str, power: i32) -> Option<String> {
    if power.abs() > POWER || mantissa.len() > 12 {
        return None;
    }
    let clean = mantissa.replace(',', ".");
    let (whole, decimals) = clean.split_once('.').unwrap_or((&clean, ""));
    if decimals.contains('.') {
        return None;
    }
    let mut digits = format!("{whole}{decimals}");
    let mut point = i32::try_from(whole.len()).ok()? + power;
    while point < 1 {
        digits.insert(0, '0');
        point += 1;
    }
    let point = usize::try_from(point).ok()?;
    while digits.len() < point {
        digits.push('0');
    }
    let (whole, decimals) = digits.split_at(point);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        kept => kept,
    };
    Some(if decimals.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{decimals}")
    })
}

pub(super) fn written(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
