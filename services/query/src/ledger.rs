//! The ledger service: convert, ask, convert.

use std::pin::Pin;
use std::sync::Arc;

use futures::Stream;
use jiff::civil::Date;
use keshi_core::balance::{Assessor, Balance};
use keshi_core::ids::TeacherId;
use keshi_core::period::Name;
use keshi_core::state::At;
use keshi_door::{AnswerRoom, Call};
use keshi_office::access::{Caller, Need};
use keshi_proto::api::ledger_service_server::LedgerService;
use keshi_proto::api_convert::millis_to_api;
use keshi_proto::{api, date_from_wire, date_to_wire};
use prost::Message as _;
use tonic::{Request, Response, Status};
use tracing::{Instrument as _, debug_span, instrument};

use crate::balances::balance_to_api;
use crate::desk::Turns;
use crate::entries::{Watched, Watcher};
use crate::error::Error;
use crate::listing::Filter;
use crate::page::whole;
use crate::people::{asked_about, schools_and_subject};
use crate::place::{dates, one};
use crate::scope::{Read, admit};
use crate::tiers::tier_to_api;
use crate::{Context, Query};
use crate::{bounds, comparisons, entries};

pub(crate) type Answer<'f, T> = Pin<Box<dyn Future<Output = Result<Response<T>, Status>> + Send + 'f>>;
type Compared = Pin<Box<dyn Stream<Item = Result<api::ComparePoliciesResponse, Status>> + Send>>;
type Batches = Pin<Box<dyn Stream<Item = Result<api::WatchEntriesResponse, Status>> + Send>>;

/// Methods that only convert, call and convert, written out as `async_trait` would, which does not see into macros.
macro_rules! questions {
    ($($method:ident $request:ident -> $answer:ident)*) => { $(
        fn $method<'s, 'f>(&'s self, request: Request<api::$request>) -> Answer<'f, api::$answer>
        where
            's: 'f,
            Self: 'f,
        {
            let answer = async move {
                let call = self.0.parts.guard.enter(&request)?;
                let answer = self.0.$method(&call, request.into_inner()).await;
                let room = |answer: &api::$answer| self.0.room_for(&call, answer.encoded_len());
                let answer = answer.and_then(|answer| Ok((room(&answer)?, answer)));
                let (room, answer) = answer.map_err(|error| call.status(error))?;
                let mut response = Response::new(answer);
                response.extensions_mut().insert(AnswerRoom::from(room));
                Ok(response)
            };
            Box::pin(answer.instrument(debug_span!(stringify!($method))))
        }
    )* };
}
pub(crate) use questions;

#[tonic::async_trait]
impl LedgerService for Query {
    questions! {
        get_head GetHeadRequest -> Head
        get_balance GetBalanceRequest -> Balance
        get_tier GetTierRequest -> Tier
        list_ready ListReadyRequest -> ListReadyResponse
        list_organisations ListOrganisationsRequest -> ListOrganisationsResponse
        list_rotations ListRotationsRequest -> ListRotationsResponse
        list_topics ListTopicsRequest -> ListTopicsResponse
        list_works ListWorksRequest -> ListWorksResponse
        list_national_records ListNationalRecordsRequest -> ListNationalRecordsResponse
        list_questions ListQuestionsRequest -> ListQuestionsResponse
        list_inspections ListInspectionsRequest -> ListInspectionsResponse
        list_overlaps ListOverlapsRequest -> ListOverlapsResponse
        list_merges ListMergesRequest -> ListMergesResponse
        list_shortfalls ListShortfallsRequest -> ListShortfallsResponse
        list_balances ListBalancesRequest -> ListBalancesResponse
        get_overview GetOverviewRequest -> Overview
        list_contests ListContestsRequest -> ListContestsResponse
        list_entries ListEntriesRequest -> ListEntriesResponse
        list_submissions ListSubmissionsRequest -> ListSubmissionsResponse
        get_entry GetEntryRequest -> GetEntryResponse
        list_posts ListPostsRequest -> ListPostsResponse
        list_policies ListPoliciesRequest -> ListPoliciesResponse
        list_loads ListLoadsRequest -> ListLoadsResponse
        list_calendars ListCalendarsRequest -> ListCalendarsResponse
        list_schools ListSchoolsRequest -> ListSchoolsResponse
        list_sessions ListHeldSessionsRequest -> ListHeldSessionsResponse
        list_attendance ListAttendanceRequest -> ListAttendanceResponse
        compare_calendar CompareCalendarRequest -> CompareCalendarResponse
        diff_balance DiffBalanceRequest -> BalanceDifference
        find_people FindPeopleRequest -> FindPeopleResponse
    }

    type ComparePoliciesStream = Compared;

    #[instrument(level = "debug", skip_all)]
    async fn compare_policies(
        &self,
        request: Request<api::ComparePoliciesRequest>,
    ) -> Result<Response<Compared>, Status> {
        let call = self.0.parts.guard.enter(&request)?;
        let asked = self.0.compare(&call, request.into_inner()).await;
        let question = asked.map_err(|error| call.status(error))?;
        Ok(Response::new(Box::pin(comparisons::answer(
            Arc::clone(&self.0),
            call,
            question,
        ))))
    }

    type WatchEntriesStream = Batches;

    #[instrument(level = "debug", skip_all)]
    async fn watch_entries(&self, request: Request<api::WatchEntriesRequest>) -> Result<Response<Batches>, Status> {
        let call = self.0.parts.guard.enter(&request)?;
        call.caller
            .may_read_all()
            .map_err(|denied| call.status(Error::Denied(denied)))?;
        let noted = self.0.note_read(&call.caller, Need::Record, "*", "entries", "watch");
        noted.map_err(|error| call.status(error))?;
        // A place among those who watch, not among the calls that end by themselves.
        let place = self.0.parts.guard.watch(&call)?;
        let api::WatchEntriesRequest {
            from_index,
            filter,
            in_words,
        } = request.into_inner();
        let filter = Filter::read(&self.0.engine, filter).await;
        let (filter, since) = filter.map_err(|error| call.status(error))?;
        let wanted = Watched {
            from: from_index.max(since),
            filter,
            in_words,
        };
        let batches = entries::watch(Arc::clone(&self.0), Watcher::new(&call, place), wanted);
        Ok(Response::new(Box::pin(batches)))
    }
}

impl Context {
    async fn get_head(&self, call: &Call, request: api::GetHeadRequest) -> Result<api::Head, Error> {
        let size = self.place(request.at.as_ref(), call.deadline).await?;
        let head = self.engine.head();
        let (root, recorded_at) = if size == head.size {
            (head.root, Some(head.recorded_at))
        } else {
            // It may hash tens of thousands of entries; one at a time is enough.
            let seat = self.desk.seat(&call.caller, call.deadline).await?;
            let engine = self.engine.clone();
            let old = move || -> Result<_, Error> {
                let last = size
                    .checked_sub(1)
                    .map(|last| engine.entry(last))
                    .transpose()?
                    .flatten();
                Ok((engine.root_at(size)?, last.map(|last| last.entry.recorded_at)))
            };
            let work = move |turns: &Turns| turns.step(|_| old())?;
            self.desk.work(seat, Some(call.deadline), work).await?
        };
        Ok(api::Head {
            office: self.engine.office().to_string(),
            ledger_id: self.engine.ledger_id().to_string(),
            size,
            root: root.to_vec(),
            recorded_at: recorded_at.filter(|_| size > 0).map(millis_to_api),
        })
    }

    async fn get_balance(&self, call: &Call, request: api::GetBalanceRequest) -> Result<api::Balance, Error> {
        let api::GetBalanceRequest {
            teacher_id: id,
            period,
            at,
            explain,
            purpose,
            until,
        } = request;
        let until = until.map(|date| day("until", &date)).transpose()?;
        let id = asked_about(&call.caller, &id)?;
        let period = self.period_name(&period)?;
        let size = self.place(at.as_ref(), call.deadline).await?;
        let question = Question {
            id,
            period,
            size,
            explain,
            until,
        };
        let (need, balance, official) = self
            .at_once_or_at_the_desk(call, move |at, caller, at_once| question.ask(at, caller, at_once))
            .await?;
        self.note_read(&call.caller, need, id.as_str(), Read::of("balance", &period), &purpose)?;
        let days = (balance.period.from, balance.period.to);
        // Somebody merged is shown, and called, as whom she is kept.
        let name = self.name(balance.teacher_id).await?;
        let mut balance = balance_to_api(&balance, name, self.today(), explain);
        let of = self.engine.query_at(size, |at| schools_and_subject(at, &id, days));
        (balance.school_names, balance.subject) = of;
        balance.until = until.map(date_to_wire);
        balance.official = official.and_then(|official| self.official_of(&official, &balance));
        let lines = balance.policies.iter_mut().flat_map(|policy| &mut policy.lines);
        self.say_what(size, lines.collect()).await?;
        whole(balance)
    }

    /// What is official of a closed year, if that is not what `told` says.
    fn official_of(&self, official: &Balance, told: &api::Balance) -> Option<api::OfficialBalance> {
        let policies = balance_to_api(official, String::new(), self.today(), false).policies;
        let says = |policies: &[api::PolicyBalance]| -> Vec<_> {
            let counted = |policy: &api::PolicyBalance| {
                let meters = policy.meters.iter().map(|total| total.centiamount);
                let standings = policy.standings.iter().map(|one| (one.counted_centiamount, one.status));
                let (meters, standings) = (meters.collect::<Vec<_>>(), standings.collect::<Vec<_>>());
                (policy.policy_id.clone(), meters, standings)
            };
            policies.iter().map(counted).collect()
        };
        (says(&policies) != says(&told.policies)).then_some(api::OfficialBalance {
            size: official.size,
            policies,
        })
    }

    async fn get_tier(&self, call: &Call, request: api::GetTierRequest) -> Result<api::Tier, Error> {
        let api::GetTierRequest {
            teacher_id: id,
            on,
            at,
            purpose,
        } = request;
        let id = asked_about(&call.caller, &id)?;
        let on = on.map_or_else(|| Ok(self.today()), |date| day("on", &date))?;
        let size = self.place(at.as_ref(), call.deadline).await?;
        let (need, tier, kept) = self.engine.query_at(size, |at| -> Result<_, Error> {
            let need = admit(at, &call.caller, &id, (on, on))?;
            let tier = at.tier(&id, on);
            Ok((need, tier.ok_or(Error::UnknownTeacher { id, size })?, at.kept_id(&id)))
        })?;
        self.note_read(&call.caller, need, id.as_str(), Read::of("tier", &on), &purpose)?;
        let born = self.birth_dates(vec![kept]).await?.pop().flatten();
        let mut tier = tier_to_api(&tier, born, (on, size));
        (tier.teacher_id, tier.name) = (kept.to_string(), self.name(kept).await?);
        let of = self.engine.query_at(size, |at| schools_and_subject(at, &id, (on, on)));
        (tier.school_names, tier.subject) = of;
        whole(tier)
    }
}

/// Read is asked about a teacher's balance.
#[derive(Clone, Copy)]
struct Question {
    id: TeacherId,
    period: Name,
    size: u64,
    explain: bool,
    until: Option<Date>,
}

impl Question {
    /// The balance, and whether the reading is to be noted; `None` if it is heavy and is wanted at once.
    fn ask(
        self,
        at: At<'_>,
        caller: &Caller,
        at_once: bool,
    ) -> Result<Option<(Need, Balance, Option<Balance>)>, Error> {
        let Self {
            id,
            period,
            size,
            explain,
            until,
        } = self;
        let at = at.back_to(size);
        let period = dates(period, at)?;
        let need = admit(at, caller, &id, (period.from, period.to))?;
        let assessor = Assessor::new(at).until(until);
        let extent = bounds::extent(&assessor, &period)?;
        if at_once && !bounds::is_light(&assessor, extent, &id) {
            return Ok(None);
        }
        let balance = if explain {
            assessor.balance(&id, period)?
        } else {
            assessor.standings(&id, period)?
        };
        let balance = balance.ok_or(Error::UnknownTeacher { id, size })?;
        let closed = match (period.name, until) {
            (Name::Year(year), None) => at.official(year).map(|closing| at.back_to(closing.position)),
            _ => None,
        };
        // As much again as the question itself.
        let official = closed.map(|then| Assessor::new(then).standings(&id, period));
        Ok(Some((need, balance, official.transpose()?.flatten())))
    }
}

/// A day in a field of this name.
pub(crate) fn day(field: &str, date: &keshi_proto::event::Date) -> Result<Date, Error> {
    date_from_wire(date).ok_or_else(|| {
        let text = format!("{}-{}-{}", date.year, date.month, date.day);
        let (zh, en) = (format!("没有 {text} 这一天"), format!("{text} is no day"));
        one(field, text, zh, en)
    })
}
