//! A line of arrivals for each tape, over one time axis.

use std::env;
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use bedrock_wire::tape::{Mark, MarkKind, Micros, Timeline};

use super::{Named, table};
use crate::print::{BOLD, DIM, visible};

const FIRST: Style = AnsiColor::Green.on_default();
const BLOCK: Style = AnsiColor::Blue.on_default();
const TOOL: Style = AnsiColor::Magenta.on_default();
const STALL: Style = AnsiColor::Red.on_default();

/// What there is to draw on.
#[derive(Clone, Copy)]
pub(super) struct Canvas {
    /// Columns.
    pub(super) width: usize,
    /// How little and how much comes, from the least to the most.
    pub(super) levels: &'static [char],
}

/// Where stdout is no terminal.
const WIDTH: usize = 80;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 6] = ['.', ':', '-', '=', '#', '@'];

impl Canvas {
    pub(super) fn of_stdout() -> Self {
        let terminal = console::Term::stdout();
        let columns = io::stdout().is_terminal().then(|| terminal.size_checked()).flatten();
        let width = columns.map_or(WIDTH, |(_, columns)| usize::from(columns)).clamp(20, 200);
        Canvas { width, levels: if shows_blocks() { &BLOCKS } else { &ASCII } }
    }
}

/// Whether whoever reads the output is likely to show block characters: what
/// is set for the locale says UTF-8. Windows has no such variables, and its
/// terminals do.
fn shows_blocks() -> bool {
    if env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return false;
    }
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    match ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set) {
        Some(locale) => {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        }
        None => cfg!(windows),
    }
}

/// Prints the strips of all tapes whose times are known.
pub(super) fn print(named: &[Named], canvas: Canvas, out: &mut impl Write) -> io::Result<()> {
    let end = named.iter().filter_map(|named| named.timeline.duration.or(last(&named.timeline)));
    let axis = Axis { end: end.max().unwrap_or(Micros(0)), columns: canvas.width };
    for Named { name, operation, timeline, .. } in named {
        let (name, operation) = (visible(name), visible(operation));
        let summary = table::summary(timeline);
        writeln!(out, "\n{BOLD}{name}{BOLD:#}  {operation}  {}", visible(&summary))?;
        if timeline.arrivals.is_some() {
            writeln!(out, "{}", arrivals(timeline, &axis, canvas.levels).trim_end())?;
            writeln!(out, "{}", marks(timeline, &axis).trim_end())?;
        }
    }
    if named.iter().all(|named| named.timeline.arrivals.is_none()) {
        return Ok(());
    }
    let end = format!("{} ms", table::millis(axis.end));
    writeln!(out, "{DIM}0{end:>width$}{DIM:#}", width = canvas.width - 1)?;
    legend(out)
}

fn legend(out: &mut impl Write) -> io::Result<()> {
    let entries = [
        (DIM, "h", "head"),
        (FIRST, "1", "first event"),
        (BLOCK, "b", "block"),
        (TOOL, "t", "tool call"),
        (STALL, "~", "stall"),
        (DIM, "|", "messageStop"),
    ];
    let entries = entries.map(|(style, sign, what)| format!("{style}{sign}{style:#} {what}"));
    writeln!(out, "{}", entries.join("  "))
}

fn last(timeline: &Timeline) -> Option<Micros> {
    timeline.arrivals.as_ref()?.last().map(|arrival| arrival.at)
}

/// From time to columns.
struct Axis {
    end: Micros,
    columns: usize,
}

impl Axis {
    /// The last column is that of the end.
    fn column(&self, at: Micros) -> usize {
        let last = self.columns.saturating_sub(1);
        let column = u128::from(at.0) * last as u128 / u128::from(self.end.0.max(1));
        usize::try_from(column).unwrap_or(last).min(last)
    }
}

/// How many bytes came in the time of each column, to the most of the strip.
fn arrivals(timeline: &Timeline, axis: &Axis, levels: &[char]) -> String {
    let mut bytes = vec![0_u64; axis.columns];
    for arrival in timeline.arrivals.iter().flatten() {
        if let Some(column) = bytes.get_mut(axis.column(arrival.at)) {
            *column += arrival.bytes;
        }
    }
    let most = bytes.iter().copied().max().unwrap_or(0).max(1);
    let level = |bytes: u64| {
        let top = levels.len() as u128 - 1;
        let level = usize::try_from(u128::from(bytes) * top / u128::from(most)).unwrap_or(0);
        if bytes == 0 { ' ' } else { levels[level] }
    };
    bytes.into_iter().map(level).collect()
}

/// The signs under a strip; where two meet, the rarer is seen.
fn marks(timeline: &Timeline, axis: &Axis) -> String {
    let mut signs: Vec<Option<(u8, Style, char)>> = vec![None; axis.columns];
    let mut put = |column: usize, rank: u8, style: Style, sign: char| {
        if let Some(place) = signs.get_mut(column)
            && place.is_none_or(|(there, ..)| there < rank)
        {
            *place = Some((rank, style, sign));
        }
    };
    if let Some(head) = timeline.head {
        put(axis.column(head), 0, DIM, 'h');
    }
    for Mark { at, kind, .. } in &timeline.marks {
        let Some(at) = *at else { continue };
        let column = axis.column(at);
        match kind {
            MarkKind::FirstEvent => put(column, 4, FIRST, '1'),
            MarkKind::BlockStart { .. } => put(column, 3, BLOCK, 'b'),
            MarkKind::ToolCall { .. } => put(column, 5, TOOL, 't'),
            MarkKind::MessageStop => put(column, 2, DIM, '|'),
            MarkKind::Stall { length } => {
                let until = axis.column(Micros(at.0.saturating_add(length.0)));
                (column + 1..until).for_each(|column| put(column, 1, STALL, '~'));
            }
            // Its time is in the table.
            MarkKind::FirstText | _ => {}
        }
    }
    let shown = |sign: Option<(u8, Style, char)>| {
        sign.map_or(" ".to_owned(), |(_, style, sign)| format!("{style}{sign}{style:#}"))
    };
    signs.into_iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use bedrock_wire::tape::Tape;

    use super::*;

    /// Of an answer of ten bytes in these pieces.
    fn timeline(pieces: &str) -> Timeline {
        let lines = format!(
            r#"{{"tape":1,"operation":"ConverseStream","model":"m"}}
{{"request":null}}
{{"response":{{"status":200,"headers":[["content-type","application/json"]],"at":0}}}}
{{"body_text":"0123456789"}}
{{"pieces":{pieces},"end":"complete"}}"#
        );
        Timeline::of(&Tape::read(lines.as_bytes(), "made").unwrap())
    }

    #[test]
    fn a_column_has_the_bytes_of_its_time_and_the_last_one_those_of_the_end() {
        let timeline = timeline("[[1,0],[1,50],[2,59],[6,100]]");
        let axis = Axis { end: Micros(100), columns: 11 };
        assert_eq!(arrivals(&timeline, &axis, &['1', '2', '3', '4', '5', '6', '7']), "2    4    7");
        assert_eq!(arrivals(&timeline, &axis, &ASCII), ".    -    @");
    }

    #[test]
    fn a_strip_of_no_time_and_of_one_column_is_drawn() {
        let axis = Axis { end: Micros(0), columns: 1 };
        assert_eq!(arrivals(&timeline("[[10,0]]"), &axis, &ASCII), "@");
        assert_eq!(axis.column(Micros(u64::MAX)), 0);
    }
}
