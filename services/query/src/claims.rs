//! Claims, their history, and what is before the public.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::civil::Date;
use keshi_core::event::Fact;
use keshi_core::hours::Hours;
use keshi_core::ids::{BatchId, ClaimId, EventId, TeacherId};
use keshi_core::review::{self, Stage, Step};
use keshi_core::state::{At, ClaimStanding, ClaimView};
use keshi_door::{AnswerRoom, Call, Stranger};
use keshi_engine::Engine;
use keshi_office::access::{Caller, Need, RoleName, Target};
use keshi_proto::api::claim_service_server::ClaimService;
use keshi_proto::api_convert::millis_to_api;
use keshi_proto::{api, date_to_wire};
use prost::Message as _;
use tonic::{Request, Response, Status};
use tracing::{Instrument as _, debug_span};

use crate::desk::Turns;
use crate::error::Error;
use crate::ledger::{Answer, questions};
use crate::page::{ANSWER_BYTES_MAX, fitting, page_size_of, whole};
use crate::people::schools_and_subject;
use crate::place::{blocking, one};
use crate::scope::{ALWAYS, Scope, admit, is_herself};
use crate::words::what_happened;
use crate::{Context, Query};

/// Claims on a page when the caller does not say.
const PAGE_DEFAULT: usize = 50;

/// Most claims on a page: of each a few entries are read.
const PAGE_MAX: usize = 200;

/// Claims that are looked at between two looks at the clock.
const CLAIMS_BETWEEN_LOOKS: usize = 256;

/// Most batches that are told of at once. An office has a few at a time.
const BATCHES_MAX: usize = 50;

#[tonic::async_trait]
impl ClaimService for Query {
    questions! {
        list_claims ListClaimsRequest -> ListClaimsResponse
        get_claim GetClaimRequest -> Claim
        put_evidence PutEvidenceRequest -> PutEvidenceResponse
        get_evidence GetEvidenceRequest -> GetEvidenceResponse
    }

    async fn list_publicity(
        &self,
        request: Request<api::ListPublicityRequest>,
    ) -> Result<Response<api::ListPublicityResponse>, Status> {
        let Some(stranger) = request.extensions().get::<Stranger>().cloned() else {
            return Err(Status::internal("the service is not behind its door"));
        };
        let answer = self.0.list_publicity(request.into_inner()).await;
        answer
            .map(Response::new)
            .map_err(|error| keshi_door::Fault::from(error).status(stranger.lang))
    }
}

/// Which claims are asked for.
struct Wanted {
    size: u64,
    stages: BTreeSet<Stage>,
    school: String,
    teacher: Option<TeacherId>,
    kind: String,
    /// Those that stand there since this day or longer.
    since: Option<Date>,
    page: Range<usize>,
}

/// What was found: the claims of the page, and how many there are.
#[derive(Default)]
struct Found {
    on_page: Vec<(ClaimId, TeacherId, Need)>,
    total: usize,
    counts: BTreeMap<Stage, i64>,
}

impl Context {
    /// The claims that are asked for, those first that have stood longest where they stand.
    async fn list_claims(
        &self,
        call: &Call,
        request: api::ListClaimsRequest,
    ) -> Result<api::ListClaimsResponse, Error> {
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let stages = format!("{:?}", request.stages);
        let days = request.waiting_days.to_string();
        let parts = [
            "claims",
            &stages,
            &request.school_id,
            &request.teacher_id,
            &request.kind,
            &days,
        ];
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &parts)
            .await?;
        let wanted = self.wanted(&request, page.size, page.from..page.from.saturating_add(limit))?;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let seat = self.desk.seat(&call.caller, call.deadline).await?;
        let (engine, caller) = (self.engine.clone(), call.caller.clone());
        let size = wanted.size;
        let work = move |turns: &Turns| wanted.find(&engine, &caller, turns);
        let found = self.desk.work(seat, Some(call.deadline), work).await?;
        // A page is no heavy work, and is read from disk: others need no rest from it.
        let (engine, caller, on_page) = (self.engine.clone(), call.caller.clone(), found.on_page.clone());
        let claims = blocking(move || told(&engine, size, &caller, &on_page)).await??;
        let mut claims = fitting(claims.into_iter(), ANSWER_BYTES_MAX);
        let on_page = found.on_page.get(..claims.len()).unwrap_or(&found.on_page);
        let mut noted = BTreeSet::new();
        for (_, teacher, need) in on_page {
            if noted.insert(*teacher) {
                self.note_read(&call.caller, *need, teacher.as_str(), "claims", &request.purpose)?;
            }
        }
        let names = self
            .names(on_page.iter().map(|(_, teacher, _)| *teacher).collect())
            .await?;
        for (claim, name) in claims.iter_mut().zip(names) {
            claim.name = name;
        }
        let counts = found.counts.iter().map(|(stage, claims)| api::ClaimCount {
            stage: stage.code(),
            claims: *claims,
        });
        Ok(api::ListClaimsResponse {
            next_page_token: page.next(claims.len(), found.total),
            claims,
            size: page.size,
            total: i64::try_from(found.total).unwrap_or(i64::MAX),
            counts: counts.collect(),
        })
    }

    fn wanted(&self, request: &api::ListClaimsRequest, size: u64, page: Range<usize>) -> Result<Wanted, Error> {
        let stage = |code: &i32| {
            let stage = Stage::from_code(*code);
            stage.ok_or_else(|| one("stages", code.to_string(), "没有这个环节", "there is no such stage"))
        };
        let teacher = match request.teacher_id.as_str() {
            "" => None,
            text => Some(
                TeacherId::new(text)
                    .map_err(|_| one("teacher_id", text, "不是教师编号", "it is no id of a teacher"))?,
            ),
        };
        if !request.kind.is_empty() && Fact::kind_in_zh(&request.kind).is_none() {
            return Err(one("kind", &request.kind, "没有这类记录", "there is no such kind"));
        }
        let days = i64::from(request.waiting_days.min(36_500));
        Ok(Wanted {
            size,
            stages: request.stages.iter().map(stage).collect::<Result<_, _>>()?,
            school: request.school_id.clone(),
            teacher,
            kind: request.kind.clone(),
            since: (days > 0).then(|| keshi_core::time::plus_days(self.today(), -days)),
            page,
        })
    }

    /// A claim whose teacher the caller may read about, as the list of claims tells it.
    pub(crate) async fn claim_for(
        &self,
        call: &Call,
        size: u64,
        id: ClaimId,
        text: &str,
    ) -> Result<(TeacherId, Need, api::Claim), Error> {
        let unknown = || one("claim_id", text, "没有这项申报", "no such claim was submitted");
        let (teacher, need) = self.engine.query_at(size, |at| -> Result<_, Error> {
            let claim = at.claim(&id);
            let Some(teacher) = claim.and_then(|claim| claim.teacher_id()) else {
                // Whether there is one is told to those alone who may read all.
                call.caller.may_read_all()?;
                return Err(unknown());
            };
            Ok((teacher, admit(at, &call.caller, &teacher, ALWAYS)?))
        })?;
        let (engine, caller) = (self.engine.clone(), call.caller.clone());
        let told = blocking(move || told(&engine, size, &caller, &[(id, teacher, need)]));
        let claim = told.await??.pop().ok_or_else(unknown)?;
        Ok((teacher, need, claim))
    }

    /// One claim with all that was done to it.
    async fn get_claim(&self, call: &Call, request: api::GetClaimRequest) -> Result<api::Claim, Error> {
        let api::GetClaimRequest { claim_id, at, purpose } = request;
        let id = ClaimId::new(&claim_id)
            .map_err(|_| one("claim_id", &claim_id, "不是申报编号", "it is no id of a claim"))?;
        let size = self.place(at.as_ref(), call.deadline).await?;
        let (teacher, need, mut claim) = self.claim_for(call, size, id, &claim_id).await?;
        self.note_read(&call.caller, need, teacher.as_str(), "claims", &purpose)?;
        self.about_evidence(teacher, &mut claim).await?;
        let decides = call.caller.may_post("objection_decided", Target::default()).is_ok();
        let (history, objections) = self.engine.query_at(size, |at| {
            let claim = at.claim(&id);
            let claim = claim.as_ref();
            (
                claim.map(|claim| history(at, claim)).unwrap_or_default(),
                claim.map(|claim| objections(claim, decides)).unwrap_or_default(),
            )
        });
        (claim.history, claim.objections) = (history, objections);
        let people = claim.history.iter().map(|act| TeacherId::new(&act.by).ok());
        let people: Vec<Option<TeacherId>> = std::iter::once(Some(teacher)).chain(people).collect();
        let names = self.names(people.iter().flatten().copied().collect()).await?;
        let mut names = names.into_iter();
        claim.name = names.next().unwrap_or_default();
        for (act, name) in claim.history.iter_mut().zip(names) {
            act.by_name = name;
        }
        claim.size = size;
        whole(claim)
    }

    async fn list_publicity(&self, request: api::ListPublicityRequest) -> Result<api::ListPublicityResponse, Error> {
        let size = self.engine.head().size;
        if request.batch_id.is_empty() {
            let mut batches: Vec<_> = self.engine.query_at(size, |at| {
                let running = at.batches().filter(|batch| batch.ended.is_none());
                running.map(|batch| (batch.opened, batch_to_api(&batch))).collect()
            });
            batches.sort_by_key(|(opened, _)| std::cmp::Reverse(*opened));
            let batches = batches.into_iter().take(BATCHES_MAX).map(|(_, batch)| batch);
            return Ok(api::ListPublicityResponse {
                batches: batches.collect(),
                size,
            });
        }
        let text = &request.batch_id;
        let id = BatchId::new(text).map_err(|_| one("batch_id", text, "不是批次编号", "it is no id of a batch"))?;
        let found = self.engine.query_at(size, |at| {
            let batch = at.batch(&id)?;
            let in_it = |claim: &ClaimView<'_>| claim.stage == Stage::Publicity && claim.batch() == Some(id);
            // What was taken down is not told any more.
            let lines = batch.claims.iter().filter(|_| batch.ended.is_none());
            let claims = lines.filter_map(|claim| at.claim(claim).filter(in_it));
            let claims = claims.filter_map(|claim| {
                let last = claim.submission()?;
                Some((claim.claim_id, last.teacher_id, last.what.clone(), last.asked_hours))
            });
            Some((batch_to_api(&batch), claims.collect::<Vec<Shown>>()))
        });
        let Some((mut batch, claims)) = found else {
            return Err(one("batch_id", text, "没有这一批公示", "there is no such batch"));
        };
        let names = self
            .names(claims.iter().map(|(_, teacher, ..)| *teacher).collect())
            .await?;
        let engine = self.engine.clone();
        let lines = blocking(move || {
            let lines = claims.into_iter().zip(names);
            let line = |((claim_id, teacher, what, asked), name): (Shown, String)| {
                let events = claimed(&engine, size, &what)?;
                let (school_names, _) = engine.query_at(size, |at| schools_and_subject(at, &teacher, ALWAYS));
                let (items_zh, items_en) = events
                    .into_iter()
                    .filter(|event| !defines(&event.kind))
                    .map(|event| {
                        (
                            in_words(&event.kind_zh, &event.text_zh),
                            in_words(&event.kind, &event.text_en),
                        )
                    })
                    .unzip();
                Ok(api::PublicLine {
                    claim_id: claim_id.to_string(),
                    name,
                    school_names,
                    items_zh,
                    items_en,
                    asked_centihours: asked.map_or(0, Hours::hundredths),
                })
            };
            lines.map(line).collect::<Result<Vec<_>, Error>>()
        });
        batch.lines = lines.await??;
        whole(api::ListPublicityResponse {
            batches: vec![batch],
            size,
        })
    }
}

/// A line of a publicity: the claim, whose it is, what is claimed, the hours asked for.
type Shown = (ClaimId, TeacherId, Vec<EventId>, Option<Hours>);

/// Whether the kind says only of what something else is part.
fn defines(kind: &str) -> bool {
    matches!(kind, "project_opened" | "session_held")
}

fn in_words(kind: &str, text: &str) -> String {
    if text.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind}：{text}")
    }
}

fn batch_to_api(batch: &keshi_core::state::BatchView<'_>) -> api::PublicityBatch {
    api::PublicityBatch {
        batch_id: batch.batch_id.to_string(),
        first_day: Some(date_to_wire(batch.from)),
        last_day: Some(date_to_wire(batch.to)),
        ended: batch.ended.is_some(),
        lines: Vec::new(),
    }
}

impl Wanted {
    /// Goes through all claims once, step by step: an office has some ten thousand.
    fn find(&self, engine: &Engine, caller: &Caller, turns: &Turns) -> Result<Found, Error> {
        let mut look = Look {
            reads_all: caller.may_read_all().is_ok(),
            ..Look::default()
        };
        let mut from = 0;
        loop {
            let more = turns.step(|step| {
                engine.query_at(self.size, |at| {
                    let mut claims = at.standings(from).peekable();
                    // Some in each step, also where it waited for the state until it was over.
                    while claims.peek().is_some() {
                        for claim in claims.by_ref().take(CLAIMS_BETWEEN_LOOKS) {
                            from = claim.0 + 1;
                            self.look_at(at, caller, claim, &mut look);
                        }
                        if step.is_over() {
                            return true;
                        }
                    }
                    false
                })
            })?;
            if !more {
                break;
            }
        }
        let places = look.on_page(&self.page);
        let rows = turns.step(|_| {
            engine.query_at(self.size, |at| {
                let row = |place: &usize| {
                    let (_, id, claim) = at.standings(*place).next()?;
                    Some((id, claim.teacher_id, look.need(at, caller, &claim.teacher_id)?))
                };
                places.iter().filter_map(row).collect()
            })
        })?;
        Ok(Found {
            on_page: rows,
            total: look.meant.len(),
            counts: look.counts,
        })
    }

    fn look_at(
        &self,
        at: At<'_>,
        caller: &Caller,
        (place, id, claim): (usize, ClaimId, ClaimStanding),
        look: &mut Look,
    ) {
        let teacher = claim.teacher_id;
        if look.need(at, caller, &teacher).is_none() {
            return;
        }
        *look.counts.entry(claim.stage).or_default() += 1;
        let is_meant = (self.stages.is_empty() || self.stages.contains(&claim.stage))
            && self.teacher.is_none_or(|only| at.is_one(&only, &teacher))
            && (self.school.is_empty()
                || *look
                    .schools
                    .entry(teacher)
                    .or_insert_with(|| is_of_school(at, &teacher, &self.school)))
            && self.is_meant_whole(at, &id);
        if is_meant {
            look.meant.push((claim.since, place));
        }
    }

    /// What cannot be told from where it stands, if that is asked for.
    fn is_meant_whole(&self, at: At<'_>, id: &ClaimId) -> bool {
        if self.since.is_none() && self.kind.is_empty() {
            return true;
        }
        at.claim(id).is_some_and(|claim| {
            self.since.is_none_or(|day| waits_since(&claim) <= day)
                && (self.kind.is_empty() || is_of_kind(at, &claim, &self.kind))
        })
    }
}

/// A walk over all claims.
#[derive(Default)]
struct Look {
    reads_all: bool,
    needs: BTreeMap<TeacherId, Option<Need>>,
    schools: BTreeMap<TeacherId, bool>,
    counts: BTreeMap<Stage, i64>,
    /// Since when, and the place: what is meant, in the order of pages once it is sorted.
    meant: Vec<(u64, usize)>,
}

impl Look {
    /// Whether the reading is to be noted; `None` if the caller may not read about her.
    fn need(&mut self, at: At<'_>, caller: &Caller, teacher: &TeacherId) -> Option<Need> {
        if is_herself(at, caller, teacher) {
            return Some(Need::Nothing);
        }
        if self.reads_all {
            return Some(Need::Record);
        }
        *self.needs.entry(*teacher).or_insert_with(|| {
            let scope = Scope::of(at, teacher, ALWAYS)?;
            scope.admits(caller, teacher).ok()
        })
    }

    /// The places of the claims on the page: of one moment in the order in which they came.
    fn on_page(&mut self, page: &Range<usize>) -> Vec<usize> {
        let end = page.end.min(self.meant.len());
        if let Some(last) = end.checked_sub(1) {
            self.meant.select_nth_unstable(last);
        }
        let up_to = self.meant.get_mut(..end).unwrap_or_default();
        up_to.sort_unstable();
        let on_page = up_to.get(page.start.min(end)..).unwrap_or_default();
        on_page.iter().map(|(_, place)| *place).collect()
    }
}

/// The day since which the claim stands where it stands.
fn waits_since(claim: &ClaimView<'_>) -> Date {
    claim.acts.last().map_or(Date::MAX, |act| act.recorded_at.local_date())
}

fn is_of_kind(at: At<'_>, claim: &ClaimView<'_>, kind: &str) -> bool {
    let what = claim.submission().into_iter().flat_map(|last| &last.what);
    what.into_iter().any(|id| at.kind_of(*id) == Some(kind))
}

fn is_of_school(at: At<'_>, teacher: &TeacherId, school: &str) -> bool {
    let scope = Scope::of(at, teacher, ALWAYS).unwrap_or_default();
    scope.schools.iter().any(|own| own.as_str() == school)
}

/// These claims for the API, without names.
fn told(
    engine: &Engine,
    size: u64,
    caller: &Caller,
    claims: &[(ClaimId, TeacherId, Need)],
) -> Result<Vec<api::Claim>, Error> {
    let mut told = Vec::with_capacity(claims.len());
    for (id, teacher, _) in claims {
        let one = engine.query_at(size, |at| {
            let claim = at.claim(id)?;
            let last = claim.submission()?;
            let (school_names, _) = schools_and_subject(at, teacher, ALWAYS);
            let submitted = claim.acts.iter().rev().find(|act| act.step == Step::Submit);
            let stamp = |act: &keshi_core::state::Act| millis_to_api(at.recorded_at(act.index.into(), act.recorded_at));
            let reason = claim.acts.iter().rev().find_map(|act| act.reason.as_ref());
            let api = api::Claim {
                claim_id: id.to_string(),
                teacher_id: teacher.to_string(),
                school_names,
                stage: claim.stage.code(),
                since: claim.acts.last().map(stamp),
                submitted_event: last.event_id.to_string(),
                submitted_by: last.submitted_by.to_string(),
                submitted_at: submitted.map(stamp),
                asked_centihours: last.asked_hours.map_or(0, Hours::hundredths),
                statement: last.statement.as_ref().map_or_else(String::new, ToString::to_string),
                batch_id: claim.batch().map_or_else(String::new, |batch| batch.to_string()),
                stopped: claim.stage == Stage::Publicity && claim.stopping().is_some(),
                last_reason: reason.map_or_else(String::new, ToString::to_string),
                may: may(at, caller, &claim).map(Step::code).collect(),
                ..api::Claim::default()
            };
            Some((api, last.what.clone()))
        });
        if let Some((mut claim, what)) = one {
            claim.events = claimed(engine, size, &what)?;
            told.push(claim);
        }
    }
    Ok(told)
}

/// What is claimed, in words.
fn claimed(engine: &Engine, size: u64, what: &[EventId]) -> Result<Vec<api::ClaimedEvent>, Error> {
    let mut told = Vec::with_capacity(what.len());
    for id in what {
        let index = engine.query_at(size, |at| at.index_of(*id));
        let entry = index.map(|index| engine.entry(index)).transpose()?.flatten();
        let event = entry.as_ref().and_then(|stored| stored.entry.posted.event());
        let Some((event, index)) = event.zip(index) else {
            told.push(api::ClaimedEvent {
                event_id: id.to_string(),
                ..api::ClaimedEvent::default()
            });
            continue;
        };
        let (words, gone) = engine.query_at(size, |at| {
            let since = at.since(index);
            let gone = since.voided_by.is_some() || since.corrected_by.is_some();
            (what_happened(at, event), gone)
        });
        told.push(api::ClaimedEvent {
            event_id: id.to_string(),
            index: Some(index),
            kind: event.fact.kind().to_owned(),
            kind_zh: event.fact.kind_zh().to_owned(),
            from: Some(date_to_wire(event.from)),
            to: Some(date_to_wire(event.to)),
            text_zh: words.zh,
            text_en: words.en,
            evidence: event.evidence.iter().map(ToString::to_string).collect(),
            files: Vec::new(),
            gone,
        });
    }
    Ok(told)
}

fn history(at: At<'_>, claim: &ClaimView<'_>) -> Vec<api::ClaimAct> {
    let act = |act: &keshi_core::state::Act| api::ClaimAct {
        index: act.index.into(),
        at: Some(millis_to_api(at.recorded_at(act.index.into(), act.recorded_at))),
        step: act.step.code(),
        by: act.by.to_string(),
        by_name: String::new(),
        reason: act.reason.as_ref().map_or_else(String::new, ToString::to_string),
        batch_id: act.batch.map_or_else(String::new, |batch| batch.to_string()),
    };
    claim.acts.iter().map(act).collect()
}

fn objections(claim: &ClaimView<'_>, decides: bool) -> Vec<api::Objection> {
    let objection = |one: &keshi_core::state::Objection| {
        let fate = claim.decision(one);
        api::Objection {
            event_id: one.event_id.to_string(),
            index: one.index.into(),
            batch_id: one.batch_id.to_string(),
            reason: one.reason.to_string(),
            // Who objects is for who decides, not for the one objected to.
            raised_by: one
                .raised_by
                .filter(|_| decides)
                .map_or_else(String::new, |by| by.to_string()),
            decided: fate.is_some(),
            upheld: fate.is_some_and(|fate| fate.upheld),
            decision_reason: fate.map_or_else(String::new, |fate| fate.reason.to_string()),
            decided_by: fate.map_or_else(String::new, |fate| fate.by.to_string()),
        }
    };
    claim.objections.iter().map(objection).collect()
}

/// The kind of event that takes a step.
const fn kind_of(step: Step) -> &'static str {
    match step {
        Step::Submit => "claim_submitted",
        Step::SchoolCheck => "claim_school_checked",
        Step::CountyCheck => "claim_county_checked",
        Step::Publish => "publicity_opened",
        Step::Credit => "claim_credited",
        Step::Return => "claim_returned",
        Step::Reject => "claim_rejected",
    }
}

/// The steps that the caller may take now: those of the machine, of which nothing that is known stands in her way.
fn may<'c>(at: At<'c>, caller: &'c Caller, claim: &'c ClaimView<'_>) -> impl Iterator<Item = Step> + use<'c> {
    let me = caller.teacher_id();
    let teacher = claim.teacher_id();
    let hers = teacher.is_some_and(|teacher| is_herself(at, caller, &teacher));
    let submitted = claim
        .submissions
        .iter()
        .any(|one| is_herself(at, caller, &one.submitted_by));
    let own = caller.role().school();
    let of_school = teacher.is_some_and(|teacher| own.is_some_and(|own| is_of_school(at, &teacher, own)));
    let school = own.filter(|_| of_school);
    let is_dev = caller.role().name() == RoleName::Dev;
    let is_person = me.is_some() || is_dev;
    let complete = at.missing_of(claim).is_none();
    let over = claim
        .batch()
        .and_then(|batch| at.batch(&batch))
        .is_some_and(|batch| batch.ended.is_some());
    let creditable = over && claim.stopping().is_none();
    let stage = claim.stage;
    let about = teacher.map(|teacher| teacher.to_string());
    review::steps_from(Some(stage)).filter(move |step| {
        if !is_person {
            return false;
        }
        if *step == Step::Submit && hers {
            return true;
        }
        let target = Target {
            school,
            about: about.as_deref(),
            ..Target::default()
        };
        let has_right = caller.may_post(kind_of(*step), target).is_ok();
        let own_review = *step != Step::Submit && (hers || submitted);
        let is_schools = own.is_none() || stage == Stage::Submitted;
        let ready = match step {
            Step::Submit => true,
            Step::SchoolCheck | Step::CountyCheck | Step::Publish => complete,
            Step::Credit => complete && creditable,
            Step::Return | Step::Reject => is_schools,
        };
        has_right && !own_review && ready
    })
}
