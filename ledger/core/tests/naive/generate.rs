//! Small random counties: a few people and policies, many things that happen on the same few days.

pub mod claims;
pub mod conversions;
pub mod events;
pub mod ladders;
pub mod people;
pub mod policies;
pub mod requirements;
pub mod tape;

use std::fmt;
use std::mem::discriminant;

use proptest::array::uniform24;
use proptest::collection::vec;
use proptest::prelude::*;

use self::policies::RawPolicy;
use self::tape::{Raw, Tape};
use crate::day::Day;
use crate::facts::{Event, Fact, Id};
use crate::model::Kind;

/// The words of a county.
#[derive(Clone)]
pub struct RawCounty {
    base: Raw,
    calendar: Raw,
    assignments: Vec<Raw>,
    projects: Vec<Raw>,
    sessions: Vec<Raw>,
    policies: Vec<RawPolicy>,
    events: Vec<Raw>,
    claims: Vec<Raw>,
    asks: Vec<Raw>,
    merges: Vec<Raw>,
}

/// Postings in their order, and what is asked of the ledger afterwards.
#[derive(Clone, Debug)]
pub struct County {
    pub events: Vec<Event>,
    pub asks: Vec<Ask>,
}

/// A period asked for about a teacher, when so many of the postings had been made.
#[derive(Clone, Debug)]
pub struct Ask {
    pub teacher: Id,
    /// As written: `2022`, `2022-2023`, `2022-2023-1`, `2022-09`, `2021..2025`.
    pub period: String,
    /// How many of the postings stand, in hundredths.
    pub share: usize,
}

fn raw() -> impl Strategy<Value = Raw> {
    uniform24(any::<u16>())
}

fn raw_policy() -> impl Strategy<Value = RawPolicy> {
    let rows = (
        vec(raw(), 1..=3),
        vec(raw(), 1..=4),
        vec(raw(), 1..=7),
        vec(raw(), 0..=3),
        vec(raw(), 0..=2),
    );
    (raw(), rows).prop_map(|(head, rows)| RawPolicy {
        head,
        versions: rows.0,
        requirements: rows.1,
        conversions: rows.2,
        caps: rows.3,
        substitutions: rows.4,
    })
}

/// The words of counties of all sizes.
pub fn raw_counties() -> impl Strategy<Value = RawCounty> {
    let places = (
        vec(raw(), 1..=5),
        vec(raw(), 2),
        vec(raw(), 3..=6),
        vec(raw_policy(), 1..=2),
        vec(raw(), 0..=60),
        vec(raw(), 2..=4),
        vec(raw(), 0..=3),
        vec(raw(), 0..=3),
    );
    (raw(), raw(), places).prop_map(|(base, calendar, places)| RawCounty {
        base,
        calendar,
        assignments: places.0,
        projects: places.1,
        sessions: places.2,
        policies: places.3,
        events: places.4,
        asks: places.5,
        claims: places.6,
        merges: places.7,
    })
}

/// The years in which much happens: from the one before to the one after the next.
fn busy_year(tape: &mut Tape<'_>) -> i64 {
    i64::try_from(tape.pick(4)).unwrap() + 2_020
}

/// Days on which much happens, many of them at the edge of some period.
fn hot_days(tape: &mut Tape<'_>, year: i64) -> Vec<Day> {
    let edges = [
        (3, 10),
        (1, 1),
        (12, 31),
        (1, 10),
        (2, 28),
        (6, 30),
        (8, 31),
        (9, 1),
        (10, 15),
        (5, 4),
        (3, 31),
        (2, 3),
    ];
    let mut days = Vec::new();
    for _ in 0..8 {
        let (month, day) = tape.one(&edges);
        days.push(Day::of(year + tape.one(&[0, 1, 1, 0, 2, -1]), month, day));
    }
    days
}

/// What the things of a county have in common.
pub struct Setting {
    pub year: i64,
    pub hot: Vec<Day>,
    /// How many of the sessions arrive.
    pub sessions: usize,
    /// Kinds that some policy credits.
    pub aims: Vec<Kind>,
    pub ids: Vec<u128>,
}

/// Something to post, and where in the order.
pub struct Posting {
    place: u32,
    event: Event,
}

/// The words say nothing to a reader; what is made of them is printed where it matters.
impl fmt::Debug for RawCounty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} events", self.events.len())
    }
}

impl RawCounty {
    /// The county that these words describe.
    pub fn county(&self) -> County {
        let mut base = Tape::new(&self.base);
        let year = busy_year(&mut base);
        let mut setting = Setting {
            year,
            hot: hot_days(&mut base, year),
            sessions: self.sessions.len(),
            aims: Vec::new(),
            ids: Vec::new(),
        };
        let mut postings = self.registers(&mut base, &mut setting);
        let count = postings.len() + self.events.len();
        setting.ids = (0..count).map(|place| self.id(place)).collect();
        for raw in &self.events {
            let anywhere = raw[23].is_multiple_of(4);
            let place = if anywhere { u32::from(raw[22]) % 1_000 } else { 500 };
            let event = events::event(raw, &setting);
            postings.push(Posting { place, event });
        }
        for (posting, id) in postings.iter_mut().zip(&setting.ids) {
            posting.event.id = *id;
        }
        let first = postings.len() - self.events.len();
        for (posting, raw) in postings[first..].iter_mut().zip(&self.events) {
            posting.event.claim = claims::over(&posting.event.fact, raw[18]);
        }
        for (number, raw) in self
            .events
            .iter()
            .enumerate()
            .filter(|(_, raw)| raw[20].is_multiple_of(7))
        {
            correct(&mut postings, first + number, raw[19]);
        }
        let mut next = count..;
        let mut id = || self.id(next.next().unwrap());
        for (own, raw) in claims::CLAIMS.into_iter().zip(&self.claims) {
            let under: Vec<u128> = postings
                .iter()
                .filter(|row| row.event.claim == Some(own.0))
                .map(|row| row.event.id)
                .collect();
            // One that claims nothing is not even sent.
            if !under.is_empty() {
                postings.extend(claims::postings(own, raw, &under, &mut id));
            }
        }
        postings.extend(self.merges.iter().map(|raw| people::merge(raw, id(), 1_000)));
        postings.sort_by_key(|posting| posting.place);
        County {
            events: postings.into_iter().map(|posting| posting.event).collect(),
            asks: self.asks.iter().map(|raw| ask(raw, &setting)).collect(),
        }
    }

    /// Scattered ids, all different, whose order says nothing about the order of posting.
    fn id(&self, place: usize) -> u128 {
        let place = u64::try_from(place).unwrap();
        let seed = u64::from(self.base[21]) << 16 | u64::from(self.base[22]);
        let mut word = seed.wrapping_add(place.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u128::from(word ^ (word >> 31)) << 32 | u128::from(place + 1_000)
    }

    /// People, posts, calendar, policies, projects and sessions.
    fn registers(&self, base: &mut Tape<'_>, setting: &mut Setting) -> Vec<Posting> {
        let mut postings = Vec::new();
        let mut add = |place: u32, from: Day, fact: Fact| {
            let (id, to) = (0, from);
            postings.push(Posting {
                place,
                event: Event {
                    id,
                    from,
                    to,
                    supersedes: None,
                    claim: None,
                    fact,
                },
            });
        };
        let start = Day::of(2019, 1, 1);
        for teacher in people::TEACHERS {
            add(0, start, people::person(teacher, base, setting.year));
        }
        // Mostly at first, now and then late.
        let place = |early: u32, base: &mut Tape<'_>| {
            if base.chance(15) {
                u32::from(base.word()) % 1_000
            } else {
                early
            }
        };
        let mut first_scope = None;
        for (id, raw) in ["PA", "PB"].into_iter().zip(&self.policies) {
            for policy in policies::policies(id, raw, setting.year) {
                setting.aims.extend(policy.conversions.iter().map(|row| row.kind));
                first_scope.get_or_insert(policy.scope[0]);
                let at = place(10, &mut Tape::new(&self.calendar));
                add(at, start, Fact::Policy(Box::new(policy)));
            }
        }
        let semesters = people::semesters(&self.calendar);
        let changed = people::changed_semester(base, &semesters);
        if !base.chance(8) {
            add(place(11, base), start, Fact::Calendar(semesters));
        }
        if base.chance(25) {
            add(place(700, base), start, Fact::Calendar(changed));
        }
        let wanted = first_scope.unwrap_or(keshi_core::codes::Post::Teacher);
        for (number, raw) in self.assignments.iter().enumerate() {
            let (from, fact) = people::assignment(number, raw, setting, wanted);
            add(if raw[23] % 8 == 7 { 800 } else { 12 }, from, fact);
        }
        for (number, raw) in self.projects.iter().enumerate() {
            let at = if raw[23] % 6 == 5 { 900 } else { 13 };
            add(at, start, people::project(number, raw));
        }
        for (number, raw) in self.sessions.iter().enumerate() {
            let event = people::session(number, raw, &setting.hot);
            add(if raw[23] % 6 == 5 { 850 } else { 14 }, event.from, event.fact);
        }
        postings
    }
}

/// Makes the posting a correction of another of its kind.
fn correct(postings: &mut [Posting], place: usize, word: u16) {
    let kind = |posting: &Posting| discriminant(&posting.event.fact);
    let own = kind(&postings[place]);
    let others = (0..postings.len()).filter(|other| *other != place && kind(&postings[*other]) == own);
    let others: Vec<usize> = others.collect();
    let is_correctable = !matches!(postings[place].event.fact, Fact::Void { .. });
    if is_correctable && !others.is_empty() {
        let original = others[usize::from(word) % others.len()];
        postings[place].event.supersedes = Some(postings[original].event.id);
        if !word.is_multiple_of(4) {
            postings[place].event.claim = postings[original].event.claim;
        }
    }
}

fn ask(raw: &Raw, setting: &Setting) -> Ask {
    let mut tape = Tape::new(raw);
    let (year, month, _) = tape.one(&setting.hot).plus(tape.one(&[0, 0, 0, 365, -365])).ymd();
    let half = tape.one(&[1, 2]);
    let period = match tape.pick(8) {
        0..=2 => format!("{year}"),
        3 => format!("{year}-{}", year + 1),
        4 => format!("{year}-{}-{half}", year + 1),
        5 => format!("{year}-{month:02}"),
        _ => format!("{}..{}", year - 1, year + tape.one(&[3, 0, 1])),
    };
    let teacher = people::TEACHERS[tape.one(&[0, 0, 0, 0, 0, 1, 2])];
    let share = if tape.chance(35) { tape.pick(100) } else { 100 };
    Ask { teacher, period, share }
}
