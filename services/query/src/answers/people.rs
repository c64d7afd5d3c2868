//! The people register, for the write side: who may change and find whom depends on the ledger.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use keshi_core::ids::TeacherId;
use keshi_core::state::At;
use keshi_core::text::name_form;
use keshi_door::identity::read;
use keshi_door::whose::{Tie, tie};
use keshi_door::{Fault, violation};
use keshi_engine::Engine;
use keshi_office::people::{Basis, IdDocument, Identity, Lookup, PutError, Register, RegisterError};
use keshi_office::reads::ReadOf;
use keshi_proto::api;
use keshi_proto::log::{EraseQuestion, PutQuestion, ResolveQuestion};
use prost::Message as _;
use tonic::Code;

use super::{Reply, school_of};
use crate::Context;
use crate::error::Error;
use crate::place::blocking;

/// Most holders of one name that are listed.
const MATCHES_MAX: usize = 50;

/// People found in one look-up of whom each leaves a line in the log of reads; of more, one line says how many.
const NOTED_ONE_BY_ONE_MAX: usize = 20;

/// Most bytes of matches in one answer; with its frame it stays below what the bus carries.
const MATCHES_BYTES_MAX: usize = 640 * 1024;

impl Context {
    pub(super) async fn put(self: &Arc<Self>, question: PutQuestion) -> Reply<api::PutIdentitiesResponse> {
        let (engine, people, now) = (
            self.engine.clone(),
            Arc::clone(&self.parts.people),
            self.parts.guard.now(),
        );
        blocking(move || put(&engine, &people, &question, now)).await?
    }

    pub(super) async fn erase(self: &Arc<Self>, question: EraseQuestion) -> Reply<api::EraseIdentityResponse> {
        if school_of(question.asker.as_ref()).is_some() {
            return Err(foreign(&question.teacher_id));
        }
        let people = Arc::clone(&self.parts.people);
        let erased = blocking(move || people.erase(&question.teacher_id)).await?;
        Ok(api::EraseIdentityResponse {
            erased: erased.map_err(Error::People)?,
        })
    }

    pub(super) async fn resolve(self: &Arc<Self>, question: ResolveQuestion) -> Reply<api::ResolvePeopleResponse> {
        let (engine, people, today) = (self.engine.clone(), Arc::clone(&self.parts.people), self.today());
        let poster = question.asker.as_ref().map(|asker| asker.poster.clone());
        let is_school = school_of(question.asker.as_ref()).is_some();
        // By her id alone nobody is found of whom the school does not know already.
        let guess = |query: &api::PersonQuery| is_school && !(query.name.is_empty() && query.id_doc_no.is_empty());
        let guesses: Vec<bool> = question.queries.iter().map(guess).collect();
        let found = blocking(move || resolve(&engine, &people, &question, today)).await??;
        let poster = poster.unwrap_or_default();
        self.note_found(&poster, &found)?;
        // That somebody is not of this name or number is an answer about her too, and who tries numbers out finds nobody
        // most of the time.
        let tried = guesses.into_iter().zip(&found.matches);
        let missed = tried.filter(|(is_guess, matches)| *is_guess && matches.people.is_empty());
        match missed.count() {
            0 => {}
            count => self.note_name(&poster, "*", Some(&format!("查无 {count} 人")))?,
        }
        Ok(found)
    }

    /// Notes whose names were looked up: each person, or, of a whole list, that it was one.
    fn note_found(&self, caller: &str, found: &api::ResolvePeopleResponse) -> Result<(), Error> {
        let people = found.matches.iter().flat_map(|matches| &matches.people);
        let ids: BTreeSet<&str> = people.map(|person| person.teacher_id.as_str()).collect();
        let (ids, purpose) = match ids.len() {
            0..=NOTED_ONE_BY_ONE_MAX => (Vec::from_iter(ids), None),
            count => (vec!["*"], Some(format!("共 {count} 人"))),
        };
        let mut ids = ids.into_iter();
        ids.try_for_each(|teacher_id| self.note_name(caller, teacher_id, purpose.as_deref()))
    }

    fn note_name(&self, caller: &str, teacher_id: &str, purpose: Option<&str>) -> Result<(), Error> {
        let read = ReadOf {
            caller,
            teacher_id,
            what: "name",
            period: None,
            purpose,
        };
        Ok(self.parts.reads.record(self.parts.guard.now(), &read)?)
    }
}

// === putting ===

fn put(
    engine: &Engine,
    people: &Register,
    question: &PutQuestion,
    now: Timestamp,
) -> Reply<api::PutIdentitiesResponse> {
    let mut identities = Vec::with_capacity(question.identities.len());
    let mut violations = Vec::new();
    for (position, identity) in question.identities.iter().enumerate() {
        match read(identity, now) {
            Ok(identity) => identities.push(identity),
            Err((field, text)) => {
                violations.push(violation(
                    format!("identities[{position}].{field}"),
                    "",
                    text.zh,
                    text.en,
                ));
            }
        }
    }
    if !violations.is_empty() {
        return Err(Fault::fields(violations));
    }
    if let Some(school) = school_of(question.asker.as_ref()) {
        for identity in &identities {
            if !may_put(engine, people, identity, school)? {
                return Err(foreign(&identity.teacher_id));
            }
        }
    }
    let put = match school_of(question.asker.as_ref()) {
        Some(_) => people.put_unshared(&identities),
        None => people.put(&identities),
    };
    let put = put.map_err(|error| match error {
        PutError::Register(error) => Fault::from(Error::People(error)),
        PutError::Shared { teacher_id } => document_taken(&teacher_id),
        // Both were looked for before; the register says so again.
        error @ (PutError::Identity { .. } | PutError::Twice { .. }) => Fault::new(
            Code::InvalidArgument,
            "InvalidFields",
            error.to_string(),
            error.to_string(),
        ),
    })?;
    for (one, other) in &put.shared_documents {
        tracing::warn!(teacher_id = %one, %other, "two teachers have one identity document");
    }
    let stored = put.added + put.changed + put.unchanged;
    Ok(api::PutIdentitiesResponse {
        stored: i32::try_from(stored).unwrap_or(i32::MAX),
    })
}

/// A school puts the identities of its own teachers, and of those that it is about to register. One that the ledger does
/// not know yet may be put again only unchanged: her id may be another school's that was a moment earlier.
fn may_put(engine: &Engine, people: &Register, identity: &Identity, school: &str) -> Result<bool, Error> {
    let Ok(id) = TeacherId::new(&identity.teacher_id) else {
        return Ok(false);
    };
    match belongs(engine, &id, school)? {
        Some(belongs) => Ok(belongs),
        None => Ok(match people.get(id.as_str())? {
            None => true,
            Some(before) => {
                let updated_at = identity.updated_at;
                *identity == Identity { updated_at, ..before }
            }
        }),
    }
}

/// Whether the teacher is or was of this school; without a post, whether it registered her. `None` if the ledger does not
/// know her.
pub(super) fn belongs(engine: &Engine, id: &TeacherId, school: &str) -> Result<Option<bool>, Error> {
    Ok(match engine.query(|at| tie(at, id, school)) {
        Tie::Unknown => None,
        Tie::Posts(belongs) => Some(belongs),
        Tie::Registration(index) => {
            let entry = engine.entry(index)?;
            let event = entry.as_ref().and_then(|stored| stored.entry.posted.event());
            Some(
                event
                    .and_then(|event| event.org)
                    .is_some_and(|org| org.as_str() == school),
            )
        }
    })
}

fn foreign(teacher_id: &str) -> Fault {
    Fault::new(
        Code::PermissionDenied,
        "ForeignTeacher",
        format!("教师 {teacher_id} 不是本校教师，或该编号已被占用；请核对编号，或交由县级审核员办理"),
        format!(
            "teacher {teacher_id} is not of your school, or the id is taken; check the id, or ask a county reviewer"
        ),
    )
}

/// Says nothing of whom the number is, nor of where she is.
fn document_taken(teacher_id: &str) -> Fault {
    Fault::new(
        Code::FailedPrecondition,
        "DocumentTaken",
        format!(
            "教师 {teacher_id} 的证件号码不能登记在这个编号下；请核对号码，若无误，此人可能已有编号，请交由县级审核员办理"
        ),
        format!(
            "the ID number given for teacher {teacher_id} cannot be put under this id; check it, and if it is right, she may \
             have an id already: ask a county reviewer"
        ),
    )
}

// === finding ===

fn resolve(
    engine: &Engine,
    people: &Register,
    question: &ResolveQuestion,
    today: Date,
) -> Reply<api::ResolvePeopleResponse> {
    let mut lookups = Vec::with_capacity(question.queries.len());
    let mut violations = Vec::new();
    for (position, query) in question.queries.iter().enumerate() {
        let document = match query.id_doc_no.trim() {
            "" => Ok(None),
            number => IdDocument::new(&query.id_doc_type, number).map(Some),
        };
        match document {
            Ok(id_document) => lookups.push(Lookup {
                name: Some(query.name.clone()).filter(|name| !name.trim().is_empty()),
                id_document,
            }),
            Err(why) => {
                let (field, why) = (format!("queries[{position}].id_doc_no"), why.said());
                let zh = format!("身份证件号码有误：{}", why.zh);
                violations.push(violation(field, "", zh, why.en));
            }
        }
    }
    if !violations.is_empty() {
        return Err(Fault::fields(violations));
    }
    let found = people.resolve(&lookups).map_err(Error::People)?;
    let school = school_of(question.asker.as_ref());
    let mut bytes = 0;
    let mut matches = Vec::with_capacity(found.len());
    for (query, (lookup, found)) in question.queries.iter().zip(lookups.iter().zip(found)) {
        let ids = if query.teacher_id.is_empty() {
            found.map(|found| {
                let by_both = found.basis == Basis::DocumentAndName;
                let ids = match found.basis {
                    // Where a document was given, a name alone is not enough.
                    Basis::Name if lookup.id_document.is_some() => Vec::new(),
                    _ => found.teacher_ids,
                };
                (ids, by_both)
            })
        } else {
            // The id says who she is, unless the document given beside it is another's.
            let is_anothers = found.as_ref().is_ok_and(|found| match found.basis {
                Basis::Document | Basis::DocumentAndName | Basis::DocumentUnderOtherName => {
                    !found.teacher_ids.contains(&query.teacher_id)
                }
                Basis::Name | Basis::Nobody => false,
            });
            let hers = (!is_anothers).then(|| query.teacher_id.clone());
            Ok((hers.into_iter().collect(), false))
        };
        let ids = ids.map_err(|unreadable| Error::People(unreadable.into()));
        let found = ids.and_then(|(ids, by_both)| {
            let sought = Sought {
                school,
                by_both,
                name: lookup.name.as_deref().filter(|_| !query.teacher_id.is_empty()),
            };
            those(engine, people, &ids, sought, today)
        });
        let found = match found {
            Ok(people) => api::PersonMatches {
                people,
                unreadable_ids: Vec::new(),
            },
            Err(Error::People(RegisterError::Unreadable(unreadable))) => api::PersonMatches {
                people: Vec::new(),
                unreadable_ids: unreadable.teacher_ids.into_iter().take(MATCHES_MAX).collect(),
            },
            Err(error) => return Err(error.into()),
        };
        bytes += found.encoded_len() + 5;
        if bytes > MATCHES_BYTES_MAX {
            return Err(too_many_matches());
        }
        matches.push(found);
    }
    Ok(api::ResolvePeopleResponse { matches })
}

fn too_many_matches() -> Fault {
    Fault::new(
        Code::InvalidArgument,
        "AnswerTooLarge",
        "同名者过多，无法一次答复；请分几次查询，或加填身份证件号码",
        "there are too many matches for one answer; ask for fewer people at a time, or with their documents",
    )
}

/// Who looks for somebody, and how she named her.
#[derive(Clone, Copy)]
struct Sought<'q> {
    /// The school, if one asks.
    school: Option<&'q str>,
    /// Whether she was found by document and name, which agree.
    by_both: bool,
    /// Her name, if she was named by her id too.
    name: Option<&'q str>,
}

impl Sought<'_> {
    /// Whether she is named so that she is known already to who asks: by document and name, or by id and name.
    fn is_known_by(self, name: &str) -> bool {
        self.by_both || self.name.is_some_and(|sought| name_form(sought) == name_form(name))
    }
}

/// The people of these ids, as many as are listed at most.
fn those(
    engine: &Engine,
    people: &Register,
    ids: &[String],
    sought: Sought<'_>,
    today: Date,
) -> Result<Vec<api::PersonMatch>, Error> {
    let found = ids.iter().take(MATCHES_MAX);
    let found = found.map(|id| person(engine, people, id, sought, today));
    Ok(found
        .collect::<Result<Vec<_>, Error>>()?
        .into_iter()
        .flatten()
        .collect())
}

/// One person found, if she is known at all and within the asker's scope.
///
/// A school that hosts others' teachers (ADR 14) finds such a guest if it names her surely, and is told her id and no more.
fn person(
    engine: &Engine,
    people: &Register,
    id: &str,
    sought: Sought<'_>,
    today: Date,
) -> Result<Option<api::PersonMatch>, Error> {
    let Ok(teacher_id) = TeacherId::new(id) else {
        return Ok(None);
    };
    if let Some(school) = sought.school
        && belongs(engine, &teacher_id, school)? != Some(true)
    {
        let registered = engine.query(|at| at.profile(&teacher_id).is_some());
        let guest = people
            .get(id)?
            .filter(|identity| registered && sought.is_known_by(&identity.name));
        return Ok(guest.map(|_| Present::default().into_match(id, String::new())));
    }
    let name = people.get(id)?.map(|identity| identity.name);
    let known = engine.query(|at| present(at, &teacher_id, today));
    if name.is_none() && !known.is_registered {
        return Ok(None);
    }
    Ok(Some(known.into_match(id, name.unwrap_or_default())))
}

/// Where somebody is today, as the ledger has it.
#[derive(Default)]
pub(crate) struct Present {
    is_registered: bool,
    /// Her schools and their names.
    schools: Vec<(String, String)>,
    subject: String,
}

impl Present {
    pub(crate) fn into_match(self, teacher_id: &str, name: String) -> api::PersonMatch {
        let (school_ids, school_names) = self.schools.into_iter().unzip();
        api::PersonMatch {
            teacher_id: teacher_id.to_owned(),
            name,
            school_ids,
            school_names,
            subject: self.subject,
        }
    }
}

/// Her schools today and her subject; nothing if the ledger does not know her.
pub(crate) fn present(at: At<'_>, id: &TeacherId, today: Date) -> Present {
    let Some(profile) = at.profile(id) else {
        return Present::default();
    };
    let held = at.holdings(id);
    let now = held
        .iter()
        .filter(|post| post.from <= today && post.to.is_none_or(|last| today <= last));
    let named = now.filter_map(|post| post.school).map(|school| {
        let name = at.school(&school).map(|school| school.name.to_string());
        (school.to_string(), name.unwrap_or_default())
    });
    let subject = profile.subject.as_ref().map_or_else(String::new, ToString::to_string);
    Present {
        is_registered: true,
        schools: named.collect(),
        subject,
    }
}
