//! Everything that was ever found to take a server down, one after the other and then all at once,
//! against the memory that the unit of systemd allows.
//!
//! The suites of each part hold its own bounds, counted in bytes and operations; what they leave is
//! added up here, in one process and with the limits that a server has by default. Deliberately not
//! here: whether an attack is answered well. It may be refused, cut or served; the server has to live,
//! and to stay below its limit.

mod files;
mod requests;
mod sockets;

use std::time::{Duration, Instant};

use futures_util::future::{LocalBoxFuture, join_all};

use crate::harness::{DEADLINE, GLANCE, Person, Server, Setup};

on_every_database!(the_unit_stays_below_its_memory_limit);

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

/// Accounts that attack. Where registration is open, whoever has the patience has them.
const ATTACKERS: usize = 4;

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

fn all() -> Vec<Attack> {
    attacks![
        sockets::control_frames,
        sockets::empty_continuations,
        sockets::readers_that_stall,
        sockets::requests_without_an_end,
        files::small_pages_of_many_operations,
        files::markup_that_nests,
        requests::bodies_that_never_end,
        requests::credentials_that_never_end,
        requests::logins,
        requests::searches_of_the_history,
        requests::searches_of_a_collection,
        requests::estimates,
        requests::audits_of_the_longest_texts,
        requests::exports_of_many_pages,
        requests::longest_lists,
    ]
    .into()
}

/// Asks the server meanwhile, as somebody else who means no harm: the slowest answer, and the most memory
/// that was seen with that of the processes which it has started.
async fn asked_until(server: &Server, done: &tokio::sync::Notify) -> (Duration, u64) {
    let (mut slowest, mut most) = (Duration::ZERO, 0);
    let end = done.notified();
    tokio::pin!(end);
    loop {
        let begin = Instant::now();
        tokio::select! {
            () = &mut end => return (slowest, most),
            health = server.door().health() => assert_eq!(health["status"], "ok", "{health}"),
        }
        slowest = slowest.max(begin.elapsed());
        most = most.max(server.memory_with_children());
        tokio::time::sleep(GLANCE).await;
    }
}

/// Runs an attack, and tells the most memory that was held, in KiB.
async fn measured<F: Future<Output = ()>>(server: &Server, name: &str, attack: F) -> u64 {
    let before = server.memory("VmRSS");
    server.forget_peak();
    let done = tokio::sync::Notify::new();
    let begin = Instant::now();
    let ((slowest, seen), ()) = tokio::join!(asked_until(server, &done), async {
        attack.await;
        done.notify_one();
    });
    // The server's own peak is never missed; its children's are seen in passing.
    let peak = seen.max(server.memory("VmHWM"));
    println!(
        "{name}: {} MiB before, {} MiB at most, {:.1} s; /healthz within {} ms",
        before >> 10,
        peak >> 10,
        begin.elapsed().as_secs_f64(),
        slowest.as_millis()
    );
    peak
}

/// Waits until the server has nothing left to do for the attackers.
async fn calm(server: &Server, people: &[Person]) {
    join_all(people.iter().map(requests::cancel_all)).await;
    server.is_idle().await;
}

async fn the_unit_stays_below_its_memory_limit(setup: Setup) {
    let server = setup.with_limits_of_users().start().await;
    let mut people = Vec::new();
    for number in 0..ATTACKERS {
        people.push(server.register(&format!("mallory{number}")).await);
    }
    let limit = memory_max();
    let mut over = Vec::new();
    for attack in all() {
        let peak = measured(&server, attack.name, (attack.run)(&server, &people)).await;
        if peak >= limit {
            over.push(format!("{}: {} MiB", attack.name, peak >> 10));
        }
        calm(&server, &people).await;
    }
    let together = async {
        join_all(all().iter().map(|attack| (attack.run)(&server, &people))).await;
    };
    let peak = measured(&server, "all of them at once", together).await;
    if peak >= limit {
        over.push(format!("all of them at once: {} MiB", peak >> 10));
    }
    calm(&server, &people).await;
    assert!(over.is_empty(), "over {} MiB: {over:#?}", limit >> 10);

    // It is of use to others as before.
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let events = tokio::time::timeout(DEADLINE, nora.audit(&id)).await;
    let last = events.expect("an audit").pop().expect("events");
    assert_eq!(last.kind(), "evaluation_complete", "{}", last.text);
    server.finish().await;
}
