//! Evaluations as files: what is in them, and that no text becomes anything but text.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{Answer, DEADLINE, GLANCE, Person, Setup};
use crate::samples::{OFFLINE_JUDGES, long_evaluation};

on_every_database!(
    a_finished_evaluation_comes_in_every_format,
    what_is_not_finished_or_not_ones_own_is_refused,
);

const FORMATS: [&str; 4] = ["json", "csv", "html", "pdf"];

async fn export(person: &Person, id: &str, format: &str) -> Answer {
    let path = format!("/evaluations/{id}/export?format={format}");
    person.get(&path).await
}

async fn a_finished_evaluation_comes_in_every_format(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    nora.audit(&id).await;
    for (format, kind) in [
        ("json", "application/json"),
        ("csv", "text/csv; charset=utf-8; header=present"),
        ("html", "text/html; charset=utf-8"),
        ("pdf", "application/pdf"),
    ] {
        let file = export(&nora, &id, format).await.has(200);
        assert_eq!(file.header("content-type"), kind);
        let name = format!("attachment; filename=\"audit-{}.{format}\"", &id[..8]);
        assert_eq!(file.header("content-disposition"), name);
        assert_eq!(file.header("cache-control"), "no-store");
        assert_eq!(file.header("content-security-policy"), "sandbox");
        let again = export(&nora, &id, format).await;
        assert!(file.bytes == again.bytes, "{format} is another each time");
    }
    let shown = nora.get(&format!("/evaluations/{id}")).await.has(200);
    assert_eq!(export(&nora, &id, "json").await.bytes, shown.bytes);
    let evaluation = shown.json();
    is_whole_csv(&export(&nora, &id, "csv").await, &evaluation);
    let page = export(&nora, &id, "html").await;
    is_whole_page(&page.text, &evaluation);
    let text = pdf_text(&export(&nora, &id, "pdf").await);
    is_whole_pdf(&text, &evaluation);
    server.finish().await;
}

async fn what_is_not_finished_or_not_ones_own_is_refused(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    for format in FORMATS {
        export(&nora, &id, format)
            .await
            .is_problem(409, "not_running");
    }
    nora.audit(&id).await;
    for path in ["export", "export?format=docx", "export?format="] {
        let answer = nora.get(&format!("/evaluations/{id}/{path}")).await;
        answer.is_invalid_at("/format");
    }
    let other = server.register("otto").await;
    export(&other, &id, "pdf")
        .await
        .is_problem(404, "not_found");
    let path = format!("/evaluations/{id}/export?format=pdf");
    server
        .door()
        .get(&path)
        .await
        .is_problem(401, "unauthenticated");
    server.finish().await;
}

/// Words that want to be markup, a formula, or another direction than what surrounds them.
const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script> cost 12 crowns.",
    "=HYPERLINK(\"https://evil.example\",\"x\") has 3 rooms.",
    "<img src=x onerror=alert(2)> was opened in 1987.",
    "--> ]]> </style><style>*{display:none} has 4 doors.",
    "המכתבה נפתחה בשנת 1987 עם 12 חדרים.",
    "افتتحت المكتبة في عام 1987 ولها 12 غرفة.",
    "Smile \u{1f600} \u{10fffd} & \"quotes\" 'too' \u{202e}of 1987.",
    "Bell \u{7} and tab\there have 5 floors.",
];

#[tokio::test]
async fn no_text_becomes_anything_but_text() {
    let server = Setup::sqlite().start().await;
    let nora = server.register("nora").await;
    let text = HOSTILE.join("\n");
    let body = json!({ "source_text": text, "candidate_output": text, "question": HOSTILE[0] });
    let id = nora.create(&body).await;
    nora.audit(&id).await;
    let evaluation = nora.evaluation(&id).await;

    let page = export(&nora, &id, "html").await.has(200).text;
    is_whole_page(&page, &evaluation);
    for shown in [
        "&lt;script&gt;alert(1)",
        "&lt;img src=x",
        "Bell \u{fffd} and tab\there",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    let table = export(&nora, &id, "csv").await.has(200);
    is_whole_csv(&table, &evaluation);
    assert!(table.text.contains("\"'=HYPERLINK"));
    let text = pdf_text(&export(&nora, &id, "pdf").await.has(200));
    is_whole_pdf(&text, &evaluation);
    assert!(
        text.contains("Not shown in this PDF") && text.contains("U+10FFFD"),
        "{text}"
    );
    for shown in [
        "<script>alert(1)</script>",
        "=HYPERLINK(\"https://evil.example\"",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    // Right to left, the letters of a word are drawn in the other order, or as their joined forms.
    assert!(text.contains("1987"), "{text}");
    server.finish().await;
}

#[tokio::test]
async fn the_longest_texts_are_exported_beside_other_work() {
    let server = Setup::sqlite().start().await;
    let nora = server.register("nora").await;
    let mut body = long_evaluation(300);
    let paragraph = "The harbour was dredged twice. Śródmieście and Ελλάδα are far away.\n";
    let source: String = paragraph.chars().cycle().take(200_000).collect();
    body["source_text"] = json!(source);
    let id = nora.create(&body).await;
    nora.audit(&id).await;
    for format in FORMATS {
        let begin = Instant::now();
        let file = export(&nora, &id, format);
        tokio::pin!(file);
        let mut slowest = Duration::ZERO;
        let file = loop {
            tokio::select! {
                file = &mut file => break file,
                () = tokio::time::sleep(Duration::from_millis(50)) => {
                    let asked = Instant::now();
                    server.door().health().await;
                    slowest = slowest.max(asked.elapsed());
                }
            }
        };
        let took = begin.elapsed();
        file.clone().has(200);
        println!(
            "{format}: {} bytes in {took:?}, beside it at most {slowest:?}",
            file.bytes.len()
        );
        assert!(took < DEADLINE, "{format}: {took:?}");
        assert!(slowest < Duration::from_secs(2), "{format}: {slowest:?}");
        if format == "pdf" {
            let text = pdf_text(&file);
            assert_eq!(
                text.matches("The harbour was dredged twice.").count(),
                source.matches("twice.").count()
            );
        }
    }
    server.finish().await;
}

/// What the server may hold more while files are made, in KiB.
const BOUND: u64 = 160 << 10;

#[tokio::test]
async fn five_exports_of_line_ends_at_once_stay_within_a_bound() {
    let server = Setup::sqlite().start().await;
    let (nora, otto) = (server.register("nora").await, server.register("otto").await);
    let body = json!({
        "source_text": format!("The library has 12 rooms.{}", "\n".repeat(199_900)),
        "candidate_output": format!("The library has 12 rooms.{}", "\n".repeat(49_900)),
        "config": { "judges": ["facts"] },
    });
    let mut files = Vec::new();
    for person in [&nora, &otto] {
        let id = person.create(&body).await;
        person.audit(&id).await;
        files.push((person, id));
    }
    let idle = server.memory("VmRSS");
    let made = futures_util::future::join_all((0..5).map(|at| {
        let (person, id) = &files[at % 2];
        export(person, id, "pdf")
    }));
    tokio::pin!(made);
    let mut most = 0;
    let made = loop {
        tokio::select! {
            made = &mut made => break made,
            () = tokio::time::sleep(GLANCE) => most = most.max(server.memory("VmRSS")),
        }
    };
    for file in &made {
        assert!(file.clone().has(200).bytes.starts_with(b"%PDF-"));
    }
    let more = most.saturating_sub(idle);
    println!(
        "{} bytes each, {more} KiB more at most",
        made[0].bytes.len()
    );
    assert!(more < BOUND, "{more} KiB");
    server.finish().await;
}

/// A row for each claim and judge, whose cells are the evaluation's, and no cell begins a formula.
fn is_whole_csv(file: &Answer, evaluation: &Value) {
    let bytes = file
        .bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .expect("a byte order mark");
    assert!(
        !bytes
            .windows(2)
            .any(|pair| pair[1] == b'\n' && pair[0] != b'\r' && pair[0] == b'"')
    );
    let mut reader = csv::Reader::from_reader(bytes);
    let head = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let claims = evaluation["claims"].as_array().unwrap();
    let judges = evaluation["judges"].as_array().unwrap();
    assert_eq!(rows.len(), claims.len() * judges.len());
    let pairs = claims
        .iter()
        .flat_map(|claim| judges.iter().map(move |judge| (claim, judge)));
    for (row, (claim, judge)) in rows.iter().zip(pairs) {
        let cell = |name: &str| {
            let at = head.iter().position(|column| column == name);
            &row[at.unwrap_or_else(|| panic!("no column {name}"))]
        };
        let number = |name: &str| cell(name).parse::<f64>().ok();
        assert_eq!(cell("evaluation_id"), evaluation["id"]);
        assert_eq!(
            number("consensus_score"),
            evaluation["result"]["consensus_score"].as_f64()
        );
        assert_eq!(
            cell("claim_text").replace('\'', ""),
            claim["text"].as_str().unwrap().replace('\'', "")
        );
        assert_eq!(cell("verdict"), claim["label"]);
        assert_eq!(number("verdict_confidence"), claim["confidence"].as_f64());
        assert_eq!(cell("judge_name"), judge["judge_name"]);
        assert_eq!(number("judge_score"), judge["score"].as_f64());
        let labels = judge["claim_verdicts"].as_array().unwrap();
        let label = labels.iter().find(|label| label["claim_id"] == claim["id"]);
        let label = label.map_or("", |label| label["label"].as_str().unwrap());
        assert_eq!(cell("judge_label"), label);
        for cell in row {
            let first = cell.trim_start().chars().next();
            assert!(!first.is_some_and(|c| "=+-@＝＋－＠".contains(c)), "{cell}");
        }
    }
}

/// Says everything, holds no markup but its own, allows only its own style, and refers to nothing.
fn is_whole_page(page: &str, evaluation: &Value) {
    let allowed: BTreeSet<&str> = BTreeSet::from([
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "h1",
        "h2",
        "h3",
        "p",
        "ul",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "blockquote",
        "bdi",
        "strong",
        "span",
        "mark",
        "figure",
        "figcaption",
        "svg",
        "rect",
        "polyline",
        "circle",
        "text",
        "footer",
        "!DOCTYPE",
    ]);
    let (before, rest) = page.split_once("<style>").unwrap();
    let (style, after) = rest.split_once("</style>").unwrap();
    let hash = STANDARD.encode(Sha256::digest(style));
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}';");
    assert!(before.contains(&policy), "{before}");
    assert!(!style.contains("url(") && !style.contains("@import"));
    for tag in before.split('<').skip(1).chain(after.split('<').skip(1)) {
        let (inside, _) = tag
            .split_once('>')
            .unwrap_or_else(|| panic!("an open tag: {tag}"));
        let name = inside.trim_start_matches('/').split(' ').next().unwrap();
        assert!(allowed.contains(name), "<{inside}>");
        for forbidden in ["src=", "href=", "style=", " on", "http:", "https:"] {
            assert!(!inside.contains(forbidden), "{forbidden} in <{inside}>");
        }
    }
    for claim in evaluation["claims"].as_array().unwrap() {
        let number = claim["index"].as_u64().unwrap() + 1;
        let sign = format!("[{number}\u{a0}{}]", sign(&claim["label"]));
        assert!(after.contains(&sign), "{sign}");
    }
    for judge in evaluation["judges"].as_array().unwrap() {
        let name = judge["judge_name"].as_str().unwrap();
        assert!(
            OFFLINE_JUDGES.contains(&name) && after.contains(name),
            "{name}"
        );
    }
    let charts = if has_issues(evaluation) { 4 } else { 3 };
    assert_eq!(after.matches("<figcaption").count(), charts);
    // All but the gauge, which fits everywhere, are drawn for a desk and for a phone.
    for place in ["wide", "narrow"] {
        let drawn = after.matches(&format!("<svg class=\"{place}\"")).count();
        assert_eq!(drawn, charts - 1, "{place}");
    }
}

fn has_issues(evaluation: &Value) -> bool {
    let shares = &evaluation["result"]["hallucination_breakdown"];
    !shares.as_object().unwrap().is_empty()
}

fn sign(label: &Value) -> &'static str {
    match label.as_str().unwrap() {
        "SUPPORTED" => "✓",
        "REFUTED" => "✗",
        "NOT_ENOUGH_INFO" => "?",
        other => panic!("{other}"),
    }
}

/// All text of a PDF, without its line ends.
fn pdf_text(file: &Answer) -> String {
    let document = lopdf::Document::load_mem(&file.bytes).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    assert!(!pages.is_empty());
    document.extract_text(&pages).unwrap()
}

/// Says the verdict of each claim and the score of each judge.
fn is_whole_pdf(text: &str, evaluation: &Value) {
    let flat: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for title in [
        "Audit of a model's output",
        "The claims",
        "The judges",
        "The source",
    ] {
        assert!(flat.contains(title), "{title}: {flat}");
    }
    for claim in evaluation["claims"].as_array().unwrap() {
        let number = claim["index"].as_u64().unwrap() + 1;
        let sign = sign(&claim["label"]);
        let words = match claim["label"].as_str().unwrap() {
            "REFUTED" => "contradicted",
            "NOT_ENOUGH_INFO" => "not supported",
            _ => "supported",
        };
        let title = format!("{number} {sign} {words}");
        assert!(flat.contains(&title), "{title}: {flat}");
    }
    for judge in evaluation["judges"].as_array().unwrap() {
        let name = judge["judge_name"].as_str().unwrap();
        assert!(flat.contains(name), "{name}: {flat}");
        if let Some(score) = judge["score"].as_f64() {
            let score = format!("{score:.1}");
            assert!(flat.contains(&score), "{score}: {flat}");
        }
    }
}
