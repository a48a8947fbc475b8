//! Units of measure with their size in base units: metres, grams, seconds, litres, square metres, degrees
//! Celsius, kilopascals, parts in a thousand million, watts, watt-hours, bytes, hertz.

use super::quantity::System;

/// Seconds of a month on average (a twelfth of 365.25 days).
const MONTH: f64 = 2_629_800.0;
const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;

/// The unit that a word names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measure {
    /// The base unit that values are converted to.
    pub(super) base: &'static str,
    /// How many base units one of it is.
    pub(super) factor: f64,
    /// What is added before the factor counts: only for degrees.
    pub(super) offset: f64,
    /// What it belongs to.
    pub(super) system: System,
}

impl Measure {
    const fn of(base: &'static str, factor: f64, system: System) -> Self {
        Self {
            base,
            factor,
            offset: 0.0,
            system,
        }
    }
}

/// Names (parted by blanks), base unit, how many of it.
const METRIC: &[(&str, &str, f64)] = &[
    (
        "km kilometre kilometer kilometro 킬로미터 kilómetro kilomètre км километров",
        "m",
        1e3,
    ),
    ("m metre meter metro 미터 mètre metern метров", "m", 1.0),
    ("dm", "m", 0.1),
    (
        "cm centimetre 센티미터 centimeter zentimeter centímetro centimètre см",
        "m",
        0.01,
    ),
    ("mm millimetre 밀리미터 millimeter", "m", 1e-3),
    ("µm μm micrometre micrometer micron", "m", 1e-6),
    ("nm nanometre nanometer", "m", 1e-9),
    (
        "kg kilogram 킬로그램 kilogramme kilogramm kilo kilogramo кг",
        "g",
        1e3,
    ),
    ("g gram 그램 gramme gramm gramo grammo", "g", 1.0),
    ("mg milligram 밀리그램 milligramm miligramo", "g", 1e-3),
    ("µg μg mcg microgram mikrogramm", "g", 1e-6),
    ("tonne tonnen 톤 tonelada tonnellata тонн", "g", 1e6),
    ("ton", "g", 1e6),
    ("ms millisecond", "s", 1e-3),
    (
        "second sec sekunde sekunden seconde segundo secondo секунд",
        "s",
        1.0,
    ),
    ("minute min minuten minuto minuti минут", "s", 60.0),
    (
        "hour hr stunde stunden heure hora ora ore часов часа",
        "s",
        HOUR,
    ),
    (
        "day tag tage tagen jour día días giorno giorni дней дня",
        "s",
        DAY,
    ),
    ("night nacht nächte nuit noche notte", "night", 1.0),
    (
        "week woche wochen semaine semana settimana settimane недель недели",
        "s",
        7.0 * DAY,
    ),
    ("fortnight", "s", 14.0 * DAY),
    ("l litre 리터 liter litro litri литров", "l", 1.0),
    ("ml millilitre milliliter", "l", 1e-3),
    ("cl", "l", 0.01),
    ("hl", "l", 100.0),
    ("ha hectare 헥타르 hektar hectárea ettaro", "m2", 1e4),
    ("km² km2 sqkm", "m2", 1e6),
    ("m² m2 sqm", "m2", 1.0),
    ("mw megawatt", "w", 1e6),
    ("kw kilowatt", "w", 1e3),
    ("gw gigawatt", "w", 1e9),
    ("watt", "w", 1.0),
    ("kwh kilowatt-hour", "wh", 1e3),
    ("mwh", "wh", 1e6),
    ("gwh", "wh", 1e9),
    ("twh", "wh", 1e12),
    ("kcal", "kcal", 1.0),
    ("kj", "kj", 1.0),
    ("degree grad degré grado градусов", "degree", 1.0),
    ("celsius centigrade °c ℃", "celsius", 1.0),
    ("kpa kilopascal", "kpa", 1.0),
    ("hpa mbar millibar hectopascal", "kpa", 0.1),
    ("mpa megapascal", "kpa", 1e3),
    ("pascal", "kpa", 1e-3),
    ("bar", "kpa", 100.0),
    ("atm", "kpa", 101.325),
    ("ppm", "ppb", 1e3),
    ("ppb", "ppb", 1.0),
    ("ppt", "ppb", 1e-3),
    ("kb kilobyte", "byte", 1e3),
    ("mb megabyte", "byte", 1e6),
    ("gb gigabyte", "byte", 1e9),
    ("tb terabyte", "byte", 1e12),
    ("pb petabyte", "byte", 1e15),
    ("mib", "byte", 1_048_576.0),
    ("gib", "byte", 1_073_741_824.0),
    ("mbit", "bit", 1e6),
    ("gbit", "bit", 1e9),
    ("hz hertz", "hz", 1.0),
    ("khz", "hz", 1e3),
    ("mhz", "hz", 1e6),
    ("ghz", "hz", 1e9),
    ("kmh", "kmh", 1.0),
    ("rpm", "rpm", 1.0),
    ("volt", "v", 1.0),
    ("kv", "v", 1e3),
    ("db decibel", "db", 1.0),
];
const CALENDAR: &[(&str, &str, f64)] = &[
    (
        "month monat monate monaten mois mes meses mese mesi месяцев месяца",
        "s",
        MONTH,
    ),
    ("quarter-year", "s", 3.0 * MONTH),
    (
        "year yr jahr jahre jahren année año años anno anni лет года",
        "s",
        12.0 * MONTH,
    ),
    (
        "decade jahrzehnt jahrzehnte década décennie",
        "s",
        120.0 * MONTH,
    ),
    (
        "century centuries jahrhundert siècle siglo",
        "s",
        1_200.0 * MONTH,
    ),
];
const CUSTOMARY: &[(&str, &str, f64)] = &[
    ("mile mi", "m", 1_609.344),
    ("foot feet ft", "m", 0.3048),
    ("inch inche inches", "m", 0.0254),
    ("yard yd", "m", 0.9144),
    ("pound lb", "g", 453.592_37),
    ("ounce oz", "g", 28.349_523),
    ("stone", "g", 6_350.293),
    ("acre", "m2", 4_046.856),
    ("gallon", "l", 3.785_412),
    ("pint", "l", 0.473_176),
    ("psi", "kpa", 6.894_757),
    ("mph", "kmh", 1.609_344),
    ("knot", "kmh", 1.852),
];

/// The unit that a word names, in the singular or the plural.
pub(super) fn measure(word: &str) -> Option<Measure> {
    // "Room 2 has 40 seats" speaks of no hectares.
    if word == "has" {
        return None;
    }
    if matches!(word, "fahrenheit" | "°f" | "℉") {
        return Some(Measure {
            base: "celsius",
            factor: 5.0 / 9.0,
            offset: -32.0,
            system: System::Customary,
        });
    }
    let singular = word
        .strip_suffix('s')
        .filter(|bare| bare.len() > 1)
        .unwrap_or(word);
    let find = |table: &[(&str, &'static str, f64)], system| {
        table
            .iter()
            .find(|(names, _, _)| {
                names
                    .split(' ')
                    .any(|name| name == word || name == singular)
            })
            .map(|(_, base, factor)| Measure::of(base, *factor, system))
    };
    find(METRIC, System::Metric)
        .or_else(|| find(CALENDAR, System::Calendar))
        .or_else(|| find(CUSTOMARY, System::Customary))
}

/// Days of a period that a word names in the singular ("day", "Woche", "h").
pub(super) fn period(word: &str) -> Option<f64> {
    match word {
        "h" => return Some(1.0 / 24.0),
        "s" => return Some(1.0 / DAY),
        "night" | "nacht" | "nuit" | "noche" => return Some(1.0),
        "quarter" | "quartal" => return Some(3.0 * MONTH / DAY),
        "annum" => return Some(12.0 * MONTH / DAY),
        "an" => return None,
        _ => {}
    }
    measure(word)
        .filter(|found| found.base == "s")
        .map(|found| found.factor / DAY)
}

/// True for the name of a measure, in the singular or plural.
pub(in crate::text) fn is_measure(word: &str) -> bool {
    measure(word).is_some()
}

#[cfg(test)]
#[path = "tests/measures.rs"]
mod tests;
