//! Extracts the visible text of HTML by the standard's tokenizer, without building a tree.

use std::cell::RefCell;

use html5ever::LocalName;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::extracted::{ExtractError, Extracted};
use super::prose::Prose;
use super::raised::{lowered, raised};

/// Elements that start and end a paragraph.
const BLOCKS: [&str; 29] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "details",
    "dialog",
    "div",
    "dl",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "hr",
    "html",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "ul",
    "center",
    "hgroup",
];
/// Elements that start a line.
const LINES: [&str; 4] = ["br", "dd", "dt", "option"];
const HEADINGS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];
/// Elements whose content is not part of the text. The last three mark text as struck out, which
/// therefore no longer holds.
const SILENT: [&str; 17] = [
    "audio", "canvas", "iframe", "math", "noembed", "noframes", "noscript", "object", "script",
    "select", "style", "svg", "template", "video", "del", "s", "strike",
];
/// Elements without an end tag.
const VOID: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];
/// Maximum number of characters within one tag that may separate attributes. It bounds the work of
/// the tokenizer, which compares each attribute with all before it. Pictures within a page have one
/// such character in 64.
const MAX_PARTED: usize = 30_000;
/// Maximum number of comparisons of attributes in all tags of a page together.
const MAX_COMPARED: usize = 1_200_000_000;
/// Maximum length of a superscript or subscript, in bytes; a longer one is ordinary text.
const MAX_RAISED: usize = 64;
/// Maximum number of open elements that are searched for the start of an end tag.
const MAX_OPEN: usize = 256;
/// Number of bytes that the tokenizer gets at a time.
const FED: usize = 16 << 10;
/// Maximum length of a title, in characters.
const MAX_TITLE: usize = 200;

pub(super) fn extract(page: &str) -> Result<Extracted, ExtractError> {
    let input = BufferQueue::default();
    let tokenizer = Tokenizer::new(Reader::default(), TokenizerOpts::default());
    // Counts separators since the last token, if they are within a tag:
    // comments have no attributes.
    let (mut parted, mut tag, mut compared) = (0_usize, false, 0_usize);
    for piece in pieces(page) {
        let before = tokenizer.sink.0.borrow().tokens;
        input.push_back(StrTendril::from_slice(piece));
        // The tokenizer would only stop to run a script, which never happens.
        while !input.is_empty() {
            let _ = tokenizer.feed(&input);
        }
        if tokenizer.sink.0.borrow().tokens > before {
            compared = compared.saturating_add(parted * parted / 2);
            parted = 0;
        } else {
            tag = if parted == 0 {
                !piece.starts_with("<!")
            } else {
                tag
            };
            parted += 1 + piece
                .bytes()
                .filter(|byte| b" \t\n\x0c\r/=\"'".contains(byte))
                .count();
            if tag && (parted > MAX_PARTED || compared > MAX_COMPARED) {
                return Err(ExtractError::TooMuch);
            }
        }
    }
    tokenizer.end();
    let mut state = tokenizer.sink.0.into_inner();
    state.settle();
    let title = [state.title, state.heading]
        .into_iter()
        .map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "))
        .find(|title| !title.is_empty());
    Ok(Extracted {
        title: title.map(|title| title.chars().take(MAX_TITLE).collect()),
        text: state.prose.finish(),
    })
}

/// Splits the page into pieces that start where a tag may start.
fn pieces(page: &str) -> impl Iterator<Item = &str> {
    let mut rest = page;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?.len_utf8();
        let next = rest[first..].find('<').map_or(rest.len(), |at| first + at);
        let mut end = next.min(FED.max(first));
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let piece;
        (piece, rest) = rest.split_at(end);
        Some(piece)
    })
}

#[derive(Default)]
struct Reader(RefCell<State>);

struct State {
    /// The number of tokens so far, without errors.
    tokens: u64,
    prose: Prose,
    title: String,
    in_title: bool,
    heading: String,
    in_heading: bool,
    pre: usize,
    /// The superscript or subscript being read.
    moved: Option<Moved>,
    /// The open tables and rows, innermost last; true for a row.
    tables: Vec<bool>,
    /// The element whose content is skipped, and the elements open within it; empty
    /// if nothing is skipped.
    left_out: Vec<LocalName>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            tokens: 0,
            prose: Prose::new(),
            title: String::new(),
            in_title: false,
            heading: String::new(),
            in_heading: false,
            pre: 0,
            moved: None,
            tables: Vec::new(),
            left_out: Vec::new(),
        }
    }
}

/// The content of a `sup` or `sub` element.
struct Moved {
    is_raised: bool,
    is_link: bool,
    text: String,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        state.tokens += u64::from(!matches!(token, Token::ParseError(_)));
        match token {
            Token::CharacterTokens(text) => state.text(&text),
            Token::TagToken(tag) if tag.kind == TagKind::EndTag => state.end(&tag),
            Token::TagToken(tag) => {
                state.start(&tag);
                // The state that a browser's tree builder would set for this element.
                return match &*tag.name {
                    "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                    "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                        TokenSinkResult::RawData(RawKind::Rawtext)
                    }
                    "textarea" | "title" => TokenSinkResult::RawData(RawKind::Rcdata),
                    _ => TokenSinkResult::Continue,
                };
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl State {
    fn text(&mut self, text: &str) {
        if !self.left_out.is_empty() {
            return;
        }
        if let Some(moved) = &mut self.moved {
            moved.text.push_str(text);
            if moved.text.len() > MAX_RAISED {
                self.settle();
            }
            return;
        }
        if self.in_title {
            // Only the first title counts; others belong to pictures.
            self.title.push_str(text);
        } else {
            if self.in_heading {
                self.heading.push_str(text);
            }
            if self.pre > 0 {
                self.prose.push_lines(text);
            } else {
                self.prose.push(text);
            }
        }
    }

    /// Appends the superscript or subscript to the text before it.
    fn settle(&mut self) {
        let Some(moved) = self.moved.take() else {
            return;
        };
        let text = if moved.text.len() > MAX_RAISED {
            moved.text
        } else if moved.is_raised {
            raised(self.prose.tail(), &moved.text, moved.is_link)
        } else {
            lowered(&moved.text)
        };
        self.text(&text);
    }

    /// Ends a table's row, if one is open.
    fn end_row(&mut self) {
        if self.tables.pop_if(|is_row| *is_row).is_some() {
            self.prose.end_row();
        }
    }

    fn start(&mut self, tag: &Tag) {
        let name = &*tag.name;
        let open = !VOID.contains(&name);
        if let [root, within @ ..] = &*self.left_out {
            // An element whose end tag may be omitted ends where a sibling starts, or a paragraph
            // where a block starts.
            let nested = || {
                within
                    .iter()
                    .any(|open| matches!(&**open, "ul" | "ol" | "dl" | "table"))
            };
            let ended = match &**root {
                "p" => BLOCKS.contains(&name) || HEADINGS.contains(&name) || name == "li",
                root => siblings(root).contains(&name) && !nested(),
            };
            if !ended {
                if open {
                    self.left_out.push(tag.name.clone());
                }
                return;
            }
            self.left_out.clear();
        }
        let silent = SILENT.contains(&name) || is_hidden(tag);
        // A self-closing tag has a meaning only for pictures and formulas.
        let closed = tag.self_closing && matches!(name, "svg" | "math");
        if silent && open && !closed {
            self.left_out.push(tag.name.clone());
            return;
        }
        if let Some(moved) = &mut self.moved {
            if name == "a" {
                moved.is_link = true;
            } else if !matches!(name, "b" | "i" | "em" | "strong" | "span") {
                self.settle();
            }
        }
        match name {
            "title" => self.in_title = self.title.is_empty(),
            "sup" | "sub" => {
                self.moved = Some(Moved {
                    is_raised: name == "sup",
                    is_link: false,
                    text: String::new(),
                });
            }
            "tr" => {
                self.end_row();
                if self.tables.len() < MAX_OPEN {
                    self.tables.push(true);
                    self.prose.begin_row();
                } else {
                    self.prose.line();
                }
            }
            "table" => {
                self.prose.paragraph();
                if self.tables.len() < MAX_OPEN {
                    self.tables.push(false);
                }
            }
            "li" => self.prose.marked("- "),
            "td" | "th" => self.prose.cell(),
            _ if HEADINGS.contains(&name) => {
                self.in_heading = self.heading.is_empty();
                self.prose.paragraph();
                self.prose.marked("# ");
            }
            _ if LINES.contains(&name) => self.prose.line(),
            _ if BLOCKS.contains(&name) => {
                self.prose.paragraph();
                self.pre += usize::from(name == "pre");
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: &Tag) {
        let name = &*tag.name;
        if let Some(root) = self.left_out.first() {
            // Bounds the search in a page that never closes its elements.
            let last = self.left_out.len().saturating_sub(MAX_OPEN);
            let found = self.left_out[last..]
                .iter()
                .rposition(|open| *open == tag.name);
            match found {
                Some(at) => {
                    self.left_out.truncate(last + at);
                    return;
                }
                // The tag ends the parent of an element whose end tag may be omitted.
                None if &**root == "p" || !siblings(root).is_empty() => self.left_out.clear(),
                None => return,
            }
        }
        if !matches!(name, "a" | "b" | "i" | "em" | "strong" | "span") {
            self.settle();
        }
        match name {
            "title" => self.in_title = false,
            "li" => self.prose.line(),
            "tr" => {
                self.end_row();
                self.prose.line();
            }
            "table" => {
                self.end_row();
                self.tables.pop();
                self.prose.paragraph();
            }
            "pre" => {
                self.pre = self.pre.saturating_sub(1);
                self.prose.paragraph();
            }
            _ if HEADINGS.contains(&name) => {
                self.in_heading = false;
                self.prose.paragraph();
            }
            _ if BLOCKS.contains(&name) => self.prose.paragraph(),
            _ => {}
        }
    }
}

/// The elements whose start ends this element without its end tag.
fn siblings(name: &str) -> &'static [&'static str] {
    match name {
        "li" => &["li"],
        "dt" | "dd" => &["dt", "dd"],
        "td" | "th" => &["td", "th", "tr"],
        "tr" => &["tr"],
        _ => &[],
    }
}

/// Returns true for elements that readers do not see: their text must neither address judges
/// nor count as evidence.
fn is_hidden(tag: &Tag) -> bool {
    tag.attrs.iter().any(|attribute| {
        let value = attribute.value.to_ascii_lowercase();
        match &*attribute.name.local {
            "hidden" => true,
            "aria-hidden" => value.trim() == "true",
            "style" => {
                let plain: String = value.chars().filter(|c| !c.is_whitespace()).collect();
                [
                    "display:none",
                    "visibility:hidden",
                    "opacity:0;",
                    "font-size:0;",
                    "font-size:0px",
                    "text-decoration:line-through",
                    "text-decoration-line:line-through",
                ]
                .iter()
                .any(|way| format!("{plain};").contains(way))
            }
            _ => false,
        }
    })
}

#[cfg(test)]
#[path = "tests/html.rs"]
mod tests;
