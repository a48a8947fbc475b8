//! Requests that are allowed, or begin like one that is.

use std::net::Ipv4Addr;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::{answered, made};
use crate::harness::http::BASE;
use crate::harness::raw::Raw;
use crate::harness::{GLANCE, Person, Server, text};

/// The longest texts that an evaluation may have.
const SOURCE_CHARS: usize = 200_000;
const CANDIDATE_CHARS: usize = 50_000;

/// Takes back whatever is under way.
pub(super) async fn cancel_all(person: &Person) {
    let running = person
        .get("/evaluations?status=in_progress&limit=100")
        .await;
    for one in running.has(200).json()["items"].as_array().unwrap() {
        // It may have ended meanwhile.
        person.cancel(&text(&one["id"])).await;
    }
}

/// An evaluation whose texts are `line` over and over, as long as they may be.
fn longest(line: &str) -> Value {
    let fill = |chars: usize| line.repeat(chars / line.chars().count());
    json!({ "source_text": fill(SOURCE_CHARS), "candidate_output": fill(CANDIDATE_CHARS) })
}

/// Texts that rules over text may find hard.
const HARD: [&str; 5] = [
    "The mill of 1842 has 3 wheels, 14 stones and no owner but Ada Ferro of Vessen. ",
    "[",
    "a=",
    "\u{fdfa}",
    "\n",
];

/// Makes evaluations; the ids of those that were made.
async fn evaluations(person: &Person, bodies: impl Iterator<Item = Value>) -> Vec<String> {
    let mut ids = Vec::new();
    for body in bodies {
        ids.extend(made(person.request(Method::POST, "/evaluations").json(&body)).await);
    }
    ids
}

/// Makes a collection, if it may be made.
pub(super) async fn collection(person: &Person, name: &str) -> Option<String> {
    let request = person.request(Method::POST, "/collections");
    made(request.json(&json!({ "name": name }))).await
}

pub(super) async fn delete(person: &Person, path: &str) {
    answered(person.request(Method::DELETE, path)).await;
}

/// Asks for the start of a run; whether it was allowed.
async fn start(person: &Person, id: &str) -> bool {
    let path = format!("/evaluations/{id}/start");
    let answer = answered(person.request(Method::POST, &path).json(&json!({}))).await;
    answer.is_some_and(|(status, _)| status == 202)
}

/// Makes an evaluation and runs it to its end, as far as that is allowed.
pub(super) async fn audited(person: &Person, body: &Value) -> Option<String> {
    let id = made(person.request(Method::POST, "/evaluations").json(body)).await?;
    if !start(person, &id).await {
        return None;
    }
    let path = format!("/evaluations/{id}");
    loop {
        let (_, body) = answered(person.request(Method::GET, &path)).await?;
        let evaluation: Value = serde_json::from_slice(&body).ok()?;
        if evaluation["status"] != "in_progress" {
            return Some(id);
        }
        tokio::time::sleep(GLANCE).await;
    }
}

async fn get_all(person: &Person, paths: impl IntoIterator<Item = String>) {
    let sends = paths
        .into_iter()
        .map(|path| answered(person.request(Method::GET, &path)));
    join_all(sends).await;
}

/// Bytes of the largest body of an evaluation.
const BODY: usize = 4 << 20;

/// Addresses that bodies come from: what one address may send is a part of what all may.
const ADDRESSES: u8 = 8;

/// A head that promises a body, and all of the body but its end.
async fn half_a_body(server: &Server, number: u8, head: &str) -> Option<Raw> {
    let source = Ipv4Addr::new(127, 0, 0, 2 + number % ADDRESSES);
    let mut raw = Raw::connect_from(source, server.door()).await;
    let head = format!("{head}Content-Length: {BODY}\r\n\r\n");
    if !raw.offers(head.as_bytes()).await {
        return None;
    }
    let part = vec![b' '; 64 << 10];
    for _ in 1..BODY / part.len() {
        if !raw.offers(&part).await {
            return None;
        }
    }
    Some(raw)
}

/// Bodies of users that stop before their end, on many connections.
pub(super) async fn bodies_that_never_end(server: &Server, people: &[Person]) {
    let each = people.iter().flat_map(|person| {
        (0..32).map(move |number| async move {
            let head = format!(
                "POST {BASE}/evaluations HTTP/1.1\r\nHost: it\r\nContent-Type: application/json\r\n\
                 Authorization: Bearer {}\r\n",
                person.access
            );
            half_a_body(server, number, &head).await
        })
    });
    drop(join_all(each).await);
}

/// A body of which each chunk has one byte, as many as a body may have bytes, on some connections.
pub(super) async fn bodies_in_pieces_of_a_byte(server: &Server, people: &[Person]) {
    let chunks = b"1\r\n \r\n".repeat(16 << 10);
    let each = people.iter().flat_map(|person| {
        let chunks = &chunks;
        (0..8).map(move |_| async move {
            let head = format!(
                "POST {BASE}/evaluations HTTP/1.1\r\nHost: it\r\nContent-Type: application/json\r\n\
                 Authorization: Bearer {}\r\nTransfer-Encoding: chunked\r\n\r\n",
                person.access
            );
            let mut raw = Raw::connect(server.door(), None).await;
            if !raw.offers(head.as_bytes()).await {
                return;
            }
            for _ in 0..256 {
                if !raw.offers(chunks).await {
                    return;
                }
            }
        })
    });
    join_all(each).await;
}

/// The same of strangers, who have nothing to send but a name and a password.
pub(super) async fn credentials_that_never_end(server: &Server, _: &[Person]) {
    let head = format!(
        "POST {BASE}/auth/login HTTP/1.1\r\nHost: it\r\nContent-Type: application/json\r\n"
    );
    let each = (0..96).map(|number| half_a_body(server, number, &head));
    drop(join_all(each).await);
}

/// Passwords to check, each of which takes the memory of a hash.
pub(super) async fn logins(server: &Server, _: &[Person]) {
    let each = (0..64).map(|number| {
        let body =
            json!({ "username": format!("mallory{}", number % 8), "password": "not the one" });
        let request = server.door().request(Method::POST, "/auth/login");
        answered(request.json(&body))
    });
    join_all(each).await;
}

/// Eight searches at once of each user, in texts that are made to be searched for long.
pub(super) async fn searches_of_the_history(_: &Server, people: &[Person]) {
    let each = people.iter().map(|person| async {
        let bodies = (0..6).map(|_| longest("aaaaaaaaab"));
        evaluations(person, bodies).await;
        let needle = format!("{}c", "a".repeat(150));
        let path = format!("/evaluations?q={needle}");
        get_all(person, (0..8).map(|_| path.clone())).await;
    });
    join_all(each).await;
}

/// As many searches at once of documents as long as they may be.
pub(super) async fn searches_of_a_collection(_: &Server, people: &[Person]) {
    let each = people.iter().map(|person| async {
        let Some(id) = collection(person, "long").await else {
            return;
        };
        let content = "The mill has three wheels. ".repeat(1_000_000 / 27);
        let path = format!("/collections/{id}/documents");
        for number in 0..2 {
            let body = json!({ "name": format!("{number}.txt"), "text": content });
            answered(person.request(Method::POST, &path).json(&body)).await;
        }
        let path = format!("/collections/{id}/search?q=the+mill+has+three+wheels&limit=50");
        get_all(person, (0..8).map(|_| path.clone())).await;
        delete(person, &format!("/collections/{id}")).await;
    });
    join_all(each).await;
}

/// What the longest texts would cost, again and again.
pub(super) async fn estimates(_: &Server, people: &[Person]) {
    let each = people.iter().map(|person| async move {
        let ids = evaluations(person, HARD.iter().map(|line| longest(line))).await;
        let sends = ids.iter().flat_map(|id| {
            (0..4).map(move |_| {
                let path = format!("/evaluations/{id}/estimate");
                answered(person.request(Method::POST, &path).json(&json!({})))
            })
        });
        join_all(sends).await;
    });
    join_all(each).await;
}

/// Runs that a user may start a minute.
const STARTS: usize = 10;

/// As many runs of the longest texts as a user may start a minute.
pub(super) async fn audits_of_the_longest_texts(_: &Server, people: &[Person]) {
    let each = people.iter().map(|person| async {
        let lines = HARD.iter().cycle().take(STARTS);
        let ids = evaluations(person, lines.map(|line| longest(line))).await;
        for id in &ids {
            start(person, id).await;
        }
        // They need not end: what they hold is held while they are at work.
        for _ in 0..250 {
            tokio::time::sleep(GLANCE).await;
        }
        for id in &ids {
            let path = format!("/evaluations/{id}/cancel");
            answered(person.request(Method::POST, &path).json(&json!({}))).await;
        }
    });
    join_all(each).await;
}

/// Texts of nothing but ends of lines, on paper.
pub(super) async fn exports_of_many_pages(_: &Server, people: &[Person]) {
    let each = people.iter().map(|person| async {
        let mut body = longest("\n");
        body["source_text"] = json!(format!(
            "The mill stands.{}",
            "\n".repeat(SOURCE_CHARS - 20)
        ));
        body["candidate_output"] = json!(format!(
            "The mill stands.{}",
            "\n".repeat(CANDIDATE_CHARS - 20)
        ));
        body["config"] = json!({ "judges": ["lexical"] });
        if let Some(id) = audited(person, &body).await {
            let formats = ["pdf", "html", "csv", "json", "pdf", "html"];
            let paths = formats.map(|format| format!("/evaluations/{id}/export?format={format}"));
            get_all(person, paths).await;
        }
    });
    join_all(each).await;
}

/// Pages of lists, and figures over everything that a user has.
pub(super) async fn longest_lists(_: &Server, people: &[Person]) {
    let each = people.iter().map(|person| async {
        let paths = [
            "/evaluations?limit=100",
            "/statistics",
            "/usage?days=30",
            "/auth/me",
        ];
        for _ in 0..4 {
            get_all(person, paths.map(str::to_owned)).await;
        }
    });
    join_all(each).await;
}
