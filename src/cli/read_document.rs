//! `read-document`, which the server runs for each uploaded file: reads a document from standard
//! input and writes its text to standard output, under resource limits that the operating system
//! enforces.

use std::io::{Read, Write};
use std::process::ExitCode;

use rlimit::Resource;

use crate::documents::{self, ExtractError, MediaType};
use crate::protocol::rest::MAX_DOCUMENT_CHARS;
use crate::service::reader::Answer;

use super::complaint::{USAGE, complain};

/// Maximum memory of the process, in bytes. The largest document with the longest text takes two
/// thirds of it.
const MAX_MEMORY: u64 = 128 << 20;
/// CPU time limit in seconds, as the last resort: the parsers' own limits apply long before.
const MAX_CPU_SECONDS: u64 = 60;
/// Maximum size of a document, in bytes; the input beyond it is not read.
const MAX_BYTES: u64 = 64 << 20;

/// Reads a document, and writes the extracted text or the error as a JSON [`Answer`].
pub(super) fn read_document(media_type: &str) -> ExitCode {
    let Some(kind) = MediaType::from_content_type(media_type) else {
        complain("judge-auditor: read-document: give the media type of a document");
        return ExitCode::from(USAGE);
    };
    let bounds = [
        (Resource::DATA, MAX_MEMORY),
        (Resource::CPU, MAX_CPU_SECONDS),
        (Resource::FSIZE, 0),
        (Resource::CORE, 0),
    ];
    for (resource, bound) in bounds {
        // Failure is ignored: the system may lack this limit, or have a lower one set already.
        let _ = resource.set(bound, bound);
    }
    let mut bytes = Vec::new();
    let answer: Answer = match std::io::stdin().take(MAX_BYTES).read_to_end(&mut bytes) {
        Ok(_) => documents::extract(kind, &bytes, MAX_DOCUMENT_CHARS),
        Err(error) => Err(ExtractError::Broken(error.to_string())),
    };
    let written = serde_json::to_vec(&answer)
        .map_err(std::io::Error::other)
        .and_then(|answer| std::io::stdout().write_all(&answer));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
