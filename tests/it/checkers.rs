//! Published checkers through the real program, each with its preset: models of their architectures with
//! small random weights, which `tests/models/make.py` exports, and their probabilities for one claim, as
//! their authors' own way of asking gives them.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::{Setup, required};

/// The variable that names the folder of exported models.
const MODELS: &str = "AUDITOR_TEST_MODELS";
/// The judge rounds to four digits, twice where it tells a contradiction.
const NEAR: f64 = 2.5e-4;

struct Exported {
    name: String,
    kind: String,
    preset: String,
    folder: PathBuf,
    expected: Value,
}

/// Every exported model that has a preset; none where the variable is not set, which is said.
fn exported() -> Vec<Exported> {
    let Some(folder) = required(MODELS) else {
        return Vec::new();
    };
    let read = |path: PathBuf| -> Option<Value> {
        fs::read(path)
            .ok()
            .map(|bytes| serde_json::from_slice(&bytes).unwrap())
    };
    let mut found: Vec<Exported> = fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            let folder = entry.unwrap().path();
            let checker = read(folder.join("checker.json"))?;
            Some(Exported {
                name: folder.file_name()?.to_str()?.to_owned(),
                kind: checker["kind"].as_str()?.to_owned(),
                preset: checker["preset"].as_str()?.to_owned(),
                expected: read(folder.join("expected.json"))?,
                folder,
            })
        })
        .collect();
    found.sort_by(|one, two| one.name.cmp(&two.name));
    assert!(found.len() >= 12, "{} models", found.len());
    found
}

#[tokio::test]
async fn each_preset_asks_as_its_checker_s_own_code_does() {
    let exported = exported();
    if exported.is_empty() {
        return;
    }
    let file: String = exported
        .iter()
        .map(|it| {
            format!(
                "[[judges]]\nname = \"{}\"\nkind = \"{}\"\npreset = \"{}\"\nfolder = \"{}\"\n",
                it.name,
                it.kind,
                it.preset,
                it.folder.display()
            )
        })
        .collect();
    let server = Setup::sqlite().file(&file).start().await;
    let nora = server.register("nora").await;
    for it in &exported {
        let Exported { name, expected, .. } = it;
        let mut body = json!({
            "source_text": expected["evidence"], "candidate_output": expected["claim"],
            "config": { "judges": [name] },
        });
        if !expected["question"].is_null() {
            body["question"] = expected["question"].clone();
        }
        let id = nora.create(&body).await;
        nora.audit(&id).await;
        let evaluation = nora.evaluation(&id).await;
        let heard = &evaluation["judges"][0];
        assert_eq!(heard["status"], "completed", "{name}: {evaluation}");
        assert_eq!(evaluation["claims"].as_array().unwrap().len(), 1, "{name}");
        let label = &heard["claim_verdicts"][0];
        let got = label["probability"]["supported"].as_f64().unwrap();
        let wanted = expected["supported"].as_f64().unwrap();
        assert!(
            (got - wanted).abs() <= NEAR,
            "{name}: {got} and not {wanted}: {heard}"
        );
    }
    server.finish().await;
}
