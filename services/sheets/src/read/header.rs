//! Finding the header row: the row among the first ones whose headings fit a kind of sheet best.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use super::{HEADER_ROWS, RawSheet, Row, Sheet};
use crate::FileError;
use crate::cell::Cell;
use crate::columns::{Col, Column, Kind, Need};
use crate::heading::{heading_form, key_form};

/// Where each column of a kind stands in a sheet.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    /// Column number and heading as written, by [`Col`].
    places: Vec<Option<(usize, String)>>,
}

impl Columns {
    /// These, one beside the other, each with its heading.
    pub(super) fn of<'h>(cols: impl Iterator<Item = (Col, &'h str)>) -> Self {
        let mut places = vec![None; Col::COUNT];
        for (place, (col, heading)) in cols.enumerate() {
            if let Some(slot) = places.get_mut(col as usize) {
                *slot = Some((place, heading.to_owned()));
            }
        }
        Self { places }
    }

    pub(crate) fn place(&self, col: Col) -> Option<usize> {
        self.places.get(col as usize)?.as_ref().map(|(place, _)| *place)
    }

    pub(crate) fn place_of(&self, heading: &str) -> Option<usize> {
        let mut all = self.places.iter().flatten();
        all.find(|(_, written)| written == heading).map(|(place, _)| *place)
    }

    /// Headings of those that stand in one of these spans, in the order of the sheet.
    fn hidden(&self, spans: &[(usize, usize)]) -> Vec<String> {
        let within = |place: &usize| spans.iter().any(|(first, last)| (first..=last).contains(&place));
        let mut hidden: Vec<_> = self
            .places
            .iter()
            .flatten()
            .filter(|(place, _)| within(place))
            .collect();
        hidden.sort_unstable();
        hidden.into_iter().map(|(_, heading)| heading.clone()).collect()
    }

    pub(crate) fn written(&self, col: Col) -> Option<&str> {
        self.places
            .get(col as usize)?
            .as_ref()
            .map(|(_, heading)| heading.as_str())
    }
}

/// A row (or two, one above the other) taken as the header of a kind.
struct Candidate {
    kind: Kind,
    /// Place of the last header row among the sheet's rows.
    at: usize,
    columns: Columns,
    known: usize,
    /// Headings; those of which one would do are one text.
    missing: Vec<String>,
    repeated: Option<String>,
}

/// The sheet, if one of its first rows is a header; `None` if it is of no known kind.
pub(super) fn recognise(file: &str, raw: RawSheet) -> Result<Option<Sheet>, FileError> {
    let Some(best) = best(&raw) else { return Ok(None) };
    let row = raw.rows.get(best.at).map_or(0, |row| row.number);
    let sheet = || raw.name.clone();
    if !best.missing.is_empty() {
        let headings = |columns: &mut dyn Iterator<Item = &Column>| {
            columns.map(|column| column.heading).collect::<Vec<_>>().join("、")
        };
        let found = |column: &&Column| column.col != Col::Ignored && best.columns.place(column.col).is_some();
        return Err(FileError::MissingColumns {
            name: file.to_owned(),
            sheet: sheet(),
            row,
            kind: best.kind.zh(),
            missing: best.missing.join("、"),
            found: headings(&mut best.kind.columns().iter().filter(found)),
            merged: raw.merged.iter().any(|(merged, ..)| *merged == row),
        });
    }
    if let Some(heading) = best.repeated {
        return Err(FileError::RepeatedColumn {
            name: file.to_owned(),
            sheet: sheet(),
            row,
            heading,
        });
    }
    if let Some(heading) = merged_over(&raw, best.at) {
        return Err(FileError::MergedHeading {
            name: file.to_owned(),
            sheet: sheet(),
            row,
            heading,
        });
    }
    let mut rows = raw.rows;
    let below = rows.split_off(best.at + 1);
    let mut sheet = Sheet {
        name: raw.name,
        kind: best.kind,
        header_row: row,
        top: rows,
        rows: Vec::with_capacity(below.len()),
        footers: Vec::new(),
        hidden_rows: Vec::new(),
        hidden_columns: best.columns.hidden(&raw.hidden_columns),
        about: BTreeMap::new(),
        columns: best.columns,
    };
    for row in below {
        match carries(&sheet, &row) {
            Carries::Nothing => {}
            Carries::Footer => sheet.footers.push(row),
            Carries::Record => sheet.rows.push(row),
        }
    }
    let is_hidden = |row: &&Row| raw.hidden_rows.contains(&row.number);
    sheet.hidden_rows = sheet.rows.iter().filter(is_hidden).map(|row| row.number).collect();
    Ok(Some(sheet))
}

/// The candidate that fits best: complete ones first, then by known columns, then the uppermost.
fn best(raw: &RawSheet) -> Option<Candidate> {
    let mut best: Option<(usize, Candidate)> = None;
    for at in 0..raw.rows.len().min(HEADER_ROWS) {
        for &kind in Kind::ALL {
            // The sheet's name decides between kinds that share headings.
            let named = if key_form(&raw.name).contains(kind.zh()) { 2 } else { 0 };
            for candidate in [single(raw, at, kind), double(raw, at, kind)].into_iter().flatten() {
                let complete = if candidate.missing.is_empty() { 1000 } else { 0 };
                let score = complete + candidate.known + named;
                if best.as_ref().is_none_or(|(other, _)| score > *other) {
                    best = Some((score, candidate));
                }
            }
        }
    }
    let (_, candidate) = best?;
    let needed = candidate
        .kind
        .columns()
        .iter()
        .filter(|column| column.need != Need::May)
        .count();
    let near = candidate.known >= 3 && candidate.missing.len() * 2 <= needed;
    (candidate.missing.is_empty() || near).then_some(candidate)
}

fn single(raw: &RawSheet, at: usize, kind: Kind) -> Option<Candidate> {
    let headings = raw.rows.get(at)?.cells.iter().map(Cell::text).collect::<Vec<_>>();
    candidate(kind, at, &headings)
}

/// Two header rows: the lower one has headings of its own only under some of the upper ones.
fn double(raw: &RawSheet, at: usize, kind: Kind) -> Option<Candidate> {
    let (upper, lower) = (raw.rows.get(at)?, raw.rows.get(at + 1)?);
    if lower.number != upper.number + 1
        || !lower
            .cells
            .iter()
            .all(|cell| matches!(cell, Cell::Text(_) | Cell::Empty))
    {
        return None;
    }
    let of = |row: &Row, place: usize| row.cells.get(place).map(Cell::text).unwrap_or_default();
    let headings: Vec<String> = (0..upper.cells.len().max(lower.cells.len()))
        .map(|place| {
            let below = of(lower, place);
            if below.is_empty() { of(upper, place) } else { below }
        })
        .collect();
    let both = candidate(kind, at + 1, &headings)?;
    // A first row of data must not pass for a second header row.
    let of_lower = lower.cells.iter().filter(|cell| !cell.is_empty()).count();
    let known_lower = lower
        .cells
        .iter()
        .filter(|cell| find(kind, &heading_form(&cell.text())).is_some())
        .count();
    (known_lower * 2 > of_lower).then_some(both)
}

/// By kind and heading as compared: the column, and whether the heading is its own and no alias.
type Known = HashMap<(Kind, String), (&'static Column, bool)>;

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut known = Known::new();
    for &kind in Kind::ALL {
        for column in kind.columns() {
            for alias in column.aliases {
                known.entry((kind, heading_form(alias))).or_insert((column, false));
            }
        }
        for column in kind.columns() {
            known.insert((kind, heading_form(column.heading)), (column, true));
        }
    }
    known
});

fn find(kind: Kind, form: &str) -> Option<(&'static Column, bool)> {
    KNOWN.get(&(kind, form.to_owned())).copied()
}

fn candidate(kind: Kind, at: usize, headings: &[String]) -> Option<Candidate> {
    let mut places: Vec<Option<(usize, String)>> = vec![None; Col::COUNT];
    let mut exact = BTreeSet::new();
    let mut repeated = None;
    for (place, heading) in headings.iter().enumerate() {
        let form = heading_form(heading);
        let Some((column, is_exact)) = find(kind, &form).filter(|_| !form.is_empty()) else {
            continue;
        };
        let Some(slot) = places.get_mut(column.col as usize) else {
            continue;
        };
        if column.col == Col::Ignored {
            continue;
        }
        match slot {
            None => *slot = Some((place, heading.trim().to_owned())),
            Some(_) if is_exact && !exact.contains(&column.col) => *slot = Some((place, heading.trim().to_owned())),
            Some(_) if is_exact => repeated = repeated.or(Some(column.heading.to_owned())),
            Some(_) => {}
        }
        if is_exact {
            exact.insert(column.col);
        }
    }
    let known = places.iter().flatten().count();
    if known == 0 {
        return None;
    }
    let there = |col: Col| places.get(col as usize).is_some_and(Option::is_some);
    let is_person = |column: &Column| matches!(column.col, Col::Name | Col::Teacher);
    let mut missing: Vec<String> = Vec::new();
    for column in kind.columns() {
        let alternatives = |other: &&Column| other.need == Need::OneOf && is_person(other) == is_person(column);
        let lacking = match column.need {
            Need::May => continue,
            Need::Must | Need::Column if there(column.col) => continue,
            Need::Must | Need::Column => column.heading.to_owned(),
            Need::OneOf => {
                let any_of = || kind.columns().iter().filter(alternatives);
                if any_of().any(|other| there(other.col)) {
                    continue;
                }
                any_of().map(|other| other.heading).collect::<Vec<_>>().join("/")
            }
        };
        if !missing.contains(&lacking) {
            missing.push(lacking);
        }
    }
    Some(Candidate {
        kind,
        at,
        columns: Columns { places },
        known,
        missing,
        repeated,
    })
}

/// A heading merged over columns that hold data but have no heading of their own.
fn merged_over(raw: &RawSheet, at: usize) -> Option<String> {
    let header = raw.rows.get(at)?;
    let heading = |place: usize| header.cells.get(place).is_some_and(|cell| !cell.is_empty());
    let holds_data = |place: usize| {
        let below = raw.rows.get(at + 1..).unwrap_or_default();
        below
            .iter()
            .any(|row| row.cells.get(place).is_some_and(|cell| !cell.is_empty()))
    };
    let here = raw.merged.iter().filter(|(row, ..)| *row == header.number);
    for &(_, first, last) in here {
        if heading(first) && (first + 1..=last).any(|place| !heading(place) && holds_data(place)) {
            return header.cells.get(first).map(Cell::text);
        }
    }
    None
}

enum Carries {
    Nothing,
    Footer,
    Record,
}

/// Words with which rows begin that are no records.
const FOOTERS: &[&str] = &[
    "合计",
    "总计",
    "小计",
    "共计",
    "填表人",
    "制表人",
    "填报人",
    "填报单位",
    "审核人",
    "负责人",
    "注:",
    "备注:",
    "说明:",
];

fn carries(sheet: &Sheet, row: &Row) -> Carries {
    let known = |col: usize| sheet.columns.places.iter().flatten().any(|(place, _)| *place == col);
    let filled: Vec<usize> = row
        .cells
        .iter()
        .enumerate()
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(place, _)| place)
        .collect();
    // A running number alone, filled down too far, is no record either.
    if row.is_blank() || !filled.iter().any(|&place| known(place)) {
        return Carries::Nothing;
    }
    let first = row
        .cells
        .iter()
        .find(|cell| !cell.is_empty())
        .map(|cell| key_form(&cell.text()));
    let begins = |first: &str| FOOTERS.iter().any(|word| first.starts_with(word));
    // A long record may begin with any word; a footer fills few cells.
    if first.is_some_and(|first| begins(&first)) && filled.len() <= 4 {
        Carries::Footer
    } else {
        Carries::Record
    }
}
