//! Heavy work in turns: few pieces at once, and one of each user, so that nobody waits for all that somebody
//! else has asked for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::ids::UserId;
use crate::protocol::error::{ErrorCode, Refusal};

/// When somebody who has too much under way may come again.
const COME_AGAIN: Duration = Duration::from_secs(2);

/// Places for one kind of work.
#[derive(Debug)]
pub struct Turns {
    places: Arc<Semaphore>,
    /// Bytes that those who wait and those at work may hold together.
    bytes: Arc<Semaphore>,
    most_of_a_user: usize,
    users: Mutex<HashMap<UserId, User>>,
}

/// What one user has under way.
#[derive(Debug)]
struct User {
    gate: Arc<Semaphore>,
    under_way: usize,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    _place: OwnedSemaphorePermit,
    _gate: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
    under_way: UnderWay,
}

/// That a user has something under way, until it is dropped.
#[derive(Debug)]
pub struct UnderWay {
    turns: Arc<Turns>,
    user: UserId,
}

impl Turn {
    /// Gives the place back, while what was made still counts as under way for its user.
    pub fn made(self) -> UnderWay {
        self.under_way
    }
}

impl Turns {
    /// So many places; a user has at most `most_of_a_user` pieces of work under way, one of them at work, and
    /// all users' pieces hold at most `bytes` together.
    pub fn new(places: usize, most_of_a_user: usize, bytes: usize) -> Arc<Self> {
        Arc::new(Self {
            places: Arc::new(Semaphore::new(places)),
            bytes: Arc::new(Semaphore::new(bytes)),
            most_of_a_user,
            users: Mutex::default(),
        })
    }

    /// Waits for a place for work that holds so many bytes.
    ///
    /// # Errors
    /// `rate_limited` where the user has enough under way, `overloaded` where all users have.
    pub async fn take(self: &Arc<Self>, user: UserId, bytes: usize) -> Result<Turn, Refusal> {
        let (gate, under_way) = self.enter(user)?;
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let bytes = Arc::clone(&self.bytes)
            .try_acquire_many_owned(bytes)
            .map_err(|_| {
                Refusal::new(
                    ErrorCode::Overloaded,
                    "the server has too much of this to do right now: wait and try again",
                )
                .after(COME_AGAIN)
            })?;
        let closed = |_| Refusal::internal();
        // The user's own turn first: whoever waits for it must not hold a place.
        let gate = gate.acquire_owned().await.map_err(closed)?;
        let place = Arc::clone(&self.places)
            .acquire_owned()
            .await
            .map_err(closed)?;
        Ok(Turn {
            _place: place,
            _gate: gate,
            _bytes: bytes,
            under_way,
        })
    }

    fn enter(self: &Arc<Self>, id: UserId) -> Result<(Arc<Semaphore>, UnderWay), Refusal> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        let user = users.entry(id).or_insert_with(|| User {
            gate: Arc::new(Semaphore::new(1)),
            under_way: 0,
        });
        if user.under_way >= self.most_of_a_user {
            return Err(Refusal::new(
                ErrorCode::RateLimited,
                "you have too many of these under way: wait for them and try again",
            )
            .after(COME_AGAIN));
        }
        user.under_way += 1;
        let under_way = UnderWay {
            turns: Arc::clone(self),
            user: id,
        };
        Ok((Arc::clone(&user.gate), under_way))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let users = &self.turns.users;
        let mut users = users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(user) = users.get_mut(&self.user) {
            user.under_way -= 1;
            if user.under_way == 0 {
                users.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::store::new_id;

    #[tokio::test]
    async fn one_users_work_never_holds_all_places() {
        let turns = Turns::new(2, 3, 100);
        let (nora, otto): (UserId, UserId) = (new_id(), new_id());
        let first = turns.take(nora, 10).await.unwrap();
        let mut second = Box::pin(turns.take(nora, 10));
        let mut third = Box::pin(turns.take(nora, 10));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(third.as_mut().now_or_never().is_none());
        let refused = turns.take(nora, 10).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::RateLimited);
        let others = turns.take(otto, 10).now_or_never().unwrap().unwrap();
        // Both places are taken; what ends lets the next of its user in.
        drop(first);
        let second = second.await.unwrap();
        drop((second, others));
        drop(third.await.unwrap());
        assert!(turns.users.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_waits_holds_a_bounded_number_of_bytes() {
        let turns = Turns::new(1, 9, 100);
        let held = turns.take(new_id(), 60).await.unwrap();
        let refused = turns.take(new_id(), 60).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Overloaded);
        drop(held);
        assert!(turns.take(new_id(), 100).await.is_ok());
    }

    #[tokio::test]
    async fn who_goes_away_while_waiting_leaves_nothing() {
        let turns = Turns::new(1, 2, 100);
        let user = new_id();
        let held = turns.take(user, 1).await.unwrap();
        let mut waiting = Box::pin(turns.take(user, 1));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop((waiting, held));
        assert!(turns.users.lock().unwrap().is_empty());
        assert!(turns.take(user, 100).now_or_never().unwrap().is_ok());
    }
}
