//! A temporary PostgreSQL server, run from the locally installed programs.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

/// The directory in which Debian's packages install each version.
const INSTALLED: &str = "/usr/lib/postgresql";

/// A running server with an empty database in a temporary folder. It listens only on a socket in
/// that folder, so the folder's permissions protect it. Dropping it stops the server and removes
/// the folder.
pub(super) struct Cluster {
    programs: PathBuf,
    folder: TempDir,
    as_postgres: bool,
}

impl Cluster {
    /// Creates and starts a server; `None` if PostgreSQL is not installed.
    pub(super) fn start() -> Result<Option<Self>> {
        let Some(programs) = programs() else {
            return Ok(None);
        };
        // The path of a Unix socket is limited to about 100 bytes, so the folder is directly in
        // /tmp.
        let folder = tempfile::Builder::new()
            .prefix("ja-pg-")
            .tempdir_in("/tmp")?;
        let cluster = Self {
            programs,
            folder,
            // PostgreSQL refuses to run as root.
            as_postgres: std::fs::metadata("/proc/self")?.uid() == 0,
        };
        if cluster.as_postgres {
            run(Command::new("chown")
                .arg("postgres")
                .arg(cluster.folder.path()))?;
        }
        let data = cluster.folder.path().join("data");
        run(cluster
            .command("initdb")
            .args([
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--no-sync",
            ])
            .arg("--pgdata")
            .arg(&data))?;
        let options = format!(
            "-k {} -c listen_addresses= -c fsync=off",
            cluster.folder.path().display()
        );
        run(cluster
            .command("pg_ctl")
            .args([
                "start",
                "--wait",
                "--silent",
                "--options",
                &options,
                "--log",
            ])
            .arg(cluster.folder.path().join("log"))
            .arg("--pgdata")
            .arg(&data))?;
        Ok(Some(cluster))
    }

    pub(super) fn url(&self) -> String {
        let folder = self.folder.path().display();
        format!("postgres:///postgres?host={folder}&user=postgres")
    }

    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if self.as_postgres {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // The user `postgres` may have no access to the current directory.
        command.current_dir("/");
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.command("pg_ctl");
        stop.args(["stop", "--wait", "--silent", "--mode=immediate", "--pgdata"])
            .arg(self.folder.path().join("data"));
        if let Err(error) = run(&mut stop) {
            tracing::warn!(%error, "the PostgreSQL server of the demo may still run");
        }
    }
}

/// Finds the programs of the newest installed version.
fn programs() -> Option<PathBuf> {
    let versions = Path::new(INSTALLED).read_dir().ok()?;
    let found = versions.filter_map(|entry| {
        let path = entry.ok()?.path();
        let version: u32 = path.file_name()?.to_str()?.parse().ok()?;
        let programs = path.join("bin");
        programs
            .join("initdb")
            .exists()
            .then_some((version, programs))
    });
    found.max().map(|(_, programs)| programs)
}

fn run(command: &mut Command) -> Result<()> {
    // No pipes: the server that `pg_ctl` starts would inherit and keep them, so reading to their
    // end would never finish.
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let named = || format!("{} can't be run", command.get_program().display());
    let status = status.with_context(named)?;
    if !status.success() {
        bail!("{command:?} failed: {status}");
    }
    Ok(())
}
