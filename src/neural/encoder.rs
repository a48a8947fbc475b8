//! The encoder of a process: it is loaded on first use, and bounded in threads and memory.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use moka::sync::Cache;
use rten::ThreadPool;

use super::encoded::Encoded;
use super::model::Loaded;
use super::sizes::{DIMENSIONS, EVIDENCE_ROWS};

/// Capacity of the cache of encoded texts, which all runs share, in bytes.
const KEPT: u64 = 24 * 1024 * 1024;
/// Maximum number of rows of a claim that the head reads.
const CLAIM_ROWS: usize = 64;

/// Encodes texts, and judges claims by encoded evidence.
pub struct Encoder {
    loaded: OnceLock<Option<Loaded>>,
    /// Thread pools that are not in use at the moment.
    idle: Mutex<Vec<Arc<ThreadPool>>>,
    /// The pool that callers share when none is idle.
    shared: Arc<ThreadPool>,
    kept: Cache<String, Arc<Encoded>>,
    /// Number of tokens that were encoded since the start.
    tokens: AtomicU64,
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").finish_non_exhaustive()
    }
}

impl Encoder {
    /// Makes an encoder that computes on so many threads at once, at least one. The model is loaded
    /// on first use.
    pub fn new(threads: usize) -> Self {
        Self::with_pools(threads, 1)
    }

    /// Makes an encoder with so many pools, each with so many threads for one computation.
    pub(super) fn with_pools(pools: usize, threads: usize) -> Self {
        let pool = || Arc::new(ThreadPool::with_num_threads(threads));
        let pools: Vec<Arc<ThreadPool>> = (0..pools.max(1)).map(|_| pool()).collect();
        Self {
            loaded: OnceLock::new(),
            shared: Arc::clone(&pools[0]),
            idle: Mutex::new(pools),
            kept: Cache::builder()
                .max_capacity(KEPT)
                .weigher(|text: &String, encoded: &Arc<Encoded>| {
                    u32::try_from(text.len() + encoded.size()).unwrap_or(u32::MAX)
                })
                .build(),
            tokens: AtomicU64::new(0),
        }
    }

    fn loaded(&self) -> Option<&Loaded> {
        let load = || match Loaded::new() {
            Ok(loaded) => Some(loaded),
            Err(why) => {
                tracing::error!(why, "the model of the binary can't be loaded");
                None
            }
        };
        self.loaded.get_or_init(load).as_ref()
    }

    /// Loads the model now. Returns false if that failed, which is logged.
    pub fn load(&self) -> bool {
        self.loaded().is_some()
    }

    /// Encodes a text, or returns it from the cache; `None` if the model failed, which is logged.
    pub fn encode(&self, text: &str) -> Option<Arc<Encoded>> {
        let loaded = self.loaded()?;
        self.kept.optionally_get_with_by_ref(text, || {
            match self.computing(|threads| loaded.encode(text, threads)) {
                Ok((encoded, tokens)) => {
                    self.tokens.fetch_add(tokens as u64, Ordering::Relaxed);
                    Some(Arc::new(encoded))
                }
                Err(why) => {
                    tracing::error!(why, "a text can't be encoded");
                    None
                }
            }
        })
    }

    /// Judges a claim by pieces of evidence in the order of the source. Returns the logits of
    /// supported, refuted and not enough information. Evidence beyond the length on which the head
    /// was trained is left out.
    pub fn judge(&self, claim: &Encoded, evidence: &[&Encoded]) -> Option<[f64; 3]> {
        let loaded = self.loaded()?;
        let mut rows: Vec<f32> = Vec::new();
        for sentence in evidence {
            let left = EVIDENCE_ROWS * DIMENSIONS - rows.len();
            let hidden = &sentence.hidden()[..sentence.read() * DIMENSIONS];
            rows.extend_from_slice(&hidden[..hidden.len().min(left)]);
        }
        let hidden = claim.hidden();
        let claim = &hidden[..hidden.len().min(CLAIM_ROWS * DIMENSIONS)];
        if rows.is_empty() || claim.is_empty() {
            return None;
        }
        match self.computing(|threads| loaded.judge(claim, rows, threads)) {
            Ok(logits) => Some(logits.map(f64::from)),
            Err(why) => {
                tracing::error!(why, "a claim can't be judged");
                None
            }
        }
    }

    /// Returns the number of tokens that were encoded since the start, by which tests check bounds.
    pub fn tokens(&self) -> u64 {
        self.tokens.load(Ordering::Relaxed)
    }

    /// Computes on an idle pool, or else queues on the shared one.
    fn computing<T>(&self, work: impl FnOnce(&Arc<ThreadPool>) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(pool) = idle().pop() else {
            return work(&self.shared);
        };
        let done = work(&pool);
        idle().push(pool);
        done
    }
}
