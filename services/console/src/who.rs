//! The teacher whom a field means: by her id, her name, or a part of it.

use keshi_core::ids::TeacherId;
use keshi_proto::api;
use keshi_words::people::{meant, schools};

use crate::ask::Wrong;
use crate::visitor::Visitor;

/// The id of the teacher that the field `name` means; nobody's, if nothing is typed.
///
/// # Errors
///
/// [`Wrong`] naming those who may be meant, if it is not one.
pub(crate) async fn id_of(visitor: &Visitor, name: &str, text: &str, purpose: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if text.is_empty() || TeacherId::new(text).is_ok() {
        return Ok(text.to_owned());
    }
    let request = api::FindPeopleRequest {
        name: text.to_owned(),
        purpose: purpose.trim().to_owned(),
        limit: 0,
    };
    let found = visitor.api.ledger().find_people(visitor.api.call(request)).await;
    let found = found.map_err(Wrong::of)?.into_inner();
    let unclear = match meant(&found, text) {
        Ok(id) => return Ok(id.to_owned()),
        Err(unclear) => unclear,
    };
    let one = |person: &api::PersonMatch| {
        format!(
            "{} {} {}",
            person.name,
            person.teacher_id,
            schools(person, visitor.lang)
        )
    };
    let next = if let Some(remedy) = &unclear.remedy {
        format!("{}{}", visitor.say("；", "; "), remedy.pick(visitor.lang))
    } else {
        let people: Vec<String> = unclear.people.iter().map(one).collect();
        people.join(visitor.say("；", "; "))
    };
    Err(Wrong::field(name, &format!("{}{next}", unclear.why.pick(visitor.lang))))
}
