//! Durations as people write them: `90s`, `15m`, `24h`, `7d`.

use std::time::Duration;

/// Parses a whole number with one of the units `s`, `m`, `h` and `d`; `None` for anything else.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let number: u32 = text.strip_suffix(unit)?.parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(u64::from(number) * seconds))
}
