//! Ids derived from what a row says, so that the same row gives the same ids, today and in a year.
//!
//! Never from row numbers, and never from names or ID numbers of people: they would be personal data in the ledger.

use std::cell::RefCell;
use std::collections::HashMap;

use jiff::civil::Date;
use keshi_core::event::AssignmentStarted;
use keshi_core::ids::{EventId, OfficeCode, Sha256};
use keshi_core::text::Text;
use uuid::Uuid;

use crate::heading::key_form;

/// The space of Keshi's import ids. Changing it, or what goes into an id, would make every file import twice.
const IMPORT: Uuid = Uuid::from_u128(0x6b65_7368_695f_4f69_b2d0_7f1c_2a61_0729);

/// Stands between the parts of a key; no text can hold it.
const BETWEEN: char = '\u{1f}';

/// Key forms found so far: a project's name stands in hundreds of rows.
#[derive(Debug, Default)]
pub(super) struct KeyForms(RefCell<HashMap<String, String>>);

/// Derives ids for one office.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ids<'f> {
    office: OfficeCode,
    forms: &'f KeyForms,
}

impl KeyForms {
    fn push(&self, part: &str, key: &mut String) {
        if part.is_ascii() {
            key.push_str(&key_form(part));
            return;
        }
        let mut forms = self.0.borrow_mut();
        if let Some(form) = forms.get(part) {
            key.push_str(form);
        } else {
            let form = key_form(part);
            key.push_str(&form);
            forms.insert(part.to_owned(), form);
        }
    }
}

impl<'f> Ids<'f> {
    pub(super) const fn new(office: OfficeCode, forms: &'f KeyForms) -> Self {
        Self { office, forms }
    }

    /// The id of an event of this kind with these parts.
    pub(super) fn event(self, kind: &str, parts: &[&str]) -> EventId {
        EventId::new(Uuid::new_v5(&IMPORT, self.key(kind, parts).as_bytes()))
    }

    /// The id of the start of this post on this day.
    pub(super) fn start(self, fact: &AssignmentStarted, from: Date) -> EventId {
        let school = fact.school_id.map(|id| id.to_string()).unwrap_or_default();
        let unit = fact.unit.as_ref().map(Text::to_string).unwrap_or_default();
        let (post, day) = (fact.post.code().to_string(), from.to_string());
        self.event(
            "assignment_started",
            &[fact.teacher_id.as_str(), &school, &unit, &post, &day],
        )
    }

    /// A short id for a project, session …: the prefix, a dash and 20 hexadecimal digits.
    pub(super) fn short(self, prefix: &str, parts: &[&str]) -> String {
        let mut hash = Sha256::of(self.key(prefix, parts).as_bytes()).to_string();
        hash.truncate(20);
        format!("{prefix}-{hash}")
    }

    fn key(self, kind: &str, parts: &[&str]) -> String {
        let mut key = format!("{}{BETWEEN}{kind}", self.office);
        for part in parts {
            key.push(BETWEEN);
            self.forms.push(part, &mut key);
        }
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_do_not_change_from_release_to_release() {
        let forms = KeyForms::default();
        let ids = Ids::new(OfficeCode::new("610729").unwrap(), &forms);
        let id = ids.event("school_visit", &["LB-0001", "2022-03-05", "LB-XX01"]);
        assert_eq!(id.to_string(), "ef12cb65-1cd2-5a25-9128-3e4161641d88");
        assert_eq!(
            ids.short("P", &["国培（2022）", "县教师进修学校"]),
            "P-453a2ef0b0bd374b1464"
        );
    }

    #[test]
    fn width_spacing_and_script_do_not_change_an_id_but_the_parts_do() {
        let forms = KeyForms::default();
        let ids = Ids::new(OfficeCode::new("610729").unwrap(), &forms);
        let id = |parts: &[&str]| ids.event("project_opened", parts);
        assert_eq!(id(&["教師培訓（２０２２）"]), id(&["教师 培训(2022)"]));
        assert_ne!(id(&["ab", "c"]), id(&["a", "bc"]));
        assert_ne!(id(&["ab"]), id(&["ab", ""]));
    }
}
