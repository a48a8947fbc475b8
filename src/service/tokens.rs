//! Access tokens (JWT) and refresh tokens.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::DecodePrivateKey;
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

/// What a good access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// Whose it is.
    pub user: UserId,
    /// The login it belongs to.
    pub family: FamilyId,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadToken {
    /// It was good once.
    Expired,
    /// It is not one of ours, or not yet good.
    Invalid,
}

/// Signs and reads access tokens with one key and one algorithm: a token that names another, or
/// none, is refused.
pub struct TokenKeys {
    header: Header,
    signing: EncodingKey,
    reading: DecodingKey,
    validation: Validation,
    issuer: String,
    audience: String,
    ttl: Duration,
}

impl TokenKeys {
    /// HS256 with a shared secret.
    pub fn hs256(secret: &SecretString, issuer: &str, audience: &str, ttl: Duration) -> Self {
        let bytes = secret.expose_secret().as_bytes();
        let keys = (
            EncodingKey::from_secret(bytes),
            DecodingKey::from_secret(bytes),
        );
        Self::new(Algorithm::HS256, keys, issuer, audience, ttl)
    }

    /// EdDSA with an Ed25519 private key in PKCS #8 PEM.
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn eddsa(pem: &str, issuer: &str, audience: &str, ttl: Duration) -> Result<Self, String> {
        let key = SigningKey::from_pkcs8_pem(pem).map_err(|error| error.to_string())?;
        let signing =
            EncodingKey::from_ed_pem(pem.as_bytes()).map_err(|error| error.to_string())?;
        let reading = DecodingKey::from_ed_der(key.verifying_key().as_bytes());
        Ok(Self::new(
            Algorithm::EdDSA,
            (signing, reading),
            issuer,
            audience,
            ttl,
        ))
    }

    fn new(
        algorithm: Algorithm,
        (signing, reading): (EncodingKey, DecodingKey),
        issuer: &str,
        audience: &str,
        ttl: Duration,
    ) -> Self {
        let mut validation = Validation::new(algorithm);
        validation.leeway = 0;
        validation.validate_nbf = true;
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Self {
            header: Header::new(algorithm),
            signing,
            reading,
            validation,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            ttl,
        }
    }

    /// How long a new token is good.
    pub const fn ttl(&self) -> Duration {
        self.ttl
    }

    /// A new token.
    ///
    /// # Errors
    /// When the key can't sign, which would be a fault of the configuration.
    pub fn sign(
        &self,
        user: UserId,
        family: FamilyId,
        now: DateTime<Utc>,
    ) -> Result<String, String> {
        let ttl = TimeDelta::from_std(self.ttl).map_err(|error| error.to_string())?;
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: user,
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: (now + ttl).timestamp(),
            jti: random_token()?,
            sid: family,
        };
        jsonwebtoken::encode(&self.header, &claims, &self.signing)
            .map_err(|error| error.to_string())
    }

    /// Reads a token.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn read(&self, token: &str) -> Result<Access, BadToken> {
        let data = jsonwebtoken::decode::<Claims>(token, &self.reading, &self.validation).map_err(
            |error| match error.kind() {
                ErrorKind::ExpiredSignature => BadToken::Expired,
                _ => BadToken::Invalid,
            },
        )?;
        let expires_at = DateTime::from_timestamp(data.claims.exp, 0).ok_or(BadToken::Invalid)?;
        Ok(Access {
            user: data.claims.sub,
            family: data.claims.sid,
            expires_at,
        })
    }
}

/// 256 random bits, in base64url.
///
/// # Errors
/// When the system has no randomness.
pub fn random_token() -> Result<String, String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What is stored in place of a refresh token. It has 256 random bits, so a plain hash is enough.
pub fn token_hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(900);
    /// Made for this test with `openssl genpkey -algorithm ed25519`.
    const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIFK2+42b3gLZ3skjOk4n2rl16NUHeMNJk11Juqn4zGVo\n-----END PRIVATE KEY-----\n";

    fn keys(secret: &str, issuer: &str, audience: &str) -> TokenKeys {
        TokenKeys::hs256(&secret.to_owned().into(), issuer, audience, TTL)
    }

    fn ids() -> (UserId, FamilyId) {
        let user = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let family = "01890a5d-ac96-774b-bcce-b302099a8058".parse().unwrap();
        (user, family)
    }

    #[test]
    fn both_algorithms_sign_and_read() {
        let eddsa = TokenKeys::eddsa(PEM, "i", "a", TTL).unwrap();
        for keys in [keys("secret", "i", "a"), eddsa] {
            let (user, family) = ids();
            let token = keys.sign(user, family, Utc::now()).unwrap();
            let access = keys.read(&token).unwrap();
            assert_eq!((access.user, access.family), (user, family));
        }
    }

    #[test]
    fn every_other_token_is_refused() {
        let (user, family) = ids();
        let ours = keys("secret", "i", "a");
        let sign = |keys: &TokenKeys, age: i64| {
            keys.sign(user, family, Utc::now() - TimeDelta::seconds(age))
                .unwrap()
        };
        assert_eq!(ours.read(&sign(&ours, 901)), Err(BadToken::Expired));
        assert_eq!(
            ours.read(&sign(&ours, -60)),
            Err(BadToken::Invalid),
            "not yet valid"
        );
        for other in [
            keys("other", "i", "a"),
            keys("secret", "x", "a"),
            keys("secret", "i", "x"),
        ] {
            assert_eq!(ours.read(&sign(&other, 0)), Err(BadToken::Invalid));
        }
        let eddsa = TokenKeys::eddsa(PEM, "i", "a", TTL).unwrap();
        assert_eq!(ours.read(&sign(&eddsa, 0)), Err(BadToken::Invalid));

        let good = sign(&ours, 0);
        let (_, rest) = good.split_once('.').unwrap();
        let (payload, _) = rest.split_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        for forged in [
            format!("{none}.{payload}."),
            format!("{none}.{rest}"),
            String::new(),
        ] {
            assert_eq!(ours.read(&forged), Err(BadToken::Invalid));
        }
    }

    #[test]
    fn refresh_tokens_are_stored_only_as_hashes() {
        let token = random_token().unwrap();
        assert_ne!(token, random_token().unwrap());
        assert_ne!(token_hash(&token), token);
        assert_eq!(token_hash(&token), token_hash(&token));
    }
}
