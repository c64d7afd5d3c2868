//! Writing test workbooks, and a ledger to fold events into.

use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use keshi_core::decide::{Originals, decide};
use keshi_core::entry::Posted;
use keshi_core::event::{CalendarAdopted, DocumentPart, Event};
use keshi_core::ids::{CalendarId, EventId, OfficeCode, PosterId, Sha256, SubmissionId, TeacherId};
use keshi_core::policy::Policy;
use keshi_core::state::State;
use keshi_core::submission::{EventVerdict, Submission, Taking};
use keshi_core::time::Millis;
use keshi_proto::api_convert::event_from_api;
use keshi_sheets::columns::Kind;
use keshi_sheets::plan::{Found, Options, People, Plan, Rows};
use keshi_sheets::read::{self, Workbook};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula};
use tempfile::TempDir;
use uuid::Uuid;

pub const TODAY: Date = date(2023, 1, 5);

/// What a test writes into a cell.
#[derive(Clone)]
pub enum Put {
    No,
    Text(&'static str),
    Owned(String),
    Number(f64),
    Day(u16, u8, u8),
    /// A formula with the result that the file keeps.
    Formula(&'static str, &'static str),
}

impl From<&'static str> for Put {
    fn from(text: &'static str) -> Self {
        if text.is_empty() { Self::No } else { Self::Text(text) }
    }
}

impl From<String> for Put {
    fn from(text: String) -> Self {
        Self::Owned(text)
    }
}

impl From<f64> for Put {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<(u16, u8, u8)> for Put {
    fn from((year, month, day): (u16, u8, u8)) -> Self {
        Self::Day(year, month, day)
    }
}

/// A row of cells.
#[macro_export]
macro_rules! row {
    ($($cell:expr),* $(,)?) => { vec![$($crate::support::Put::from($cell)),*] };
}

/// A folder that is removed at the end of the test.
pub fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Writes rows into a worksheet, from row `top` (0-based) on.
pub fn fill(sheet: &mut rust_xlsxwriter::Worksheet, top: u32, rows: &[Vec<Put>]) {
    let day = Format::new().set_num_format("yyyy-mm-dd");
    for (row, cells) in (top..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Put::No => {}
                Put::Text(text) => drop(sheet.write_string(row, column, *text).unwrap()),
                Put::Owned(text) => drop(sheet.write_string(row, column, text).unwrap()),
                Put::Number(number) => drop(sheet.write_number(row, column, *number).unwrap()),
                Put::Day(year, month, date) => {
                    let date = ExcelDateTime::from_ymd(*year, *month, *date).unwrap();
                    sheet.write_datetime_with_format(row, column, &date, &day).unwrap();
                }
                Put::Formula(formula, result) => {
                    sheet
                        .write_formula(row, column, Formula::new(*formula).set_result(*result))
                        .unwrap();
                }
            }
        }
    }
}

/// A workbook of one training attended by one teacher, on disk.
pub fn training(dir: &TempDir, name: &str) -> PathBuf {
    workbook(
        dir,
        name,
        "培训",
        &[national(), attended("甲", "师德", 6.0, (2022, 3, 5))],
    )
}

/// A workbook of one sheet, on disk.
pub fn workbook(dir: &TempDir, name: &str, sheet: &str, rows: &[Vec<Put>]) -> PathBuf {
    let mut book = rust_xlsxwriter::Workbook::new();
    let out = book.add_worksheet();
    out.set_name(sheet).unwrap();
    fill(out, 0, rows);
    let path = dir.path().join(name);
    book.save(&path).unwrap();
    path
}

/// The national columns.
pub fn national() -> Vec<Put> {
    let columns = &Kind::Training.columns()[..12];
    columns.iter().map(|column| Put::Text(column.heading)).collect()
}

/// A sound row of the national columns.
pub fn attended(name: &'static str, project: &'static str, hours: f64, on: (u16, u8, u8)) -> Vec<Put> {
    row![
        name,
        "居民身份证",
        "",
        2022.0,
        "县级",
        project,
        "县教师进修学校",
        "短期面授",
        hours,
        0.6,
        on,
        on
    ]
}

pub fn open(path: &Path) -> Workbook {
    read::open(path).unwrap_or_else(|error| panic!("{error}"))
}

pub fn office() -> OfficeCode {
    OfficeCode::new("610729").unwrap()
}

pub fn options() -> Options {
    Options::new(office(), TODAY)
}

/// Everyone is `T-` and a number, by the order of names, so that two plans of the same people agree.
pub fn everyone(rows: &Rows) -> People {
    let mut people = People::default();
    let mut known = rows.people();
    known.sort_by(|one, two| one.key.cmp(&two.key));
    for person in known {
        let id = format!(
            "T-{:x}",
            Sha256::of(person.key.name.as_bytes()).0[0..6]
                .iter()
                .fold(0_u64, |n, b| n << 8 | u64::from(*b))
        );
        people.set(person.key, Found::One(TeacherId::new(&id).unwrap()));
    }
    people
}

/// Opens, resolves everyone and plans.
pub fn planned(path: &Path) -> Plan {
    let rows = Rows::new(vec![open(path)]);
    rows.plan(&everyone(&rows), &options())
}

/// A ledger in memory: decide and evolve, nothing else.
#[derive(Default)]
pub struct Ledger {
    pub state: State,
    entries: Vec<keshi_core::entry::Entry>,
}

impl Ledger {
    pub fn post(&mut self, submission_id: Uuid, taking: Taking, events: Vec<Event>) -> Vec<EventVerdict> {
        let mut originals = Originals::new();
        for event in &events {
            let found = self
                .state
                .indices_of(event.event_id)
                .filter_map(|index| self.entries.get(usize::try_from(index).unwrap()));
            originals.insert(event.event_id, found.cloned().collect());
        }
        let submission = Submission {
            submission_id: SubmissionId::new(submission_id),
            office: office(),
            poster: PosterId::new("test").unwrap(),
            received_at: Millis(
                "2023-01-05T04:00:00Z"
                    .parse::<jiff::Timestamp>()
                    .unwrap()
                    .as_millisecond(),
            ),
            taking,
            events: events.into_iter().map(Posted::Event).collect(),
        };
        let decision = decide(&mut self.state, &submission, &originals);
        for new in &decision.entries {
            let entry = new.to_entry(decision.recorded_at, &submission).unwrap();
            self.entries.push(entry);
        }
        decision.verdicts
    }

    /// Posts a plan's batches, read back from the wire as intake would, and gives the verdicts in order.
    pub fn import(&mut self, plan: &Plan) -> Vec<EventVerdict> {
        let mut verdicts = Vec::new();
        for batch in plan.batches() {
            let id = Uuid::try_parse(&batch.request.submission_id).unwrap();
            let events = batch
                .request
                .events
                .into_iter()
                .map(|event| event_from_api(event, "").unwrap())
                .collect();
            verdicts.extend(self.post(id, Taking::Each, events));
        }
        verdicts
    }

    pub fn adopt_policy(&mut self, text: &str) {
        let policy = Policy::parse(text).unwrap();
        let sha256 = Sha256::of(text.as_bytes());
        let fact = policy.adoption(sha256);
        self.adopt(text, sha256, fact.into());
    }

    pub fn adopt_calendar(&mut self, id: &str, text: &str) {
        let sha256 = Sha256::of(text.as_bytes());
        let fact = CalendarAdopted {
            calendar_id: CalendarId::new(id).unwrap(),
            sha256,
        };
        self.adopt(text, sha256, fact.into());
    }

    fn adopt(&mut self, text: &str, sha256: Sha256, fact: keshi_core::event::Fact) {
        let parts = DocumentPart::all_of(text.as_bytes());
        let facts = parts.into_iter().map(Into::into).chain([fact]);
        let events = (0_u8..).zip(facts).map(|(number, fact)| {
            Event::of(
                EventId::new(Uuid::new_v5(&Uuid::NAMESPACE_OID, &[&sha256.0[..], &[number]].concat())),
                date(2022, 1, 1),
                date(2022, 1, 1),
                fact,
            )
        });
        let verdicts = self.post(
            Uuid::new_v5(&Uuid::NAMESPACE_OID, &sha256.0),
            Taking::Atomic,
            events.collect(),
        );
        assert!(
            verdicts.iter().all(|verdict| verdict.verdict.is_in_ledger()),
            "{verdicts:?}"
        );
    }
}
