//! Capabilities of the terminal, and the marks that are drawn within them.

use std::collections::BTreeMap;
use std::io::IsTerminal;

use crate::domain::verdict::Label;

/// The capabilities that the output may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// Whether ANSI colour codes may be written.
    pub colour: bool,
    /// Width in columns, 40 to 100.
    pub width: usize,
    /// Whether rules, bars and marks may use characters beyond ASCII.
    pub unicode: bool,
    /// Whether the last line may be redrawn, as a terminal allows.
    pub live: bool,
}

impl Style {
    /// Detects the capabilities of standard output from whether it is a terminal, and from
    /// `NO_COLOR`, `TERM`, `COLUMNS` and the locale of the given environment.
    pub(crate) fn detect(env: &BTreeMap<String, String>) -> Self {
        Self::of(env, std::io::stdout().is_terminal())
    }

    fn of(env: &BTreeMap<String, String>, terminal: bool) -> Self {
        let set = |name: &str| {
            env.get(name)
                .map(String::as_str)
                .filter(|value| !value.is_empty())
        };
        let capable = terminal && set("TERM") != Some("dumb");
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        // A terminal that does not report its width most often has 80 columns.
        let usual = if terminal { 80 } else { 88 };
        Self {
            colour: capable && set("NO_COLOR").is_none(),
            width: set("COLUMNS")
                .and_then(|text| text.parse().ok())
                .map_or(usual, |columns: usize| columns.clamp(40, 100)),
            unicode: locale.is_none_or(|name| {
                let name = name.to_ascii_lowercase();
                name.contains("utf-8") || name.contains("utf8")
            }),
            live: capable,
        }
    }

    /// Wraps the text in the codes of its colour, if colours may be used.
    pub(super) fn paint(self, paint: Paint, text: &str) -> String {
        match paint.code() {
            Some(code) if self.colour && !text.is_empty() => {
                format!("\u{1b}[{code}m{text}\u{1b}[0m")
            }
            _ => text.to_owned(),
        }
    }

    /// Selects the Unicode mark or its ASCII substitute.
    pub(super) const fn mark(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    /// Draws a bar of the given width, filled to `percent` (0 to 100; a value that is not finite
    /// counts as 0).
    pub(super) fn bar(self, columns: usize, percent: f64, paint: Paint) -> String {
        let share = if percent.is_finite() {
            percent.clamp(0.0, 100.0) / 100.0
        } else {
            0.0
        };
        let rounded = (columns as f64 * share).round() as usize;
        // A share below 100 % never fills the bar, also where it rounds up.
        let most = columns.saturating_sub(usize::from(share < 1.0));
        let filled = rounded.min(most);
        let full = self.mark("━", "#").repeat(filled);
        let rest = self.mark("─", "-").repeat(columns - filled);
        self.paint(paint, &full) + &self.paint(Paint::Dim, &rest)
    }
}

/// The meaning of a text's colour; the text must say the same in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Bold,
    Dim,
    Good,
    Doubt,
    Bad,
}

impl Paint {
    const fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("1"),
            Self::Dim => Some("2"),
            Self::Good => Some("32"),
            Self::Doubt => Some("33"),
            Self::Bad => Some("31"),
        }
    }

    pub(super) const fn of_label(label: Label) -> Self {
        match label {
            Label::Supported => Self::Good,
            Label::Refuted => Self::Bad,
            Label::NotEnoughInfo => Self::Doubt,
        }
    }
}

/// Returns the mark and the words of a label.
pub(super) const fn label_marks(style: Style, label: Label) -> (&'static str, &'static str) {
    match label {
        Label::Supported => (style.mark("✓", "+"), "SUPPORTED"),
        Label::Refuted => (style.mark("✗", "x"), "CONTRADICTED"),
        Label::NotEnoughInfo => ("?", "NOT SUPPORTED"),
    }
}

#[cfg(test)]
#[path = "tests/style.rs"]
mod tests;
