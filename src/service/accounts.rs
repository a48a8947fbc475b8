//! Accounts: register, log in, renew, log out, change the password.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::Registration;
use crate::domain::credential::Credential;
use crate::domain::ids::{FamilyId, UserId};
use crate::protocol::error::{ErrorCode, Refusal};
use crate::protocol::rest::{
    ChangePassword, MAX_PASSWORD_CHARS, MAX_USERNAME_CHARS, Register, Tokens,
};
use crate::store::security::{self, Kind, SecurityEvent};
use crate::store::tokens::{NewFamily, Presented, Rotation};
use crate::store::users::{NewUser, User};
use crate::store::{Db, Store, StoreError, api_keys, logins, new_id, tokens, users};

use super::grant::Grant;
use super::key_text;
use super::limits::network;
use super::passwords::{Passwords, Verified};
use super::record::event;
use super::tokens::{BadToken, random_token, token_hash};
use super::{Service, refusal, to_the_end};

/// The authenticated origin of a request or a connection.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub user: User,
    /// The rights that the token or the API key grants.
    pub grant: Grant,
    /// The network of the client, by which limits are keyed.
    pub address: IpAddr,
}

/// Time after a login for which its address counts as the account's own.
const OWN_ADDRESS_FOR: TimeDelta = TimeDelta::days(30);

/// Creates an account together with its entry in the security record; `kind` is the kind of that
/// entry.
///
/// # Errors
/// `validation`, `username_taken`, `email_taken`.
pub(crate) async fn make_account(
    store: &Store,
    passwords: &Passwords,
    body: Register,
    kind: Kind,
    address: Option<IpAddr>,
) -> Result<User, Refusal> {
    let faults = body.faults();
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults));
    }
    let Register {
        username,
        email,
        password,
    } = body;
    let password_hash = passwords.hash(password).await?;
    let user = NewUser {
        id: new_id(),
        username,
        email,
        password_hash,
        created_at: Utc::now(),
    };
    let make = move |db: &mut Db| {
        let user = users::insert(db, &user)?;
        security::record(db, &event(kind, Some(&user), address))?;
        Ok(user)
    };
    store.write(make).await.map_err(|error| match error {
        StoreError::Duplicate("username") => {
            Refusal::new(ErrorCode::UsernameTaken, "somebody has that user name")
        }
        StoreError::Duplicate("email") => {
            Refusal::new(ErrorCode::EmailTaken, "somebody has that email address")
        }
        other => refusal(other),
    })
}

impl Service {
    /// Registers an account, if the server allows it.
    ///
    /// # Errors
    /// `validation`, `registration_closed`, `username_taken`, `email_taken`, `rate_limited`.
    pub(crate) async fn register(&self, body: Register, address: IpAddr) -> Result<User, Refusal> {
        if self.config.auth.registration == Registration::Closed {
            let message = "this server takes no new accounts";
            return Err(Refusal::new(ErrorCode::RegistrationClosed, message));
        }
        let faults = body.faults();
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        self.limits.registrations.check(&address).await?;
        make_account(
            &self.store,
            &self.passwords,
            body,
            Kind::Registered,
            Some(address),
        )
        .await
    }

    /// Opens a login. An unknown user and a wrong password get the same answer after the same
    /// amount of work.
    ///
    /// # Errors
    /// `invalid_credentials`, `rate_limited`, `forbidden` for a disabled account, `overloaded` if
    /// the queue of passwords is full.
    pub(crate) async fn login(
        &self,
        username: String,
        password: String,
        address: IpAddr,
    ) -> Result<Tokens, Refusal> {
        let limited = |refusal, user: Option<&User>| {
            self.record.refused(Kind::LoginLimited, user, address, None);
            refusal
        };
        self.limits
            .logins_by_address
            .check(&address)
            .await
            .map_err(|refusal| limited(refusal, None))?;
        // Longer ones cannot exist; they are neither kept as the key of a limit nor hashed.
        let possible = username.chars().count() <= MAX_USERNAME_CHARS
            && password.chars().count() <= MAX_PASSWORD_CHARS;
        let (username, password) = if possible {
            (username, password)
        } else {
            Default::default()
        };
        let now = Utc::now();
        // No stored name contains NUL, and PostgreSQL refuses to search for one.
        let name = username.replace('\0', "\u{fffd}");
        let find = move |db: &mut Db| {
            let Some((user, stored)) = users::by_username(db, &name)? else {
                return Ok(None);
            };
            let (from, since) = (address.to_string(), now - OWN_ADDRESS_FOR);
            let own = security::has_logged_in_from(db, user.id, &from, since)?;
            Ok(Some((user, stored, own)))
        };
        let found = self.store.read(find).await.map_err(refusal)?;
        let (user, stored, own) = match found {
            Some((user, stored, own)) => (Some(user), Some(stored), own),
            None => (None, None, false),
        };
        if !own {
            self.limits
                .logins_by_strangers
                .check(&username.to_lowercase())
                .await
                .map_err(|refusal| limited(refusal, user.as_ref()))?;
        }
        let wrong = || Refusal::new(ErrorCode::InvalidCredentials, "wrong user name or password");
        let verified = self.passwords.verify_and_renew(password, stored.clone());
        let renewed = match verified.await? {
            Verified::No => {
                self.metrics.auth_failures.count("password");
                self.record
                    .enqueue(event(Kind::LoginFailed, user.as_ref(), Some(address)));
                return Err(wrong());
            }
            Verified::Yes => None,
            Verified::Renewed(hash) => Some(hash),
        };
        let (user, stored) = user.zip(stored).ok_or_else(wrong)?;
        if user.disabled_at.is_some() {
            self.metrics.auth_failures.count("disabled");
            self.record.enqueue(SecurityEvent {
                detail: Some("the account is disabled".to_owned()),
                ..event(Kind::LoginFailed, Some(&user), Some(address))
            });
            let message = "this account is disabled: ask whoever runs the server";
            return Err(Refusal::new(ErrorCode::Forbidden, message));
        }
        let opened = self.open_login(&user, &stored, renewed, address).await?;
        opened.ok_or_else(wrong)
    }

    /// Opens a login for a user whose password was verified; `None` if the password has been
    /// changed since.
    async fn open_login(
        &self,
        user: &User,
        stored: &str,
        renewed: Option<String>,
        address: IpAddr,
    ) -> Result<Option<Tokens>, Refusal> {
        let now = Utc::now();
        let family = NewFamily {
            id: new_id(),
            user_id: user.id,
            created_at: now,
            expires_at: self.family_end(now)?,
        };
        let (family_id, refresh) = (family.id, random_token().map_err(internal)?);
        let hash = token_hash(&refresh);
        let entry = SecurityEvent {
            subject: Some(family_id.to_string()),
            ..event(Kind::Login, Some(user), Some(address))
        };
        let stored = stored.to_owned();
        let open = move |db: &mut Db| {
            // The password may have been changed since it was verified. The change ends every other
            // login, and this one must not survive it either.
            let password_hash = renewed.as_deref().unwrap_or(&stored);
            if !users::replace_password(db, family.user_id, &stored, password_hash)? {
                return Ok(false);
            }
            tokens::open_family(db, &family, &hash)?;
            security::record(db, &entry)?;
            Ok(true)
        };
        if !self.store.write(open).await.map_err(refusal)? {
            return Ok(None);
        }
        self.tokens_for(user.id, family_id, refresh, now).map(Some)
    }

    /// Exchanges a refresh token for a new pair. A token that was used before ends its whole
    /// family, because one of the two clients that hold it must have stolen it. The exception is a
    /// client that did not get its answer and repeats its request under the same id, which only
    /// that client knows.
    ///
    /// # Errors
    /// `unauthenticated`, `rate_limited`.
    pub(crate) async fn refresh(
        &self,
        presented: &str,
        client_request_id: Option<&str>,
        address: IpAddr,
    ) -> Result<Tokens, Refusal> {
        self.limits.renewals.check(&address)?;
        let now = Utc::now();
        let refresh = random_token().map_err(internal)?;
        let end = self.family_end(now)?;
        let presented = Presented {
            hash: token_hash(presented),
            request_hash: client_request_id.map(token_hash),
            successor_hash: token_hash(&refresh),
        };
        let (database, revocation) = (self.store.clone(), self.revocation());
        let rotation = to_the_end(&self.live_counts, async move {
            let rotate = move |db: &mut Db| {
                let rotation = tokens::rotate(db, &presented, now, end)?;
                if let Rotation::Reused { user, family } = &rotation {
                    let entry = SecurityEvent {
                        subject: Some(family.to_string()),
                        ..event(Kind::RefreshReused, Some(user), Some(address))
                    };
                    security::record(db, &entry)?;
                }
                Ok(rotation)
            };
            let rotation = database.write(rotate).await?;
            if let Rotation::Reused { family, .. } = &rotation {
                revocation.of(vec![Credential::Login(*family)]);
            }
            Ok(rotation)
        })
        .await?;
        let bad = || Refusal::new(ErrorCode::Unauthenticated, "the refresh token is not good");
        match rotation {
            Rotation::Rotated { user, family } => self.tokens_for(user.id, family, refresh, now),
            Rotation::Reused { .. } => {
                self.metrics.auth_failures.count("refresh_token_reused");
                Err(bad())
            }
            Rotation::Unknown => {
                self.metrics.auth_failures.count("refresh_token");
                Err(bad())
            }
        }
    }

    /// Ends the login of a refresh token. An unknown token ends nothing and is no error, since the
    /// result is what the client wants.
    ///
    /// # Errors
    /// `rate_limited`.
    pub(crate) async fn logout(&self, presented: &str, address: IpAddr) -> Result<(), Refusal> {
        self.limits.renewals.check(&address)?;
        let (hash, now) = (token_hash(presented), Utc::now());
        let (database, revocation) = (self.store.clone(), self.revocation());
        to_the_end(&self.live_counts, async move {
            let end = move |db: &mut Db| {
                let ended = tokens::revoke_by_token(db, &hash, now)?;
                if let Some((user, family)) = &ended {
                    let entry = SecurityEvent {
                        subject: Some(family.to_string()),
                        ..event(Kind::Logout, Some(user), Some(address))
                    };
                    security::record(db, &entry)?;
                }
                Ok(ended)
            };
            let ended = database.write(end).await?;
            if let Some((_, family)) = ended {
                revocation.of(vec![Credential::Login(family)]);
            }
            Ok(())
        })
        .await
    }

    /// Changes the password and ends every other login. API keys stay valid: they do not depend on
    /// the password, and the programs that use them would stop working.
    ///
    /// # Errors
    /// `forbidden` for an API key, `invalid_credentials`, `validation`, `rate_limited`.
    pub(crate) async fn change_password(
        &self,
        who: &Identity,
        body: ChangePassword,
    ) -> Result<(), Refusal> {
        let family = who.grant.login()?;
        let faults = body.faults(&who.user.username, &who.user.email);
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        let stored = self
            .verified(who, body.current_password, "at a change of the password")
            .await?;
        let hash = self.passwords.hash(body.new_password).await?;
        let (user, now) = (who.user.id, Utc::now());
        let (database, revocation) = (self.store.clone(), self.revocation());
        let mut entry = event(Kind::PasswordChanged, Some(&who.user), Some(who.address));
        let changed = to_the_end(&self.live_counts, async move {
            let change = move |db: &mut Db| {
                // Of two concurrent changes that know the same password only one succeeds; for the
                // other the password is wrong by then.
                if !users::replace_password(db, user, &stored, &hash)? {
                    return Ok(None);
                }
                let ended = logins::revoke_others(db, user, family, now)?;
                entry.detail = Some(format!("{} other logins ended", ended.len()));
                security::record(db, &entry)?;
                Ok(Some(ended))
            };
            let ended = database.write(change).await?;
            let changed = ended.is_some();
            if let Some(ended) = ended {
                revocation.of(ended.into_iter().map(Credential::Login).collect());
            }
            Ok(changed)
        });
        changed.await?.then_some(()).ok_or_else(wrong_password)
    }

    /// Verifies the password of a user who is logged in, before an operation that cannot be undone,
    /// and returns the stored hash. The operation has to check that hash again, since the password
    /// may be changed meanwhile.
    ///
    /// # Errors
    /// `invalid_credentials`, `rate_limited`, `overloaded`.
    pub(super) async fn verified(
        &self,
        who: &Identity,
        password: String,
        at: &str,
    ) -> Result<String, Refusal> {
        // Limits attempts, so that a stolen access token is no way to guess the password.
        self.limits.password_changes.check(&who.user.id).await?;
        let user = who.user.id;
        let stored = self
            .store
            .read(move |db| users::password_hash(db, user))
            .await
            .map_err(refusal)?;
        // A longer one cannot be right, and is not hashed.
        let password = Some(password).filter(|text| text.chars().count() <= MAX_PASSWORD_CHARS);
        let matches = self
            .passwords
            .verify(password.unwrap_or_default(), stored.clone())
            .await?;
        if let Some(stored) = stored.filter(|_| matches) {
            return Ok(stored);
        }
        self.metrics.auth_failures.count("password");
        self.record.enqueue(SecurityEvent {
            detail: Some(at.to_owned()),
            ..event(Kind::LoginFailed, Some(&who.user), Some(who.address))
        });
        Err(wrong_password())
    }

    /// Authenticates an access token or an API key for a client at that exact address. Checks the
    /// signature, the expiry, and that the login or the key has not been ended.
    ///
    /// # Errors
    /// `unauthenticated`, `token_expired`, `rate_limited`.
    pub(crate) async fn identify(&self, token: &str, address: IpAddr) -> Result<Identity, Refusal> {
        let (identity, kind) = if key_text::is_meant(token) {
            (self.identify_key(token, address).await?, "api_key")
        } else {
            let identity = self.identify_login(token, network(address)).await?;
            (identity, "login")
        };
        self.metrics.identified.count(kind);
        Ok(identity)
    }

    async fn identify_login(&self, token: &str, address: IpAddr) -> Result<Identity, Refusal> {
        let refused = |why| {
            self.record
                .refused(Kind::TokenRefused, None, address, Some(why));
            unauthenticated()
        };
        let access = self.tokens.read(token).map_err(|bad| match bad {
            BadToken::Expired => {
                self.metrics.auth_failures.count("access_token_expired");
                Refusal::new(ErrorCode::TokenExpired, "the access token has expired")
            }
            BadToken::Invalid => {
                self.metrics.auth_failures.count("access_token");
                refused("not a token of ours")
            }
        })?;
        let now = Utc::now();
        let user = self
            .store
            .read(move |db| tokens::live_user(db, access.family, access.user, now))
            .await
            .map_err(refusal)?
            .ok_or_else(|| {
                self.metrics.auth_failures.count("login_ended");
                refused("its login is not in force")
            })?;
        Ok(Identity {
            user,
            grant: Grant::of_login(access),
            address,
        })
    }

    /// Returns whether a login or a key that was valid before still is.
    ///
    /// # Errors
    /// Fails only if the database does.
    pub(crate) async fn is_still_valid(&self, grant: &Grant) -> Result<bool, Refusal> {
        let (
            now,
            Grant {
                user, credential, ..
            },
        ) = (Utc::now(), *grant);
        let stands = move |db: &mut Db| match credential {
            Credential::Login(family) => Ok(tokens::live_user(db, family, user, now)?.is_some()),
            Credential::Key(key) => Ok(api_keys::ended_among(db, &[key], now)?.is_empty()),
        };
        self.store.read(stands).await.map_err(refusal)
    }

    fn tokens_for(
        &self,
        user: UserId,
        family: FamilyId,
        refresh_token: String,
        now: DateTime<Utc>,
    ) -> Result<Tokens, Refusal> {
        Ok(Tokens {
            access_token: self.tokens.sign(user, family, now).map_err(internal)?,
            token_type: "bearer",
            expires_in: self.tokens.ttl().as_secs(),
            refresh_token: Some(refresh_token),
        })
    }

    fn family_end(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
        let ttl = TimeDelta::from_std(self.config.auth.refresh_ttl()).map_err(internal)?;
        Ok(now + ttl)
    }
}

fn wrong_password() -> Refusal {
    Refusal::new(
        ErrorCode::InvalidCredentials,
        "the current password is wrong",
    )
}

/// Returns the refusal of a request without a valid token or key.
pub(crate) fn unauthenticated() -> Refusal {
    Refusal::new(
        ErrorCode::Unauthenticated,
        "a valid access token or API key is needed",
    )
}

fn internal(error: impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a token can't be made");
    Refusal::internal()
}
