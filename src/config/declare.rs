//! Declaration of settings: each is declared once, with its type, default, range and description.
//!
//! The declarations generate the structures that the program uses with their defaults, the keys
//! that a file and the environment may set, the range checks, the comments of `--print-config`, and
//! the page `docs/reference/configuration.md`.

use toml::Value;

/// Declares a table of settings. Each setting reads `name: Type = default`, then its range, if any, then
/// for settings of judges the kinds of judge that have it. The first paragraph of its description is
/// printed by `--print-config`; further ones stand on the reference page only.
macro_rules! settings {
    (
        $(#[$meta:meta])*
        $name:ident as $section:literal, $note:literal {
            $(
                $(#[doc = $doc:literal])+
                $(#[serde($($serde:tt)*)])?
                $key:ident: $type:ty = $default:expr
                $(, $low:literal to $high:literal)?
                $(, none or $least:literal to $most:literal)?
                $(, of $kinds:ident)?;
            )+
        }
        $(read {
            $( $(#[doc = $read_doc:literal])+ $read:ident: $read_type:ty; )+
        })?
    ) => {
        $(#[$meta])*
        #[derive(serde::Serialize, serde::Deserialize)]
        pub(crate) struct $name {
            $(
                $(#[doc = $doc])+
                $(#[serde($($serde)*)])?
                pub $key: $type,
            )+
            $($(
                $(#[doc = $read_doc])+
                #[serde(skip)]
                pub $read: $read_type,
            )+)?
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    $( $key: $default, )+
                    $($( $read: Default::default(), )+)?
                }
            }
        }

        impl $name {
            #[allow(clippy::unnecessary_cast, reason = "whole numbers are ranges of f64 too")]
            pub(in crate::config) const SECTION: $crate::config::declare::Section =
                $crate::config::declare::Section {
                    name: $section,
                    note: $note,
                    keys: &[$(
                        $crate::config::declare::Key {
                            name: stringify!($key),
                            description: &[$($doc),+],
                            ranges: &[
                                $($crate::config::declare::Range::new($low as f64, $high as f64))?
                                $($crate::config::declare::Range::or_none($least as f64, $most as f64))?
                            ],
                            kinds: $crate::config::declare::Kinds::All $(.only(
                                $crate::config::declare::Kinds::$kinds
                            ))?,
                        },
                    )+],
                };
        }
    };
}

pub(super) use settings;

/// The declaration of one table of the configuration file.
pub(super) struct Section {
    /// The table's name; empty for the keys before the first table.
    pub(super) name: &'static str,
    /// A note on all keys of the table, printed beside its heading; may be empty.
    pub(super) note: &'static str,
    pub(super) keys: &'static [Key],
}

#[derive(Clone, Copy)]
pub(super) struct Key {
    pub(super) name: &'static str,
    /// The lines of the setting's description, which users read.
    pub(super) description: &'static [&'static str],
    pub(super) ranges: &'static [Range],
    pub(super) kinds: Kinds,
}

impl Key {
    /// Declares a setting whose type is defined outside of this module, for judges of all kinds.
    pub(super) const fn of(
        name: &'static str,
        description: &'static [&'static str],
        ranges: &'static [Range],
    ) -> Self {
        Self {
            name,
            description,
            ranges,
            kinds: Kinds::All,
        }
    }

    /// Splits the description into paragraphs; there is at least one.
    pub(super) fn paragraphs(&self) -> Vec<String> {
        let lines: Vec<&str> = self.description.iter().map(|line| line.trim()).collect();
        let paragraphs = lines.split(|line| line.is_empty());
        paragraphs.map(|lines| lines.join(" ")).collect()
    }

    /// Returns a message if the value is a number outside of the setting's range.
    pub(super) fn fault(&self, value: &Value) -> Option<String> {
        let number = match value {
            Value::Integer(number) => *number as f64,
            Value::Float(number) => *number,
            _ => return None,
        };
        let range = self.ranges.first()?;
        (!range.holds(number)).then(|| format!("{number} is not in {range}"))
    }
}

/// The range of valid numbers, both ends included.
pub(super) struct Range {
    low: f64,
    high: f64,
    /// True if 0 is valid too, with the meaning of no limit.
    or_none: bool,
}

impl Range {
    pub(super) const fn new(low: f64, high: f64) -> Self {
        Self {
            low,
            high,
            or_none: false,
        }
    }

    pub(super) const fn or_none(low: f64, high: f64) -> Self {
        Self {
            low,
            high,
            or_none: true,
        }
    }

    /// Returns true if the number is valid; NaN never is.
    pub(super) fn holds(&self, number: f64) -> bool {
        (self.low..=self.high).contains(&number) || (self.or_none && number == 0.0)
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to {}", self.low, self.high)?;
        f.write_str(if self.or_none { ", or 0" } else { "" })
    }
}

/// The kinds of judge to which a setting applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinds {
    All,
    /// Language models. Other kinds accept the setting and ignore it.
    Online,
    /// Language models. It is an error for other kinds.
    OnlineOnly,
    /// `nli` and `spans`. It is an error for other kinds.
    FilesOnly,
}

impl Kinds {
    /// Returns the argument; lets the macro append the kinds only where a declaration names them.
    pub(super) const fn only(self, kinds: Self) -> Self {
        kinds
    }
}

/// Joins a section and a name to a key such as `server.bind`; either may be empty.
pub(super) fn join(section: &str, name: &str) -> String {
    if section.is_empty() || name.is_empty() {
        format!("{section}{name}")
    } else {
        format!("{section}.{name}")
    }
}
