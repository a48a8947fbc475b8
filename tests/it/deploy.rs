//! The files in `deploy/` against the program that they are for.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::harness::{Knock, Setup};

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("deploy")
        .join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// As under systemd: no home, and a directory for what has to be kept.
fn under_systemd(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_judge-auditor"))
        .args(arguments)
        .env_clear()
        .env("STATE_DIRECTORY", "/s")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_example_configuration_is_the_printed_default() {
    // The one value that depends on the machine; the comment's column stays.
    let example = read("judge-auditor.toml");
    let here = example.replace("\ndata_dir = \"\"  ", "\ndata_dir = \"/s\"");
    assert_ne!(example, here, "data_dir is not empty");
    assert_eq!(
        here,
        under_systemd(&["--print-config"]),
        "write deploy/judge-auditor.toml anew from --print-config, with an empty data_dir"
    );
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/judge-auditor.toml");
    assert_eq!(under_systemd(&["--config", path, "--print-config"]), here);
}

/// The values of a key in a unit file.
fn unit(key: &str) -> Vec<String> {
    let unit = read("judge-auditor.service");
    let values = unit
        .lines()
        .filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    values.map(str::to_owned).collect()
}

fn seconds(key: &str) -> Duration {
    let values = unit(key);
    let [value] = values.as_slice() else {
        panic!("{key}: {values:?}");
    };
    Duration::from_secs(value.parse().unwrap())
}

#[test]
fn the_unit_waits_for_the_drain_and_is_told() {
    let drain = under_systemd(&["--print-config"]);
    let drain = drain
        .lines()
        .find_map(|line| line.strip_prefix("drain_ms = "));
    let drain: u64 = drain.unwrap().split(' ').next().unwrap().parse().unwrap();
    // The last requests and the closing of the database come after it.
    assert!(seconds("TimeoutStopSec") >= Duration::from_millis(drain) + Duration::from_secs(8));
    assert!(seconds("WatchdogSec") > Duration::ZERO);
    assert_eq!(unit("Type"), ["notify"]);
    assert_eq!(unit("DynamicUser"), ["yes"]);
    assert_eq!(unit("StateDirectory"), ["judge-auditor"]);
    assert!(!unit("LoadCredential").is_empty());
}

/// The values of a directive of nginx, without its semicolon.
fn nginx(directive: &str) -> Vec<String> {
    let conf = read("nginx.conf");
    let values = conf.lines().filter_map(|line| {
        let rest = line.trim().strip_prefix(directive)?.strip_prefix(' ')?;
        Some(rest.trim().strip_suffix(';')?.to_owned())
    });
    values.collect()
}

#[tokio::test]
async fn nginx_is_more_patient_than_the_server() {
    let server = Setup::sqlite().start().await;
    let nora = server.register("nora").await;
    let mut socket = Knock::at(server.door()).bearer(&nora.access).open().await;
    let welcome = socket.next_frame().await;
    let dead_after = welcome.data()["heartbeat"]["timeout_ms"].as_u64().unwrap();
    socket.close().await;
    for directive in ["proxy_read_timeout", "proxy_send_timeout"] {
        for value in nginx(directive) {
            let patience: u64 = value.strip_suffix('s').unwrap().parse().unwrap();
            assert!(patience * 1000 > 2 * dead_after, "{directive} {value}");
        }
        assert!(!nginx(directive).is_empty(), "{directive}");
    }

    // The largest body that the server reads, and one more byte, which it refuses in its own words.
    let megabytes = nginx("client_max_body_size");
    let [megabytes] = megabytes.as_slice() else {
        panic!("client_max_body_size: {megabytes:?}");
    };
    let megabytes: usize = megabytes.strip_suffix('m').unwrap().parse().unwrap();
    let body =
        json!({ "source_text": "a".repeat((megabytes << 20) - 100), "candidate_output": "b" });
    let answer = nora.post("/evaluations", &body).await.has(413).json();
    assert_eq!(answer["code"], "payload_too_large");
    assert_eq!(nginx("proxy_buffering"), ["off"]);
    server.finish().await;
}

#[test]
fn the_unit_of_several_nodes_is_that_of_one_but_for_its_place() {
    let lines = |name: &str| -> Vec<String> {
        let unit = read(name).replace("\\\n", "");
        let lines = unit.lines().filter(|line| !line.starts_with('#'));
        lines.map(str::to_owned).collect()
    };
    let (one, several) = (
        lines("judge-auditor.service"),
        lines("judge-auditor@.service"),
    );
    let differing: Vec<&str> = several
        .iter()
        .filter(|line| !one.contains(line))
        .filter_map(|line| line.split_once('=').map(|(key, _)| key))
        .collect();
    let own = [
        "Description",
        "ExecStart",
        "StateDirectory",
        "WorkingDirectory",
    ];
    assert_eq!(differing, own);
    assert_eq!(one.len(), several.len());
    // What it sets is what the program knows; a key is read, but not looked into.
    let credentials = tempfile::tempdir().unwrap();
    let key = credentials.path().join("judge-auditor.signing-key");
    let pem = "-----BEGIN PRIVATE KEY-----\nbm9uZQ==\n-----END PRIVATE KEY-----\n";
    std::fs::write(&key, pem).unwrap();
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    let key = format!("signing_key_file = \"{}\"", key.display());
    let start = several.iter().find(|line| line.starts_with("ExecStart="));
    let set = start.unwrap().split(" --set ").skip(1);
    let values = set.map(|part| {
        part.split_whitespace()
            .next()
            .unwrap()
            .replace("%i", "8001")
    });
    let mut arguments = vec!["--print-config".to_owned()];
    for value in values {
        let directory = credentials.path().to_str().unwrap();
        let value = value.replace("${CREDENTIALS_DIRECTORY}", directory);
        arguments.extend(["--set".to_owned(), value]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let printed = under_systemd(&arguments);
    for line in [
        "bind = \"127.0.0.1:8001\"",
        "prometheus_bind = \"127.0.0.1:18001\"",
        key.as_str(),
    ] {
        assert!(printed.contains(line), "{line}\n{printed}");
    }
}
