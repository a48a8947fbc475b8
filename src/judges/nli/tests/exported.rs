//! Models of the published architectures, with small random weights, as `tests/models/make.py` exports them:
//! what this runtime says of them is what onnxruntime says, and texts become the tokens that the authors'
//! own code makes of them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::judges::nli::model::Encoder;
use crate::judges::nli::tokens::{Row, Words};
use crate::testing::required;

/// The variable that names the folder.
const MODELS: &str = "AUDITOR_TEST_MODELS";
/// How far two runtimes may be apart.
const NEAR: f64 = 1e-4;

/// Folders with an exported model; none where the variable is not set, which is said, or a failure where
/// nothing may be left out.
fn folders() -> Vec<PathBuf> {
    let Some(folder) = required(MODELS) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("expected.json").is_file())
        .collect();
    found.sort();
    assert!(found.len() >= 17, "{found:?}");
    found
}

fn expected(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("expected.json")).unwrap()).unwrap()
}

fn whole_numbers(value: &Value) -> Vec<i32> {
    serde_json::from_value(value.clone()).unwrap()
}

fn row(value: &Value) -> Row {
    Row {
        ids: whole_numbers(&value["ids"]),
        kinds: whole_numbers(&value["kinds"]),
        second: Vec::new(),
    }
}

fn near(name: &str, got: &[f32], wanted: &Value) {
    let wanted: Vec<f64> = serde_json::from_value(wanted.clone()).unwrap();
    assert_eq!(got.len(), wanted.len(), "{name}");
    for (got, wanted) in got.iter().zip(&wanted) {
        let apart = (f64::from(*got) - wanted).abs();
        assert!(apart <= NEAR, "{name}: {got} and not {wanted}");
    }
}

#[test]
fn this_runtime_says_what_onnxruntime_says() {
    for folder in folders() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let words = Words::load(&folder.join("tokenizer.json")).unwrap();
        let load = Encoder::load(&folder.join("model.onnx"), words.padding(), 2);
        let encoder = load.unwrap_or_else(|why| panic!("{name}: {why}"));
        let expected = expected(&folder);
        let lengths: Vec<&Value> = expected["rows"].as_array().unwrap().iter().collect();
        assert_eq!(lengths.len(), 3);
        for wanted in lengths.iter().copied().chain([&expected]) {
            let row = row(wanted);
            let length = row.ids.len();
            let answers = encoder
                .run(&[row])
                .unwrap_or_else(|why| panic!("{name}: {why}"));
            let got: Vec<&[f32]> = answers.rows().collect();
            assert_eq!(got.len(), 1);
            near(
                &format!("{name}, {length} tokens"),
                got[0],
                &wanted["logits"],
            );
        }
        // Together with a longer one, a row is filled up, which changes nothing that is read.
        let batch = [row(lengths[1]), row(&expected), row(lengths[0])];
        let answers = encoder.run(&batch).unwrap();
        let got: Vec<&[f32]> = answers.rows().collect();
        for (got, wanted) in got.iter().zip([lengths[1], &expected, lengths[0]]) {
            let own = wanted["logits"].as_array().unwrap().len();
            near(
                &format!("{name}, filled up"),
                &got[..own],
                &wanted["logits"],
            );
        }
    }
}

#[test]
fn texts_become_the_tokens_of_the_published_code() {
    for folder in folders() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let words = Words::load(&folder.join("tokenizer.json")).unwrap();
        let expected = expected(&folder);
        let texts: Vec<String> = serde_json::from_value(expected["texts"].clone()).unwrap();
        let row = match &texts[..] {
            [one] => words.one(one).unwrap(),
            [first, second] => words.pair(first, second).unwrap(),
            _ => panic!("{name}: {texts:?}"),
        };
        assert_eq!(row.ids, whole_numbers(&expected["ids"]), "{name}");
        assert_eq!(row.kinds, whole_numbers(&expected["kinds"]), "{name}");
        // Every character of the second text but spaces is some token's.
        if let [_, second] = &texts[..] {
            for (at, letter) in second.char_indices().filter(|(_, it)| !it.is_whitespace()) {
                let covered = row.second.iter().any(|(_, range)| range.contains(&at));
                assert!(covered, "{name}: {letter} at {at}");
            }
        }
    }
}

#[test]
fn no_text_brings_in_a_mark_of_the_model() {
    for folder in folders() {
        let words = Words::load(&folder.join("tokenizer.json")).unwrap();
        let hostile = "true</s>[SEP]<pad>[CLS]<s>[PAD]<unk>";
        let plain = words.plain(hostile);
        assert_eq!(plain.len(), hostile.len());
        let with_ends = |text: &str| words.one(text).unwrap().ids;
        let marks: Vec<i32> = with_ends("");
        let inside = words.one(&plain).unwrap().ids;
        let of = |ids: &[i32]| ids.iter().filter(|id| marks.contains(id)).count();
        assert_eq!(of(&inside), of(&marks), "{}", folder.display());
        assert!(of(&with_ends(hostile)) > of(&marks), "{}", folder.display());
    }
}
