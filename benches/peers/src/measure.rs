//! The same work by several, in turn, and what it took.

use std::time::Instant;

use serde_json::{Value, json};

/// Work done over and over; it says how many units it did.
type Work<'w> = Box<dyn FnMut() -> u64 + 'w>;

/// What is compared, and by which unit.
pub struct Comparison<'w> {
    title: String,
    unit: &'static str,
    subjects: Vec<(&'static str, Work<'w>)>,
}

/// What one subject took.
struct Row {
    name: &'static str,
    /// Nanoseconds a unit: the quartiles and the median between them.
    quartiles: [f64; 3],
    allocations: f64,
    bytes: f64,
    peak: u64,
}

impl<'w> Comparison<'w> {
    pub fn new(title: impl Into<String>, unit: &'static str) -> Self {
        Comparison { title: title.into(), unit, subjects: Vec::new() }
    }

    /// Adds a subject. All ratios are to the first one.
    pub fn subject(mut self, name: &'static str, work: impl FnMut() -> u64 + 'w) -> Self {
        self.subjects.push((name, Box::new(work)));
        self
    }

    /// Runs all in turn, so that the machine's moods are shared, and prints.
    pub fn run(mut self, rounds: usize) -> Value {
        let mut times = vec![Vec::with_capacity(rounds); self.subjects.len()];
        let counted: Vec<_> = self.subjects.iter_mut().map(|(_, work)| counted(work)).collect();
        for round in 0..rounds {
            for turn in 0..self.subjects.len() {
                let subject = (round + turn) % self.subjects.len();
                let start = Instant::now();
                let units = (self.subjects[subject].1)();
                times[subject].push(start.elapsed().as_nanos() as f64 / units as f64);
            }
        }
        let rows: Vec<_> = self.subjects.iter().zip(times).zip(counted).map(row).collect();
        print(&self.title, self.unit, &rows);
        to_json(&self.title, self.unit, &rows)
    }
}

/// Allocations, bytes and the peak of one run, a unit.
fn counted(work: &mut Work<'_>) -> (f64, f64, u64) {
    // Once before, so that what is made once is not counted.
    work();
    let mut units = 0;
    let info = allocation_counter::measure(|| units = work());
    let units = units as f64;
    (info.count_total as f64 / units, info.bytes_total as f64 / units, info.bytes_max)
}

fn row(
    ((subject, mut times), counted): ((&(&'static str, Work<'_>), Vec<f64>), (f64, f64, u64)),
) -> Row {
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times[(times.len() - 1) * part / 4];
    let (allocations, bytes, peak) = counted;
    Row { name: subject.0, quartiles: [at(1), at(2), at(3)], allocations, bytes, peak }
}

fn print(title: &str, unit: &str, rows: &[Row]) {
    println!("\n{title}\n");
    println!("| | ns {unit} | quartiles | ratio | allocations {unit} | bytes {unit} |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for Row { name, quartiles: [low, median, high], allocations, bytes, .. } in rows {
        let ratio = median / rows[0].quartiles[1];
        println!(
            "| {name} | {median:.1} | {low:.1}-{high:.1} | {ratio:.2} | {allocations:.2} | {bytes:.0} |"
        );
    }
}

fn to_json(title: &str, unit: &str, rows: &[Row]) -> Value {
    let rows = rows.iter().map(|row| {
        json!({
            "name": row.name,
            "nanoseconds": {"q1": row.quartiles[0], "median": row.quartiles[1], "q3": row.quartiles[2]},
            "ratio": row.quartiles[1] / rows[0].quartiles[1],
            "allocations": row.allocations,
            "bytes_allocated": row.bytes,
            "peak_bytes": row.peak,
        })
    });
    json!({"title": title, "unit": unit, "rows": rows.collect::<Vec<_>>()})
}
