//! One running server: the real binary, its data directory, its database, what it printed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::database::PostgresDatabase;
use super::http::Door;
use super::{DEADLINE, GLANCE, openapi};

/// How a server is to be started.
pub(crate) struct Setup {
    postgres: Option<PostgresDatabase>,
    environment: BTreeMap<String, String>,
    file: String,
    wrapper: Option<Wrapper>,
    backup: Option<PathBuf>,
}

/// What the binary is started by.
#[derive(Clone, Copy)]
enum Wrapper {
    WithoutSizeSignal,
}

impl Setup {
    /// A server on a SQLite file, with the limits that would slow a test down switched off.
    pub(crate) fn sqlite() -> Self {
        Self::on(None)
    }

    /// The same on PostgreSQL; none where the machine has none.
    pub(crate) fn postgres() -> Option<Self> {
        PostgresDatabase::create().map(|database| Self::on(Some(database)))
    }

    fn on(postgres: Option<PostgresDatabase>) -> Self {
        let setup = Self {
            postgres,
            environment: BTreeMap::new(),
            file: String::new(),
            wrapper: None,
            backup: None,
        };
        setup
            .set("AUDITOR_BIND", "127.0.0.1:0")
            .set("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "")
            .set("AUDITOR_SERVER__DRAIN_MS", "1000")
            // Hundreds of servers need not load what their test does not ask for, nor at a moment
            // when a test measures memory.
            .set("AUDITOR_NEURAL__LOAD_AT_START", "false")
            .limit("logins_per_minute", 0)
            .limit("registrations_per_hour", 0)
            .limit("renewals_per_minute", 0)
            .limit("shared_per_minute", 0)
            .limit("connections_per_minute", 0)
            .limit("starts_per_minute", 0)
            .limit("deletes_per_minute", 0)
            .limit("statistics_per_minute", 0)
            .limit("exports_per_minute", 0)
            .limit("estimates_per_minute", 0)
            .limit("checks_per_minute", 0)
            .limit("uploads_per_minute", 0)
            .limit("searches_per_minute", 0)
            .limit("creates_per_minute", 0)
            .limit("writes_per_minute", 0)
    }

    /// Where its PostgreSQL database is.
    pub(crate) fn database(&self) -> String {
        let database = self.postgres.as_ref();
        database.expect("it is on PostgreSQL").url()
    }

    /// Sets an environment variable of the server.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets a key of `[limits]`; 0 means none.
    pub(crate) fn limit(self, key: &str, value: u64) -> Self {
        let name = format!("AUDITOR_LIMITS__{}", key.to_uppercase());
        self.set(&name, &value.to_string())
    }

    /// What a user may do within a minute, or have at once, is limited as it is by default. The limits of
    /// an address stay off: the test has one, an attacker has many.
    pub(crate) fn with_limits_of_users(mut self) -> Self {
        let of_addresses = [
            "LOGINS_PER_MINUTE",
            "REGISTRATIONS_PER_HOUR",
            "RENEWALS_PER_MINUTE",
            "SHARED_PER_MINUTE",
            "CONNECTIONS_PER_MINUTE",
        ];
        self.environment.retain(|name, _| {
            let limit = name.strip_prefix("AUDITOR_LIMITS__");
            limit.is_none_or(|limit| of_addresses.contains(&limit))
        });
        self
    }

    /// Adds to the configuration file.
    pub(crate) fn file(mut self, toml: &str) -> Self {
        self.file.push_str(toml);
        self
    }

    /// [`Server::limit_file_size`] will be used.
    pub(crate) fn without_size_signal(mut self) -> Self {
        self.wrapper = Some(Wrapper::WithoutSizeSignal);
        self
    }

    /// Begins with this copy of a SQLite database instead of an empty one.
    pub(crate) fn restored(mut self, backup: &Path) -> Self {
        self.backup = Some(backup.to_owned());
        self
    }

    /// Where its database is, if that is PostgreSQL.
    pub(crate) fn postgres_url(&self) -> Option<String> {
        self.postgres.as_ref().map(PostgresDatabase::url)
    }

    /// Starts it and waits for its ready line.
    pub(crate) async fn start(self) -> Server {
        let directory = TempDir::with_prefix("auditor-it-").unwrap();
        let mut environment = self.environment;
        let url = match &self.postgres {
            Some(database) => database.url(),
            None => format!("sqlite:{}", directory.path().join("auditor.db").display()),
        };
        environment.entry("DATABASE_URL".to_owned()).or_insert(url);
        environment.insert(
            "AUDITOR_DATA_DIR".to_owned(),
            directory.path().display().to_string(),
        );
        if let Some(backup) = &self.backup {
            std::fs::copy(backup, directory.path().join("auditor.db")).unwrap();
        }
        let file = (!self.file.is_empty()).then(|| directory.path().join("auditor.toml"));
        if let Some(path) = &file {
            std::fs::write(path, &self.file).unwrap();
        }
        let binary = env!("CARGO_BIN_EXE_judge-auditor");
        let mut command = match self.wrapper {
            // A write over the limit is then an error and no signal.
            Some(Wrapper::WithoutSizeSignal) => {
                let mut shell = Command::new("/bin/sh");
                shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", binary]);
                shell
            }
            None => Command::new(binary),
        };
        command.arg("serve").env_clear().envs(&environment);
        if let Some(path) = &file {
            command.arg("--config").arg(path);
        }
        // The process starts last: from then on a panic ends it, too.
        let mut server = Server {
            door: Door::new("http://127.0.0.1:1"),
            process: None,
            command,
            printed: Arc::new(Mutex::new(String::new())),
            postgres: self.postgres,
            directory,
        };
        server.start_again();
        server
    }
}

/// A running server. [`Server::finish`] ends a test that went well; a drop only kills.
pub(crate) struct Server {
    door: Arc<Door>,
    pub(super) process: Option<Child>,
    pub(super) command: Command,
    printed: Arc<Mutex<String>>,
    // Before `directory`, and after the process was killed: the order of the fields is that of drops.
    #[expect(dead_code, reason = "held for its drop")]
    postgres: Option<PostgresDatabase>,
    #[expect(dead_code, reason = "held for its drop")]
    directory: TempDir,
}

impl Server {
    /// Where requests go.
    pub(crate) fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// Everything that it has printed so far.
    pub(crate) fn printed(&self) -> String {
        self.printed.lock().unwrap().clone()
    }

    /// Where its database is.
    pub(crate) fn database(&self) -> String {
        let mut environment = self.command.get_envs();
        let url = environment.find(|(name, _)| *name == "DATABASE_URL");
        let url = url.and_then(|(_, url)| url?.to_str());
        url.expect("every server has one").to_owned()
    }

    /// Another command of the program, with the server's environment.
    pub(crate) fn beside(&self, arguments: &[&str]) -> Command {
        let environment = self.command.get_envs();
        let mut command = Command::new(self.command.get_program());
        command
            .env_clear()
            .envs(environment.filter_map(|(name, value)| Some((name, value?))))
            .args(arguments);
        command
    }

    /// Another node on the same database, with the same settings and a data directory of its own. The database
    /// stays this server's.
    pub(crate) fn another_node(&self) -> Self {
        self.another_node_with(&[])
    }

    /// The same with these variables besides.
    pub(crate) fn another_node_with(&self, variables: &[(&str, &str)]) -> Self {
        let directory = TempDir::with_prefix("auditor-it-").unwrap();
        let environment = self.command.get_envs();
        let mut command = Command::new(self.command.get_program());
        command
            .args(self.command.get_args())
            .env_clear()
            .envs(environment.filter_map(|(name, value)| Some((name, value?))))
            .env("AUDITOR_DATA_DIR", directory.path())
            .envs(variables.iter().copied());
        let mut node = Self {
            door: Door::new("http://127.0.0.1:1"),
            process: None,
            command,
            printed: Arc::default(),
            postgres: None,
            directory,
        };
        node.start_again();
        node
    }

    /// Stops it in the middle of whatever it does, or lets it go on.
    pub(crate) fn pause(&self, is_paused: bool) {
        let process = self.process.as_ref().expect("it runs");
        let name = if is_paused { "STOP" } else { "CONT" };
        let status = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", process.id())])
            .status()
            .unwrap();
        assert!(status.success(), "no such process");
    }

    /// Whether it was started and not ended.
    pub(crate) fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// Asks it to end, as a service manager would, without waiting.
    pub(crate) fn terminate(&self) {
        let process = self.process.as_ref().expect("it runs");
        let status = Command::new("sh")
            .args(["-c", &format!("kill -TERM {}", process.id())])
            .status()
            .unwrap();
        assert!(status.success(), "no such process");
    }

    /// Ends it without warning.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Starts it and ends it without warning after so long, whether it is ready or not.
    pub(crate) async fn kill_while_starting(&mut self, after: Duration) {
        assert!(self.process.is_none(), "it still runs");
        let mut process = self
            .command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::sleep(after).await;
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Bounds how long a file of it may become, as a full disk would; `unlimited` frees the disk.
    pub(crate) fn limit_file_size(&self, limit: &str) {
        let process = self.process.as_ref().expect("it runs");
        let status = Command::new("prlimit")
            .arg(format!("--pid={}", process.id()))
            .arg(format!("--fsize={limit}:unlimited"))
            .status()
            .unwrap();
        assert!(status.success(), "prlimit");
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let mut process = self.process.take().expect("it runs");
        let begin = Instant::now();
        loop {
            if let Some(status) = process.try_wait().unwrap() {
                return status;
            }
            if begin.elapsed() > DEADLINE {
                process.kill().unwrap();
                process.wait().unwrap();
                panic!(
                    "did not end within {DEADLINE:?} of SIGTERM\n{}",
                    self.printed()
                );
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Starts it again, on the same database and at a new address.
    pub(crate) fn start_again(&mut self) {
        assert!(self.process.is_none(), "it still runs");
        let (process, address) = launch(&mut self.command, &self.printed);
        self.process = Some(process);
        self.door.moved_to(&address);
    }

    /// Ends it as a service manager would and starts it again.
    pub(crate) async fn restart(&mut self) {
        self.terminate();
        let status = self.ended().await;
        assert!(status.success(), "{status}\n{}", self.printed());
        self.start_again();
    }

    /// Waits until no connection, room or run is left over.
    pub(crate) async fn is_idle(&self) {
        let begin = Instant::now();
        loop {
            let health = self.door.health().await;
            assert_eq!(health["status"], "ok", "{health}");
            let left = ["connections", "rooms", "runs", "tasks"].map(|what| {
                health[what]
                    .as_u64()
                    .unwrap_or_else(|| panic!("no {what}: {health}"))
            });
            if left == [0; 4] {
                return;
            }
            assert!(
                begin.elapsed() < DEADLINE,
                "left over: {health}\n{}",
                self.printed()
            );
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// A figure of `/proc/PID/status`, in KiB: `VmRSS` is what it holds, `VmHWM` the most it held.
    pub(crate) fn memory(&self, figure: &str) -> u64 {
        let process = self.process.as_ref().expect("it runs");
        figure_of(process.id(), figure).expect("a figure")
    }

    /// The same of the processes that it has started and that run now, together.
    pub(crate) fn memory_of_children(&self, figure: &str) -> u64 {
        let parent = self.process.as_ref().expect("it runs").id();
        let processes = std::fs::read_dir("/proc").unwrap();
        let ids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let program = |id: u32| std::fs::read(format!("/proc/{id}/cmdline")).ok();
        let own = program(parent);
        // Until it has a program of its own, a child is shown with the memory of its parent, which it shares.
        ids.filter(|id| figure_of(*id, "PPid:") == Some(u64::from(parent)) && program(*id) != own)
            .filter_map(|id| figure_of(id, figure))
            .sum()
    }

    /// Lets `VmHWM` begin anew from what is held now.
    pub(crate) fn forget_peak(&self) {
        let process = self.process.as_ref().expect("it runs");
        // 5: see proc_pid_clear_refs(5).
        std::fs::write(format!("/proc/{}/clear_refs", process.id()), "5").unwrap();
    }

    /// How many accepted sockets it holds open, whatever speaks on them or does not.
    pub(crate) fn accepted_sockets(&self) -> usize {
        let address = self.door.address();
        let port: u16 = address.rsplit(':').next().unwrap().parse().unwrap();
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let local = format!(":{port:04X}");
        table
            .lines()
            .skip(1)
            .filter(|line| {
                let fields: Vec<&str> = line.split_whitespace().collect();
                let (listens, orphan) = (fields[3] == "0A", fields[9] == "0");
                fields[1].ends_with(&local) && !listens && !orphan
            })
            .count()
    }

    /// Waits until it has taken every byte that was sent to it.
    pub(crate) async fn has_read_everything(&self) {
        let address = self.door.address();
        let port: u16 = address.rsplit(':').next().unwrap().parse().unwrap();
        let port = format!(":{port:04X}");
        let begin = Instant::now();
        loop {
            let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
            let waiting = table.lines().skip(1).any(|line| {
                let fields: Vec<&str> = line.split_whitespace().collect();
                let (unsent, unread) = fields[4].split_once(':').unwrap();
                let listens = fields[3] == "0A";
                let (its_own, its_clients) =
                    (fields[1].ends_with(&port), fields[2].ends_with(&port));
                !listens
                    && ((its_own && unread != "00000000") || (its_clients && unsent != "00000000"))
            });
            if !waiting {
                return;
            }
            assert!(
                begin.elapsed() < DEADLINE,
                "it does not read\n{}",
                self.printed()
            );
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Waits until no accepted socket is left.
    pub(crate) async fn sockets_are_closed(&self) {
        let begin = Instant::now();
        loop {
            let left = self.accepted_sockets();
            if left == 0 {
                return;
            }
            assert!(
                begin.elapsed() < DEADLINE,
                "{left} sockets are left over\n{}",
                self.printed()
            );
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// The end of a test: nothing is left over, every answer was documented, SIGTERM ends the
    /// server with 0, and neither a secret nor a sign of trouble was printed.
    pub(crate) async fn finish(mut self) {
        self.is_idle().await;
        openapi::lists_every_answer(&self.door).await;
        self.sockets_are_closed().await;
        self.terminate();
        let status = self.ended().await;
        let printed = self.printed();
        assert!(status.success(), "{status}\n{printed}");
        for secret in self.door.secrets() {
            assert!(!printed.contains(&secret), "a secret was logged\n{printed}");
        }
        for trouble in ["panicked at", "database is locked"] {
            assert!(!printed.contains(trouble), "{trouble}\n{printed}");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended by itself.
            let _ = process.kill();
            let _ = process.wait();
        }
        if std::thread::panicking() {
            println!("--- the server printed\n{}---", self.printed());
        }
    }
}

/// Starts the process, keeps reading what it prints, and returns the address of its ready line.
fn launch(command: &mut Command, printed: &Arc<Mutex<String>>) -> (Child, String) {
    let mut process = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (ready, address) = mpsc::channel();
    collect(process.stderr.take().unwrap(), Arc::clone(printed), None);
    collect(
        process.stdout.take().unwrap(),
        Arc::clone(printed),
        Some(ready),
    );
    match address.recv_timeout(DEADLINE) {
        Ok(address) => (process, address),
        Err(why) => {
            let _ = process.kill();
            let status = process.wait().unwrap();
            let printed = printed.lock().unwrap();
            panic!("no ready line ({why}), {status}\n{printed}");
        }
    }
}

/// Reads to the end, so that the server never blocks on a full pipe.
fn collect(
    pipe: impl Read + Send + 'static,
    printed: Arc<Mutex<String>>,
    ready: Option<mpsc::Sender<String>>,
) {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if let (Some(ready), Some(address)) = (&ready, address_in(&line)) {
                // Only the first is waited for.
                let _ = ready.send(address);
            }
            let mut printed = printed.lock().unwrap();
            printed.push_str(&line);
            printed.push('\n');
        }
    });
}

/// Where a server that says this can be reached from here, which is not where one on all addresses listens.
fn address_in(line: &str) -> Option<String> {
    let line = line.replace("http://0.0.0.0:", "http://127.0.0.1:");
    let from = line.find("http://127.0.0.1:")?;
    let address = &line[from..];
    let end = address
        .find(|c: char| c.is_whitespace() || c == '"')
        .unwrap_or(address.len());
    Some(address[..end].trim_end_matches('/').to_owned())
}

/// A figure of a process; none once it has ended.
fn figure_of(process: u32, figure: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(figure))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
