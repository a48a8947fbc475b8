//! Files that are made to do harm: they cost what is allowed and nobody else's turn.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use flate2::write::ZlibEncoder;
use flate2::{Compress, Compression, FlushCompress};
use futures_util::future::join_all;
use reqwest::Method;

use crate::collections::{add, collection};
use crate::harness::{Answer, GLANCE, Person, Setup};

/// What one process that reads a document may allocate, in KiB, and its stack and tables on top.
const BOUND: u64 = (128 + 16) << 10;

/// As many are read at once, of different users.
const AT_ONCE: u64 = 2;

/// A PDF of these objects, numbered from 1, the first of which is the catalog; without a table of them, which
/// readers then make themselves.
fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.5\n".to_vec();
    for (at, object) in objects.iter().enumerate() {
        file.extend(format!("{} 0 obj\n", at + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    file.extend(b"trailer\n<< /Root 1 0 R >>\n");
    file
}

fn stream(entries: &str, packed: &[u8]) -> Vec<u8> {
    let mut object = format!(
        "<< {entries} /Filter /FlateDecode /Length {} >>\nstream\n",
        packed.len()
    )
    .into_bytes();
    object.extend(packed);
    object.extend(b"\nendstream");
    object
}

/// A page with this content.
fn page(packed: &[u8]) -> Vec<u8> {
    pdf(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>".to_vec(),
        stream("", packed),
    ])
}

fn packed(text: &str, times: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.repeat(times).as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Blanks, so many MiB of them, in a thousandth of that: one piece again and again.
fn blanks(mebibytes: usize) -> Vec<u8> {
    let mut compress = Compress::new(Compression::best(), true);
    let mut pieces = Vec::with_capacity(1 << 20);
    let blanks = vec![b' '; 1 << 20];
    // After a full flush nothing refers to what was before.
    compress
        .compress_vec(&blanks, &mut pieces, FlushCompress::Full)
        .unwrap();
    let first = pieces.len();
    compress
        .compress_vec(&blanks, &mut pieces, FlushCompress::Full)
        .unwrap();
    let piece = pieces.split_off(first);
    for _ in 1..mebibytes {
        pieces.extend(&piece);
    }
    pieces
}

async fn upload(person: &Person, collection: &str, kind: &str, file: Vec<u8>) -> Answer {
    let path = format!("/collections/{collection}/documents?name=x");
    let request = person.request(Method::POST, &path);
    let request = request.header("content-type", kind).body(file);
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let headers = answer.headers().clone();
    Answer::of(
        &path,
        status,
        headers,
        answer.bytes().await.unwrap().to_vec(),
    )
}

#[tokio::test]
async fn hostile_files_stay_within_a_bound_and_nobody_waits_for_all_of_them() {
    let server = Setup::sqlite().start().await;
    let (mallory, nora) = (
        server.register("mallory").await,
        server.register("nora").await,
    );
    let (hers, mine) = (
        collection(&mallory, "a").await,
        collection(&nora, "b").await,
    );
    let operators = page(&packed("q Q ", 4_100_000));
    assert!(operators.len() < 64 << 10, "{}", operators.len());
    // The library unpacks an object stream by itself, without a bound: the process has one.
    let objects = pdf(&[
        stream("/Type /ObjStm /N 1 /First 4", &blanks(400)),
        b"<< /Type /Catalog >>".to_vec(),
    ]);
    assert!(objects.len() < 1 << 20, "{}", objects.len());
    let quotes = ">".repeat(1_900_000).into_bytes();
    let hostile = [
        ("application/pdf", operators),
        ("application/pdf", objects),
        ("text/markdown", quotes),
    ];
    let idle = server.memory("VmRSS");
    let (done, most) = (AtomicBool::new(false), AtomicU64::new(0));
    let attack = async {
        let twelve = (0..12).map(|at| {
            let (kind, file) = hostile[at % hostile.len()].clone();
            upload(&mallory, &hers, kind, file)
        });
        let answers = join_all(twelve).await;
        done.store(true, Ordering::Relaxed);
        answers
    };
    let watch = async {
        while !done.load(Ordering::Relaxed) {
            let held = server.memory("VmRSS").saturating_sub(idle);
            let held = held + server.memory_of_children("RssAnon");
            most.fetch_max(held, Ordering::Relaxed);
            tokio::time::sleep(GLANCE).await;
        }
    };
    let beside = async {
        add(&nora, &mine, "notes.txt", "The mill was sold in 1931.").await;
        let page = b"<p>The boat is red.".to_vec();
        let answer = upload(&nora, &mine, "text/html", page).await.has(201);
        let first = !done.load(Ordering::Relaxed);
        (answer, first)
    };
    let (answers, (), (_, was_first)) = tokio::join!(attack, watch, beside);
    assert!(was_first, "nora waited for all of mallory's files");
    let refused = answers.iter().filter(|answer| answer.status == 422).count();
    let told_to_wait = answers.iter().filter(|answer| answer.status == 429).count();
    println!("{refused} refused, {told_to_wait} told to wait, at most {most:?} KiB more");
    assert_eq!(refused + told_to_wait, 12, "{answers:?}");
    assert!(refused >= 3, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status == 422) {
        assert!(
            answer.text.contains("more than can be read"),
            "{}",
            answer.text
        );
    }
    assert!(most.into_inner() < AT_ONCE * BOUND + (64 << 10));
    server.finish().await;
}
