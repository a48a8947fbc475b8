//! Places the blocks of a report on the sheets.

use krilla::Document;
use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::outline::{Outline, OutlineNode};

use super::super::charts::{Anchor, Chart, Ink, Shape};
use super::super::report::{Block, Line, Style, Table, ours, styled};
use super::super::unmade::Unmade;
use super::parts::{Part, Role};
use super::sheet::{HEIGHT, MAX_SHEETS, Mark, Sheets, WIDTH};
use super::texts::{Direction, LEADING, Look, Set, Typesetter, color};
use crate::computing::checkpoint;

const MARGIN: f32 = 54.0;
const INNER: f32 = WIDTH - 2.0 * MARGIN;
const BOTTOM: f32 = HEIGHT - MARGIN;
const BODY: f32 = 9.5;
const SMALL: f32 = 8.5;

/// Width of the column with the names of facts.
const NAMES: f32 = 130.0;

/// Minimum space below a heading on its sheet.
const BELOW_HEADING: f32 = 50.0;

/// Fills sheets from top to bottom.
pub(super) struct Writer {
    types: Typesetter,
    sheets: Sheets,
    outline: Outline,
    footer: String,
    y: f32,
    /// True if some content was left out.
    is_cut: bool,
    failed: Option<Unmade>,
}

impl Writer {
    pub(super) fn new(types: Typesetter, footer: String) -> Self {
        Self {
            types,
            sheets: Sheets::new(),
            outline: Outline::new(),
            footer,
            y: MARGIN,
            is_cut: false,
            failed: None,
        }
    }

    pub(super) fn title(&mut self, title: &'static str) {
        let line = vec![ours(title)];
        let part = self.sheets.begin(Role::Heading(1), None);
        self.row(&[(0.0, INNER, part, &line)], Look::default().bold(), 20.0);
        self.y += 6.0;
    }

    /// Adds a block. A heading is kept on one sheet with the block `next` after it.
    pub(super) fn block(&mut self, block: &Block<'_>, next: Option<&Block<'_>>) {
        match block {
            Block::Heading(level, line) => {
                let below = match next {
                    Some(Block::Chart(chart)) => height(chart),
                    _ => BELOW_HEADING,
                };
                self.heading(*level, line, below);
            }
            Block::Text(line) => {
                let part = self.sheets.begin(Role::Paragraph, None);
                self.paragraphs(part, line, Direction::Ours, 0.0, INNER, None);
                self.y += 4.0;
            }
            Block::Quote(line) => {
                self.quote(line);
                self.y += 6.0;
            }
            Block::List(lines) => {
                let bullet = vec![ours("•")];
                let list = self.sheets.begin(Role::List, None);
                for line in lines {
                    if self.is_full() {
                        break;
                    }
                    let item = self.sheets.begin(Role::Item, Some(list));
                    let body = self.sheets.begin(Role::Body, Some(item));
                    let cells = [(4.0, 10.0, body, &bullet), (14.0, INNER - 14.0, body, line)];
                    self.row(&cells, Look::default(), BODY);
                }
                self.y += 4.0;
            }
            Block::Facts(facts) => {
                let table = self.sheets.begin(Role::Table, None);
                for (name, line) in facts {
                    let row = self.sheets.begin(Role::Row, Some(table));
                    let (named, told) = (
                        self.sheets.begin(Role::RowName, Some(row)),
                        self.sheets.begin(Role::Cell, Some(row)),
                    );
                    let name = vec![styled(*name, Style::Muted)];
                    let cells = [
                        (0.0, NAMES - 10.0, named, &name),
                        (NAMES, INNER - NAMES, told, line),
                    ];
                    self.row(&cells, Look::default(), BODY);
                }
                self.y += 4.0;
            }
            Block::Table(table) => self.table(table),
            Block::Chart(chart) => self.chart(chart),
        }
    }

    /// Returns the document and its outline.
    pub(super) fn finish(mut self) -> Result<(Document, Outline), Unmade> {
        if self.is_cut {
            let text = format!(
                "The rest is not shown: a PDF has at most {MAX_SHEETS} pages. The other formats have all of it."
            );
            let line = vec![styled(text, Style::Strong)];
            let part = self.sheets.begin(Role::Paragraph, None);
            self.row(&[(0.0, INNER, part, &line)], Look::default(), BODY);
        }
        self.turn();
        match self.failed {
            Some(failed) => Err(failed),
            None => Ok((self.sheets.into_document(), self.outline)),
        }
    }

    fn heading(&mut self, level: u8, line: &Line<'_>, below: f32) {
        let (size, before) = if level == 2 {
            (13.0, 12.0)
        } else {
            (10.5, 6.0)
        };
        self.y += before;
        if self.y + size * LEADING + below > BOTTOM {
            self.turn();
        }
        if level == 2 {
            let text: String = line.iter().map(|piece| &*piece.text).collect();
            let place = Point::from_xy(MARGIN, self.y);
            let destination = XyzDestination::new(self.sheets.at(), place);
            self.outline.push_child(OutlineNode::new(text, destination));
        }
        let part = self.sheets.begin(Role::Heading(level.into()), None);
        self.row(&[(0.0, INNER, part, line)], Look::default().bold(), size);
        self.y += 3.0;
    }

    fn table(&mut self, table: &Table<'_>) {
        let head = table
            .head
            .iter()
            .map(|name| vec![styled(*name, Style::Strong)]);
        let head: Vec<Line<'_>> = head.collect();
        let whole = self.sheets.begin(Role::Table, None);
        let rows = table.rows.iter().map(|row| (Role::Cell, row));
        for (role, row) in std::iter::once((Role::ColumnName, &head)).chain(rows) {
            checkpoint();
            if self.is_full() {
                break;
            }
            let mut left = 0.0;
            let mut cells = Vec::new();
            let in_row = self.sheets.begin(Role::Row, Some(whole));
            for (share, line) in table.widths.iter().zip(row) {
                let width = share * INNER;
                let part = self.sheets.begin(role.clone(), Some(in_row));
                cells.push((left, width - 6.0, part, line));
                left += width;
            }
            self.row(&cells, Look::default(), SMALL);
            let rule = vec![(MARGIN, self.y + 1.0), (MARGIN + INNER, self.y + 1.0)];
            self.sheets.put(Mark::Curve(rule, 0.5, color(Ink::Faint)));
            self.y += 3.0;
        }
        self.y += 4.0;
    }

    /// An audited text, with a line along its side.
    fn quote(&mut self, line: &Line<'_>) {
        let part = self.sheets.begin(Role::Quote, None);
        self.paragraphs(
            part,
            line,
            Direction::Theirs,
            10.0,
            INNER - 10.0,
            Some(Ink::Faint),
        );
    }

    /// A text that may be long: each paragraph is drawn and dropped before the next is laid out.
    fn paragraphs(
        &mut self,
        part: Part,
        line: &Line<'_>,
        direction: Direction,
        left: f32,
        width: f32,
        rule: Option<Ink>,
    ) {
        for paragraph in Typesetter::paragraphs(line, Look::default(), direction) {
            if self.is_full() {
                break;
            }
            if paragraph.0.is_empty() {
                self.begin_line(BODY * LEADING, rule);
                self.y += BODY * LEADING;
                continue;
            }
            let set = self.types.set_one(paragraph, BODY, Some(width));
            self.down(&[(left, part, vec![set])], BODY, rule);
        }
    }

    /// Returns true if all sheets are full; further content is left out.
    pub(super) fn is_full(&mut self) -> bool {
        self.is_cut |= self.sheets.at() >= MAX_SHEETS;
        self.is_cut
    }

    /// Draws the cells of a row, each with its left edge, its width and its part of the structure.
    fn row(&mut self, cells: &[(f32, f32, Part, &Line<'_>)], look: Look, size: f32) {
        let cells: Vec<(f32, Part, Vec<Set>)> = cells
            .iter()
            .map(|(left, width, part, line)| {
                let width = Some(*width);
                (
                    *left,
                    *part,
                    self.types.set(line, look, size, width, Direction::Ours),
                )
            })
            .collect();
        self.down(&cells, size, None);
    }

    /// Draws lines of adjacent columns downwards; what does not fit continues on the next sheet.
    fn down(&mut self, cells: &[(f32, Part, Vec<Set>)], size: f32, rule: Option<Ink>) {
        let height = size * LEADING;
        let mut waiting: Vec<Vec<(f32, Part, &Set, usize)>> = Vec::new();
        for (left, part, sets) in cells {
            let lines = sets
                .iter()
                .flat_map(|set| (0..set.lines()).map(move |line| (*left, *part, set, line)));
            for (at, line) in lines.enumerate() {
                if waiting.len() <= at {
                    waiting.push(Vec::new());
                }
                waiting[at].push(line);
            }
        }
        for lines in waiting {
            checkpoint();
            self.begin_line(height, rule);
            for (left, part, set, line) in lines {
                for mark in self.types.marks(set, line, MARGIN + left, self.y) {
                    self.sheets.put_into(part, mark);
                }
            }
            self.y += height;
        }
    }

    /// Makes space for a line, on the next sheet if necessary.
    fn begin_line(&mut self, height: f32, rule: Option<Ink>) {
        if self.y + height > BOTTOM {
            self.turn();
        }
        if let Some(ink) = rule {
            let bar = [MARGIN, self.y, 2.0, height];
            self.sheets.put(Mark::Bar(bar, color(ink)));
        }
    }

    fn chart(&mut self, chart: &Chart) {
        let scale = scale(chart);
        let caption = vec![styled(chart.title, Style::Muted)];
        if self.y + height(chart) > BOTTOM {
            self.turn();
        }
        let named = self.sheets.begin(Role::Paragraph, None);
        self.row(&[(0.0, INNER, named, &caption)], Look::default(), SMALL);
        let top = self.y;
        let shows = Role::Figure(chart.description.clone());
        let part = self.sheets.begin(shows, None);
        for shape in &chart.drawing.shapes {
            self.shape(part, shape, top, scale);
        }
        self.y += chart.drawing.height * scale + 6.0;
    }

    fn shape(&mut self, part: Part, shape: &Shape, top: f32, scale: f32) {
        let on = |(x, y): (f32, f32)| (MARGIN + x * scale, top + y * scale);
        match shape {
            Shape::Bar(at, (width, height), ink) => {
                let (left, top) = on(*at);
                let bar = [left, top, width * scale, height * scale];
                self.sheets.put_into(part, Mark::Bar(bar, color(*ink)));
            }
            Shape::Curve(points, width, ink) => {
                let points = points.iter().map(|point| on(*point)).collect();
                self.sheets
                    .put_into(part, Mark::Curve(points, width * scale, color(*ink)));
            }
            Shape::Dot(at, radius, ink) => {
                self.sheets
                    .put_into(part, Mark::Dot(on(*at), radius * scale, color(*ink)));
            }
            Shape::Label(at, size, anchor, ink, text) => {
                let size = size * scale;
                let line = vec![ours(text.as_str())];
                let sets = self
                    .types
                    .set(&line, Look::of(*ink), size, None, Direction::Ours);
                let Some(set) = sets.first() else { return };
                let (x, y) = on(*at);
                let left = match anchor {
                    Anchor::Start => x,
                    Anchor::Middle => x - set.width() / 2.0,
                    Anchor::End => x - set.width(),
                };
                // The baseline is about three quarters of the line height below its top.
                for mark in self.types.marks(set, 0, left, y - size * LEADING * 0.76) {
                    self.sheets.put_into(part, mark);
                }
            }
        }
    }

    /// Completes the sheet with its footer.
    fn turn(&mut self) {
        checkpoint();
        let text = format!("{} · {}", self.footer, self.sheets.at() + 1);
        let footer = vec![styled(text, Style::Muted)];
        let sets = self
            .types
            .set(&footer, Look::default(), 7.5, None, Direction::Ours);
        for set in &sets {
            for mark in self.types.marks(set, 0, MARGIN, HEIGHT - MARGIN * 0.6) {
                self.sheets.put(mark);
            }
        }
        if let Err(failed) = self.sheets.turn() {
            self.failed.get_or_insert(failed);
        }
        self.y = MARGIN;
    }
}

fn scale(chart: &Chart) -> f32 {
    let fits = (BOTTOM - MARGIN - SMALL * LEADING) / chart.drawing.height;
    (INNER / chart.drawing.width).min(fits).min(0.8)
}

/// The height of a chart with its caption.
fn height(chart: &Chart) -> f32 {
    SMALL * LEADING + chart.drawing.height * scale(chart) + 3.0
}
