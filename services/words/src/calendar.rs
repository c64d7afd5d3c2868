//! Calendars (校历) for people.

use keshi_core::lang::{Lang, Say, say};
use keshi_proto::api::{AdoptedCalendar, Semester, SemesterChange};

use crate::names::count;
use crate::time::dates;

/// The columns' names.
pub const HEADINGS: [(&str, &str); 6] = [
    ("学年", "school year"),
    ("学期", "semester"),
    ("日期", "days"),
    ("校历", "calendar"),
    ("条目", "entry"),
    ("说明", "note"),
];

/// The cells of one semester of a calendar, in the order of [`HEADINGS`].
pub fn cells(calendar: &AdoptedCalendar, semester: &Semester, lang: Lang) -> [String; 6] {
    let id = &semester.semester_id;
    let year = id.rsplit_once('-').map_or(id.as_str(), |(year, _)| year);
    let replaced = lang.pick("已由后发布的校历取代", "a later calendar gives it");
    [
        year.to_owned(),
        id.clone(),
        days(semester, lang),
        calendar.calendar_id.clone(),
        calendar.index.to_string(),
        if semester.replaced { replaced } else { "" }.to_owned(),
    ]
}

/// A semester's days and weeks.
pub fn days(semester: &Semester, lang: Lang) -> String {
    let days = dates(semester.from.as_ref(), semester.to.as_ref());
    let weeks = semester.teaching_weeks;
    lang.pick(format!("{days}，{weeks} 周"), format!("{days}, {weeks} weeks"))
}

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
