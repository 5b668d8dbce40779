//! Tapes above one another in a picture that stands alone: no script, no style
//! sheet, no font but the reader's. Its colours are as far from white as from
//! a dark background, so that it needs none of its own.

mod axis;
mod lane;
mod paint;

use std::fmt::{self, Write};

use self::axis::Axis;
use self::paint::{FIRST, NEUTRAL, STALL, TEXT, TOOL};
use super::Named;

/// Of the picture, in pixels.
const WIDTH: f64 = 960.0;

/// Left and right of what is drawn over time.
const MARGIN: f64 = 24.0;

/// Above the first lane.
const TOP: f64 = 8.0;

/// Under the last lane: the axis and the legend.
const BOTTOM: f64 = 72.0;

/// The picture; the same for the same tapes.
pub(super) fn draw(named: &[Named]) -> String {
    let mut svg = String::new();
    // A string takes everything.
    let _ = picture(named, &mut svg);
    svg
}

fn picture(named: &[Named], svg: &mut String) -> fmt::Result {
    #[expect(clippy::cast_precision_loss, reason = "a count of tapes")]
    let lanes = TOP + lane::HEIGHT * named.len() as f64;
    let height = lanes + BOTTOM;
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="timeline-title timeline-desc" font-family="ui-sans-serif, system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif" font-size="12" fill="{NEUTRAL}">"#
    )?;
    writeln!(svg, r#"<title id="timeline-title">When {} came</title>"#, answers(named.len()))?;
    writeln!(
        svg,
        r#"<desc id="timeline-desc">Each lane is an answer over the time since its request was sent; each bar is an arrival, taller with more bytes. The marks above it say what came, and the line below it which content block.</desc>"#
    )?;
    let axis = Axis::of(named);
    axis.draw(lanes, svg)?;
    for (named, top) in named.iter().zip(tops()) {
        lane::draw(named, &axis, top, svg)?;
    }
    legend(lanes + 56.0, svg)?;
    svg.write_str("</svg>\n")
}

fn answers(count: usize) -> String {
    if count == 1 { "an answer".to_owned() } else { format!("{count} answers") }
}

fn tops() -> impl Iterator<Item = f64> {
    std::iter::successors(Some(TOP), |top| Some(top + lane::HEIGHT))
}

fn legend(y: f64, svg: &mut String) -> fmt::Result {
    writeln!(svg, r#"<g class="legend">"#)?;
    let mut x = MARGIN;
    for (what, width) in [
        ("head", 64.0),
        ("first event", 98.0),
        ("first text", 90.0),
        ("block starts", 108.0),
        ("tool call", 88.0),
        ("message stops", 122.0),
        ("stall", 68.0),
        ("arrival, taller with more bytes", 200.0),
    ] {
        let (cx, cy) = (x + 6.0, y - 4.0);
        match what {
            "head" => paint::tick(cx, cy, "", svg)?,
            "first event" => paint::dot(cx, cy, FIRST, "", svg)?,
            "first text" => paint::ring(cx, cy, FIRST, "", svg)?,
            "block starts" => paint::triangle(cx, cy, TEXT, "", svg)?,
            "tool call" => paint::diamond(cx, cy, TOOL, "", svg)?,
            "message stops" => paint::square(cx, cy, NEUTRAL, "", svg)?,
            "stall" => paint::band(x, cy - 6.0, 12.0, 12.0, STALL, "", svg)?,
            _ => paint::bars(
                &[(x + 2.0, 6.0), (x + 6.0, 12.0), (x + 10.0, 9.0)],
                y + 1.0,
                TEXT,
                svg,
            )?,
        }
        writeln!(svg, r#"<text x="{:.1}" y="{y:.1}">{what}</text>"#, x + 18.0)?;
        x += width;
    }
    writeln!(svg, "</g>")
}
