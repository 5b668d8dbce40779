//! The times between arrivals.

use super::super::piece::Micros;
use super::arrival::Arrival;
use super::mark::{Mark, MarkKind};

/// The times between arrivals, one after the other.
///
/// The percentiles are those of definition 7 of Hyndman and Fan, *Sample
/// Quantiles in Statistical Packages*, The American Statistician 50 (1996):
/// linear between the two nearest, as numpy, R and the method `inclusive` of
/// Python's `statistics.quantiles` have it; rounded to whole microseconds,
/// halves up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gaps {
    /// How many there are: one less than arrivals.
    pub count: u64,
    /// The median: half of the gaps are not longer.
    pub p50: Micros,
    /// The 95th percentile.
    pub p95: Micros,
    /// The 99th percentile.
    pub p99: Micros,
    /// The longest.
    pub max: Micros,
}

/// A stall is longer than this, however short the other gaps are.
const SHORTEST_STALL: Micros = Micros(1_000_000);

/// A stall is longer than so many times the median.
const MEDIANS: u64 = 10;

impl Gaps {
    /// The gaps between these; `None` if there are not two.
    pub(super) fn of(arrivals: &[Arrival]) -> Option<Self> {
        let mut gaps: Vec<_> = lengths(arrivals).map(|(_, length)| length.0).collect();
        gaps.sort_unstable();
        let max = Micros(*gaps.last()?);
        let percentile = |percent| Micros(percentile(&gaps, percent));
        let (p50, p95, p99) = (percentile(50), percentile(95), percentile(99));
        Some(Self { count: gaps.len() as u64, p50, p95, p99, max })
    }

    /// A gap longer than this is a stall: ten times the median, and a second
    /// at least.
    pub fn stall_over(&self) -> Micros {
        Micros(self.p50.0.saturating_mul(MEDIANS)).max(SHORTEST_STALL)
    }

    pub(super) fn stalls(&self, arrivals: &[Arrival]) -> impl Iterator<Item = Mark> {
        let over = self.stall_over();
        let stalls = lengths(arrivals).filter(move |(_, length)| *length > over);
        stalls.map(|(from, length)| Mark::new(Some(from), MarkKind::Stall { length }))
    }
}

/// Of each gap, when it begins and how long it is.
fn lengths(arrivals: &[Arrival]) -> impl Iterator<Item = (Micros, Micros)> {
    let pairs = arrivals.array_windows();
    pairs.map(|[one, next]| (one.at, Micros(next.at.0.saturating_sub(one.at.0))))
}

/// Of values in order, of which there is one at least.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = percent * sorted.len().saturating_sub(1);
    let (index, hundredths) = (rank / 100, rank % 100);
    let low = sorted.get(index).copied().unwrap_or_default();
    let high = sorted.get(index + 1).copied().unwrap_or(low);
    let part = (u128::from(high - low) * hundredths as u128 + 50) / 100;
    low + u64::try_from(part).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps_of(gaps: &[u64]) -> Option<Gaps> {
        let mut at = 7;
        let mut arrivals = vec![Arrival { at: Micros(at), bytes: 1, events: 1 }];
        for gap in gaps {
            at += gap;
            arrivals.push(Arrival { at: Micros(at), bytes: 1, events: 1 });
        }
        Gaps::of(&arrivals)
    }

    #[test]
    fn percentiles_are_those_of_pythons_statistics() {
        // Python's statistics.quantiles(gaps, n=100, method="inclusive"), of which
        // numpy 2.4 gives the same: numpy.percentile(gaps, [50, 95, 99]).
        let cases: [(&[u64], [f64; 3]); 6] = [
            (&[5], [5.0, 5.0, 5.0]),
            (&[10, 21], [15.5, 20.45, 20.89]),
            (&[3, 1, 2], [2.0, 2.9, 2.98]),
            (&[100, 200, 300, 400, 1_000], [300.0, 880.0, 976.0]),
            (
                &[34_171, 31_644, 34_279, 36_018, 50_284, 1_601, 39_199, 50_609, 38_823, 53_901],
                [37_420.5, 52_419.6, 53_604.72],
            ),
            (&[0, 0, 0, 0, 0, 0, 0, 0, 0, 2_000_000], [0.0, 1_100_000.0, 1_820_000.0]),
        ];
        for (gaps, expected) in cases {
            let found = gaps_of(gaps).unwrap();
            let found = [found.p50, found.p95, found.p99].map(|micros| micros.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
            let expected = expected.map(|value| (value + 0.5).floor() as u64);
            assert_eq!(found, expected, "{gaps:?}");
        }
    }

    #[test]
    fn one_arrival_has_no_gaps() {
        assert_eq!(gaps_of(&[]), None);
        assert_eq!(Gaps::of(&[]), None);
        assert_eq!(percentile(&[u64::MAX - 1, u64::MAX], 50), u64::MAX);
    }

    #[test]
    fn a_stall_is_over_ten_medians_and_over_a_second() {
        assert_eq!(gaps_of(&[50_000, 50_000]).unwrap().stall_over(), Micros(1_000_000));
        assert_eq!(gaps_of(&[200_000, 200_000]).unwrap().stall_over(), Micros(2_000_000));
        let at = |at| Arrival { at: Micros(at), bytes: 1, events: 1 };
        let arrivals = [0, 10, 20, 30, 1_000_030, 1_000_040, 2_000_041].map(at);
        let stalls: Vec<_> = Gaps::of(&arrivals).unwrap().stalls(&arrivals).collect();
        let stall = MarkKind::Stall { length: Micros(1_000_001) };
        assert_eq!(stalls, [Mark::new(Some(Micros(1_000_040)), stall)]);
    }
}
