//! Documents that are small until they are read.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use futures_util::future::join_all;
use reqwest::Method;

use super::answered;
use super::requests::{collection, delete};
use crate::harness::{Person, Server};

/// Uploads of one user that are under way at once.
const AT_ONCE: usize = 4;

/// The largest body of an upload.
const LARGEST: usize = 8 << 20;

/// A file of one page whose content is this, compressed.
fn pdf(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    let packed = encoder.finish().unwrap();
    let mut stream = format!(
        "<< /Length {} /Filter /FlateDecode >>\nstream\n",
        packed.len()
    )
    .into_bytes();
    stream.extend(packed);
    stream.extend(b"\nendstream");
    let objects: [&[u8]; 5] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R \
          /Resources << /Font << /F 5 0 R >> >> >>",
        &stream,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ];
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n", at + 1).as_bytes());
        file.extend(*object);
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").as_bytes());
    }
    let trailer = format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
        objects.len() + 1
    );
    file.extend(trailer.as_bytes());
    file
}

/// Each user sends each of the files, some at once. What is answered counts for nothing here.
async fn uploads(people: &[Person], kind: &str, files: &[Vec<u8>]) {
    let each = people.iter().map(|person| async move {
        let Some(id) = collection(person, &format!("of {kind}")).await else {
            return;
        };
        let path = format!("/collections/{id}/documents?name=a");
        for several in files.chunks(AT_ONCE) {
            let sends = several.iter().map(|file| {
                let request = person.request(Method::POST, &path);
                answered(request.header("Content-Type", kind).body(file.clone()))
            });
            join_all(sends).await;
        }
        delete(person, &format!("/collections/{id}")).await;
    });
    join_all(each).await;
}

/// Four megabytes of one operation become some kilobytes.
pub(super) async fn small_pages_of_many_operations(_: &Server, people: &[Person]) {
    let operations: [&[u8]; 6] = [
        b"n ",
        b"q ",
        b"0 0 m ",
        b"[] 0 d ",
        b"BT /F 1 Tf (a) Tj ET ",
        b"[(a)(a)(a)(a)] TJ ",
    ];
    let files: Vec<Vec<u8>> = operations
        .iter()
        .map(|operation| pdf(&operation.repeat((4 << 20) / operation.len())))
        .collect();
    uploads(people, "application/pdf", &files).await;
}

/// Markup that says nothing, as much of it as one may send.
pub(super) async fn markup_that_nests(_: &Server, people: &[Person]) {
    let repeated = |part: &str| part.repeat(LARGEST / part.len() - 1).into_bytes();
    let attributes = format!("<p {}>", "a=1 ".repeat(30_000));
    let pages = [
        repeated("<div>"),
        repeated("<table><tr><td>"),
        repeated(&attributes),
        repeated("&amp;"),
    ];
    uploads(&people[..2], "text/html", &pages).await;
    let notes = [
        repeated(">"),
        repeated("[a]("),
        repeated("* "),
        repeated("`a"),
    ];
    uploads(&people[..2], "text/markdown", &notes).await;
}
