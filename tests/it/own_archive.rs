//! The archive of all that is a user's own.

use std::io::{Cursor, Read};

use serde_json::{Value, json};
use zip::ZipArchive;

use crate::harness::{Answer, Chance, Setup};
use crate::removal::{MARKER, with_everything};

on_every_database!(
    everything_of_ones_own_is_in_the_archive_and_nothing_of_others,
    an_archive_of_many_evaluations_is_whole_and_takes_little_memory,
    archives_are_limited,
);

/// The files of an archive by their names, as text.
fn unpacked(answer: &Answer) -> Vec<(String, String)> {
    let mut archive = ZipArchive::new(Cursor::new(answer.bytes.as_slice())).unwrap();
    (0..archive.len())
        .map(|place| {
            let mut file = archive.by_index(place).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().unwrap().into_owned(), text)
        })
        .collect()
}

/// The values of a file of JSON Lines.
fn lines(files: &[(String, String)], name: &str) -> Vec<Value> {
    let (_, text) = files
        .iter()
        .find(|(file, _)| file == name)
        .unwrap_or_else(|| panic!("no {name}"));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn everything_of_ones_own_is_in_the_archive_and_nothing_of_others(setup: Setup) {
    let server = setup.start().await;
    let ben = with_everything(&server, "ben").await;
    let others = ben.get("/evaluations").await.has(200).json();
    let foreign = others["items"][0]["id"].as_str().unwrap().to_owned();
    let nora = server.register("nora").await;
    let empty = unpacked(&nora.get("/auth/export").await.has(200));
    assert_eq!(lines(&empty, "evaluations.jsonl"), Vec::<Value>::new());
    assert!(!format!("{empty:?}").contains(MARKER));

    let answer = ben.get("/auth/export").await.has(200);
    assert_eq!(answer.header("content-type"), "application/zip");
    assert_eq!(answer.header("cache-control"), "no-store");
    let files = unpacked(&answer);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "README.txt",
        "account.json",
        "preferences.json",
        "logins.jsonl",
        "keys.jsonl",
        "usage.jsonl",
        "evaluations.jsonl",
        "events.jsonl",
        "feedback.jsonl",
        "shares.jsonl",
        "collections.jsonl",
        "documents.jsonl",
    ];
    assert_eq!(names, expected);
    for name in &expected[1..] {
        assert!(files[0].1.contains(name), "{name} is not explained");
    }
    let me = ben.get("/auth/me").await.has(200).json();
    assert_eq!(lines(&files, "account.json"), [me]);
    let own = ben.evaluation(&foreign).await;
    assert_eq!(lines(&files, "evaluations.jsonl"), [own]);
    let path = format!("/evaluations/{foreign}/events?limit=500");
    let log = ben.get(&path).await.has(200).json();
    assert_eq!(json!(lines(&files, "events.jsonl")), log["events"]);
    for (name, marked) in [
        ("preferences.json", false),
        ("logins.jsonl", false),
        ("keys.jsonl", true),
        ("feedback.jsonl", true),
        ("shares.jsonl", false),
        ("collections.jsonl", true),
        ("documents.jsonl", true),
    ] {
        let found = lines(&files, name);
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert_eq!(found[0].to_string().contains(MARKER), marked, "{name}");
    }
    let all = format!("{files:?}");
    assert!(!all.contains(&nora.id), "nothing of others");
    for secret in server.door().secrets() {
        assert!(!all.contains(&secret), "no secret of anybody");
    }
    server
        .door()
        .get("/auth/export")
        .await
        .is_problem(401, "unauthenticated");
    server.finish().await;
}

async fn an_archive_of_many_evaluations_is_whole_and_takes_little_memory(setup: Setup) {
    const EVALUATIONS: usize = 130;
    let server = setup.start().await;
    let nora = server.register("nora").await;
    // Letters without a pattern, so that they stay large when they are compressed: 25 MB in all.
    let mut chance = Chance::new();
    let mut letter = || char::from(b'!' + chance.below(94) as u8);
    let text: String = (0..190_000).map(|_| letter()).collect();
    for number in 0..EVALUATIONS {
        let body =
            json!({ "source_text": format!("{number} {text}"), "candidate_output": "It is long." });
        nora.create(&body).await;
    }
    let before = server.memory("VmHWM");
    let answer = nora.get("/auth/export").await.has(200);
    // The system counts its pages roughly: what it says of a peak may be a little less than a moment before.
    let most = server.memory("VmHWM").max(before);
    let files = unpacked(&answer);
    assert_eq!(lines(&files, "evaluations.jsonl").len(), EVALUATIONS);
    let size = answer.bytes.len() / 1024;
    println!("an archive of {size} KiB: at most {before} KiB before, {most} KiB with it");
    assert!(size > 18 * 1024, "{size} KiB");
    // What was made is not kept: the archive alone is larger than this.
    assert!(most - before < 16 * 1024, "{before} KiB, then {most} KiB");
    server.finish().await;
}

async fn archives_are_limited(setup: Setup) {
    let server = setup.limit("exports_per_minute", 2).start().await;
    let nora = server.register("nora").await;
    for _ in 0..2 {
        nora.get("/auth/export").await.has(200);
    }
    nora.get("/auth/export")
        .await
        .is_problem(429, "rate_limited");
    server.finish().await;
}
