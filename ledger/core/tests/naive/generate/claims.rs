//! Random claims: mostly on the way to be credited, now and then returned, mended, objected to, rejected, or out of order.

use super::Posting;
use super::tape::{Raw, Tape};
use crate::day::Day;
use crate::facts::{Act, Event, Fact, Id};

/// The claims of a county, and whose they are.
pub const CLAIMS: [(Id, Id); 3] = [("K1", "T1"), ("K2", "T1"), ("K3", "T2")];

/// The claim that a deed stands under, if any: mostly one of the person whose it is.
pub fn over(fact: &Fact, word: u16) -> Option<Id> {
    let teacher = match fact {
        Fact::Attendance { teacher, .. }
        | Fact::LessonGiven { teacher, .. }
        | Fact::LessonObserved { teacher, .. }
        | Fact::SchoolTerm { teacher, .. }
        | Fact::Award { teacher, .. } => teacher,
        Fact::Topic { leads, .. } => &leads[0],
        Fact::Published { authors, .. } | Fact::Awarded { authors, .. } => &authors[0],
        _ => return None,
    };
    match (word % 15, *teacher) {
        (0 | 1, "T1") => Some("K1"),
        (2, "T1") => Some("K2"),
        (0..=2, "T2") | (11, _) => Some("K3"),
        _ => None,
    }
}

/// The step that comes next.
#[derive(Clone, Copy)]
enum At {
    Submit,
    School,
    County,
    Publish,
    Public,
    Credit,
}

/// All that is done to a claim of which these are the events.
pub fn postings(own: (Id, Id), raw: &Raw, under: &[u128], id: &mut impl FnMut() -> u128) -> Vec<Posting> {
    let mut tape = Tape::new(raw);
    let mut walk = Walk {
        own,
        early: tape.chance(10),
        postings: Vec::new(),
        submitted: 0,
        batch: String::new(),
        id,
    };
    let mut at = At::Submit;
    let steps = if tape.chance(75) { 16 } else { tape.pick(6) };
    for _ in 0..steps {
        at = walk.step(at, &mut tape, under);
    }
    walk.postings
}

struct Walk<'i, F> {
    own: (Id, Id),
    early: bool,
    postings: Vec<Posting>,
    submitted: u128,
    batch: String,
    id: &'i mut F,
}

impl<F: FnMut() -> u128> Walk<'_, F> {
    fn add(&mut self, act: Act) -> u128 {
        let number = u32::try_from(self.postings.len()).unwrap();
        let day = Day::of(2026, 9, 1);
        let id = (self.id)();
        let fact = Fact::Claim {
            claim: self.own.0,
            teacher: self.own.1,
            act,
        };
        self.postings.push(Posting {
            place: if self.early { 450 } else { 510 } + number * 20,
            event: Event {
                id,
                from: day,
                to: day,
                supersedes: None,
                claim: None,
                fact,
            },
        });
        id
    }

    fn step(&mut self, at: At, tape: &mut Tape<'_>, under: &[u128]) -> At {
        let submitted = self.submitted;
        if tape.chance(12) {
            return self.astray(at, tape);
        }
        match at {
            At::Submit => {
                // Mostly all that stands under it.
                let first = usize::from(under.len() > 1 && tape.chance(25));
                let what = under[first..].iter().take(20).copied().collect();
                self.submitted = self.add(Act::Submit { what });
                At::School
            }
            At::School => {
                self.add(Act::SchoolCheck { submitted });
                At::County
            }
            At::County => {
                self.add(Act::CountyCheck { submitted });
                At::Publish
            }
            At::Publish => {
                self.batch = format!("B{}{}", self.own.0, self.postings.len());
                let batch = self.batch.clone();
                self.add(Act::Publish { batch });
                At::Public
            }
            At::Public => {
                if tape.chance(25) {
                    self.objected(tape);
                }
                let batch = self.batch.clone();
                self.add(Act::EndPublicity { batch });
                At::Credit
            }
            At::Credit => {
                self.add(Act::Credit { submitted });
                At::Submit
            }
        }
    }

    /// Something else than the next step.
    fn astray(&mut self, at: At, tape: &mut Tape<'_>) -> At {
        let submitted = self.submitted;
        match tape.pick(8) {
            0..=2 => {
                self.add(Act::Return { submitted });
                At::Submit
            }
            3 => {
                self.add(Act::Reject { submitted });
                at
            }
            4 => {
                self.add(Act::Credit { submitted });
                at
            }
            5 => At::Submit,
            _ => {
                self.objected(tape);
                at
            }
        }
    }

    fn objected(&mut self, tape: &mut Tape<'_>) {
        let batch = self.batch.clone();
        let objection = self.add(Act::Object { batch });
        let upheld = tape.chance(40);
        if !tape.chance(20) {
            self.add(Act::Decide { objection, upheld });
        }
    }
}
