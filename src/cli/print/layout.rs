//! Layout of the output: sections, rules, margins and the status line.

use std::io::{self, Write};

use super::Printer;
use super::style::Paint;
use super::wrap::wrap;

impl<W: Write> Printer<W> {
    /// Prints the heading of a section, unless that section is open already.
    pub(super) fn section(&mut self, title: &'static str) -> io::Result<()> {
        if self.section != Some(title) {
            self.section = Some(title);
            self.gap()?;
            self.rule(title)?;
            self.gap()?;
        }
        Ok(())
    }

    /// Prints a horizontal rule that begins with the title.
    pub(super) fn rule(&mut self, title: &str) -> io::Result<()> {
        let style = self.style;
        let title = if title.is_empty() {
            String::new()
        } else {
            format!("{title} ")
        };
        let columns = self.line_end().saturating_sub(2 + title.len());
        let line = style.mark("─", "-").repeat(columns);
        self.line(&format!(
            "  {}{}",
            style.paint(Paint::Bold, &title),
            style.paint(Paint::Dim, &line)
        ))
    }

    /// Prints wrapped text, each line after the margin, which must be ASCII and uncoloured.
    pub(super) fn wrapped(
        &mut self,
        margin: &str,
        runs: &[(Paint, &str)],
        max_lines: usize,
    ) -> io::Result<()> {
        self.quoted(margin, margin.len(), runs, max_lines)
    }

    /// Prints wrapped text, each line after a margin of the given width in columns.
    pub(super) fn quoted(
        &mut self,
        margin: &str,
        columns: usize,
        runs: &[(Paint, &str)],
        max_lines: usize,
    ) -> io::Result<()> {
        self.lines(margin, margin, columns, runs, max_lines)
    }

    /// Prints wrapped text with a hanging indent: the first line begins with a label, the others
    /// with `columns` spaces.
    pub(super) fn hanging(
        &mut self,
        first: &str,
        columns: usize,
        runs: &[(Paint, &str)],
        max_lines: usize,
    ) -> io::Result<()> {
        self.lines(first, &" ".repeat(columns), columns, runs, max_lines)
    }

    fn lines(
        &mut self,
        first: &str,
        others: &str,
        columns: usize,
        runs: &[(Paint, &str)],
        max_lines: usize,
    ) -> io::Result<()> {
        let room = self.line_end().saturating_sub(columns);
        let mut margin = first;
        for line in wrap(runs, room, max_lines, self.ellipsis()) {
            let mut text = margin.to_owned();
            for (paint, run) in line {
                text += &self.style.paint(paint, &run);
            }
            self.line(&text)?;
            margin = others;
        }
        Ok(())
    }

    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        self.gap = false;
        writeln!(self.out, "{text}")
    }

    /// Prints an empty line, unless the last line is empty already.
    pub(super) fn gap(&mut self) -> io::Result<()> {
        if !self.gap {
            writeln!(self.out)?;
        }
        self.gap = true;
        Ok(())
    }

    /// The last usable column; a margin of two columns stays free on the right.
    pub(super) const fn line_end(&self) -> usize {
        self.style.width - 2
    }

    pub(super) const fn ellipsis(&self) -> &'static str {
        self.style.mark("…", "...")
    }

    pub(super) fn draw_status(&mut self) -> io::Result<()> {
        if self.style.live && !self.status.is_empty() {
            write!(self.out, "{}", self.status)?;
        }
        Ok(())
    }
}
