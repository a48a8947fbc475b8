//! Password hashes: argon2id, computed on blocking threads. The number of concurrent computations
//! is bounded, and so is the queue.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::protocol::error::{ErrorCode, Refusal};

/// Memory of one computation, in KiB. OWASP recommends at least 19 MiB with two passes. Blocks of
/// 32 MiB are returned to the system when they are freed, which smaller ones are not (glibc's
/// largest `M_MMAP_THRESHOLD`).
const MEMORY_KIB: u32 = 32 * 1024;

/// Number of passes over that memory.
const PASSES: u32 = 3;

/// Number of lanes; one thread computes a hash.
const LANES: u32 = 1;

/// Maximum number of concurrent computations. Together they take twice [`MEMORY_KIB`].
const AT_ONCE: usize = 2;

/// Maximum number of requests in the queue, which is a few seconds of work. Further ones are
/// refused at once, so that a flood of logins neither exhausts memory nor delays everybody.
const WAITING: usize = 64;

/// Time after which a client that found the queue full is asked to try again.
const COME_BACK: Duration = Duration::from_secs(2);

/// Hashes and verifies passwords.
#[derive(Clone)]
pub(crate) struct Passwords {
    computing: Arc<Semaphore>,
    /// Permits for waiting in the queue or being computed.
    places: Arc<Semaphore>,
    /// A hash that is verified for an unknown user, so that the answer takes as long as for a known
    /// one.
    decoy: Arc<str>,
}

/// The result of verifying a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verified {
    /// The password is wrong, or the user is unknown.
    No,
    /// The password is right.
    Yes,
    /// The password is right, but its hash has weaker parameters than today's; holds a new hash.
    Renewed(String),
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self {
            computing: Arc::new(Semaphore::new(AT_ONCE)),
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            decoy: decoy().into(),
        }
    }

    /// Computes a new hash, in PHC string format.
    ///
    /// # Errors
    /// `internal` if the system provides no random bytes for a salt; `overloaded` if the queue is
    /// full.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Refusal> {
        self.compute(move || hash(&password)).await?.map_err(broken)
    }

    /// Returns whether the password matches `stored`. Without a stored hash it takes as long and
    /// returns false.
    ///
    /// # Errors
    /// `overloaded` if the queue is full or the process is about to exit.
    pub(crate) async fn verify(
        &self,
        password: String,
        stored: Option<String>,
    ) -> Result<bool, Refusal> {
        let known = stored.is_some();
        let stored = stored.map_or_else(|| Arc::clone(&self.decoy), Into::into);
        let matches = self.compute(move || matches(&password, &stored)).await?;
        Ok(known && matches)
    }

    /// Like [`Self::verify`], but also computes a new hash if the password is right and its hash
    /// has weaker parameters.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub(crate) async fn verify_and_renew(
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

/// Returns a hash of today's parameters that is of no known password: what is verified against it is
/// computed to the end and differs. To hash a password for this at each start would take as long as a
/// login.
fn decoy() -> String {
    // 16 bytes of salt and 32 bytes of hash, all of them zero, in Base64.
    let (salt, hash) = ("A".repeat(22), "A".repeat(43));
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}")
}

fn hash(password: &str) -> Result<String, String> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters()?);
    let hash = argon2.hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string())
        .map_err(|error| error.to_string())
}

/// Verifies a password with the parameters of the stored hash.
fn matches(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|stored| {
        Argon2::default()
            .verify_password(password.as_bytes(), &stored)
            .is_ok()
    })
}

/// Returns whether a hash was computed with at least today's parameters.
fn is_strong(stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|stored| {
        let is_argon2id = Algorithm::try_from(stored.algorithm.as_str()) == Ok(Algorithm::Argon2id);
        is_argon2id
            && Params::try_from(&stored)
                .is_ok_and(|used| used.m_cost() >= MEMORY_KIB && used.t_cost() >= PASSES)
    })
}

#[cfg(test)]
#[path = "tests/passwords.rs"]
mod tests;
