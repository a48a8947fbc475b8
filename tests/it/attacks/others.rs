//! Those who mean no harm while somebody attacks: they are answered, and how soon.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::Method;

use super::answered;
use super::requests::audited;
use crate::harness::{Door, GLANCE, Person, Server};
use crate::samples;

/// Users who audit in turn: one may start ten runs a minute.
const AUDITORS: usize = 6;

/// Between two audits.
const BREATH: Duration = Duration::from_millis(500);

/// Ask again and again until it is enough.
pub(super) struct Others {
    door: Arc<Door>,
    auditors: Vec<Person>,
    enough: AtomicBool,
    health: Mutex<Vec<Duration>>,
    audits: Mutex<Vec<Duration>>,
    refused: Mutex<usize>,
}

impl Others {
    /// From an address that no attack comes from. Logged in before it begins: how long a login then takes is
    /// not asked here.
    pub(super) async fn new(server: &Server) -> Self {
        static NAMED: AtomicUsize = AtomicUsize::new(0);
        let door = server.door().beside(Ipv4Addr::new(127, 0, 1, 1));
        let mut auditors = Vec::new();
        for _ in 0..AUDITORS {
            let number = NAMED.fetch_add(1, Ordering::Relaxed);
            let person = server.register(&format!("other{number}")).await;
            auditors.push(person.through(&door));
        }
        Self {
            door,
            auditors,
            enough: AtomicBool::new(false),
            health: Mutex::default(),
            audits: Mutex::default(),
            refused: Mutex::default(),
        }
    }

    /// To be called on a thread of its own.
    pub(super) fn watch(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async { tokio::join!(self.ask_for_health(), self.audit()) });
    }

    pub(super) fn enough(&self) {
        self.enough.store(true, Ordering::Relaxed);
    }

    fn goes_on(&self) -> bool {
        !self.enough.load(Ordering::Relaxed)
    }

    async fn ask_for_health(&self) {
        while self.goes_on() {
            let begin = Instant::now();
            let request = self.door.outside(Method::GET, "/healthz");
            match answered(request).await {
                Some((200, _)) => self.health.lock().unwrap().push(begin.elapsed()),
                // The HTTP library cuts who has sent nothing for 5 s, even where it is the server that was late.
                _ => *self.refused.lock().unwrap() += 1,
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Small audits, each from its making to its end.
    async fn audit(&self) {
        for person in self.auditors.iter().cycle() {
            let begin = Instant::now();
            match audited(person, &samples::evaluation()).await {
                Some(_) => self.audits.lock().unwrap().push(begin.elapsed()),
                // Asked to come again.
                None => *self.refused.lock().unwrap() += 1,
            }
            if !self.goes_on() {
                break;
            }
            tokio::time::sleep(BREATH).await;
        }
    }

    /// In words.
    pub(super) fn figures(&self) -> String {
        let health = spread(&self.health);
        let (audits, refused) = (spread(&self.audits), *self.refused.lock().unwrap());
        format!("/healthz {health}; small audits {audits}; {refused} not answered")
    }
}

fn spread(all: &Mutex<Vec<Duration>>) -> String {
    let mut all = all.lock().unwrap().clone();
    all.sort_unstable();
    let at = |share: f64| {
        let place = (all.len() as f64 * share).ceil() as usize;
        let taken = all.get(place.saturating_sub(1)).copied();
        taken.unwrap_or_default().as_millis()
    };
    format!(
        "p50 {} p99 {} most {} ms of {}",
        at(0.5),
        at(0.99),
        at(1.0),
        all.len()
    )
}
