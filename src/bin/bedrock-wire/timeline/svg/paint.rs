//! Shapes and colours.

use std::fmt::{self, Write};

use crate::print::visible;

pub(super) const NEUTRAL: &str = "#747b85";
pub(super) const FIRST: &str = "#1f8a3b";
pub(super) const STALL: &str = "#d64545";
/// Of text.
pub(super) const TEXT: &str = "#3b7dd8";
/// Of reasoning.
pub(super) const REASONING: &str = "#a87400";
/// Of calls of tools.
pub(super) const TOOL: &str = "#a25fd3";
/// Of blocks of other kinds.
pub(super) const OTHER: &str = "#16857f";

/// Text of others' as XML has it: with what is markup escaped, and with what
/// no document may hold made visible.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// What a reader is told of a shape who rests on it, or hears it.
fn titled(shape: &str, title: &str, svg: &mut String) -> fmt::Result {
    if title.is_empty() {
        return writeln!(svg, "<{shape}/>");
    }
    let name = shape.split(' ').next().unwrap_or_default();
    writeln!(svg, "<{shape}><title>{}</title></{name}>", escaped(title))
}

/// When the head came.
pub(super) fn tick(x: f64, y: f64, title: &str, svg: &mut String) -> fmt::Result {
    let (from, to) = (y - 6.0, y + 6.0);
    let path = format!(
        r#"path class="head" d="M{x:.1} {from:.1}V{to:.1}" stroke="{NEUTRAL}" stroke-width="2""#
    );
    titled(&path, title, svg)
}

/// The first event.
pub(super) fn dot(x: f64, y: f64, fill: &str, title: &str, svg: &mut String) -> fmt::Result {
    let dot =
        format!(r#"circle class="first-event" cx="{x:.1}" cy="{y:.1}" r="4.5" fill="{fill}""#);
    titled(&dot, title, svg)
}

/// The first text.
pub(super) fn ring(x: f64, y: f64, stroke: &str, title: &str, svg: &mut String) -> fmt::Result {
    let ring = format!(
        r#"circle class="first-text" cx="{x:.1}" cy="{y:.1}" r="7" fill="none" stroke="{stroke}" stroke-width="1.5""#
    );
    titled(&ring, title, svg)
}

/// A block.
pub(super) fn triangle(x: f64, y: f64, fill: &str, title: &str, svg: &mut String) -> fmt::Result {
    let (left, top) = (x - 4.5, y - 3.5);
    let path =
        format!(r#"path class="block-start" d="M{left:.1} {top:.1}h9l-4.5 8z" fill="{fill}""#);
    titled(&path, title, svg)
}

/// A call of a tool.
pub(super) fn diamond(x: f64, y: f64, fill: &str, title: &str, svg: &mut String) -> fmt::Result {
    let top = y - 6.0;
    let path =
        format!(r#"path class="tool-call" d="M{x:.1} {top:.1}l6 6l-6 6l-6 -6z" fill="{fill}""#);
    titled(&path, title, svg)
}

/// The end of the message.
pub(super) fn square(x: f64, y: f64, fill: &str, title: &str, svg: &mut String) -> fmt::Result {
    let (left, top) = (x - 4.0, y - 4.0);
    let rect = format!(
        r#"rect class="message-stop" x="{left:.1}" y="{top:.1}" width="8" height="8" fill="{fill}""#
    );
    titled(&rect, title, svg)
}

/// A stall.
pub(super) fn band(
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    fill: &str,
    title: &str,
    svg: &mut String,
) -> fmt::Result {
    let rect = format!(
        r#"rect class="stall" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" fill="{fill}" fill-opacity=".25" stroke="{fill}" stroke-dasharray="3 2""#
    );
    titled(&rect, title, svg)
}

/// Bars that stand on `base`, by where and how tall.
pub(super) fn bars(bars: &[(f64, f64)], base: f64, stroke: &str, svg: &mut String) -> fmt::Result {
    if bars.is_empty() {
        return Ok(());
    }
    write!(svg, r#"<path class="arrivals" stroke="{stroke}" stroke-width="2" d=""#)?;
    for (x, height) in bars {
        write!(svg, "M{x:.1} {base:.1}v-{height:.1}")?;
    }
    writeln!(svg, r#""/>"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as in WCAG 2.2.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn every_colour_is_read_on_white_and_on_a_dark_page() {
        let dark = luminance("#0d1117");
        for colour in [NEUTRAL, FIRST, STALL, TEXT, REASONING, TOOL, OTHER] {
            let light = luminance(colour);
            // No colour can have more than 4.35 against both.
            assert!(1.05 / (light + 0.05) > 4.0, "{colour} on white");
            assert!((light + 0.05) / (dark + 0.05) > 4.0, "{colour} on {dark}");
        }
    }

    #[test]
    fn nothing_that_others_wrote_is_markup() {
        assert_eq!(
            escaped("<a b='c'>&\"\u{0}\u{1b}\u{ffff}"),
            "&lt;a b=&#39;c&#39;&gt;&amp;&quot;\\u{0}\\u{1b}\u{fffd}"
        );
    }
}
