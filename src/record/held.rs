//! How much waits in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// All that is held, and how much may be.
#[derive(Debug)]
pub(super) struct Room {
    held: Arc<AtomicU64>,
    most: u64,
}

impl Room {
    pub(super) fn of(most: u64) -> Self {
        Room { held: Arc::default(), most }
    }

    /// So many bytes, held until what they are of is dropped.
    pub(super) fn hold(&self, bytes: u64) -> Held {
        let mut held = Held { all: Arc::clone(&self.held), most: self.most, own: 0 };
        held.add(bytes);
        held
    }
}

/// What one exchange holds.
#[derive(Debug)]
pub(super) struct Held {
    all: Arc<AtomicU64>,
    most: u64,
    own: u64,
}

impl Held {
    pub(super) fn add(&mut self, bytes: u64) {
        self.own += bytes;
        self.all.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether there is more than may be, of all together.
    pub(super) fn is_too_much(&self) -> bool {
        self.all.load(Ordering::Relaxed) > self.most
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.all.fetch_sub(self.own, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_makes_room() {
        let room = Room::of(10);
        let mut one = room.hold(6);
        assert!(!one.is_too_much());
        let other = room.hold(5);
        assert!(other.is_too_much());
        drop(other);
        one.add(4);
        assert!(!one.is_too_much());
        drop(one);
        assert!(!room.hold(10).is_too_much());
    }
}
