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

/// The longest token that is looked at; ours have about 500 bytes.
const MAX_TOKEN_BYTES: usize = 4096;

/// What every token says, whichever key signs it.
pub struct Terms {
    issuer: String,
    audience: String,
    ttl: Duration,
}

impl Terms {
    /// `iss`, `aud`, and how long a new token is good.
    pub fn new(issuer: &str, audience: &str, ttl: Duration) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            ttl,
        }
    }

    /// How long a new token is good.
    pub const fn ttl(&self) -> Duration {
        self.ttl
    }
}

/// One key and its one algorithm: a token that names another, or none, is refused.
pub struct Key {
    id: String,
    algorithm: Algorithm,
    signing: Option<EncodingKey>,
    reading: DecodingKey,
}

impl Key {
    /// HS256 with a shared secret.
    pub fn hs256(secret: &SecretString) -> Self {
        let bytes = secret.expose_secret().as_bytes();
        Self {
            id: key_id(bytes),
            algorithm: Algorithm::HS256,
            signing: Some(EncodingKey::from_secret(bytes)),
            reading: DecodingKey::from_secret(bytes),
        }
    }

    /// EdDSA with an Ed25519 private key in PKCS #8 PEM.
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn eddsa(pem: &SecretString) -> Result<Self, String> {
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

    /// The same to read with only; a public key is enough.
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn eddsa_reading(pem: &SecretString) -> Result<Self, String> {
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

    /// Its name in the header of tokens.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key that a token says it is signed with, if it says so.
    ///
    /// # Errors
    /// When it is no token.
    pub fn named_in(token: &str) -> Result<Option<String>, BadToken> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(BadToken::Invalid);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| BadToken::Invalid)?;
        Ok(header.kid)
    }

    /// A new token.
    ///
    /// # Errors
    /// When the key can't sign, which would be a fault of the configuration.
    pub fn sign(
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
            nbf: now.timestamp(),
            exp: (now + ttl).timestamp(),
            jti: random_token()?,
            sid: family,
        };
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, &claims, signing).map_err(|error| error.to_string())
    }

    /// Reads a token.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn read(&self, terms: &Terms, token: &str) -> Result<Access, BadToken> {
        let mut validation = Validation::new(self.algorithm);
        validation.leeway = 0;
        // From `exp` on a token is over (RFC 7519, section 4.1.4); by itself the crate takes it for that second.
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

/// A name that says nothing of the key but which one it is.
fn key_id(key: &[u8]) -> String {
    let hash = Sha256::new()
        .chain_update(b"judge-auditor kid\0")
        .chain_update(key)
        .finalize();
    URL_SAFE_NO_PAD.encode(&hash[..12])
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

    /// Its public half: `openssl pkey -pubout`.
    const PUBLIC_PEM: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEABgcC15oCDMa5w4iNatU1LD3YhVcjZagY6SVd5tdCvWg=\n-----END PUBLIC KEY-----\n";

    fn key(secret: &str) -> Key {
        Key::hs256(&secret.to_owned().into())
    }

    fn terms(issuer: &str, audience: &str) -> Terms {
        Terms::new(issuer, audience, TTL)
    }

    fn ids() -> (UserId, FamilyId) {
        let user = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let family = "01890a5d-ac96-774b-bcce-b302099a8058".parse().unwrap();
        (user, family)
    }

    #[test]
    fn both_algorithms_sign_and_read() {
        let terms = terms("i", "a");
        let eddsa = Key::eddsa(&PEM.into()).unwrap();
        for key in [key("secret"), eddsa] {
            let (user, family) = ids();
            let token = key.sign(&terms, user, family, Utc::now()).unwrap();
            assert_eq!(Key::named_in(&token), Ok(Some(key.id().to_owned())));
            let access = key.read(&terms, &token).unwrap();
            assert_eq!((access.user, access.family), (user, family));
        }
    }

    #[test]
    fn a_public_key_reads_what_its_private_key_signed() {
        let (user, family) = ids();
        let (private, terms) = (Key::eddsa(&PEM.into()).unwrap(), terms("i", "a"));
        let token = private.sign(&terms, user, family, Utc::now()).unwrap();
        let public = Key::eddsa_reading(&PUBLIC_PEM.into()).unwrap();
        assert_eq!(public.id(), private.id());
        assert_eq!(public.read(&terms, &token).unwrap().user, user);
        assert!(public.sign(&terms, user, family, Utc::now()).is_err());
    }

    #[test]
    fn every_other_token_is_refused() {
        let (user, family) = ids();
        let (ours, good_terms) = (key("secret"), terms("i", "a"));
        let sign = |key: &Key, terms: &Terms, age: i64| {
            key.sign(terms, user, family, Utc::now() - TimeDelta::seconds(age))
                .unwrap()
        };
        let read = |token: &str| ours.read(&good_terms, token);
        // The first ends in this very second.
        for age in [900, 901] {
            let over = sign(&ours, &good_terms, age);
            assert_eq!(read(&over), Err(BadToken::Expired), "{age}");
        }
        let early = sign(&ours, &good_terms, -60);
        assert_eq!(read(&early), Err(BadToken::Invalid), "not yet valid");
        for (key, terms) in [
            (key("other"), terms("i", "a")),
            (key("secret"), terms("x", "a")),
            (key("secret"), terms("i", "x")),
            (Key::eddsa(&PEM.into()).unwrap(), terms("i", "a")),
        ] {
            assert_eq!(read(&sign(&key, &terms, 0)), Err(BadToken::Invalid));
        }

        let good = sign(&ours, &good_terms, 0);
        let (_, rest) = good.split_once('.').unwrap();
        let (payload, _) = rest.split_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        for forged in [
            format!("{none}.{payload}."),
            format!("{none}.{rest}"),
            String::new(),
        ] {
            assert_eq!(read(&forged), Err(BadToken::Invalid));
        }
        let endless = format!("{good}{}", "x".repeat(MAX_TOKEN_BYTES));
        assert_eq!(Key::named_in(&endless), Err(BadToken::Invalid));
    }

    #[test]
    fn refresh_tokens_are_stored_only_as_hashes() {
        let token = random_token().unwrap();
        assert_ne!(token, random_token().unwrap());
        assert_ne!(token_hash(&token), token);
        assert_eq!(token_hash(&token), token_hash(&token));
    }
}
