//! Teaching inspections: what was found at which school, and what has changed since.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use keshi_core::ids::{SchoolId, TeacherId};
use keshi_core::state::{At, CheckView, FindingStanding, FindingView, InspectionView};
use keshi_door::Call;
use keshi_office::access::Need;
use keshi_proto::{api, date_to_wire};

use crate::Context;
use crate::error::Error;
use crate::ledger::day;
use crate::page::{ANSWER_BYTES_MAX, fitting, page_size_of};
use crate::people::readable;
use crate::place::{blocking, one};
use crate::scope::Read;
use crate::shortfalls::registered;

/// Inspections on a page when the caller does not say.
const PAGE_DEFAULT: usize = 50;

/// Most inspections on a page: each names up to sixty people and has its findings.
const PAGE_MAX: usize = 200;

/// What of the inspections is asked for.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    /// `None`: all.
    school: Option<SchoolId>,
    /// `None`: all.
    year: Option<i16>,
    /// With findings alone that are still to change.
    open: bool,
}

impl Wanted {
    fn of(self, mut view: InspectionView) -> Option<InspectionView> {
        let is_meant = self.school.is_none_or(|school| view.school == school)
            && self.year.is_none_or(|year| view.to.year() == year);
        if self.open {
            view.findings.retain(|finding| finding.standing.is_open());
        }
        (is_meant && !(self.open && view.findings.is_empty())).then_some(view)
    }
}

impl Context {
    pub(crate) async fn list_inspections(
        &self,
        call: &Call,
        request: api::ListInspectionsRequest,
    ) -> Result<api::ListInspectionsResponse, Error> {
        let school = Some(request.school_id.trim()).filter(|text| !text.is_empty());
        let own = call.caller.may_read_inspections(school)?;
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let on = request.on.map_or_else(|| Ok(self.today()), |date| day("on", &date))?;
        let year = match i16::try_from(request.year) {
            Ok(0) => None,
            Ok(year) => Some(year),
            Err(_) => {
                let (zh, en) = ("年份写作 2022", "write the year as 2022");
                return Err(one("year", request.year.to_string(), zh, en));
            }
        };
        let parts = [
            "inspections",
            &on.to_string(),
            &request.school_id,
            &request.year.to_string(),
            &request.open.to_string(),
        ];
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &parts)
            .await?;
        let school = school.or(own);
        let school = school.map(|text| self.engine.query_at(page.size, |at| registered(at, text)));
        let wanted = Wanted {
            school: school.transpose()?,
            year,
            open: request.open,
        };
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let (engine, size, from) = (self.engine.clone(), page.size, page.from);
        let (counts, all, mut inspections) = blocking(move || {
            engine.query_at(size, |at| {
                let meant = at.inspections(on).into_iter().filter_map(|view| wanted.of(view));
                let meant: Vec<InspectionView> = meant.collect();
                let on_page = meant.iter().skip(from).take(limit);
                let told = fitting(on_page.map(|view| to_api(at, view)), ANSWER_BYTES_MAX);
                (counts(&meant), meant.len(), told)
            })
        })
        .await?;
        self.name_inspectors(call, &mut inspections, (on, size), &request.purpose)
            .await?;
        Ok(api::ListInspectionsResponse {
            next_page_token: page.next(inspections.len(), all),
            inspections,
            size,
            total: i64::try_from(all).unwrap_or(i64::MAX),
            counts,
        })
    }

    /// Names those about whom the caller may read, each noted before she is told; the others stay ids.
    async fn name_inspectors(
        &self,
        call: &Call,
        inspections: &mut [api::Inspection],
        (on, size): (Date, u64),
        purpose: &str,
    ) -> Result<(), Error> {
        let ids: BTreeSet<String> = people(inspections).map(|person| person.teacher_id.clone()).collect();
        let told: Vec<(TeacherId, Need)> = self.engine.query_at(size, |at| {
            let may_read = ids.iter().filter_map(|id| readable(at, &call.caller, id));
            may_read.collect()
        });
        for (id, need) in &told {
            self.note_read(&call.caller, *need, id.as_str(), Read::of("inspections", &on), purpose)?;
        }
        let names = self.names(told.iter().map(|(id, _)| *id).collect()).await?;
        let names: BTreeMap<String, String> = told.iter().map(|(id, _)| id.to_string()).zip(names).collect();
        for person in people(inspections) {
            person.name = names.get(&person.teacher_id).cloned().unwrap_or_default();
        }
        Ok(())
    }
}

/// Everybody whom the inspections name.
fn people(inspections: &mut [api::Inspection]) -> impl Iterator<Item = &mut api::Inspector> {
    inspections.iter_mut().flat_map(|one| {
        let checks = one.findings.iter_mut().flat_map(|finding| &mut finding.checks);
        let checkers = checks.filter_map(|check| check.checked_by.as_mut());
        one.inspectors.iter_mut().chain(checkers)
    })
}

/// How many findings stand how, in the order of the standings.
fn counts(all: &[InspectionView]) -> Vec<api::FindingCount> {
    let mut counts: BTreeMap<FindingStanding, i64> = BTreeMap::new();
    for finding in all.iter().flat_map(|one| &one.findings) {
        *counts.entry(finding.standing).or_default() += 1;
    }
    let told = counts.into_iter().map(|(standing, findings)| api::FindingCount {
        standing: standing_to_api(standing).into(),
        findings,
    });
    told.collect()
}

const fn standing_to_api(standing: FindingStanding) -> api::FindingStanding {
    match standing {
        FindingStanding::Noted => api::FindingStanding::Noted,
        FindingStanding::Requested => api::FindingStanding::Requested,
        FindingStanding::Overdue => api::FindingStanding::Overdue,
        FindingStanding::NotDone => api::FindingStanding::NotDone,
        FindingStanding::PartlyDone => api::FindingStanding::PartlyDone,
        FindingStanding::Done => api::FindingStanding::Done,
    }
}

fn inspector(id: &TeacherId) -> api::Inspector {
    api::Inspector {
        teacher_id: id.to_string(),
        name: String::new(),
    }
}

/// For the API, without names of people.
fn to_api(at: At<'_>, view: &InspectionView) -> api::Inspection {
    api::Inspection {
        id: view.id.to_string(),
        school_id: view.school.to_string(),
        school_name: at
            .school(&view.school)
            .map(|school| school.name.to_string())
            .unwrap_or_default(),
        from: Some(date_to_wire(view.from)),
        to: Some(date_to_wire(view.to)),
        purpose: view.purpose.to_string(),
        inspectors: view.inspectors.iter().map(inspector).collect(),
        index: view.index,
        findings: view.findings.iter().map(finding_to_api).collect(),
    }
}

fn finding_to_api(finding: &FindingView) -> api::InspectionFinding {
    api::InspectionFinding {
        id: finding.id.to_string(),
        aspect: finding.aspect.code(),
        text: finding.text.to_string(),
        change_requested: finding.change_requested,
        due: finding.due.map(date_to_wire),
        on: Some(date_to_wire(finding.made.0)),
        index: finding.made.1,
        checks: finding.checks.iter().map(check_to_api).collect(),
        standing: standing_to_api(finding.standing).into(),
    }
}

fn check_to_api(check: &CheckView) -> api::FindingCheck {
    api::FindingCheck {
        outcome: check.outcome.code(),
        checked_by: Some(inspector(&check.by)),
        remark: check.remark.as_ref().map(ToString::to_string).unwrap_or_default(),
        on: Some(date_to_wire(check.checked.0)),
        index: check.checked.1,
    }
}
