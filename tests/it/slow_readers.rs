//! Readers that take their time: they get the end of an answer, and outlive neither their token nor the
//! kernel's patience.

use std::time::Duration;

use chrono::Utc;
use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use crate::harness::http::BASE;
use crate::harness::raw::{self, Raw, SMALL};
use crate::harness::{GLANCE, Person, Server, Setup};
use crate::readers::{long_log, stalled_socket, stalled_stream};
use crate::samples;
use crate::tokens::claims_of;

on_every_database!(
    the_end_of_an_answer_and_of_a_body_may_take_eight_seconds,
    a_slow_socket_does_not_outlive_its_token,
    a_slow_stream_does_not_outlive_its_token,
);

/// Longer than the server keeps what is idle elsewhere, and shorter than a stall may be.
const PAUSE: Duration = Duration::from_secs(8);

/// Reads up to so many bytes in all.
async fn read_up_to(raw: &mut Raw, bytes: usize) -> Vec<u8> {
    let mut received = Vec::new();
    while received.len() < bytes {
        let more = raw.read((bytes - received.len()).min(8 << 10)).await;
        if more.is_empty() {
            break;
        }
        received.extend(more);
    }
    received
}

/// Reads a page, and stops for a while when so many bytes are left.
async fn read_with_a_pause(nora: &Person, session: &str, left: usize) {
    let mut raw = Raw::connect(nora.door(), Some(SMALL)).await;
    let path = format!("/evaluations/{session}/events?limit=500");
    let head = raw.get(&path, &nora.access, "application/json").await;
    let length = head.lines().find_map(|line| {
        line.to_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    let length: usize = length.unwrap_or_else(|| panic!("no length: {head}"));
    assert!(length > 4 * left, "a page of {length} bytes");
    let begun = read_up_to(&mut raw, length - left).await.len();
    sleep(PAUSE).await;
    let rest = read_up_to(&mut raw, left).await.len();
    assert_eq!(begun + rest, length, "{left} bytes were left");
}

/// Sends a request, and stops for a while before the last bytes of its body.
async fn send_with_a_pause(nora: &Person) {
    let body = samples::long_evaluation(1000).to_string();
    let head = format!(
        "POST {BASE}/evaluations HTTP/1.1\r\nHost: it\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
        nora.access,
        body.len()
    );
    let mut raw = Raw::connect(nora.door(), None).await;
    let (begin, end) = body.split_at(body.len() - 10);
    raw.write(format!("{head}{begin}").as_bytes()).await;
    sleep(PAUSE).await;
    raw.write(end.as_bytes()).await;
    let head = raw.head().await;
    assert!(head.starts_with("HTTP/1.1 201 "), "{head}");
}

async fn the_end_of_an_answer_and_of_a_body_may_take_eight_seconds(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let (id, _) = long_log(&nora, 300).await;
    // What is left lies with the server, in the kernel or with both.
    let pauses = (1..=12).map(|n| read_with_a_pause(&nora, &id, n * 2048));
    tokio::join!(join_all(pauses), send_with_a_pause(&nora));
    server.finish().await;
}

/// Waits until the login's token is over, and a moment more.
async fn until_expired(nora: &Person) {
    let end = claims_of(&nora.access)["exp"].as_i64().unwrap();
    while Utc::now().timestamp_millis() < end * 1000 + 200 {
        sleep(GLANCE).await;
    }
}

/// The life of a token, in seconds: a reader may take nothing for as long.
const SHORT_LIFE: &str = "8";

/// Waits for the end of a run, which may outlive tokens; a login that is good for a while then.
async fn after_its_end(server: &Server, id: &str) -> Person {
    loop {
        let nora = server.login("nora").await;
        if nora.evaluation(id).await["status"] == "completed" {
            return nora;
        }
        sleep(10 * GLANCE).await;
    }
}

async fn a_slow_socket_does_not_outlive_its_token(setup: Setup) {
    let setup = setup.limit("replay_events", 0);
    let server = setup
        .set("AUDITOR_AUTH__ACCESS_TTL_S", SHORT_LIFE)
        .start()
        .await;
    let nora = server.register("nora").await;
    let id = nora.create(&samples::long_evaluation(300)).await;
    nora.start(&id).await;
    let nora = after_its_end(&server, &id).await;
    let mut socket = stalled_socket(&nora, &id).await;
    // One batch is on its way to the socket, and the next one waits for the actor.
    until_expired(&nora).await;
    let received = read_up_to(&mut socket, usize::MAX).await;
    assert_eq!(raw::close_code(&received), Some(4401));
    let told = raw::texts(&received).len();
    println!("{told} frames, {} bytes", received.len());
    assert!(received.len() < 48 << 10, "{} bytes", received.len());
    drop(socket);
    server.finish().await;
}

async fn a_slow_stream_does_not_outlive_its_token(setup: Setup) {
    let server = setup
        .set("AUDITOR_AUTH__ACCESS_TTL_S", SHORT_LIFE)
        .start()
        .await;
    server.register("nora").await;
    let nora = server.login("nora").await;
    let id = nora.create(&samples::long_evaluation(400)).await;
    let mut stream = stalled_stream(&nora, &id).await;
    // Live events fill its mailbox.
    nora.start(&id).await;
    until_expired(&nora).await;
    let received = read_up_to(&mut stream, usize::MAX).await;
    let body = String::from_utf8(raw::dechunked(&received)).unwrap();
    let told = body.lines().filter(|line| line.starts_with("id: ")).count();
    let nora = after_its_end(&server, &id).await;
    let all = nora.evaluation(&id).await["last_seq"].as_u64();
    println!("{told} of {all:?} events");
    assert!(all.is_some_and(|all| all > 400), "{all:?}");
    assert!((1..150).contains(&told), "{told} events");
    let end = body.rsplit("event: ").next().unwrap();
    assert!(
        end.starts_with("error\n") && end.contains("token_expired"),
        "{end}"
    );
    drop(stream);
    server.finish().await;
}

/// What the kernel still holds for a client that was slow before, and has nothing behind it.
#[tokio::test]
async fn one_that_stalls_at_the_very_end_is_cut_within_seventy_seconds() {
    let server = Setup::sqlite().start().await;
    let nora = server.register("nora").await;
    let (id, events) = long_log(&nora, 100).await;
    let mut whole = stalled_stream(&nora, &id).await;
    let last = events.last().unwrap().text.as_str();
    let mut log = Vec::new();
    while !String::from_utf8_lossy(&raw::dechunked(&log)).contains(last) {
        log.extend(whole.read(4096).await);
    }
    let length = log.len();
    drop(whole);
    let mut stream = stalled_stream(&nora, &id).await;
    sleep(Duration::from_secs(2)).await;
    read_up_to(&mut stream, length - (6 << 10)).await;
    let stall = Instant::now();
    while server.door().health().await["connections"] != 0 {
        assert!(
            stall.elapsed() < Duration::from_secs(70),
            "it is still there"
        );
        sleep(GLANCE).await;
    }
    let took = stall.elapsed();
    println!("cut after {:.1} s", took.as_secs_f64());
    // Where the machine is slow the bytes are still the server's, and the usual patience counts.
    assert!(took > Duration::from_secs(9), "too soon: {took:?}");
    stream.ended().await;
    server.finish().await;
}
