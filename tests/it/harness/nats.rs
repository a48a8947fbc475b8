//! A server of NATS of one's own, which may be stopped.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nkeys::KeyPair;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::database::skip;
use super::{DEADLINE, GLANCE};

/// Where the program is, as Debian and others put it.
const PLACES: [&str; 2] = ["/usr/sbin/nats-server", "/usr/local/bin/nats-server"];

/// Who is let in; not a word of it may be printed.
pub(crate) const TOKEN: &str = "a-token-that-nobody-prints";

/// Whom it lets in.
enum Door {
    Token,
    /// Whoever has a user's JWT and key, of an account that the server's operator has signed. Its files are here.
    Accounts(TempDir),
}

/// A running server; ends with this value.
pub(crate) struct Nats {
    program: &'static str,
    address: SocketAddr,
    door: Door,
    process: Option<Child>,
}

impl Nats {
    /// Starts one, or says why there is none: the program is not installed. With `AUDITOR_TEST_REQUIRE=1` that fails
    /// the test instead.
    pub(crate) async fn start_new() -> Option<Self> {
        Self::start_with(|| Door::Token).await
    }

    /// The same for whoever has [`credentials`](Self::credentials).
    pub(crate) async fn start_with_accounts() -> Option<Self> {
        Self::start_with(|| Door::Accounts(accounts())).await
    }

    async fn start_with(door: impl FnOnce() -> Door) -> Option<Self> {
        let Some(program) = PLACES.into_iter().find(|at| Path::new(at).exists()) else {
            skip("there is no nats-server");
            return None;
        };
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let mut nats = Self {
            program,
            address,
            door: door(),
            process: None,
        };
        nats.start().await;
        Some(nats)
    }

    /// What a server of ours is told of it.
    pub(crate) fn url(&self) -> String {
        match self.door {
            Door::Token => format!("nats://{TOKEN}@{}", self.address),
            Door::Accounts(_) => format!("nats://{}", self.address),
        }
    }

    /// The file of a user of the nodes' account, and one of an account that its operator does not know.
    pub(crate) fn credentials(&self) -> [PathBuf; 2] {
        let Door::Accounts(folder) = &self.door else {
            panic!("it lets in by a token");
        };
        ["nodes.creds", "strangers.creds"].map(|name| folder.path().join(name))
    }

    /// Starts it, and returns once it takes connections.
    pub(crate) async fn start(&mut self) {
        let mut command = Command::new(self.program);
        match &self.door {
            Door::Token => command.args(["--auth", TOKEN]),
            Door::Accounts(folder) => command.arg("--config").arg(folder.path().join("nats.conf")),
        };
        let process = command
            .args(["--addr", "127.0.0.1"])
            .args(["--port", &self.address.port().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.process = Some(process);
        let begin = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            assert!(begin.elapsed() < DEADLINE, "nats-server does not start");
            tokio::time::sleep(GLANCE).await;
        }
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended by itself.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A server's configuration with one account, and files of credentials: of a user who may publish and subscribe to
/// what the nodes need and to nothing else, and of a user of an account that another operator has signed.
fn accounts() -> TempDir {
    let folder = TempDir::with_prefix("auditor-nats-").unwrap();
    let [operator, other] = [KeyPair::new_operator(), KeyPair::new_operator()];
    let of_operator = token(
        &operator,
        &operator,
        &json!({ "type": "operator", "version": 2 }),
    );
    let (nodes, of_nodes) = account(&operator, &folder.path().join("nodes.creds"));
    account(&other, &folder.path().join("strangers.creds"));
    let configuration = format!(
        "operator: \"{of_operator}\"\nresolver: MEMORY\nresolver_preload: {{ {nodes}: \"{of_nodes}\" }}\n"
    );
    std::fs::write(folder.path().join("nats.conf"), configuration).unwrap();
    folder
}

/// Makes an account with one user, whose credentials it writes; the account's public key and its JWT.
fn account(operator: &KeyPair, credentials: &Path) -> (String, String) {
    let (account, user) = (KeyPair::new_account(), KeyPair::new_user());
    let unlimited = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
    });
    let of_account = json!({ "type": "account", "version": 2, "limits": unlimited });
    let ours = json!({ "allow": ["judge-auditor.>"] });
    let of_user = json!({
        "type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1, "pub": ours, "sub": ours,
    });
    let text = format!(
        "-----BEGIN NATS USER JWT-----\n{}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
        token(&account, &user, &of_user),
        user.seed().unwrap()
    );
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600);
    std::io::Write::write_all(&mut file.open(credentials).unwrap(), text.as_bytes()).unwrap();
    (account.public_key(), token(operator, &account, &of_account))
}

/// What one key says of another, as NATS reads it.
fn token(issuer: &KeyPair, subject: &KeyPair, nats: &Value) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(json!({ "typ": "JWT", "alg": "ed25519-nkey" }));
    let claims = part(json!({
        "jti": uuid::Uuid::now_v7().to_string(),
        "iat": now.as_secs(),
        "iss": issuer.public_key(),
        "sub": subject.public_key(),
        "name": "auditor",
        "nats": nats,
    }));
    let signed = format!("{header}.{claims}");
    let signature = issuer.sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
