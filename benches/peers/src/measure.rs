//! The same work by several, in turn, and what it took.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::table::{Goal, Row, Table};

/// How long a turn is at least: then it counts little what the turn before it
/// left in the caches, the branch predictor and the heap.
const TURN: Duration = Duration::from_millis(10);

/// Work done over and over.
enum Work<'w> {
    /// Done and timed here; it says how many units it did.
    Here(Box<dyn FnMut() -> u64 + 'w>),
    /// Done in another process, or timed in part: it says itself how many
    /// nanoseconds a unit took.
    TimedThere(Box<dyn FnMut() -> f64 + 'w>),
}

/// What is compared, and by which unit.
pub struct Comparison<'w> {
    title: String,
    unit: &'static str,
    clock: fn() -> Duration,
    subjects: Vec<(String, Work<'w>)>,
    goals: Vec<Goal>,
}

impl<'w> Comparison<'w> {
    /// By the time on the wall.
    pub fn new(title: impl Into<String>, unit: &'static str) -> Self {
        let (title, subjects, goals) = (title.into(), Vec::new(), Vec::new());
        Comparison { title, unit, clock: wall, subjects, goals }
    }

    /// By the CPU time of this process, all its threads and the kernel's work
    /// for them.
    pub fn of_cpu(title: impl Into<String>, unit: &'static str) -> Self {
        Comparison { clock: cpu, ..Self::new(title, unit) }
    }

    /// Adds a subject. All ratios are to the first one.
    pub fn subject(mut self, name: impl Into<String>, work: impl FnMut() -> u64 + 'w) -> Self {
        self.subjects.push((name.into(), Work::Here(Box::new(work))));
        self
    }

    /// Adds a subject that says itself what a unit took, in nanoseconds.
    pub fn timed_there(mut self, name: impl Into<String>, work: impl FnMut() -> f64 + 'w) -> Self {
        self.subjects.push((name.into(), Work::TimedThere(Box::new(work))));
        self
    }

    pub fn goal(mut self, goal: Goal) -> Self {
        self.goals.push(goal);
        self
    }

    /// Runs all in turn, so that the machine's moods are shared.
    pub fn run(mut self, rounds: usize) -> Table {
        let mut times = vec![Vec::with_capacity(rounds); self.subjects.len()];
        let counted: Vec<_> = self.subjects.iter_mut().map(|(_, work)| work.counted()).collect();
        for round in 0..rounds {
            for turn in 0..self.subjects.len() {
                let subject = (round + turn) % self.subjects.len();
                times[subject].push(self.subjects[subject].1.timed(self.clock));
            }
        }
        let rows = self.subjects.into_iter().zip(times).zip(counted);
        let rows = rows.map(|(((name, _), times), counted)| {
            let row = Row::new(name, times);
            match counted {
                Some([allocations, bytes]) => {
                    row.with("allocations", allocations).with("bytes", bytes)
                }
                None => row,
            }
        });
        Table::new(self.title, self.unit, rows.collect()).goals(self.goals)
    }
}

impl Work<'_> {
    /// Nanoseconds a unit, over a turn.
    fn timed(&mut self, clock: fn() -> Duration) -> f64 {
        let (start, mut units) = (clock(), 0);
        let (mut said, mut times) = (0.0, 0);
        loop {
            match self {
                Work::Here(work) => units += work(),
                Work::TimedThere(work) => (said, times) = (said + work(), times + 1),
            }
            let taken = clock() - start;
            if taken >= TURN {
                return match self {
                    Work::Here(_) => taken.as_nanos() as f64 / units as f64,
                    Work::TimedThere(_) => said / f64::from(times),
                };
            }
        }
    }

    /// Allocations and bytes allocated a unit, of what is done here.
    fn counted(&mut self) -> Option<[f64; 2]> {
        let Work::Here(work) = self else { return None };
        // Once before, so that what is made once is not counted.
        work();
        let mut units = 0;
        let info = allocation_counter::measure(|| units = work());
        let units = units as f64;
        Some([info.count_total as f64 / units, info.bytes_total as f64 / units])
    }
}

fn wall() -> Duration {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    START.elapsed()
}

pub fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let nanoseconds = u32::try_from(time.tv_nsec).expect("less than a second");
    Duration::new(u64::try_from(time.tv_sec).expect("a time since the start"), nanoseconds)
}
