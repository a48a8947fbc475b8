use flate2::{Compress, Compression, FlushCompress};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};

use super::*;

/// A PDF that is put together from its objects.
struct Draft {
    document: Document,
    pages: ObjectId,
    kids: Vec<Object>,
}

impl Draft {
    fn new() -> Self {
        let mut document = Document::with_version("1.5");
        let pages = document.new_object_id();
        Self {
            document,
            pages,
            kids: Vec::new(),
        }
    }

    fn stream(&mut self, dict: Dictionary, content: impl Into<Vec<u8>>) -> ObjectId {
        self.document.add_object(Stream::new(dict, content.into()))
    }

    fn helvetica(&mut self) -> ObjectId {
        self.document.add_object(dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica",
            "Encoding" => "WinAnsiEncoding",
        })
    }

    fn page(&mut self, contents: impl Into<Object>, resources: Dictionary) {
        let page = dictionary! {
            "Type" => "Page", "Parent" => self.pages, "Contents" => contents.into(),
            "Resources" => resources,
        };
        let page = self.document.add_object(page);
        self.kids.push(page.into());
    }

    fn finish(mut self) -> Vec<u8> {
        let count = self.kids.len() as i64;
        let tree = dictionary! { "Type" => "Pages", "Kids" => self.kids, "Count" => count };
        self.document
            .objects
            .insert(self.pages, Object::Dictionary(tree));
        let root = dictionary! { "Type" => "Catalog", "Pages" => self.pages };
        let root = self.document.add_object(root);
        let title = dictionary! { "Title" => Object::string_literal("The  mill") };
        let info = self.document.add_object(title);
        self.document.trailer.set("Root", root);
        self.document.trailer.set("Info", info);
        self.document.compress();
        let mut bytes = Vec::new();
        self.document.save_to(&mut bytes).unwrap();
        bytes
    }
}

/// A PDF with one page for each content, in Helvetica.
fn pdf(contents: &[&str]) -> Vec<u8> {
    let mut draft = Draft::new();
    let font = draft.helvetica();
    for content in contents {
        let content = draft.stream(dictionary! {}, content.as_bytes());
        let fonts = dictionary! { "F1" => font };
        draft.page(content, dictionary! { "Font" => fonts });
    }
    draft.finish()
}

fn text(bytes: &[u8]) -> String {
    extract(bytes, 100_000).unwrap().text
}

/// A page of one font.
fn in_font(font: Dictionary, content: &str) -> Vec<u8> {
    let mut draft = Draft::new();
    let font = draft.document.add_object(font);
    let content = draft.stream(dictionary! {}, content);
    draft.page(
        content,
        dictionary! { "Font" => dictionary! { "F1" => font } },
    );
    draft.finish()
}

#[test]
fn lines_words_and_paragraphs_come_from_where_the_text_stands() {
    let bytes = pdf(&[
        "BT /F1 12 Tf 72 720 Td (The mill stands by the wa-) Tj 0 -14 Td (ter. It was sold) Tj \
         0 -14 Td [(in) -300 (193) 20 (1.)] TJ 0 -40 Td (Bread is) Tj 60 0 Td (baked.) Tj ET",
        "BT /F1 12 Tf 1 0 0 1 72 720 Tm (It has) Tj 1 0 0 1 72 706 Tm (three \\(3\\) floors.) Tj ET \
         BT /F1 12 Tf 1 0 0 1 72 650 Tm (Nobody lives there.) Tj ET",
    ]);
    let extracted = extract(&bytes, 1000).unwrap();
    assert_eq!(extracted.title.as_deref(), Some("The mill"));
    assert_eq!(
        extracted.text,
        "The mill stands by the water. It was sold\nin 1931.\n\nBread is baked.\n\n\
         It has\nthree (3) floors.\n\nNobody lives there."
    );
}

#[test]
fn letters_that_are_placed_one_by_one_are_words() {
    // The widths of Helvetica: f 278, e 556, r 333, y 500; the third is kerned, the fourth is not.
    let bytes = pdf(&[
        "BT /F1 10 Tf 1 0 0 1 50 700 Tm (f) Tj 2.78 0 Td (e) Tj 5.56 0 Td (r) Tj 3.1 0 Td (r) Tj \
         3.33 0 Td (y) Tj 8 0 Td (f) Tj 2.78 0 Td (e) Tj 5.56 0 Td (e) Tj ET",
        "BT /F1 10 Tf 3 Tc 1 0 0 1 50 700 Tm (a) Tj ET",
    ]);
    assert_eq!(text(&bytes), "ferry fee\n\na");
}

#[test]
fn letters_are_plain_and_come_from_the_map_before_the_encoding() {
    let ligatures = dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "ABCDEF+X",
        "Encoding" => dictionary! { "Type" => "Encoding", "Differences" => vec![
            11.into(), Object::from("ff"), "fi".into(), "fl".into(), "ffi".into(), "ffl".into(),
        ] },
    };
    let content = "BT /F1 12 Tf 72 700 Td (o\\016ce \\014ve ra\\017e) Tj ET";
    assert_eq!(text(&in_font(ligatures, content)), "office five raffle");

    let mut draft = Draft::new();
    let map = "/CIDInit /ProcSet findresource begin begincmap \
        1 begincodespacerange <00> <ff> endcodespacerange \
        2 beginbfrange <21> <3a> <0041> <41> <5a> <0061> endbfrange \
        1 beginbfchar <20> <00660066> endbfchar endcmap";
    let map = draft.stream(dictionary! {}, map);
    let font = draft.document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "X", "Encoding" => "WinAnsiEncoding",
        "ToUnicode" => map,
    });
    let content = draft.stream(dictionary! {}, "BT /F1 12 Tf 72 700 Td (NBN Q O ) Tj ET");
    draft.page(
        content,
        dictionary! { "Font" => dictionary! { "F1" => font } },
    );
    assert_eq!(text(&draft.finish()), "nbnffqffoff");
}

#[test]
fn text_in_forms_is_read_where_they_are_drawn() {
    let mut draft = Draft::new();
    let font = draft.helvetica();
    let fonts = dictionary! { "Font" => dictionary! { "F1" => font } };
    let inner = draft.stream(
        dictionary! { "Subtype" => "Form", "Resources" => fonts.clone(),
        "Matrix" => vec![1.into(), 0.into(), 0.into(), 1.into(), 0.into(), Object::from(-100)] },
        "BT /F1 12 Tf 72 700 Td (in a form) Tj ET",
    );
    let outer = draft.stream(
        dictionary! { "Subtype" => "Form",
        "Resources" => dictionary! { "XObject" => dictionary! { "In" => inner } } },
        "q /In Do Q",
    );
    let mut resources = fonts;
    resources.set("XObject", dictionary! { "Out" => outer });
    let content = draft.stream(
        dictionary! {},
        "BT /F1 12 Tf 72 700 Td (It stands) Tj ET /Out Do BT /F1 12 Tf 72 500 Td (alone.) Tj ET",
    );
    draft.page(content, resources);
    assert_eq!(text(&draft.finish()), "It stands\n\nin a form\n\nalone.");
}

#[test]
fn columns_are_read_one_after_the_other_and_rows_of_tables_are_not() {
    let left = [
        "The mill by the river is old,",
        "it was built in 1731, and the",
        "last miller was Hanna Vogt.",
        "She died there.",
    ];
    let right = [
        "Bread is baked there still on",
        "each day but one of the week,",
        "for the town and the market,",
        "and for the inn.",
    ];
    let mut content = "BT /F1 10 Tf ".to_owned();
    for (at, (left, right)) in left.iter().zip(right).enumerate() {
        let y = 700 - 12 * at;
        content += &format!("1 0 0 1 50 {y} Tm ({left}) Tj 1 0 0 1 300 {y} Tm ({right}) Tj ");
    }
    let read = text(&pdf(&[&(content + "ET")]));
    assert_eq!(read, [left.join("\n"), right.join("\n")].join("\n\n"));

    let mut content = "BT /F1 10 Tf ".to_owned();
    for at in 0..5 {
        let y = 700 - 12 * at;
        content +=
            &format!("1 0 0 1 50 {y} Tm (Plan {at}) Tj 1 0 0 1 300 {y} Tm ({at}9 euros) Tj ");
    }
    let read = text(&pdf(&[&(content + "ET")]));
    assert!(
        read.starts_with("Plan 0 09 euros\nPlan 1 19 euros\n"),
        "{read}"
    );
}

#[test]
fn powers_stand_and_the_marks_of_footnotes_do_not() {
    let bytes = pdf(&[
        "BT /F1 12 Tf 72 700 Td (It holds 10) Tj /F1 7 Tf 4 Ts (6) Tj /F1 12 Tf 0 Ts ( litres, as filled in 1988) Tj \
         /F1 7 Tf 4 Ts (12) Tj /F1 12 Tf 0 Ts (. CO) Tj /F1 7 Tf -2 Ts (2) Tj /F1 12 Tf 0 Ts ( is let out.) Tj ET",
    ]);
    assert_eq!(
        text(&bytes),
        "It holds 10⁶ litres, as filled in 1988. CO₂ is let out."
    );
}

#[test]
fn what_is_drawn_twice_is_read_once_and_turned_pages_are_read() {
    let bytes = pdf(&[
        "BT /F1 12 Tf 72 700 Td (Bold words) Tj ET BT /F1 12 Tf 72.4 700 Td (Bold words) Tj ET",
        "BT /F1 12 Tf 0 1 -1 0 100 72 Tm (The mill) Tj 0 1 -1 0 114 72 Tm (is old.) Tj ET",
    ]);
    assert_eq!(text(&bytes), "Bold words\n\nThe mill\nis old.");
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
    // Each byte is damaged in one of four ways, by its place: the font, which is loaded each time, takes a build that
    // is not optimised ten milliseconds.
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] = [0, b'[', b'9', 0xff][at % 4];
        let _ = extract(&damaged, 99);
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
}

/// Blanks, so many MiB of them, packed to a thousandth: one piece again and again.
fn blanks(mebibytes: usize) -> Vec<u8> {
    let mut compress = Compress::new(Compression::best(), true);
    let mut pieces = Vec::with_capacity(1 << 20);
    let blanks = vec![b' '; 1 << 20];
    let mut add = |pieces: &mut Vec<u8>| {
        // After a full flush nothing refers to what was before.
        compress
            .compress_vec(&blanks, pieces, FlushCompress::Full)
            .unwrap();
    };
    add(&mut pieces);
    let first = pieces.len();
    add(&mut pieces);
    let piece = pieces.split_off(first);
    for _ in 1..mebibytes {
        pieces.extend(&piece);
    }
    pieces
}

/// Small documents whose reading would take a thousand times their size.
#[test]
fn each_shape_of_a_bomb_ends_at_its_bound() {
    let refused = |bytes: &[u8]| {
        assert!(bytes.len() < 1 << 20, "{}", bytes.len());
        assert_eq!(extract(bytes, 1_000_000), Err(ExtractError::TooMuch));
    };
    // Operators of one page, and one content of many pages.
    refused(&pdf(&[&"q Q ".repeat(budget::MAX_STEPS / 2 + 1)]));
    let mut shared = Draft::new();
    let content = shared.stream(dictionary! {}, "f ".repeat(budget::MAX_STEPS / 100));
    for _ in 0..101 {
        shared.page(content, dictionary! {});
    }
    refused(&shared.finish());
    // States that are saved and not restored.
    refused(&pdf(&[&"q ".repeat(10_000)]));
    // Content that unpacks to more than allowed, at once and bit by bit.
    let mut whole = Draft::new();
    let filter = dictionary! { "Filter" => "FlateDecode" };
    let content = whole.stream(filter, blanks((budget::MAX_UNPACKED >> 20) + 1));
    whole.page(content, dictionary! {});
    refused(&whole.finish());
    let mut parts = Draft::new();
    let part = parts.stream(dictionary! {}, " ".repeat(budget::MAX_UNPACKED / 100));
    parts.page(vec![Object::from(part); 101], dictionary! {});
    refused(&parts.finish());
    // Many fonts on one large map.
    let mut mapped = Draft::new();
    let map = mapped.stream(dictionary! {}, " ".repeat(budget::MAX_FONT_BYTES / 100));
    let mut fonts = Dictionary::new();
    let mut used = String::new();
    for at in 0..101 {
        fonts.set(
            format!("F{at}"),
            dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => format!("X{at}"), "ToUnicode" => map },
        );
        used += &format!("BT /F{at} 12 Tf (a) Tj ET ");
    }
    let content = mapped.stream(dictionary! {}, used);
    mapped.page(content, dictionary! { "Font" => fonts });
    refused(&mapped.finish());
    // Forms that draw each other: two to the power of their depth.
    let mut forms = Draft::new();
    let mut inner = forms.stream(dictionary! { "Subtype" => "Form" }, "f ".repeat(10_000));
    for _ in 0..11 {
        let objects = dictionary! { "In" => inner };
        inner = forms.stream(
            dictionary! { "Subtype" => "Form", "Resources" => dictionary! { "XObject" => objects } },
            "/In Do /In Do",
        );
    }
    let content = forms.stream(dictionary! {}, "/In Do");
    forms.page(
        content,
        dictionary! { "XObject" => dictionary! { "In" => inner } },
    );
    refused(&forms.finish());
    // Inline images without an end.
    refused(&pdf(&[&format!("BI /W 1 ID {}", "EI ".repeat(100_000))]));
    // Pages.
    let mut many = Draft::new();
    let content = many.stream(dictionary! {}, "f");
    for _ in 0..=budget::MAX_PAGES {
        many.page(content, dictionary! {});
    }
    refused(&many.finish());
}

#[test]
fn a_form_that_draws_itself_and_a_width_for_each_number_end() {
    let mut draft = Draft::new();
    let form = draft.document.new_object_id();
    let resources = dictionary! { "XObject" => dictionary! { "Me" => form } };
    let dict = dictionary! { "Subtype" => "Form", "Resources" => resources.clone() };
    let stream = Stream::new(dict, b"/Me Do".to_vec());
    draft.document.objects.insert(form, stream.into());
    let content = draft.stream(dictionary! {}, "/Me Do");
    draft.page(content, resources);
    assert_eq!(extract(&draft.finish(), 99).unwrap().text, "");

    let descendant = dictionary! {
        "Type" => "Font", "Subtype" => "CIDFontType2", "BaseFont" => "X",
        "W" => vec![0.into(), Object::from(4_000_000_000_i64), 500.into()],
    };
    let font = dictionary! {
        "Type" => "Font", "Subtype" => "Type0", "BaseFont" => "X", "Encoding" => "Identity-H",
        "DescendantFonts" => vec![Object::from(descendant)],
    };
    assert_eq!(text(&in_font(font, "BT /F1 12 Tf (ab) Tj ET")), "");
}
