//! Exports everything that is kept of a user as one ZIP archive, which is generated while the
//! client reads it.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use chrono::Utc;
use serde::Serialize;
use serde_json::json;
use tokio::sync::mpsc;

use crate::computing::Bounds;
use crate::domain::ids::{CollectionId, SessionId, UserId};
use crate::export::archive::Archive;
use crate::protocol::error::Refusal;
use crate::store;
use crate::store::users::User;

use super::accounts::Identity;
use super::api_keys::key_view;
use super::collections::{collection_view, document_view};
use super::feedback::feedback_view;
use super::shares::share_view;
use super::usage::day_view;
use super::views::{evaluation_view, login_view, user_view};
use super::{Service, detach, no_turn, refusal};

/// Maximum number of archives under way at once. Each holds a few pieces in memory; a slow reader
/// occupies a slot, and no more.
pub(crate) const ARCHIVES_AT_ONCE: usize = 16;

/// Allows one archive for each user; nobody queues.
pub(crate) const ARCHIVES: Bounds = Bounds {
    of_a_user: 1,
    held: ARCHIVES_AT_ONCE,
};

/// Number of bytes that are compressed together. About as many wait for the reader.
const PIECE: usize = 256 << 10;

/// Maximum number of rows in one query.
const ROWS: i64 = 100;

/// Maximum number of bytes of the event log that one query reads.
const LOG_BYTES: usize = 1 << 20;

const READ_ME: &str = "\
What this server keeps of your account, as of the moment of its making. Each file is JSON, or JSON Lines: one JSON
value a line, in UTF-8.

account.json       the account
preferences.json   what you prefer for new audits
logins.jsonl       where you are logged in
keys.jsonl         your API keys, without the keys themselves
usage.jsonl        what your judges used, by day
evaluations.jsonl  your audits: texts, settings, claims, judges, result
events.jsonl       what was told of them as they ran, as sent
feedback.jsonl     what you said of them
shares.jsonl       the links to them, without the secret that a link ends with
collections.jsonl  your collections
documents.jsonl    the documents in them, with their texts

Not in here: the password, the tokens of logins and the API keys, of which only hashes are kept, and the operator's record of
security events.
";

/// The pieces of an archive. An error means that the archive is incomplete.
pub(crate) type Pieces = mpsc::Receiver<io::Result<Bytes>>;

/// Generates an archive of everything that is kept of the user, as the bytes of a ZIP file.
///
/// # Errors
/// `forbidden` for an API key, `rate_limited`, `overloaded`.
pub(crate) async fn archive(service: &Arc<Service>, who: &Identity) -> Result<Pieces, Refusal> {
    who.grant.login()?;
    service.limits.exports.check(&who.user.id).await?;
    let turn = service.archives.take(who.user.id, 1).await;
    let turn = turn.map_err(no_turn)?;
    let (sender, pieces) = mpsc::channel(1);
    let (user, making) = (who.user.clone(), Arc::clone(service));
    detach(&service.live_counts, async move {
        let _turn = turn;
        let mut out = ArchiveWriter {
            archive: Some(Archive::default()),
            waiting: Vec::new(),
            sender,
        };
        match write_all(&making, &user, &mut out).await {
            Ok(()) | Err(ArchiveError::NobodyReads) => {}
            Err(ArchiveError::Refused(error)) => {
                tracing::error!(user = %user.id, %error, "an archive broke off");
                let error = io::Error::other("the archive broke off");
                // The receiver may be gone, which is no error.
                let _ = out.sender.send(Err(error)).await;
            }
        }
    });
    Ok(pieces)
}

enum ArchiveError {
    NobodyReads,
    Refused(Refusal),
}

impl From<Refusal> for ArchiveError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The output of an archive: compresses its content and sends it to the reader.
struct ArchiveWriter {
    /// `None` while another thread compresses, and after the end of the archive.
    archive: Option<Archive>,
    waiting: Vec<u8>,
    sender: mpsc::Sender<io::Result<Bytes>>,
}

impl ArchiveWriter {
    async fn begin(&mut self, name: &'static str) -> Result<(), ArchiveError> {
        self.compress(move |archive| archive.begin(name)).await
    }

    async fn line(&mut self, value: &impl Serialize) -> Result<(), ArchiveError> {
        serde_json::to_writer(&mut self.waiting, value).map_err(internal)?;
        self.waiting.push(b'\n');
        self.send_if_much().await
    }

    async fn text(&mut self, line: &str) -> Result<(), ArchiveError> {
        self.waiting.extend_from_slice(line.as_bytes());
        self.waiting.push(b'\n');
        self.send_if_much().await
    }

    async fn send_if_much(&mut self) -> Result<(), ArchiveError> {
        if self.waiting.len() < PIECE {
            return Ok(());
        }
        self.compress(|_| Ok(())).await
    }

    /// Compresses the pending content, performs `next`, and sends the output at the speed of the
    /// reader.
    async fn compress(
        &mut self,
        next: impl FnOnce(&mut Archive) -> Result<(), crate::export::Unmade> + Send + 'static,
    ) -> Result<(), ArchiveError> {
        let content = std::mem::take(&mut self.waiting);
        let archive = self.archive.take();
        let work = move || {
            let mut archive = archive.ok_or_else(|| "the archive has ended".to_owned())?;
            let added = if content.is_empty() {
                Ok(())
            } else {
                archive.add(&content)
            };
            added
                .and_then(|()| next(&mut archive))
                .map_err(|why| why.to_string())?;
            let made = archive.take();
            Ok::<_, String>((archive, made))
        };
        let (archive, made) = tokio::task::spawn_blocking(work)
            .await
            .map_err(internal)?
            .map_err(internal)?;
        self.archive = Some(archive);
        self.send(made).await
    }

    async fn finish(&mut self) -> Result<(), ArchiveError> {
        self.compress(|_| Ok(())).await?;
        let archive = self.archive.take();
        let archive = archive.ok_or_else(|| internal("the archive has ended"))?;
        let last = archive.finish().map_err(internal)?;
        self.send(last).await
    }

    async fn send(&mut self, made: Vec<u8>) -> Result<(), ArchiveError> {
        if made.is_empty() {
            return Ok(());
        }
        let sent = self.sender.send(Ok(made.into())).await;
        sent.map_err(|_| ArchiveError::NobodyReads)
    }
}

fn internal(error: impl std::fmt::Display) -> ArchiveError {
    tracing::error!(%error, "an archive can't be made");
    ArchiveError::Refused(Refusal::internal())
}

async fn write_all(
    service: &Service,
    user: &User,
    out: &mut ArchiveWriter,
) -> Result<(), ArchiveError> {
    let (id, store) = (user.id, &service.store);
    out.begin("README.txt").await?;
    out.text(READ_ME.trim_end()).await?;
    out.begin("account.json").await?;
    out.line(&user_view(user.clone())).await?;
    out.begin("preferences.json").await?;
    out.line(&service.preferences(id).await?).await?;
    out.begin("logins.jsonl").await?;
    let now = Utc::now();
    let logins = store.read(move |db| store::logins::in_force(db, id, now));
    for login in logins.await.map_err(refusal)? {
        out.line(&login_view(login)).await?;
    }
    out.begin("keys.jsonl").await?;
    let keys = store.read(move |db| store::api_keys::list(db, id));
    for key in keys.await.map_err(refusal)? {
        out.line(&key_view(key)).await?;
    }
    out.begin("usage.jsonl").await?;
    let days = store.read(move |db| store::usage::since(db, id, ""));
    for day in days.await.map_err(refusal)? {
        out.line(&day_view(day)).await?;
    }
    write_evaluations(service, id, out).await?;
    write_documents(service, id, out).await?;
    out.finish().await
}

async fn write_evaluations(
    service: &Service,
    user: UserId,
    out: &mut ArchiveWriter,
) -> Result<(), ArchiveError> {
    let store = &service.store;
    out.begin("evaluations.jsonl").await?;
    let mut ids = EvaluationIds::default();
    while let Some(id) = ids.next(service, user).await? {
        let found = store.read(move |db| store::evaluations::get(db, user, id));
        // An evaluation that was deleted meanwhile is left out.
        if let Some(detail) = found.await.map_err(refusal)? {
            out.line(&evaluation_view(detail)).await?;
        }
    }
    out.begin("events.jsonl").await?;
    let mut ids = EvaluationIds::default();
    while let Some(id) = ids.next(service, user).await? {
        let mut after = 0;
        loop {
            let page = store.read(move |db| store::journal::read(db, id, after, ROWS, LOG_BYTES));
            let page = page.await.map_err(refusal)?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            for (_, frame) in &page {
                out.text(frame).await?;
            }
        }
    }
    out.begin("feedback.jsonl").await?;
    let mut ids = EvaluationIds::default();
    while let Some(id) = ids.next(service, user).await? {
        let mut cursor = None;
        loop {
            let page = store.read(move |db| store::feedback::list(db, id, cursor, ROWS));
            let page = page.await.map_err(refusal)?;
            let Some(last) = page.last() else { break };
            cursor = Some(last.id);
            for feedback in page {
                let feedback = feedback_view(feedback);
                out.line(&json!({ "evaluation_id": id, "feedback": feedback }))
                    .await?;
            }
        }
    }
    out.begin("shares.jsonl").await?;
    let mut ids = EvaluationIds::default();
    while let Some(id) = ids.next(service, user).await? {
        let shares = store.read(move |db| store::shares::list(db, id, Utc::now()));
        for share in shares.await.map_err(refusal)? {
            out.line(&json!({ "evaluation_id": id, "share": share_view(share) }))
                .await?;
        }
    }
    Ok(())
}

/// Iterates over the ids of the user's evaluations, the oldest first.
#[derive(Default)]
struct EvaluationIds {
    page: Vec<SessionId>,
    last: Option<SessionId>,
}

impl EvaluationIds {
    async fn next(
        &mut self,
        service: &Service,
        user: UserId,
    ) -> Result<Option<SessionId>, ArchiveError> {
        if self.page.is_empty() {
            let after = self.last;
            let ids = service
                .store
                .read(move |db| store::evaluations::ids(db, user, after, ROWS));
            self.page = ids.await.map_err(refusal)?;
            self.page.reverse();
        }
        self.last = self.page.pop();
        Ok(self.last)
    }
}

async fn write_documents(
    service: &Service,
    user: UserId,
    out: &mut ArchiveWriter,
) -> Result<(), ArchiveError> {
    let store = &service.store;
    out.begin("collections.jsonl").await?;
    // One query can return all of them, since their number is limited.
    let most = store::collections::MAX_COLLECTIONS;
    let all = store.read(move |db| store::collections::list(db, user, None, most));
    let all = all.await.map_err(refusal)?;
    let ids: Vec<CollectionId> = all.iter().map(|collection| collection.id).collect();
    for collection in all {
        out.line(&collection_view(collection)).await?;
    }
    out.begin("documents.jsonl").await?;
    for collection in ids {
        let mut cursor = None;
        loop {
            let page = store
                .read(move |db| store::collections::documents(db, user, collection, cursor, ROWS));
            let page = page.await.map_err(refusal)?.unwrap_or_default();
            let Some(last) = page.last() else { break };
            cursor = Some(last.id);
            for document in page {
                let id = document.id;
                let found =
                    store.read(move |db| store::collections::document(db, user, collection, id));
                if let Some((document, text)) = found.await.map_err(refusal)? {
                    let view = document_view(collection, document);
                    out.line(&json!({ "document": view, "text": text })).await?;
                }
            }
        }
    }
    Ok(())
}
