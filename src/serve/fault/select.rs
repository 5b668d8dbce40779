//! Which faults a request gets: where they match, and when.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::ser::{Serialize, Serializer};

use super::error::FaultError;
use super::part::Part;
use super::{Fault, Rate, write};
use crate::operation::Target;
use crate::serve::chance;

/// A fault of a server's, and how often it was applied.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AppliedFault {
    /// The fault.
    pub fault: Arc<Fault>,
    /// To how many requests.
    pub applied: u64,
}

impl Serialize for AppliedFault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = write::object(&self.fault);
        object.insert("applied".to_owned(), self.applied.into());
        object.serialize(serializer)
    }
}

/// The faults of a server.
pub(in crate::serve) struct Faults {
    at_start: Vec<Arc<Fault>>,
    armed: Mutex<Vec<Armed>>,
}

struct Armed {
    fault: Arc<Fault>,
    /// How many requests were of its operation, model and tape.
    matched: u64,
    applied: u64,
}

/// What is known of a request when faults are chosen for it.
pub(in crate::serve) enum Stage<'a> {
    /// What is asked for.
    Asked,
    /// That it is let in.
    LetIn,
    /// The reply, and the name of its tape.
    Replied(Option<&'a str>),
    /// The reply, which a fault made.
    Faulted,
}

impl Faults {
    pub(in crate::serve) fn new(faults: Vec<Fault>) -> Result<Self, FaultError> {
        let at_start = check(faults)?;
        let armed = Mutex::new(arm(&at_start));
        Ok(Faults { at_start, armed })
    }

    /// Other faults in place of all.
    pub(in crate::serve) fn set(&self, faults: Vec<Fault>) -> Result<(), FaultError> {
        *self.lock() = arm(&check(faults)?);
        Ok(())
    }

    /// The faults of the start, none of them applied yet.
    pub(in crate::serve) fn reset(&self) {
        *self.lock() = arm(&self.at_start);
    }

    /// The faults that may still be applied, which may be others a moment later.
    pub(in crate::serve) fn left(&self) -> Vec<Arc<Fault>> {
        let all = self.lock();
        all.iter().filter(|armed| armed.is_left()).map(|armed| Arc::clone(&armed.fault)).collect()
    }

    pub(in crate::serve) fn list(&self) -> Vec<AppliedFault> {
        let applied = |armed: &Armed| AppliedFault {
            fault: Arc::clone(&armed.fault),
            applied: armed.applied,
        };
        self.lock().iter().map(applied).collect()
    }

    /// The faults that are applied to a request now, in order. `fits` says under
    /// the lock of all requests whether a fault finds its place: the one that
    /// answers or ends is asked for first.
    pub(in crate::serve) fn choose(
        &self,
        stage: &Stage<'_>,
        target: &Target,
        mut fits: impl FnMut(&Arc<Fault>) -> bool,
    ) -> Vec<Arc<Fault>> {
        let mut all = self.lock();
        let mut due: Vec<_> = Vec::new();
        for (i, armed) in all.iter_mut().enumerate() {
            if stage.looks_at(&armed.fault, target) {
                armed.matched += 1;
                due.extend(armed.is_due().then_some(i));
            }
        }
        let is_one = |i: &&usize| stage.takes(&all[**i].fault.kind.part()) == Some(Takes::One);
        let one = due.iter().filter(is_one).find(|i| fits(&all[**i].fault)).copied();
        let instead = one.and_then(|one| match all[one].fault.kind.part() {
            Part::Answer(instead) => Some(instead.is_silent()),
            Part::Clock(_) | Part::Head(_) | Part::End(..) | Part::Body(_) => None,
        });
        let others = due.into_iter().filter(|i| {
            let fault = &all[*i].fault;
            let part = fault.kind.part();
            let is_left = match (&part, instead) {
                (Part::Body(_), Some(_)) | (Part::Head(_), Some(true)) => false,
                (
                    Part::Clock(_)
                    | Part::Head(_)
                    | Part::Answer(_)
                    | Part::End(..)
                    | Part::Body(_),
                    Some(_) | None,
                ) => true,
            };
            stage.takes(&part) == Some(Takes::All) && is_left && fits(fault)
        });
        let mut chosen: Vec<_> = others.chain(one).collect();
        chosen.sort_unstable();
        chosen
            .into_iter()
            .map(|i| {
                all[i].applied += 1;
                Arc::clone(&all[i].fault)
            })
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Armed>> {
        // A list and counters, that a panic elsewhere leaves whole.
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many faults of a part a request may have.
#[derive(PartialEq, Eq)]
enum Takes {
    One,
    All,
}

impl Stage<'_> {
    /// Whether a fault is looked at here: each is once for a request.
    fn is_of(&self, fault: &Fault) -> bool {
        let part = fault.kind.part();
        let is_clock = matches!(part, Part::Clock(_));
        let before_handler = matches!(part, Part::Answer(_)) && fault.tape.is_none();
        match self {
            Stage::Asked => is_clock,
            Stage::LetIn => before_handler,
            Stage::Replied(_) | Stage::Faulted => !is_clock && !before_handler,
        }
    }

    /// Whether a fault is for a request that is at this point.
    pub(in crate::serve) fn looks_at(&self, fault: &Fault, target: &Target) -> bool {
        self.is_of(fault) && matches(fault, target, self)
    }

    fn takes(&self, part: &Part<'_>) -> Option<Takes> {
        match (self, part) {
            (Stage::Faulted, Part::Answer(_) | Part::End(..) | Part::Body(_)) => None,
            (_, Part::Answer(_) | Part::End(..)) => Some(Takes::One),
            (_, Part::Head(_) | Part::Body(_) | Part::Clock(_)) => Some(Takes::All),
        }
    }

    fn tape(&self) -> Option<&str> {
        match self {
            Stage::Replied(tape) => *tape,
            Stage::Asked | Stage::LetIn | Stage::Faulted => None,
        }
    }
}

impl Armed {
    /// Whether it may be applied once more.
    fn is_left(&self) -> bool {
        self.fault.times.is_none_or(|times| self.applied < times)
    }

    /// Whether it is the turn of the request that was counted last.
    fn is_due(&self) -> bool {
        let Fault { skip, rate, .. } = &*self.fault;
        self.matched > *skip && self.is_left() && rate.is_none_or(|rate| rate.takes(self.matched))
    }
}

impl Rate {
    /// Whether it takes the request of this number.
    fn takes(self, number: u64) -> bool {
        chance::share(self.seed, number) < self.rate
    }
}

fn check(faults: Vec<Fault>) -> Result<Vec<Arc<Fault>>, FaultError> {
    for (i, fault) in faults.iter().enumerate() {
        fault.check().map_err(|error| error.within(&format!("faults[{i}]")))?;
    }
    Ok(faults.into_iter().map(Arc::new).collect())
}

fn arm(faults: &[Arc<Fault>]) -> Vec<Armed> {
    let armed = |fault| Armed { fault: Arc::clone(fault), matched: 0, applied: 0 };
    faults.iter().map(armed).collect()
}

fn matches(fault: &Fault, target: &Target, stage: &Stage<'_>) -> bool {
    fault.operation.is_none_or(|operation| operation == target.operation())
        && fault.model.as_deref().is_none_or(|model| model == target.resource())
        && fault.tape.as_deref().is_none_or(|pattern| {
            stage.tape().is_some_and(|name| is_like(name.as_bytes(), pattern.as_bytes()))
        })
}

/// Whether a name is of a pattern, in which `*` stands for anything.
fn is_like(name: &[u8], pattern: &[u8]) -> bool {
    let (mut n, mut p) = (0, 0);
    // Where the last star is, and up to where it reaches.
    let mut star = None;
    while n < name.len() {
        match (pattern.get(p), star) {
            (Some(b'*'), _) => {
                star = Some((p, n));
                p += 1;
            }
            (Some(byte), _) if *byte == name[n] => {
                n += 1;
                p += 1;
            }
            (Some(_) | None, Some((at, reach))) => {
                star = Some((at, reach + 1));
                (p, n) = (at + 1, reach + 1);
            }
            (Some(_) | None, None) => return false,
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Operation;

    fn target() -> Target {
        Target::new(Operation::ConverseStream, "m").unwrap()
    }

    fn faults(texts: &[&str]) -> Faults {
        Faults::new(texts.iter().map(|text| text.parse().unwrap()).collect()).unwrap()
    }

    fn applied(faults: &Faults) -> Vec<&'static str> {
        let chosen = faults.choose(&Stage::Replied(Some("a/b.jsonl")), &target(), |_| true);
        chosen.iter().map(|fault| fault.kind.name()).collect()
    }

    #[test]
    fn a_fault_takes_the_requests_that_skip_and_times_say() {
        let faults = faults(&["cut,skip=1,times=2"]);
        let taken: Vec<_> = (0..5).map(|_| applied(&faults).len()).collect();
        assert_eq!(taken, [0, 1, 1, 0, 0]);
        assert_eq!(faults.list()[0].applied, 2);
        faults.reset();
        assert_eq!(faults.list()[0].applied, 0);
        assert_eq!([applied(&faults).len(), applied(&faults).len()], [0, 1]);
    }

    #[test]
    fn one_fault_ends_a_request_and_the_next_waits_for_the_next() {
        let faults = faults(&["cut,times=1", "pieces,size=1", "stall,times=1"]);
        assert_eq!(applied(&faults), ["cut", "pieces"]);
        assert_eq!(applied(&faults), ["pieces", "stall"]);
        assert_eq!(applied(&faults), ["pieces"]);
    }

    #[test]
    fn a_delay_is_not_spent_on_what_never_has_a_head() {
        let faults = faults(&["delay_head,ms=1,times=1", "stall,head=true,tape=*,times=1"]);
        assert_eq!(applied(&faults), ["stall"]);
        assert_eq!(applied(&faults), ["delay_head"]);
    }

    #[test]
    fn a_fault_that_finds_no_place_lets_another_have_the_request() {
        let faults = faults(&["cut,frame=9", "stall,frame=0"]);
        let fits = |fault: &Arc<Fault>| fault.kind.name() == "stall";
        let chosen = faults.choose(&Stage::Replied(None), &target(), fits);
        assert_eq!(chosen.len(), 1);
        assert_eq!(faults.list().iter().map(|fault| fault.applied).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn all_of_operation_model_and_tape_must_match() {
        for (text, count) in [
            ("cut,operation=ConverseStream,model=m,tape=a/b.jsonl", 1),
            ("cut,tape=a*l", 1),
            ("cut,tape=*", 1),
            ("cut,operation=Converse", 0),
            ("cut,model=n", 0),
            ("cut,tape=b.jsonl", 0),
        ] {
            assert_eq!(applied(&faults(&[text])).len(), count, "{text}");
        }
        let faults = faults(&["cut,tape=*"]);
        assert!(faults.choose(&Stage::Replied(None), &target(), |_| true).is_empty());
    }

    #[test]
    fn a_star_stands_for_anything() {
        for (name, pattern, expected) in [
            ("abc", "abc", true),
            ("abc", "*", true),
            ("", "*", true),
            ("", "", true),
            ("abc", "a*c", true),
            ("abcbc", "a*bc", true),
            ("abc", "*b*", true),
            ("abc", "a*b", false),
            ("abc", "ab", false),
            ("ab", "abc", false),
        ] {
            assert_eq!(is_like(name.as_bytes(), pattern.as_bytes()), expected, "{name} {pattern}");
        }
    }

    #[test]
    fn a_rate_takes_its_part_and_the_same_ones_again() {
        let taken = |seed| {
            let rate = Rate { rate: 0.25, seed };
            (1..=4000).filter(|number| rate.takes(*number)).collect::<Vec<_>>()
        };
        assert!((900..1100).contains(&taken(7).len()), "{}", taken(7).len());
        assert_eq!(taken(7), taken(7));
        assert_ne!(taken(7), taken(8));
        assert!((1..100).all(|number| Rate { rate: 1.0, seed: 0 }.takes(number)));
        assert!(!(1..100).any(|number| Rate { rate: 0.0, seed: 0 }.takes(number)));
    }
}
