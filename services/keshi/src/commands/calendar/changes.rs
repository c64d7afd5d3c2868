//! What a calendar would change, for people.

use keshi_core::lang::Lang;
use keshi_proto::api::SemesterChange;
use keshi_words::calendar::days;

use crate::exit::{Say, say};
use crate::show::table::{Align, Table};
use crate::texts::names::count;

pub(super) fn table(changes: &[SemesterChange], lang: Lang) -> Table {
    let mut table = Table::new([
        (lang.pick("学期", "semester"), Align::Left),
        (lang.pick("台账", "ledger"), Align::Left),
        (lang.pick("文件", "file"), Align::Left),
        (lang.pick("牵涉条数", "entries touched"), Align::Right),
    ]);
    for change in changes {
        let new = || lang.pick("（新学期）", "(new)").to_owned();
        table.row([
            name(change).to_owned(),
            change.before.as_ref().map_or_else(new, |before| days(before, lang)),
            change
                .after
                .as_ref()
                .map_or_else(String::new, |after| days(after, lang)),
            count(change.entries),
        ]);
    }
    table
}

/// What to think of before it is adopted: a semester that moves, and one that shares days with another.
pub(super) fn warnings(change: &SemesterChange) -> Vec<Say> {
    let id = name(change);
    let mut warnings = Vec::new();
    if change.before.is_some() {
        let entries = count(change.entries);
        warnings.push(say(
            format!(
                "注意：学期 {id} 的日期或教学周数变动，按学期计的要求随之重算；{entries} 条记录的结束日期移入或移出该学期"
            ),
            format!(
                "note: semester {id} changes its days or weeks, and what is due by semester is computed anew; {entries} \
                 entries have their last day moved into or out of it"
            ),
        ));
    } else if change.entries > 0 {
        let entries = count(change.entries);
        warnings.push(say(
            format!("学期 {id} 此前没有校历：{entries} 条已入账的记录从此计入该学期"),
            format!("semester {id} had no calendar before: {entries} entries recorded already count to it from now on"),
        ));
    }
    for other in &change.overlaps {
        warnings.push(say(
            format!("注意：学期 {id} 与其他校历的学期 {other} 有重叠的日子，这些日子两个学期都计"),
            format!("note: semester {id} shares days with {other} of another calendar, and these count to both"),
        ));
    }
    warnings
}

fn name(change: &SemesterChange) -> &str {
    change.after.as_ref().map_or("", |after| &after.semester_id)
}

#[cfg(test)]
mod tests {
    use keshi_proto::api::Semester;
    use keshi_proto::event::Date;

    use super::*;
    use crate::show::table::Width;

    fn semester(month: i32, day: i32) -> Semester {
        let date = |year, month, day| Some(Date { year, month, day });
        Semester {
            semester_id: "2022-2023-1".into(),
            from: date(2022, month, day),
            to: date(2023, 1, 13),
            teaching_weeks: 20,
            replaced: false,
        }
    }

    #[test]
    fn a_semester_that_moves_shows_both_dates_and_warns_with_the_entries_that_are_touched() {
        let moved = SemesterChange {
            before: Some(semester(9, 1)),
            after: Some(semester(9, 5)),
            entries: 1_012,
            overlaps: vec!["2021-2022-2".into()],
        };
        let text = table(std::slice::from_ref(&moved), Lang::Zh).render(Width::ANY);
        assert!(
            text.contains("2022-09-01..2023-01-13，20 周  2022-09-05..2023-01-13，20 周     1,012"),
            "{text}"
        );
        let said = warnings(&moved);
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(
            said[0].zh.contains("1,012 条") && said[1].en.contains("2021-2022-2"),
            "{said:?}"
        );
        let new = SemesterChange {
            before: None,
            entries: 0,
            overlaps: Vec::new(),
            ..moved
        };
        assert!(warnings(&new).is_empty());
    }
}
