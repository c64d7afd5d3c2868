//! The sample's workbooks of schools and people, and what all workbooks are written with.

use std::collections::BTreeSet;

use jiff::civil::Date;
use keshi_core::codes::Post;

use super::county::{County, OFFICE_STAFF, Teacher};
use crate::cell::Cell;
use crate::columns::{Col, Kind};
use crate::write::Table;

pub(super) fn text(text: impl AsRef<str>) -> Cell {
    let text = text.as_ref();
    if text.is_empty() {
        Cell::Empty
    } else {
        Cell::Text(text.into())
    }
}

pub(super) fn number(number: usize) -> Cell {
    Cell::Number(f64::from(u32::try_from(number).unwrap_or(u32::MAX)))
}

pub(super) const fn day(day: Date) -> Cell {
    Cell::Date(day)
}

/// An empty table of a kind with these columns of it.
pub(super) fn table(kind: Kind, cols: &[Col]) -> Table {
    let heading = |col: &Col| kind.column(*col).map_or("", |column| column.heading);
    Table::new(kind.zh(), &cols.iter().map(heading).collect::<Vec<_>>())
}

/// The columns that say who it is, for a row about this teacher: 姓名, 身份证件类型, 身份证件号码.
pub(super) const PERSON: [Col; 3] = [Col::Name, Col::IdType, Col::IdNo];

pub(super) fn person(teacher: &Teacher) -> Vec<Cell> {
    vec![text(&teacher.name), text("居民身份证"), text(&teacher.id_no)]
}

pub(super) fn schools(county: &County) -> Vec<Table> {
    let mut table = table(
        Kind::Schools,
        &[
            Col::School,
            Col::SchoolName,
            Col::Stage,
            Col::Township,
            Col::Group,
            Col::From,
        ],
    );
    for school in &county.schools {
        table.rows.push(vec![
            text(&school.id),
            text(&school.name),
            text(school.stage.zh()),
            text(school.township),
            text(format!("PQ{}", school.group)),
            day(school.since),
        ]);
    }
    vec![table, groups(county)]
}

/// The six groups (片区), each with its schools.
fn groups(county: &County) -> Table {
    let mut table = table(Kind::Groups, &[Col::Group, Col::OrgName, Col::Schools, Col::From]);
    let numbers: BTreeSet<usize> = county.schools.iter().map(|school| school.group).collect();
    for number in numbers {
        let own: Vec<_> = county.schools.iter().filter(|school| school.group == number).collect();
        let ids: Vec<&str> = own.iter().map(|school| school.id.as_str()).collect();
        let township = own.first().map_or("", |school| school.township);
        table.rows.push(vec![
            text(format!("PQ{number}")),
            text(format!("{township}教研片区")),
            text(ids.join("、")),
            day(jiff::civil::date(2018, 9, 3)),
        ]);
    }
    table
}

pub(super) fn teachers(county: &County, part_time: &[usize]) -> Vec<Table> {
    let mut register = table(
        Kind::Teachers,
        &[
            Col::Teacher,
            Col::Name,
            Col::IdType,
            Col::IdNo,
            Col::Born,
            Col::Phone,
            Col::Stage,
            Col::Subject,
            Col::Hired,
            Col::CareerFrom,
            Col::Grade,
            Col::School,
            Col::Unit,
            Col::Post,
            Col::PostFrom,
        ],
    );
    for teacher in &county.teachers {
        let mut row = vec![text(&teacher.id)];
        row.extend(person(teacher));
        row.extend([
            day(teacher.born),
            text(&teacher.phone),
            text(teacher.stage.zh()),
            text(teacher.subject),
            day(teacher.hired),
            day(teacher.hired),
            text(teacher.grade),
            text(county.school_of(teacher).map_or("", |school| school.id.as_str())),
            text(teacher.unit),
            text(teacher.post.zh()),
            day(teacher.post_from),
        ]);
        register.rows.push(row);
    }
    let mut posts = table(
        Kind::Posts,
        &[
            Col::Name,
            Col::IdType,
            Col::IdNo,
            Col::Unit,
            Col::Post,
            Col::PostFrom,
            Col::Share,
        ],
    );
    for teacher in part_time.iter().filter_map(|&place| county.teachers.get(place)) {
        let mut row = person(teacher);
        let from = jiff::civil::date(2021, 9, 1);
        row.extend([
            text("研培组"),
            text(Post::PartTimeResearcher.zh()),
            day(from),
            text("0.4"),
        ]);
        posts.rows.push(row);
    }
    debug_assert!(county.teachers.len() > OFFICE_STAFF);
    vec![register, posts]
}
