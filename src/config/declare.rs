//! How a setting is declared: once, with its type, its default, its range and its description.
//!
//! From the declarations come the structures that the program uses and their defaults, what a file and
//! the environment may set, the range that is checked, the comments of `--print-config`, and the page
//! `docs/reference/configuration.md`.

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

/// A table of the file.
pub(super) struct Section {
    /// Empty for the keys that stand before the first table.
    pub(super) name: &'static str,
    /// What holds for all its keys; may be empty.
    pub(super) note: &'static str,
    pub(super) keys: &'static [Key],
}

#[derive(Clone, Copy)]
pub(super) struct Key {
    pub(super) name: &'static str,
    /// The lines of its documentation comment.
    pub(super) description: &'static [&'static str],
    pub(super) ranges: &'static [Range],
    pub(super) kinds: Kinds,
}

impl Key {
    /// A setting of a type that is declared elsewhere.
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

    /// The paragraphs of its description; there is one at least.
    pub(super) fn paragraphs(&self) -> Vec<String> {
        let lines: Vec<&str> = self.description.iter().map(|line| line.trim()).collect();
        let paragraphs = lines.split(|line| line.is_empty());
        paragraphs.map(|lines| lines.join(" ")).collect()
    }

    /// What is wrong with a number that is out of its range.
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

/// The numbers that a setting may have.
pub(super) struct Range {
    low: f64,
    high: f64,
    /// Whether 0 may stand for no limit.
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

    /// Not a number is in no range.
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

/// The kinds of judge that have a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinds {
    All,
    /// Language models; other kinds may have it, where it does nothing.
    Online,
    /// Language models; an error at other kinds.
    OnlineOnly,
    /// `nli` and `spans`; an error at other kinds.
    FilesOnly,
}

impl Kinds {
    /// For the macro, where the kinds may be left out.
    pub(super) const fn only(self, kinds: Self) -> Self {
        kinds
    }
}

/// The key of a setting within its section; either may be empty.
pub(super) fn join(section: &str, name: &str) -> String {
    if section.is_empty() || name.is_empty() {
        format!("{section}{name}")
    } else {
        format!("{section}.{name}")
    }
}
