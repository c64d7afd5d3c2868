//! School calendars (校历): semester dates are loaded, never computed (DOMAIN §5).

mod working;

use jiff::civil::Date;

pub use self::working::WorkingDays;

use crate::document::{Problem, Reader};
use crate::ids::{CalendarId, SemesterId};
use crate::period::{Name, Semester};

/// What a calendar document says.
///
/// ```toml
/// id = "liuba-2022"
/// [[semester]]
/// id = "2022-2023-1"
/// from = 2022-09-01
/// to = 2023-01-13
/// teaching_weeks = 20
/// [[working_days]]
/// year = 2022
/// off = ["2022-10-01..2022-10-07"]
/// on = ["2022-10-08..2022-10-09"]
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    /// The calendar's id.
    pub id: CalendarId,
    /// Its semesters, by first day; they do not overlap.
    pub semesters: Vec<Semester>,
    /// Which days are worked, by year.
    pub working_days: Vec<WorkingDays>,
}

/// What a calendar would change of one semester.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SemesterChange {
    /// As the ledger has it; `None` if no calendar gave it yet.
    pub before: Option<Semester>,
    /// As the calendar gives it.
    pub after: Semester,
    /// Semesters of other calendars that would share days with it.
    pub overlaps: Vec<SemesterId>,
}

impl SemesterChange {
    /// Whether the day falls into the semester before and not after, or after and not before.
    pub fn moves(&self, day: Date) -> bool {
        let holds = |semester: &Semester| (semester.from..=semester.to).contains(&day);
        self.before.as_ref().is_some_and(holds) != holds(&self.after)
    }
}

impl Calendar {
    /// What adopting it would change, where `now` are the semesters that hold: those that are new or would be otherwise,
    /// by first day.
    pub fn changes(&self, now: &[Semester]) -> Vec<SemesterChange> {
        let of = |semester: &Semester| now.iter().find(|other| other.id == semester.id).copied();
        let changed = self
            .semesters
            .iter()
            .filter(|semester| of(semester) != Some(**semester));
        let change = |semester: &Semester| {
            let stay = now
                .iter()
                .filter(|other| self.semesters.iter().all(|own| own.id != other.id));
            let shares = |other: &&Semester| other.from <= semester.to && semester.from <= other.to;
            SemesterChange {
                before: of(semester),
                after: *semester,
                overlaps: stay.filter(shares).map(|other| other.id).collect(),
            }
        };
        changed.map(change).collect()
    }

    /// Reads a calendar document.
    ///
    /// # Errors
    ///
    /// All problems of the document, in the order of its text.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let (mut reader, table) = Reader::new(text);
        let Some(mut table) = table else {
            return reader.finish(None);
        };
        let id = reader.needed_string(&mut table, "id").and_then(|(id, at)| {
            let parsed = CalendarId::new(&id);
            if let Err(why) = parsed {
                reader.report(at, format!("id “{id}” 不是有效编号"), format!("id {id:?}: {why}"));
            }
            parsed.ok()
        });
        let mut semesters: Vec<Semester> = Vec::new();
        for mut row in reader.tables(&mut table, "semester") {
            let at = row.at();
            let name = reader.needed_string(&mut row, "id");
            let (from, to) = (reader.date(&mut row, "from"), reader.date(&mut row, "to"));
            let weeks = reader.integer(&mut row, "teaching_weeks");
            reader.done(row);
            let (Some((name, name_at)), Some((from, _)), Some((to, to_at)), Some((weeks, _))) = (name, from, to, weeks)
            else {
                reader.report(
                    at,
                    "学期须有 id、from、to、teaching_weeks",
                    "a semester needs id, from, to, teaching_weeks",
                );
                continue;
            };
            let Some(Name::Semester(id)) = Name::parse(&name) else {
                reader.report(
                    name_at,
                    format!("学期编号 “{name}” 应如 2022-2023-1"),
                    format!("{name:?} should be like 2022-2023-1"),
                );
                continue;
            };
            if to < from {
                reader.report(
                    to_at,
                    "学期的结束日期早于开始日期",
                    "the semester ends before it begins",
                );
            }
            if semesters
                .iter()
                .any(|other| other.id == id || (other.from <= to && from <= other.to))
            {
                reader.report(
                    at,
                    format!("学期 {id} 与另一学期重叠或重复"),
                    format!("semester {id} overlaps or repeats another"),
                );
            }
            semesters.push(Semester {
                id,
                from,
                to,
                teaching_weeks: weeks,
            });
        }
        let working_days = WorkingDays::read_all(&mut reader, &mut table);
        reader.done(table);
        semesters.sort_by_key(|semester| semester.from);
        reader.finish(id.map(|id| Self {
            id,
            semesters,
            working_days,
        }))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn all_problems_of_a_calendar_are_reported_with_their_places() {
        let text =
            "id = 7\n[[semester]]\nid = \"2022\"\nfrom = 2022-09-01\nto = 2022-08-01\nteaching_weeks = 20\nsize = 1\n";
        let problems = Calendar::parse(text).unwrap_err();
        let places: Vec<_> = problems.iter().map(|problem| (problem.line, problem.column)).collect();
        assert_eq!(places, [(1, 6), (3, 6), (7, 1)], "{problems:?}");
    }

    #[test]
    fn semesters_that_overlap_are_refused() {
        let row = |id: &str, from: &str, to: &str| {
            format!("[[semester]]\nid = \"{id}\"\nfrom = {from}\nto = {to}\nteaching_weeks = 20\n")
        };
        let apart = format!(
            "id = \"c\"\n{}{}",
            row("2022-2023-1", "2022-09-01", "2023-01-13"),
            row("2021-2022-2", "2022-02-14", "2022-07-08")
        );
        assert_eq!(Calendar::parse(&apart).unwrap().semesters.len(), 2);
        let overlapping = apart
            .replace("2022-02-14", "2022-01-01")
            .replace("2022-09-01", "2022-07-08");
        assert_eq!(Calendar::parse(&overlapping).unwrap_err().len(), 1);
    }

    #[test]
    fn a_calendar_changes_the_semesters_that_it_gives_otherwise_or_first_and_moves_the_days_between() {
        let parse = |from: &str, second: &str| {
            let row = |id: &str, from: &str, to: &str| {
                format!("[[semester]]\nid = \"{id}\"\nfrom = {from}\nto = {to}\nteaching_weeks = 20\n")
            };
            let text = format!(
                "id = \"c\"\n{}{}",
                row("2022-2023-1", from, "2023-01-13"),
                row(second, "2023-02-13", "2023-07-07")
            );
            Calendar::parse(&text).unwrap()
        };
        let now = parse("2022-09-01", "2022-2023-2").semesters;
        assert!(parse("2022-09-01", "2022-2023-2").changes(&now).is_empty());
        let changes = parse("2022-09-05", "2022-2023-2").changes(&now);
        let [moved] = &changes[..] else { panic!("{changes:?}") };
        assert_eq!((moved.before, moved.after.from), (Some(now[0]), date(2022, 9, 5)));
        assert!(moved.moves(date(2022, 9, 4)) && !moved.moves(date(2022, 9, 5)) && !moved.moves(date(2022, 8, 31)));
        // A second semester of another year on the days of one that stays.
        let changes = parse("2022-09-01", "2021-2022-2").changes(&now);
        let [new] = &changes[..] else { panic!("{changes:?}") };
        assert_eq!((new.before, new.overlaps.as_slice()), (None, &[now[1].id][..]));
        assert!(new.moves(date(2023, 3, 1)));
    }
}
