//! Password hashes: argon2id, off the asynchronous threads. A bounded number is computed at once, and a bounded
//! number waits.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::protocol::error::{ErrorCode, Refusal};

/// Memory of one computation, in KiB. OWASP asks for 19 MiB and two passes at least. Blocks of 32 MiB are
/// returned to the system when they are freed, which smaller ones are not (glibc's largest `M_MMAP_THRESHOLD`).
const MEMORY_KIB: u32 = 32 * 1024;

/// Passes over that memory.
const PASSES: u32 = 3;

/// Lanes: one thread computes a hash.
const LANES: u32 = 1;

/// Computations at once; together they take twice [`MEMORY_KIB`].
const AT_ONCE: usize = 2;

/// Requests that wait for a computation: a few seconds' worth. One more is refused at once, so that a flood of
/// logins fills neither the memory nor everybody's time.
const WAITING: usize = 64;

/// When whoever found the queue full is asked to come back.
const COME_BACK: Duration = Duration::from_secs(2);

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    computing: Arc<Semaphore>,
    /// A place in the queue, or at work.
    places: Arc<Semaphore>,
    /// Checked in place of an unknown user's, so that the answer takes as long.
    decoy: Arc<str>,
}

/// What became of a password that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// It is another one, or nobody's.
    No,
    /// It is the one.
    Yes,
    /// It is the one, and its hash was computed with weaker parameters than today's: the new hash.
    Renewed(String),
}

impl Passwords {
    /// Computes the decoy, which takes as long as one login.
    ///
    /// # Errors
    /// When the system has no randomness for a salt.
    pub fn new() -> Result<Self, String> {
        let decoy = hash("a password that nobody has")?;
        Ok(Self {
            computing: Arc::new(Semaphore::new(AT_ONCE)),
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            decoy: decoy.into(),
        })
    }

    /// A new hash, in PHC form.
    ///
    /// # Errors
    /// `internal`, when the system has no randomness for a salt; `overloaded`, when too many wait.
    pub async fn hash(&self, password: String) -> Result<String, Refusal> {
        self.compute(move || hash(&password)).await?.map_err(broken)
    }

    /// Whether the password is the one of `stored`; without one it takes as long and says no.
    ///
    /// # Errors
    /// `overloaded`, when too many wait or the process is ending.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Refusal> {
        let known = stored.is_some();
        let stored = stored.map_or_else(|| Arc::clone(&self.decoy), Into::into);
        let matches = self.compute(move || matches(&password, &stored)).await?;
        Ok(known && matches)
    }

    /// As [`Self::verify`]; where the right password has a hash of weaker parameters, computes a new one too.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub async fn verify_and_renew(
        &self,
        password: String,
        stored: Option<String>,
    ) -> Result<Verified, Refusal> {
        let known = stored.is_some();
        let stored = stored.map_or_else(|| Arc::clone(&self.decoy), Into::into);
        let work = move || {
            if !matches(&password, &stored) || !known {
                return Ok(Verified::No);
            }
            if is_strong(&stored) {
                return Ok(Verified::Yes);
            }
            hash(&password).map(Verified::Renewed)
        };
        self.compute(work).await?.map_err(broken)
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let busy = || {
            let message = "too many passwords are being checked: wait and try again";
            Refusal::new(ErrorCode::Overloaded, message).after(COME_BACK)
        };
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| busy())?;
        let permit = Arc::clone(&self.computing)
            .acquire_owned()
            .await
            .map_err(|_| busy())?;
        let done = tokio::task::spawn_blocking(move || {
            let _permits = (place, permit);
            work()
        });
        done.await.map_err(|_| busy())
    }
}

fn broken(error: String) -> Refusal {
    tracing::error!(error, "a password can't be hashed");
    Refusal::internal()
}

fn parameters() -> Result<Params, String> {
    Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| error.to_string())
}

fn hash(password: &str) -> Result<String, String> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters()?);
    let hash = argon2.hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string())
        .map_err(|error| error.to_string())
}

/// With the parameters that stand in the hash.
fn matches(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|stored| {
        Argon2::default()
            .verify_password(password.as_bytes(), &stored)
            .is_ok()
    })
}

/// Whether a hash was computed with today's parameters, or with stronger ones.
fn is_strong(stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|stored| {
        let is_argon2id = Algorithm::try_from(stored.algorithm.as_str()) == Ok(Algorithm::Argon2id);
        is_argon2id
            && Params::try_from(&stored)
                .is_ok_and(|used| used.m_cost() >= MEMORY_KIB && used.t_cost() >= PASSES)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of "correct horse", as earlier versions made them: 19 MiB and two passes.
    fn old_hash() -> String {
        let hash = Argon2::default().hash_password(b"correct horse").unwrap();
        assert!(hash.to_string().contains("m=19456,t=2,p=1"), "{hash}");
        hash.to_string()
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_passes() {
        let passwords = Passwords::new().unwrap();
        let stored = passwords.hash("correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=32768,t=3,p=1$"));
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

    #[tokio::test]
    async fn a_hash_of_weaker_parameters_is_renewed_by_the_right_password_only() {
        let passwords = Passwords::new().unwrap();
        let check = |password: &str, stored: &str| {
            let passwords = passwords.clone();
            let (password, stored) = (password.to_owned(), stored.to_owned());
            async move {
                let checked = passwords.verify_and_renew(password, Some(stored));
                checked.await.unwrap()
            }
        };
        let old = old_hash();
        assert_eq!(check("correct house", &old).await, Verified::No);
        let Verified::Renewed(new) = check("correct horse", &old).await else {
            panic!("not renewed");
        };
        assert_eq!(check("correct horse", &new).await, Verified::Yes);
        assert_eq!(check("correct house", &new).await, Verified::No);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn so_many_wait_and_one_more_is_refused_at_once() {
        let passwords = Passwords::new().unwrap();
        // Nobody gets to the computation while these are held.
        let held = Arc::clone(&passwords.computing)
            .acquire_many_owned(AT_ONCE as u32)
            .await
            .unwrap();
        let waiting: Vec<_> = (0..AT_ONCE + WAITING)
            .map(|_| {
                let passwords = passwords.clone();
                tokio::spawn(async move { passwords.verify("x".into(), None).await })
            })
            .collect();
        while passwords.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let refused = passwords.verify("x".into(), None).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Overloaded);
        assert_eq!(refused.retry_after, Some(COME_BACK));
        for one in waiting.into_iter().skip(4) {
            one.abort();
        }
        drop(held);
        while passwords.places.available_permits() < AT_ONCE + WAITING {
            tokio::task::yield_now().await;
        }
        assert_eq!(passwords.verify("x".into(), None).await, Ok(false));
    }
}
