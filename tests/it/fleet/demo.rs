//! `demo --nodes`: what it shows happens.

use std::path::Path;
use std::process::Command;

#[test]
fn the_demo_kills_a_node_and_the_audit_ends() {
    let output = Command::new(env!("CARGO_BIN_EXE_judge-auditor"))
        .args(["demo", "--nodes", "3"])
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    if !Path::new("/usr/lib/postgresql").exists() {
        assert!(!output.status.success());
        assert!(err.contains("several nodes need PostgreSQL"), "{err}");
        return;
    }
    assert!(output.status.success(), "{out}{err}");
    println!("{out}");
    for said in [
        "is killed",
        "The audit goes on",
        "All 3 clients saw the same",
    ] {
        assert!(out.contains(said), "{out}");
    }
}
