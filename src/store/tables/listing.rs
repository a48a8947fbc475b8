//! Lists of evaluations: filters, orders, and pages that stay consistent while evaluations are
//! created and deleted, because a page starts after a row (a key), not after a count.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use serde::{Deserialize, Serialize};

use super::annotations;
use super::columns::{read_id, read_json, read_status, read_time, time};
use super::pages::{page, rows_to_read};
use super::schema::{evaluation_previews as previews, evaluation_sessions as sessions};
use super::search_index::{self, Among};
use crate::domain::ids::{RunId, SessionId, UserId};
use crate::domain::run::Status;
use crate::domain::settings::EvaluationConfig;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Maximum length of a preview in characters (Unicode scalar values).
const PREVIEW: usize = 160;

/// Maximum number of evaluations in one page, whatever the caller asks for.
pub(crate) const MAX_PAGE: i64 = 1000;

/// Returns the beginning of a text.
pub(crate) fn preview(text: &str) -> &str {
    let end = text.char_indices().nth(PREVIEW);
    end.map_or(text, |(end, _)| &text[..end])
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Filter {
    pub status: Option<Status>,
    /// Text that the source, the output, the question, the name, the notes or a tag contains,
    /// regardless of case and accents.
    pub q: Option<String>,
    /// Tag that the evaluations have.
    pub tag: Option<String>,
    /// Minimum consensus score, 0..100.
    pub min_score: Option<f64>,
    /// Maximum consensus score, 0..100.
    pub max_score: Option<f64>,
    /// Earliest time of creation.
    pub created_after: Option<DateTime<Utc>>,
    /// Latest time of creation.
    pub created_before: Option<DateTime<Utc>>,
    pub sort: Sort,
    /// Largest first; evaluations without a score come last either way.
    pub descending: bool,
}

/// The sort key of a list; ties are broken by id in the same direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sort {
    /// The time of creation.
    #[default]
    CreatedAt,
    ConsensusScore,
    HallucinationScore,
    /// The probability that the source supports every claim.
    Probability,
}

const YEAR_10000_MICROS: i64 = 253_402_300_800_000_000;

/// The last row of a page, after which the next page starts. It is valid only for the order that it
/// came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    #[serde(rename = "k")]
    key: Key,
    #[serde(rename = "i")]
    id: SessionId,
}

/// The value of the sort key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Key {
    /// The time in microseconds since 1970.
    #[serde(rename = "t")]
    Time(i64),
    /// The bits of a score, since decimal numbers in JSON need not restore the same value.
    #[serde(rename = "s")]
    Score(Option<u64>),
}

impl Cursor {
    /// Returns whether the cursor is valid for that order. A cursor comes back from a client, who
    /// may have changed it: times that no database holds are refused too.
    pub(crate) const fn fits(&self, sort: Sort) -> bool {
        match (&self.key, sort) {
            (Key::Time(micros), Sort::CreatedAt) => 0 <= *micros && *micros < YEAR_10000_MICROS,
            (
                Key::Score(_),
                Sort::ConsensusScore | Sort::HallucinationScore | Sort::Probability,
            ) => true,
            (Key::Time(_) | Key::Score(_), _) => false,
        }
    }
}

/// One row of a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Summary {
    pub id: SessionId,
    pub status: Status,
    /// The beginning of the source, at most 160 characters.
    pub source_preview: String,
    /// The beginning of the candidate, at most 160 characters.
    pub candidate_preview: String,
    /// The question that the candidate answers, if any.
    pub question: Option<String>,
    pub config: EvaluationConfig,
    pub created_at: DateTime<Utc>,
    /// The time at which the current run started.
    pub started_at: Option<DateTime<Utc>>,
    /// The time at which the current run ended.
    pub completed_at: Option<DateTime<Utc>>,
    pub run_id: Option<RunId>,
    /// The epoch of the event log.
    pub epoch: String,
    /// The sequence number of the last event.
    pub last_seq: i64,
    /// 0..100, if the current run completed.
    pub consensus_score: Option<f64>,
    /// 0..100, if the current run completed.
    pub hallucination_score: Option<f64>,
    /// The probability that the source supports every claim, 0 to 1, if the current run completed.
    pub probability: Option<f64>,
    /// Number of claims by label, if the current run completed.
    pub claims: Option<ClaimsByLabel>,
    /// Cost in US dollars, if the judges have prices.
    pub cost_usd: Option<f64>,
    /// The name that its owner has given.
    pub name: Option<String>,
    pub tags: BTreeSet<String>,
    /// The error that ended the current run, if it failed.
    pub error: Option<String>,
}

/// The number of claims of an evaluation by label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClaimsByLabel {
    pub supported: i64,
    pub refuted: i64,
    pub not_enough_info: i64,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page {
    pub items: Vec<Summary>,
    /// The start of the next page; `None` after the last one.
    pub next: Option<Cursor>,
}

#[derive(Queryable)]
struct Row {
    id: String,
    status: String,
    source_preview: String,
    candidate_preview: String,
    question: Option<String>,
    config: String,
    created_at: NaiveDateTime,
    started_at: Option<NaiveDateTime>,
    completed_at: Option<NaiveDateTime>,
    run_id: Option<String>,
    epoch: String,
    last_seq: i64,
    consensus_score: Option<f64>,
    hallucination_score: Option<f64>,
    error_message: Option<String>,
    probability: Option<f64>,
    claims: (Option<i64>, Option<i64>, Option<i64>),
    cost_usd: Option<f64>,
    name: Option<String>,
}

/// Returns one page without searching the texts.
pub(crate) fn plain_page(
    db: &mut Db,
    user: UserId,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: i64,
) -> Result<Page, StoreError> {
    let rows = rows(db, user, filter, &Among::All, after, rows_to_read(limit))?;
    let (items, next) = page(rows, limit, |last| last.cursor(filter.sort));
    Ok(Page { items, next })
}

/// Returns rows of a list without searching the texts, of those that the index has found.
pub(super) fn rows(
    db: &mut Db,
    user: UserId,
    filter: &Filter,
    among: &Among,
    after: Option<&Cursor>,
    limit: i64,
) -> Result<Vec<Summary>, StoreError> {
    let mut query = sessions::table
        .inner_join(previews::table)
        .filter(sessions::user_id.eq(user.to_string()))
        .select((
            sessions::id,
            sessions::status,
            previews::source_preview,
            previews::candidate_preview,
            sessions::question,
            sessions::config,
            sessions::created_at,
            sessions::started_at,
            sessions::completed_at,
            sessions::run_id,
            sessions::epoch,
            sessions::last_seq,
            sessions::consensus_score,
            sessions::hallucination_score,
            sessions::error_message,
            sessions::probability,
            (
                sessions::claims_supported,
                sessions::claims_refuted,
                sessions::claims_not_enough_info,
            ),
            sessions::cost_usd,
            previews::name,
        ))
        .into_boxed();
    match among {
        Among::All => {}
        Among::These(ids) => query = query.filter(sessions::id.eq_any(ids)),
        Among::Matching(asked) => query = query.filter(search_index::condition(db, user, asked)),
    }
    if let Some(status) = filter.status {
        query = query.filter(sessions::status.eq(status.as_str()));
    }
    if let Some(tag) = &filter.tag {
        query = query.filter(
            sql::<Bool>(
                "EXISTS (SELECT 1 FROM evaluation_tags AS t \
                 WHERE t.session_id = evaluation_sessions.id AND t.tag = ",
            )
            .bind::<Text, _>(tag.clone())
            .sql(")"),
        );
    }
    if let Some(least) = filter.min_score {
        query = query.filter(sessions::consensus_score.ge(least));
    }
    if let Some(most) = filter.max_score {
        query = query.filter(sessions::consensus_score.le(most));
    }
    if let Some(from) = filter.created_after {
        query = query.filter(sessions::created_at.ge(time(from)));
    }
    if let Some(to) = filter.created_before {
        query = query.filter(sessions::created_at.le(time(to)));
    }
    // The same lines for each column and direction, because Diesel gives each column a type of its
    // own.
    macro_rules! sorted_by_score {
        ($score:expr) => {{
            if let Some(Cursor {
                key: Key::Score(bits),
                id,
            }) = after
            {
                let id = id.to_string();
                query = match (bits.map(f64::from_bits), filter.descending) {
                    (Some(at), true) => query.filter(
                        $score
                            .lt(at)
                            .or($score.is_null())
                            .or($score.eq(at).and(sessions::id.lt(id)))
                            .assume_not_null(),
                    ),
                    (Some(at), false) => query.filter(
                        $score
                            .gt(at)
                            .or($score.is_null())
                            .or($score.eq(at).and(sessions::id.gt(id)))
                            .assume_not_null(),
                    ),
                    (None, true) => query.filter($score.is_null().and(sessions::id.lt(id))),
                    (None, false) => query.filter($score.is_null().and(sessions::id.gt(id))),
                };
            }
            if filter.descending {
                query.order(($score.is_null().asc(), $score.desc(), sessions::id.desc()))
            } else {
                query.order(($score.is_null().asc(), $score.asc(), sessions::id.asc()))
            }
        }};
    }
    let query = match filter.sort {
        Sort::ConsensusScore => sorted_by_score!(sessions::consensus_score),
        Sort::HallucinationScore => sorted_by_score!(sessions::hallucination_score),
        Sort::Probability => sorted_by_score!(sessions::probability),
        Sort::CreatedAt => {
            if let Some(Cursor {
                key: Key::Time(micros),
                id,
            }) = after
            {
                let at = DateTime::from_timestamp_micros(*micros)
                    .ok_or_else(|| {
                        StoreError::Query("the cursor's time is out of range".to_owned())
                    })?
                    .naive_utc();
                let id = id.to_string();
                query = if filter.descending {
                    query.filter(
                        sessions::created_at
                            .lt(at)
                            .or(sessions::created_at.eq(at).and(sessions::id.lt(id))),
                    )
                } else {
                    query.filter(
                        sessions::created_at
                            .gt(at)
                            .or(sessions::created_at.eq(at).and(sessions::id.gt(id))),
                    )
                };
            }
            if filter.descending {
                query.order((sessions::created_at.desc(), sessions::id.desc()))
            } else {
                query.order((sessions::created_at.asc(), sessions::id.asc()))
            }
        }
    };
    let rows: Vec<Row> = query.limit(limit).load(db)?;
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let mut tags = annotations::tags_of(db, &ids)?;
    rows.into_iter()
        .map(|row| {
            let tags = tags.remove(&row.id).unwrap_or_default();
            let summary = Summary::try_from(row)?;
            Ok(Summary { tags, ..summary })
        })
        .collect()
}

impl Summary {
    pub(crate) fn cursor(&self, sort: Sort) -> Cursor {
        let key = match sort {
            Sort::CreatedAt => Key::Time(self.created_at.timestamp_micros()),
            Sort::ConsensusScore => Key::Score(self.consensus_score.map(f64::to_bits)),
            Sort::HallucinationScore => Key::Score(self.hallucination_score.map(f64::to_bits)),
            Sort::Probability => Key::Score(self.probability.map(f64::to_bits)),
        };
        Cursor { key, id: self.id }
    }
}

impl TryFrom<Row> for Summary {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: read_id(&row.id)?,
            status: read_status(&row.status)?,
            source_preview: row.source_preview,
            candidate_preview: row.candidate_preview,
            question: row.question,
            config: read_json(&row.config)?,
            created_at: read_time(row.created_at),
            started_at: row.started_at.map(read_time),
            completed_at: row.completed_at.map(read_time),
            run_id: row.run_id.as_deref().map(read_id).transpose()?,
            epoch: row.epoch,
            last_seq: row.last_seq,
            consensus_score: row.consensus_score,
            hallucination_score: row.hallucination_score,
            error: row.error_message,
            probability: row.probability,
            claims: match row.claims {
                (Some(supported), Some(refuted), Some(not_enough_info)) => Some(ClaimsByLabel {
                    supported,
                    refuted,
                    not_enough_info,
                }),
                _ => None,
            },
            cost_usd: row.cost_usd,
            name: row.name,
            tags: BTreeSet::new(),
        })
    }
}

#[cfg(test)]
#[path = "tests/listing.rs"]
mod tests;
