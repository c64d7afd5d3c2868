//! From rows to events: people found, ids derived, contradictions noticed, nothing sent.

mod contests;
mod correction;
mod courses;
mod draft;
mod fields;
mod ids;
mod inspections;
mod lessons;
mod office;
mod organisations;
mod people;
mod questions;
mod register;
mod roster;
mod send;
mod sessions;
mod settle;
mod training;
mod works;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use keshi_core::event::Event;
use keshi_core::ids::{EventId, LoadId, OfficeCode, SchoolId};
use keshi_core::lang::Lang;
use keshi_core::reason::field_zh;
use keshi_core::text::Text;
use keshi_proto::api;

pub use self::correction::{Changed, Undo, brought_back, correction_id, void_id};
pub use self::courses::Like;
pub use self::people::{Found, People, Person, PersonKey, PersonProblem};
pub use self::roster::{Roster, RosterRow};
pub use self::send::Batch;

use self::draft::Drafting;
use self::fields::Fields;
use self::ids::{Ids, KeyForms};
use self::people::{Finder, OwnTeachers};
use crate::columns::{Col, Kind, holders};
use crate::heading::key_form;
use crate::problem::RowProblem;
use crate::read::{Row, Sheet, Workbook};

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which file, from 0 on.
    pub book: usize,
    /// Which of its known sheets, from 0 on.
    pub sheet: usize,
    /// The row, as the spreadsheet shows it.
    pub row: u32,
}

/// What rows are planned for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The office whose ledger it is.
    pub office: OfficeCode,
    /// The school that posts, if one does.
    pub org: Option<SchoolId>,
    /// The historical load, if it is one.
    pub load_id: Option<LoadId>,
    /// Today's date, China Standard Time: later days are problems.
    pub today: Date,
    /// Schools that sheets may name by their full names, besides those that the files register.
    pub schools: Schools,
    /// By row, the event of the ledger that it is about ([`Rows::about`]): its own fact has that id, and no derived one.
    pub about: HashMap<Place, EventId>,
}

impl Options {
    /// Options for an office, on a day, with nothing else said.
    pub fn new(office: OfficeCode, today: Date) -> Self {
        Self {
            office,
            org: None,
            load_id: None,
            today,
            schools: Schools::default(),
            about: HashMap::new(),
        }
    }
}

/// Schools by name.
#[derive(Clone, Debug, Default)]
pub struct Schools {
    /// `None` where two schools have the name.
    by_name: BTreeMap<String, Option<SchoolId>>,
}

impl Schools {
    /// Adds a school.
    pub fn add(&mut self, id: SchoolId, name: &str) {
        let known = self.by_name.entry(key_form(name)).or_insert(Some(id));
        if *known != Some(id) {
            *known = None;
        }
    }

    /// The one school with this name.
    pub fn by_name(&self, name: &str) -> Option<SchoolId> {
        self.by_name.get(&key_form(name)).copied().flatten()
    }
}

/// The rows of one or more files that are imported together.
#[derive(Clone, Debug)]
pub struct Rows {
    books: Vec<Workbook>,
}

/// What rows became.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The events, each once, what others refer to before them. Only of rows without problems.
    pub events: Vec<Event>,
    /// For the people register, never for the ledger; one for each row of 教师 without problems.
    pub identities: Vec<api::Identity>,
    /// Every row, in the files' order.
    pub rows: Vec<PlannedRow>,
    /// People who were not found, or not for certain, each once.
    pub people: Vec<PersonProblem>,
    pub(crate) office: OfficeCode,
    /// By event: the rows that gave it.
    pub(crate) givers: Vec<Vec<usize>>,
}

/// What one row became.
#[derive(Clone, Debug)]
pub struct PlannedRow {
    /// Where it stands.
    pub place: Place,
    /// Places of its events in [`Plan::events`], its own fact last; empty if it has problems.
    pub events: Vec<usize>,
    /// What is wrong with it.
    pub problems: Vec<RowProblem>,
    /// What it wishes of what was imported from it before.
    pub undo: Option<Undo>,
    /// An earlier row that says exactly the same: both stand for one event.
    pub same_as: Option<Place>,
    /// Another row of the same person, days and provider that may be about the same course under another name.
    pub like: Option<Like>,
}

impl Rows {
    /// The rows of these files.
    pub const fn new(books: Vec<Workbook>) -> Self {
        Self { books }
    }

    /// The files.
    pub fn books(&self) -> &[Workbook] {
        &self.books
    }

    /// The sheet and row at a place.
    pub fn row(&self, place: Place) -> Option<(&Sheet, &Row)> {
        let sheet = self.books.get(place.book)?.sheets.get(place.sheet)?;
        let at = sheet.rows.binary_search_by_key(&place.row, |row| row.number).ok()?;
        Some((sheet, sheet.rows.get(at)?))
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.books
            .iter()
            .flat_map(|book| &book.sheets)
            .map(|sheet| sheet.rows.len())
            .sum()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn each(&self) -> impl Iterator<Item = (Place, &Sheet, &Row)> {
        self.books.iter().enumerate().flat_map(|(book, file)| {
            file.sheets.iter().enumerate().flat_map(move |(sheet, of)| {
                of.rows.iter().map(move |row| {
                    (
                        Place {
                            book,
                            sheet,
                            row: row.number,
                        },
                        of,
                        row,
                    )
                })
            })
        })
    }

    /// The rows of forms that are about an entry of the ledger, and that entry.
    pub fn about(&self) -> impl Iterator<Item = (Place, u64)> {
        self.each()
            .filter_map(|(place, sheet, row)| Some((place, *sheet.about.get(&row.number)?)))
    }

    /// The people whom the rows are about, each once, in the order of first mention. Those whom the files themselves
    /// register and name by id or document are left out: they are known.
    pub fn people(&self) -> Vec<Person> {
        let own = OwnTeachers::of(&self.books);
        let mut people: Vec<Person> = Vec::new();
        let mut at: HashMap<PersonKey, usize> = HashMap::new();
        for (place, sheet, row) in self.each() {
            if matches!(sheet.kind, Kind::Teachers | Kind::Schools | Kind::Contests) {
                continue;
            }
            let taught = (sheet.kind == Kind::LessonsObserved)
                .then(|| PersonKey::taught(sheet, row))
                .flatten();
            for key in PersonKey::of_row(sheet, row).into_iter().chain(taught) {
                if own.surely(&key).is_some() {
                    continue;
                }
                let index = *at.entry(key.clone()).or_insert_with(|| {
                    people.push(Person {
                        key,
                        places: Vec::new(),
                    });
                    people.len() - 1
                });
                if let Some(person) = people.get_mut(index) {
                    person.places.push(place);
                }
            }
        }
        people
    }

    /// Turns the rows into events. `people` says who the people are whom [`Rows::people`] lists.
    ///
    /// The same rows give the same events, whatever their order, the file's name or the day.
    pub fn plan(&self, people: &People, options: &Options) -> Plan {
        let mut schools = options.schools.clone();
        for (_, sheet, row) in self.each().filter(|(_, sheet, _)| sheet.kind == Kind::Schools) {
            if let Ok(id) = SchoolId::new(sheet.cell(row, Col::School).text().trim()) {
                schools.add(id, &sheet.cell(row, Col::SchoolName).text());
            }
        }
        let forms = KeyForms::default();
        let mut finder = Finder::new(people, &self.books);
        let begin = |book: &Workbook| {
            let hash: String = book.sha256.to_string().chars().take(8).collect();
            format!("{} {hash}", book.origin.word())
        };
        let imports: Vec<String> = self.books.iter().map(begin).collect();
        let mut drafts = Vec::with_capacity(self.len());
        for (place, sheet, row) in self.each() {
            let import = imports.get(place.book).map(String::as_str).unwrap_or_default();
            let source = format!("{import} row {}", place.row);
            let mut draft = Drafting::new(
                Fields::new(sheet, row, &schools),
                Ids::new(options.office, &forms),
                options,
                &mut finder,
                place,
                Text::new(&source).ok(),
            );
            draft.row(sheet, row);
            drafts.push(draft.finish());
        }
        settle::settle(drafts, options.office, finder.missing(), self)
    }

    /// What a row's sheet calls the column that holds `field` of a fact, and what stands there; nothing where that is
    /// personal data. The ledger's own name for it, and no value, where no column holds it.
    pub(crate) fn cell_about(&self, place: Place, fact: &str, field: &str) -> (String, String) {
        let found = self
            .row(place)
            .and_then(|(sheet, row)| Some((sheet, row, sheet.holder(row, fact, field)?)));
        let Some((sheet, row, col)) = found else {
            return (field_zh(field).to_owned(), String::new());
        };
        (sheet.heading(col).to_owned(), fields::shown(sheet.cell(row, col), col))
    }

    /// Whether the row leaves blank the column that holds `field` of a fact, or its sheet has no such column.
    pub(crate) fn is_left_blank(&self, place: Place, fact: &str, field: &str) -> bool {
        self.row(place).is_some_and(|(sheet, row)| {
            let held = sheet.holder(row, fact, field);
            let is_blank = held.is_none_or(|col| sheet.cell(row, col).is_empty());
            is_blank && !holders(sheet.kind, fact, field).is_empty()
        })
    }

    /// How messages call a row of another sheet.
    pub(crate) fn name_of(&self, place: Place) -> String {
        let book = self.books.get(place.book);
        let sheet = book
            .and_then(|book| book.sheets.get(place.sheet))
            .map_or("", |sheet| sheet.name.as_str());
        let file = book.map_or("", |book| book.name.as_str());
        format!("{}（{file} {sheet}）", place.row)
    }
}

impl PlannedRow {
    /// What is wrong with the row, line by line.
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        self.problems.iter().map(|problem| problem.text(lang)).collect()
    }
}
