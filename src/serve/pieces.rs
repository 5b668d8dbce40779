//! The pieces of a body, and when each goes out.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

/// Pieces that many answers share: a clone is two pointers, however many pieces
/// there are.
#[derive(Clone, Debug)]
pub struct SharedPieces {
    bytes: Arc<[Bytes]>,
    times: Times,
}

#[derive(Clone, Debug)]
enum Times {
    At(Arc<[Duration]>),
    Every(Gaps),
}

impl SharedPieces {
    /// Pieces, each with its time since the head. Empty ones are left out.
    pub fn new(pieces: Vec<(Duration, Bytes)>) -> Self {
        let pieces = pieces.into_iter().filter(|(_, piece)| !piece.is_empty());
        let (times, bytes): (Vec<_>, Vec<_>) = pieces.unzip();
        Self { bytes: bytes.into(), times: Times::At(times.into()) }
    }

    /// The same pieces in times of this answer's own.
    pub(crate) fn every(self, gaps: Gaps) -> Self {
        Self { times: Times::Every(gaps), ..self }
    }

    /// The pieces with their times, as one answer has them.
    pub fn to_vec(&self) -> Vec<(Duration, Bytes)> {
        self.clone().into_timeline().collect()
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn into_timeline(self) -> Timeline {
        Timeline::new(Source::Shared { pieces: self, next: 0 })
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

/// Makes times longer or shorter by chance: the same seed, the same chances.
#[derive(Clone, Debug)]
pub(crate) struct Jitter {
    /// By how much at most: 0 not at all, 1 from nothing to twice.
    share: f64,
    state: u64,
}

impl Jitter {
    /// `share` is from 0 to 1.
    pub(crate) fn new(share: f64, seed: u64) -> Self {
        Self { share, state: seed }
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
        let high = u32::try_from(self.step() >> 32).unwrap_or(u32::MAX);
        f64::from(high) / f64::from(1_u32 << 31) - 1.0
    }

    /// `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number
    /// generators", 2014): any seed is as good as another.
    fn step(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }
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

/// What is left of one answer's pieces.
pub(super) struct Timeline {
    source: Source,
    /// The time of the piece that is next.
    due: Option<Duration>,
}

enum Source {
    Own(std::vec::IntoIter<(Duration, Bytes)>),
    Shared { pieces: SharedPieces, next: usize },
}

impl Timeline {
    fn new(mut source: Source) -> Self {
        Timeline { due: source.due(), source }
    }

    /// Pieces of this answer's alone, none of them empty.
    pub(super) fn own(pieces: Vec<(Duration, Bytes)>) -> Self {
        Self::new(Source::Own(pieces.into_iter()))
    }

    /// When the next piece goes out; `None` behind the last.
    pub(super) fn due(&self) -> Option<Duration> {
        self.due
    }
}

impl Iterator for Timeline {
    type Item = (Duration, Bytes);

    fn next(&mut self) -> Option<(Duration, Bytes)> {
        let piece = self.source.take()?;
        let at = self.due?;
        self.due = self.source.due();
        Some((at, piece))
    }
}

impl Source {
    fn due(&mut self) -> Option<Duration> {
        match self {
            Source::Own(pieces) => pieces.as_slice().first().map(|(at, _)| *at),
            Source::Shared { pieces: SharedPieces { bytes, times }, next } => {
                bytes.get(*next)?;
                match times {
                    Times::At(times) => times.get(*next).copied(),
                    Times::Every(gaps) => gaps.next(),
                }
            }
        }
    }

    fn take(&mut self) -> Option<Bytes> {
        match self {
            Source::Own(pieces) => pieces.next().map(|(_, piece)| piece),
            Source::Shared { pieces, next } => {
                *next += 1;
                pieces.bytes.get(*next - 1).cloned()
            }
        }
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

    #[test]
    fn shared_pieces_are_the_same_bytes_in_each_answer() {
        let piece = Bytes::from(vec![b'x'; 50]);
        let shared = SharedPieces::new(vec![
            (MS, piece.clone()),
            (MS, Bytes::new()),
            (3 * MS, piece.clone()),
        ]);
        for (pieces, times) in [(shared.clone(), [1, 3]), (shared.every(gaps(0.0, 0)), [5, 15])] {
            let pieces = pieces.to_vec();
            assert_eq!(
                pieces.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
                times.map(|at| at * MS)
            );
            assert!(pieces.iter().all(|(_, bytes)| bytes.as_ptr() == piece.as_ptr()));
        }
    }
}
