//! A year's training in the columns of the national teacher system, person by person with her identity document.

use std::sync::Arc;

use keshi_core::balance::{Assessor, National, NationalRest, NationalRow, NationalYear, RestOf, TooLarge};
use keshi_core::codes::{Level, Mode};
use keshi_core::event::Fact;
use keshi_core::hours::Hours;
use keshi_core::ids::{PolicyId, SchoolId, TeacherId};
use keshi_core::period::{Name, Period};
use keshi_core::state::At;
use keshi_core::text::{ERASED_NAME, is_blank};
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_office::access::{Caller, Need};
use keshi_office::people::{IdDocument, Identity, RegisterError};
use keshi_proto::{api, date_to_wire};
use prost::Message as _;

use crate::Context;
use crate::bounds;
use crate::desk::{Room, Turns};
use crate::error::Error;
use crate::everybody::some_teachers;
use crate::page::{ANSWER_BYTES_MAX, page_size_of, whole};
use crate::people::{UNREADABLE, schools_and_subject};
use crate::place::{blocking, dates, one};
use crate::scope::{Read, Scope};
use crate::shortfalls::registered;

/// Persons on a page when the caller does not say.
const PAGE_DEFAULT: usize = 50;

/// Most persons on a page: each leaves a line in the log of reads.
const PAGE_MAX: usize = 200;

/// Bytes of rows and rests with which a page is full before it has so many persons.
const PAGE_BYTES: usize = ANSWER_BYTES_MAX / 4;

/// What is asked.
struct Question {
    year: i16,
    period: Period,
    size: u64,
    /// `None`: all.
    school: Option<SchoolId>,
    /// `None`: the one that each stands under.
    policy: Option<PolicyId>,
    /// Persons of the ledger who were looked at before.
    from: usize,
    limit: usize,
}

/// What was found for a page.
#[derive(Default)]
struct Found {
    /// Persons looked at.
    looked_at: usize,
    records: Vec<(TeacherId, api::NationalRecord)>,
    /// Bytes of these.
    bytes: usize,
    without_hours: i64,
    not_under: i64,
}

impl Context {
    pub(crate) async fn list_national_records(
        &self,
        call: &Call,
        request: api::ListNationalRecordsRequest,
    ) -> Result<api::ListNationalRecordsResponse, Error> {
        let school = match (request.school_id.as_str(), call.caller.role().school()) {
            ("", Some(own)) => own.to_owned(),
            (asked, _) => asked.to_owned(),
        };
        call.caller
            .may_manage_people(Some(school.as_str()).filter(|school| !school.is_empty()))?;
        if request.purpose.chars().all(is_blank) {
            let (zh, en) = (
                "导出身份证件号码要写明事由，记入查阅记录；例如：报送2022年度全国教师管理信息系统",
                "say what the numbers of identity documents are for: it is kept in the log of reads",
            );
            return Err(one("purpose", "", zh, en));
        }
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let parts = ["national", &request.year.to_string(), &school, &request.policy_id];
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &parts)
            .await?;
        let question = self.engine.query_at(page.size, |at| {
            let year = year(request.year)?;
            let policy = policy(at, &request.policy_id)?;
            let period = dates(Name::Year(year), at)?;
            bounds::extent(&Assessor::new(at), &period)?;
            let school = Some(&school).filter(|school| !school.is_empty());
            let school = school.map(|id| registered(at, id)).transpose()?;
            Ok::<_, Error>(Question {
                year,
                period,
                size: page.size,
                school,
                policy,
                from: page.from,
                limit,
            })
        })?;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let (engine, caller, mut room) = (self.engine.clone(), call.caller.clone(), self.desk.room(&call.caller)?);
        let name = Name::Year(question.year);
        let work = move |turns: &Turns| Ok((question.work(&engine, &caller, turns, &mut room)?, room));
        let ((found, all), _room_of_result) = self.desk.work(seat, Some(call.deadline), work).await?;
        let next_page_token = page.next(found.looked_at, all);
        let mut records = found.records;
        for (id, _) in &records {
            // An export leaves the house: it is noted also of herself.
            let what = Read::of("national", &name);
            self.note_read(&call.caller, Need::Record, id.as_str(), what, &request.purpose)?;
        }
        self.identify(&mut records).await?;
        whole(api::ListNationalRecordsResponse {
            records: records.into_iter().map(|(_, record)| record).collect(),
            size: page.size,
            next_page_token,
            without_hours: found.without_hours,
            not_under: found.not_under,
        })
    }

    /// Adds names and documents; of whom there are none the rows become what is left out.
    async fn identify(&self, records: &mut [(TeacherId, api::NationalRecord)]) -> Result<(), Error> {
        let people = Arc::clone(&self.parts.people);
        let ids: Vec<TeacherId> = records.iter().map(|(id, _)| *id).collect();
        let known = blocking(move || -> Result<Vec<_>, RegisterError> {
            let of = |id: &TeacherId| match people.get(id.as_str()) {
                Ok(identity) => Ok((Ok(identity), people.erased_at(id.as_str())?.is_some())),
                Err(RegisterError::Unreadable(_)) => Ok((Err(()), false)),
                Err(error) => Err(error),
            };
            ids.iter().map(of).collect()
        });
        for ((_, record), (identity, is_erased)) in records.iter_mut().zip(known.await??) {
            let gap = match identity {
                Err(()) => {
                    UNREADABLE.clone_into(&mut record.name);
                    Some(api::NationalGap::Unreadable)
                }
                Ok(None) if is_erased => {
                    ERASED_NAME.clone_into(&mut record.name);
                    Some(api::NationalGap::Erased)
                }
                Ok(None) => Some(api::NationalGap::NoIdentity),
                Ok(Some(identity)) => named(record, identity),
            };
            // What cannot be told of her balance is said first.
            if let Some(gap) = gap.filter(|_| record.gap() == api::NationalGap::Unspecified) {
                record.set_gap(gap);
                leave_out(record);
            }
        }
        Ok(())
    }
}

fn year(asked: i32) -> Result<i16, Error> {
    let year = i16::try_from(asked).ok().filter(|year| (1950..=2999).contains(year));
    year.ok_or_else(|| {
        let (zh, en) = ("请写明培训年度，如 2022", "say of which year, such as 2022");
        one("year", asked.to_string(), zh, en)
    })
}

/// The policy of this id, if one is asked for.
fn policy(at: At<'_>, id: &str) -> Result<Option<PolicyId>, Error> {
    if id.is_empty() {
        return Ok(None);
    }
    let known = at.policies().map(|version| version.policy.id);
    let known = known.into_iter().find(|known| known.as_str() == id);
    known.map(Some).ok_or_else(|| {
        let (zh, en) = (
            "没有发布过这个规则，请核对编号",
            "no such policy is adopted: check the id",
        );
        one("policy_id", id, zh, en)
    })
}

/// Adds name and document; says what is missing.
fn named(record: &mut api::NationalRecord, identity: Identity) -> Option<api::NationalGap> {
    record.name = identity.name;
    let Some(document) = identity.id_document else {
        return Some(api::NationalGap::NoDocument);
    };
    let text = |of: fn(&IdDocument) -> &str| of(&document).to_owned();
    (record.id_doc_type, record.id_doc_no) = (text(IdDocument::kind), text(IdDocument::number));
    None
}

/// Makes what would have been rows a part of what is left out, hundredth by hundredth.
fn leave_out(record: &mut api::NationalRecord) {
    let rows = record.rows.drain(..).map(|row| api::NationalRest {
        reason: api::NationalRestReason::Gap.into(),
        project_id: row.project_id,
        project: row.project,
        centihours: row.hours.saturating_mul(100),
        centicredits: row.credits.saturating_mul(100),
        ..api::NationalRest::default()
    });
    let left = rows.collect::<Vec<_>>().into_iter();
    record.rests = left.chain(record.rests.drain(..)).collect();
}

impl Question {
    /// Looks at the ledger's persons from where the page before ended, in steps at the desk, until the page is full; and how
    /// many persons there are.
    fn work(&self, engine: &Engine, caller: &Caller, turns: &Turns, room: &mut Room) -> Result<(Found, usize), Error> {
        let (mut found, mut weighed) = (Found::default(), 0);
        let all = some_teachers(
            (engine, self.size, self.from),
            turns,
            &mut found,
            |found, at, assessor, id| {
                found.looked_at += 1;
                let scope = Scope::of(at, &id, (self.period.from, self.period.to));
                let hers = scope.filter(|scope| self.school.is_none_or(|school| scope.stood_at.contains(&school)));
                if hers.is_some_and(|scope| scope.admits(caller, &id).is_ok()) {
                    self.add((at, assessor), id, found);
                }
                found.records.len() < self.limit && found.bytes < PAGE_BYTES
            },
            |found| {
                let new = found.bytes - std::mem::replace(&mut weighed, found.bytes);
                room.take(new)
            },
        )?;
        Ok((found, all))
    }

    fn add(&self, (at, assessor): (At<'_>, &Assessor<'_>), id: TeacherId, found: &mut Found) {
        let mut record = api::NationalRecord {
            teacher_id: id.to_string(),
            ..api::NationalRecord::default()
        };
        match assessor.national(&id, self.year, self.policy) {
            Ok(None) => return,
            Ok(Some(National::Year(year))) if year == NationalYear::default() => {
                found.without_hours += 1;
                return;
            }
            Ok(Some(National::NotUnder)) => {
                found.not_under += 1;
                return;
            }
            Ok(Some(National::Year(NationalYear { rows, rests }))) => {
                record.rows = rows.iter().map(row).collect();
                record.rests = rests.iter().map(rest).collect();
            }
            Ok(Some(National::Several(ids))) => {
                record.set_gap(api::NationalGap::SeveralPolicies);
                record.policy_ids = ids.iter().map(ToString::to_string).collect();
            }
            Err(TooLarge { .. }) => record.set_gap(api::NationalGap::TooLarge),
        }
        (record.school_names, _) = schools_and_subject(at, &id, (self.period.from, self.period.to));
        found.bytes += record.encoded_len();
        found.records.push((id, record));
    }
}

fn row(row: &NationalRow) -> api::NationalRow {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    api::NationalRow {
        project_id: row.project.to_string(),
        project: row.name.to_string(),
        provider: row.provider.as_ref().map(ToString::to_string).unwrap_or_default(),
        level: Level::code(row.level),
        mode: Mode::code(row.mode),
        hours: number(row.hours),
        credits: number(row.credits),
        from: Some(date_to_wire(row.from)),
        to: Some(date_to_wire(row.to)),
    }
}

fn rest(rest: &NationalRest) -> api::NationalRest {
    let amount = |amount: Hours| amount.hundredths();
    let told = api::NationalRest {
        centihours: amount(rest.hours),
        centicredits: amount(rest.credits),
        ..api::NationalRest::default()
    };
    let of = |reason: api::NationalRestReason, id: &keshi_core::ids::ProjectId, name: &keshi_core::text::Text| {
        let (project_id, project) = (id.to_string(), name.to_string());
        (reason.into(), project_id, project)
    };
    let (reason, project_id, project) = match &rest.of {
        RestOf::Rounded(id, name) => of(api::NationalRestReason::Rounded, id, name),
        RestOf::BelowOne(id, name) => of(api::NationalRestReason::BelowOne, id, name),
        RestOf::NoProject(kind) => {
            return api::NationalRest {
                reason: api::NationalRestReason::NoProject.into(),
                kind: (*kind).to_owned(),
                kind_zh: Fact::kind_in_zh(kind).unwrap_or(kind).to_owned(),
                ..told
            };
        }
    };
    api::NationalRest {
        reason,
        project_id,
        project,
        ..told
    }
}
