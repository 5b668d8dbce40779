//! One answer over time.

use std::fmt::{self, Write};

use bedrock_wire::tape::{Mark, MarkKind, Micros, Timeline};

use super::super::{Named, table};
use super::axis::Axis;
use super::paint::{self, FIRST, NEUTRAL, OTHER, REASONING, STALL, TEXT, TOOL, escaped};
use super::{MARGIN, WIDTH};

/// From lane to lane.
pub(super) const HEIGHT: f64 = 124.0;

/// From the top of the lane: the title's baseline, the middle of the marks,
/// what the bars stand on, the line of blocks, and what is written under it.
const TITLE: f64 = 20.0;
const MARKS: f64 = 40.0;
const BASE: f64 = 86.0;
const LINE: f64 = 90.0;
const LABELS: f64 = 107.0;

/// The shortest and the tallest bar.
const BARS: (f64, f64) = (6.0, 34.0);

/// Of a character of a label, about.
const CHARACTER: f64 = 6.4;

/// The longest name that is written out, in characters.
const NAME: usize = 44;

pub(super) fn draw(named: &Named, axis: &Axis, top: f64, svg: &mut String) -> fmt::Result {
    writeln!(svg, r#"<g class="lane" transform="translate(0 {top:.1})">"#)?;
    writeln!(svg, "<title>{}</title>", escaped(&named.name))?;
    title(named, svg)?;
    let timeline = &named.timeline;
    if timeline.arrivals.is_none() && timeline.head.is_none() {
        let why = "the times are not on the tape";
        writeln!(svg, r#"<text x="{MARGIN}" y="{BASE}" font-style="italic">{why}</text>"#)?;
        return writeln!(svg, "</g>");
    }
    base_line(timeline, axis, svg)?;
    let segments = segments(timeline);
    stalls(timeline, axis, svg)?;
    bars(timeline, &segments, axis, svg)?;
    blocks(timeline, &segments, axis, svg)?;
    marks(timeline, axis, svg)?;
    writeln!(svg, "</g>")
}

fn title(named: &Named, svg: &mut String) -> fmt::Result {
    let name = escaped(&ending_of(&named.name, NAME));
    writeln!(
        svg,
        r#"<text class="name" x="{MARGIN}" y="{TITLE}" font-size="14" font-weight="600">{name}</text>"#
    )?;
    let figures = escaped(&figures(&named.timeline));
    let x = WIDTH - MARGIN;
    writeln!(svg, r#"<text class="figures" x="{x}" y="{TITLE}" text-anchor="end">{figures}</text>"#)
}

/// The end of a name: paths are told apart there.
fn ending_of(name: &str, length: usize) -> String {
    let count = name.chars().count();
    if count <= length {
        return name.to_owned();
    }
    ["…"]
        .into_iter()
        .map(str::to_owned)
        .chain([name.chars().skip(count - length).collect()])
        .collect()
}

/// `first event 428.9 ms · gap p50 48.0 p99 170.9 ms · 1949.1 ms · complete`
fn figures(timeline: &Timeline) -> String {
    let millis = |time| format!("{} ms", table::millis(time));
    let first = timeline.first_event.map(|at| format!("first event {}", millis(at)));
    let gaps = timeline
        .gaps
        .as_ref()
        .map(|gaps| format!("gap p50 {}, p99 {}", millis(gaps.p50), millis(gaps.p99)));
    let duration = timeline.duration.map(|at| format!("duration {}", millis(at)));
    let ending: String = timeline.ending.to_string().chars().take(NAME).collect();
    let parts: Vec<_> = first.into_iter().chain(gaps).chain(duration).chain([ending]).collect();
    parts.join(" · ")
}

/// Dashed while the answer is waited for.
fn base_line(timeline: &Timeline, axis: &Axis, svg: &mut String) -> fmt::Result {
    let arrivals = timeline.arrivals.as_deref().unwrap_or_default();
    let at = |at: Option<Micros>| at.map_or(MARGIN, |at| axis.x(at));
    let first = at(arrivals.first().map(|arrival| arrival.at).or(timeline.head));
    let last = at(arrivals.last().map(|arrival| arrival.at).or(timeline.head));
    writeln!(
        svg,
        r#"<path d="M{MARGIN:.1} {BASE}H{first:.1}" stroke="{NEUTRAL}" stroke-dasharray="2 3"/>"#
    )?;
    writeln!(svg, r#"<path d="M{first:.1} {BASE}H{last:.1}" stroke="{NEUTRAL}"/>"#)?;
    match timeline.head {
        Some(head) => {
            paint::tick(axis.x(head), BASE, &format!("head at {} ms", table::millis(head)), svg)
        }
        None => Ok(()),
    }
}

/// A time in which what comes is of one kind of block.
struct Segment<'a> {
    from: Micros,
    label: &'a str,
    colour: &'static str,
}

/// The segments in order, those of one kind that follow one another as one.
fn segments(timeline: &Timeline) -> Vec<Segment<'_>> {
    let mut segments: Vec<Segment<'_>> = Vec::new();
    for Mark { at, kind, .. } in &timeline.marks {
        let (label, colour) = match kind {
            MarkKind::BlockStart { kind, .. } => (kind.as_str(), colour_of(kind)),
            MarkKind::ToolCall { name, .. } => (name.as_str(), TOOL),
            MarkKind::MessageStop => ("", NEUTRAL),
            // Nothing begins with them.
            MarkKind::FirstEvent | MarkKind::FirstText | MarkKind::Stall { .. } | _ => continue,
        };
        let goes_on = segments.last().is_some_and(|last| last.label == label && colour != TOOL);
        if let Some(from) = at.filter(|_| !goes_on) {
            segments.push(Segment { from, label, colour });
        }
    }
    segments
}

fn colour_of(kind: &str) -> &'static str {
    match kind {
        "text" => TEXT,
        "reasoningContent" | "thinking" | "redacted_thinking" => REASONING,
        _ => OTHER,
    }
}

fn stalls(timeline: &Timeline, axis: &Axis, svg: &mut String) -> fmt::Result {
    for mark in &timeline.marks {
        let (Some(at), MarkKind::Stall { length }) = (mark.at, &mark.kind) else { continue };
        let (x, until) = (axis.x(at), axis.x(Micros(at.0.saturating_add(length.0))));
        let (top, said) = (BASE - BARS.1, format!("stall of {} ms", table::millis(*length)));
        paint::band(x, top, until - x, BARS.1, STALL, &said, svg)?;
        let middle = f64::midpoint(x, until);
        if written(&said) < until - x {
            let y = BASE - BARS.1 / 2.0 + 4.0;
            writeln!(
                svg,
                r#"<text x="{middle:.1}" y="{y}" text-anchor="middle" font-size="11" fill="{STALL}">{said}</text>"#
            )?;
        }
    }
    Ok(())
}

/// The bars, in the colour of the block that they come in.
fn bars(
    timeline: &Timeline,
    segments: &[Segment<'_>],
    axis: &Axis,
    svg: &mut String,
) -> fmt::Result {
    let arrivals = timeline.arrivals.as_deref().unwrap_or_default();
    let most = arrivals.iter().map(|arrival| arrival.bytes).max().unwrap_or(1).max(1);
    let mut segments = segments.iter().peekable();
    let (mut colour, mut bars) = (NEUTRAL, Vec::new());
    for arrival in arrivals {
        while let Some(next) = segments.next_if(|next| next.from <= arrival.at) {
            paint::bars(&bars, BASE, colour, svg)?;
            bars.clear();
            colour = next.colour;
        }
        push_bar(&mut bars, axis.x(arrival.at), tall(arrival.bytes, most));
    }
    paint::bars(&bars, BASE, colour, svg)
}

/// Of two bars in one place the taller is seen, and is enough.
fn push_bar(bars: &mut Vec<(f64, f64)>, x: f64, height: f64) {
    match bars.last_mut() {
        Some(last) if x - last.0 < 0.1 => last.1 = last.1.max(height),
        Some(_) | None => bars.push((x, height)),
    }
}

/// By the root, so that small ones are seen beside large ones.
#[expect(clippy::cast_precision_loss, reason = "a pixel is more than what is lost")]
fn tall(bytes: u64, most: u64) -> f64 {
    BARS.0 + (BARS.1 - BARS.0) * (bytes as f64 / most as f64).sqrt()
}

/// A line for each block, and its name where there is room.
fn blocks(
    timeline: &Timeline,
    segments: &[Segment<'_>],
    axis: &Axis,
    svg: &mut String,
) -> fmt::Result {
    let last = timeline.arrivals.as_ref().and_then(|arrivals| arrivals.last());
    let ends = segments.iter().skip(1).map(|next| next.from).chain(last.map(|last| last.at));
    let mut free = 0.0;
    for (segment, until) in segments.iter().zip(ends) {
        let (Segment { label, colour, .. }, x, until) =
            (segment, axis.x(segment.from), axis.x(until));
        if label.is_empty() {
            continue;
        }
        let width = (until - x).max(1.0);
        writeln!(
            svg,
            r#"<rect class="block" x="{x:.1}" y="{LINE}" width="{width:.1}" height="4" rx="2" fill="{colour}"><title>{}</title></rect>"#,
            escaped(label)
        )?;
        let end = x + written(label);
        if x >= free && end <= WIDTH - MARGIN / 2.0 {
            writeln!(
                svg,
                r#"<text x="{x:.1}" y="{LABELS}" font-size="11" fill="{colour}">{}</text>"#,
                escaped(label)
            )?;
            free = end + CHARACTER;
        }
    }
    Ok(())
}

/// How wide a label is, about.
#[expect(clippy::cast_precision_loss, reason = "a count of characters")]
fn written(label: &str) -> f64 {
    label.chars().count() as f64 * CHARACTER
}

fn marks(timeline: &Timeline, axis: &Axis, svg: &mut String) -> fmt::Result {
    for mark in &timeline.marks {
        let Some(at) = mark.at else { continue };
        let (x, when) = (axis.x(at), table::millis(at));
        match &mark.kind {
            MarkKind::FirstEvent => {
                paint::dot(x, MARKS, FIRST, &format!("first event at {when} ms"), svg)?;
            }
            MarkKind::FirstText => {
                paint::ring(x, MARKS, FIRST, &format!("first text at {when} ms"), svg)?;
            }
            MarkKind::BlockStart { index, kind } => {
                let said = format!("block {index}, {kind}, at {when} ms");
                paint::triangle(x, MARKS, colour_of(kind), &said, svg)?;
            }
            MarkKind::ToolCall { index, name } => {
                let said = format!("block {index}, call of {name}, at {when} ms");
                paint::diamond(x, MARKS, TOOL, &said, svg)?;
            }
            MarkKind::MessageStop => {
                paint::square(x, MARKS, NEUTRAL, &format!("message stops at {when} ms"), svg)?;
            }
            // Drawn under the bars; others are none that this program knows.
            MarkKind::Stall { .. } | _ => {}
        }
    }
    Ok(())
}
