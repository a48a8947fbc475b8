//! What a service manager is told, over a socket such as systemd's, and what the process makes of the
//! limits that it is given.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use reqwest::Method;
use tempfile::TempDir;

use crate::harness::{DEADLINE, GLANCE, Setup};

on_every_database!(
    ready_is_told_when_it_listens_and_stopping_when_it_drains,
    the_watchdog_is_fed,
);

/// Stands for the manager.
struct Manager {
    socket: UnixDatagram,
    directory: TempDir,
}

impl Manager {
    fn new() -> Self {
        let directory = TempDir::with_prefix("auditor-it-").unwrap();
        let socket = UnixDatagram::bind(directory.path().join("notify")).unwrap();
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        Self { socket, directory }
    }

    fn address(&self) -> String {
        self.directory.path().join("notify").display().to_string()
    }

    /// The lines of the next message.
    fn next(&self) -> Vec<String> {
        let mut buffer = [0; 4096];
        let length = self.socket.recv(&mut buffer).expect("a message in time");
        let text = String::from_utf8(buffer[..length].to_vec()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// Of a process that has ended, nothing is on its way any more.
    fn has_heard_all(&self) {
        self.socket.set_nonblocking(true).unwrap();
        let error = self.socket.recv(&mut [0; 16]).expect_err("another message");
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
}

async fn ready_is_told_when_it_listens_and_stopping_when_it_drains(setup: Setup) {
    let manager = Manager::new();
    let mut server = setup.set("NOTIFY_SOCKET", &manager.address()).start().await;
    let listens = format!("STATUS=listens on {}", server.door().address());
    assert_eq!(manager.next(), ["READY=1", listens.as_str()]);
    let door = server.door().clone();
    door.send(door.outside(Method::GET, "/readyz"))
        .await
        .has(200);
    server.terminate();
    assert_eq!(
        manager.next(),
        [
            "STOPPING=1",
            "STATUS=stopping: clients are sent away",
            // The drain of 1 s, the last requests, and some slack.
            "EXTEND_TIMEOUT_USEC=9000000",
        ]
    );
    assert_eq!(server.ended().await.code(), Some(0), "{}", server.printed());
    manager.has_heard_all();
}

async fn the_watchdog_is_fed(setup: Setup) {
    let manager = Manager::new();
    let setup = setup
        .set("NOTIFY_SOCKET", &manager.address())
        .set("WATCHDOG_USEC", "2000000");
    let mut server = setup.start().await;
    assert_eq!(manager.next()[0], "READY=1");
    let begin = Instant::now();
    for _ in 0..3 {
        let status = "STATUS=connections: 0, sessions in memory: 0, live runs: 0";
        assert_eq!(manager.next(), ["WATCHDOG=1", status]);
    }
    println!("three signs of life in {:?}", begin.elapsed());
    // Half of the limit lies between two of them: a server that pours them out has proved nothing. Less
    // than two whole seconds, for the first may come at once, and a late one does not delay the next.
    assert!(begin.elapsed().as_millis() >= 1500, "{:?}", begin.elapsed());
    server.terminate();
    assert!(server.ended().await.success());
}

/// The program by itself, with a shell before it where limits are to be set.
fn serve(manager: &Manager, before: &str, url: &str, bind: &str) -> Child {
    let data = manager.directory.path().join("data");
    Command::new("sh")
        .args(["-c", &format!("{before} exec \"$0\" serve")])
        .arg(env!("CARGO_BIN_EXE_judge-auditor"))
        .env_clear()
        .env("NOTIFY_SOCKET", manager.address())
        .env("AUDITOR_DATA_DIR", &data)
        .env("AUDITOR_BIND", bind)
        .env("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "")
        .env("DATABASE_URL", url)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn sqlite(manager: &Manager) -> String {
    format!("sqlite:{}", manager.directory.path().join("a.db").display())
}

fn signal(process: &Child) {
    let kill = format!("kill -TERM {}", process.id());
    assert!(
        Command::new("sh")
            .args(["-c", &kill])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn who_can_not_listen_is_never_ready() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let bind = taken.local_addr().unwrap().to_string();
    let manager = Manager::new();
    let ended = serve(&manager, "", &sqlite(&manager), &bind)
        .wait_with_output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    manager.has_heard_all();
}

#[test]
fn all_the_files_that_are_allowed_may_be_opened() {
    let manager = Manager::new();
    let process = serve(
        &manager,
        "ulimit -Sn 256;",
        &sqlite(&manager),
        "127.0.0.1:0",
    );
    assert_eq!(manager.next()[0], "READY=1");
    let limits = Path::new("/proc").join(process.id().to_string());
    let limits = std::fs::read_to_string(limits.join("limits")).unwrap();
    signal(&process);
    let files = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .unwrap();
    let files: Vec<&str> = files.split_whitespace().collect();
    assert!(files[0] == files[1] && files[0] != "256", "{files:?}");
    let ended = process.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
}

/// Another program holds what the tables' update waits for; the number is the program's own.
#[tokio::test]
async fn a_stop_before_it_is_ready_ends_well() {
    const WAITS: &str = "select count(*) from pg_locks join pg_database on oid = database \
        where locktype = 'advisory' and not granted and datname = current_database()";
    let Some(setup) = Setup::postgres() else {
        return;
    };
    let url = setup.postgres_url().unwrap();
    let mut other = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--tuples-only", "--dbname", &url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut says = other.stdin.take().unwrap();
    writeln!(
        says,
        "select pg_advisory_lock({});\n\\echo locked",
        0x6a_7564_6765_i64
    )
    .unwrap();
    let hears = BufReader::new(other.stdout.take().unwrap());
    assert!(
        hears
            .lines()
            .map_while(Result::ok)
            .any(|line| line == "locked")
    );

    let manager = Manager::new();
    let process = serve(&manager, "", &url, "127.0.0.1:0");
    let begin = Instant::now();
    loop {
        let waiting = Command::new("psql")
            .args(["--no-psqlrc", "--tuples-only", "--no-align"])
            .args(["--dbname", &url, "--command", WAITS])
            .output()
            .unwrap();
        if String::from_utf8_lossy(&waiting.stdout).trim() == "1" {
            break;
        }
        assert!(begin.elapsed() < DEADLINE, "it never waited: {waiting:?}");
        tokio::time::sleep(GLANCE).await;
    }
    signal(&process);
    assert_eq!(manager.next()[0], "STOPPING=1");
    drop(says);
    other.wait().unwrap();
    let ended = process.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert_eq!(
        String::from_utf8_lossy(&ended.stdout),
        "",
        "it never listened"
    );
    manager.has_heard_all();
}
