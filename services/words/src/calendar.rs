//! What a calendar would change.

use keshi_core::lang::{Lang, Say, say};
use keshi_proto::api::{Semester, SemesterChange};

use crate::names::count;
use crate::time::dates;

/// What to think of before it is adopted: a semester that moves, and one that shares days with another.
pub fn warnings(change: &SemesterChange) -> Vec<Say> {
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

/// The semester that it is about.
pub fn name(change: &SemesterChange) -> &str {
    change.after.as_ref().map_or("", |after| &after.semester_id)
}

/// The days of a semester and how many weeks it teaches.
pub fn days(semester: &Semester, lang: Lang) -> String {
    let days = dates(semester.from.as_ref(), semester.to.as_ref());
    let weeks = semester.teaching_weeks;
    lang.pick(format!("{days}，{weeks} 周"), format!("{days}, {weeks} weeks"))
}
