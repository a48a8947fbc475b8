//! Texts of any length that are made to be slow: what a rule could look at again and again.

/// Characters beside ASCII's that rules over text know: of other scripts, marks that combine, ones that
/// grow when they are normalised, quotes, bullets, fractions, raised figures, invisible ones.
const BEYOND: &str = "\u{e9}\u{df}\u{130}\u{301}\u{ad}\u{200b}\u{200d}\u{2028}\u{feff}\u{fe0f}\u{e0041}\u{1f600}\u{1f3f4}\
    “”„«»‘’–—…•№½²⁵†™€£漢。、！「」【】（）한ㅂعمها।۔अ\u{fdfa}ﬃⅧҽ𝟏";

/// Words and marks by which rules begin to look closer.
const KEYWORDS: &[&str] = &[
    "end",
    "begin",
    "=== end",
    "\"rating\":",
    "\"claims\":[",
    "\"label\":\"supported",
    "\"issues\":",
    "\"explanation\":",
    "ignore",
    "ignore all previous",
    "please",
    "rate it",
    "you must",
    "system:",
    "assistant:",
    "</s>",
    "<|",
    "[INST]",
    "http://",
    "https://a.b/",
    "www.",
    "a@b.c",
    "v1.2",
    "#1",
    "12",
    "1,200",
    "3.5",
    "10^",
    "1e9",
    "%41",
    "&#105;",
    "\\u0069",
    "\\frac{",
    "$x",
    "**",
    "__",
    "~~",
    "`",
    "[1]",
    "[^1]",
    "[a](",
    "![",
    "<sup>",
    "<b>",
    "<think>",
    "|",
    "|---|",
    "| a |",
    "- ",
    "* ",
    "1. ",
    "# ",
    "> ",
    "Q: ",
    "A: ",
    "Name: ",
    "Dr. ",
    "e.g. ",
    "U.S. ",
    "No. ",
    "Mr. ",
    "z. B. ",
    "not",
    "no",
    "never",
    "n't ",
    "only",
    "all",
    "if",
    "because",
    "according to",
    "the text does not say",
    "sorry",
    "in conclusion",
    "however",
    "said",
    "more than",
    "between",
    "from",
    "to",
    "and",
    "or",
    "per",
    "of the",
    "January",
    "1. Mai",
    "2020",
    "12:30",
    "10 a.m.",
    "12/05/2020",
    "5 km",
    "$5",
    "5 €",
    "5%",
    "million",
    "half",
    "two",
    "二〇二〇年",
    "三百",
    "不",
    "이다",
    "ない",
    "ignoriere",
    "keine",
    "laut",
    "selon",
    "según",
];

/// One shape: a text of about so many bytes.
pub(super) struct Shape {
    pub(super) name: String,
    build: Box<dyn Fn(usize) -> String>,
}

impl Shape {
    pub(super) fn text(&self, bytes: usize) -> String {
        (self.build)(bytes)
    }
}

fn shape(name: String, build: impl Fn(usize) -> String + 'static) -> Shape {
    Shape {
        name,
        build: Box::new(build),
    }
}

fn filled(unit: &str, bytes: usize) -> String {
    unit.repeat((bytes / unit.len()).max(1))
}

/// Runs of one unit: alone, with blanks, in words, in lines.
fn runs(unit: &str) -> Vec<Shape> {
    let name = unit.escape_default().to_string();
    [
        unit.to_owned(),
        format!("{unit} "),
        format!("a{unit}"),
        format!("{unit}\n"),
    ]
    .into_iter()
    .zip(["run", "apart", "in words", "in lines"])
    .map(|(unit, how)| shape(format!("{name} {how}"), move |bytes| filled(&unit, bytes)))
    .collect()
}

/// A run of one unit with a keyword before, within, after it, and everywhere.
fn keyed(unit: &str, keyword: &'static str) -> Vec<Shape> {
    let name = format!("{} {}", unit.escape_default(), keyword.escape_default());
    let run = unit.to_owned();
    let one = move |how: &str, build: fn(&str, &str, usize) -> String| {
        let run = run.clone();
        shape(format!("{name} {how}"), move |bytes| {
            build(&run, keyword, bytes)
        })
    };
    vec![
        one("before", |run, keyword, bytes| {
            keyword.to_owned() + &filled(run, bytes)
        }),
        one("within", |run, keyword, bytes| {
            let half = filled(run, bytes / 2);
            format!("{half}{keyword}{half}")
        }),
        one("after", |run, keyword, bytes| {
            filled(run, bytes) + " " + keyword
        }),
        one("everywhere", |run, keyword, bytes| {
            filled(&format!("{run}{keyword} "), bytes)
        }),
    ]
}

/// All shapes, or every `nth` of those that are many.
pub(super) fn all(nth: usize) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let ascii: Vec<String> = (0x20..0x7f_u8)
        .map(|byte| char::from(byte).to_string())
        .collect();
    let others = "\n\t\r".chars().chain(BEYOND.chars()).map(String::from);
    let mut of_one = Vec::new();
    for unit in ascii.iter().cloned().chain(others) {
        of_one.extend(runs(&unit));
    }
    shapes.extend(of_one.into_iter().step_by((nth / 100).max(1)));
    let marks: Vec<&String> = ascii
        .iter()
        .filter(|mark| mark.starts_with(|c: char| c.is_ascii_punctuation()))
        .collect();
    let mut many = Vec::new();
    for one in &marks {
        for other in &marks {
            let pair = format!("{one}{other}");
            many.push(shape(format!("pair {pair}"), move |bytes| {
                filled(&pair, bytes)
            }));
        }
    }
    for keyword in KEYWORDS {
        for unit in [
            "a", " ", "\n", "9", ".", ",", ":", "-", "=", "(", "[", "\"", "x ", "é", "漢",
        ] {
            many.extend(keyed(unit, keyword));
        }
        for mark in &marks {
            let unit = format!("{keyword}{mark} ");
            many.push(shape(format!("each {unit}"), move |bytes| {
                filled(&unit, bytes)
            }));
        }
    }
    shapes.extend(many.into_iter().step_by(nth.max(1)));
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("<b>", "</b>"),
        ("\"", "\""),
        ("“", "”"),
        ("**", "**"),
        ("> ", ""),
        ("- ", ""),
        ("[a](", ")"),
        ("\\frac{", "}"),
        ("<think>", "</think>"),
        ("「", "」"),
        ("  - x\n", ""),
        ("| a ", "|\n"),
    ] {
        shapes.push(shape(format!("nested {open} {close}"), move |bytes| {
            let deep = bytes / (open.len() + close.len()).max(1);
            format!("{}x{}", open.repeat(deep), close.repeat(deep))
        }));
        shapes.push(shape(format!("alternating {open} {close}"), move |bytes| {
            filled(&format!("{open}x 1{close} "), bytes)
        }));
    }
    // Prose: many sentences, many claims, one sentence without an end, a table, a list.
    for (name, unit) in [
        ("sentences", "The mill sold 1,200 sacks in 1902. "),
        ("no end", "the mill and the ferry and "),
        ("names", "Anna Berg met Paul Keane. "),
        ("one name", "Anna "),
        ("negations", "The board did not never not approve no sale. "),
        ("table", "| Anna | 12 | 1902 |\n"),
        ("list", "- Anna sold 12 sacks\n"),
        ("fields", "Name: Anna\nAge: 12\n"),
        ("headings", "# The mill\n"),
        ("questions", "Did the mill sell 1,200 sacks? "),
        ("numbers", "1,200 "),
        ("digits", "12"),
        ("dates", "1 May 1902, "),
    ] {
        shapes.push(shape(name.to_owned(), move |bytes| filled(unit, bytes)));
    }
    shapes
}
