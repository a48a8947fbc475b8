use std::fs;

use tempfile::TempDir;

use super::*;

/// The line, the source and the output of an item.
type Found = (usize, String, String);

/// What a file of these bytes holds: lines, sources, outputs; and how it is written.
fn read(name: &str, bytes: &[u8]) -> Result<(Vec<Found>, Written), String> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let items = items(&path, &Columns::default(), None);
    let clean = |why: String| why.replace(&folder.path().display().to_string(), "");
    let mut items = items.map_err(clean)?;
    let mut found = Vec::new();
    for item in items.by_ref() {
        let item = item.map_err(clean)?;
        found.push((
            item.place.line.or(item.place.item).unwrap(),
            item.source.to_string(),
            item.candidate,
        ));
    }
    Ok((found, items.written))
}

fn one(line: usize, source: &str, candidate: &str) -> Vec<Found> {
    vec![(line, source.to_owned(), candidate.to_owned())]
}

#[test]
fn lines_are_read_whatever_ends_them_and_whatever_their_encoding() {
    let plain = "\n{\"source\":\"café\",\"candidate\":\"C\"}\r\n\r\n";
    let (found, written) = read("a.jsonl", plain.as_bytes()).unwrap();
    assert_eq!((found, written.encoding), (one(2, "café", "C"), None));
    let marked = [b"\xef\xbb\xbf", plain.as_bytes()].concat();
    assert_eq!(read("a.jsonl", &marked).unwrap().0, one(2, "café", "C"));
    let windows = b"{\"source\":\"caf\xe9 \x93x\x94\",\"candidate\":\"C\"}";
    let (found, written) = read("a.jsonl", windows).unwrap();
    assert_eq!(
        (found, written.encoding),
        (one(1, "café “x”", "C"), Some("Windows-1252"))
    );
    let wide: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (found, written) = read("a.jsonl", &wide).unwrap();
    assert_eq!(
        (found, written.encoding),
        (one(2, "café", "C"), Some("UTF-16LE"))
    );
}

#[test]
fn a_windows_letter_at_the_end_of_a_long_file_is_seen_and_a_cut_character_is_none() {
    let line = b"{\"source\":\"S\",\"candidate\":\"C\"}\n";
    let mut long = line.repeat(3 * SAMPLE / line.len());
    long.extend(b"{\"source\":\"caf\xe9\",\"candidate\":\"C\"}");
    let (found, written) = read("a.jsonl", &long).unwrap();
    assert_eq!(written.encoding, Some("Windows-1252"));
    assert_eq!(found.last().unwrap().1, "café");
    // Two bytes each, so that every piece of odd length ends inside of one.
    let many = format!(
        "{{\"source\":\"x{}\",\"candidate\":\"C\"}}",
        "é".repeat(2 * SAMPLE)
    );
    assert_eq!(read("a.jsonl", many.as_bytes()).unwrap().1.encoding, None);
}

#[test]
fn tables_are_read_by_their_own_separator_and_quotes() {
    let quoted = "source;candidate;id\r\n\"a; \"\"b\"\"\r\nc\";C;7\r\n";
    let (found, written) = read("a.csv", quoted.as_bytes()).unwrap();
    assert_eq!(found, one(2, "a; \"b\"\r\nc", "C"));
    assert_eq!(written.separator, Some(';'));
    let blank = "source,candidate\r\nS,C\r\n\r\nS,C\r\n";
    let twice = [one(2, "S", "C"), one(4, "S", "C")].concat();
    assert_eq!(read("a.csv", blank.as_bytes()).unwrap().0, twice);
    let commas = "\u{feff}candidate,source\nC,S\n";
    assert_eq!(
        read("a.csv", commas.as_bytes()).unwrap().0,
        one(2, "S", "C")
    );
    assert_eq!(
        read("a.tsv", b"source\tcandidate\nS\tC\n").unwrap().0,
        one(2, "S", "C")
    );
    let windows = b"source,candidate\ncaf\xe9,C\n";
    let (found, written) = read("a.csv", windows).unwrap();
    assert_eq!(
        (found, written.encoding),
        (one(2, "café", "C"), Some("Windows-1252"))
    );
}

#[test]
fn whole_files_are_lists_or_what_promptfoo_writes() {
    let list = br#"[{"input": "Q", "actual_output": "C", "retrieval_context": ["S"]}]"#;
    assert_eq!(read("a.json", list).unwrap().0, one(1, "S", "C"));
    let promptfoo = br#"{"evalId": "e", "results": {"version": 3, "results": [
        {"testIdx": 0, "promptIdx": 0, "vars": {"context": "S"}, "response": {"output": "C"}}]}}"#;
    assert_eq!(read("a.json", promptfoo).unwrap().0, one(1, "S", "C"));
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    for (name, bytes, said) in [
        (
            "a.jsonl",
            &b"{\"source\":\"S\",\"candidate\":\"C\"}\n{\"source\""[..],
            "line 2: it is no JSON object: EOF while parsing an object at column",
        ),
        (
            "a.jsonl",
            b"{\"source\":\"S\"}",
            "line 1: there is no output beside the source in source: it is looked for in candidate, candidate_output",
        ),
        (
            "a.csv",
            b"id,source,candidate\n1,S,C\n2,,C\n",
            "line 3: there is no source beside the output in candidate: it is looked for in source, source_text, or \
             name its field with --source-field; there are candidate, id",
        ),
        (
            "a.jsonl",
            b"{\"a\":1}",
            "line 1: the source and the output are in no fields",
        ),
        (
            "a.jsonl",
            b"\n{\"source\":\"S\",\"candidate\":\"C\"},\n",
            "line 2: it is no JSON object: trailing characters at column 31",
        ),
        ("a.csv", b"source,candidate\nS,C\nS\n", "line 3"),
        ("a.csv", b"source,candidate\nS,\n", "line 2"),
        (
            "a.csv",
            b"source,candidate,source\nS,C,T\n",
            "line 2: two columns are called source, and their cells differ",
        ),
        (
            "a.csv",
            b"source,candidate\nS,C\n\"S,C\nS,C\nS,C\n",
            "line 3: the quote that begins there is never closed",
        ),
        (
            "a.csv",
            b"source,candidate\nS,\"C\nS\n",
            "line 2: the quote",
        ),
        ("a.csv", b"source,\"candidate\nS,C\n", "line 1: the quote"),
        (
            "a.json",
            b"[{\"source\":\"S\",\"candidate\":\"C\"}, {}]",
            "item 2: ",
        ),
        ("a.json", b"{\"a\": 1}", "neither a list nor"),
        ("a.json", b"{", "no JSON"),
    ] {
        let wrong = read(name, bytes).unwrap_err();
        assert!(wrong.contains(said), "{wrong}");
    }
    let rows = "S,C\n".repeat(LONGEST_RECORD / 4);
    let open = format!("source,candidate\nS,C\nS,\"C\n{rows}");
    let wrong = read("a.csv", open.as_bytes()).unwrap_err();
    let said = "line 3: the quote that begins there is not closed within 16777216 bytes";
    assert!(wrong.contains(said), "{wrong}");
    let long = format!("source,candidate\nS,{}\n", "x".repeat(LONGEST_RECORD));
    let wrong = read("a.csv", long.as_bytes()).unwrap_err();
    assert!(
        wrong.contains("line 2: it has more than 16777216 bytes"),
        "{wrong}"
    );
    let long = format!("{{\"source\":\"{}\"}}", "x".repeat(LONGEST_RECORD));
    let wrong = read("a.jsonl", long.as_bytes()).unwrap_err();
    assert!(wrong.contains("more than 16777216 bytes"), "{wrong}");
    let missing = items(Path::new("/nowhere/a.jsonl"), &Columns::default(), None);
    assert!(missing.err().unwrap().contains("can't be read"));
}

#[test]
fn columns_that_say_the_same_or_have_no_name_are_no_fault() {
    for table in [
        &b"source,candidate,source\nS,C,S\n"[..],
        b"source,candidate,source\nS,C,\n",
        b",source,candidate,\n1,S,C,2\n",
    ] {
        assert_eq!(read("a.csv", table).unwrap().0, one(2, "S", "C"));
    }
}

#[test]
fn quotes_that_are_closed_or_within_a_cell_are_no_fault() {
    for table in [
        &b"source,candidate\n\"S\",\"a \"\"C\"\"\"\n"[..],
        b"source,candidate\nS 5\" high,C\n",
        b"source,candidate\r\nS,\"C\"",
    ] {
        assert_eq!(read("a.csv", table).unwrap().0.len(), 1);
    }
}

#[test]
fn deepevals_lists_are_read() {
    for name in ["testCases", "test_cases"] {
        let run = format!(
            r#"{{"{name}": [{{"input": "Q", "actualOutput": "C", "retrievalContext": ["S"]}}]}}"#
        );
        // As its latest run lies in a project's folder.
        let latest = format!(r#"{{"testRunData": {run}}}"#);
        for file in [run, latest] {
            let (found, _) = read("a.json", file.as_bytes()).unwrap();
            assert_eq!(found, one(1, "S", "C"), "{file}");
        }
    }
}

#[test]
fn a_list_as_openais_api_answers_it_is_read_unless_it_is_one_page_of_several() {
    let page = |has_more: bool| {
        let file = format!(
            r#"{{"object": "list", "has_more": {has_more}, "data": [{{"object": "eval.run.output_item",
            "datasource_item_id": 5, "datasource_item": {{"context": "S"}},
            "sample": {{"output": [{{"role": "assistant", "content": "C"}}]}}}}]}}"#
        );
        read("a.json", file.as_bytes())
    };
    assert_eq!(page(false).unwrap().0, one(1, "S", "C"));
    let wrong = page(true).unwrap_err();
    assert!(wrong.contains("one page of a longer list"), "{wrong}");
}

#[test]
fn an_item_of_a_list_has_a_position_and_no_line() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.json");
    fs::write(&path, r#"[{"source": "S", "candidate": "C"}]"#).unwrap();
    let mut found = items(&path, &Columns::default(), None).unwrap();
    let item = found.next().unwrap().unwrap();
    assert_eq!((item.place.line, item.place.item), (None, Some(1)));
    assert_eq!(item.id, "a.json:1");
}

#[test]
fn a_mark_of_utf_8_before_other_bytes_is_noted() {
    let line = b"{\"source\":\"caf\xe9\",\"candidate\":\"C\"}";
    let marked = [&b"\xef\xbb\xbf"[..], line].concat();
    let (found, written) = read("a.jsonl", &marked).unwrap();
    assert!(written.broken);
    assert_eq!(found, one(1, "caf\u{fffd}", "C"));
    let good = [
        &b"\xef\xbb\xbf"[..],
        b"{\"source\":\"S\",\"candidate\":\"C\"}",
    ]
    .concat();
    assert!(!read("a.jsonl", &good).unwrap().1.broken);
}
