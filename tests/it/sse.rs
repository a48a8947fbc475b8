//! The log as server-sent events: the same bytes and the same guarantees as the socket.

use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;

use crate::harness::{Frame, GLANCE, Manner, Person, ScriptedJudge, Setup, text};
use crate::samples;

on_every_database!(
    the_stream_is_the_log_to_the_byte,
    a_live_run_is_told_without_a_hole,
    a_client_comes_back_where_it_stood,
    a_stream_has_no_replay_limit,
    a_position_that_is_not_good_starts_again_and_says_so,
    the_form_follows_accept,
    what_cannot_be_opened_is_refused,
    a_stream_ends_with_its_login,
    a_stream_ends_with_its_token,
    a_stream_ends_with_its_session,
    a_drain_ends_the_streams,
    an_idle_stream_has_a_heartbeat,
    connections_are_counted,
);

fn texts(events: &[Frame]) -> Vec<&str> {
    events.iter().map(|event| event.text.as_str()).collect()
}

async fn the_stream_is_the_log_to_the_byte(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let events = nora.audit(&id).await;
    let mut stream = nora.listen(&id, None).await;
    let joined = stream.joined().await;
    assert_eq!(stream.retry, Some(500));
    assert_eq!(
        joined.data(),
        &json!({ "session_id": id, "status": "completed", "epoch": events[0].value["epoch"],
            "last_seq": events.len(), "recovered": true, "members": 1 })
    );
    assert_eq!(texts(&stream.until_terminal().await), texts(&events));
    drop(stream);
    server.finish().await;
}

async fn a_live_run_is_told_without_a_hole(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let mut socket = nora.connect().await;
    socket.join(&id).await;
    // Some watch before the run, some come in the middle of it: the seam shows in neither.
    let mut early = nora.listen(&id, None).await;
    assert_eq!(early.joined().await.data()["members"], 2);
    nora.start(&id).await;
    early.next_event().await;
    let mut late = nora.listen(&id, None).await;
    late.joined().await;
    let seen = socket.until_terminal().await;
    let rest = early.until_terminal().await;
    assert_eq!(texts(&rest), texts(&seen[1..]));
    assert_eq!(texts(&late.until_terminal().await), texts(&seen));
    drop((early, late));
    socket.close().await;
    server.finish().await;
}

async fn a_client_comes_back_where_it_stood(setup: Setup) {
    let mut server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let events = nora.audit(&id).await;
    let epoch = text(&events[0].value["epoch"]);
    for from in [1, events.len() / 2, events.len() - 1] {
        let mut stream = nora.listen(&id, Some(&format!("{epoch}:{from}"))).await;
        assert_eq!(stream.joined().await.data()["recovered"], true);
        assert_eq!(
            texts(&stream.until_terminal().await),
            texts(&events[from..])
        );
    }
    // The header wins over the query, which only a first request can know.
    let path = format!("/evaluations/{id}/events?after_seq=3");
    let by_query = nora.request(Method::GET, &path);
    let by_query = by_query.header("Accept", "text/event-stream");
    let both = by_query
        .try_clone()
        .unwrap()
        .header("Last-Event-ID", format!("{epoch}:5"));
    for (request, first) in [(by_query, 4), (both, 6)] {
        let mut response = request.send().await.unwrap();
        let wanted = format!("\nid: {epoch}:{first}\n");
        let mut received = String::new();
        while !received.contains("\nid: ") || !received.ends_with("\n\n") {
            let chunk = response.chunk().await.unwrap().expect("more of the log");
            received.push_str(std::str::from_utf8(&chunk).unwrap());
        }
        let at = received.find("\nid: ").unwrap();
        assert!(received[at..].starts_with(&wanted), "{received}");
    }
    server.restart().await;
    let mut stream = nora.listen(&id, Some(&format!("{epoch}:2"))).await;
    assert_eq!(stream.joined().await.data()["recovered"], true);
    assert_eq!(texts(&stream.until_terminal().await), texts(&events[2..]));
    drop(stream);
    server.finish().await;
}

async fn a_stream_has_no_replay_limit(setup: Setup) {
    let server = setup.limit("replay_events", 2).start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let events = nora.audit(&id).await;
    assert!(events.len() > 10);
    let mut stream = nora.listen(&id, None).await;
    assert_eq!(stream.joined().await.data()["recovered"], true);
    assert_eq!(texts(&stream.until_terminal().await), texts(&events));
    drop(stream);
    server.finish().await;
}

async fn a_position_that_is_not_good_starts_again_and_says_so(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let events = nora.audit(&id).await;
    let epoch = text(&events[0].value["epoch"]);
    let cases = [
        (
            "01890a5d-ac96-774b-bcce-b302099a8057:3".to_owned(),
            "epoch_mismatch",
        ),
        (format!("{epoch}:{}", events.len() + 1), "future_position"),
    ];
    for (position, reason) in cases {
        let mut stream = nora.listen(&id, Some(&position)).await;
        let joined = stream.joined().await;
        assert_eq!(joined.data()["recovered"], false, "{}", joined.text);
        assert_eq!(joined.data()["reason"], reason, "{}", joined.text);
        assert_eq!(texts(&stream.until_terminal().await), texts(&events));
    }
    server.finish().await;
}

async fn the_form_follows_accept(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let path = format!("/evaluations/{id}/events");
    let asking = |accept: &str| nora.request(Method::GET, &path).header("Accept", accept);
    for accept in [
        "*/*",
        "application/json",
        "application/json, text/event-stream;q=0.5",
    ] {
        let page = nora.door().send(asking(accept)).await.has(200);
        assert!(page.header("content-type").starts_with("application/json"));
        assert_eq!(page.header("vary"), "Accept");
    }
    for accept in [
        "text/event-stream",
        "text/event-stream, application/json;q=0.5",
    ] {
        let stream = asking(accept).send().await.unwrap();
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        assert_eq!(stream.headers()["vary"], "Accept");
    }
    let neither = nora.door().send(asking("text/plain")).await;
    neither.is_problem(406, "bad_request");
    let document = nora.get("/openapi.json").await.has(200).json();
    let template = "/api/v1/evaluations/{id}/events";
    let content = &document["paths"][template]["get"]["responses"]["200"]["content"];
    for form in ["application/json", "text/event-stream"] {
        assert!(content[form].is_object(), "{form}: {content}");
    }
    server.finish().await;
}

async fn what_cannot_be_opened_is_refused(setup: Setup) {
    let server = setup.start().await;
    let (nora, otto) = (server.register("nora").await, server.register("otto").await);
    let id = nora.create_evaluation().await;
    let path = format!("/evaluations/{id}/events");
    let stream = |who: &Person, path: &str| {
        who.request(Method::GET, path)
            .header("Accept", "text/event-stream")
    };
    let door = server.door();
    for bad in ["12", "x:", ":1", "x:-1", "x:y", "x:1.5"] {
        let request = stream(&nora, &path).header("Last-Event-ID", bad);
        door.send(request).await.is_invalid_at("/Last-Event-ID");
    }
    let negative = stream(&nora, &format!("{path}?after_seq=-1"));
    door.send(negative).await.is_invalid_at("/after_seq");
    door.send(stream(&otto, &path))
        .await
        .is_problem(404, "not_found");
    let unknown = "/evaluations/01890a5d-ac96-774b-bcce-b302099a8057/events";
    door.send(stream(&nora, unknown))
        .await
        .is_problem(404, "not_found");
    let stranger = door
        .request(Method::GET, &path)
        .header("Accept", "text/event-stream");
    door.send(stranger).await.is_problem(401, "unauthenticated");
    server.finish().await;
}

async fn a_stream_ends_with_its_login(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let other = server.login("nora").await;
    let id = nora.create_evaluation().await;
    let (mut ended, mut stays) = (nora.listen(&id, None).await, other.listen(&id, None).await);
    ended.joined().await;
    stays.joined().await;
    let began = Instant::now();
    let out = json!({ "refresh_token": nora.refresh });
    nora.post("/auth/logout", &out).await.has(204);
    let told = ended.until_ended().await;
    let took = began.elapsed();
    assert!(took.as_secs_f64() < 1.0, "ended {took:?} after the logout");
    let last = told.last().expect("a reason");
    assert_eq!(last.kind, "error");
    assert_eq!(last.frame.value["error"]["code"], "unauthenticated");
    other.start(&id).await;
    assert_eq!(stays.until_terminal().await[0].seq(), 1);
    drop(stays);
    server.finish().await;
}

async fn a_stream_ends_with_its_token(setup: Setup) {
    let server = setup.set("AUDITOR_AUTH__ACCESS_TTL_S", "10").start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let mut stream = nora.listen(&id, None).await;
    stream.joined().await;
    let began = Instant::now();
    let told = stream.until_ended().await;
    let kinds: Vec<&str> = told.iter().map(|told| told.kind.as_str()).collect();
    assert_eq!(kinds, ["token_expiring", "error"]);
    assert_eq!(told[1].frame.value["error"]["code"], "token_expired");
    let took = began.elapsed().as_secs_f64();
    assert!((5.0..12.0).contains(&took), "ended after {took:.1} s");
    server.finish().await;
}

async fn a_stream_ends_with_its_session(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let server = setup.file(&judge.configured("slow")).start().await;
    let nora = server.register("nora").await;
    let id = nora.create(&samples::evaluation_by(&["slow"])).await;
    let mut stream = nora.listen(&id, None).await;
    stream.joined().await;
    nora.start(&id).await;
    while stream.next_event().await.data()["stage"] != "judging" {}
    nora.delete(&format!("/evaluations/{id}")).await.has(204);
    let end = stream.until_terminal().await;
    let end = end.last().unwrap();
    assert_eq!(end.data()["reason"], "deleted", "{}", end.text);
    let told = stream.until_ended().await;
    let last = told.last().expect("a reason");
    assert_eq!(last.kind, "session_closed");
    assert_eq!(
        last.frame.data(),
        &json!({ "session_id": id, "reason": "deleted" })
    );
    server.finish().await;
}

async fn a_drain_ends_the_streams(setup: Setup) {
    let mut server = setup.set("AUDITOR_SERVER__DRAIN_MS", "2000").start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let mut stream = nora.listen(&id, None).await;
    stream.joined().await;
    server.terminate();
    let told = stream.next().await.expect("a drain notice");
    assert_eq!((told.kind.as_str(), &told.id), ("drain", &None));
    assert!(told.frame.data()["reconnect_after_ms"].is_u64());
    assert!(told.frame.data()["deadline_ms"].is_u64());
    let request = nora
        .request(Method::GET, &format!("/evaluations/{id}/events"))
        .header("Accept", "text/event-stream");
    nora.door().send(request).await.is_problem(503, "draining");
    assert!(stream.until_ended().await.is_empty());
    assert_eq!(server.ended().await.code(), Some(0), "{}", server.printed());
}

async fn an_idle_stream_has_a_heartbeat(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let mut stream = nora.listen(&id, None).await;
    stream.joined().await;
    let idle = Instant::now();
    let told = stream.next().await.expect("a heartbeat");
    assert_eq!((told.kind.as_str(), &told.id), ("heartbeat", &None));
    let waited = idle.elapsed().as_secs_f64();
    assert!((20.0..35.0).contains(&waited), "after {waited:.1} s");
    drop(stream);
    server.finish().await;
}

async fn connections_are_counted(setup: Setup) {
    let setup = setup
        .limit("connections_per_user", 2)
        .limit("connections_per_minute", 4);
    let server = setup.start().await;
    let (nora, otto) = (server.register("nora").await, server.register("otto").await);
    let id = nora.create_evaluation().await;
    let socket = nora.connect().await;
    let mut stream = nora.listen(&id, None).await;
    stream.joined().await;
    assert_eq!(server.door().health().await["connections"], 2);
    let again = |who: &Person, id: &str| {
        let path = format!("/evaluations/{id}/events");
        who.request(Method::GET, &path)
            .header("Accept", "text/event-stream")
    };
    let door = server.door();
    let full = door.send(again(&nora, &id)).await;
    full.is_problem(429, "limit_exceeded");
    assert_eq!(door.health().await["connections"], 2);
    drop(stream);
    // A client that goes away frees its place, though nothing is told meanwhile.
    while door.health().await["connections"] != 1 {
        tokio::time::sleep(GLANCE).await;
    }
    nora.listen(&id, None).await.joined().await;
    let foreign = otto.create_evaluation().await;
    let fast = door.send(again(&otto, &foreign)).await;
    fast.is_problem(429, "rate_limited");
    assert!(fast.header("retry-after").parse::<u64>().is_ok());
    socket.close().await;
    server.finish().await;
}
