//! The one encoder of a process: loaded when it is first wanted, bounded in threads and memory.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use moka::sync::Cache;
use rten::ThreadPool;

use super::encoded::Encoded;
use super::model::Loaded;
use super::sizes::{DIMENSIONS, EVIDENCE_ROWS};

/// Bytes of encoded texts that are kept, of all runs together.
const KEPT: u64 = 24 * 1024 * 1024;
/// Rows of a claim that the head reads at most.
const CLAIM_ROWS: usize = 64;

/// Encodes texts and judges claims by them.
pub struct Encoder {
    loaded: OnceLock<Option<Loaded>>,
    /// Pools of one thread that nobody computes on at the moment.
    idle: Mutex<Vec<Arc<ThreadPool>>>,
    /// The pool that is shared where none is idle.
    shared: Arc<ThreadPool>,
    kept: Cache<String, Arc<Encoded>>,
    /// Tokens that were encoded since the start.
    tokens: AtomicU64,
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").finish_non_exhaustive()
    }
}

impl Encoder {
    /// An encoder that computes on so many threads at once, at least one; it is loaded when it is first
    /// wanted.
    pub fn new(threads: usize) -> Self {
        Self::with_pools(threads, 1)
    }

    /// The same with so many threads for each computation.
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

    /// Loads the model now; false where that failed, of which the log tells.
    pub fn load(&self) -> bool {
        self.loaded().is_some()
    }

    /// A text, encoded now or before; none where the model failed, of which the log tells.
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

    /// What the head makes of a claim beside pieces of evidence, in the source's order: the logits of
    /// supported, refuted and not enough information. What is beyond what it was trained on is left out.
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

    /// Tokens that were encoded since the start: what bounds are tested by.
    pub fn tokens(&self) -> u64 {
        self.tokens.load(Ordering::Relaxed)
    }

    /// Computes on a pool that is idle, else behind somebody else.
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
