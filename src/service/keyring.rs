//! The signing keys in force: one that signs, and others whose tokens are still accepted. They can
//! change while the server runs.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::config::{Config, KeyMaterial};
use crate::domain::ids::{FamilyId, UserId};

use super::tokens::{Access, BadToken, Key, Terms};

struct Keys {
    current: Key,
    previous: Vec<Key>,
}

/// Signs with the current key, and verifies with any key in force.
pub(crate) struct Keyring {
    keys: RwLock<Arc<Keys>>,
    terms: Terms,
}

impl Keyring {
    /// Loads the configured keys.
    ///
    /// # Errors
    /// Returns which key cannot be loaded and why, but never its content.
    pub(crate) fn open(config: &Config) -> Result<Self, String> {
        let auth = &config.auth;
        let terms = Terms::new(&auth.issuer, &auth.audience, auth.access_ttl());
        Ok(Self {
            keys: RwLock::new(Arc::new(read_keys(config)?)),
            terms,
        })
    }

    /// Reloads the keys and puts all of them into force together; returns a description of the new
    /// ones. After an error the old ones stay in force.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) fn reload(&self, config: &Config) -> Result<String, String> {
        let keys = read_keys(config)?;
        let named = keys.named();
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(named)
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the id of the key that signs, which reveals nothing else of it.
    pub(crate) fn signing_key_id(&self) -> String {
        self.keys().current.id().to_owned()
    }

    /// Returns the lifetime of a new token.
    pub(crate) fn ttl(&self) -> Duration {
        self.terms.ttl()
    }

    /// Issues a new token.
    ///
    /// # Errors
    /// Fails if the key cannot sign, which would be a fault of the configuration.
    pub(crate) fn sign(
        &self,
        user: UserId,
        family: FamilyId,
        now: DateTime<Utc>,
    ) -> Result<String, String> {
        self.keys().current.sign(&self.terms, user, family, now)
    }

    /// Verifies a token with the key that it names, or with each key if it names none in force.
    ///
    /// # Errors
    /// Returns the reason why the token is refused.
    pub(crate) fn read(&self, token: &str) -> Result<Access, BadToken> {
        self.keys().read(&self.terms, token)
    }
}

impl Keys {
    fn read(&self, terms: &Terms, token: &str) -> Result<Access, BadToken> {
        let named = Key::named_in(token)?;
        let all = || std::iter::once(&self.current).chain(&self.previous);
        if let Some(key) = named.and_then(|id| all().find(|key| key.id() == id)) {
            return key.read(terms, token);
        }
        let mut worst = BadToken::Invalid;
        for key in all() {
            match key.read(terms, token) {
                Ok(access) => return Ok(access),
                // The signature was valid, so this is the most informative error.
                Err(BadToken::Expired) => worst = BadToken::Expired,
                Err(BadToken::Invalid) => {}
            }
        }
        Err(worst)
    }

    fn named(&self) -> String {
        let previous: Vec<&str> = self.previous.iter().map(Key::id).collect();
        match previous.as_slice() {
            [] => format!("current {}", self.current.id()),
            some => format!("current {}, previous {}", self.current.id(), some.join(" ")),
        }
    }
}

fn read_keys(config: &Config) -> Result<Keys, String> {
    let failed = |error: std::io::Error| error.to_string();
    let current = match config.current_key().map_err(failed)? {
        KeyMaterial::Secret(secret) => Key::hs256(&secret),
        KeyMaterial::Pem(pem) => Key::eddsa(&pem)?,
    };
    let previous: Result<Vec<Key>, String> = config
        .previous_keys()
        .map_err(failed)?
        .iter()
        .map(|material| match material {
            KeyMaterial::Secret(secret) => Ok(Key::hs256(secret)),
            KeyMaterial::Pem(pem) => Key::eddsa_reading(pem),
        })
        .collect();
    Ok(Keys {
        current,
        previous: previous?,
    })
}

#[cfg(test)]
#[path = "tests/keyring.rs"]
mod tests;
