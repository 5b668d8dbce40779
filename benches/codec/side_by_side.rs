//! Ratios: each work once in turn, round after round, so that what else the
//! machine does meets all of them alike. Medians with quartiles.

use super::work::{self, Corpus, Work};
use super::works;

const ROUNDS: usize = 200;

/// Prints the tables of each corpus.
pub(crate) fn print() {
    for corpus in work::corpora() {
        let bytes: usize = corpus.streams.iter().map(bytes::Bytes::len).sum();
        println!("\n{}: {} streams, {bytes} bytes", corpus.name, corpus.streams.len());
        let [frames, payloads] = works(&corpus);
        compare(&frames, "a frame", &["crc32fast alone", "smithy, 16 KiB", "smithy, 1,400 bytes"]);
        compare(&payloads, "a delta", &["serde, the same types", "serde, derived"]);
    }
    each_payload();
}

/// Runs all and prints one line for each, with how many times longer the
/// references take.
fn compare(works: &[Work<'_>], unit: &str, references: &[&str]) {
    let mut times = vec![Vec::with_capacity(ROUNDS); works.len()];
    for _ in 0..ROUNDS {
        for (work, times) in works.iter().zip(&mut times) {
            let (time, items) = work.run();
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            times.push(time.as_nanos() as f64 / items as f64);
        }
    }
    for times in &mut times {
        times.sort_by(f64::total_cmp);
    }
    let quartile = |times: &[f64], quarter: usize| times[(times.len() - 1) * quarter / 4];
    let median_of = |name: &str| {
        let at = works.iter().position(|work| work.name == name).expect("a work of this name");
        quartile(&times[at], 2)
    };
    let heads: Vec<_> = references.iter().map(|name| format!("{name:>24}")).collect();
    println!("{:<24}{:>12}{:>22}{}", "", format!("ns {unit}"), "quartiles", heads.concat());
    for (work, times) in works.iter().zip(&times) {
        let [low, median, high] = [1, 2, 3].map(|quarter| quartile(times, quarter));
        let ratio = |name: &&str| format!("{:>22.2} x", median_of(name) / median);
        let ratios: Vec<_> = references.iter().map(ratio).collect();
        let quartiles = format!("{low:.1}..{high:.1}");
        println!("{:<24}{median:>12.1}{quartiles:>22}{}", work.name, ratios.concat());
    }
}

/// No payload full of escapes may be slower than by serde, so each has a table.
fn each_payload() {
    for message in work::all_messages(&work::escapes().streams) {
        let shown = String::from_utf8_lossy(message.payload()).into_owned();
        let shown: String = shown.chars().skip(39).take(40).collect();
        println!("\n{} bytes of payload: {shown}", message.payload().len());
        // As many as make a round long enough to be timed.
        let streams = vec![message.frame().repeat(100).into()];
        let [_, payloads] = works(&Corpus { name: "one payload", streams });
        compare(&payloads, "a delta", &["serde, the same types", "serde, derived"]);
    }
}
