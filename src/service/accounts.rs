//! Accounts: register, log in, renew, log out, change the password.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use crate::actors::messages::Revoke;
use crate::config::Registration;
use crate::domain::ids::{FamilyId, UserId};
use crate::protocol::error::{ErrorCode, Refusal};
use crate::protocol::rest::{
    ChangePassword, MAX_PASSWORD_CHARS, MAX_USERNAME_CHARS, Register, Tokens,
};
use crate::store::tokens::{NewFamily, Rotation};
use crate::store::users::{NewUser, User};
use crate::store::{Db, StoreError, new_id, tokens, users};

use super::tokens::{Access, BadToken, random_token, token_hash};
use super::{Service, refusal, to_the_end};

/// Who a request or a connection comes from.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The account.
    pub user: User,
    /// What the token says.
    pub access: Access,
}

impl Service {
    /// Makes an account.
    ///
    /// # Errors
    /// `validation`, `registration_closed`, `username_taken`, `email_taken`, `rate_limited`.
    pub async fn register(&self, body: Register, address: IpAddr) -> Result<User, Refusal> {
        if self.config.auth.registration == Registration::Closed {
            let message = "this server takes no new accounts";
            return Err(Refusal::new(ErrorCode::RegistrationClosed, message));
        }
        let faults = body.faults();
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        self.limits.registrations.check(&address)?;
        let Register {
            username,
            email,
            password,
        } = body;
        let password_hash = self.passwords.hash(password).await?;
        let user = NewUser {
            id: new_id(),
            username,
            email,
            password_hash,
            created_at: Utc::now(),
        };
        self.store
            .write(move |db| users::insert(db, &user))
            .await
            .map_err(|error| match error {
                StoreError::Duplicate("username") => {
                    Refusal::new(ErrorCode::UsernameTaken, "somebody has that user name")
                }
                StoreError::Duplicate("email") => {
                    Refusal::new(ErrorCode::EmailTaken, "somebody has that email address")
                }
                other => refusal(other),
            })
    }

    /// Opens a login. An unknown user and a wrong password get the same answer after the same work.
    ///
    /// # Errors
    /// `invalid_credentials`, `rate_limited`.
    pub async fn login(
        &self,
        username: String,
        password: String,
        address: IpAddr,
    ) -> Result<Tokens, Refusal> {
        self.limits.logins_by_address.check(&address)?;
        // Longer ones are nobody's; they are neither kept as a limit's key nor hashed.
        let possible = username.chars().count() <= MAX_USERNAME_CHARS
            && password.chars().count() <= MAX_PASSWORD_CHARS;
        let (username, password) = if possible {
            (username, password)
        } else {
            Default::default()
        };
        self.limits
            .logins_by_account
            .check(&username.to_lowercase())?;
        let wrong = || Refusal::new(ErrorCode::InvalidCredentials, "wrong user name or password");
        // A NUL can't be in a stored name, and PostgreSQL refuses to look for it.
        let name = username.replace('\0', "\u{fffd}");
        let found = self
            .store
            .read(move |db| users::by_username(db, &name))
            .await
            .map_err(refusal)?;
        let (user, stored) = found.unzip();
        let matches = self.passwords.verify(password, stored).await?;
        let Some(user) = user.filter(|_| matches) else {
            self.meters.auth_failures.count("password");
            return Err(wrong());
        };
        let now = Utc::now();
        let family = NewFamily {
            id: new_id(),
            user_id: user.id,
            created_at: now,
            expires_at: self.family_end(now)?,
        };
        let (family_id, refresh) = (family.id, random_token().map_err(internal)?);
        let hash = token_hash(&refresh);
        self.store
            .write(move |db| tokens::open_family(db, &family, &hash))
            .await
            .map_err(refusal)?;
        self.tokens_for(user.id, family_id, refresh, now)
    }

    /// Spends a refresh token for a new pair. A token that was spent before ends its whole family:
    /// one of the two who have it stole it.
    ///
    /// # Errors
    /// `unauthenticated`.
    pub async fn refresh(&self, presented: &str) -> Result<Tokens, Refusal> {
        let now = Utc::now();
        let (old, refresh) = (token_hash(presented), random_token().map_err(internal)?);
        let (new, end) = (token_hash(&refresh), self.family_end(now)?);
        let (database, registry) = (self.store.clone(), self.registry.clone());
        let rotation = to_the_end(async move {
            let rotation =
                database.write(move |db| tokens::rotate(db, &old, &new, now, end)).await?;
            if let Rotation::Reused { user_id, family } = &rotation {
                tracing::warn!(user = %user_id, %family, "a spent refresh token came back: login ended");
                registry.do_send(Revoke { families: vec![*family] });
            }
            Ok(rotation)
        })
        .await?;
        let bad = || Refusal::new(ErrorCode::Unauthenticated, "the refresh token is not good");
        match rotation {
            Rotation::Rotated { user, family } => self.tokens_for(user.id, family, refresh, now),
            Rotation::Reused { .. } => {
                self.meters.auth_failures.count("refresh_token_reused");
                Err(bad())
            }
            Rotation::Unknown => {
                self.meters.auth_failures.count("refresh_token");
                Err(bad())
            }
        }
    }

    /// Ends the login of a refresh token. An unknown token ends nothing, which is no error: whoever
    /// logs out wants it gone.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn logout(&self, presented: &str) -> Result<(), Refusal> {
        let (hash, now) = (token_hash(presented), Utc::now());
        let (database, registry) = (self.store.clone(), self.registry.clone());
        to_the_end(async move {
            let ended = database
                .write(move |db| tokens::revoke_by_token(db, &hash, now))
                .await?;
            if let Some((_, family)) = ended {
                registry.do_send(Revoke {
                    families: vec![family],
                });
            }
            Ok(())
        })
        .await
    }

    /// Changes the password and ends every other login.
    ///
    /// # Errors
    /// `invalid_credentials`, `validation`, `rate_limited`.
    pub async fn change_password(
        &self,
        who: &Identity,
        body: ChangePassword,
    ) -> Result<(), Refusal> {
        let faults = body.faults();
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        // A stolen access token must not be a way to guess the password.
        self.limits
            .logins_by_account
            .check(&who.user.username.to_lowercase())?;
        let (user, family) = (who.user.id, who.access.family);
        let stored = self
            .store
            .read(move |db| users::password_hash(db, user))
            .await
            .map_err(refusal)?;
        if !self.passwords.verify(body.current_password, stored).await? {
            self.meters.auth_failures.count("password");
            let message = "the current password is wrong";
            return Err(Refusal::new(ErrorCode::InvalidCredentials, message));
        }
        let hash = self.passwords.hash(body.new_password).await?;
        let now = Utc::now();
        let (database, registry) = (self.store.clone(), self.registry.clone());
        to_the_end(async move {
            let change = move |db: &mut Db| {
                users::set_password(db, user, &hash)?;
                tokens::revoke_others(db, user, family, now)
            };
            let families = database.write(change).await?;
            registry.do_send(Revoke { families });
            Ok(())
        })
        .await
    }

    /// Who an access token belongs to: its signature, its time, and that its login still stands.
    ///
    /// # Errors
    /// `unauthenticated`, `token_expired`.
    pub async fn identify(&self, token: &str) -> Result<Identity, Refusal> {
        let access = self.tokens.read(token).map_err(|bad| match bad {
            BadToken::Expired => {
                self.meters.auth_failures.count("access_token_expired");
                Refusal::new(ErrorCode::TokenExpired, "the access token has expired")
            }
            BadToken::Invalid => {
                self.meters.auth_failures.count("access_token");
                unauthenticated()
            }
        })?;
        let now = Utc::now();
        let user = self
            .store
            .read(move |db| tokens::live_user(db, access.family, access.user, now))
            .await
            .map_err(refusal)?
            .ok_or_else(|| {
                self.meters.auth_failures.count("login_ended");
                unauthenticated()
            })?;
        Ok(Identity { user, access })
    }

    /// Whether a login that was good a moment ago still is.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn still_stands(&self, access: Access) -> Result<bool, Refusal> {
        let now = Utc::now();
        let user = self
            .store
            .read(move |db| tokens::live_user(db, access.family, access.user, now))
            .await
            .map_err(refusal)?;
        Ok(user.is_some())
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
            refresh_token,
        })
    }

    fn family_end(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
        let ttl = TimeDelta::from_std(self.config.auth.refresh_ttl()).map_err(internal)?;
        Ok(now + ttl)
    }
}

/// The refusal of a request without a good token.
pub fn unauthenticated() -> Refusal {
    Refusal::new(ErrorCode::Unauthenticated, "a valid access token is needed")
}

fn internal(error: impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a token can't be made");
    Refusal::internal()
}
