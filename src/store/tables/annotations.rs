//! The tables of annotations: an evaluation's name, tags and notes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::columns::counter;
use super::quota::{self, Full, Quota};
use super::schema::{
    evaluation_previews as previews, evaluation_sessions as sessions, evaluation_tags as tags,
};
use super::search_index::{self, Part};
use super::search_terms::SearchTerms;
use crate::domain::ids::{SessionId, UserId};
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Maximum number of tags of a user that are listed.
pub(crate) const MAX_LISTED_TAGS: i64 = 1000;

/// The annotations of an evaluation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Annotations {
    pub name: Option<String>,
    pub tags: BTreeSet<String>,
    pub notes: Option<String>,
}

impl Annotations {
    /// Returns the size that counts for the quota, in bytes.
    fn bytes(&self) -> i64 {
        let texts = [&self.name, &self.notes].into_iter().flatten();
        counter(
            texts
                .chain(&self.tags)
                .map(String::len)
                .fold(0, usize::saturating_add),
        )
    }

    /// Returns the terms by which a search finds them.
    pub(super) fn search_terms(&self, user: UserId) -> SearchTerms {
        let texts = [&self.name, &self.notes].into_iter().flatten();
        let texts: Vec<&str> = texts.chain(&self.tags).map(String::as_str).collect();
        SearchTerms::of(user, &texts)
    }
}

/// Changes of annotations; `None` leaves a value as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AnnotationChanges {
    /// `Some(None)` removes the name.
    pub name: Option<Option<String>>,
    /// The complete new set of tags.
    pub tags: Option<BTreeSet<String>>,
    /// `Some(None)` removes the notes.
    pub notes: Option<Option<String>>,
}

/// The outcome of a change of annotations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Annotated {
    /// The changed annotations.
    Done(Annotations),
    /// The user has no such evaluation.
    NotFound,
    /// The change would exceed the user's quota.
    Full(Full),
}

/// Changes the annotations of an evaluation of the user.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn change(
    db: &mut Db,
    user: UserId,
    session: SessionId,
    changes: AnnotationChanges,
    quota: Quota,
) -> Result<Annotated, StoreError> {
    let id = session.to_string();
    // Serializes concurrent changes: the second reads the values that the first has written.
    quota::hold(db, user)?;
    let own = sessions::table
        .find(&id)
        .filter(sessions::user_id.eq(user.to_string()));
    let indexed: Option<bool> = own
        .clone()
        .select(sessions::search_indexed)
        .first(db)
        .optional()?;
    let Some(indexed) = indexed else {
        return Ok(Annotated::NotFound);
    };
    let before = of(db, &id)?;
    let AnnotationChanges {
        name,
        tags: all,
        notes,
    } = changes;
    let now = Annotations {
        name: name.unwrap_or_else(|| before.name.clone()),
        tags: all.unwrap_or_else(|| before.tags.clone()),
        notes: notes.unwrap_or_else(|| before.notes.clone()),
    };
    let growth = now.bytes() - before.bytes();
    if growth > 0
        && let Some(full) = quota::exceeded(db, user, quota.of_bytes(), 0, growth.unsigned_abs())?
    {
        return Ok(Annotated::Full(full));
    }
    diesel::update(previews::table.find(&id))
        .set((previews::name.eq(&now.name), previews::notes.eq(&now.notes)))
        .execute(db)?;
    for gone in before.tags.difference(&now.tags) {
        diesel::delete(tags::table.find((&id, gone))).execute(db)?;
    }
    for new in now.tags.difference(&before.tags) {
        diesel::insert_into(tags::table)
            .values((tags::session_id.eq(&id), tags::tag.eq(new)))
            .execute(db)?;
    }
    search_index::replace(db, &id, Part::Annotations, &now.search_terms(user))?;
    // A trigger has reset the flag, as it must where a node of an earlier release changes them.
    diesel::update(own)
        .set((
            sessions::stored_bytes.eq(sessions::stored_bytes + growth),
            sessions::search_indexed.eq(indexed),
        ))
        .execute(db)?;
    Ok(Annotated::Done(now))
}

/// Returns the annotations of an evaluation.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn of(db: &mut Db, session: &str) -> Result<Annotations, StoreError> {
    let found: Option<(Option<String>, Option<String>)> = previews::table
        .find(session)
        .select((previews::name, previews::notes))
        .first(db)
        .optional()?;
    let (name, notes) = found.unwrap_or_default();
    let tags: Vec<String> = tags::table
        .filter(tags::session_id.eq(session))
        .select(tags::tag)
        .load(db)?;
    Ok(Annotations {
        name,
        tags: tags.into_iter().collect(),
        notes,
    })
}

/// Returns the tags of these evaluations; those without tags are not in the map.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn tags_of(
    db: &mut Db,
    sessions: &[String],
) -> Result<HashMap<String, BTreeSet<String>>, StoreError> {
    let mut all: HashMap<String, BTreeSet<String>> = HashMap::new();
    let found: Vec<(String, String)> = tags::table
        .filter(tags::session_id.eq_any(sessions))
        .select((tags::session_id, tags::tag))
        .load(db)?;
    for (session, tag) in found {
        all.entry(session).or_default().insert(tag);
    }
    Ok(all)
}

/// Returns at most `MAX_LISTED_TAGS` tags of the user, each with its number of evaluations.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn tags(db: &mut Db, user: UserId) -> Result<BTreeMap<String, i64>, StoreError> {
    let found: Vec<(String, i64)> = tags::table
        .inner_join(sessions::table)
        .filter(sessions::user_id.eq(user.to_string()))
        .group_by(tags::tag)
        .order(tags::tag)
        .limit(MAX_LISTED_TAGS)
        .select((tags::tag, count_star()))
        .load(db)?;
    Ok(found.into_iter().collect())
}
