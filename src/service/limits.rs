//! Who may do how much: rate limits by address, account and user (GCRA, by `governor`), some of them over all
//! nodes that share the database.

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

/// Most keys that a limit remembers: a flood of addresses must not take the memory.
const MAX_KEYS: usize = 100_000;

/// How many checks lie between two looks at the number of keys, which is not for nothing.
const LOOK_EVERY: usize = 1024;

/// What limits go by in the place of an address: an IPv4 address, or the /64 of an IPv6 address, of which a client
/// has all.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & (u128::MAX << 64)).into()),
        v4 => v4,
    }
}

/// How often it is kept that an API key was used. Each of its requests would be a write else.
pub(super) const USE_IS_KEPT: Duration = Duration::from_secs(60);

/// A limit for each key; or none.
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
    /// `count` a `window`, all of them at once if need be; 0 means no limit.
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

    /// The same, its refusals counted under a name.
    fn counted(self, metrics: &Metrics, name: &str) -> Self {
        Self {
            refused: metrics.rate_limited.of(name).cloned(),
            ..self
        }
    }

    /// Takes one from the key's allowance.
    ///
    /// # Errors
    /// `rate_limited`, with the true time until the next is free.
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

    /// Forgets keys that are back at their full allowance.
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

    /// Keeps the number of keys within bounds. Where so many are in use at once, all are forgotten:
    /// whoever has that many addresses gains little by it, and nobody is refused for it.
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

/// Where a limit is counted that all nodes share.
#[derive(Clone)]
pub(crate) struct SharedRates {
    pub store: Store,
    pub node: OwnNode,
}

/// A limit for each key over all nodes; or none. A flood at one node is refused there, without a question to the
/// database, and a process that is alone asks it nothing.
pub(crate) struct SharedLimit<K: Clone + Hash + Eq> {
    own: KeyedLimit<K>,
    name: &'static str,
    count: u32,
    window: Duration,
    shared: Option<SharedRates>,
}

impl<K: Clone + Hash + Eq + Display> SharedLimit<K> {
    /// `count` a `window`, all of them at once if need be; 0 means no limit. Its refusals are counted under its name.
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

    /// Takes one from the key's allowance.
    ///
    /// # Errors
    /// `rate_limited`, with the true time until the next is free; `overloaded` where the nodes' common count can't
    /// be had.
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
            // PostgreSQL takes no NUL, which a name that somebody tries may hold.
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

    /// Forgets keys that are back at their full allowance.
    fn sweep(&self) {
        self.own.sweep();
    }
}

/// A limit of one connection.
pub(crate) struct Limit(Option<DefaultDirectRateLimiter>);

impl Limit {
    /// `per_second` in the long run, `burst` at once; 0 means no limit.
    pub(crate) fn new(per_second: u32, burst: u32) -> Self {
        let quota = NonZeroU32::new(per_second).map(|rate| {
            Quota::per_second(rate).allow_burst(NonZeroU32::new(burst).unwrap_or(rate))
        });
        Self(quota.map(DefaultDirectRateLimiter::direct))
    }

    /// Takes one from the allowance.
    ///
    /// # Errors
    /// `rate_limited`, with the true time until the next is free.
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
    // A client that comes back exactly then must not be early by a rounding.
    let wait = Duration::from_millis(wait.as_millis() as u64 + 1);
    Refusal::new(
        ErrorCode::RateLimited,
        "too many requests: wait and try again",
    )
    .after(wait)
}

/// How many addresses' worth of logins one account takes from strangers.
const STRANGERS: u32 = 5;

/// The limits of the process.
pub(crate) struct Limits {
    /// Logins from one address.
    pub logins_by_address: SharedLimit<IpAddr>,
    /// Logins to one account from addresses that it has not been logged in to from: more than one
    /// address may have, so that one alone can't use it up, and nobody's own address is kept out by it.
    pub logins_by_strangers: SharedLimit<String>,
    /// Passwords that one user has tried in order to change the own.
    pub password_changes: SharedLimit<UserId>,
    /// New accounts from one address.
    pub registrations: SharedLimit<IpAddr>,
    /// Refresh tokens that one address has brought, to renew a login or to end it.
    pub renewals: KeyedLimit<IpAddr>,
    /// New sockets from one address.
    pub connections: KeyedLimit<IpAddr>,
    /// Sockets refused for their origin, from one address; apart, so that a page elsewhere can't use up
    /// the allowance of whoever looks at it.
    pub origins: KeyedLimit<IpAddr>,
    /// Links looked up from one address.
    pub shared: KeyedLimit<IpAddr>,
    /// Starts of one user.
    pub starts: SharedLimit<UserId>,
    /// Deletions by one user.
    pub deletes: SharedLimit<UserId>,
    /// Statistics for one user.
    pub statistics: SharedLimit<UserId>,
    /// Collections and documents that one user adds.
    pub uploads: SharedLimit<UserId>,
    /// Searches by one user.
    pub searches: SharedLimit<UserId>,
    /// Files for one user.
    pub exports: SharedLimit<UserId>,
    /// Estimates for one user.
    pub estimates: SharedLimit<UserId>,
    /// Answers that one user has checked.
    pub checks: KeyedLimit<UserId>,
    /// Evaluations that one user makes.
    pub creates: SharedLimit<UserId>,
    /// Opinions, links, preferences and API keys of one user.
    pub writes: SharedLimit<UserId>,
    /// Uses of an API key that are kept; the others are not refused.
    pub key_uses: KeyedLimit<ApiKeyId>,
}

impl Limits {
    /// `shared`: where those are counted that hold over several nodes; none where there can be no other.
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

    /// Forgets who has not been seen for long; to be called now and then.
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
