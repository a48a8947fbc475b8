//! Limits the memory that bodies of requests hold at once, by address and in total.
//!
//! A body counts from its first byte until its request is answered. Credentials have an allowance
//! of their own, so that the uploads of others never keep anybody from logging in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::config::Limits;
use crate::protocol::error::{ErrorCode, Refusal};
use crate::telemetry::metrics::{Counter, Metrics};

/// Maximum size of a body with credentials, in bytes: the longest name, address and password, with
/// each character escaped.
pub(crate) const MAX_CREDENTIALS_BYTES: usize = 8 << 10;

/// Maximum number of bytes that bodies of credentials may hold at once: 64 of the largest from one
/// address, and 1,024 in total.
const CREDENTIALS_BY_ADDRESS: usize = 64 * MAX_CREDENTIALS_BYTES;
const CREDENTIALS_IN_ALL: usize = 1024 * MAX_CREDENTIALS_BYTES;

/// An address that holds up to so many bytes counts as a light sender. The last quarter of the
/// total allowance is for light senders only, so that a few heavy ones do not keep everybody else
/// from a small request.
const LITTLE: usize = 64 << 10;

/// The time after which a refused client is asked to try again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The allowances for bodies of this process; clones share them.
pub(crate) struct Bodies {
    credentials: Arc<Allowance>,
    others: Arc<Allowance>,
}

impl Bodies {
    /// Reads the allowances from the configuration, in which 0 means that there is no limit.
    pub(crate) fn new(limits: &Limits, metrics: &Metrics) -> Self {
        let refused = || metrics.rate_limited.of("bodies").cloned();
        let bound = |bytes: usize| if bytes == 0 { usize::MAX } else { bytes };
        Self {
            credentials: Arc::new(Allowance {
                by_address: CREDENTIALS_BY_ADDRESS,
                in_all: CREDENTIALS_IN_ALL,
                held: Mutex::default(),
                refused: refused(),
            }),
            others: Arc::new(Allowance {
                by_address: bound(limits.body_bytes_per_address),
                in_all: bound(limits.body_bytes),
                held: Mutex::default(),
                refused: refused(),
            }),
        }
    }

    /// Starts the accounting for a body of up to `max` bytes.
    pub(crate) fn begin(&self, address: IpAddr, max: usize) -> Body {
        let allowance = if max <= MAX_CREDENTIALS_BYTES {
            &self.credentials
        } else {
            &self.others
        };
        Body {
            allowance: Arc::clone(allowance),
            address,
            bytes: 0,
        }
    }
}

struct Allowance {
    by_address: usize,
    in_all: usize,
    held: Mutex<Held>,
    refused: Option<Counter>,
}

#[derive(Default)]
struct Held {
    by_address: HashMap<IpAddr, usize>,
    in_all: usize,
}

impl Allowance {
    fn held(&self) -> MutexGuard<'_, Held> {
        // A poisoned lock is harmless: both figures change together, and nothing in between can
        // panic.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, address: IpAddr, bytes: usize) -> Result<(), Refusal> {
        let mut held = self.held();
        let of_address = held.by_address.get(&address).copied().unwrap_or_default();
        // Heavy senders may not use the part that is reserved for light ones.
        let in_all = if of_address + bytes <= LITTLE {
            self.in_all
        } else {
            self.in_all - self.in_all / 4
        };
        let refusal = if of_address + bytes > self.by_address {
            let message = "too much is being sent from this address at once: wait and try again";
            Refusal::new(ErrorCode::RateLimited, message)
        } else if held.in_all + bytes > in_all {
            let message = "too much is being sent to this server at once: wait and try again";
            Refusal::new(ErrorCode::Overloaded, message)
        } else {
            held.by_address.insert(address, of_address + bytes);
            held.in_all += bytes;
            return Ok(());
        };
        if let Some(refused) = &self.refused {
            refused.inc();
        }
        Err(refusal.after(RETRY_AFTER))
    }

    fn give_back(&self, address: IpAddr, bytes: usize) {
        let mut held = self.held();
        held.in_all -= bytes;
        if let Some(of_address) = held.by_address.get_mut(&address) {
            *of_address -= bytes;
            if *of_address == 0 {
                held.by_address.remove(&address);
            }
        }
    }
}

/// A body that is being received. Its bytes are given back to the allowance when it is dropped.
pub(crate) struct Body {
    allowance: Arc<Allowance>,
    address: IpAddr,
    bytes: usize,
}

impl Body {
    /// Counts bytes that were received.
    ///
    /// # Errors
    /// `rate_limited` if the address exceeds its allowance, `overloaded` if the total allowance is
    /// exceeded.
    pub(crate) fn add(&mut self, bytes: usize) -> Result<(), Refusal> {
        if bytes > 0 {
            self.allowance.take(self.address, bytes)?;
            self.bytes += bytes;
        }
        Ok(())
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.allowance.give_back(self.address, self.bytes);
        }
    }
}

#[cfg(test)]
#[path = "tests/bodies.rs"]
mod tests;
