//! Bad readers: those that stall, vanish or reset harm only themselves and leave nothing behind; one
//! that is merely slow is served.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until};

use crate::harness::raw::{self, Raw, SMALL};
use crate::harness::text_frame;
use crate::harness::{DEADLINE, Frame, GLANCE, Person, Server, Setup};
use crate::samples;

on_every_database!(
    one_that_takes_nothing_is_cut_within_ten_seconds,
    the_others_see_no_delay,
    a_slow_but_steady_reader_gets_everything,
    five_hundred_stalled_clients_stay_within_a_bound,
    fifty_stalled_streams_stay_within_a_bound,
    silent_and_half_open_peers_are_cut,
    resets_and_vanished_clients_leave_nothing,
);

/// Makes a session with a log of so many claims.
pub(crate) async fn long_log(nora: &Person, claims: usize) -> (String, Vec<Frame>) {
    let id = nora.create(&samples::long_evaluation(claims)).await;
    let events = nora.audit(&id).await;
    assert!(events.len() > claims, "{} events", events.len());
    (id, events)
}

fn join(session: &str) -> String {
    json!({ "type": "join_session", "data": { "session_id": session, "last_seq": 0 } }).to_string()
}

/// A socket that has asked for the whole log and has read nothing.
pub(crate) async fn stalled_socket(nora: &Person, session: &str) -> Raw {
    let mut raw = Raw::connect(nora.door(), Some(SMALL)).await;
    raw.upgrade(Some(&nora.access)).await;
    raw.send(&join(session)).await;
    raw
}

/// A stream of the whole log of which nothing is read.
pub(crate) async fn stalled_stream(nora: &Person, session: &str) -> Raw {
    let mut raw = Raw::connect(nora.door(), Some(SMALL)).await;
    raw.listen(session, &nora.access).await;
    raw
}

async fn connections(server: &Server) -> u64 {
    server.door().health().await["connections"]
        .as_u64()
        .unwrap()
}

/// Waits until so many are left, and looks at the memory meanwhile; when, and its peak in KiB.
async fn until_left(server: &Server, left: u64) -> (Instant, u64) {
    let (begin, mut peak) = (Instant::now(), 0);
    loop {
        let now = connections(server).await;
        peak = peak.max(server.memory("VmRSS"));
        if now <= left {
            return (Instant::now(), peak);
        }
        assert!(begin.elapsed() < DEADLINE, "{now} connections are left");
        // It takes ten seconds, and each look is work for the server, too.
        sleep(3 * GLANCE).await;
    }
}

async fn one_that_takes_nothing_is_cut_within_ten_seconds(setup: Setup) {
    let server = setup.limit("replay_events", 0).start().await;
    let nora = server.register("nora").await;
    let (id, _) = long_log(&nora, 800).await;
    // Made before anybody stalls: a run takes its time on a busy machine.
    let (short, _) = long_log(&nora, 20).await;
    let mut healthy = nora.connect().await;
    healthy.join(&id).await;
    healthy.until_terminal().await;

    let mut stalled = vec![
        stalled_socket(&nora, &id).await,
        stalled_stream(&nora, &id).await,
    ];
    // Two more stall in the middle of the replay.
    for mut raw in [
        stalled_socket(&nora, &id).await,
        stalled_stream(&nora, &id).await,
    ] {
        let mut read = 0;
        while read < 100_000 {
            read += raw.read(8192).await.len();
        }
        stalled.push(raw);
    }
    // And two of a log so short that all of it lies in the kernel, which sees to them.
    stalled.push(stalled_socket(&nora, &short).await);
    stalled.push(stalled_stream(&nora, &short).await);
    let stall = Instant::now();
    assert_eq!(connections(&server).await, 7);
    sleep_until(stall + Duration::from_millis(8500)).await;
    assert_eq!(connections(&server).await, 7, "nobody is cut early");
    let (cut, _) = until_left(&server, 1).await;
    let took = cut - stall;
    println!("cut {:.2} s after the last byte", took.as_secs_f64());
    assert!(took < Duration::from_millis(10_500), "cut after {took:?}");
    // They learn of it as soon as they read again.
    for raw in &mut stalled {
        raw.ended().await;
    }
    assert_eq!(healthy.command("ping", json!({})).await["type"], "pong");
    healthy.close().await;
    server.finish().await;
}

/// Runs the evaluation once more; how late each of its first events came, in milliseconds, sorted.
async fn latencies(nora: &Person, session: &str, last_seq: u64, first: usize) -> Vec<i64> {
    let mut socket = nora.connect().await;
    let epoch = nora.evaluation(session).await["epoch"].clone();
    socket.resume(session, &epoch, last_seq).await;
    nora.start(session).await;
    let mut late = Vec::new();
    loop {
        let event = socket.next_event().await;
        let ts: DateTime<Utc> = event.value["ts"].as_str().unwrap().parse().unwrap();
        late.push((Utc::now() - ts).num_milliseconds());
        if late.len() == first || event.is_terminal() {
            break;
        }
    }
    socket.close().await;
    late.sort_unstable();
    late
}

async fn the_others_see_no_delay(setup: Setup) {
    let server = setup
        .limit("replay_events", 0)
        .limit("connections_per_user", 0)
        .start()
        .await;
    let nora = server.register("nora").await;
    let (id, events) = long_log(&nora, 300).await;
    let alone = latencies(&nora, &id, events.len() as u64, usize::MAX).await;
    let mut stalled = Vec::new();
    for _ in 0..20 {
        stalled.push(stalled_socket(&nora, &id).await);
        stalled.push(stalled_stream(&nora, &id).await);
    }
    // Not to its end: on a busy machine those who stall would be cut before.
    let beside = latencies(&nora, &id, 2 * events.len() as u64, 60).await;
    assert_eq!(connections(&server).await, 40, "they stalled all the time");
    let at = |late: &[i64], part: usize| late[late.len() * part / 100];
    println!(
        "latency alone {} ms, 95 % {} ms; beside 40 that stall {} ms, 95 % {} ms",
        at(&alone, 50),
        at(&alone, 95),
        at(&beside, 50),
        at(&beside, 95)
    );
    assert!(
        at(&beside, 50) <= 3 * at(&alone, 50) + 50,
        "{} ms became {} ms",
        at(&alone, 50),
        at(&beside, 50)
    );
    drop(stalled);
    server.finish().await;
}

/// Reads at about this rate until `done` says that everything is there.
async fn sip(raw: &mut Raw, bytes_a_second: usize, done: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    const STEP: Duration = Duration::from_millis(250);
    let mut received = Vec::new();
    let mut every = tokio::time::interval(STEP);
    while !done(&received) {
        every.tick().await;
        let bytes = raw.read(bytes_a_second / 4).await;
        assert!(!bytes.is_empty(), "ended after {} bytes", received.len());
        received.extend(bytes);
    }
    received
}

async fn a_slow_but_steady_reader_gets_everything(setup: Setup) {
    let server = setup.limit("replay_events", 0).start().await;
    let nora = server.register("nora").await;
    let (id, events) = long_log(&nora, 200).await;
    let expected: Vec<&str> = events.iter().map(|event| event.text.as_str()).collect();
    let bytes: usize = expected.iter().map(|text| text.len()).sum();
    // Slow enough that a pong comes later than one of a peer that is dead may.
    let rate = bytes / 45;
    let last = *expected.last().unwrap();
    let ends = |received: &[u8]| {
        received
            .windows(last.len())
            .any(|part| part == last.as_bytes())
    };
    let tail =
        |received: &[u8]| ends(&received[received.len().saturating_sub(last.len() + 2000)..]);

    let begin = Instant::now();
    let mut socket = stalled_socket(&nora, &id).await;
    let mut stream = stalled_stream(&nora, &id).await;
    let (by_socket, by_stream) =
        tokio::join!(sip(&mut socket, rate, tail), sip(&mut stream, rate, tail));
    println!("{bytes} bytes at {rate} bytes/s in {:?}", begin.elapsed());
    assert!(begin.elapsed() > Duration::from_secs(35), "not slow");
    let told: Vec<String> = raw::texts(&by_socket)
        .into_iter()
        .filter(|text| Frame::of(text).value["seq"].is_u64())
        .collect();
    assert_eq!(told, expected);
    let body = String::from_utf8(raw::dechunked(&by_stream)).unwrap();
    let told: Vec<&str> = body
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .filter(|text| Frame::of(text).value["seq"].is_u64())
        .collect();
    assert_eq!(told[..expected.len() - 1], expected[..expected.len() - 1]);
    socket.reset();
    stream.reset();
    server.finish().await;
}

/// What a stalled client may cost at most, in KiB.
const EACH: u64 = 192;

/// What the database's connections may cost once, in KiB: each keeps pages, and those that nobody has needed
/// before fill theirs with the log.
const PAGES: u64 = 8 * (4 << 10);

/// Waits until all are cut, and returns the most memory that was held meanwhile.
async fn stay_within_a_bound(server: &Server, stalled: Vec<Raw>, idle: u64) -> u64 {
    let (stall, count) = (Instant::now(), stalled.len() as u64);
    let (cut, peak) = until_left(server, 0).await;
    let took = (cut - stall).as_secs_f64();
    let more = peak.saturating_sub(idle);
    println!(
        "{count} stalled: {idle} KiB before, {peak} KiB at most, {} KiB each; cut after {took:.2} s; \
         {} KiB then",
        more / count,
        server.memory("VmRSS")
    );
    assert!(more <= EACH * count + PAGES, "{more} KiB for {count}");
    // So many take a moment to be served all that they take, on a busy machine several.
    assert!(took < 25.0, "cut after {took} s");
    // Before the clients close theirs.
    server.sockets_are_closed().await;
    drop(stalled);
    peak
}

fn crowded(setup: Setup) -> Setup {
    setup
        .limit("replay_events", 0)
        .limit("connections_per_user", 0)
}

async fn five_hundred_stalled_clients_stay_within_a_bound(setup: Setup) {
    let server = crowded(setup).start().await;
    let nora = server.register("nora").await;
    let (id, _) = long_log(&nora, 1500).await;
    let idle = server.memory("VmRSS");
    let mut peaks = Vec::new();
    for _ in 0..3 {
        let stalled = join_all((0..500).map(|_| stalled_socket(&nora, &id))).await;
        assert_eq!(connections(&server).await, 500);
        peaks.push(stay_within_a_bound(&server, stalled, idle).await);
    }
    // What the allocator keeps is used again: the memory of those that were cut is free. It takes some
    // rounds to settle, but a third five hundred costs next to nothing.
    let (first, third) = (peaks[0] - idle, peaks[2].saturating_sub(peaks[1]));
    assert!(2 * third < first, "{first} KiB, at last {third} KiB more");
    server.finish().await;
}

async fn fifty_stalled_streams_stay_within_a_bound(setup: Setup) {
    let server = crowded(setup).start().await;
    let nora = server.register("nora").await;
    let (id, _) = long_log(&nora, 1500).await;
    let idle = server.memory("VmRSS");
    let stalled = join_all((0..50).map(|_| stalled_stream(&nora, &id))).await;
    assert_eq!(connections(&server).await, 50);
    stay_within_a_bound(&server, stalled, idle).await;
    server.finish().await;
}

async fn silent_and_half_open_peers_are_cut(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let door = server.door();
    let ended = |mut raw: Raw, what: &'static str, bounds: std::ops::Range<u64>| async move {
        let begin = Instant::now();
        raw.ended().await;
        let took = begin.elapsed();
        println!("{what}: ended after {:.1} s", took.as_secs_f64());
        let bounds = Duration::from_secs(bounds.start)..Duration::from_secs(bounds.end);
        assert!(bounds.contains(&took), "{what}: ended after {took:?}");
    };
    let mut half_a_request = Raw::connect(door, None).await;
    half_a_request.write(b"GET /ws HTTP/1.1\r\nHost:").await;
    let silent = Raw::connect(door, None).await;
    let mut half_a_body = Raw::connect(door, None).await;
    half_a_body
        .write(b"POST /api/v1/auth/login HTTP/1.1\r\nHost: it\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
        .await;
    let mut half_a_second = Raw::connect(door, None).await;
    half_a_second
        .write(b"GET /healthz HTTP/1.1\r\nHost: it\r\n\r\n")
        .await;
    assert!(!half_a_second.read(4096).await.is_empty());
    half_a_second.write(b"G").await;
    let mut nobody = Raw::connect(door, None).await;
    nobody.upgrade(None).await;
    // It never answers a ping: nothing here does.
    let mut no_pong = Raw::connect(door, None).await;
    no_pong.upgrade(Some(&nora.access)).await;
    let mut half_a_frame = Raw::connect(door, None).await;
    half_a_frame.upgrade(Some(&nora.access)).await;
    half_a_frame
        .write(&text_frame(r#"{"type":"ping"}"#)[..9])
        .await;
    let mut hung_up = Raw::connect(door, None).await;
    hung_up
        .listen(&nora.create_evaluation().await, &nora.access)
        .await;
    hung_up.close_half().await;
    tokio::join!(
        ended(hung_up, "a stream that hung up on its side", 0..5),
        ended(half_a_request, "half a request", 3..15),
        ended(silent, "not a byte", 3..15),
        async {
            let answer = half_a_body.read(4096).await;
            let answer = String::from_utf8_lossy(&answer);
            assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
            ended(half_a_body, "half a body, after its answer", 0..45).await;
        },
        ended(half_a_second, "half a second request", 29..45),
        ended(nobody, "no authentication", 9..15),
        ended(no_pong, "no pong", 32..45),
        ended(half_a_frame, "half a frame", 32..45),
    );
    assert_eq!(connections(&server).await, 0);
    server.finish().await;
}

async fn resets_and_vanished_clients_leave_nothing(setup: Setup) {
    let server = crowded(setup).start().await;
    let nora = server.register("nora").await;
    let (id, _) = long_log(&nora, 200).await;
    for round in 0..10 {
        let (mut socket, stream) =
            tokio::join!(stalled_socket(&nora, &id), stalled_stream(&nora, &id));
        if round % 2 == 0 {
            let whole = text_frame(&join(&id));
            socket.write(&whole[..whole.len() / 2]).await;
        }
        if round % 3 == 0 {
            // A close in order, with a replay on its way.
            drop((socket, stream));
        } else {
            socket.reset();
            stream.reset();
        }
    }
    // One goes while the server still looks at its token.
    let mut hasty = Raw::connect(server.door(), None).await;
    hasty.write(b"GET /ws HTTP/1.1\r\nHost: it\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n").await;
    hasty
        .write(format!("Authorization: Bearer {}\r\n\r\n", nora.access).as_bytes())
        .await;
    hasty.reset();
    let begin = Instant::now();
    server.is_idle().await;
    println!("all gone {:?} later", begin.elapsed());
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "{:?}",
        begin.elapsed()
    );
    server.finish().await;
}
