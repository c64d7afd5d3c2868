//! What a calendar would change, for people.

use keshi_core::lang::Lang;
use keshi_proto::api::SemesterChange;

pub(super) use keshi_words::calendar::warnings;
use keshi_words::calendar::{days, name};

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
