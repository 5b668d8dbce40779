//! From time to pixels.

use std::fmt::{self, Write};

use bedrock_wire::tape::Micros;

use super::super::{Named, table};
use super::paint::NEUTRAL;
use super::{MARGIN, WIDTH};

/// The one time axis of all lanes: from the request to the last byte of the
/// slowest answer.
pub(super) struct Axis {
    end: u64,
}

impl Axis {
    pub(super) fn of(named: &[Named]) -> Self {
        let ends = named.iter().flat_map(|named| {
            let timeline = &named.timeline;
            let last = timeline.arrivals.as_ref().and_then(|arrivals| arrivals.last());
            [timeline.duration, last.map(|last| last.at), timeline.head]
        });
        Axis { end: ends.flatten().max().map_or(1, |Micros(end)| end.max(1)) }
    }

    #[expect(clippy::cast_precision_loss, reason = "a pixel is wider than what is lost")]
    pub(super) fn x(&self, Micros(at): Micros) -> f64 {
        MARGIN + (WIDTH - 2.0 * MARGIN) * (at as f64 / self.end as f64)
    }

    /// Lines through all lanes, and their times under the last one.
    pub(super) fn draw(&self, bottom: f64, svg: &mut String) -> fmt::Result {
        writeln!(svg, r#"<g class="axis" font-size="11" text-anchor="middle">"#)?;
        let step = step(self.end);
        let ticks = (0..).map(|tick: u64| tick.saturating_mul(step));
        for at in ticks.take_while(|at| *at <= self.end) {
            let x = self.x(Micros(at));
            writeln!(
                svg,
                r#"<path d="M{x:.1} {:.1}V{bottom:.1}" stroke="{NEUTRAL}" stroke-opacity=".25"/>"#,
                super::TOP
            )?;
            writeln!(
                svg,
                r#"<text x="{x:.1}" y="{:.1}">{}</text>"#,
                bottom + 16.0,
                label(at, step)
            )?;
        }
        writeln!(svg, "</g>")
    }
}

/// Ten ticks at most, 1, 2 or 5 of a power of ten apart.
fn step(end: u64) -> u64 {
    let powers = std::iter::successors(Some(1_u64), |power| power.checked_mul(10));
    let mut steps = powers.flat_map(|power| [1, 2, 5].map(|times| power.saturating_mul(times)));
    steps.find(|step| end / step <= 10).unwrap_or(u64::MAX)
}

/// `0`, `250 ms`, `1.5 s`; no digit more than the step needs.
fn label(at: u64, step: u64) -> String {
    match (at, step) {
        (0, _) => "0".to_owned(),
        (_, 1_000_000..) => format!("{} s", at / 1_000_000),
        (_, 100_000..) => format!("{}.{} s", at / 1_000_000, at / 100_000 % 10),
        (_, 1_000..) => format!("{} ms", at / 1_000),
        _ => format!("{} ms", table::exact_millis(Micros(at))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_numbers_of_a_readable_unit() {
        assert_eq!(step(1_949_111), 200_000);
        assert_eq!(label(1_400_000, step(1_949_111)), "1.4 s");
        assert_eq!(step(96_652), 10_000);
        assert_eq!(label(30_000, step(96_652)), "30 ms");
        assert_eq!(label(15_000_000, step(60_000_000)), "15 s");
        assert_eq!(label(4, step(9)), "0.004 ms");
        assert_eq!(step(1), 1);
        assert!(u64::MAX / step(u64::MAX) <= 10);
    }

    #[test]
    fn the_axis_ends_at_the_margin() {
        let axis = Axis { end: 1000 };
        let x = [0, 500, 1000].map(|at| format!("{:.1}", axis.x(Micros(at))));
        assert_eq!(x, ["24.0", "480.0", "936.0"]);
    }
}
