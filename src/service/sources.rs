//! Reads sources from files, in the same way as documents of a collection.

use crate::documents::{self, MediaType};
use crate::domain::ids::UserId;
use crate::protocol::error::{FieldError, Refusal};
use crate::protocol::rest::{
    ConfigRequest, CreateEvaluation, MAX_NAME_CHARS, MAX_SOURCE_CHARS, SourceText,
};

use super::{Service, no_turn, reader};

/// A source as it was uploaded.
#[derive(Debug)]
pub(crate) struct File {
    /// The file's name; `None` for a text without a name.
    pub name: Option<String>,
    pub kind: MediaType,
    pub bytes: Vec<u8>,
}

/// A request for an evaluation whose sources are files.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub sources: Vec<File>,
    pub candidate_output: String,
    /// The question that the candidate answers.
    pub question: Option<String>,
    pub config: Option<ConfigRequest>,
    /// True if a run starts at once.
    pub start: bool,
}

impl Service {
    /// Returns the same request with the files' texts. A single text without a name becomes
    /// `source_text`.
    ///
    /// # Errors
    /// `validation` for a file that can't be read; `rate_limited`, `overloaded`.
    pub(crate) async fn read_sources(
        &self,
        user: UserId,
        files: Files,
    ) -> Result<CreateEvaluation, Refusal> {
        self.limits.uploads.check(&user).await?;
        let size = files.sources.iter().map(|file| file.bytes.len()).sum();
        let turn = self.documents.take(user, size).await;
        let _turn = turn.map_err(no_turn)?;
        let mut texts = Vec::with_capacity(files.sources.len());
        for (place, file) in files.sources.into_iter().enumerate() {
            texts.push(text_of(place, file).await?);
        }
        let (source_text, sources) = match texts.as_mut_slice() {
            [(None, text)] => (std::mem::take(text), Vec::new()),
            _ => (String::new(), named(texts)),
        };
        Ok(CreateEvaluation {
            source_text,
            sources,
            candidate_output: files.candidate_output,
            question: files.question,
            config: files.config,
            start: files.start,
        })
    }
}

/// Extracts the text of a file, and returns it with the file's name.
async fn text_of(place: usize, file: File) -> Result<(Option<String>, String), Refusal> {
    let fault = |detail: String| {
        let pointer = match &file.name {
            Some(name) => format!("/sources/{place} ({name})"),
            None => format!("/sources/{place}"),
        };
        Refusal::invalid(vec![FieldError::new(pointer, detail)])
    };
    let read = match file.kind {
        // Plain text needs no parser, and so no process of its own.
        MediaType::Plain => documents::extract(file.kind, &file.bytes, MAX_SOURCE_CHARS),
        kind => reader::read(kind, file.bytes).await.map_err(|error| {
            tracing::error!(%error, "the process that reads a document can't be had");
            Refusal::internal()
        })?,
    };
    match read {
        Ok(read) => Ok((file.name, read.text)),
        Err(error) => Err(fault(error.to_string())),
    }
}

/// Gives every text a unique name, because files from different folders may have the same.
pub(crate) fn named(texts: Vec<(Option<String>, String)>) -> Vec<SourceText> {
    let mut sources: Vec<SourceText> = Vec::with_capacity(texts.len());
    for (place, (name, text)) in texts.into_iter().enumerate() {
        let wanted = name.filter(|name| !name.trim().is_empty());
        let wanted = wanted.unwrap_or_else(|| format!("source {}", place + 1));
        let wanted: String = wanted.chars().take(MAX_NAME_CHARS).collect();
        let taken = |name: &str| sources.iter().any(|source| source.name == name);
        let name = if taken(&wanted) {
            let short: String = wanted.chars().take(MAX_NAME_CHARS - 5).collect();
            format!("{short} ({})", place + 1)
        } else {
            wanted
        };
        sources.push(SourceText { name, text });
    }
    sources
}

#[cfg(test)]
#[path = "tests/sources.rs"]
mod tests;
