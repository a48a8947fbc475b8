//! The text of a PDF, page by page.

use std::collections::HashMap;

use lopdf::content::Content;
use lopdf::{Dictionary, Document, Encoding, Error, LoadOptions, Object};

use super::page::Page;
use super::{ExtractError, Extracted};

/// Bytes that one stream may become when it is unpacked.
const MAX_STREAM: usize = 8 << 20;
/// Bytes of one page's content; as operations they take many times as much.
const MAX_PAGE: usize = 4 << 20;
/// Fonts of all pages, each page's counted anew.
const MAX_FONTS: usize = 200_000;
/// Bytes of all pages' contents together.
const MAX_CONTENT: usize = 64 << 20;
/// Most pages.
const MAX_PAGES: usize = 5_000;

/// Reads a document of at most so many characters.
pub(super) fn extract(bytes: &[u8], max_chars: usize) -> Result<Extracted, ExtractError> {
    let broken = |error: Error| match error {
        Error::InvalidPassword => ExtractError::Encrypted,
        error => ExtractError::Broken(error.to_string().chars().take(200).collect()),
    };
    let options = LoadOptions {
        max_decompressed_size: Some(MAX_STREAM),
        ..LoadOptions::default()
    };
    let document = Document::load_mem_with_options(bytes, options).map_err(broken)?;
    if document.is_encrypted() {
        return Err(ExtractError::Encrypted);
    }
    let mut encodings = Encodings::default();
    let (mut text, mut chars) = (String::new(), 0);
    let (mut read, mut looked_up) = (0, 0);
    for (number, page) in document.page_iter().enumerate() {
        let content = document
            .get_page_content_with_limit(page, MAX_PAGE)
            .map_err(broken)?;
        let fonts = document.get_page_fonts(page).unwrap_or_default();
        read += content.len();
        looked_up += fonts.len();
        if read > MAX_CONTENT || looked_up > MAX_FONTS || number >= MAX_PAGES {
            return Err(ExtractError::TooMuch);
        }
        let Ok(content) = Content::decode(&content) else {
            continue;
        };
        let mut layout = Page::default();
        let mut font: Option<&Encoding<'_>> = None;
        for operation in &content.operations {
            let operands = operation.operands.as_slice();
            match (&*operation.operator, operands) {
                ("Tf", [Object::Name(name), size]) => {
                    font = fonts
                        .get(name)
                        .and_then(|font| encodings.of(&document, font));
                    layout.size(number_of(size));
                }
                ("Tj" | "'" | "\"", [.., Object::String(bytes, _)]) => {
                    if &*operation.operator != "Tj" {
                        layout.next_line();
                    }
                    layout.show(&decoded(font, bytes));
                }
                ("TJ", [Object::Array(pieces)]) => {
                    for piece in pieces {
                        match piece {
                            Object::String(bytes, _) => layout.show(&decoded(font, bytes)),
                            shift => layout.kern(number_of(shift)),
                        }
                    }
                }
                (operator, operands) => {
                    let numbers: Vec<f64> = operands.iter().map(number_of).collect();
                    layout.place(operator, &numbers);
                }
            }
        }
        let page = layout.finish();
        chars += page.chars().count();
        if chars > max_chars {
            return Err(ExtractError::TooLong(max_chars));
        }
        if !page.is_empty() && !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&page);
    }
    Ok(Extracted {
        title: title(&document),
        text,
    })
}

/// What the bytes of a string stand for in a font; nothing where that is not known.
fn decoded(font: Option<&Encoding<'_>>, bytes: &[u8]) -> String {
    font.and_then(|font| Document::decode_text(font, bytes).ok())
        .unwrap_or_default()
        .chars()
        .filter(|character| !character.is_control())
        .collect()
}

fn number_of(object: &Object) -> f64 {
    object.as_float().map_or(0.0, f64::from)
}

fn title(document: &Document) -> Option<String> {
    let info = document.trailer.get(b"Info").ok()?;
    let (_, info) = document.dereference(info).ok()?;
    let title = lopdf::decode_text_string(info.as_dict().ok()?.get(b"Title").ok()?).ok()?;
    let title: Vec<&str> = title.split_whitespace().collect();
    let title: String = title
        .join(" ")
        .chars()
        .filter(|c| *c != '\0')
        .take(200)
        .collect();
    (!title.is_empty()).then_some(title)
}

/// The encodings of the fonts, each read once however many pages use it.
#[derive(Default)]
struct Encodings<'a>(HashMap<usize, Option<Encoding<'a>>>);

impl<'a> Encodings<'a> {
    fn of(&mut self, document: &'a Document, font: &'a Dictionary) -> Option<&Encoding<'a>> {
        let key = std::ptr::from_ref(font).addr();
        self.0
            .entry(key)
            .or_insert_with(|| font.get_font_encoding_with_limit(document, MAX_STREAM).ok())
            .as_ref()
    }
}

#[cfg(test)]
mod tests {
    use lopdf::{Stream, dictionary};

    use super::*;

    /// A PDF with one page for each content.
    fn pdf(contents: &[&str]) -> Vec<u8> {
        let mut document = Document::with_version("1.5");
        let pages = document.new_object_id();
        let font = document.add_object(dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
            "Encoding" => "WinAnsiEncoding",
        });
        let resources = document.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
        let kids: Vec<Object> = contents
            .iter()
            .map(|content| {
                let stream = Stream::new(dictionary! {}, content.as_bytes().to_vec());
                let content = document.add_object(stream);
                let page = dictionary! {
                    "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => resources,
                };
                document.add_object(page).into()
            })
            .collect();
        let count = kids.len() as i64;
        let tree = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
        document.objects.insert(pages, Object::Dictionary(tree));
        let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
        let info =
            document.add_object(dictionary! { "Title" => Object::string_literal("The  mill") });
        document.trailer.set("Root", catalog);
        document.trailer.set("Info", info);
        document.compress();
        let mut bytes = Vec::new();
        document.save_to(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn lines_words_and_paragraphs_come_from_where_the_text_stands() {
        let bytes = pdf(&[
            "BT /F1 12 Tf 72 720 Td (The mill stands by the ri-) Tj 0 -14 Td (ver. It was sold) Tj \
             0 -14 Td [(in) -300 (193) 20 (1.)] TJ 0 -40 Td (Bread is) Tj 60 0 Td (baked.) Tj ET",
            "BT /F1 12 Tf 1 0 0 1 72 720 Tm (It has) Tj 1 0 0 1 72 706 Tm (three \\(3\\) floors.) Tj ET \
             BT /F1 12 Tf 1 0 0 1 72 650 Tm (Nobody lives there.) Tj ET",
        ]);
        let extracted = extract(&bytes, 1000).unwrap();
        assert_eq!(extracted.title.as_deref(), Some("The mill"));
        assert_eq!(
            extracted.text,
            "The mill stands by the river. It was sold\nin 1931.\n\nBread is baked.\n\n\
             It has\nthree (3) floors.\n\nNobody lives there."
        );
    }

    #[test]
    fn deep_and_damaged_documents_take_no_stack() {
        let deep = format!("{} (a) Tj", "[".repeat(200_000));
        let _ = extract(&pdf(&[&deep]), 99);
        let dictionaries = format!("{} (a) Tj", "<<\n/a ".repeat(100_000));
        let _ = extract(&pdf(&[&dictionaries]), 99);
        let file = format!(
            "%PDF-1.5\n1 0 obj\n{}\nendobj\ntrailer <</Root 1 0 R>>",
            "[".repeat(200_000)
        );
        let deep = super::super::extract(super::super::MediaType::Pdf, file.as_bytes(), 99);
        assert!(deep.is_err());
        let whole = pdf(&["BT /F1 12 Tf 72 720 Td [(The) -300 (mill)] TJ ET"]);
        for at in 0..whole.len() {
            for byte in [0, b'[', b'9', 0xff] {
                let mut damaged = whole.clone();
                damaged[at] = byte;
                let _ = extract(&damaged, 99);
            }
        }
    }

    #[test]
    fn what_can_not_be_read_says_why() {
        assert!(matches!(
            extract(b"no pdf", 9),
            Err(ExtractError::Broken(_))
        ));
        let bytes = pdf(&["BT /F1 12 Tf (The mill) Tj ET"]);
        assert!(extract(&bytes[..bytes.len() / 3], 99).is_err());
        assert_eq!(extract(&bytes, 3), Err(ExtractError::TooLong(3)));
        let pictures = pdf(&["q 1 0 0 1 0 0 cm Q"]);
        let none = super::super::extract(super::super::MediaType::Pdf, &pictures, 99);
        assert_eq!(none, Err(ExtractError::NoText));
        let bomb = pdf(&[&"q ".repeat(MAX_STREAM / 2 + 1)]);
        assert!(bomb.len() < 1 << 20, "{}", bomb.len());
        assert!(matches!(extract(&bomb, 99), Err(ExtractError::Broken(_))));
    }
}
