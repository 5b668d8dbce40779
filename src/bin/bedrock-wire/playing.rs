//! Which tape `replay` plays, and in which times.
#![allow(clippy::doc_markdown, reason = "the doc comments here are help texts")]

use std::time::Duration;

use bedrock_wire::replay::{MadeStream, MadeTiming, ReplayBuilder};
use bedrock_wire::tape::Scrub;

use crate::exit::Failure;
use crate::import;

#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("made_times").multiple(true))]
pub struct Playing {
    /// Compare of bodies only what this path leads to, such as $.messages[*].content; may be given
    /// several times
    #[arg(long, value_name = "PATH", conflicts_with = "any_body")]
    pub match_path: Vec<String>,
    /// Play the tapes once each and in the order given; a request out of order gets 404
    #[arg(long)]
    pub in_order: bool,
    /// Take account ids out of each request before its tape is looked for, as import --scrub does
    #[arg(long)]
    pub scrub: bool,
    /// Also replace what a regular expression finds in a request; may be given several times
    #[arg(long, value_names = ["REGEX", "TEXT"], num_args = 2, requires = "scrub")]
    pub replace: Vec<String>,
    /// Make times in place of the recorded ones: the first event this long after the request, such
    /// as 400ms
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, group = "made_times")]
    pub time_to_first_event: Option<Duration>,
    /// Make times in place of the recorded ones: so many events a second
    #[arg(long, value_name = "X", value_parser = rate, group = "made_times")]
    pub events_per_second: Option<f64>,
    /// How much longer or shorter each time that is made is by chance: from 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share, requires = "made_times")]
    pub jitter: Option<f64>,
    /// What the chances come from; the same gives the same times
    #[arg(long, value_name = "N", requires = "jitter")]
    pub seed: Option<u64>,
    /// Answer each ConverseStream that no tape answers with a stream of so many events of text, of 20
    /// or of so many bytes each, such as 100x20
    #[arg(long, value_name = "EVENTS[xBYTES]", value_parser = made)]
    pub made: Option<MadeStream>,
}

impl Playing {
    pub fn apply(self, builder: ReplayBuilder) -> Result<ReplayBuilder, Failure> {
        let timing = self.timing();
        let mut builder = builder.match_paths(self.match_path).in_order(self.in_order);
        if self.scrub {
            builder = builder.scrub(import::with_patterns(Scrub::new(), &self.replace)?);
        }
        if let Some(timing) = timing {
            builder = builder.timing(timing);
        }
        if let Some(made) = self.made {
            builder = builder.made(made);
        }
        Ok(builder)
    }

    fn timing(&self) -> Option<MadeTiming> {
        if self.time_to_first_event.is_none() && self.events_per_second.is_none() {
            return None;
        }
        let timing = MadeTiming::new()
            .first_event(self.time_to_first_event.unwrap_or_default())
            .jitter(self.jitter.unwrap_or_default())
            .seed(self.seed.unwrap_or_default());
        Some(match self.events_per_second {
            Some(rate) => timing.events_per_second(rate),
            None => timing,
        })
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        _ => Err("give a number above 0, such as 50".to_owned()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("give a number from 0 to 1, such as 0.2".to_owned()),
    }
}

/// How much text an event has if nothing is said: about a word or two, as
/// models send it.
const BYTES_OF_TEXT: u32 = 20;

fn made(text: &str) -> Result<MadeStream, String> {
    let (events, bytes) = match text.split_once('x') {
        Some((events, bytes)) => (events.parse(), bytes.parse()),
        None => (text.parse(), Ok(BYTES_OF_TEXT)),
    };
    match (events, bytes) {
        (Ok(events), Ok(bytes)) => Ok(MadeStream::new(events, bytes)),
        (Err(_), _) | (_, Err(_)) => {
            Err("give a number of events, and of bytes behind an x, such as 100x20".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Alone {
        #[arg(long)]
        any_body: bool,
        #[command(flatten)]
        playing: Playing,
    }

    fn timing(options: &[&str]) -> Option<MadeTiming> {
        let alone = Alone::parse_from(["program"].iter().chain(options));
        assert!(!alone.any_body);
        alone.playing.timing()
    }

    #[test]
    fn times_are_made_if_one_is_given() {
        assert_eq!(timing(&[]), None);
        let first = MadeTiming::new().first_event(Duration::from_millis(400));
        assert_eq!(timing(&["--time-to-first-event", "400ms"]), Some(first));
        let all = ["--events-per-second", "50", "--jitter", "0.2", "--seed", "7"];
        let rate = MadeTiming::new().events_per_second(50.0).jitter(0.2).seed(7);
        assert_eq!(timing(&all), Some(rate));
    }

    #[test]
    fn a_made_stream_is_events_and_bytes() {
        assert_eq!(made("100x30"), Ok(MadeStream::new(100, 30)));
        assert_eq!(made("7"), Ok(MadeStream::new(7, BYTES_OF_TEXT)));
        for wrong in ["", "x", "7x", "x7", "7x7x7", "-1", "1.5", "5000000000"] {
            assert!(made(wrong).is_err(), "{wrong}");
        }
    }
}
