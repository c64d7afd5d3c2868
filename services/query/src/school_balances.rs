//! How everybody of one school stands, page by page.

use jiff::civil::Date;
use keshi_core::balance::{Assessor, Balance, TooLarge};
use keshi_core::ids::{SchoolId, TeacherId};
use keshi_core::period::{Name, Period};
use keshi_door::Call;
use keshi_engine::Engine;
use keshi_office::access::{Caller, Need};
use keshi_proto::{api, date_to_wire};

use crate::balances::{balance_to_api, standing_weight};
use crate::desk::{Room, Turns};
use crate::error::Error;
use crate::everybody::each_teacher;
use crate::page::{ANSWER_BYTES_MAX, fitting, page_size_of};
use crate::people::schools_and_subject;
use crate::place::dates;
use crate::scope::{Read, Scope};
use crate::shortfalls::{is_short, registered, without_calendar};
use crate::{Context, bounds};

/// Teachers on a page when the caller does not say.
const PAGE_DEFAULT: usize = 50;

/// Most teachers on a page: each leaves a line in the log of reads.
const PAGE_MAX: usize = 200;

/// What is asked.
struct Question {
    school: SchoolId,
    period: Period,
    size: u64,
    today: Date,
    /// The teachers of the page, among all of the school.
    page: std::ops::Range<usize>,
}

/// How a school stands: the teachers of the page, and the counts over all.
#[derive(Default)]
struct Found {
    page: Vec<(TeacherId, Need, Result<Balance, TooLarge>)>,
    teachers: usize,
    short: usize,
    without_policy: usize,
    too_large: usize,
}

impl Context {
    pub(crate) async fn list_balances(
        &self,
        call: &Call,
        request: api::ListBalancesRequest,
    ) -> Result<api::ListBalancesResponse, Error> {
        let api::ListBalancesRequest {
            school_id,
            period,
            at,
            page_size: asked,
            page_token,
            purpose,
            counts_only,
        } = request;
        let limit = page_size_of(asked, PAGE_DEFAULT, PAGE_MAX)?;
        let limit = if counts_only { 0 } else { limit };
        let name = self.period_name(&period)?;
        let parts = ["balances", &school_id, &name.to_string()];
        let page = self.page(call, at.as_ref(), &page_token, &parts).await?;
        let (period, school, without_calendar) = self.engine.query_at(page.size, |at| -> Result<_, Error> {
            let period = dates(name, at)?;
            bounds::extent(&Assessor::new(at), &period)?;
            Ok((period, registered(at, &school_id)?, without_calendar(at, &period)))
        })?;
        let question = Question {
            school,
            period,
            size: page.size,
            today: self.today(),
            page: page.from..page.from.saturating_add(limit),
        };
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let (engine, caller, mut room) = (self.engine.clone(), call.caller.clone(), self.desk.room(&call.caller)?);
        let work = move |turns: &Turns| Ok((question.work(&engine, &caller, turns, &mut room)?, room));
        let (found, _room_of_result) = self.desk.work(seat, Some(call.deadline), work).await?;
        let balances = self
            .told(call, (name, period, page.size), &found.page, &purpose)
            .await?;
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Ok(api::ListBalancesResponse {
            next_page_token: if counts_only {
                String::new()
            } else {
                page.next(balances.len(), found.teachers)
            },
            balances,
            size: page.size,
            teachers: number(found.teachers),
            short: number(found.short),
            without_policy: number(found.without_policy),
            too_large: number(found.too_large),
            without_calendar,
            not_begun: self.today() < period.from,
        })
    }

    /// The balances for the API, as many as fit into one answer, each noted before it is told.
    async fn told(
        &self,
        call: &Call,
        (name, period, size): (Name, Period, u64),
        page: &[(TeacherId, Need, Result<Balance, TooLarge>)],
        purpose: &str,
    ) -> Result<Vec<api::TeacherBalance>, Error> {
        let today = self.today();
        let balances = page.iter().map(|(id, _, balance)| match balance {
            Ok(balance) => api::TeacherBalance {
                balance: Some(balance_to_api(balance, String::new(), today, false)),
                too_large_at: None,
            },
            Err(TooLarge { index, .. }) => api::TeacherBalance {
                balance: Some(api::Balance {
                    teacher_id: id.to_string(),
                    period: name.to_string(),
                    from: Some(date_to_wire(period.from)),
                    to: Some(date_to_wire(period.to)),
                    size,
                    ..api::Balance::default()
                }),
                too_large_at: Some(*index),
            },
        });
        let mut balances = fitting(balances, ANSWER_BYTES_MAX);
        let page = page.get(..balances.len()).unwrap_or(page);
        for (id, need, _) in page {
            self.note_read(&call.caller, *need, id.as_str(), Read::of("balance", &name), purpose)?;
        }
        let names = self.names(page.iter().map(|(id, ..)| *id).collect()).await?;
        let of = self.engine.query_at(size, |at| {
            let days = (period.from, period.to);
            let of = page.iter().map(|(id, ..)| schools_and_subject(at, id, days));
            of.collect::<Vec<_>>()
        });
        let told = balances.iter_mut().filter_map(|told| told.balance.as_mut());
        for (balance, (name, (school_names, subject))) in told.zip(names.into_iter().zip(of)) {
            (balance.name, balance.school_names, balance.subject) = (name, school_names, subject);
        }
        Ok(balances)
    }
}

impl Question {
    /// Looks for the school's teachers and assesses each, in steps at the desk.
    fn work(&self, engine: &Engine, caller: &Caller, turns: &Turns, room: &mut Room) -> Result<Found, Error> {
        let (mut found, mut weighed) = (Found::default(), 0);
        each_teacher(
            (engine, self.size),
            turns,
            &mut found,
            |found, at, assessor, id| {
                let scope = Scope::of(at, &id, (self.period.from, self.period.to));
                let hers = scope.filter(|scope| scope.stood_at.contains(&self.school));
                if let Some(Ok(need)) = hers.map(|scope| scope.admits(caller, &id)) {
                    self.add(assessor, id, need, found);
                }
            },
            |found| {
                let before = std::mem::replace(&mut weighed, found.page.len());
                room.take(found.page.get(before..).map_or(0, weight))
            },
        )?;
        Ok(found)
    }

    fn add(&self, assessor: &Assessor<'_>, id: TeacherId, need: Need, found: &mut Found) {
        let balance = match assessor.standings(&id, self.period) {
            Ok(Some(balance)) => Ok(balance),
            // She is registered: the scope says so.
            Ok(None) => return,
            Err(too_large) => Err(too_large),
        };
        match &balance {
            Err(_) => found.too_large += 1,
            Ok(balance) => {
                let mut sections = balance
                    .sections
                    .iter()
                    .filter(|section| section.policy.is_some())
                    .peekable();
                if sections.peek().is_none() {
                    found.without_policy += 1;
                }
                let mut standings = sections.flat_map(|section| &section.standings);
                if standings.any(|standing| is_short(standing, self.today)) {
                    found.short += 1;
                }
            }
        }
        if self.page.contains(&found.teachers) {
            found.page.push((id, need, balance));
        }
        found.teachers += 1;
    }
}

/// The bytes that balances take while their answer is made.
fn weight(page: &[(TeacherId, Need, Result<Balance, TooLarge>)]) -> usize {
    let balances = page.iter().filter_map(|(.., balance)| balance.as_ref().ok());
    let standings = balances
        .flat_map(|balance| &balance.sections)
        .flat_map(|section| &section.standings);
    size_of_val(page) + standings.map(standing_weight).sum::<usize>()
}
