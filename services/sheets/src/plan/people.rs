//! Whom the rows are about. Names and ID numbers stay here: the events carry teacher ids only.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use keshi_core::ids::TeacherId;

use super::Place;
use crate::cell::Cell;
use crate::columns::{Col, Kind};
use crate::heading::squeezed;
use crate::read::{Row, Sheet, Workbook};

/// What a row says of a person; blank parts are empty. `Debug` shows the teacher id and no more.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonKey {
    /// 教师编号
    pub teacher_id: String,
    /// 姓名
    pub name: String,
    /// 身份证件类型
    pub id_type: String,
    /// 身份证件号码
    pub id_no: String,
}

impl PersonKey {
    fn read(sheet: &Sheet, row: &Row, cols: [Col; 4]) -> Option<Self> {
        let text = |col: Col| match sheet.cell(row, col) {
            Cell::Error(_) => String::new(),
            cell => squeezed(&cell.text()),
        };
        let [teacher, name, id_type, id_no] = cols;
        let key = Self {
            teacher_id: text(teacher),
            name: text(name),
            id_type: if id_type == Col::Ignored {
                String::new()
            } else {
                text(id_type)
            },
            id_no: if id_no == Col::Ignored {
                String::new()
            } else {
                text(id_no).to_uppercase()
            },
        };
        (!key.teacher_id.is_empty() || !key.name.is_empty() || !key.id_no.is_empty()).then_some(key)
    }

    /// The person that the row is about.
    pub(super) fn of_row(sheet: &Sheet, row: &Row) -> Option<Self> {
        Self::read(sheet, row, [Col::Teacher, Col::Name, Col::IdType, Col::IdNo])
    }

    /// The person who taught the lesson observed.
    pub(super) fn taught(sheet: &Sheet, row: &Row) -> Option<Self> {
        Self::read(
            sheet,
            row,
            [Col::TaughtTeacher, Col::TaughtName, Col::Ignored, Col::Ignored],
        )
    }
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonKey")
            .field("teacher_id", &self.teacher_id)
            .finish_non_exhaustive()
    }
}

/// A person that rows are about, and which.
#[derive(Clone, Debug)]
pub struct Person {
    /// What the rows say of her.
    pub key: PersonKey,
    /// The rows, in order.
    pub places: Vec<Place>,
}

/// Who a person is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This one.
    One(TeacherId),
    /// Nobody that is registered.
    Nobody,
    /// One of several; each with what tells her from the others (school, subject), without ID numbers.
    Several(Vec<(TeacherId, String)>),
    /// The teacher with the row's id has another name, this one.
    OtherName(String),
    /// Not to be said: these teachers' records in the people register are damaged, and it may be one of them.
    Unreadable(Vec<String>),
}

/// Who the people of some rows are, as the people register says.
#[derive(Clone, Debug, Default)]
pub struct People {
    found: HashMap<PersonKey, Found>,
}

impl People {
    /// Says who a person is.
    pub fn set(&mut self, key: PersonKey, found: Found) {
        self.found.insert(key, found);
    }

    /// Who the person is, if it was said.
    pub fn get(&self, key: &PersonKey) -> Option<&Found> {
        self.found.get(key)
    }
}

/// A person that was not found, or not for certain: to be listed once, for all rows together.
#[derive(Clone, Debug)]
pub struct PersonProblem {
    /// What the rows say of her.
    pub key: PersonKey,
    /// Nobody, or who it may be.
    pub found: Found,
    /// The rows, in order.
    pub places: Vec<Place>,
}

/// The teachers that the files themselves register.
#[derive(Default)]
pub(super) struct OwnTeachers {
    ids: BTreeSet<String>,
    by_number: HashMap<String, BTreeSet<(TeacherId, String)>>,
    by_name: HashMap<String, BTreeSet<TeacherId>>,
}

impl OwnTeachers {
    pub(super) fn of(books: &[Workbook]) -> Self {
        let mut own = Self::default();
        for sheet in books
            .iter()
            .flat_map(|book| &book.sheets)
            .filter(|sheet| sheet.kind == Kind::Teachers)
        {
            for key in sheet.rows.iter().filter_map(|row| PersonKey::of_row(sheet, row)) {
                let Ok(id) = TeacherId::new(&key.teacher_id) else {
                    continue;
                };
                own.ids.insert(key.teacher_id);
                if !key.id_no.is_empty() {
                    own.by_number
                        .entry(key.id_no)
                        .or_default()
                        .insert((id, key.name.clone()));
                }
                if !key.name.is_empty() {
                    own.by_name.entry(key.name).or_default().insert(id);
                }
            }
        }
        own
    }

    /// The one teacher of these files whom the key names by id or by document, and whose name agrees.
    pub(super) fn surely(&self, key: &PersonKey) -> Option<TeacherId> {
        if !key.teacher_id.is_empty() {
            let id = TeacherId::new(&key.teacher_id).ok()?;
            let name_agrees = key.name.is_empty() || self.by_name.get(&key.name).is_some_and(|ids| ids.contains(&id));
            return (self.ids.contains(&key.teacher_id) && name_agrees).then_some(id);
        }
        let known = self.by_number.get(&key.id_no)?;
        let mut agreeing = known
            .iter()
            .filter(|(_, name)| key.name.is_empty() || *name == key.name);
        match (agreeing.next(), agreeing.next()) {
            (Some((id, _)), None) => Some(*id),
            _ => None,
        }
    }

    /// The teachers of these files with this name.
    fn by_name(&self, key: &PersonKey) -> Vec<TeacherId> {
        self.by_name
            .get(&key.name)
            .map(|ids| ids.iter().copied().collect())
            .unwrap_or_default()
    }
}

/// Finds people: what the caller said goes first, then the files' own register.
pub(super) struct Finder<'p> {
    people: &'p People,
    own: OwnTeachers,
    missing: BTreeMap<PersonKey, (Found, Vec<Place>)>,
}

impl<'p> Finder<'p> {
    pub(super) fn new(people: &'p People, books: &[Workbook]) -> Self {
        Self {
            people,
            own: OwnTeachers::of(books),
            missing: BTreeMap::new(),
        }
    }

    /// Who it is; what is not one person is kept for [`Finder::missing`].
    pub(super) fn find(&mut self, key: &PersonKey, place: Place) -> Found {
        let found = match self.people.get(key) {
            Some(found) => found.clone(),
            None => self.find_own(key),
        };
        if !matches!(found, Found::One(_)) {
            let entry = self
                .missing
                .entry(key.clone())
                .or_insert_with(|| (found.clone(), Vec::new()));
            entry.1.push(place);
        }
        found
    }

    fn find_own(&self, key: &PersonKey) -> Found {
        if let Some(id) = self.own.surely(key) {
            return Found::One(id);
        }
        // An id that nobody was asked about is taken at its word: the ledger refuses it if it is unknown.
        if let Ok(id) = TeacherId::new(&key.teacher_id)
            && !self.own.ids.contains(&key.teacher_id)
        {
            return Found::One(id);
        }
        if !key.id_no.is_empty() || !key.teacher_id.is_empty() {
            return Found::Nobody;
        }
        match self.own.by_name(key)[..] {
            [] => Found::Nobody,
            [id] => Found::One(id),
            ref several => Found::Several(several.iter().map(|id| (*id, String::new())).collect()),
        }
    }

    pub(super) fn missing(self) -> Vec<PersonProblem> {
        let problem = |(key, (found, places))| PersonProblem { key, found, places };
        let mut problems: Vec<_> = self.missing.into_iter().map(problem).collect();
        problems.sort_by_key(|problem| problem.places.first().copied());
        problems
    }
}
