//! One connection: a question comes in, and what the manner says goes out.

use std::io::{BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use super::answer::{End, judgement, labelled};
use super::format::Format;
use super::manner::{ComeBack, Manner};
use super::request::Request;
use super::{Book, Question};
use crate::harness::GLANCE;

/// More than any reply of a model.
const FLOOD: usize = 5 << 20;

pub(super) fn serve(stream: TcpStream, book: &Book) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let Some(request) = Request::read(&mut reader)? else {
        return Ok(());
    };
    if request.method == "GET"
        && let Some(list) = models(&request.path)
    {
        return send(&stream, 200, "", &text(&list));
    }
    let format = Format::of(&request.path);
    let wrong = match format {
        Some(format) => format.wrong(&request),
        None => vec![format!("no provider has the path {}", request.path)],
    };
    let question = Question {
        at: SystemTime::now(),
        body: request.text.clone(),
    };
    let manner = book.take(question, wrong);
    if let Some(patience) = manner.patience()
        && !is_awaited(&stream, &mut reader, patience, book)?
    {
        return Ok(());
    }
    let Some(format) = format else {
        return send(&stream, 404, "", b"{}");
    };
    let sent = answer(&stream, format, manner, &request);
    if sent.is_err() {
        book.deserted.fetch_add(1, Ordering::SeqCst);
    }
    sent
}

/// The list of models that a provider has at this path.
fn models(path: &str) -> Option<Value> {
    const NAMES: [&str; 3] = ["painter-1", "scripted-2-mini", "scripted-2"];
    Some(match path {
        "/v1/models" => json!({ "data": NAMES.map(|name| json!({ "id": name })) }),
        "/v1beta/models" => {
            json!({ "models": NAMES.map(|name| json!({ "name": format!("models/{name}") })) })
        }
        "/api/tags" => json!({ "models": NAMES.map(|name| json!({ "name": name })) }),
        _ => return None,
    })
}

/// Waits so long, or until it is let go on; false if the asker goes away meanwhile.
fn is_awaited(
    stream: &TcpStream,
    reader: &mut BufReader<TcpStream>,
    patience: Duration,
    book: &Book,
) -> std::io::Result<bool> {
    let begin = Instant::now();
    // Nothing more is sent: what ends the reading is time, or that the other side goes away.
    while begin.elapsed() < patience && !book.open.load(Ordering::SeqCst) {
        let left = patience.saturating_sub(begin.elapsed()).min(GLANCE);
        stream.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        match reader.read(&mut [0; 1]) {
            Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            _ => {
                book.deserted.fetch_add(1, Ordering::SeqCst);
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn answer(
    mut stream: &TcpStream,
    format: Format,
    manner: Manner,
    request: &Request,
) -> std::io::Result<()> {
    let judged = |rating| text(&format.judged(&judgement(rating)));
    match manner {
        Manner::Rates(rating) => send(stream, 200, "", &judged(rating)),
        Manner::Labels(labels) => send(stream, 200, "", &text(&format.judged(&labelled(labels)))),
        Manner::Hangs | Manner::Takes(_) | Manner::Waits => send(stream, 200, "", &judged(4)),
        Manner::Fails(status) => {
            let shown = format.key(request).filter(|_| status == 401);
            let message = format!("told to fail {}", shown.unwrap_or_default());
            send(stream, status, "", &text(&format.failure(status, &message)))
        }
        Manner::Rambles => {
            let prose = format.says("I would rather talk about the weather.", End::Whole);
            send(stream, 200, "", &text(&prose))
        }
        Manner::Trickles(time) => {
            let body = judged(4);
            head(stream, 200, "", body.len())?;
            for byte in body.chunks(1) {
                stream.write_all(byte)?;
                pause(time / u32::try_from(body.len()).unwrap());
            }
            Ok(())
        }
        Manner::Cuts => Ok(()),
        Manner::CutsBody => {
            let body = judged(4);
            head(stream, 200, "", body.len())?;
            stream.write_all(&body[..body.len() / 2])
        }
        Manner::Floods => {
            // JSON allows blanks before it: whoever reads it all can use it.
            let mut body = vec![b' '; FLOOD];
            body.extend(judged(4));
            send(stream, 200, "", &body)
        }
        Manner::Breaks => {
            let body = judged(4);
            send(stream, 200, "", &body[..body.len() / 2])
        }
        Manner::Misshapes => {
            let other =
                serde_json::json!({ "explanation": "as the script says", "verdict": "fine" });
            send(stream, 200, "", &text(&format.judged(&other)))
        }
        Manner::Limits(back) => {
            let body = text(&format.failure(429, "too many requests"));
            send(stream, 429, &come_back(back), &body)
        }
        Manner::IsBroke => {
            let (status, body) = format.out_of_credit();
            send(stream, status, "", &text(&body))
        }
        Manner::Refuses => {
            let declined = format.says("I can't help with that.", End::Declined);
            send(stream, 200, "", &text(&declined))
        }
        Manner::Truncates => {
            let begun = format.says("{\"explanation\": \"as the scr", End::AtTheBound);
            send(stream, 200, "", &text(&begun))
        }
        Manner::IsEmpty => send(stream, 200, "", &text(&format.says("", End::Whole))),
        Manner::FailsInside => send(stream, 200, "", &text(&format.failure(503, "too busy"))),
        Manner::Redirects(target) => {
            let place = format!("location: http://{target}{}\r\n", request.path);
            send(stream, 307, &place, b"")
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a thread of its own, where no actor lives"
)]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

fn come_back(back: ComeBack) -> String {
    let now = Utc::now();
    let date = |time: chrono::DateTime<Utc>| time.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    match back {
        ComeBack::Unsaid => String::new(),
        ComeBack::Seconds(seconds) => format!("retry-after: {seconds}\r\n"),
        ComeBack::Date(seconds) => {
            let then = now + TimeDelta::seconds(seconds.cast_signed());
            format!("date: {}\r\nretry-after: {}\r\n", date(now), date(then))
        }
    }
}

fn text(body: &Value) -> Vec<u8> {
    body.to_string().into_bytes()
}

fn send(mut stream: &TcpStream, status: u16, headers: &str, body: &[u8]) -> std::io::Result<()> {
    head(stream, status, headers, body.len())?;
    stream.write_all(body)
}

fn head(mut stream: &TcpStream, status: u16, headers: &str, length: usize) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status} Scripted\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n{headers}\r\n"
    )
}
