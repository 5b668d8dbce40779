//! Chances that are the same for the same seed.

use std::time::Duration;

/// What each number of a row is from the one before: 2⁶⁴ over the golden ratio.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The `number`th output, counted from 1, of `SplitMix64` (Steele, Lea and Flood,
/// "Fast splittable pseudorandom number generators", 2014): any seed is as good
/// as another.
fn nth(seed: u64, number: u64) -> u64 {
    mix(seed.wrapping_add(number.wrapping_mul(STEP)))
}

fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// One seed of several numbers.
pub(crate) fn seed_of(numbers: [u64; 3]) -> u64 {
    numbers.into_iter().fold(0, |seed, number| mix(mix(seed) ^ number))
}

/// The `number`th chance of a seed: from 0 to below 1.
pub(super) fn share(seed: u64, number: u64) -> f64 {
    // The upper 53 bits are a double's.
    #[expect(clippy::cast_precision_loss, reason = "it has 53 bits")]
    let random = (nth(seed, number) >> 11) as f64 / (1_u64 << 53) as f64;
    random
}

/// Makes times longer or shorter by chance: the same seed, the same chances.
#[derive(Clone, Debug)]
pub(crate) struct Jitter {
    /// By how much at most: 0 not at all, 1 from nothing to twice.
    share: f64,
    seed: u64,
    drawn: u64,
}

impl Jitter {
    /// `share` is from 0 to 1.
    pub(crate) fn new(share: f64, seed: u64) -> Self {
        Self { share, seed, drawn: 0 }
    }

    /// The time, longer or shorter.
    pub(crate) fn of(&mut self, time: Duration) -> Duration {
        let factor = 1.0 + self.share * self.chance();
        let seconds = time.as_secs_f64() * factor.max(0.0);
        if self.share == 0.0 {
            return time;
        }
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// From -1 to below 1, by 32 of the bits.
    fn chance(&mut self) -> f64 {
        self.drawn = self.drawn.wrapping_add(1);
        let high = u32::try_from(nth(self.seed, self.drawn) >> 32).unwrap_or(u32::MAX);
        f64::from(high) / f64::from(1_u32 << 31) - 1.0
    }
}

/// Times one after the other, each a gap behind the one before. The same seed
/// gives the same times.
#[derive(Clone, Debug)]
pub(crate) struct Gaps {
    /// The time of the next one.
    pub(crate) next: Duration,
    pub(crate) gap: Duration,
    pub(crate) jitter: Jitter,
}

impl Iterator for Gaps {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let at = self.next;
        self.next = at.saturating_add(self.jitter.of(self.gap));
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn gaps(jitter: f64, seed: u64) -> Gaps {
        Gaps { next: 5 * MS, gap: 10 * MS, jitter: Jitter::new(jitter, seed) }
    }

    #[test]
    fn the_numbers_are_those_of_the_reference_implementation() {
        // Its first outputs for this seed.
        assert_eq!(nth(1_234_567, 1), 6_457_827_717_110_365_317);
        assert_eq!(nth(1_234_567, 2), 3_203_168_211_198_807_973);
        assert!((1..1000).all(|number| (0.0..1.0).contains(&share(7, number))));
    }

    #[test]
    fn without_jitter_all_gaps_are_the_same() {
        let times: Vec<_> = gaps(0.0, 1).take(4).collect();
        assert_eq!(times, [5, 15, 25, 35].map(|at| at * MS));
    }

    #[test]
    fn a_seed_gives_the_same_times_and_gaps_stay_within_the_jitter() {
        let times = |seed| gaps(0.5, seed).take(2000).collect::<Vec<_>>();
        assert_eq!(times(7), times(7));
        assert_ne!(times(7), times(8));
        let times = times(7);
        let gaps: Vec<_> = times.windows(2).map(|two| two[1].abs_diff(two[0])).collect();
        assert!(gaps.iter().all(|gap| (5 * MS..=15 * MS).contains(gap)));
        let (least, most) = (gaps.iter().min().unwrap(), gaps.iter().max().unwrap());
        assert!(*least < 6 * MS && *most > 14 * MS, "{least:?} {most:?}");
        let mean = *times.last().unwrap() / 2000;
        assert!((9 * MS..11 * MS).contains(&mean), "{mean:?}");
    }

    #[test]
    fn no_time_overflows() {
        let mut gaps =
            Gaps { next: Duration::MAX, gap: Duration::MAX, jitter: Jitter::new(1.0, 3) };
        assert!((0..100).all(|_| gaps.next() == Some(Duration::MAX)));
    }
}
