//! Identifiers of distinct types: a run's id cannot be passed where a session's is expected.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A UUID that names one `K`; its text form is the lower-case hyphenated one.
pub struct Id<K> {
    value: Uuid,
    kind: PhantomData<fn() -> K>,
}

// Uninhabited types, which only tell the kinds of ids apart.
pub enum User {}
pub(crate) enum Family {}
pub enum ApiKey {}
pub enum Session {}
pub enum Run {}
pub enum Claim {}
pub(crate) enum Share {}
pub(crate) enum Feedback {}
pub enum Collection {}
pub enum Document {}
pub(crate) enum Connection {}
pub enum Node {}

/// The id of an account.
pub type UserId = Id<User>;
/// A refresh-token family: one login on one device, and the `sid` of its access tokens.
pub(crate) type FamilyId = Id<Family>;
/// A key with which a program acts for a user.
pub(crate) type ApiKeyId = Id<ApiKey>;
/// An evaluation with its room and its event log; REST calls it the evaluation's id.
pub type SessionId = Id<Session>;
/// One run of an evaluation.
pub type RunId = Id<Run>;
/// A claim of one run.
pub type ClaimId = Id<Claim>;
/// A link that allows anyone to read an evaluation.
pub(crate) type ShareId = Id<Share>;
/// A person's feedback on an evaluation.
pub(crate) type FeedbackId = Id<Feedback>;
/// A collection of a user's documents, for retrieval.
pub(crate) type CollectionId = Id<Collection>;
/// A document of a collection.
pub(crate) type DocumentId = Id<Document>;
/// A connection: a WebSocket, an event stream, or the command line.
pub(crate) type ConnectionId = Id<Connection>;
/// A process among those that share a database, from its start until it ends or is declared dead.
pub(crate) type NodeId = Id<Node>;

impl<K> Id<K> {
    pub const fn new(value: Uuid) -> Self {
        Self {
            value,
            kind: PhantomData,
        }
    }

    pub const fn uuid(self) -> Uuid {
        self.value
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.hyphenated().fmt(f)
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.hyphenated().fmt(f)
    }
}
impl<K> FromStr for Id<K> {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self::new)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
impl<K> utoipa::PartialSchema for Id<K> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};

        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
            .into()
    }
}
impl<K> utoipa::ToSchema for Id<K> {
    fn name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::Borrowed("Id")
    }
}

#[cfg(test)]
#[path = "tests/ids.rs"]
mod tests;
