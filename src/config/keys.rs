//! Where the keys of access tokens are kept: read at the start, and again when the operator asks.

use std::io;
use std::path::Path;

use secrecy::SecretString;

use super::effective::Config;
use super::secret;

/// What a key is made of.
pub(crate) enum KeyMaterial {
    /// A secret for HS256.
    Secret(SecretString),
    /// An Ed25519 key in PEM; one that only reads may be a public one.
    Pem(SecretString),
}

impl Config {
    /// The key that signs access tokens, as it is kept now: the one of `signing_key_file`, else the
    /// secret of `AUDITOR_JWT_SECRET`, of `secret_file`, or of the data directory, where it is made if
    /// there is none.
    ///
    /// # Errors
    /// A file can't be read, or may be read by everybody; what it holds is too short, or no key.
    pub(crate) fn current_key(&self) -> io::Result<KeyMaterial> {
        let auth = &self.auth;
        if let Some(path) = &auth.signing_key_file {
            return pem(path);
        }
        if let Some(secret) = &auth.jwt_secret {
            return Ok(KeyMaterial::Secret(secret.clone()));
        }
        let secret = match &auth.secret_file {
            Some(path) => secret::from_file(path)?,
            None => secret::jwt_secret(&self.data_dir)?,
        };
        Ok(KeyMaterial::Secret(secret))
    }

    /// The keys that only read: those of `previous_signing_key_file` and `previous_secret_file`, and
    /// beside the data directory's own secret `jwt-secret.previous`, if there is one.
    ///
    /// # Errors
    /// As [`Self::current_key`].
    pub(crate) fn previous_keys(&self) -> io::Result<Vec<KeyMaterial>> {
        let auth = &self.auth;
        let mut keys = Vec::new();
        if let Some(path) = &auth.previous_signing_key_file {
            keys.push(pem(path)?);
        }
        if let Some(path) = &auth.previous_secret_file {
            keys.push(KeyMaterial::Secret(secret::from_file(path)?));
        }
        let own = auth.signing_key_file.is_none()
            && auth.jwt_secret.is_none()
            && auth.secret_file.is_none();
        if own && let Some(secret) = secret::previous_jwt_secret(&self.data_dir)? {
            keys.push(KeyMaterial::Secret(secret));
        }
        Ok(keys)
    }
}

fn pem(path: &Path) -> io::Result<KeyMaterial> {
    secret::pem_file(path).map(KeyMaterial::Pem)
}
