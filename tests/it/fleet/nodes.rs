//! Nodes that share a database.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;

use crate::harness::{
    Answer, DEADLINE, Door, GLANCE, Nats, Person, Relay, ScriptedJudge, Server, Setup, TOKEN,
};

/// Signs the access tokens of all.
const SECRET: &str = "a secret that all nodes of the test have in common";

/// Who they are, however often they are asked.
pub(super) const WHO: &str = "SELECT ('x' || substr(md5(string_agg(id, ',' ORDER BY id)), 1, 15))::bit(60)::bigint AS count FROM nodes";

/// The configured judges.
pub(super) fn file_of(judges: &[(&str, &ScriptedJudge)]) -> String {
    judges
        .iter()
        .map(|(name, judge)| judge.configured(name))
        .collect()
}

/// By what the nodes of a test tell each other.
pub(super) enum Bus {
    /// They only look.
    Nowhere,
    Postgres,
    /// Ends with this value.
    Nats(Nats),
}

impl Bus {
    /// None where the machine has no NATS.
    pub(super) async fn nats() -> Option<Self> {
        Some(Self::Nats(Nats::start_new().await?))
    }

    fn of(&self, setup: Setup) -> Setup {
        match self {
            Self::Nowhere => setup.set("AUDITOR_FLEET__BUS", "none"),
            Self::Postgres => setup,
            Self::Nats(nats) => setup.set("AUDITOR_FLEET__BUS", &nats.url()),
        }
    }

    /// A way to it that can be cut, and what tells a node to go that way.
    pub(super) fn relayed(&self, database: &str) -> (Relay, (&'static str, String)) {
        let (variable, url) = match self {
            Self::Nowhere => panic!("there is no way to it"),
            Self::Postgres => ("AUDITOR_DATABASE__DIRECT_URL", database.to_owned()),
            Self::Nats(nats) => ("AUDITOR_FLEET__BUS", nats.url()),
        };
        let (relay, through) = Relay::before(&url);
        (relay, (variable, through))
    }
}

/// Runs each `async fn(Bus)` once with either bus.
macro_rules! by_every_bus {
    ($($test:ident),+ $(,)?) => {
        mod by_postgres {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test(crate::fleet::nodes::Bus::Postgres).await;
                }
            )+
        }
        mod by_nats {
            $(
                #[tokio::test]
                async fn $test() {
                    if let Some(bus) = crate::fleet::nodes::Bus::nats().await {
                        super::$test(bus).await;
                    }
                }
            )+
        }
    };
}

pub(super) use by_every_bus;

/// Some nodes on one database; the first one owns it, and is dropped last.
pub(super) struct Fleet {
    pub(super) others: Vec<Server>,
    pub(super) first: Server,
}

/// What each node has that a test says nothing else about.
fn of_fleet(setup: Setup) -> Setup {
    setup
        .set("AUDITOR_JWT_SECRET", SECRET)
        // A hundred kills take longer than a token is good for by default.
        .set("AUDITOR_AUTH__ACCESS_TTL_S", "7200")
        .limit("connections_per_user", 0)
        .limit("commands_per_second", 0)
}

impl Fleet {
    /// Starts so many nodes; none where the machine has no PostgreSQL.
    pub(super) async fn start(nodes: usize, setup: impl FnOnce(Setup) -> Setup) -> Option<Self> {
        let mut fleet = Self::of(setup(of_fleet(Setup::postgres()?))).await;
        for _ in 1..nodes {
            fleet.others.push(fleet.first.another_node());
        }
        fleet.know_each_other().await;
        Some(fleet)
    }

    /// The same with that bus.
    pub(super) async fn start_by(
        bus: &Bus,
        nodes: usize,
        setup: impl FnOnce(Setup) -> Setup,
    ) -> Option<Self> {
        Self::start(nodes, |default| setup(bus.of(default))).await
    }

    /// The first node, alone.
    pub(super) async fn of_one(setup: Setup) -> Self {
        Self::of(of_fleet(setup)).await
    }

    async fn of(setup: Setup) -> Self {
        Self {
            others: Vec::new(),
            first: setup.start().await,
        }
    }

    /// The nodes, the first one first.
    pub(super) fn node(&self, at: usize) -> &Server {
        match at.checked_sub(1) {
            None => &self.first,
            Some(at) => &self.others[at],
        }
    }

    pub(super) fn node_mut(&mut self, at: usize) -> &mut Server {
        match at.checked_sub(1) {
            None => &mut self.first,
            Some(at) => &mut self.others[at],
        }
    }

    pub(super) fn door(&self, at: usize) -> std::sync::Arc<Door> {
        std::sync::Arc::clone(self.node(at).door())
    }

    /// The same login at each node.
    pub(super) fn everywhere(&self, person: &Person) -> Vec<Person> {
        (0..=self.others.len())
            .map(|at| person.clone().through(&self.door(at)))
            .collect()
    }

    /// A figure of the database.
    pub(super) fn count(&self, query: &str) -> i64 {
        use diesel::prelude::*;

        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            count: i64,
        }
        let mut database = PgConnection::establish(&self.first.database()).unwrap();
        let row: Count = diesel::sql_query(query).get_result(&mut database).unwrap();
        row.count
    }

    /// Which of them works on a run; none, if nobody does.
    pub(super) fn owner_of(&self, id: &str) -> Option<usize> {
        (0..=self.others.len()).find(|at| {
            let address = self.node(*at).door().address();
            let (_, port) = address.rsplit_once(':').unwrap();
            let owns = format!(
                "SELECT count(*) AS count FROM evaluation_sessions AS s JOIN nodes AS n ON n.id = s.owner \
                 WHERE s.id = '{id}' AND n.name LIKE '%:{port}'"
            );
            self.count(&owns) == 1
        })
    }

    /// Changes what the program itself never would.
    pub(super) fn change(&self, statement: &str) {
        use diesel::prelude::*;

        let mut database = PgConnection::establish(&self.first.database()).unwrap();
        diesel::sql_query(statement).execute(&mut database).unwrap();
    }

    /// Waits until each has seen the others.
    pub(super) async fn know_each_other(&self) {
        let nodes = self.others.len() + 1;
        let beating = format!(
            "SELECT CASE WHEN count(*) = {nodes} AND min(beat) > 2 THEN 1 ELSE 0 END::bigint AS count FROM nodes"
        );
        let begin = Instant::now();
        while self.count(&beating) == 0 {
            assert!(begin.elapsed() < DEADLINE, "they do not beat");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Waits until the database says so.
    pub(super) async fn until(&self, query: &str, count: i64) {
        let begin = Instant::now();
        while self.count(query) != count {
            assert!(begin.elapsed() < DEADLINE, "not {count}: {query}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// The end of a test: every node that still runs ends well, and none waited for another in a circle.
    pub(super) async fn finish(self) {
        let deadlocks =
            "SELECT deadlocks AS count FROM pg_stat_database WHERE datname = current_database()";
        assert_eq!(self.count(deadlocks), 0, "deadlocks");
        let Self { others, first } = self;
        for node in others.iter().chain([&first]) {
            assert!(
                !node.printed().contains(TOKEN),
                "the bus's token was logged"
            );
        }
        for node in others {
            if node.is_running() {
                node.finish().await;
            }
        }
        if first.is_running() {
            first.finish().await;
        }
    }
}

/// Whether a node can serve, as it says itself.
pub(super) async fn ready(server: &Server) -> Answer {
    let door = server.door();
    door.send(door.outside(Method::GET, "/readyz")).await
}

/// The whole log as REST gives it, as text.
pub(super) async fn log_of(person: &Person, id: &str) -> Vec<Value> {
    let path = format!("/evaluations/{id}/events?limit=500");
    let page = person.get(&path).await.has(200).json();
    page["events"].as_array().unwrap().clone()
}

/// Waits until an evaluation stands so.
pub(super) async fn becomes(person: &Person, id: &str, status: &str, within: Duration) {
    let begin = Instant::now();
    loop {
        let now = person.evaluation(id).await["status"].clone();
        if now == status {
            return;
        }
        assert!(begin.elapsed() < within, "{id} is {now}, not {status}");
        tokio::time::sleep(GLANCE).await;
    }
}
