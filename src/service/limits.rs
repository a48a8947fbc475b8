//! Rate limits by address, account and user (GCRA, by the crate `governor`). Some of them are
//! shared by all nodes on one database.

use std::fmt::Display;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota};

use crate::actors::fleet::OwnNode;
use crate::config;
use crate::domain::ids::{ApiKeyId, UserId};
use crate::protocol::error::{ErrorCode, Refusal};
use crate::store::fleet::rates::{self, Taking};
use crate::store::{Db, Store};
use crate::telemetry::metrics::{Counter, Metrics};

use super::refusals::refusal;

/// Maximum number of keys that a limit remembers, so that a flood of addresses does not exhaust
/// memory.
const MAX_KEYS: usize = 100_000;

/// Number of calls between two checks of the number of keys, since counting them has a cost.
const LOOK_EVERY: usize = 1024;

/// Returns the key by which addresses are limited: an IPv4 address itself, or the /64 network of an
/// IPv6 address, all of which belongs to one client.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & (u128::MAX << 64)).into()),
        v4 => v4,
    }
}

/// Minimum interval between two recorded uses of an API key. Without it, each request would be a
/// write to the database.
pub(super) const USE_IS_KEPT: Duration = Duration::from_secs(60);

/// A rate limit for each key, or no limit.
pub(crate) struct KeyedLimit<K: Clone + Hash + Eq> {
    keyed: Option<Keyed<K>>,
    refused: Option<Counter>,
}

struct Keyed<K: Clone + Hash + Eq> {
    quota: Quota,
    limiter: RwLock<DefaultKeyedRateLimiter<K>>,
    checks: AtomicUsize,
}

impl<K: Clone + Hash + Eq> KeyedLimit<K> {
    /// Allows `count` in each `window`, all at once if need be; 0 means no limit.
    pub(crate) fn new(count: u32, window: Duration) -> Self {
        let quota = NonZeroU32::new(count)
            .and_then(|n| Some(Quota::with_period(window / n.get())?.allow_burst(n)));
        Self {
            keyed: quota.map(|quota| Keyed {
                quota,
                limiter: RwLock::new(DefaultKeyedRateLimiter::keyed(quota)),
                checks: AtomicUsize::new(0),
            }),
            refused: None,
        }
    }

    /// Counts refusals in the metrics under a name.
    fn counted(self, metrics: &Metrics, name: &str) -> Self {
        Self {
            refused: metrics.rate_limited.of(name).cloned(),
            ..self
        }
    }

    /// Takes one unit from the allowance of the key.
    ///
    /// # Errors
    /// `rate_limited`, with the exact time until a unit is free.
    pub(crate) fn check(&self, key: &K) -> Result<(), Refusal> {
        let Some(keyed) = &self.keyed else {
            return Ok(());
        };
        if keyed.checks.fetch_add(1, Ordering::Relaxed) % LOOK_EVERY == LOOK_EVERY - 1 {
            keyed.bound();
        }
        keyed
            .read()
            .check_key(key)
            .map_err(|early| self.refuses(early.wait_time_from(DefaultClock::default().now())))
    }

    fn refuses(&self, wait: Duration) -> Refusal {
        if let Some(refused) = &self.refused {
            refused.inc();
        }
        too_many(wait)
    }

    /// Forgets keys whose allowance is full again.
    pub(super) fn sweep(&self) {
        if let Some(keyed) = &self.keyed {
            let limiter = keyed.read();
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

impl<K: Clone + Hash + Eq> Keyed<K> {
    fn read(&self) -> RwLockReadGuard<'_, DefaultKeyedRateLimiter<K>> {
        self.limiter.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bounds the number of keys. If so many are in use at once, all are forgotten: a client that
    /// controls that many addresses gains little by it, and no one else is refused.
    fn bound(&self) {
        if self.read().len() <= MAX_KEYS {
            return;
        }
        self.read().retain_recent();
        if self.read().len() > MAX_KEYS {
            *self.limiter.write().unwrap_or_else(PoisonError::into_inner) =
                DefaultKeyedRateLimiter::keyed(self.quota);
            tracing::warn!("a limit has seen too many addresses at once and starts anew");
        }
    }
}

/// The storage of limits that all nodes share.
#[derive(Clone)]
pub(crate) struct SharedRates {
    pub store: Store,
    pub node: OwnNode,
}

/// A rate limit for each key over all nodes, or no limit. Each node also applies it locally, so
/// that a flood is refused without a query; a process that is the only node does not query at all.
pub(crate) struct SharedLimit<K: Clone + Hash + Eq> {
    own: KeyedLimit<K>,
    name: &'static str,
    count: u32,
    window: Duration,
    shared: Option<SharedRates>,
}

impl<K: Clone + Hash + Eq + Display> SharedLimit<K> {
    /// Allows `count` in each `window`, all at once if need be; 0 means no limit. Refusals are
    /// counted under the limit's name.
    fn new(
        name: &'static str,
        (count, window): (u32, Duration),
        metrics: &Metrics,
        shared: Option<&SharedRates>,
    ) -> Self {
        Self {
            own: KeyedLimit::new(count, window).counted(metrics, name),
            name,
            count,
            window,
            shared: shared.cloned(),
        }
    }

    /// Takes one unit from the allowance of the key.
    ///
    /// # Errors
    /// `rate_limited`, with the exact time until a unit is free; `overloaded` if the shared count
    /// cannot be read.
    pub(crate) async fn check(&self, key: &K) -> Result<(), Refusal> {
        self.own.check(key)?;
        let Some(shared) = self
            .shared
            .as_ref()
            .filter(|shared| !shared.node.is_alone())
        else {
            return Ok(());
        };
        if self.count == 0 {
            return Ok(());
        }
        let taking = Taking {
            // PostgreSQL does not accept NUL, which an attempted name may contain.
            key: format!("{}:{key}", self.name).replace('\0', "\u{fffd}"),
            step: self.window / self.count,
            window: self.window,
        };
        let take = move |db: &mut Db| rates::take(db, &[taking]);
        match shared.store.write(take).await.map_err(refusal)? {
            None => Ok(()),
            Some(wait) => Err(self.own.refuses(wait)),
        }
    }

    /// Forgets keys whose allowance is full again.
    fn sweep(&self) {
        self.own.sweep();
    }
}

/// The rate limit of a single connection or API key.
pub(crate) struct Limit(Option<DefaultDirectRateLimiter>);

impl Limit {
    /// Allows `per_second` on average and `burst` at once; 0 means no limit.
    pub(crate) fn new(per_second: u32, burst: u32) -> Self {
        let quota = NonZeroU32::new(per_second).map(|rate| {
            Quota::per_second(rate).allow_burst(NonZeroU32::new(burst).unwrap_or(rate))
        });
        Self(quota.map(DefaultDirectRateLimiter::direct))
    }

    /// Allows `count` per minute, all at once if need be.
    pub(super) fn per_minute(count: NonZeroU32) -> Self {
        Self(Some(DefaultDirectRateLimiter::direct(Quota::per_minute(
            count,
        ))))
    }

    /// Takes one unit from the allowance.
    ///
    /// # Errors
    /// `rate_limited`, with the exact time until a unit is free.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let Some(limiter) = &self.0 else {
            return Ok(());
        };
        limiter
            .check()
            .map_err(|early| too_many(early.wait_time_from(DefaultClock::default().now())))
    }
}

fn too_many(wait: Duration) -> Refusal {
    // One millisecond more, so that a client that waits exactly this long is not early because of
    // rounding.
    let wait = Duration::from_millis(wait.as_millis() as u64 + 1);
    Refusal::new(
        ErrorCode::RateLimited,
        "too many requests: wait and try again",
    )
    .after(wait)
}

/// Factor by which an account accepts more logins from unknown addresses than one address may
/// attempt.
const STRANGERS: u32 = 5;

/// The rate limits of the process.
pub(crate) struct Limits {
    /// Login attempts from one address.
    pub logins_by_address: SharedLimit<IpAddr>,
    /// Login attempts to one account from addresses from which it has never been logged in to. The
    /// limit is higher than that of one address, so that a single attacker cannot use it up, and it
    /// never locks out the owner's own address.
    pub logins_by_strangers: SharedLimit<String>,
    /// Attempts by one user to change their password.
    pub password_changes: SharedLimit<UserId>,
    /// Registrations from one address.
    pub registrations: SharedLimit<IpAddr>,
    /// Refresh tokens that one address presents in order to renew a login or to end it.
    pub renewals: KeyedLimit<IpAddr>,
    /// New WebSocket connections from one address.
    pub connections: KeyedLimit<IpAddr>,
    /// Connections from one address that were refused for their origin. They are counted
    /// separately, so that a foreign page cannot use up the allowance of the person who views it.
    pub origins: KeyedLimit<IpAddr>,
    /// Look-ups of share links from one address.
    pub shared: KeyedLimit<IpAddr>,
    /// Runs that one user starts.
    pub starts: SharedLimit<UserId>,
    /// Deletions by one user.
    pub deletes: SharedLimit<UserId>,
    /// Computations of statistics for one user.
    pub statistics: SharedLimit<UserId>,
    /// Collections and documents that one user adds.
    pub uploads: SharedLimit<UserId>,
    /// Searches by one user.
    pub searches: SharedLimit<UserId>,
    /// Exports for one user.
    pub exports: SharedLimit<UserId>,
    /// Cost estimates for one user.
    pub estimates: SharedLimit<UserId>,
    /// Checks of answers, of their pieces and of statements by one user.
    pub checks: KeyedLimit<UserId>,
    /// Evaluations that one user creates.
    pub creates: SharedLimit<UserId>,
    /// Changes of feedback, share links, preferences and API keys by one user.
    pub writes: SharedLimit<UserId>,
    /// Recorded uses of an API key; further uses are not recorded, but also not refused.
    pub key_uses: KeyedLimit<ApiKeyId>,
}

impl Limits {
    /// `shared` is the storage of limits that hold over several nodes; `None` if there can be only
    /// one node.
    pub(crate) fn new(
        limits: &config::Limits,
        metrics: &Metrics,
        shared: Option<&SharedRates>,
    ) -> Self {
        const MINUTE: Duration = Duration::from_secs(60);
        const HOUR: Duration = Duration::from_secs(3600);
        let logins = limits.logins_per_minute;
        let own = |name, count| KeyedLimit::new(count, MINUTE).counted(metrics, name);
        let of_user = |name, count| SharedLimit::new(name, (count, MINUTE), metrics, shared);
        Self {
            logins_by_address: SharedLimit::new(
                "logins_by_address",
                (logins, MINUTE),
                metrics,
                shared,
            ),
            logins_by_strangers: SharedLimit::new(
                "logins_by_strangers",
                (logins.saturating_mul(STRANGERS), MINUTE),
                metrics,
                shared,
            ),
            registrations: SharedLimit::new(
                "registrations",
                (limits.registrations_per_hour, HOUR),
                metrics,
                shared,
            ),
            renewals: own("renewals", limits.renewals_per_minute),
            connections: own("connections", limits.connections_per_minute),
            origins: own("origins", limits.connections_per_minute),
            shared: own("shared", limits.shared_per_minute),
            password_changes: of_user("password_changes", logins),
            starts: of_user("starts", limits.starts_per_minute),
            deletes: of_user("deletes", limits.deletes_per_minute),
            statistics: of_user("statistics", limits.statistics_per_minute),
            uploads: of_user("uploads", limits.uploads_per_minute),
            searches: of_user("searches", limits.searches_per_minute),
            exports: of_user("exports", limits.exports_per_minute),
            estimates: of_user("estimates", limits.estimates_per_minute),
            checks: KeyedLimit::new(limits.checks_per_minute, MINUTE).counted(metrics, "checks"),
            creates: of_user("creates", limits.creates_per_minute),
            writes: of_user("writes", limits.writes_per_minute),
            key_uses: KeyedLimit::new(1, USE_IS_KEPT),
        }
    }

    /// Forgets keys that have been idle; to be called periodically.
    pub(crate) fn sweep(&self) {
        self.logins_by_address.sweep();
        self.logins_by_strangers.sweep();
        self.password_changes.sweep();
        self.registrations.sweep();
        self.renewals.sweep();
        self.connections.sweep();
        self.origins.sweep();
        self.shared.sweep();
        self.starts.sweep();
        self.deletes.sweep();
        self.statistics.sweep();
        self.uploads.sweep();
        self.searches.sweep();
        self.exports.sweep();
        self.estimates.sweep();
        self.checks.sweep();
        self.creates.sweep();
        self.writes.sweep();
        self.key_uses.sweep();
    }
}

#[cfg(test)]
#[path = "tests/limits.rs"]
mod tests;
