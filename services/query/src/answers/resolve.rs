//! Who somebody is, by name or document, for the write side: whoever posts is told of those within her reach.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use keshi_core::ids::TeacherId;
use keshi_core::state::At;
use keshi_core::text::name_form;
use keshi_door::{Fault, violation};
use keshi_engine::Engine;
use keshi_office::access::{Caller, Role};
use keshi_office::people::{Basis, IdDocument, Lookup, Register, RegisterError};
use keshi_office::reads::ReadOf;
use keshi_proto::api;
use keshi_proto::log::{Asker, ResolveQuestion};
use prost::Message as _;
use tonic::Code;

use super::people::belongs;
use super::{Reply, school_of};
use crate::Context;
use crate::error::Error;
use crate::people::readable;
use crate::place::blocking;
use crate::scope::checked_purpose;

/// Most holders of one name that are listed.
const MATCHES_MAX: usize = 50;

/// People found in one look-up of whom each leaves a line in the log of reads; of more, one line says how many.
const NOTED_ONE_BY_ONE_MAX: usize = 20;

/// Most bytes of matches in one answer; with its frame it stays below what the bus carries.
const MATCHES_BYTES_MAX: usize = 640 * 1024;

/// Of whom an asker is told without naming them surely.
pub(super) enum Reach {
    /// Of everybody.
    Office,
    /// Of those who are or were of this school.
    School(String),
    /// Of those whom she may read about, herself among them.
    Readable(Caller),
}

impl Reach {
    /// That of `asker`; `None` if she has a role that is not known here.
    pub(super) fn of(asker: Option<&Asker>, office: &str) -> Option<Self> {
        if let Some(school) = school_of(asker) {
            return Some(Self::School(school.to_owned()));
        }
        match asker {
            Some(asker) if !asker.role.is_empty() => {
                let role = Role::of_text(&asker.role)?;
                Some(Self::Readable(Caller::told(&asker.poster, office, role)))
            }
            Some(_) | None => Some(Self::Office),
        }
    }

    /// Whether everybody is within it.
    fn is_whole(&self) -> bool {
        matches!(self, Self::Office)
    }

    fn has(&self, engine: &Engine, id: &TeacherId) -> Result<bool, Error> {
        match self {
            Self::Office => Ok(true),
            Self::School(school) => Ok(belongs(engine, id, school)? == Some(true)),
            Self::Readable(caller) => Ok(engine.query(|at| readable(at, caller, id.as_str())).is_some()),
        }
    }
}

impl Context {
    pub(super) async fn resolve(
        self: &Arc<Self>,
        question: ResolveQuestion,
        reach: Reach,
    ) -> Reply<api::ResolvePeopleResponse> {
        let (engine, people, today) = (self.engine.clone(), Arc::clone(&self.parts.people), self.today());
        let poster = question.asker.as_ref().map(|asker| asker.poster.clone());
        let purpose = question.purpose.clone();
        // Before anything is looked up: what would not be noted is not answered.
        checked_purpose(&purpose)?;
        let is_bounded = !reach.is_whole();
        // By her id alone nobody is found of whom the asker does not know already.
        let guess = |query: &api::PersonQuery| is_bounded && !(query.name.is_empty() && query.id_doc_no.is_empty());
        let guesses: Vec<bool> = question.queries.iter().map(guess).collect();
        let found = blocking(move || resolve(&engine, &people, &question, (&reach, today))).await??;
        let poster = poster.unwrap_or_default();
        self.note_found(&poster, &found, &purpose)?;
        // That somebody is not of this name or number is an answer about her too, and who tries numbers out finds nobody
        // most of the time.
        let tried = guesses.into_iter().zip(&found.matches);
        let missed = tried.filter(|(is_guess, matches)| *is_guess && matches.people.is_empty());
        match missed.count() {
            0 => {}
            count => self.note_looked(&poster, "*", "name", &with_count(&purpose, &format!("查无 {count} 人")))?,
        }
        Ok(found)
    }

    /// Notes whose names were looked up: each person, or, of a whole list, that it was one.
    fn note_found(&self, caller: &str, found: &api::ResolvePeopleResponse, purpose: &str) -> Result<(), Error> {
        let people = found.matches.iter().flat_map(|matches| &matches.people);
        let ids: BTreeSet<&str> = people.map(|person| person.teacher_id.as_str()).collect();
        let (ids, purpose) = match ids.len() {
            0..=NOTED_ONE_BY_ONE_MAX => (Vec::from_iter(ids), purpose.to_owned()),
            count => (vec!["*"], with_count(purpose, &format!("共 {count} 人"))),
        };
        let mut ids = ids.into_iter();
        ids.try_for_each(|teacher_id| self.note_looked(caller, teacher_id, "name", &purpose))
    }

    /// Notes what somebody did with an identity, and what for.
    pub(super) fn note_looked(&self, caller: &str, teacher_id: &str, what: &str, purpose: &str) -> Result<(), Error> {
        checked_purpose(purpose)?;
        let read = ReadOf {
            caller,
            teacher_id,
            what,
            period: None,
            purpose: Some(purpose).filter(|purpose| !purpose.is_empty()),
        };
        Ok(self.parts.reads.record(self.parts.guard.now(), &read)?)
    }
}

/// What for, and how many of a list.
fn with_count(purpose: &str, count: &str) -> String {
    let parts = [purpose, count].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("；")
}

fn resolve(
    engine: &Engine,
    people: &Register,
    question: &ResolveQuestion,
    (reach, today): (&Reach, Date),
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
    let mut bytes = 0;
    let mut matches = Vec::with_capacity(found.len());
    for (query, (lookup, found)) in question.queries.iter().zip(lookups.iter().zip(found)) {
        let ids = if query.teacher_id.is_empty() {
            found.map(|found| {
                let by_both = found.basis == Basis::DocumentAndName;
                let ids = match found.basis {
                    // Where a document was given, a name alone is not enough.
                    Basis::Name if lookup.id_document.is_some() => Vec::new(),
                    _ => once_each(engine, found.teacher_ids),
                };
                (ids, by_both)
            })
        } else {
            // The id says who she is, unless the document given beside it is another's.
            let is_anothers = found.as_ref().is_ok_and(|found| match found.basis {
                Basis::Document | Basis::DocumentAndName | Basis::DocumentUnderOtherName => {
                    let mut ids = found.teacher_ids.iter();
                    !ids.any(|id| kept(engine, id) == kept(engine, &query.teacher_id))
                }
                Basis::Name | Basis::Nobody => false,
            });
            let hers = (!is_anothers).then(|| query.teacher_id.clone());
            Ok((hers.into_iter().collect(), false))
        };
        let ids = ids.map_err(|unreadable| Error::People(unreadable.into()));
        let found = ids.and_then(|(ids, by_both)| {
            let sought = Sought {
                reach,
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

/// The id that stands for this person.
fn kept(engine: &Engine, id: &str) -> String {
    let kept = |teacher: TeacherId| engine.query(|at| at.kept_id(&teacher)).to_string();
    TeacherId::new(id).map_or_else(|_| id.to_owned(), kept)
}

/// Each person once, under the id that stands for her: whoever was registered twice is not two of one name.
fn once_each(engine: &Engine, found: Vec<String>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::with_capacity(found.len());
    for id in found {
        let id = kept(engine, &id);
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// Who looks for somebody, and how she named her.
#[derive(Clone, Copy)]
struct Sought<'q> {
    reach: &'q Reach,
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
/// Whoever is beyond the asker's reach, as the guest is of a school that hosts others' teachers (ADR 14), is found if she is
/// named surely, and the asker is told her id and no more.
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
    if !sought.reach.has(engine, &teacher_id)? {
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
