//! Reads the keys of access tokens from the configured places, at the start and on each reload.

use std::io;
use std::path::Path;

use secrecy::SecretString;

use super::effective::Config;
use super::secret;

/// The key material from which a key is built.
pub(crate) enum KeyMaterial {
    /// A shared secret for HS256.
    Secret(SecretString),
    /// An Ed25519 key in PEM form. A key that only verifies tokens may be a public key.
    Pem(SecretString),
}

impl Config {
    /// Reads the current key that signs access tokens: `signing_key_file`, or else the secret of
    /// `AUDITOR_JWT_SECRET`, of `secret_file` or of the data directory, where it is created if it
    /// is missing.
    ///
    /// # Errors
    /// Fails if a file cannot be read or is readable by everybody, or if its content is too short
    /// or not a key.
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

    /// Reads the keys that only verify tokens: `previous_signing_key_file`, `previous_secret_file`,
    /// and `jwt-secret.previous` of the data directory if the current secret is kept there.
    ///
    /// # Errors
    /// Fails under the same conditions as [`Self::current_key`].
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
