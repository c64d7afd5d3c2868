//! The people register, for the write side: who may change whom depends on the ledger.

use std::sync::Arc;

use jiff::Timestamp;
use keshi_core::ids::TeacherId;
use keshi_door::identity::read;
use keshi_door::whose::{Tie, tie};
use keshi_door::{Fault, violation};
use keshi_engine::Engine;
use keshi_office::people::{Identity, PutError, Register};
use keshi_proto::api;
use keshi_proto::log::{EraseQuestion, PutQuestion, ReadmitQuestion};
use tonic::Code;

use super::{Reply, school_of};
use crate::Context;
use crate::error::Error;
use crate::place::blocking;

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
        let poster = question.asker.as_ref().map_or("", |asker| asker.poster.as_str());
        self.note_looked(poster, &question.teacher_id, "erased", &question.purpose)?;
        let (people, now) = (Arc::clone(&self.parts.people), self.parts.guard.now());
        let evidence = Arc::clone(&self.parts.evidence);
        let others = TeacherId::new(&question.teacher_id).ok();
        let others = others.map_or_else(Vec::new, |id| self.engine.query(|at| at.other_ids(&id)));
        let erased = blocking(move || {
            let erased = people.erase(&question.teacher_id, now)?;
            // Without her key they are bytes that mean nothing; what cannot be removed now, doctor tells of.
            if let Err(cause) = evidence.erase(&question.teacher_id) {
                tracing::error!(%cause, "files of somebody who was erased are left, unreadable");
            }
            let mut other_ids = Vec::new();
            for id in others {
                if people.get(id.as_str())?.is_some() {
                    other_ids.push(id.to_string());
                }
            }
            Ok(api::EraseIdentityResponse { erased, other_ids })
        })
        .await?;
        Ok(erased.map_err(Error::People)?)
    }
}

impl Context {
    pub(super) async fn readmit(self: &Arc<Self>, question: ReadmitQuestion) -> Reply<api::ReadmitIdentityResponse> {
        if school_of(question.asker.as_ref()).is_some() {
            return Err(foreign(&question.teacher_id));
        }
        let poster = question.asker.as_ref().map_or("", |asker| asker.poster.as_str());
        self.note_looked(poster, &question.teacher_id, "readmitted", &question.purpose)?;
        let people = Arc::clone(&self.parts.people);
        let readmitted = blocking(move || people.readmit(&question.teacher_id)).await?;
        Ok(api::ReadmitIdentityResponse {
            readmitted: readmitted.map_err(Error::People)?,
        })
    }
}

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
        PutError::Erased { teacher_id } => erased_before(&teacher_id),
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

/// An old list does not bring back who was erased.
fn erased_before(teacher_id: &str) -> Fault {
    Fault::new(
        Code::FailedPrecondition,
        "IdentityErased",
        format!(
            "教师 {teacher_id} 的身份信息已依法删除，不能由旧名册恢复；请从表中去掉此人；确须重新登记的，由教研室用 keshi people readmit {teacher_id} 办理"
        ),
        format!(
            "the identity of teacher {teacher_id} was erased, and an old list does not bring it back: leave her out; if she is to be \
             known again, let the office say so with keshi people readmit {teacher_id}"
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
