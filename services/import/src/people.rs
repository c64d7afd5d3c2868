//! Who the people of the rows are: asked of the people register, in parts, so that no name goes any further.

use std::time::Duration;

use keshi_client::Client;
use keshi_core::ids::TeacherId;
use keshi_core::lang::say;
use keshi_core::text::name_form;
use keshi_office::people::IdDocument;
use keshi_proto::api;
use keshi_sheets::plan::{Found, People, PersonKey, Rows};
use tokio::time::sleep;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::stop::unless_stopped;
use crate::{Outcome, Watch};

/// People in one question.
pub(crate) const PEOPLE_AT_ONCE: usize = 1_000;

/// How often a question is asked again that came too fast: the allowance is full again after five minutes.
const TRIES_MAX: u32 = 60;

/// The longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Asks for everyone whom the rows are about.
pub(crate) async fn resolve(watch: &dyn Watch, client: &Client, rows: &Rows) -> Outcome<People> {
    // A mistyped document is a problem of its row, found when planning; asking for it would refuse the whole question.
    let keys: Vec<_> = rows
        .people()
        .into_iter()
        .map(|person| person.key)
        .filter(is_askable)
        .collect();
    let mut people = People::default();
    // Many take long: the register answers only so many questions in a while.
    watch.begins(say("查找人员", "looking people up"), keys.len() as u64);
    let mut asked = 0;
    for part in keys.chunks(PEOPLE_AT_ONCE) {
        unless_stopped(watch)?;
        let answer = ask(client, part).await?;
        asked += part.len() as u64;
        watch.reached(asked);
        for (key, matches) in part.iter().zip(answer.matches) {
            people.set(key.clone(), found(key, matches));
        }
    }
    watch.ended();
    Ok(people)
}

fn is_askable(key: &PersonKey) -> bool {
    key.id_no.trim().is_empty() || IdDocument::new(&key.id_type, &key.id_no).is_ok()
}

/// One question, asked again where it came too fast.
pub(crate) async fn ask(client: &Client, keys: &[PersonKey]) -> Result<api::ResolvePeopleResponse, Status> {
    let queries: Vec<_> = keys
        .iter()
        .map(|key| api::PersonQuery {
            name: key.name.clone(),
            id_doc_type: key.id_type.clone(),
            id_doc_no: key.id_no.clone(),
            teacher_id: key.teacher_id.clone(),
        })
        .collect();
    let mut tries = 0;
    loop {
        tries += 1;
        let request = client.call(api::ResolvePeopleRequest {
            queries: queries.clone(),
            purpose: "导入 import".to_owned(),
        });
        match client.registry().resolve_people(request).await {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(status) if status.code() == Code::ResourceExhausted && tries < TRIES_MAX => {
                sleep(pause(&status)).await;
            }
            Err(status) => return Err(status),
        }
    }
}

/// How long the server asks to wait.
pub(crate) fn pause(status: &Status) -> Duration {
    let asked = status.get_details_retry_info().and_then(|info| info.retry_delay);
    asked.unwrap_or(Duration::from_millis(200)).min(PAUSE_MAX)
}

fn found(key: &PersonKey, matches: api::PersonMatches) -> Found {
    if !matches.unreadable_ids.is_empty() {
        return Found::Unreadable(matches.unreadable_ids);
    }
    // A mistyped id would credit somebody else.
    if let [person] = &*matches.people
        && !key.teacher_id.is_empty()
        && !key.name.is_empty()
        && !person.name.is_empty()
        && name_form(&person.name) != name_form(&key.name)
    {
        return Found::OtherName(person.name.clone());
    }
    let mut people: Vec<_> = matches
        .people
        .into_iter()
        .filter_map(|person| Some((TeacherId::new(&person.teacher_id).ok()?, label(&person))))
        .collect();
    match people.len() {
        0 => Found::Nobody,
        1 => people.pop().map_or(Found::Nobody, |(id, _)| Found::One(id)),
        _ => Found::Several(people),
    }
}

/// What tells one holder of a name from the others.
fn label(person: &api::PersonMatch) -> String {
    let schools = if person.school_names.is_empty() {
        &person.school_ids
    } else {
        &person.school_names
    };
    let parts = [schools.join("、"), person.subject.clone()];
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(ids: &[&str]) -> api::PersonMatches {
        let person = |id: &&str| api::PersonMatch {
            teacher_id: (*id).to_owned(),
            school_names: vec!["城关小学".into()],
            subject: "语文".into(),
            ..api::PersonMatch::default()
        };
        api::PersonMatches {
            people: ids.iter().map(person).collect(),
            unreadable_ids: Vec::new(),
        }
    }

    #[test]
    fn one_match_is_the_person_and_several_are_told_apart_by_school_and_subject() {
        assert_eq!(found(&PersonKey::default(), matched(&[])), Found::Nobody);
        assert_eq!(
            found(&PersonKey::default(), matched(&["T1"])),
            Found::One(TeacherId::new("T1").unwrap())
        );
        let Found::Several(several) = found(&PersonKey::default(), matched(&["T1", "T2"])) else {
            panic!("one")
        };
        assert_eq!(several[1].1, "城关小学 语文");
        let unreadable = api::PersonMatches {
            unreadable_ids: vec!["T9".into()],
            ..api::PersonMatches::default()
        };
        assert_eq!(
            found(&PersonKey::default(), unreadable),
            Found::Unreadable(vec!["T9".into()])
        );
    }
}
