//! What is kept until shortly before its end, and made anew by one for all.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::future::{FutureExt, Shared, WeakShared};

/// How long before its end a thing is replaced: as far as AWS lets two clocks
/// be apart, so that it is good by the service's clock too.
const MARGIN: Duration = Duration::from_mins(5);

/// How long a good thing is used on before a failed refresh is tried again: ten
/// times within the margin, and not at each request.
const PAUSE: Duration = Duration::from_secs(30);

/// How long is waited for a refresh before those who come begin another.
const HUNG: Duration = Duration::from_mins(1);

/// Tells the time. It must not ask the cache in its turn.
pub(super) type Clock = dyn Fn() -> SystemTime + Send + Sync;

/// Makes what is kept.
pub(super) trait Make: Send + Sync + 'static {
    /// What is kept.
    type Item: Ends + Clone + Send + Sync + 'static;
    /// Why there is none, told to all who waited.
    type Error: Clone + Send + Sync + 'static;

    /// Whether one made by a clock that was set back since is no good: what is
    /// signed with the time it was made at.
    const IS_DATED: bool;

    /// What those who wait are told where making panicked.
    fn panicked() -> Self::Error;

    /// Makes a new one.
    fn make(&self, now: &Clock) -> impl Future<Output = Result<Self::Item, Self::Error>> + Send;
}

/// What does not last.
pub(super) trait Ends {
    /// From when on it is no longer good. What says nothing of its end is
    /// given out and not kept.
    fn ends(&self) -> Option<SystemTime>;
}

type Outcome<M> = Result<<M as Make>::Item, <M as Make>::Error>;

/// A refresh under way. It lives for as long as somebody waits for it.
type Refresh<M> = Pin<Box<dyn Future<Output = Outcome<M>> + Send>>;

/// Gives out what `M` makes, each until shortly before its end. Clones share
/// it.
///
/// A thing is replaced 5 minutes before its end, or halfway to it where that is
/// less than 10 minutes away. One caller makes the new one, and the others go
/// on with the old, or wait for the same outcome if there is none. If that
/// caller is dropped, those who wait with it carry on, and if nobody does a
/// later caller begins anew. While an old one is good, a try is begun every 30 s
/// at most, so that one that fails or hangs holds up one caller; without one
/// that is good, all who waited get the error, and the next call tries anew.
pub(super) struct Cache<M: Make>(Arc<Shop<M>>);

struct Shop<M: Make> {
    maker: M,
    now: Box<Clock>,
    state: Mutex<State<M>>,
}

struct State<M: Make> {
    kept: Option<Kept<M::Item>>,
    refresh: Option<Begun<M>>,
}

/// A refresh, and when it was begun.
struct Begun<M: Make> {
    refresh: WeakShared<Refresh<M>>,
    at: SystemTime,
}

impl<M: Make> Begun<M> {
    /// The refresh, if somebody waits for it and it has not hung for too long.
    fn under_way(&self, now: SystemTime) -> Option<Shared<Refresh<M>>> {
        let age = now.duration_since(self.at).unwrap_or_default();
        self.refresh.upgrade().filter(|_| age < HUNG)
    }
}

/// A thing, its end and when to replace it.
struct Kept<T> {
    item: T,
    made: SystemTime,
    renew: SystemTime,
    ends: SystemTime,
}

/// What a caller has to do.
enum Step<M: Make> {
    Take(M::Item),
    Await(Shared<Refresh<M>>),
}

impl<M: Make> Cache<M> {
    /// Nothing is made yet.
    pub(super) fn new(maker: M, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        let state = Mutex::new(State { kept: None, refresh: None });
        Self(Arc::new(Shop { maker, now: Box::new(now), state }))
    }

    pub(super) fn maker(&self) -> &M {
        &self.0.maker
    }

    /// One that is good now.
    pub(super) async fn get(&self) -> Outcome<M> {
        match self.0.step() {
            Step::Take(item) => Ok(item),
            Step::Await(refresh) => refresh.await.or_else(|error| self.kept().ok_or(error)),
        }
    }

    /// What is kept, if it is good still.
    pub(super) fn kept(&self) -> Option<M::Item> {
        let state = self.0.state();
        let now = (self.0.now)();
        state.valid(now).map(|kept| kept.item.clone())
    }
}

impl<M: Make> Clone for Cache<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M: Make> Shop<M> {
    fn step(self: &Arc<Self>) -> Step<M> {
        // The time is read under the lock: one read before might lie before
        // the time that another caller has put into the state since.
        let mut state = self.state();
        let now = (self.now)();
        let valid = state.valid(now);
        if let Some(kept) = valid.filter(|kept| now < kept.renew) {
            return Step::Take(kept.item.clone());
        }
        match (state.refresh.as_ref().and_then(|begun| begun.under_way(now)), valid) {
            (Some(refresh), Some(kept)) => {
                let item = kept.item.clone();
                // Unlocked first: this may be the last to hold the refresh.
                drop(state);
                drop(refresh);
                Step::Take(item)
            }
            (Some(refresh), None) => Step::Await(refresh),
            (None, _) => {
                // Who hangs in this try, or is dropped in it, is alone in that.
                state.pause(now);
                let refresh: Refresh<M> = Box::pin(Arc::clone(self).refresh());
                let refresh = refresh.shared();
                state.refresh = refresh.downgrade().map(|refresh| Begun { refresh, at: now });
                Step::Await(refresh)
            }
        }
    }

    async fn refresh(self: Arc<Self>) -> Outcome<M> {
        // A panic would go to all who wait, though it is one provider's.
        let made = AssertUnwindSafe(self.maker.make(&*self.now)).catch_unwind().await;
        let made = made.unwrap_or_else(|_| Err(M::panicked()));
        let mut state = self.state();
        let now = (self.now)();
        state.refresh = None;
        let has_ended = |item: &M::Item| item.ends().is_some_and(|ends| ends <= now);
        let good = state.valid(now).map(|kept| kept.item.clone());
        match (made, good) {
            // A provider's own cache may be behind: what is good is kept.
            (Ok(item), Some(good)) if has_ended(&item) => {
                state.pause(now);
                Ok(good)
            }
            (Ok(item), _) => {
                state.kept = item.ends().map(|ends| Kept::new(item.clone(), ends, now));
                Ok(item)
            }
            (Err(error), _) => {
                state.pause(now);
                Err(error)
            }
        }
    }

    /// A panic in the caller's clock leaves nothing half done.
    fn state(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M: Make> State<M> {
    fn valid(&self, now: SystemTime) -> Option<&Kept<M::Item>> {
        let is_good = |kept: &&Kept<_>| now < kept.ends && (!M::IS_DATED || kept.has_come(now));
        self.kept.as_ref().filter(is_good)
    }

    /// Uses what is kept on for a while.
    fn pause(&mut self, now: SystemTime) {
        if let Some(kept) = &mut self.kept {
            kept.renew = now.checked_add(PAUSE).unwrap_or(now);
        }
    }
}

impl<T> Kept<T> {
    fn new(item: T, ends: SystemTime, now: SystemTime) -> Self {
        let left = ends.duration_since(now).unwrap_or_default();
        Self { item, made: now, renew: ends - MARGIN.min(left / 2), ends }
    }

    /// Not on a clock that was set back behind it by more than two clocks may
    /// be apart: a key made in a future that has not come is refused by the
    /// service.
    fn has_come(&self, now: SystemTime) -> bool {
        now.checked_add(MARGIN).is_none_or(|latest| self.made <= latest)
    }
}
