use serde_json::json;

use super::*;

fn read(record: &Value) -> (Fields, &'static str) {
    fields(record, &Columns::default()).unwrap().unwrap()
}

#[test]
fn each_program_is_known_by_its_fields() {
    let messages = json!([{"role": "system", "content": "It is old."}, {"role": "user", "content": "How old?"}]);
    let records = [
        (
            json!({"source": "S", "candidate": "C", "id": 7, "doc": "d"}),
            "judge-auditor",
            "S",
            "7",
        ),
        (
            json!({"user_input": "Q", "response": "C", "retrieved_contexts": ["S", "T"], "reference": "R"}),
            "RAGAS",
            "S\n\nT",
            "",
        ),
        (
            json!({"question": "Q", "answer": "C", "contexts": ["S"], "ground_truth": "R"}),
            "RAGAS",
            "S",
            "",
        ),
        (
            json!({"input": "Q", "actual_output": "C", "retrieval_context": ["S"], "name": "n"}),
            "DeepEval",
            "S",
            "n",
        ),
        (
            json!({"id": "7f", "testIdx": 3, "promptIdx": 1, "vars": {"context": "S", "question": "Q"},
                "response": {"output": "C"}}),
            "promptfoo",
            "S",
            "3:1",
        ),
        (
            json!({"item": {"context": "S", "question": "Q"}, "sample": {"output_text": "C"},
                "datasource_item_id": 4}),
            "OpenAI Evals",
            "S",
            "4",
        ),
        (
            json!({"datasource_item": {"context": "S", "question": "Q"}, "datasource_item_id": 5,
                "sample": {"output": [{"role": "assistant", "content": "C"}]}, "results": []}),
            "OpenAI Evals",
            "S",
            "5",
        ),
        (
            json!({"input": "Q", "actualOutput": "C",
                "retrievalContext": [{"context": "S", "source": "a.md"}, "T"]}),
            "DeepEval",
            "S\n\nT",
            "",
        ),
        (
            json!({"input": "Q", "actual_output": "C",
                "retrieval_context": ["deepeval_source=a.md,deepeval_context=S", "T"]}),
            "DeepEval",
            "S\n\nT",
            "",
        ),
        (
            json!({"run_id": "r", "event_id": 2, "sample_id": "x.1", "type": "sampling",
                "data": {"prompt": messages, "sampled": ["C"]}}),
            "OpenAI Evals (log)",
            "It is old.\n\nHow old?",
            "x.1",
        ),
    ];
    for (record, name, source, id) in records {
        let (found, form) = read(&record);
        assert_eq!(
            (form, &*found.source, &*found.candidate),
            (name, source, "C"),
            "{record}"
        );
        assert_eq!(found.id.unwrap_or_default(), id, "{record}");
    }
}

#[test]
fn flags_name_fields_and_win() {
    let record = json!({"source": "no", "candidate": "no", "meta": {"text": "S"}, "out.put": "C"});
    let columns = Columns {
        source: Some("meta.text".to_owned()),
        candidate: Some("out.put".to_owned()),
        ..Columns::default()
    };
    let (found, _) = fields(&record, &columns).unwrap().unwrap();
    assert_eq!((&*found.source, &*found.candidate), ("S", "C"));
    let wrong = fields(&json!({"text": "S"}), &columns).unwrap_err();
    assert!(
        wrong.contains("meta.text (--source-field)") && wrong.contains("there are text"),
        "{wrong}"
    );
}

#[test]
fn what_is_wrong_with_a_record_is_said() {
    let of = |record: Value| fields(&record, &Columns::default()).unwrap_err();
    assert!(of(json!({"a": 1})).contains("--source-field"));
    assert!(of(json!(3)).contains("no object"));
    assert!(of(json!({"source": " ", "candidate": "C"})).contains("the source is empty"));
    assert!(of(json!({"source": "S", "candidate": "a\u{0}"})).contains("U+0000"));
    assert!(of(json!({"source": {"a": 1}, "candidate": "C"})).contains("without a text"));
    let many: Vec<u8> = vec![0; MOST_PARTS + 1];
    assert!(of(json!({"source": many, "candidate": "C"})).contains("more than 1000 parts"));
}

#[test]
fn other_lines_of_a_log_are_passed_over_and_lists_in_cells_are_read() {
    for record in [
        json!({"spec": {"eval_name": "e"}}),
        json!({"final_report": {"accuracy": 1}}),
        json!({"run_id": "r", "event_id": 1, "sample_id": "x.1", "type": "match", "data": {"correct": true}}),
    ] {
        assert_eq!(fields(&record, &Columns::default()).unwrap(), None);
    }
    // A case of somebody else's may have fields of the same names.
    for more in [
        json!({"spec": {"part": 3}}),
        json!({"final_report": {"page": 1}}),
        json!({"run_id": "r", "event_id": 1, "type": "match"}),
    ] {
        let mut case = json!({"source": "S", "candidate": "C"});
        let more = more.as_object().unwrap().clone();
        case.as_object_mut().unwrap().extend(more);
        assert_eq!(read(&case).0.source, "S", "{case}");
    }
    let cell = json!({"contexts": "[\"S\", \"T\"]", "answer": "[1] says so."});
    let (found, _) = read(&cell);
    assert_eq!(
        (&*found.source, &*found.candidate),
        ("S\n\nT", "[1] says so.")
    );
}

#[test]
fn a_list_of_pythons_strings_in_a_cell_is_read() {
    for (cell, expected) in [
        (
            "['The mill is old.', 'It has sails.']",
            "The mill is old.\n\nIt has sails.",
        ),
        (r#"["It's old.", 'So "old".']"#, "It's old.\n\nSo \"old\"."),
        (
            r"['a\'b\\n', 'c\nd\x41\u00e9\U0001f701', '\d']",
            "a'b\\n\n\nc\ndAé🜁\n\n\\d",
        ),
        // No list of strings: the text as it is.
        ("['a' and 'b']", "['a' and 'b']"),
        ("['a', 3, 'b']", "['a', 3, 'b']"),
        (r"['a\xzz']", r"['a\xzz']"),
        ("[']", "[']"),
        ("['a',]'", "['a',]'"),
    ] {
        let record = json!({"contexts": cell, "answer": "C"});
        assert_eq!(read(&record).0.source, expected, "{cell}");
    }
}

#[test]
fn a_row_of_promptfoo_without_an_output_has_its_error() {
    let row = json!({"testIdx": 3, "promptIdx": 1, "vars": {"context": "S"},
        "error": "API error: 500", "response": {}});
    let (found, form) = read(&row);
    assert_eq!(
        (form, &*found.source, &*found.candidate),
        ("promptfoo", "S", "")
    );
    assert_eq!(found.id.as_deref(), Some("3:1"));
    assert_eq!(
        found.error.as_deref(),
        Some("promptfoo has no output of it: API error: 500")
    );
    // Nothing but the error says that the row had no output, and nothing numbers it.
    for row in [
        json!({"vars": {"context": "S"}, "error": "API error: 500"}),
        json!({"testCase": {"vars": {"context": "S"}}, "response": {"error": "API error: 500"}}),
    ] {
        let (found, form) = read(&row);
        assert_eq!((form, &*found.source), ("promptfoo", "S"), "{row}");
        assert_eq!((found.id, &*found.candidate), (None, ""), "{row}");
        assert!(found.error.is_some_and(|why| why.contains("500")), "{row}");
    }
    // A row with neither is a mistake in the file.
    let neither = json!({"vars": {"context": "S"}});
    assert!(fields(&neither, &Columns::default()).is_err());
    // A failed assertion is an error too, of a row that has an output.
    let row = json!({"testIdx": 3, "vars": {"context": "S"}, "error": "too long",
        "response": {"output": "C"}});
    let (found, _) = read(&row);
    assert_eq!((&*found.candidate, found.error), ("C", None));
}

#[test]
fn an_output_of_promptfoo_that_is_json_without_a_text_is_an_item_that_can_not_be_judged() {
    for numbered in [true, false] {
        let mut row = json!({"vars": {"context": "S"}, "response": {"output": {"answer": 5}}});
        if numbered {
            row["testIdx"] = json!(3);
        }
        let (found, form) = read(&row);
        assert_eq!((form, &*found.candidate), ("promptfoo", ""));
        assert_eq!(found.id.is_some(), numbered);
        assert_eq!(
            found.error.as_deref(),
            Some(
                "its output can't be judged: it is an object without a text in \"content\" or \"text\""
            )
        );
    }
    // One with a text is judged.
    let row = json!({"vars": {"context": "S"}, "response": {"output": {"text": "C"}}});
    let (found, _) = read(&row);
    assert_eq!((&*found.candidate, found.error), ("C", None));
}

#[test]
fn an_output_beside_its_context_is_not_taken_for_a_passage() {
    for output in [
        json!({"answer": "C", "context": "S"}),
        json!({"answer": "C", "context": "S", "source": "a.md"}),
    ] {
        let row = json!({"vars": {"context": "S"}, "response": {"output": output}});
        let (found, _) = read(&row);
        let why = found.error.unwrap_or_default();
        assert!(why.contains("without a text"), "{row}: {}", found.candidate);
    }
}

#[test]
fn a_row_of_openais_evals_without_an_output_has_its_error() {
    let row = |sample: Value| {
        json!({"datasource_item": {"context": "S", "question": "Q"}, "datasource_item_id": 5,
            "sample": sample})
    };
    let error = json!({"code": "server_error", "message": "The model is away."});
    for sample in [
        json!({"output": [], "error": error}),
        json!({"output": [{"role": "assistant", "content": null}], "error": error}),
        json!({"error": error}),
    ] {
        let (found, form) = read(&row(sample));
        assert_eq!(
            (form, &*found.source, found.id.as_deref()),
            ("OpenAI Evals", "S", Some("5"))
        );
        assert_eq!(
            found.error.as_deref(),
            Some("OpenAI Evals has no output of it: The model is away.")
        );
    }
    // With neither it is a mistake in the file, and an error that says nothing is none.
    let neither = row(json!({"output": [], "error": {"code": "", "message": ""}}));
    let wrong = fields(&neither, &Columns::default()).unwrap_err();
    assert!(wrong.contains("the output is empty"), "{wrong}");
    let fine = row(json!({"output": [{"role": "assistant", "content": "C"}], "error": null}));
    assert_eq!(read(&fine).0.candidate, "C");
}
