//! What whoever runs the server does: its commands, beside the running server, and its signals.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use serde_json::Value;

use super::server::Server;
use super::{DEADLINE, GLANCE};

impl Server {
    /// Replaces its configuration file, for the next start.
    pub(crate) fn rewrite_file(&self, toml: &str) {
        let path = self.command.get_args().last().unwrap();
        std::fs::write(path, toml).unwrap();
    }

    /// Runs another command of the binary with the server's own configuration.
    pub(crate) fn operate(&self, arguments: &[&str], stdin: &str) -> Output {
        let set = self.command.get_envs();
        let environment = set.filter_map(|(name, value)| Some((name, value?)));
        let mut process = Command::new(self.command.get_program())
            .args(self.command.get_args().filter(|word| *word != "serve"))
            .args(arguments)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = process.stdin.take().unwrap();
        // A command that reads nothing may have ended before.
        let _ = pipe.write_all(stdin.as_bytes());
        drop(pipe);
        process.wait_with_output().unwrap()
    }

    /// The record of security events, as `security-log` lists it with these arguments.
    pub(crate) fn security_log(&self, arguments: &[&str]) -> Vec<Value> {
        let all = [&["security-log", "--json"], arguments].concat();
        let output = self.operate(&all, "");
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Waits until the record has this many entries of a kind, and no more; they are its answer.
    pub(crate) async fn recorded(&self, kind: &str, count: usize) -> Vec<Value> {
        let begin = Instant::now();
        loop {
            let found = self.security_log(&["--kind", kind]);
            if found.len() == count {
                return found;
            }
            assert!(
                begin.elapsed() < DEADLINE && found.len() < count,
                "{count} of {kind}: {found:?}"
            );
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Asks it to read its keys again, and waits until it has printed this once more.
    pub(crate) async fn hang_up(&self, until: &str) {
        let count = || self.printed().matches(until).count();
        let before = count();
        let id = self.process.as_ref().expect("it runs").id();
        let status = Command::new("sh")
            .args(["-c", &format!("kill -HUP {id}")])
            .status()
            .unwrap();
        assert!(status.success(), "no such process");
        let begin = Instant::now();
        while count() == before {
            assert!(begin.elapsed() < DEADLINE, "{until}\n{}", self.printed());
            tokio::time::sleep(GLANCE).await;
        }
    }
}
