//! Calendars (校历) for people.

use keshi_core::lang::Lang;
use keshi_proto::api::{AdoptedCalendar, Semester};

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
