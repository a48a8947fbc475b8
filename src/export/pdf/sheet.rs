//! Sheets of paper, whose content is kept until the sheet is full.

use std::rc::Rc;

use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, LineCap, LineJoin, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag};
use krilla::text::{Font, KrillaGlyph};

use super::super::unmade::Unmade;
use super::parts::{Part, Parts, Role};

/// Maximum number of sheets; a notice says that the rest was left out.
pub(crate) const MAX_SHEETS: usize = 1_000;
/// A4, in points.
pub(super) const WIDTH: f32 = 595.0;
pub(super) const HEIGHT: f32 = 842.0;

/// The distance of the control points of a circle's four Bézier curves, relative to its radius.
const ROUND: f32 = 0.552_285;

/// An element on a sheet.
pub(super) enum Mark {
    /// Left, top, width, height.
    Bar([f32; 4], rgb::Color),
    Curve(Vec<(f32, f32)>, f32, rgb::Color),
    Dot((f32, f32), f32, rgb::Color),
    Glyphs(Glyphs),
}

/// Consecutive glyphs of one font, from the start of the baseline.
pub(super) struct Glyphs {
    pub(super) start: (f32, f32),
    pub(super) glyphs: Vec<KrillaGlyph>,
    pub(super) font: Font,
    pub(super) text: Rc<str>,
    pub(super) size: f32,
    pub(super) color: rgb::Color,
}

pub(super) struct Sheets {
    document: Document,
    /// The elements of the current sheet with their parts; `None` for those without meaning, such
    /// as rules.
    marks: Vec<(Option<Part>, Mark)>,
    parts: Parts,
    full: usize,
}

impl Sheets {
    pub(super) fn new() -> Self {
        Self {
            document: Document::new(),
            marks: Vec::new(),
            parts: Parts::default(),
            full: 0,
        }
    }

    /// The index of the current sheet, from 0.
    pub(super) fn at(&self) -> usize {
        self.full
    }

    /// Adds a part to the document's structure.
    pub(super) fn begin(&mut self, role: Role, of: Option<Part>) -> Part {
        self.parts.begin(role, of)
    }

    /// Adds an element that screen readers skip.
    pub(super) fn put(&mut self, mark: Mark) {
        self.marks.push((None, mark));
    }

    /// Adds an element that belongs to a part.
    pub(super) fn put_into(&mut self, part: Part, mark: Mark) {
        self.marks.push((Some(part), mark));
    }

    /// Draws the current sheet and starts the next one.
    ///
    /// # Errors
    /// The sheet has no size, which would be a fault of the program.
    pub(super) fn turn(&mut self) -> Result<(), Unmade> {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT);
        let settings = settings.ok_or_else(|| Unmade::because("paper without a size"))?;
        let mut page = self.document.start_page_with(settings);
        let mut surface = page.surface();
        // Elements without a part come first, so that those of one part stay together even where a
        // rule is drawn between them.
        let (apart, of_parts): (Vec<_>, Vec<_>) =
            self.marks.drain(..).partition(|(part, _)| part.is_none());
        let mut open = None;
        for (part, mark) in apart.into_iter().chain(of_parts) {
            if open != Some(part) {
                if open.is_some() {
                    surface.end_tagged();
                }
                match part {
                    Some(part) => {
                        let drawn = surface.start_tagged(ContentTag::Other);
                        self.parts.add(part, drawn);
                    }
                    None => {
                        let nothing = Artifact::with_kind(ArtifactType::Other);
                        surface.start_tagged(ContentTag::Artifact(nothing));
                    }
                }
                open = Some(part);
            }
            draw(&mut surface, mark);
        }
        if open.is_some() {
            surface.end_tagged();
        }
        surface.finish();
        page.finish();
        self.full += 1;
        Ok(())
    }

    pub(super) fn into_document(mut self) -> Document {
        self.document.set_tag_tree(self.parts.into_tree());
        self.document
    }
}

fn draw(surface: &mut Surface<'_>, mark: Mark) {
    match mark {
        Mark::Bar([left, top, width, height], color) => {
            let mut path = PathBuilder::new();
            if let Some(rect) = Rect::from_xywh(left, top, width, height) {
                path.push_rect(rect);
            }
            fill(surface, path.finish(), color);
        }
        Mark::Dot((x, y), radius, color) => fill(surface, circle(x, y, radius), color),
        Mark::Curve(points, width, color) => {
            let mut path = PathBuilder::new();
            for (at, (x, y)) in points.into_iter().enumerate() {
                if at == 0 {
                    path.move_to(x, y);
                } else {
                    path.line_to(x, y);
                }
            }
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke {
                paint: color.into(),
                width,
                line_cap: LineCap::Butt,
                line_join: LineJoin::Round,
                ..Stroke::default()
            }));
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
        Mark::Glyphs(run) => {
            paint(surface, run.color);
            let start = Point::from_xy(run.start.0, run.start.1);
            surface.draw_glyphs(start, &run.glyphs, run.font, &run.text, run.size, false);
        }
    }
}

fn paint(surface: &mut Surface<'_>, color: rgb::Color) {
    surface.set_stroke(None);
    surface.set_fill(Some(Fill {
        paint: color.into(),
        opacity: NormalizedF32::ONE,
        ..Fill::default()
    }));
}

fn fill(surface: &mut Surface<'_>, path: Option<Path>, color: rgb::Color) {
    if let Some(path) = path {
        paint(surface, color);
        surface.draw_path(&path);
    }
}

fn circle(x: f32, y: f32, radius: f32) -> Option<Path> {
    let (near, far) = (radius * ROUND, radius);
    let mut path = PathBuilder::new();
    path.move_to(x + far, y);
    path.cubic_to(x + far, y + near, x + near, y + far, x, y + far);
    path.cubic_to(x - near, y + far, x - far, y + near, x - far, y);
    path.cubic_to(x - far, y - near, x - near, y - far, x, y - far);
    path.cubic_to(x + near, y - far, x + far, y - near, x + far, y);
    path.close();
    path.finish()
}
