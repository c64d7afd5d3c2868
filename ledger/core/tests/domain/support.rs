//! Given/when/then: a ledger in memory, and short ways to write events.

pub mod facts;
pub mod random;

use jiff::civil::Date;
use keshi_core::decide::{Decision, Originals, decide};
use keshi_core::entry::{Entry, Posted, Verdict};
use keshi_core::event::{Event, Fact};
use keshi_core::hours::Hours;
use keshi_core::ids::{EventId, OfficeCode, PosterId, SubmissionId, TeacherId};
use keshi_core::period::{Name, Period};
use keshi_core::policy::Meter;
use keshi_core::reason::ReasonCode;
use keshi_core::state::State;
use keshi_core::submission::{EventVerdict, Submission, Taking};
use keshi_core::time::Millis;
use uuid::Uuid;

/// The office whose ledger the tests keep.
pub const OFFICE: &str = "610729";

/// A ledger in memory: the live state, and the entries as the log has them.
#[derive(Clone)]
pub struct Ledger {
    pub state: State,
    pub entries: Vec<Entry>,
    pub today: Date,
}

pub fn id(number: u128) -> EventId {
    EventId::new(Uuid::from_u128(number))
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Noon of the day, China Standard Time.
pub fn noon(day: Date) -> Millis {
    let at = day.at(4, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap();
    Millis(at.timestamp().as_millisecond())
}

pub fn hours(text: &str) -> Hours {
    Hours::parse(text).unwrap()
}

/// An event of one day.
pub fn on(number: u128, date: &str, fact: impl Into<Fact>) -> Event {
    between(number, date, date, fact)
}

pub fn between(number: u128, from: &str, to: &str, fact: impl Into<Fact>) -> Event {
    Event::of(id(number), day(from), day(to), fact)
}

pub fn submission(taking: Taking, posted: Vec<Posted>, today: Date) -> Submission {
    Submission {
        submission_id: SubmissionId::new(Uuid::from_u128(1)),
        office: OfficeCode::new(OFFICE).unwrap(),
        poster: PosterId::new("clerk-1").unwrap(),
        received_at: noon(today),
        taking,
        events: posted,
    }
}

impl Ledger {
    /// An empty ledger, on 1 January 2024.
    pub fn new() -> Self {
        Self {
            state: State::new(),
            entries: Vec::new(),
            today: day("2024-01-01"),
        }
    }

    /// A ledger with two schools, and the teachers `T1` to `T4`, registered in 2010.
    pub fn county() -> Self {
        let mut ledger = Self::new();
        ledger.given(facts::county());
        ledger
    }

    pub fn size(&self) -> u64 {
        self.state.size()
    }

    /// Posts events one by one, all of which must be taken.
    pub fn given(&mut self, events: impl IntoIterator<Item = Event>) -> &mut Self {
        for event in events {
            let verdict = self.post(event);
            assert!(verdict.verdict.is_in_ledger(), "{verdict:?}");
        }
        self
    }

    /// Posts one event.
    pub fn post(&mut self, event: Event) -> EventVerdict {
        self.post_all(Taking::Each, vec![event]).remove(0)
    }

    pub fn post_all(&mut self, taking: Taking, events: Vec<Event>) -> Vec<EventVerdict> {
        let posted = events.into_iter().map(Posted::Event).collect();
        self.submit(&submission(taking, posted, self.today)).verdicts
    }

    /// Judges and records a submission.
    pub fn submit(&mut self, submission: &Submission) -> Decision {
        let originals = self.originals(submission);
        let decision = decide(&mut self.state, submission, &originals);
        for new in &decision.entries {
            let entry = new.to_entry(decision.recorded_at, submission).unwrap();
            assert_eq!(entry.index, self.entries.len() as u64);
            self.entries.push(entry);
        }
        assert_eq!(self.size(), self.entries.len() as u64);
        decision
    }

    /// The entries that the caller of `decide` fetches from the log.
    pub fn originals(&self, submission: &Submission) -> Originals {
        let mut originals = Originals::new();
        for key in submission.events.iter().map(Posted::key) {
            let entries = self.state.indices_of(key);
            let entries = entries.map(|index| self.entries[usize::try_from(index).unwrap()].clone());
            originals.insert(key, entries.collect());
        }
        originals
    }

    /// The state of only the first `size` entries, replayed from nothing.
    pub fn replayed(&self, size: u64) -> State {
        let mut state = State::new();
        for entry in self.entries.iter().take(usize::try_from(size).unwrap()) {
            state.evolve(entry);
        }
        state
    }

    pub fn period(&self, name: &str) -> Period {
        let semesters = self.state.at(self.size()).semesters();
        Name::parse(name).unwrap().resolve(&semesters).unwrap()
    }

    /// What a meter of the teacher's first section counts in a period.
    pub fn counted(&self, teacher: &str, meter: Meter, period: &str) -> String {
        let teacher = TeacherId::new(teacher).unwrap();
        let balance = self
            .state
            .at(self.size())
            .balance(&teacher, self.period(period))
            .unwrap()
            .unwrap();
        let meters = &balance.sections[0].meters;
        meters.iter().find(|(m, _)| *m == meter).unwrap().1.to_string()
    }

    /// Training hours in a period.
    pub fn hours(&self, teacher: &str, period: &str) -> String {
        self.counted(teacher, Meter::TrainingHours, period)
    }
}

/// Asserts a refusal for this reason.
#[track_caller]
pub fn assert_refused(verdict: &EventVerdict, code: ReasonCode) {
    assert_eq!(verdict.verdict, Verdict::Refused, "{verdict:?}");
    assert_eq!(
        verdict.reason.as_ref().map(|reason| reason.code),
        Some(code),
        "{verdict:?}"
    );
}

/// Asserts the verdict.
#[track_caller]
pub fn assert_verdict(verdict: &EventVerdict, expected: Verdict) {
    assert_eq!(verdict.verdict, expected, "{verdict:?}");
}
