use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use bytestring::ByteString;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use super::*;
use crate::bus::Events;
use crate::bus::message::LARGEST;
use crate::testing::skip;

/// No wait of a test is longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server of one's own; ends with this value.
struct Nats {
    program: PathBuf,
    arguments: Vec<String>,
    port: u16,
    process: Option<Child>,
}

impl Nats {
    /// None, and the test is said to be skipped, where the program is not installed.
    async fn start(arguments: &[&str]) -> Option<Self> {
        let places = ["/usr/sbin/nats-server", "/usr/local/bin/nats-server"];
        let Some(program) = places.map(PathBuf::from).into_iter().find(|at| at.exists()) else {
            skip("there is no nats-server");
            return None;
        };
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut nats = Self {
            program,
            arguments: arguments.iter().map(|text| (*text).to_owned()).collect(),
            port: free.local_addr().unwrap().port(),
            process: None,
        };
        drop(free);
        nats.run().await;
        Some(nats)
    }

    /// Returns once it takes connections.
    async fn run(&mut self) {
        let process = Command::new(&self.program)
            .args(["--addr", "127.0.0.1", "--port", &self.port.to_string()])
            .args(&self.arguments)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.process = Some(process);
        let up = async {
            while tokio::net::TcpStream::connect(("127.0.0.1", self.port))
                .await
                .is_err()
            {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, up).await.expect("it does not start");
    }

    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    fn settings(&self) -> NatsSettings {
        NatsSettings {
            servers: vec![format!("nats://127.0.0.1:{}", self.port)],
            login: NatsLogin::Nobody,
            tls: tls::client_config(&[]).unwrap(),
            name: "bus".to_owned(),
        }
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

struct Node {
    bus: NatsBus,
    heard: mpsc::Receiver<Heard>,
    metrics: Arc<Metrics>,
}

impl Node {
    fn new(settings: NatsSettings) -> Self {
        let (ears, heard) = mpsc::channel(64);
        let metrics = Arc::new(Metrics::new().unwrap());
        let bus = NatsBus::start(settings, ears, Arc::clone(&metrics)).unwrap();
        bus.has_nodes(2);
        Self {
            bus,
            heard,
            metrics,
        }
    }

    /// One that hears, and knows that it is not alone.
    async fn start(nats: &Nats) -> Self {
        let node = Self::new(nats.settings());
        node.becomes(false).await;
        node
    }

    async fn becomes(&self, deaf: bool) {
        let becomes = async {
            while self.bus.is_deaf() != deaf {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, becomes).await.expect("it stays as it is");
    }

    /// Waits until the server has been told of all that is followed.
    async fn follows(&self, session: SessionId) {
        self.bus.follow(session);
        let follows = async {
            loop {
                {
                    let followed = lock(&self.bus.0.followed);
                    if followed.subscribed.contains(&session) && followed.changed.is_empty() {
                        break;
                    }
                }
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(PATIENCE, follows)
            .await
            .expect("it does not follow");
        // What it tells itself comes back after whatever was asked for before.
        self.bus.0.endpoint.hearing.is_lost();
        self.bus.0.tests_itself();
        self.becomes(false).await;
    }

    async fn next(&mut self) -> Heard {
        let next = timeout(PATIENCE, self.heard.recv()).await;
        next.expect("nothing was heard").unwrap()
    }
}

fn stored(session: SessionId, last_seq: i64) -> Signal {
    let text = format!("{{\"seq\":{last_seq},\"text\":\"was ist? \u{1F600}\"}}");
    Signal::Stored {
        session,
        last_seq,
        events: Some(Events {
            epoch: "epoch".to_owned(),
            frames: vec![(last_seq, ByteString::from(text))],
        }),
    }
}

#[tokio::test]
async fn nodes_hear_each_other_of_what_they_follow_and_not_themselves() {
    let Some(nats) = Nats::start(&[]).await else {
        return;
    };
    let (mut one, mut other) = (Node::start(&nats).await, Node::start(&nats).await);
    let (followed, ignored): (SessionId, SessionId) = (new_id(), new_id());
    other.follows(followed).await;
    one.follows(followed).await;
    for seq in 1..=50 {
        one.bus.tell(stored(ignored, seq));
        one.bus.tell(stored(followed, seq));
        assert_eq!(other.next().await, Heard::Told(stored(followed, seq)));
    }
    one.bus.tell(Signal::Due);
    assert_eq!(other.next().await, Heard::Told(Signal::Due));
    other.bus.tell(Signal::Due);
    let first = one.next().await;
    assert_eq!(first, Heard::Told(Signal::Due), "the first thing");
    assert_eq!(one.metrics.bus_told.of("stored").unwrap().get(), 100);
    assert_eq!(other.metrics.bus_heard.of("stored").unwrap().get(), 50);

    // Alone, it says nothing.
    one.bus.has_nodes(1);
    one.bus.tell(stored(followed, 51));
    one.bus.has_nodes(2);
    one.bus.tell(stored(followed, 52));
    assert_eq!(other.next().await, Heard::Told(stored(followed, 52)));

    // Of what it no longer follows it hears nothing.
    other.bus.unfollow(followed);
    let unfollows = async {
        while lock(&other.bus.0.followed).subscribed.contains(&followed) {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, unfollows)
        .await
        .expect("it still follows");
    other.follows(ignored).await;
    one.bus.tell(stored(followed, 53));
    one.bus.tell(stored(ignored, 1));
    assert_eq!(other.next().await, Heard::Told(stored(ignored, 1)));
}

#[tokio::test]
async fn what_is_too_large_is_told_without_its_events() {
    let Some(nats) = Nats::start(&[]).await else {
        return;
    };
    let (one, mut other) = (Node::start(&nats).await, Node::start(&nats).await);
    let session = new_id();
    other.follows(session).await;
    let told = Signal::Stored {
        session,
        last_seq: 1,
        events: Some(Events {
            epoch: "epoch".to_owned(),
            frames: vec![(1, "x".repeat(LARGEST + 1).into())],
        }),
    };
    one.bus.tell(told.clone());
    let heard = Heard::Told(told.without_events());
    assert_eq!(other.next().await, heard);
}

#[tokio::test]
async fn a_server_that_is_gone_makes_deaf_and_one_that_is_back_is_heard() {
    let Some(mut nats) = Nats::start(&[]).await else {
        return;
    };
    let (mut one, other) = (Node::start(&nats).await, Node::start(&nats).await);
    let session = new_id();
    one.follows(session).await;
    nats.kill();
    one.becomes(true).await;
    other.becomes(true).await;
    nats.run().await;
    one.becomes(false).await;
    other.becomes(false).await;
    assert_eq!(one.next().await, Heard::Missed);
    // What it followed it still follows.
    other.bus.tell(stored(session, 7));
    assert_eq!(one.next().await, Heard::Told(stored(session, 7)));
}

#[tokio::test]
async fn a_server_that_hangs_makes_deaf() {
    let Some(nats) = Nats::start(&[]).await else {
        return;
    };
    let one = Node::start(&nats).await;
    let process = nats.process.as_ref().unwrap().id();
    let signal = |name: &str| {
        let line = format!("kill -{name} {process}");
        let status = Command::new("sh").args(["-c", &line]).status().unwrap();
        assert!(status.success());
    };
    signal("STOP");
    one.becomes(true).await;
    signal("CONT");
    one.becomes(false).await;
}

#[tokio::test]
async fn who_is_not_let_in_is_deaf_until_then() {
    let Some(nats) = Nats::start(&["--auth", "a token"]).await else {
        return;
    };
    let stranger = Node::new(nats.settings());
    let friend = Node::new(NatsSettings {
        login: NatsLogin::Token("a token".into()),
        ..nats.settings()
    });
    friend.becomes(false).await;
    assert!(stranger.bus.is_deaf());
    drop(nats);

    let Some(nats) = Nats::start(&["--user", "ada", "--pass", "secret"]).await else {
        return;
    };
    let login = |password: &str| NatsSettings {
        login: NatsLogin::Password("ada".to_owned(), password.into()),
        ..nats.settings()
    };
    let (stranger, friend) = (Node::new(login("guess")), Node::new(login("secret")));
    friend.becomes(false).await;
    assert!(stranger.bus.is_deaf());
}

#[test]
fn credentials_that_can_not_be_read_are_an_error_at_the_start() {
    let settings = NatsSettings {
        servers: vec!["nats://127.0.0.1:1".to_owned()],
        login: NatsLogin::Credentials("none".into()),
        tls: tls::client_config(&[]).unwrap(),
        name: "bus".to_owned(),
    };
    let (ears, _heard) = mpsc::channel(1);
    let metrics = Arc::new(Metrics::new().unwrap());
    assert!(NatsBus::start(settings, ears, metrics).is_err());
}

#[tokio::test]
async fn by_tls_only_who_is_trusted_is_told() {
    let folder = TempDir::new().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let at = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (certificate, key) = (
        at("certificate.pem", certificate.pem()),
        at("key.pem", key.serialize_pem()),
    );
    let arguments = ["--tls", "--tlscert", &certificate, "--tlskey", &key];
    let Some(nats) = Nats::start(&arguments).await else {
        return;
    };
    let of = |beside: &[tls::Authority]| NatsSettings {
        servers: vec![format!("tls://127.0.0.1:{}", nats.port)],
        tls: tls::client_config(beside).unwrap(),
        ..nats.settings()
    };
    let trusted = tls::authorities(authority.pem().as_bytes()).unwrap();
    let (trusting, strict) = (Node::new(of(&trusted)), Node::new(of(&[])));
    trusting.becomes(false).await;
    assert!(strict.bus.is_deaf());

    // Nor by a server that has no TLS.
    let Some(plain) = Nats::start(&[]).await else {
        return;
    };
    let strict = Node::new(NatsSettings {
        servers: vec![format!("tls://127.0.0.1:{}", plain.port)],
        ..plain.settings()
    });
    Node::start(&plain).await;
    assert!(strict.bus.is_deaf());
}
