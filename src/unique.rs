//! Names that are given once.

use std::hash::{BuildHasher, Hash, RandomState};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, ThreadId};
use std::time::SystemTime;

/// A random UUID (RFC 9562, version 4), to tell things apart and no secret:
/// std's randomness is good for that, with what differs where memory is copied.
pub(crate) fn uuid() -> String {
    mixed(&RandomState::new(), &Moment::now())
}

/// A random number from 0 to 1, to spread what would else come together.
#[cfg(feature = "client")]
pub(crate) fn fraction() -> f64 {
    let bits = RandomState::new().hash_one(Moment::now()) >> 32;
    f64::from(u32::try_from(bits).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

/// When and where a UUID is made. std seeds its keys once per thread, and a
/// forked process or a restored snapshot has the same; these it has not.
#[derive(Clone, Hash)]
struct Moment {
    process: u32,
    thread: ThreadId,
    time: SystemTime,
    /// A clock may stand still between two calls.
    count: u64,
}

impl Moment {
    fn now() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        Moment {
            process: process::id(),
            thread: thread::current().id(),
            time: SystemTime::now(),
            count: COUNT.fetch_add(1, Ordering::Relaxed),
        }
    }
}

fn mixed(keys: &RandomState, moment: &Moment) -> String {
    let (high, low) = (keys.hash_one((0, moment)), keys.hash_one((1, moment)));
    let high = high & 0xffff_ffff_ffff_0fff | 0x4000;
    let low = low & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
    let digits = format!("{:032x}", u128::from(high) << 64 | u128::from(low));
    [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]).join("-")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_copy_of_the_keys_in_another_process_or_later_gives_another_uuid() {
        let (keys, here) = (RandomState::new(), Moment::now());
        let copies = [
            here.clone(),
            Moment { process: here.process + 1, ..here.clone() },
            Moment { time: here.time + Duration::from_micros(1), ..here.clone() },
            Moment { count: here.count + 1, ..here.clone() },
            Moment { thread: thread::spawn(|| thread::current().id()).join().unwrap(), ..here },
        ];
        let ids: std::collections::HashSet<_> =
            copies.iter().map(|moment| mixed(&keys.clone(), moment)).collect();
        assert_eq!(ids.len(), copies.len());
    }

    #[cfg(feature = "client")]
    #[test]
    fn fractions_are_spread_from_0_to_1() {
        let mut tenths = [0; 10];
        for _ in 0..10_000 {
            let fraction = fraction();
            assert!((0.0..=1.0).contains(&fraction), "{fraction}");
            let tenth = (0..9_u8).filter(|i| fraction >= f64::from(i + 1) / 10.0).count();
            tenths[tenth] += 1;
        }
        // Of 1,000 each, ten standard deviations away.
        assert!(tenths.iter().all(|count| (700..1300).contains(count)), "{tenths:?}");
    }

    #[test]
    fn uuids_are_random_and_differ() {
        let ids: std::collections::HashSet<_> = (0..1000).map(|_| uuid()).collect();
        assert_eq!(ids.len(), 1000);
        for id in ids {
            assert_eq!(id.len(), 36, "{id}");
            for (i, c) in id.char_indices() {
                match i {
                    8 | 13 | 18 | 23 => assert_eq!(c, '-', "{id}"),
                    14 => assert_eq!(c, '4', "{id}"),
                    19 => assert!("89ab".contains(c), "{id}"),
                    _ => assert!(c.is_ascii_hexdigit() && !c.is_ascii_uppercase(), "{id}"),
                }
            }
        }
    }
}
