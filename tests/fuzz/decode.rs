//! Fuzzes the decoder of socket commands. Built by cargo fuzz it makes messages up; built otherwise it
//! replays the files that it is given.

#![cfg_attr(fuzzing, no_main)]
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "two modules of a larger crate"
)]

#[path = "../../src/domain/mod.rs"]
mod domain;
#[path = "../../src/protocol/mod.rs"]
mod protocol;

use protocol::command::decode;
use protocol::error::ErrorCode;

/// A message is a command, or a refusal with one of three codes; its id is short enough to be echoed.
fn check(text: &str) {
    let envelope = decode(text);
    if let Some(id) = envelope.id {
        assert!(id.chars().count() <= 64);
    }
    if let Err(refusal) = envelope.command {
        let codes = [
            ErrorCode::BadRequest,
            ErrorCode::UnknownType,
            ErrorCode::Validation,
        ];
        assert!(codes.contains(&refusal.code), "{refusal}");
        assert!(refusal.message.len() < 2000, "{refusal}");
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|text: &str| check(text));

#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    let mut count = 0;
    for path in std::env::args_os().skip(1) {
        check(&std::fs::read_to_string(path)?);
        count += 1;
    }
    println!("{count} messages replayed");
    Ok(())
}
