//! Access tokens (JWT) and refresh tokens.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey};
use ed25519_dalek::{SigningKey, VerifyingKey};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::ids::{FamilyId, UserId};

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
    sid: FamilyId,
}

/// The content of a valid access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Access {
    pub user: UserId,
    /// The login to which the token belongs.
    pub family: FamilyId,
    pub expires_at: DateTime<Utc>,
}

/// The reason why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadToken {
    /// The token was valid once.
    Expired,
    /// No key in force has signed the token, or it is not yet valid.
    Invalid,
}

/// Maximum clock difference between nodes: a new token must be accepted at once by a node whose
/// clock is behind.
const CLOCK_SKEW: TimeDelta = TimeDelta::seconds(10);

/// Maximum length of a token that is parsed, in bytes; tokens of this server have about 500.
const MAX_TOKEN_BYTES: usize = 4096;

/// The claims that all tokens share, whichever key signs them.
pub(crate) struct Terms {
    issuer: String,
    audience: String,
    ttl: Duration,
}

impl Terms {
    /// `iss`, `aud`, and the lifetime of a new token.
    pub(crate) fn new(issuer: &str, audience: &str, ttl: Duration) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            ttl,
        }
    }

    /// Returns the lifetime of a new token.
    pub(crate) const fn ttl(&self) -> Duration {
        self.ttl
    }
}

/// One key with its one algorithm. A token that names another algorithm, or none, is refused.
pub(crate) struct Key {
    id: String,
    algorithm: Algorithm,
    signing: Option<EncodingKey>,
    reading: DecodingKey,
}

impl Key {
    /// Makes an HS256 key from a shared secret.
    pub(crate) fn hs256(secret: &SecretString) -> Self {
        let bytes = secret.expose_secret().as_bytes();
        Self {
            id: key_id(bytes),
            algorithm: Algorithm::HS256,
            signing: Some(EncodingKey::from_secret(bytes)),
            reading: DecodingKey::from_secret(bytes),
        }
    }

    /// Makes an EdDSA key from an Ed25519 private key in PKCS #8 PEM.
    ///
    /// # Errors
    /// Fails if the text is no such key.
    pub(crate) fn eddsa(pem: &SecretString) -> Result<Self, String> {
        let pem = pem.expose_secret();
        let what = |error: String| format!("not an Ed25519 private key in PEM form: {error}");
        let key = SigningKey::from_pkcs8_pem(pem).map_err(|error| what(error.to_string()))?;
        let signing =
            EncodingKey::from_ed_pem(pem.as_bytes()).map_err(|error| what(error.to_string()))?;
        Ok(Self {
            signing: Some(signing),
            ..Self::verifying(&key.verifying_key())
        })
    }

    /// Makes an EdDSA key that can only verify; a public key suffices.
    ///
    /// # Errors
    /// Fails if the text is no such key.
    pub(crate) fn eddsa_reading(pem: &SecretString) -> Result<Self, String> {
        if pem.expose_secret().contains("PRIVATE") {
            return Self::eddsa(pem);
        }
        VerifyingKey::from_public_key_pem(pem.expose_secret())
            .map(|key| Self::verifying(&key))
            .map_err(|error| format!("not an Ed25519 public key in PEM form: {error}"))
    }

    fn verifying(key: &VerifyingKey) -> Self {
        Self {
            id: key_id(key.as_bytes()),
            algorithm: Algorithm::EdDSA,
            signing: None,
            reading: DecodingKey::from_ed_der(key.as_bytes()),
        }
    }

    /// Returns the id of the key in the header of tokens (`kid`).
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Returns the key id in the header of a token, if it has one.
    ///
    /// # Errors
    /// Fails if the text is no token.
    pub(crate) fn named_in(token: &str) -> Result<Option<String>, BadToken> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(BadToken::Invalid);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| BadToken::Invalid)?;
        Ok(header.kid)
    }

    /// Issues a new token.
    ///
    /// # Errors
    /// Fails if the key cannot sign, which would be a fault of the configuration.
    pub(crate) fn sign(
        &self,
        terms: &Terms,
        user: UserId,
        family: FamilyId,
        now: DateTime<Utc>,
    ) -> Result<String, String> {
        let signing = self.signing.as_ref().ok_or("the key only reads")?;
        let ttl = TimeDelta::from_std(terms.ttl).map_err(|error| error.to_string())?;
        let claims = Claims {
            iss: terms.issuer.clone(),
            aud: terms.audience.clone(),
            sub: user,
            iat: now.timestamp(),
            nbf: (now - CLOCK_SKEW).timestamp(),
            exp: (now + ttl).timestamp(),
            jti: random_token()?,
            sid: family,
        };
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, &claims, signing).map_err(|error| error.to_string())
    }

    /// Verifies a token and returns its content.
    ///
    /// # Errors
    /// Returns the reason why the token is refused.
    pub(crate) fn read(&self, terms: &Terms, token: &str) -> Result<Access, BadToken> {
        let mut validation = Validation::new(self.algorithm);
        validation.leeway = 0;
        // A token is expired from `exp` on (RFC 7519, section 4.1.4); by default the crate accepts
        // it for one second more.
        validation.reject_tokens_expiring_in_less_than = 1;
        validation.validate_nbf = true;
        validation.set_issuer(&[&terms.issuer]);
        validation.set_audience(&[&terms.audience]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        let data =
            jsonwebtoken::decode::<Claims>(token, &self.reading, &validation).map_err(|error| {
                match error.kind() {
                    ErrorKind::ExpiredSignature => BadToken::Expired,
                    _ => BadToken::Invalid,
                }
            })?;
        let expires_at = DateTime::from_timestamp(data.claims.exp, 0).ok_or(BadToken::Invalid)?;
        Ok(Access {
            user: data.claims.sub,
            family: data.claims.sid,
            expires_at,
        })
    }
}

/// Derives an id that reveals nothing about the key.
fn key_id(key: &[u8]) -> String {
    let hash = Sha256::new()
        .chain_update(b"judge-auditor kid\0")
        .chain_update(key)
        .finalize();
    URL_SAFE_NO_PAD.encode(&hash[..12])
}

/// Returns 256 random bits in base64url.
///
/// # Errors
/// Fails if the system provides no random bytes.
pub(crate) fn random_token() -> Result<String, String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Returns the hash that is stored in place of a token. The token has 256 random bits, so a plain
/// hash suffices.
pub(crate) fn token_hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
#[path = "tests/tokens.rs"]
mod tests;
