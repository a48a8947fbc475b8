//! API keys: creation, listing, revocation, and authentication in place of an access token.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::{Cidr, Config};
use crate::domain::credential::{Credential, DayBudget};
use crate::domain::ids::{ApiKeyId, UserId};
use crate::protocol::error::{ErrorCode, FieldError, Refusal, brief};
use crate::protocol::rest::{CreateKey, KeyView, KeysView, NewKeyView};
use crate::store::api_keys::{self, ApiKey, MAX_KEYS};
use crate::store::security::{self, Kind, SecurityEvent};
use crate::store::users::User;
use crate::store::{Db, Store, new_id};

use super::accounts::{Identity, unauthenticated};
use super::grant::Grant;
use super::key_text;
use super::limits::{USE_IS_KEPT, network};
use super::record::event;
use super::tokens::token_hash;
use super::{Service, detach, refusal, to_the_end};

/// Creates a key for a user together with its entry in the security record. Returns the text of the
/// key, which is shown only this once, and what is stored of it.
///
/// # Errors
/// `validation`, `limit_exceeded`.
pub(crate) async fn make_key(
    store: &Store,
    config: &Config,
    user: &User,
    body: CreateKey,
    address: Option<IpAddr>,
) -> Result<(String, ApiKey), Refusal> {
    let mut faults = body.faults();
    if body.day_usd.is_some() {
        faults.extend(unpriced(config));
    }
    let addresses = networks(&body.addresses, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults));
    }
    let text = key_text::new_key().map_err(|error| {
        tracing::error!(%error, "no random bytes");
        Refusal::internal()
    })?;
    let mut scopes = body.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    let created_at = Utc::now();
    let lifetime = body.expires_in_s.map(Duration::from_secs);
    let key = ApiKey {
        id: new_id(),
        name: body.name,
        prefix: key_text::shown(&text),
        scopes,
        addresses,
        created_at,
        expires_at: lifetime.map(|lifetime| created_at + lifetime),
        last_used_at: None,
        revoked_at: None,
        budget: DayBudget {
            tokens: body.day_tokens,
            usd: body.day_usd,
        },
        // The faults of the body have been looked for, so that the rate fits.
        per_minute: body
            .per_minute
            .and_then(|rate| NonZeroU32::new(u32::try_from(rate).ok()?)),
    };
    let (user_id, kept, hash) = (user.id, key.clone(), token_hash(&text));
    let entry = SecurityEvent {
        subject: Some(key.id.to_string()),
        detail: Some(security_detail(&key)),
        ..event(Kind::KeyMade, Some(user), address)
    };
    let make = move |db: &mut Db| {
        let made = api_keys::insert(db, user_id, &kept, &hash)?;
        if made {
            security::record(db, &entry)?;
        }
        Ok(made)
    };
    if store.write(make).await.map_err(refusal)? {
        return Ok((text, key));
    }
    let message = format!(
        "your account has {MAX_KEYS} API keys, which is as many as one may have: revoke some that you no longer need"
    );
    Err(Refusal::new(ErrorCode::LimitExceeded, message))
}

/// Describes a new key in the security record. Its name is left out, since the owner wrote it and
/// it is deleted with the account.
fn security_detail(key: &ApiKey) -> String {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    format!("{} ({})", key.prefix, scopes.join(", "))
}

/// Refuses a budget in money if a judge's model has no price: its calls would count nothing.
fn unpriced(config: &Config) -> Option<FieldError> {
    let judge = config.unpriced_judges().next()?;
    let detail = format!(
        "can't be kept to: the model of the judge {} has no price; give day_tokens instead, or ask the operator for \
         a price",
        judge.name
    );
    Some(FieldError::new("/day_usd", detail))
}

/// Parses the networks and returns them in the form in which they are stored.
fn networks(given: &[String], faults: &mut Vec<FieldError>) -> Vec<String> {
    let mut networks = Vec::with_capacity(given.len());
    for (place, text) in given.iter().enumerate() {
        match text.parse::<Cidr>() {
            Ok(network) => networks.push(network.to_string()),
            Err(why) => {
                faults.push(FieldError::new(format!("/addresses/{place}"), brief(&why)));
            }
        }
    }
    networks
}

/// Returns whether requests with the key may come from that address.
fn is_allowed_from(key: &ApiKey, address: IpAddr) -> bool {
    // A stored network that cannot be parsed matches nothing, so that it admits nobody.
    let holds = |network: &String| {
        let network = network.parse::<Cidr>();
        network.is_ok_and(|network| network.contains(address))
    };
    key.addresses.is_empty() || key.addresses.iter().any(holds)
}

/// The reason why a key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BadKey {
    Unknown,
    Revoked,
    Expired,
    Disabled,
    Address,
}

impl BadKey {
    /// Returns the reason why this key cannot be used from that address now, or `None` if it can.
    fn of(key: &ApiKey, user: &User, address: IpAddr, now: DateTime<Utc>) -> Option<Self> {
        if key.revoked_at.is_some() {
            Some(Self::Revoked)
        } else if key.expires_at.is_some_and(|end| end <= now) {
            Some(Self::Expired)
        } else if user.disabled_at.is_some() {
            Some(Self::Disabled)
        } else if !is_allowed_from(key, address) {
            Some(Self::Address)
        } else {
            None
        }
    }

    /// Returns the message for the client.
    const fn message(self) -> &'static str {
        match self {
            Self::Unknown => "there is no such API key",
            Self::Revoked => "this API key was revoked",
            Self::Expired => "this API key has expired: make a new one",
            Self::Disabled => "the account of this API key is disabled",
            Self::Address => "this API key may not be used from this address",
        }
    }

    /// Returns the value of the label by which metrics count this failure.
    const fn counted_as(self) -> &'static str {
        match self {
            Self::Unknown => "api_key",
            Self::Revoked | Self::Expired => "api_key_ended",
            Self::Disabled => "disabled",
            Self::Address => "api_key_address",
        }
    }
}

impl Service {
    /// Creates a key. API keys may not create keys: one that could would outlive its own
    /// revocation.
    ///
    /// # Errors
    /// `forbidden`, `validation`, `limit_exceeded`, `rate_limited`.
    pub(crate) async fn make_key(
        &self,
        who: &Identity,
        body: CreateKey,
    ) -> Result<NewKeyView, Refusal> {
        who.grant.login()?;
        self.limits.writes.check(&who.user.id).await?;
        let (text, key) = make_key(
            &self.store,
            &self.config,
            &who.user,
            body,
            Some(who.address),
        )
        .await?;
        Ok(NewKeyView {
            key: text,
            view: key_view(key),
        })
    }

    /// Lists the user's keys that were not revoked.
    ///
    /// # Errors
    /// Fails only if the database does.
    pub(crate) async fn keys(&self, user: UserId) -> Result<KeysView, Refusal> {
        let keys = self.store.read(move |db| api_keys::list(db, user)).await;
        let items = keys.map_err(refusal)?.into_iter().map(key_view).collect();
        Ok(KeysView { items })
    }

    /// Revokes a key and closes its connections.
    ///
    /// # Errors
    /// `not_found`, `rate_limited`.
    pub(crate) async fn revoke_key(&self, who: &Identity, key: ApiKeyId) -> Result<(), Refusal> {
        self.limits.writes.check(&who.user.id).await?;
        let (user, now) = (who.user.id, Utc::now());
        let mut entry = event(Kind::KeyRevoked, Some(&who.user), Some(who.address));
        entry.subject = Some(key.to_string());
        let (database, revocation) = (self.store.clone(), self.revocation());
        let revoked = to_the_end(&self.live_counts, async move {
            let revoke = move |db: &mut Db| {
                entry.detail = api_keys::revoke(db, user, key, now)?;
                let revoked = entry.detail.is_some();
                if revoked {
                    security::record(db, &entry)?;
                }
                Ok(revoked)
            };
            let revoked = database.write(revoke).await?;
            if revoked {
                revocation.of(vec![Credential::Key(key)]);
            }
            Ok(revoked)
        });
        let missing = || Refusal::new(ErrorCode::NotFound, "there is no such API key");
        revoked.await?.then_some(()).ok_or_else(missing)
    }

    /// Authenticates an API key: it has to exist, to be in force, and to be allowed from that
    /// address.
    ///
    /// # Errors
    /// `unauthenticated`, `rate_limited`.
    pub(super) async fn identify_key(
        &self,
        key: &str,
        address: IpAddr,
    ) -> Result<Identity, Refusal> {
        if !key_text::is_well_formed(key) {
            return Err(self.key_refused(BadKey::Unknown, None, address));
        }
        let hash = token_hash(key);
        let found = self.store.read(move |db| api_keys::find(db, &hash)).await;
        let Some((key, user)) = found.map_err(refusal)? else {
            return Err(self.key_refused(BadKey::Unknown, None, address));
        };
        let now = Utc::now();
        if let Some(bad) = BadKey::of(&key, &user, address, now) {
            return Err(self.key_refused(bad, Some((&key, &user)), address));
        }
        // A stored key without any scope would be a fault of this program, and grants nothing.
        let scope = key.scopes.last().copied().ok_or_else(unauthenticated)?;
        let grant = Grant::of_key(user.id, key.id, scope, key.expires_at, key.per_minute);
        self.count_request(&grant)?;
        self.keep_use(&key, now);
        Ok(Identity {
            grant,
            user,
            address: network(address),
        })
    }

    /// Takes one request from the allowance of the key that was used, if its owner has set one.
    ///
    /// # Errors
    /// `rate_limited`.
    pub(crate) fn count_request(&self, grant: &Grant) -> Result<(), Refusal> {
        let (Credential::Key(key), Some(per_minute)) = (grant.credential, grant.per_minute) else {
            return Ok(());
        };
        let counted = self.key_rates.check(key, per_minute);
        counted.inspect_err(|_| self.metrics.rate_limited.count("api_keys"))
    }

    fn key_refused(&self, bad: BadKey, of: Option<(&ApiKey, &User)>, address: IpAddr) -> Refusal {
        self.metrics.auth_failures.count(bad.counted_as());
        let detail = match of {
            Some((key, _)) => format!("{}: {}", key.prefix, bad.message()),
            None => bad.message().to_owned(),
        };
        let user = of.map(|(_, user)| user);
        self.record
            .refused(Kind::KeyRefused, user, network(address), Some(&detail));
        Refusal::new(ErrorCode::Unauthenticated, bad.message())
    }

    /// Records the time at which a key was used, in the background and at most once in a while.
    fn keep_use(&self, key: &ApiKey, now: DateTime<Utc>) {
        let every = TimeDelta::from_std(USE_IS_KEPT).unwrap_or_default();
        let is_kept = key.last_used_at.is_some_and(|last| now - last < every);
        // The second condition is for requests that arrive while the first of them is being
        // recorded.
        if is_kept || self.limits.key_uses.check(&key.id).is_err() {
            return;
        }
        let (store, id) = (self.store.clone(), key.id);
        detach(&self.live_counts, async move {
            let kept = store.write(move |db| api_keys::used(db, id, now)).await;
            if let Err(error) = kept {
                tracing::debug!(%error, "that a key was used can't be kept now");
            }
        });
    }
}

pub(super) fn key_view(key: ApiKey) -> KeyView {
    KeyView {
        id: key.id,
        name: key.name,
        prefix: key.prefix,
        scopes: key.scopes,
        addresses: key.addresses,
        created_at: key.created_at,
        expires_at: key.expires_at,
        last_used_at: key.last_used_at,
        day_usd: key.budget.usd,
        day_tokens: key.budget.tokens,
        per_minute: key.per_minute.map(NonZeroU32::get),
    }
}

#[cfg(test)]
#[path = "tests/api_keys.rs"]
mod tests;
