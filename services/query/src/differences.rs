//! Read changed in a balance between two points of the log.

mod words;

use jiff::civil::Date;
use keshi_core::balance::difference::{Difference, LineChange, SectionDifference, difference};
use keshi_core::balance::{Assessor, Balance};
use keshi_core::ids::TeacherId;
use keshi_core::period::Name;
use keshi_core::state::At;
use keshi_door::Call;
use keshi_office::access::{Caller, Need};
use keshi_proto::{api, date_to_wire};

use self::words::cause_texts;
use crate::Context;
use crate::balances::{line_to_api, standing_to_api, unit_of};
use crate::bounds;
use crate::error::Error;
use crate::page::whole;
use crate::people::asked_about;
use crate::place::{dates, one};
use crate::scope::{Read, admit};

impl Context {
    pub(crate) async fn diff_balance(
        &self,
        call: &Call,
        request: api::DiffBalanceRequest,
    ) -> Result<api::BalanceDifference, Error> {
        let api::DiffBalanceRequest {
            teacher_id: id,
            period,
            before,
            after,
            purpose,
        } = request;
        let id = asked_about(&call.caller, &id)?;
        let name = self.period_name(&period)?;
        if before.as_ref().is_none_or(|at| at.at.is_none()) {
            return Err(one(
                "before",
                "",
                "缺少比较的起点；请给出条数或时间",
                "the point to compare with is missing; give a size or a time",
            ));
        }
        let before = self.place(before.as_ref(), call.deadline).await?;
        let after = self.place(after.as_ref(), call.deadline).await?;
        if after < before {
            return Err(one(
                "before",
                before.to_string(),
                format!("起点（{before} 条）在终点（{after} 条）之后；请对调两者"),
                format!("the point to compare with ({before} entries) lies after the other ({after}); exchange them"),
            ));
        }
        let question = Question {
            id,
            name,
            before,
            after,
        };
        let (need, changes) = self
            .at_once_or_at_the_desk(call, move |at, caller, at_once| question.ask(at, caller, at_once))
            .await?;
        self.note_read(&call.caller, need, id.as_str(), Read::of("difference", &name), &purpose)?;
        let name = self.name(changes.teacher_id).await?;
        let mut changes = to_api(&changes, name, self.today());
        let lines = changes.policies.iter_mut().flat_map(|policy| &mut policy.lines);
        let lines = lines.flat_map(|change| change.before.iter_mut().chain(&mut change.after));
        self.say_what(after, lines.collect()).await?;
        whole(changes)
    }
}

/// Read is asked, read and found to be good.
#[derive(Clone, Copy)]
struct Question {
    id: TeacherId,
    name: Name,
    before: u64,
    after: u64,
}

impl Question {
    /// Read changed, and whether the reading is to be noted; `None` if it is heavy and is wanted at once.
    fn ask(self, at: At<'_>, caller: &Caller, at_once: bool) -> Result<Option<(Need, Difference)>, Error> {
        let Self {
            id,
            name,
            before,
            after,
        } = self;
        let (at_after, at_before) = (at.back_to(after), at.back_to(before));
        let period = dates(name, at_after)?;
        let need = admit(at_after, caller, &id, (period.from, period.to))?;
        let now = Assessor::new(at_after);
        let then = Assessor::new(at_before);
        // A semester may have had other dates then.
        let period_then = dates(name, at_before).unwrap_or(period);
        let extents = (bounds::extent(&now, &period)?, bounds::extent(&then, &period_then)?);
        let is_light = bounds::is_light(&now, extents.0, &id) && bounds::is_light(&then, extents.1, &id);
        if at_once && !is_light {
            return Ok(None);
        }
        let now = now.balance(&id, period)?;
        let now = now.ok_or(Error::UnknownTeacher { id, size: after })?;
        let then = then.balance(&id, period_then)?;
        // She may not have been there: then all of it is new.
        let then = then.unwrap_or_else(|| Balance {
            size: before,
            sections: Vec::new(),
            ..now.clone()
        });
        Ok(Some((need, difference(&then, &now))))
    }
}

fn to_api(changes: &Difference, name: String, today: Date) -> api::BalanceDifference {
    api::BalanceDifference {
        teacher_id: changes.teacher_id.to_string(),
        name,
        period: changes.period.name.to_string(),
        from: Some(date_to_wire(changes.period.from)),
        to: Some(date_to_wire(changes.period.to)),
        before_size: changes.before,
        after_size: changes.after,
        policies: changes
            .sections
            .iter()
            .map(|section| section_to_api(section, today))
            .collect(),
    }
}

fn section_to_api(section: &SectionDifference, today: Date) -> api::PolicyDifference {
    let named = section.after.as_ref().or(section.before.as_ref());
    let version = |named: &Option<keshi_core::balance::difference::Named>| named.as_ref().map_or(0, |n| n.version);
    // Positions are those in two lists of lines that do not travel.
    let standing = |standing: &keshi_core::balance::Standing| api::Standing {
        line_positions: Vec::new(),
        ..standing_to_api(standing, today)
    };
    api::PolicyDifference {
        policy_id: section.policy.map_or_else(String::new, |id| id.to_string()),
        policy_name: named.map_or_else(String::new, |named| named.name.clone()),
        was_there: section.before.is_some(),
        is_there: section.after.is_some(),
        before_version: version(&section.before),
        after_version: version(&section.after),
        meters: section
            .meters
            .iter()
            .map(|&(meter, before, after)| api::MeterChange {
                meter: meter.word().to_owned(),
                meter_zh: meter.zh().to_owned(),
                unit: unit_of(meter),
                before_centiamount: before.hundredths(),
                after_centiamount: after.hundredths(),
            })
            .collect(),
        standings: section
            .standings
            .iter()
            .map(|change| api::StandingChange {
                before: change.before.as_ref().map(standing),
                after: change.after.as_ref().map(standing),
            })
            .collect(),
        lines: section.lines.iter().map(line_change_to_api).collect(),
    }
}

fn line_change_to_api(change: &LineChange) -> api::LineChange {
    let (cause_zh, cause_en) = cause_texts(change);
    api::LineChange {
        before: change.before.as_ref().map(line_to_api),
        after: change.after.as_ref().map(line_to_api),
        cause: change.cause.code().to_owned(),
        cause_zh,
        cause_en,
    }
}
