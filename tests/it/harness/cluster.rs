//! A PostgreSQL server of one's own, which may be stopped.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::database::skip;

/// A running server with an empty database; ends with this value.
pub(crate) struct Cluster {
    binaries: PathBuf,
    directory: TempDir,
    port: u16,
}

impl Cluster {
    /// Makes and starts one, or says why there is none: PostgreSQL's programs are not installed.
    /// With `AUDITOR_TEST_REQUIRE=1` that fails the test instead.
    pub(crate) fn start_new() -> Option<Self> {
        let Some(binaries) = binaries() else {
            skip("there is no initdb");
            return None;
        };
        let cluster = Self::without_data(binaries);
        run(cluster
            .command("initdb")
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            .arg("--no-sync"));
        cluster.start();
        Some(cluster)
    }

    /// Makes and starts another server, which repeats what that one of this URL stores, but is not waited for.
    pub(crate) fn standby_of(&self, url: &str) -> Self {
        let standby = Self::without_data(self.binaries.clone());
        run(standby
            .command("pg_basebackup")
            .args(["--dbname", url, "--write-recovery-conf"])
            .args(["--wal-method=stream", "--checkpoint=fast", "--no-sync"]));
        standby.start();
        standby
    }

    /// Makes a standby take writes of its own.
    pub(crate) fn promote(&self) {
        run(self
            .command("pg_ctl")
            .args(["promote", "--wait", "--silent"]));
    }

    fn without_data(binaries: PathBuf) -> Self {
        let directory = TempDir::with_prefix("auditor-pg-").unwrap();
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(directory.path()));
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        Self {
            binaries,
            directory,
            port,
        }
    }

    /// What both of two servers are reached by: whichever of them takes writes.
    pub(crate) fn url_with(&self, other: &Self) -> String {
        format!(
            "postgres://postgres@127.0.0.1:{},127.0.0.1:{}/postgres?target_session_attrs=read-write",
            self.port, other.port
        )
    }

    /// What it has written into its log.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap()
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it, and returns once it takes connections.
    pub(crate) fn start(&self) {
        // The processes are killed, the machine is not: what the kernel has is as good as on disk.
        let options = format!(
            "-p {} -h 127.0.0.1 -k {} -c fsync=off",
            self.port,
            self.directory.path().display()
        );
        let log = self.directory.path().join("log");
        run(self
            .command("pg_ctl")
            .args([
                "start",
                "--wait",
                "--silent",
                "--options",
                &options,
                "--log",
            ])
            .arg(log));
    }

    /// Stops it as a crash would: every connection breaks, whatever it is doing.
    pub(crate) fn crash(&self) {
        run(self
            .command("pg_ctl")
            .args(["stop", "--wait", "--silent", "--mode=immediate"]));
    }

    /// Stops all of its processes where they are: every connection stays, and nobody answers.
    pub(crate) fn freeze(&self) {
        let parent = self.parent().expect("it runs");
        // The parent first, so that it has no more children than are found.
        assert!(signal("STOP", &[parent]));
        assert!(signal("STOP", &children(parent)));
    }

    /// Lets them go on.
    pub(crate) fn thaw(&self) {
        let parent = self.parent().expect("it runs");
        assert!(signal("CONT", &children(parent)));
        assert!(signal("CONT", &[parent]));
    }

    fn parent(&self) -> Option<u32> {
        let file = self.directory.path().join("data/postmaster.pid");
        let text = std::fs::read_to_string(file).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    /// A program of PostgreSQL on the data directory; the server refuses to be root.
    fn command(&self, program: &str) -> Command {
        let program = self.binaries.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command
            .current_dir("/")
            .arg("--pgdata")
            .arg(self.directory.path().join("data"));
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // A frozen one does not hear that it is to stop.
        if let Some(parent) = self.parent() {
            signal("CONT", &children(parent));
            signal("CONT", &[parent]);
        }
        // It may be stopped already.
        let _ = self
            .command("pg_ctl")
            .args(["stop", "--silent", "--mode=immediate"])
            .output();
    }
}

fn signal(name: &str, processes: &[u32]) -> bool {
    let processes: Vec<String> = processes.iter().map(u32::to_string).collect();
    let line = format!("kill -{name} {}", processes.join(" "));
    let status = Command::new("sh").args(["-c", &line]).status().unwrap();
    status.success()
}

fn children(of: u32) -> Vec<u32> {
    let processes = Path::new("/proc").read_dir().unwrap();
    let names = processes.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .filter_map(|name| {
            let process: u32 = name.parse().ok()?;
            // The name before it, in brackets, may hold anything.
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
            let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?;
            (parent == of.to_string()).then_some(process)
        })
        .collect()
}

fn run(command: &mut Command) {
    // Not through pipes: the server would inherit them, and their end would never come.
    let status = command
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

/// Where the newest `initdb` is.
fn binaries() -> Option<PathBuf> {
    let installed = Path::new("/usr/lib/postgresql").read_dir().ok()?;
    let mut found: Vec<(u32, PathBuf)> = installed
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path.join("bin")))
        })
        .filter(|(_, binaries)| binaries.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().map(|(_, binaries)| binaries)
}

pub(crate) fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.trim_ascii() == b"0"
}
