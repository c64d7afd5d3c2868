//! Names from the people register, for those who may read about a person.

use std::sync::Arc;

use keshi_core::ids::TeacherId;
use keshi_door::violation;
use keshi_office::people::Unreadable;

use crate::Context;
use crate::error::Error;
use crate::place::blocking;

/// In place of a name that the register has but cannot read.
const UNREADABLE: &str = "（人员档案损坏）";

impl Context {
    /// The names of these teachers, empty where the register has none; a damaged record spoils no other line.
    pub(crate) async fn names(&self, ids: Vec<TeacherId>) -> Result<Vec<String>, Error> {
        let people = Arc::clone(&self.parts.people);
        let names = blocking(move || {
            let ids: Vec<&str> = ids.iter().map(TeacherId::as_str).collect();
            people.names(&ids)
        });
        let shown = |name: Result<Option<String>, Unreadable>| {
            name.map_or_else(|_| UNREADABLE.to_owned(), Option::unwrap_or_default)
        };
        Ok(names.await??.into_iter().map(shown).collect())
    }

    /// The name of one teacher.
    pub(crate) async fn name(&self, id: TeacherId) -> Result<String, Error> {
        Ok(self.names(vec![id]).await?.pop().unwrap_or_default())
    }
}

/// Reads a teacher's id.
pub(crate) fn teacher_id(text: &str) -> Result<TeacherId, Error> {
    TeacherId::new(text).map_err(|why| {
        Error::Fields(vec![violation(
            "teacher_id",
            text,
            format!("“{text}” 不是教师编号；请核对后重查"),
            format!("{text:?} is no teacher's id: {why}; correct it and ask again"),
        )])
    })
}
