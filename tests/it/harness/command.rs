//! A command of the binary that ends by itself, with a configuration and a data directory of its own.

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::GLANCE;

/// Longer than any command of the tests takes, real models included.
const LONGEST: Duration = Duration::from_secs(600);

/// How it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the binary with these arguments, this configuration file and these variables, to its end.
pub(crate) async fn run(arguments: &[&str], file: &str, environment: &[(&str, &str)]) -> Ended {
    let directory = TempDir::with_prefix("auditor-it-").unwrap();
    let path = |name: &str| directory.path().join(name);
    fs::write(path("auditor.toml"), file).unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_judge-auditor"))
        .arg("--config")
        .arg(path("auditor.toml"))
        .args(arguments)
        .env_clear()
        .env("AUDITOR_DATA_DIR", path("data"))
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(File::create(path("stdout")).unwrap())
        .stderr(File::create(path("stderr")).unwrap())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = process.try_wait().unwrap() {
            break status;
        }
        if begin.elapsed() > LONGEST {
            process.kill().unwrap();
        }
        tokio::time::sleep(GLANCE).await;
    };
    Ended {
        code: status.code(),
        stdout: fs::read_to_string(path("stdout")).unwrap(),
        stderr: fs::read_to_string(path("stderr")).unwrap(),
    }
}
