//! Whom a name names.

use keshi_core::lang::{Lang, Say, say};
use keshi_core::text::name_form;
use keshi_proto::api::{FindPeopleResponse, PersonMatch};

/// Why a name names nobody, or several.
#[derive(Debug)]
pub struct Unclear<'a> {
    /// What is the matter.
    pub why: Say,
    /// What to do, where it is not said yet.
    pub remedy: Option<Say>,
    /// Those from whom to choose.
    pub people: &'a [PersonMatch],
}

/// The id of the one whom `text` names among those found by it.
///
/// # Errors
///
/// [`Unclear`] if it names nobody or several.
pub fn meant<'a>(found: &'a FindPeopleResponse, text: &str) -> Result<&'a str, Unclear<'a>> {
    if !found.unreadable_ids.is_empty() {
        let ids = &found.unreadable_ids;
        return Err(Unclear {
            why: say(
                format!("“{text}”可能是档案已损坏的教师：{}", ids.join("、")),
                format!("{text} may be a teacher whose record is damaged: {}", ids.join(", ")),
            ),
            remedy: Some(say(
                "请改用教师编号，或由管理员恢复人员档案",
                "give the teacher's id instead, or have the operator restore the people register",
            )),
            people: &[],
        });
    }
    let form = name_form(text);
    // They come first.
    let namesakes = found.people.iter().take_while(|person| name_form(&person.name) == form);
    match (namesakes.count(), found.people.as_slice()) {
        (1, [one, ..]) | (_, [one]) => Ok(&one.teacher_id),
        (_, []) => Err(Unclear {
            why: say(
                format!("您可查阅的教师中没有姓名含“{text}”的"),
                format!("no teacher about whom you may read has {text} in her name"),
            ),
            remedy: Some(say(
                "请核对姓名，或改用教师编号",
                "check the name, or give the teacher's id instead",
            )),
            people: &[],
        }),
        (0, several) => Err(Unclear {
            why: say(
                format!(
                    "有 {} 位教师的姓名含“{text}”，请写全姓名，或改用教师编号：",
                    found.total
                ),
                format!(
                    "{} teachers have {text} in their names; give the whole name, or the id of the one you mean:",
                    found.total
                ),
            ),
            remedy: None,
            people: several,
        }),
        (count, several) => Err(Unclear {
            why: say(
                format!("有 {count} 位教师叫“{text}”，请改用教师编号："),
                format!("{count} teachers are named {text}; give the id of the one you mean:"),
            ),
            remedy: None,
            people: several.get(..count).unwrap_or(several),
        }),
    }
}

/// Her schools by their names; by their ids where there are none.
pub fn schools(person: &PersonMatch, lang: Lang) -> String {
    let schools = if person.school_names.is_empty() {
        &person.school_ids
    } else {
        &person.school_names
    };
    schools.join(lang.pick("、", ", "))
}
