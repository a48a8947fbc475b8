//! Korean words without what is tied to them: counters behind figures, particles behind nouns.

/// Words that count, with the longest first among those that begin alike.
const COUNTERS: [&str; 44] = [
    "킬로미터",
    "센티미터",
    "밀리미터",
    "킬로그램",
    "밀리그램",
    "제곱미터",
    "퍼센트",
    "헥타르",
    "시간",
    "개월",
    "미터",
    "그램",
    "리터",
    "달러",
    "유로",
    "위안",
    "세기",
    "주년",
    "가지",
    "마리",
    "평방",
    "명",
    "원",
    "년",
    "월",
    "일",
    "시",
    "분",
    "초",
    "개",
    "톤",
    "도",
    "층",
    "권",
    "대",
    "살",
    "세",
    "회",
    "번",
    "배",
    "엔",
    "주",
    "곳",
    "인",
];
/// Magnitudes behind figures.
const MAGNITUDES: [&str; 7] = ["천만", "백만", "십만", "만", "억", "조", "천"];
/// Particles behind nouns, with the longest first among those that end alike.
const PARTICLES: [&str; 37] = [
    "이었습니다",
    "였습니다",
    "입니다",
    "이었다",
    "에서는",
    "으로는",
    "에게는",
    "이라고",
    "까지",
    "부터",
    "에게",
    "에서",
    "에는",
    "으로",
    "이다",
    "였다",
    "하고",
    "처럼",
    "보다",
    "에도",
    "과의",
    "와의",
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "의",
    "에",
    "로",
    "와",
    "과",
    "도",
    "만",
    "께",
    "랑",
];

/// True for a syllable.
pub const fn syllable(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}')
}

/// A word in the parts that are read by themselves: "3억원이다" is "3", "억", "원이다".
pub(super) fn parts(word: &str) -> impl Iterator<Item = &str> {
    let figures = word.find(syllable).filter(|end| {
        *end > 0
            && word[..*end]
                .chars()
                .all(|c| super::numbers::numerals::digit(c).is_some() || matches!(c, ',' | '.'))
    });
    let (number, rest) = word.split_at(figures.unwrap_or(0));
    let magnitude = MAGNITUDES
        .iter()
        .find(|name| figures.is_some() && rest.starts_with(**name))
        .map_or(0, |name| name.len());
    let (magnitude, counted) = rest.split_at(magnitude);
    [number, magnitude, counted]
        .into_iter()
        .filter(|part| !part.is_empty())
}

/// Length of a word without its particles; none where it has none.
pub(super) fn stem(word: &str) -> Option<usize> {
    if !word.starts_with(syllable) || !word.ends_with(syllable) {
        return None;
    }
    if let Some(counter) = COUNTERS.iter().find(|name| {
        word.strip_prefix(**name)
            .is_some_and(|tail| !tail.is_empty() && PARTICLES.contains(&tail))
    }) {
        return Some(counter.len());
    }
    PARTICLES
        .iter()
        .filter_map(|particle| word.strip_suffix(particle))
        .find(|bare| bare.chars().count() >= 2)
        .map(str::len)
}

/// What in a word says no, where something does.
pub fn negates(word: &str) -> bool {
    matches!(word, "안" | "못" | "아니다" | "아닙니다")
        || ["않", "없", "아니", "못하", "못했", "못한"]
            .iter()
            .any(|part| word.contains(part))
}

#[cfg(test)]
#[path = "tests/korean.rs"]
mod tests;
