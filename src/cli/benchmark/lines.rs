//! The labelled pairs of a file.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;

use crate::app::Question;

/// One pair with what people say of it.
#[derive(Debug)]
pub(in crate::cli) struct Pair {
    pub(in crate::cli) texts: Question,
    pub(in crate::cli) supported: bool,
    /// Which document of the file it belongs to.
    pub(in crate::cli) document: usize,
    /// The label before it was made a yes or no, where it is given.
    pub(in crate::cli) class: Option<String>,
    /// What people marked as unsupported, in characters of the candidate, where that is given.
    pub(in crate::cli) spans: Option<Vec<Range<usize>>>,
}

#[derive(Deserialize)]
struct Line {
    source: String,
    candidate: String,
    label: u8,
    question: Option<String>,
    doc: Option<serde_json::Value>,
    label_detail: Option<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    class: Option<serde_json::Value>,
    spans: Option<Vec<Marked>>,
}

#[derive(Deserialize)]
struct Marked {
    start: usize,
    end: usize,
}

/// Reads a file of one JSON object a line; blank lines are passed over. Without a `doc`, pairs with
/// one source are one document.
///
/// # Errors
/// The file can't be read, a line is not such an object, or there is none; with the line's number.
pub(in crate::cli) fn read(path: &Path) -> Result<Vec<Pair>, String> {
    let name = path.display();
    let file = File::open(path).map_err(|error| format!("{name} can't be read: {error}"))?;
    let mut documents = HashMap::new();
    let mut pairs = Vec::new();
    for (at, line) in BufReader::new(file).lines().enumerate() {
        let wrong = |what: String| format!("{name}, line {}: {what}", at + 1);
        let line = line.map_err(|error| wrong(error.to_string()))?;
        if line.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(&line).map_err(|error| wrong(error.to_string()))?;
        if line.label > 1 {
            return Err(wrong(format!(
                "label is {}; give 1 for supported, 0 for not",
                line.label
            )));
        }
        if line.source.is_empty() || line.candidate.is_empty() {
            return Err(wrong("source and candidate must not be empty".into()));
        }
        pairs.push(pair(line, &mut documents));
    }
    if pairs.is_empty() {
        return Err(format!("{name} holds no pair"));
    }
    Ok(pairs)
}

fn pair(line: Line, documents: &mut HashMap<String, usize>) -> Pair {
    let document = match line.doc {
        None | Some(serde_json::Value::Null) => line.source.clone(),
        Some(doc) => doc.to_string(),
    };
    let next = documents.len();
    let detail = line.label_detail;
    let (class, spans) = detail.map_or((None, None), |detail| (detail.class, detail.spans));
    Pair {
        supported: line.label == 1,
        document: *documents.entry(document).or_insert(next),
        class: class.and_then(|class| class.as_str().map(str::to_owned)),
        spans: spans.map(|spans| spans.iter().map(|span| span.start..span.end).collect()),
        texts: Question {
            source: line.source,
            candidate: line.candidate,
            question: line.question,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn of(text: &str) -> Result<Vec<Pair>, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        read(file.path())
    }

    #[test]
    fn pairs_of_one_document_share_it() {
        let pairs = of(
            "{\"id\":\"1\",\"source\":\"a\",\"candidate\":\"b\",\"label\":1,\"doc\":\"x\"}\n\n\
             {\"source\":\"c\",\"candidate\":\"d\",\"label\":0,\"doc\":\"y\",\"label_detail\":{\"class\":\"REFUTES\",\"spans\":[{\"start\":0,\"end\":1,\"type\":\"t\"}]}}\n\
             {\"source\":\"a\",\"candidate\":\"e\",\"label\":0,\"doc\":\"x\",\"question\":null}\n",
        )
        .unwrap();
        let documents: Vec<usize> = pairs.iter().map(|pair| pair.document).collect();
        assert_eq!(documents, [0, 1, 0]);
        assert_eq!(pairs[1].class.as_deref(), Some("REFUTES"));
        let marked = pairs[1].spans.as_ref().unwrap();
        assert_eq!((marked.len(), marked[0].clone()), (1, 0..1));
        assert!(pairs[0].supported && !pairs[2].supported);
    }

    #[test]
    fn a_bad_line_is_named_by_its_number() {
        let good = "{\"source\":\"a\",\"candidate\":\"b\",\"label\":1}\n";
        for (bad, why) in [
            ("{\"source\":\"a\"}", "missing field `candidate`"),
            (
                "{\"source\":\"a\",\"candidate\":\"b\",\"label\":2}",
                "label is 2",
            ),
            (
                "{\"source\":\"a\",\"candidate\":\"\",\"label\":1}",
                "must not be empty",
            ),
            ("nonsense", "expected"),
        ] {
            let error = of(&format!("{good}{bad}\n")).unwrap_err();
            assert!(error.contains("line 2: ") && error.contains(why), "{error}");
        }
        assert!(of("\n").unwrap_err().contains("holds no pair"));
    }
}
