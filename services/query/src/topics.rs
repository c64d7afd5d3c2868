//! Research topics, each as far as it is on a day, and how many there are by level and year.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use keshi_core::codes::{Level, TopicCheck};
use keshi_core::ids::TeacherId;
use keshi_core::state::{DayEntry, TopicStage, TopicView};
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

/// Topics on a page when the caller does not say.
const PAGE_DEFAULT: usize = 50;

/// Most topics on a page: each names up to sixty people, and each reading about one is noted.
const PAGE_MAX: usize = 200;

/// What of the topics is asked for.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    /// `None`: all.
    year: Option<i16>,
    /// `None`: all.
    level: Option<Level>,
    /// `None`: all.
    stage: Option<api::TopicStage>,
    overdue: bool,
}

impl Wanted {
    fn read(request: &api::ListTopicsRequest) -> Result<Self, Error> {
        let year = match i16::try_from(request.year) {
            Ok(0) => None,
            Ok(year) => Some(year),
            Err(_) => {
                let (zh, en) = ("年份写作 2022", "write the year as 2022");
                return Err(one("year", request.year.to_string(), zh, en));
            }
        };
        let level = match request.level {
            0 => None,
            code => Some(Level::from_code(code).ok_or_else(|| {
                let (zh, en) = ("没有这个级别", "there is no such level");
                one("level", code.to_string(), zh, en)
            })?),
        };
        let stage = match api::TopicStage::try_from(request.stage) {
            Ok(api::TopicStage::Unspecified) => None,
            Ok(stage) => Some(stage),
            Err(_) => {
                let (zh, en) = ("没有这个阶段", "there is no such stage");
                return Err(one("stage", request.stage.to_string(), zh, en));
            }
        };
        Ok(Self {
            year,
            level,
            stage,
            overdue: request.overdue,
        })
    }

    fn takes(self, topic: &TopicView) -> bool {
        let year = topic.approved.map(|(on, _)| on.year());
        self.year.is_none_or(|asked| year == Some(asked))
            && self.level.is_none_or(|asked| topic.level == Some(asked))
            && self.stage.is_none_or(|asked| stage_to_api(topic.stage) == asked)
            && (!self.overdue || topic.overdue)
    }
}

impl Context {
    pub(crate) async fn list_topics(
        &self,
        call: &Call,
        request: api::ListTopicsRequest,
    ) -> Result<api::ListTopicsResponse, Error> {
        call.caller.may_read_sessions()?;
        let limit = page_size_of(request.page_size, PAGE_DEFAULT, PAGE_MAX)?;
        let on = request.on.map_or_else(|| Ok(self.today()), |date| day("on", &date))?;
        let wanted = Wanted::read(&request)?;
        let parts = ["topics", &on.to_string(), &format!("{wanted:?}")];
        let page = self
            .page(call, request.at.as_ref(), &request.page_token, &parts)
            .await?;
        let _room = self.room_for(call, ANSWER_BYTES_MAX)?;
        let (engine, size, from) = (self.engine.clone(), page.size, page.from);
        let (counts, all, mut topics) = blocking(move || {
            let all = engine.query_at(size, |at| at.topics(on));
            let counts = counts(&all);
            let meant: Vec<&TopicView> = all.iter().filter(|topic| wanted.takes(topic)).collect();
            let on_page = meant.iter().skip(from).take(limit);
            let topics = fitting(on_page.map(|topic| to_api(topic)), ANSWER_BYTES_MAX);
            (counts, meant.len(), topics)
        })
        .await?;
        self.name_of_topics(call, &mut topics, (on, size), &request.purpose)
            .await?;
        Ok(api::ListTopicsResponse {
            next_page_token: page.next(topics.len(), all),
            topics,
            size,
            total: i64::try_from(all).unwrap_or(i64::MAX),
            counts,
        })
    }

    /// Names those about whom the caller may read, each noted before she is told; the others stay ids.
    async fn name_of_topics(
        &self,
        call: &Call,
        topics: &mut [api::Topic],
        (on, size): (Date, u64),
        purpose: &str,
    ) -> Result<(), Error> {
        let members = topics.iter().flat_map(|topic| &topic.members);
        let ids: BTreeSet<&str> = members.map(|member| member.teacher_id.as_str()).collect();
        let told: Vec<(TeacherId, Need)> = self.engine.query_at(size, |at| {
            let may_read = ids.iter().filter_map(|id| readable(at, &call.caller, id));
            may_read.collect()
        });
        for (id, need) in &told {
            self.note_read(&call.caller, *need, id.as_str(), Read::of("topics", &on), purpose)?;
        }
        let names = self.names(told.iter().map(|(id, _)| *id).collect()).await?;
        let names: BTreeMap<String, String> = told.iter().map(|(id, _)| id.to_string()).zip(names).collect();
        for member in topics.iter_mut().flat_map(|topic| &mut topic.members) {
            member.name = names.get(&member.teacher_id).cloned().unwrap_or_default();
        }
        Ok(())
    }
}

/// How many were approved by year and level, the last year first, the highest level first.
fn counts(all: &[TopicView]) -> Vec<api::TopicCount> {
    let mut counts: BTreeMap<(i32, i32), api::TopicCount> = BTreeMap::new();
    for topic in all {
        let Some(((on, _), level)) = topic.approved.zip(topic.level) else {
            continue;
        };
        let year = i32::from(on.year());
        let count = counts.entry((-year, level.code())).or_insert_with(|| api::TopicCount {
            year,
            level: level.code(),
            ..api::TopicCount::default()
        });
        count.approved += 1;
        count.running += i64::from(topic.stage.is_running());
        count.overdue += i64::from(topic.overdue);
        count.stopped += i64::from(topic.stage == TopicStage::Stopped);
        count.concluded += i64::from(topic.stage == TopicStage::Concluded);
    }
    counts.into_values().collect()
}

const fn stage_to_api(stage: TopicStage) -> api::TopicStage {
    match stage {
        TopicStage::Unapproved => api::TopicStage::Unapproved,
        TopicStage::Approved => api::TopicStage::Approved,
        TopicStage::Opened => api::TopicStage::Opened,
        TopicStage::Checked => api::TopicStage::Checked,
        TopicStage::ToMend => api::TopicStage::ToMend,
        TopicStage::Stopped => api::TopicStage::Stopped,
        TopicStage::Concluded => api::TopicStage::Concluded,
    }
}

fn step((on, index): DayEntry, result: Option<TopicCheck>) -> api::TopicStep {
    api::TopicStep {
        on: Some(date_to_wire(on)),
        index,
        result: result.map_or(0, TopicCheck::code),
    }
}

/// For the API, without names.
fn to_api(topic: &TopicView) -> api::Topic {
    let member = |leads: bool| {
        move |id: &TeacherId| api::TopicMember {
            teacher_id: id.to_string(),
            name: String::new(),
            leads,
        }
    };
    let leads = topic.leads.iter().map(member(true));
    let checks = topic.checks.iter();
    api::Topic {
        id: topic.id.to_string(),
        name: topic.name.as_ref().map(ToString::to_string).unwrap_or_default(),
        level: topic.level.map_or(0, Level::code),
        stage: stage_to_api(topic.stage).into(),
        approved: topic.approved.map(|entry| step(entry, None)),
        opened: topic.opened.map(|entry| step(entry, None)),
        checks: checks.map(|&(entry, result)| step(entry, Some(result))).collect(),
        concluded: topic.concluded.map(|entry| step(entry, None)),
        result: topic.result.as_ref().map(ToString::to_string).unwrap_or_default(),
        midterm_by: topic.midterm_by.map(date_to_wire),
        overdue: topic.overdue,
        members: leads.chain(topic.members.iter().map(member(false))).collect(),
    }
}
