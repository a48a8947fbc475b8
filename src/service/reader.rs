//! Documents are read by a process of their own, this program as `read-document`: what it may allocate and
//! compute is bounded by the system, and whatever a document does to it, the server goes on.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use crate::documents::{ExtractError, Extracted, MediaType};

/// Bytes of an answer: a text of the longest kind, escaped.
const MAX_ANSWER: u64 = 32 << 20;

/// What the process writes.
pub(crate) type Answer = Result<Extracted, ExtractError>;

/// The text of a document, read by a process of its own, which ends when this is dropped.
///
/// # Errors
/// The process can't be started. One that is ended by its bounds is `ExtractError::TooMuch`.
pub(crate) async fn read(kind: MediaType, bytes: Vec<u8>) -> io::Result<Answer> {
    let mut process = Command::new(program()?)
        .args(["read-document", kind.as_str()])
        .env_clear()
        // Else the allocator has reserved a gigabyte before the process sets its bound, which counts what is
        // reserved later only: it would bound nothing.
        .env("MIMALLOC_ARENA_EAGER_COMMIT", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut stdin) = process.stdin.take() {
        // A process that has ended early says why by its status.
        let _ = stdin.write_all(&bytes).await;
    }
    drop(bytes);
    let mut answer = Vec::new();
    if let Some(stdout) = process.stdout.take() {
        stdout.take(MAX_ANSWER).read_to_end(&mut answer).await?;
    }
    let status = process.wait().await?;
    if !status.success() {
        tracing::warn!(%status, kind = kind.as_str(), "reading a document went over its bounds");
        return Ok(Err(ExtractError::TooMuch));
    }
    serde_json::from_slice(&answer).map_err(io::Error::other)
}

/// This program. Linux finds it where it was replaced by an update too.
fn program() -> io::Result<PathBuf> {
    let own = PathBuf::from("/proc/self/exe");
    if own.exists() {
        return Ok(own);
    }
    std::env::current_exe()
}
