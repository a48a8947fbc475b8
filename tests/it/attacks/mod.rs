//! Everything that was ever found to take a server down, all at once, against the memory that the unit of
//! systemd allows.
//!
//! The suites of each part hold its own bounds, counted in bytes and operations; what they leave is
//! added up here, in one process and with the limits that a server has by default. Deliberately not
//! here: whether an attack is answered well. It may be refused, cut or served; the server has to live,
//! to stay below its limit, and to serve others.
//!
//! Each attack has a thread and connections of its own, as have the others who are served meanwhile: what
//! one of them waits for is the server, not the test.

mod files;
mod others;
mod requests;
mod sockets;

use std::time::{Duration, Instant};

use futures_util::future::{LocalBoxFuture, join_all};
use reqwest::RequestBuilder;
use serde_json::Value;

use crate::harness::{DEADLINE, GLANCE, Person, Server, Setup, setting};
use others::Others;

on_every_database!(the_unit_stays_below_its_memory_limit);

/// Set, each attack runs by itself first, with its figures: `AUDITOR_TEST_ATTACKS=1 cargo nextest run
/// --no-capture -E 'test(attacks::)'`, alone on its machine.
const EACH: &str = "AUDITOR_TEST_ATTACKS";

/// How long the attackers keep on at most; whatever they have under way then is left by them.
const LONGEST: Duration = Duration::from_secs(45);

/// Accounts that attack. Where registration is open, whoever has the patience has them.
const ATTACKERS: usize = 4;

/// `MemoryMax` of `deploy/judge-auditor.service`, in KiB.
fn memory_max() -> u64 {
    let unit = include_str!("../../../deploy/judge-auditor.service");
    let value = unit
        .lines()
        .find_map(|line| line.strip_prefix("MemoryMax="))
        .expect("a limit");
    let megabytes: u64 = value.trim_end_matches('M').parse().expect("in megabytes");
    megabytes << 10
}

/// One way to be a burden, by all the attackers at once.
struct Attack {
    name: &'static str,
    run: for<'a> fn(&'a Server, &'a [Person]) -> LocalBoxFuture<'a, ()>,
}

macro_rules! attacks {
    ($($part:ident::$attack:ident),+ $(,)?) => {
        [$(Attack {
            name: stringify!($attack),
            run: |server, people| Box::pin($part::$attack(server, people)),
        }),+]
    };
}

/// Those that end before a database is asked, or of which it is asked no more than who somebody is.
fn before_the_database() -> Vec<Attack> {
    attacks![
        sockets::control_frames,
        sockets::empty_continuations,
        sockets::requests_without_an_end,
        files::small_pages_of_many_operations,
        files::markup_that_nests,
        requests::bodies_that_never_end,
        requests::bodies_in_pieces_of_a_byte,
        requests::credentials_that_never_end,
        requests::logins,
    ]
    .into()
}

/// Those that make a database answer or keep a lot.
fn at_the_database() -> Vec<Attack> {
    attacks![
        sockets::readers_that_stall,
        requests::searches_of_the_history,
        requests::searches_of_a_collection,
        requests::estimates,
        requests::audits_of_the_longest_texts,
        requests::exports_of_many_pages,
        requests::longest_lists,
    ]
    .into()
}

/// All of them on SQLite, whose memory is the server's own. PostgreSQL's is not; what its client holds of the answers
/// is, and only the attacks that ask for answers can make that more.
fn attacks_on(setup: &Setup) -> Vec<Attack> {
    let mut attacks = at_the_database();
    if setup.postgres_url().is_none() {
        attacks.extend(before_the_database());
    }
    attacks
}

/// What is answered to an attacker, whatever it is; none where the connection is cut. The door is not asked:
/// it wants answers of the service, and what an attacker gets may be the HTTP library's last word.
async fn answered(request: RequestBuilder) -> Option<(u16, Vec<u8>)> {
    let answer = request.send().await.ok()?;
    let status = answer.status().as_u16();
    Some((status, answer.bytes().await.ok()?.to_vec()))
}

/// The id of what was made, if it was.
async fn made(request: RequestBuilder) -> Option<String> {
    let (status, body) = answered(request).await?;
    let body: Value = serde_json::from_slice(&body).ok()?;
    (status == 201).then(|| body["id"].as_str().map(str::to_owned))?
}

/// Runs on this thread, and lets it go after [`LONGEST`].
fn attack_here(attack: &Attack, server: &Server, people: &[Person]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    // Over the time or not: both are an attack.
    let _ = runtime
        .block_on(async { tokio::time::timeout(LONGEST, (attack.run)(server, people)).await });
}

/// The most memory that the server and its processes held while these attacks ran at once, in KiB.
#[expect(
    clippy::disallowed_methods,
    reason = "no actor and no task is on this thread"
)]
async fn measured(server: &Server, name: &str, attacks: &[Attack], people: &[Person]) -> u64 {
    let others = Others::new(server).await;
    let before = server.memory("RssAnon");
    server.forget_peak();
    let begin = Instant::now();
    let children = std::thread::scope(|scope| {
        let watching = scope.spawn(|| others.watch());
        let running: Vec<_> = attacks
            .iter()
            .map(|attack| scope.spawn(|| attack_here(attack, server, people)))
            .collect();
        let mut most = 0;
        while running.iter().any(|thread| !thread.is_finished()) {
            most = most.max(server.memory_of_children("RssAnon:"));
            std::thread::sleep(GLANCE);
        }
        others.enough();
        for thread in running {
            thread.join().expect("an attack that breaks is none");
        }
        watching.join().expect("others are served");
        most
    });
    // The server's own peak is exact. The two need not have been at the same moment: it was less. Pages of the
    // program's file are not counted: the system drops them before it refuses anything.
    let own = server.memory("VmHWM") - server.memory("RssFile");
    println!(
        "{name}: {} MiB before, at most {} and {} in processes, {:.1} s; {}",
        before >> 10,
        own >> 10,
        children >> 10,
        begin.elapsed().as_secs_f64(),
        others.figures()
    );
    own + children
}

/// Waits until the server has nothing left to do for the attackers.
async fn calm(server: &Server, people: &[Person]) {
    join_all(people.iter().map(requests::cancel_all)).await;
    server.is_idle().await;
}

async fn the_unit_stays_below_its_memory_limit(setup: Setup) {
    let all = attacks_on(&setup);
    let server = setup.with_limits_of_users().start().await;
    let mut people = Vec::new();
    for number in 0..ATTACKERS {
        people.push(server.register(&format!("mallory{number}")).await);
    }
    let limit = memory_max();
    let mut over = Vec::new();
    let each = setting(EACH).map_or(&[][..], |_| &all[..]);
    let each = each
        .iter()
        .map(|attack| (attack.name, std::slice::from_ref(attack)));
    for (name, attacks) in each.chain([("all of them at once", &all[..])]) {
        let peak = measured(&server, name, attacks, &people).await;
        if peak >= limit {
            over.push(format!("{name}: {} MiB", peak >> 10));
        }
        calm(&server, &people).await;
    }
    assert!(over.is_empty(), "over {} MiB: {over:#?}", limit >> 10);

    // It is of use to others as before.
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let events = tokio::time::timeout(DEADLINE, nora.audit(&id)).await;
    let last = events.expect("an audit").pop().expect("events");
    assert_eq!(last.kind(), "evaluation_complete", "{}", last.text);
    server.finish().await;
}
