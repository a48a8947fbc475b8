//! Password hashes: argon2id, off the asynchronous threads, a bounded number at once.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::protocol::error::{ErrorCode, Refusal};

/// Each computation takes 19 MiB; logins beyond these wait.
const AT_ONCE: usize = 2;

/// Hashes and checks passwords (argon2id with the crate's defaults, which are OWASP's: 19 MiB, 2
/// passes).
#[derive(Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// Checked in place of an unknown user's, so that the answer takes as long.
    decoy: Arc<str>,
}

impl Passwords {
    /// Computes the decoy, which takes as long as one login.
    ///
    /// # Errors
    /// When the system has no randomness for a salt.
    pub fn new() -> Result<Self, String> {
        let decoy = hash("a password that nobody has")?;
        Ok(Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            decoy: decoy.into(),
        })
    }

    /// A new hash, in PHC form.
    ///
    /// # Errors
    /// `internal`, when the system has no randomness for a salt.
    pub async fn hash(&self, password: String) -> Result<String, Refusal> {
        self.compute(move || hash(&password))
            .await?
            .map_err(|error| {
                tracing::error!(error, "a password can't be hashed");
                Refusal::internal()
            })
    }

    /// Whether the password is the one of `stored`; without one it takes as long and says no.
    ///
    /// # Errors
    /// `overloaded`, when the process is ending.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Refusal> {
        let known = stored.is_some();
        let stored = stored.map_or_else(|| Arc::clone(&self.decoy), Into::into);
        let matches = self.compute(move || matches(&password, &stored)).await?;
        Ok(known && matches)
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let busy = || Refusal::new(ErrorCode::Overloaded, "the server is too busy right now");
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|_| busy())?;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await.map_err(|_| busy())
    }
}

fn hash(password: &str) -> Result<String, String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string())
        .map_err(|error| error.to_string())
}

fn matches(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|stored| {
        Argon2::default()
            .verify_password(password.as_bytes(), &stored)
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_passes() {
        let passwords = Passwords::new().unwrap();
        let stored = passwords.hash("correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(
            passwords
                .verify("correct horse".into(), Some(stored.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct house".into(), Some(stored))
                .await
                .unwrap()
        );
        let decoy = "a password that nobody has".to_owned();
        assert!(
            !passwords.verify(decoy, None).await.unwrap(),
            "the decoy is nobody's"
        );
    }
}
