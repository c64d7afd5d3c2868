//! A session (场次) and who was there (出勤), for people.

use keshi_core::codes::{AttendanceResult, AttendanceRole, Level, SessionType};
use keshi_core::lang::Lang;
use keshi_proto::api::{Attendance, HeldSession};

use crate::names::amount;
use crate::time::dates;

/// The columns' names.
pub const HEADINGS: [(&str, &str); 8] = [
    ("场次编号", "session"),
    ("培训项目", "project"),
    ("类别", "level"),
    ("类型", "type"),
    ("日期", "days"),
    ("学时", "hours"),
    ("地点", "place"),
    ("状态", "state"),
];

/// The column of [`HEADINGS`] that is a number.
pub const HOURS: usize = 5;

/// The cells of one session, in the order of [`HEADINGS`].
pub fn cells(session: &HeldSession, lang: Lang) -> [String; 8] {
    [
        session.session_id.clone(),
        title(session).to_owned(),
        level(session, lang).to_owned(),
        session_type(session, lang).to_owned(),
        dates(session.from.as_ref(), session.to.as_ref()),
        hours(session.centihours),
        place(session).to_owned(),
        state(session, lang),
    ]
}

/// What it is called: as its project, or by its project's id while that has not arrived.
pub fn title(session: &HeldSession) -> &str {
    if session.project.is_empty() {
        &session.project_id
    } else {
        &session.project
    }
}

/// Of which level its project is; empty while that has not arrived.
pub fn level(session: &HeldSession, lang: Lang) -> &'static str {
    Level::from_code(session.level).map_or("", |level| lang.pick(level.zh(), level.en()))
}

/// What was held.
pub fn session_type(session: &HeldSession, lang: Lang) -> &'static str {
    SessionType::from_code(session.r#type).map_or("", |one| lang.pick(one.zh(), one.en()))
}

/// Where: the place, or else the school that posted it.
pub fn place(session: &HeldSession) -> &str {
    match (session.place.as_str(), session.school_name.as_str()) {
        ("", "") => &session.school_id,
        ("", name) => name,
        (place, _) => place,
    }
}

/// Its hours; empty where they are not said.
pub fn hours(centihours: i64) -> String {
    if centihours == 0 {
        String::new()
    } else {
        amount(centihours)
    }
}

/// Whether it was cancelled or moved, and by which entry; empty for one that is neither.
pub fn state(session: &HeldSession, lang: Lang) -> String {
    if let Some(by) = session.cancelled_by {
        return lang.pick(format!("已取消（第 {by} 条）"), format!("cancelled (entry {by})"));
    }
    match session.moved_by {
        Some(by) => {
            let before = dates(session.held_from.as_ref(), session.held_to.as_ref());
            lang.pick(
                format!("由 {before} 改期（第 {by} 条）"),
                format!("moved from {before} (entry {by})"),
            )
        }
        None => String::new(),
    }
}

/// The columns of a list of who was there.
pub const ATTENDANCE_HEADINGS: [(&str, &str); 7] = [
    ("教师编号", "teacher id"),
    ("姓名", "name"),
    ("学校", "school"),
    ("身份", "as"),
    ("学时", "hours"),
    ("考核结果", "result"),
    ("条目", "entry"),
];

/// The cells of who was there, in the order of [`ATTENDANCE_HEADINGS`].
pub fn attendance_cells(there: &Attendance, lang: Lang) -> [String; 7] {
    [
        there.teacher_id.clone(),
        there.name.clone(),
        there.school_names.join(lang.pick("、", ", ")),
        role(there, lang).to_owned(),
        amount(there.centihours),
        result(there, lang).to_owned(),
        there.index.to_string(),
    ]
}

/// As what she was there.
pub fn role(there: &Attendance, lang: Lang) -> &'static str {
    AttendanceRole::from_code(there.role).map_or("", |role| lang.pick(role.zh(), role.en()))
}

/// 考核结果; empty where there is none.
pub fn result(there: &Attendance, lang: Lang) -> &'static str {
    AttendanceResult::from_code(there.result).map_or("", |result| lang.pick(result.zh(), result.en()))
}

#[cfg(test)]
mod tests {
    use keshi_proto::event::Date;

    use super::*;

    #[test]
    fn a_session_says_where_and_whether_it_was_moved_or_cancelled() {
        let day = |day| {
            Some(Date {
                year: 2022,
                month: 3,
                day,
            })
        };
        let mut session = HeldSession {
            project_id: "P1".into(),
            school_id: "S1".into(),
            from: day(8),
            to: day(8),
            centihours: 650,
            ..HeldSession::default()
        };
        let told = |session: &HeldSession| cells(session, Lang::Zh);
        let cells = told(&session);
        assert_eq!((&*cells[1], &*cells[4], &*cells[HOURS]), ("P1", "2022-03-08", "6.5"));
        assert_eq!((&*cells[6], &*cells[7]), ("S1", ""));
        session.school_name = "城关小学".into();
        (session.moved_by, session.held_from, session.held_to) = (Some(9), day(1), day(1));
        let cells = told(&session);
        assert_eq!((&*cells[6], &*cells[7]), ("城关小学", "由 2022-03-01 改期（第 9 条）"));
        (session.place, session.cancelled_by, session.centihours) = ("礼堂".into(), Some(11), 0);
        let cells = told(&session);
        assert_eq!(
            (&*cells[6], &*cells[7], &*cells[HOURS]),
            ("礼堂", "已取消（第 11 条）", "")
        );
    }
}
