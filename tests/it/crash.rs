//! `kill -9` at random moments of many runs, seen by a client that always comes back.

use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::harness::{Chance, Frame, Manner, Person, ScriptedJudge, Setup, Socket, text};
use crate::samples;

on_every_database!(fifty_kills_lose_nothing_and_double_nothing);

const KILLS: u32 = 50;

/// Runs under way at any time.
const LIVE: usize = 6;

/// A judge that is never asked by HTTP, and three that answer sooner or later.
const OFFLINE: &str = "lexical";
const SCRIPTED: [(&str, u64); 3] = [("quick", 5), ("middle", 60), ("slow", 250)];

/// One evaluation, as its client knows it.
struct Watched {
    id: String,
    /// Stands in its texts, and so in every question to a judge.
    mark: String,
    run: Option<String>,
    epoch: Value,
    seen: Vec<Frame>,
}

impl Watched {
    async fn create(nora: &Person, number: usize) -> Self {
        let mark = format!("Shelf {number:04} holds maps.");
        let mut body = samples::evaluation();
        body["candidate_output"] = json!(format!("{} {mark}", samples::CANDIDATE.repeat(3)));
        let mut judges = vec![OFFLINE];
        judges.extend(SCRIPTED.map(|(name, _)| name));
        body["config"] = json!({ "judges": judges });
        Self {
            id: nora.create(&body).await,
            mark,
            run: None,
            epoch: Value::Null,
            seen: Vec::new(),
        }
    }

    fn is_over(&self) -> bool {
        self.seen.last().is_some_and(Frame::is_terminal)
    }

    /// Joins from where the client stands.
    async fn watch(&mut self, socket: &mut Socket) {
        let joined = match self.seen.last() {
            Some(last) => socket.resume(&self.id, &self.epoch, last.seq()).await,
            None => socket.join(&self.id).await,
        };
        assert_eq!(joined["data"]["recovered"], true, "{joined}");
        let epoch = joined["data"]["epoch"].clone();
        assert!(self.epoch.is_null() || self.epoch == epoch, "{joined}");
        self.epoch = epoch;
    }

    /// Asks for the start, always by the same name; the answer may be lost with the server.
    fn start(&self, nora: &Person) -> JoinHandle<Option<String>> {
        let path = format!("/evaluations/{}/start", self.id);
        let body = json!({ "client_request_id": self.mark });
        let request = nora.request(reqwest::Method::POST, &path).json(&body);
        tokio::spawn(async move {
            let answer = request.send().await.ok()?;
            assert_eq!(answer.status(), 202);
            let body: Value = answer.json().await.ok()?;
            Some(text(&body["run_id"]))
        })
    }
}

/// Takes events until the moment has come, or nothing is left to wait for; says how many came.
async fn watch_until(socket: &mut Socket, watched: &mut [Watched], end: Instant, most: u64) -> u64 {
    let mut events = 0;
    while events < most && !watched.iter().all(Watched::is_over) {
        let event = tokio::select! {
            event = socket.next_event() => event,
            () = tokio::time::sleep_until(end.into()) => break,
        };
        let one = watched
            .iter_mut()
            .find(|one| event.value["session_id"] == one.id.as_str())
            .unwrap_or_else(|| panic!("nobody asked for {}", event.text));
        let position = one.seen.last().map_or(0, Frame::seq);
        assert_eq!(event.seq(), position + 1, "{}", event.text);
        one.seen.push(event);
        events += 1;
    }
    events
}

async fn fifty_kills_lose_nothing_and_double_nothing(setup: Setup) {
    let mut chance = Chance::new();
    let judges = SCRIPTED.map(|(name, ms)| {
        let judge = ScriptedJudge::start(Manner::Takes(Duration::from_millis(ms)));
        (name, judge)
    });
    let file: Vec<String> = judges
        .iter()
        .map(|(name, judge)| judge.configured(name))
        .collect();
    let mut server = setup
        .file(&file.concat())
        .limit("commands_per_second", 0)
        .start()
        .await;
    let nora = server.register("nora").await;
    let far = Instant::now() + Duration::from_secs(3600);
    let mut watched: Vec<Watched> = Vec::new();
    let (mut kills, mut early) = (0, 0);
    loop {
        let last = kills >= KILLS;
        while !last && watched.iter().filter(|one| !one.is_over()).count() < LIVE {
            watched.push(Watched::create(&nora, watched.len()).await);
        }
        let mut socket = nora.connect().await;
        for one in watched.iter_mut().filter(|one| !one.is_over()) {
            one.watch(&mut socket).await;
        }
        let starts: Vec<_> = watched
            .iter()
            .map(|one| one.run.is_none().then(|| one.start(&nora)))
            .collect();
        let (end, most) = match chance.below(3) {
            _ if last => (far, u64::MAX),
            0 => (far, 1 + chance.below(60)),
            1 => (
                Instant::now() + Duration::from_millis(chance.below(40)),
                u64::MAX,
            ),
            _ => (
                Instant::now() + Duration::from_millis(chance.below(500)),
                u64::MAX,
            ),
        };
        watch_until(&mut socket, &mut watched, end, most).await;
        if !last {
            server.kill();
            kills += 1;
        }
        for (one, start) in watched.iter_mut().zip(starts) {
            if let Some(start) = start {
                one.run = start.await.unwrap();
            }
        }
        if last {
            socket.close().await;
            break;
        }
        if kills < KILLS && chance.below(4) == 0 {
            let after = Duration::from_millis(chance.below(200));
            server.kill_while_starting(after).await;
            kills += 1;
            early += 1;
        }
        server.start_again();
    }

    let mut asked = 0;
    for one in &watched {
        asked += check(&nora, one, &judges).await;
    }
    let heard = watched.len() * judges.len();
    println!(
        "{kills} kills, {early} of them before the server was ready; {} runs, {} events, {heard} answers \
         of judges that were asked {asked} times",
        watched.len(),
        watched.iter().map(|one| one.seen.len()).sum::<usize>(),
    );
    server.finish().await;
}

/// Compares what the client saw, what is stored, and what the judges were asked; says how often.
async fn check(nora: &Person, one: &Watched, judges: &[(&str, ScriptedJudge)]) -> usize {
    let seen = &one.seen;
    let page = nora
        .get(&format!("/evaluations/{}/events?limit=500", one.id))
        .await
        .has(200);
    let frames: Vec<&str> = seen.iter().map(|event| event.text.as_str()).collect();
    let events = format!("\"events\":[{}]", frames.join(","));
    assert!(page.text.contains(&events), "{}\n{events}", page.text);
    assert_eq!(page.json()["last_seq"], seen.last().unwrap().seq());

    let run = one.run.as_deref().expect("the last start was answered");
    assert!(seen.iter().all(|event| event.value["run_id"] == run));
    let ends = seen.iter().filter(|event| event.is_terminal()).count();
    assert_eq!(ends, 1, "{}", one.id);
    let end = seen.last().unwrap();
    assert_eq!(end.kind(), "evaluation_complete", "{}", end.text);
    assert_eq!(end.data()["degraded"], false, "{}", end.text);
    let mut progress = 0.0;
    for event in seen
        .iter()
        .filter(|event| event.kind() == "evaluation_progress")
    {
        let now = event.data()["progress"].as_f64().unwrap();
        assert!(now >= progress, "it fell: {}", event.text);
        progress = now;
    }

    let of_kind = |kind| {
        seen.iter()
            .filter(move |event: &&Frame| event.kind() == kind)
    };
    let evaluation = nora.evaluation(&one.id).await;
    let claims: BTreeSet<String> = evaluation["claims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|claim| text(&claim["id"]))
        .collect();
    let decided: Vec<String> = of_kind("claim_verdict")
        .map(|event| text(&event.data()["claim"]["id"]))
        .collect();
    assert_eq!(decided.len(), claims.len(), "each claim once: {}", one.id);
    assert_eq!(decided.into_iter().collect::<BTreeSet<_>>(), claims);

    let results = |name: &str| -> Vec<&Frame> {
        of_kind("judge_result")
            .filter(|event| event.data()["judge_name"] == name)
            .collect()
    };
    assert_eq!(of_kind("judge_result").count(), judges.len() + 1);
    assert_eq!(results(OFFLINE).len(), 1);
    let mut asked = 0;
    for (name, judge) in judges {
        let [heard] = results(name)[..] else {
            panic!("{name} was heard {} times", results(name).len());
        };
        assert_eq!(heard.data()["status"], "completed", "{}", heard.text);
        let questions = judge.questions(&one.mark);
        assert!(!questions.is_empty());
        let heard_at = milliseconds(&heard.value["ts"]);
        for question in &questions {
            let at = question.at.duration_since(SystemTime::UNIX_EPOCH).unwrap();
            assert!(
                at.as_millis() <= heard_at,
                "{name} was asked again after its answer was committed: {}",
                heard.text
            );
        }
        asked += questions.len();
    }
    asked
}

fn milliseconds(ts: &Value) -> u128 {
    let ts = chrono::DateTime::parse_from_rfc3339(ts.as_str().unwrap()).unwrap();
    ts.timestamp_millis().try_into().unwrap()
}
