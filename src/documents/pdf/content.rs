//! Interprets the operators of a page and its forms as far as they place text.

use std::rc::Rc;

use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction as Operator;
use hayro_syntax::object::{Dict, Number, Object, Stream};
use hayro_syntax::page::Resources;

use super::super::extracted::ExtractError;
use super::budget::Budget;
use super::filters::{Unpacked, unpack};
use super::fonts::{Font, Fonts};
use super::layout::{Glyph, Page};
use super::matrix::{IDENTITY, Matrix, moved, times};

const MAX_FORM_DEPTH: usize = 12;
/// Maximum number of saved states of a page that never restores them.
const MAX_SAVED: usize = 1_000;

/// The graphics state that `q` saves and `Q` restores.
#[derive(Clone)]
struct State<'a> {
    transform: Matrix,
    font: Option<Rc<Font<'a>>>,
    size: f64,
    character_spacing: f64,
    word_spacing: f64,
    /// The horizontal scaling, where 1 is unchanged.
    stretch: f64,
    leading: f64,
    rise: f64,
}

impl State<'_> {
    fn new() -> Self {
        Self {
            transform: IDENTITY,
            font: None,
            size: 1.0,
            character_spacing: 0.0,
            word_spacing: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
        }
    }
}

pub(super) struct Interpreter<'a, 'd> {
    pub(super) fonts: &'d mut Fonts<'a>,
    pub(super) budget: &'d mut Budget,
    pub(super) page: &'d mut Page,
}

impl<'a> Interpreter<'a, '_> {
    /// Interprets the content of a page.
    pub(super) fn page(
        &mut self,
        content: &[u8],
        resources: &Resources<'a>,
    ) -> Result<(), ExtractError> {
        self.content(content, resources, State::new(), 0)
    }

    fn content(
        &mut self,
        content: &[u8],
        resources: &Resources<'a>,
        state: State<'a>,
        depth: usize,
    ) -> Result<(), ExtractError> {
        self.budget.inline_images(content)?;
        let mut text = Text {
            state,
            saved: Vec::new(),
            line: IDENTITY,
            next: IDENTITY,
        };
        let mut operators = TypedIter::new(content);
        while let Some(operator) = operators.next() {
            self.budget.steps(1)?;
            match operator {
                Operator::TextFont(font) => {
                    let dict = resources.get_font(font.0);
                    text.state.font = match dict {
                        Some(dict) => self.fonts.font(&dict, self.budget)?,
                        None => None,
                    };
                    text.state.size = number(font.1);
                }
                Operator::XObject(object) if depth < MAX_FORM_DEPTH => {
                    if let Some(stream) = resources.get_x_object(object.0) {
                        self.form(&stream, resources, &text.state, depth)?;
                    }
                }
                Operator::ShowText(shown) => self.show(&mut text, shown.0.as_bytes())?,
                Operator::NextLineAndShowText(shown) => {
                    text.next_line();
                    self.show(&mut text, shown.0.as_bytes())?;
                }
                Operator::ShowTextWithParameters(shown) => {
                    text.state.word_spacing = number(shown.0);
                    text.state.character_spacing = number(shown.1);
                    text.next_line();
                    self.show(&mut text, shown.2.as_bytes())?;
                }
                Operator::ShowTexts(shown) => {
                    for piece in shown.0.iter::<Object<'_>>() {
                        match piece {
                            Object::String(piece) => self.show(&mut text, piece.as_bytes())?,
                            Object::Number(shift) => {
                                self.budget.steps(1)?;
                                text.kern(number(shift));
                            }
                            _ => {}
                        }
                    }
                }
                Operator::SaveState(_) if text.saved.len() >= MAX_SAVED => {
                    return Err(ExtractError::TooMuch);
                }
                operator => text.place(&operator),
            }
        }
        Ok(())
    }

    fn form(
        &mut self,
        stream: &Stream<'a>,
        outer: &Resources<'a>,
        state: &State<'a>,
        depth: usize,
    ) -> Result<(), ExtractError> {
        let dict = stream.dict();
        // Picture XObjects have these keys; forms do not.
        if dict.contains_key("Width") || dict.contains_key("Height") {
            return Ok(());
        }
        let content = match unpack(stream, self.budget.unpacked_left()) {
            Unpacked::Whole(content) | Unpacked::Part(content) => content,
            Unpacked::TooMuch => return Err(ExtractError::TooMuch),
        };
        self.budget.unpacked(content.len())?;
        let matrix = dict.get::<[f64; 6]>("Matrix").unwrap_or(IDENTITY);
        let mut state = state.clone();
        state.transform = times(&matrix, &state.transform);
        let own = dict.get::<Dict<'a>>("Resources").map(Resources::new);
        self.content(&content, own.as_ref().unwrap_or(outer), state, depth + 1)
    }

    fn show(&mut self, text: &mut Text<'a>, bytes: &[u8]) -> Result<(), ExtractError> {
        self.budget.steps(1 + bytes.len())?;
        let Some(font) = text.state.font.clone() else {
            return Ok(());
        };
        for shown in font.codes(bytes) {
            let State {
                size,
                character_spacing,
                word_spacing,
                stretch,
                rise,
                ..
            } = text.state;
            let mut spacing = character_spacing;
            if shown.is_blank {
                spacing += word_spacing;
            }
            let place = times(&moved(0.0, rise), &times(&text.next, &text.state.transform));
            let (across, down) = if font.is_horizontal() {
                (shown.across * size * stretch, 0.0)
            } else {
                (0.0, shown.down * size)
            };
            let glyph = Glyph::new(&place, size, (across, down));
            self.page.show(&shown.text, &glyph)?;
            let spaced = if font.is_horizontal() {
                (across + spacing * stretch, 0.0)
            } else {
                (0.0, down + spacing)
            };
            text.next = times(&moved(spaced.0, spaced.1), &text.next);
        }
        Ok(())
    }
}

struct Text<'a> {
    state: State<'a>,
    saved: Vec<State<'a>>,
    /// The matrix at the start of the line.
    line: Matrix,
    next: Matrix,
}

impl Text<'_> {
    fn place(&mut self, operator: &Operator<'_, '_>) {
        let state = &mut self.state;
        match operator {
            Operator::SaveState(_) => self.saved.push(state.clone()),
            Operator::RestoreState(_) => {
                if let Some(saved) = self.saved.pop() {
                    self.state = saved;
                }
            }
            Operator::Transform(by) => {
                let by = [by.0, by.1, by.2, by.3, by.4, by.5].map(number);
                state.transform = times(&by, &state.transform);
            }
            Operator::BeginText(_) => self.set(IDENTITY),
            Operator::SetTextMatrix(to) => {
                self.set([to.0, to.1, to.2, to.3, to.4, to.5].map(number));
            }
            Operator::NextLine(by) => self.shift(number(by.0), number(by.1)),
            Operator::NextLineAndSetLeading(by) => {
                state.leading = -number(by.1);
                self.shift(number(by.0), number(by.1));
            }
            Operator::NextLineUsingLeading(_) => self.next_line(),
            Operator::TextLeading(leading) => state.leading = number(leading.0),
            Operator::TextRise(rise) => state.rise = number(rise.0),
            Operator::CharacterSpacing(spacing) => state.character_spacing = number(spacing.0),
            Operator::WordSpacing(spacing) => state.word_spacing = number(spacing.0),
            Operator::HorizontalScaling(percent) => state.stretch = number(percent.0) / 100.0,
            _ => {}
        }
    }

    fn next_line(&mut self) {
        self.shift(0.0, -self.state.leading);
    }

    fn shift(&mut self, x: f64, y: f64) {
        self.set(times(&moved(x, y), &self.line));
    }

    fn set(&mut self, line: Matrix) {
        (self.line, self.next) = (line, line);
    }

    /// Moves the next glyph back by thousandths of the font size.
    fn kern(&mut self, thousandths: f64) {
        let state = &self.state;
        let by = -thousandths / 1000.0 * state.size;
        let is_horizontal = state.font.as_ref().is_none_or(|font| font.is_horizontal());
        let (x, y) = if is_horizontal {
            (by * state.stretch, 0.0)
        } else {
            (0.0, by)
        };
        self.next = times(&moved(x, y), &self.next);
    }
}

fn number(number: Number) -> f64 {
    number.as_f64()
}
