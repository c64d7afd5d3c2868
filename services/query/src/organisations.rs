//! Groups of schools, subject bases, studios, linked schools and pools of experts, as they are on a day, with the year in
//! numbers.

mod ties;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use keshi_core::event::OrganisationKind;
use keshi_core::ids::{SchoolId, SessionId, TeacherId};
use keshi_core::period::{Name, Period};
use keshi_core::state::{At, OrganisationView};
use keshi_core::title::title_zh;
use keshi_door::Call;
use keshi_office::access::Need;
use keshi_proto::{api, date_to_wire};

use crate::Context;
use crate::error::Error;
use crate::ledger::day;
use crate::page::{ANSWER_BYTES_MAX, whole};
use crate::people::{readable, teacher_id};
use crate::place::{blocking, dates, one};
use crate::scope::{ALWAYS, Read, admit};
use crate::shortfalls::registered;

impl Context {
    pub(crate) async fn list_organisations(
        &self,
        call: &Call,
        request: api::ListOrganisationsRequest,
    ) -> Result<api::ListOrganisationsResponse, Error> {
        let mut of = Of::read(&request)?;
        if of.teacher.is_none() {
            call.caller.may_read_sessions()?;
        }
        let on = request.on.map_or_else(|| Ok(self.today()), |date| day("on", &date))?;
        let kind = kind(request.kind)?;
        let name = match request.period.as_str() {
            "" => Name::Year(on.year()),
            text => self.period_name(text)?,
        };
        let size = self.place(request.at.as_ref(), call.deadline).await?;
        if let Some(id) = of.teacher {
            let kept = self.engine.query_at(size, |at| {
                admit(at, &call.caller, &id, ALWAYS)?;
                Ok::<_, Error>(at.kept_id(&id))
            })?;
            of.teacher = Some(kept);
        }
        if !of.school.is_empty() {
            self.engine.query_at(size, |at| registered(at, &of.school))?;
        }
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let engine = self.engine.clone();
        let told = blocking(move || {
            engine.query_at(size, |at| -> Result<Vec<api::Organisation>, Error> {
                let sessions = sessions_of(at, &dates(name, at)?);
                let all = at.organisations(on).into_iter();
                let formed = all.map(|view| to_api(at, &view, on, &sessions));
                let all = formed.chain(ties::linked(at, on)).chain(ties::pooled(at, on));
                let meant = all.filter(|one| kind.is_none_or(|kind| kind == one.kind()));
                Ok(meant.filter_map(|one| of.keep(one)).collect())
            })
        });
        let mut organisations = told.await??;
        self.name_members(call, &mut organisations, (on, size), &request.purpose)
            .await?;
        whole(api::ListOrganisationsResponse {
            organisations,
            size,
            period: name.to_string(),
        })
    }
}

impl Context {
    /// Names those about whom the caller may read, each noted before she is told; the others stay ids.
    async fn name_members(
        &self,
        call: &Call,
        organisations: &mut [api::Organisation],
        (on, size): (Date, u64),
        purpose: &str,
    ) -> Result<(), Error> {
        let members = organisations.iter().flat_map(|one| &one.members);
        let ids: BTreeSet<&str> = members.map(|member| member.teacher_id.as_str()).collect();
        let told: Vec<(TeacherId, Need)> = self.engine.query_at(size, |at| {
            let may_read = ids.iter().filter_map(|id| readable(at, &call.caller, id));
            may_read.collect()
        });
        for (id, need) in &told {
            self.note_read(
                &call.caller,
                *need,
                id.as_str(),
                Read::of("organisations", &on),
                purpose,
            )?;
        }
        let names = self.names(told.iter().map(|(id, _)| *id).collect()).await?;
        let names: BTreeMap<String, String> = told.iter().map(|(id, _)| id.to_string()).zip(names).collect();
        for member in organisations.iter_mut().flat_map(|one| &mut one.members) {
            member.name = names.get(&member.teacher_id).cloned().unwrap_or_default();
        }
        Ok(())
    }
}

/// Of whom or what the caller wants them alone.
#[derive(Debug)]
struct Of {
    teacher: Option<TeacherId>,
    /// Empty: all.
    school: String,
}

impl Of {
    fn read(request: &api::ListOrganisationsRequest) -> Result<Self, Error> {
        let teacher = Some(&request.teacher_id).filter(|text| !text.is_empty());
        Ok(Self {
            teacher: teacher.map(|text| teacher_id(text)).transpose()?,
            school: request.school_id.clone(),
        })
    }

    /// The organisation as far as it is hers or the school's: of one teacher without the others.
    fn keep(&self, mut one: api::Organisation) -> Option<api::Organisation> {
        if !self.school.is_empty() {
            let names_it = one.schools.iter().any(|school| school.school_id == self.school);
            names_it.then_some(())?;
        }
        if let Some(id) = &self.teacher {
            one.members.retain(|member| member.teacher_id == id.as_str());
            (!one.members.is_empty()).then_some(())?;
        }
        Some(one)
    }
}

fn kind(code: i32) -> Result<Option<api::OrganisationKind>, Error> {
    match api::OrganisationKind::try_from(code) {
        Ok(api::OrganisationKind::Unspecified) => Ok(None),
        Ok(kind) => Ok(Some(kind)),
        Err(_) => Err(one("kind", code.to_string(), "没有这类组织", "there is no such kind")),
    }
}

/// How many sessions of the period name each base or studio.
fn sessions_of(at: At<'_>, period: &Period) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    let in_period = |(_, (_, last)): &(SessionId, (Date, Date))| period.from <= *last && *last <= period.to;
    for (id, _) in at.sessions().into_iter().filter(in_period) {
        let view = at.session(&id).filter(|view| view.cancelled.is_none());
        if let Some(base) = view.and_then(|view| view.base) {
            *counts.entry(base.to_string()).or_default() += 1;
        }
    }
    counts
}

fn to_api(at: At<'_>, view: &OrganisationView<'_>, on: Date, sessions: &BTreeMap<String, i64>) -> api::Organisation {
    let now = view.now;
    // Whoever was registered twice is named once, under the id that stands for her.
    let lead = now.lead.map(|id| at.kept_id(&id));
    let mut team: Vec<TeacherId> = Vec::new();
    for id in now.members.iter().map(|id| at.kept_id(id)) {
        if Some(id) != lead && !team.contains(&id) {
            team.push(id);
        }
    }
    let leads = lead.iter().map(|id| member(at, id, true, on));
    let members = team.iter().map(|id| member(at, id, false, on));
    let (kind, counts) = match view.kind {
        OrganisationKind::Group => (api::OrganisationKind::Group, false),
        OrganisationKind::Base if now.research => (api::OrganisationKind::ResearchBase, true),
        OrganisationKind::Base => (api::OrganisationKind::Base, true),
        OrganisationKind::Studio => (api::OrganisationKind::Studio, true),
    };
    api::Organisation {
        kind: kind.into(),
        id: view.id.to_owned(),
        name: now.name.to_string(),
        subject: now.subject.as_ref().map(ToString::to_string).unwrap_or_default(),
        title_zh: now.of.map(|(class, level)| title_zh(class, level)).unwrap_or_default(),
        since: Some(date_to_wire(view.since)),
        until: now.until.map(date_to_wire),
        ended: now.until.is_some_and(|last| last < on),
        members: leads.chain(members).collect(),
        schools: now.schools.iter().map(|id| school(at, id, on)).collect(),
        sessions: sessions.get(view.id).copied().filter(|_| counts).unwrap_or(0),
        index: now.index.into(),
        changes: i64::try_from(view.history.len() - 1).unwrap_or(i64::MAX),
    }
}

fn member(at: At<'_>, id: &TeacherId, leads: bool, on: Date) -> api::OrganisationMember {
    let posts = at.holdings(id);
    let holds = posts
        .iter()
        .any(|post| post.from <= on && post.to.is_none_or(|last| on <= last));
    api::OrganisationMember {
        teacher_id: id.to_string(),
        name: String::new(),
        leads,
        has_left: !holds,
        ..api::OrganisationMember::default()
    }
}

fn school(at: At<'_>, id: &SchoolId, on: Date) -> api::OrganisationSchool {
    api::OrganisationSchool {
        school_id: id.to_string(),
        name: at.school(id).map(|school| school.name.to_string()).unwrap_or_default(),
        closed: at.closing(id).is_some_and(|(last, _)| last < on),
        ..api::OrganisationSchool::default()
    }
}
