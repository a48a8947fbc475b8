//! Parses documents in a child process, this program as `read-document`. The system limits the
//! memory and computing time of that process, and no document can crash the server.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use crate::documents::{ExtractError, Extracted, MediaType};

/// Maximum size of an answer, in bytes: the longest text, with each character escaped.
const MAX_ANSWER: u64 = 32 << 20;

/// The result that the child process writes to its standard output.
pub(crate) type Answer = Result<Extracted, ExtractError>;

/// Extracts the text of a document in a child process, which is killed when this future is dropped.
///
/// # Errors
/// Fails if the process cannot be started. If it exceeds its limits, the answer is
/// `ExtractError::TooMuch`.
pub(crate) async fn read(kind: MediaType, bytes: Vec<u8>) -> io::Result<Answer> {
    let mut process = Command::new(program()?)
        .args(["read-document", kind.as_str()])
        .env_clear()
        // Without this, the allocator would reserve a gigabyte before the process sets its limit.
        // The limit only counts later reservations, so it would be ineffective.
        .env("MIMALLOC_ARENA_EAGER_COMMIT", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut stdin) = process.stdin.take() {
        // If the process has ended early, its exit status gives the reason.
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

/// Returns the path of this program. The link in `/proc` stays valid after an update has replaced
/// the file.
fn program() -> io::Result<PathBuf> {
    let own = PathBuf::from("/proc/self/exe");
    if own.exists() {
        return Ok(own);
    }
    std::env::current_exe()
}
