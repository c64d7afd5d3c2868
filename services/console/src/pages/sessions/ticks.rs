//! The form of a session, as rows of the sheet 签到.

use std::collections::{BTreeMap, BTreeSet};

use keshi_core::codes::{AttendanceResult, AttendanceRole};
use keshi_core::ids::TeacherId;
use keshi_core::lang::{Lang, Say, say};
use keshi_proto::api;
use keshi_sheets::columns::{Col, Kind};
use keshi_sheets::read::{TypedRow, Workbook, typed};
use keshi_words::names::amount;
use keshi_words::session::{hours, title};
use keshi_words::time::{date, dates};

use super::who::{LISTED_MAX, Line, Roll};

/// Most lines of people who are not in the list.
pub(super) const OTHERS_MAX: usize = 200;

/// Stands between a teacher's id and her role in the key of what is recorded. No id has it.
const BETWEEN: char = '~';

/// The columns of the rows.
const COLS: [Col; 9] = [
    Col::SessionId,
    Col::Teacher,
    Col::Name,
    Col::Hours,
    Col::From,
    Col::To,
    Col::Role,
    Col::Result,
    Col::Void,
];

/// What is ticked and typed. A person who is recorded is named by her id and role, another by her id.
#[derive(Default)]
pub(super) struct Ticks {
    pub(super) there: BTreeSet<String>,
    /// What was recorded when the form was shown: a tick that is missing there was taken away.
    was: BTreeSet<String>,
    pub(super) hours: BTreeMap<String, String>,
    /// The hours that were recorded when the form was shown: what somebody else corrected since is not typed here.
    had: BTreeMap<String, String>,
    /// Hours of those ticked anew of whom nothing else is typed.
    pub(super) each: String,
    pub(super) role: String,
    pub(super) result: String,
    pub(super) others: String,
    pub(super) reason: String,
    pub(super) school: String,
    /// Whether all are to be ticked, or only those recorded, instead of being checked.
    pub(super) choose: Option<bool>,
}

/// What names a line of the form.
pub(super) fn key_of(line: &Line) -> String {
    match &line.there {
        Some(there) => format!("{}{BETWEEN}{}", line.teacher_id, there.role),
        None => line.teacher_id.clone(),
    }
}

impl Ticks {
    /// As the form is shown first: who is recorded is ticked.
    pub(super) fn of(roll: &Roll) -> Self {
        let mut ticks = Self {
            each: hours(roll.session.centihours),
            role: AttendanceRole::Learner.code().to_string(),
            ..Self::default()
        };
        for (line, there) in roll.lines.iter().filter_map(|line| Some((line, line.there.as_ref()?))) {
            ticks.there.insert(key_of(line));
            ticks.hours.insert(key_of(line), amount(there.centihours));
        }
        ticks
    }

    /// As the form was sent.
    pub(super) fn read(fields: Vec<(String, String)>) -> Self {
        let mut ticks = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "there" => _ = ticks.there.insert(value),
                "was" => _ = ticks.was.insert(value),
                "each" => ticks.each = value.trim().to_owned(),
                "role" => ticks.role = value,
                "result" => ticks.result = value,
                "others" => ticks.others = value,
                "reason" => ticks.reason = value.trim().to_owned(),
                "school_id" => ticks.school = value,
                "choose" => ticks.choose = Some(value == "all"),
                other => {
                    if let Some(key) = other.strip_prefix("had.") {
                        ticks.had.insert(key.to_owned(), value);
                    } else if let Some(key) = other.strip_prefix("hours.") {
                        ticks.hours.insert(key.to_owned(), value.trim().to_owned());
                    }
                }
            }
        }
        ticks
    }

    /// Ticks everybody, or those alone who are recorded.
    pub(super) fn set_all(&mut self, roll: &Roll, all: bool) {
        let chosen = roll.lines.iter().filter(|line| all || line.there.is_some());
        self.there = chosen.map(key_of).collect();
    }

    /// The rows that the form means: those ticked anew, those recorded of whom other hours are typed, and those whose tick was
    /// taken away, which are void. Who is recorded as it stands there makes no row.
    ///
    /// # Errors
    ///
    /// What is missing, or that nothing is to be done.
    pub(super) fn book(&self, roll: &Roll, lang: Lang) -> Result<Workbook, Say> {
        // No page has more of them: each would be looked for in the list.
        if self.there.len().max(self.was.len()) > LISTED_MAX {
            return Err(say(
                format!("一次至多勾 {LISTED_MAX} 人；更多的请导入“签到”表"),
                format!("at most {LISTED_MAX} people are ticked at once; import the sheet 签到 for more"),
            ));
        }
        let mut rows = Vec::new();
        for key in &self.there {
            if !key.contains(BETWEEN) {
                let known = roll.lines.iter().find(|line| line.teacher_id == *key);
                let name = known.map_or("", |line| &line.name);
                rows.push(self.new_row(roll, (key, name), self.hours_of(key)?));
            }
        }
        let others: Vec<&str> = self
            .others
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        if others.len() > OTHERS_MAX {
            return Err(say(
                format!("名单外的人一次至多 {OTHERS_MAX} 行；更多的请导入“签到”表"),
                format!("at most {OTHERS_MAX} others at once; import the sheet 签到 for more"),
            ));
        }
        for other in others {
            let (id, name) = whom(other);
            rows.push(self.new_row(roll, (&id, &name), self.hours_of("")?));
        }
        for key in &self.was {
            let is_there = self.there.contains(key);
            let line = roll.lines.iter().find(|line| key_of(line) == *key);
            match line.and_then(|line| Some((line, line.there.as_ref()?))) {
                Some((line, there)) if is_there => rows.extend(self.changed(roll, key, (line, there))),
                Some((line, there)) => rows.push(self.void(roll, (line, there))?),
                // It was made void while the form was open: the check says by which entry.
                None if is_there => {
                    let id = key.split(BETWEEN).next().unwrap_or_default();
                    rows.push(self.new_row(roll, (id, ""), self.hours_of(key)?));
                }
                None => {}
            }
        }
        if rows.is_empty() {
            return Err(say(
                "没有要记的：勾上到场的人，或改学时",
                "there is nothing to record: tick who was there, or change hours",
            ));
        }
        let session = &roll.session;
        let days = dates(session.from.as_ref(), session.to.as_ref());
        let name = lang.pick(
            format!("点名 {} {days}", title(session)),
            format!("Attendance, {} {days}", title(session)),
        );
        Ok(typed(&name, Kind::Attendance, &COLS, &rows))
    }

    /// The hours typed for one, or else for all.
    fn hours_of(&self, key: &str) -> Result<&str, Say> {
        let own = self.hours.get(key).map(String::as_str).filter(|text| !text.is_empty());
        match own.unwrap_or(&self.each) {
            "" => Err(say(
                "请写明学时：在上面写一次，或在每个人旁边写",
                "say how many hours: once above, or beside each of them",
            )),
            hours => Ok(hours),
        }
    }

    fn new_row(&self, roll: &Roll, (id, name): (&str, &str), hours: &str) -> TypedRow {
        let coded = |text: &str| text.parse().ok();
        let as_what = coded(&self.role).and_then(AttendanceRole::from_code);
        let result = coded(&self.result).and_then(AttendanceResult::from_code);
        let session = &roll.session;
        let cells: [&str; 9] = [
            &session.session_id,
            id,
            name,
            hours,
            &date(session.from.as_ref()),
            &date(session.to.as_ref()),
            as_what.map_or("", AttendanceRole::zh),
            result.map_or("", AttendanceResult::zh),
            "",
        ];
        TypedRow {
            cells: cells.map(ToOwned::to_owned).into(),
            entry: None,
        }
    }

    /// What is recorded, if other hours are typed than stood there.
    fn changed(&self, roll: &Roll, key: &str, (line, there): (&Line, &api::Attendance)) -> Option<TypedRow> {
        let recorded = amount(there.centihours);
        let typed = self
            .hours
            .get(key)
            .filter(|text| !text.is_empty() && **text != recorded && self.had.get(key) != Some(text))?;
        Some(recorded_row(roll, (line, there), typed, ""))
    }

    fn void(&self, roll: &Roll, (line, there): (&Line, &api::Attendance)) -> Result<TypedRow, Say> {
        if self.reason.is_empty() {
            return Err(say(
                format!(
                    "{} {} 已记在台账，取消她的勾就是作废：请写明理由",
                    line.name, line.teacher_id
                ),
                format!(
                    "{} {} is recorded, and without her tick that is void: say why",
                    line.name, line.teacher_id
                ),
            ));
        }
        Ok(recorded_row(
            roll,
            (line, there),
            &amount(there.centihours),
            &self.reason,
        ))
    }
}

/// The row of what is recorded, with these hours.
fn recorded_row(roll: &Roll, (line, there): (&Line, &api::Attendance), hours: &str, void: &str) -> TypedRow {
    let cells: [&str; 9] = [
        &roll.session.session_id,
        &line.teacher_id,
        &line.name,
        hours,
        &date(there.from.as_ref()),
        &date(there.to.as_ref()),
        AttendanceRole::from_code(there.role).map_or("", AttendanceRole::zh),
        AttendanceResult::from_code(there.result).map_or("", AttendanceResult::zh),
        void,
    ];
    TypedRow {
        cells: cells.map(ToOwned::to_owned).into(),
        entry: Some(there.index),
    }
}

/// Id and name of a line about somebody; what is no id is her name.
fn whom(line: &str) -> (String, String) {
    let words = line.split(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、'));
    let (ids, names): (Vec<&str>, Vec<&str>) = words
        .filter(|word| !word.is_empty())
        .partition(|word| TeacherId::new(word).is_ok());
    (ids.join(" "), names.join(" "))
}

#[cfg(test)]
mod tests {
    use super::whom;

    #[test]
    fn a_line_names_somebody_by_name_by_id_or_by_both() {
        let both = |id: &str, name: &str| (id.to_owned(), name.to_owned());
        assert_eq!(whom("王芳"), both("", "王芳"));
        assert_eq!(whom("LB-0012"), both("LB-0012", ""));
        assert_eq!(whom("王芳，LB-0012"), both("LB-0012", "王芳"));
        assert_eq!(whom("LB-0012 阿依古丽 买买提"), both("LB-0012", "阿依古丽 买买提"));
    }
}
