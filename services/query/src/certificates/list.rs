//! The register of certificates, in pages.

use keshi_core::certificate::Asked;
use keshi_core::event::Fact;
use keshi_core::ids::{EventId, SchoolId, TeacherId};
use keshi_core::registry::CertificateView;
use keshi_core::state::At;
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_office::access::{Caller, Need, RoleName};
use keshi_proto::{api, date_to_wire};

use super::{kind, state, written};
use crate::Context;
use crate::desk::{Room, Turns};
use crate::error::Error;
use crate::page::{ANSWER_BYTES_MAX, fitting, page_size_of};
use crate::people::{schools_and_subject, teacher_id};
use crate::place::one;
use crate::scope::Scope;
use crate::shortfalls::registered;

/// Certificates on a page when the caller does not say.
const PAGE_DEFAULT: usize = 100;

/// Most certificates on a page: each is read from the log and leaves a line in the log of reads.
const PAGE_MAX: usize = 500;

/// What is asked.
struct Question {
    teacher: Option<TeacherId>,
    school: Option<SchoolId>,
    year: i32,
    state: api::CertificateState,
    number: Option<Asked>,
    event: Option<EventId>,
    basis: Option<EventId>,
    size: u64,
}

/// A certificate that the caller may read of, and whether that is to be noted.
struct Found {
    teacher: TeacherId,
    need: Need,
    index: u64,
}

impl Context {
    /// The certificates of those about whom the caller may read. Each teacher on the page is noted.
    pub(crate) async fn list_certificates(
        &self,
        call: &Call,
        request: api::ListCertificatesRequest,
    ) -> Result<api::ListCertificatesResponse, Error> {
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let (year, state) = (request.year.to_string(), request.state.to_string());
        let parts = [
            "certificates",
            &request.teacher_id,
            &request.school_id,
            &year,
            &state,
            &request.number,
            &request.event_id,
            &request.basis_event,
        ];
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &parts)
            .await?;
        let question = self.question(&call.caller, &request, page.size)?;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let (engine, caller, mut room) = (self.engine.clone(), call.caller.clone(), self.desk.room(&call.caller)?);
        let (from, size) = (page.from, page.size);
        let work = move |turns: &Turns| {
            let found = question.work(&engine, &caller, turns, &mut room)?;
            let end = from.saturating_add(limit).min(found.len());
            let on_page = found.get(from.min(end)..end).unwrap_or_default();
            let mut told = Vec::with_capacity(on_page.len());
            for one in on_page {
                let certificate = turns.step(|_| to_api(&engine, size, one.index))??;
                told.extend(certificate.map(|certificate| (one.teacher, one.need, certificate)));
            }
            Ok((told, found.len(), room))
        };
        let (told, total, _room_of_result) = self.desk.work(seat, Some(call.deadline), work).await?;
        let whom: Vec<(TeacherId, Need)> = told.iter().map(|(id, need, _)| (*id, *need)).collect();
        let certificates = fitting(told.into_iter().map(|(.., certificate)| certificate), ANSWER_BYTES_MAX);
        let whom = whom.get(..certificates.len()).unwrap_or(&whom);
        let certificates = self.with_names(call, whom, certificates, &request.purpose).await?;
        Ok(api::ListCertificatesResponse {
            next_page_token: page.next(certificates.len(), total),
            certificates,
            size,
            total: total as u64,
        })
    }

    fn question(&self, caller: &Caller, asked: &api::ListCertificatesRequest, size: u64) -> Result<Question, Error> {
        // A teacher asks about herself.
        let own = caller
            .teacher_id()
            .filter(|_| caller.role().name() == RoleName::Teacher);
        let teacher = match (asked.teacher_id.as_str(), own) {
            ("", None) => None,
            ("", Some(own)) => Some(teacher_id(own)?),
            (text, _) => Some(teacher_id(text)?),
        };
        let event = |field: &str, text: &str| match text {
            "" => Ok(None),
            text => text.parse().map(|id| Some(EventId::new(id))).map_err(|_| {
                let (zh, en) = ("不是事件编号（UUID）", "it is no event's id (a UUID)");
                one(field, text, zh, en)
            }),
        };
        let number = match asked.number.trim() {
            "" => None,
            text => Some(Asked::read(text).map_err(|_| {
                let (zh, en) = (
                    "不是证书编号，或校验位不符；请核对，如 留教研证〔2022〕第0017号",
                    "it is no certificate's number, or its check character is wrong",
                );
                one("number", text, zh, en)
            })?),
        };
        let school = self.engine.query_at(size, |at| match asked.school_id.as_str() {
            "" => Ok(None),
            text => registered(at, text).map(Some),
        })?;
        Ok(Question {
            teacher,
            school,
            year: asked.year,
            state: asked.state(),
            number,
            event: event("event_id", &asked.event_id)?,
            basis: event("basis_event", &asked.basis_event)?,
            size,
        })
    }

    /// The same with names, each noted before it is told.
    async fn with_names(
        &self,
        call: &Call,
        whom: &[(TeacherId, Need)],
        mut certificates: Vec<api::Certificate>,
        purpose: &str,
    ) -> Result<Vec<api::Certificate>, Error> {
        let mut noted = std::collections::BTreeSet::new();
        for (id, need) in whom {
            if noted.insert(id) {
                self.note_read(&call.caller, *need, id.as_str(), "certificates", purpose)?;
            }
        }
        let names = self.names(whom.iter().map(|(id, _)| *id).collect()).await?;
        for (certificate, name) in certificates.iter_mut().zip(names) {
            certificate.name = name;
        }
        Ok(certificates)
    }
}

impl Question {
    /// Looks through the certificates, the latest first, in steps at the desk.
    fn work(&self, engine: &Engine, caller: &Caller, turns: &Turns, room: &mut Room) -> Result<Vec<Found>, Error> {
        let mut found = Vec::new();
        if let Some(view) = self.only(engine) {
            found.extend(engine.query_at(self.size, |at| self.admit(at, caller, &view)));
            return Ok(found);
        }
        if let Some(teacher) = self.teacher {
            turns.step(|_| {
                engine.query_at(self.size, |at| {
                    let hers = at.certificates_of(&teacher).into_iter().rev();
                    found.extend(hers.filter_map(|view| self.admit(at, caller, &view)));
                });
            })?;
            return Ok(found);
        }
        #[allow(
            clippy::redundant_closure_for_method_calls,
            reason = "the method is of one lifetime, not of any"
        )]
        let mut left = turns.step(|_| engine.query_at(self.size, |at| at.certificate_count()))?;
        while left > 0 {
            let before = found.len();
            turns.step(|step| {
                engine.query_at(self.size, |at| {
                    while left > 0 && !step.is_over() {
                        left -= 1;
                        let view = at.certificate_after(left);
                        found.extend(view.and_then(|view| self.admit(at, caller, &view)));
                    }
                });
            })?;
            room.take((found.len() - before) * size_of::<Found>())?;
        }
        Ok(found)
    }

    /// The one that is named, by event or number.
    fn only(&self, engine: &Engine) -> Option<CertificateView> {
        engine.query_at(self.size, |at| match (self.event, &self.number) {
            (Some(event), _) => at.certificate_at(at.index_of(event)?),
            (None, Some(asked)) => at.certificate_numbered(asked.year, asked.number.get()),
            (None, None) => None,
        })
    }

    /// Whether it is asked for and the caller may read of it.
    fn admit(&self, at: At<'_>, caller: &Caller, view: &CertificateView) -> Option<Found> {
        let is_basis =
            |basis: EventId| view.basis_event == basis || view.basis.is_some() && view.basis == at.standing(basis);
        let is_number = |asked: &Asked| view.number.as_ref().is_some_and(|number| number.is_asked(asked));
        let is_meant = self.teacher.is_none_or(|id| at.is_one(&view.teacher_id, &id))
            && (self.year == 0 || i32::from(view.on.year()) == self.year)
            && (self.state == api::CertificateState::Unspecified || state(view.validity) == self.state)
            && self.number.as_ref().is_none_or(is_number)
            && self.event.is_none_or(|event| view.event_id == event)
            && self.basis.is_none_or(is_basis);
        if !is_meant {
            return None;
        }
        let scope = Scope::of(at, &view.teacher_id, (view.on, view.on))?;
        if self.school.is_some_and(|school| !scope.stood_at.contains(&school)) {
            return None;
        }
        Some(Found {
            teacher: view.teacher_id,
            need: scope.admits(caller, &view.teacher_id).ok()?,
            index: view.index,
        })
    }
}

/// A certificate for the API, without the name: what it attests stands in its entry alone.
fn to_api(engine: &Engine, size: u64, index: u64) -> Result<Option<api::Certificate>, Error> {
    let told = engine.query_at(size, |at| {
        let view = at.certificate_at(index)?;
        let (school_names, _) = schools_and_subject(at, &view.teacher_id, (view.on, view.on));
        Some((view, school_names))
    });
    let Some((view, school_names)) = told else {
        return Ok(None);
    };
    let entry = engine.entry(index)?;
    let fact = entry.as_ref().and_then(|stored| stored.entry.posted.event());
    let (attests, old_number) = match fact.map(|event| &event.fact) {
        Some(Fact::CertificateIssued(issued)) => {
            let old = issued.old_number.as_ref();
            (
                issued.attests.to_string(),
                old.map_or_else(String::new, ToString::to_string),
            )
        }
        // The state has the certificate from that entry.
        Some(_) | None => Default::default(),
    };
    let (number, code, issuer) = written(&view);
    let (kind_zh, kind_en) = kind(&view);
    Ok(Some(api::Certificate {
        index,
        event_id: view.event_id.to_string(),
        teacher_id: view.teacher_id.to_string(),
        name: String::new(),
        school_names,
        number,
        code,
        issuer,
        kind_zh,
        kind_en,
        state: state(view.validity).into(),
        issued_on: Some(date_to_wire(view.on)),
        attests,
        old_number,
        basis_event: view.basis_event.to_string(),
        basis_index: view.basis,
        reissues: view.reissues,
        voided_by: view.voided,
    }))
}
