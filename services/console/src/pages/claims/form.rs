//! The form of one claim: what was done, as the events that it is claimed by.

use axum::extract::{FromRequest as _, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Redirect, Response};
use keshi_core::codes::{Award, LessonType, Level, Mode};
use keshi_core::hours::Hours;
use keshi_core::lang::Lang;
use keshi_proto::event::fact::Fact;
use keshi_proto::{api, date_to_wire, event as pb};
use keshi_words::names::amount;
use keshi_words::time::{date, today};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use tonic::Status;
use uuid::Uuid;

use super::attached::{self, Attached, Received};
use super::{address, problems, refusals};
use crate::Console;
use crate::extract::{Filled, Named};
use crate::fault::Answer;
use crate::form::{choice, field};
use crate::page::page;
use crate::visitor::Visitor;

/// What can be claimed in a form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Course,
    Lesson,
    Work,
    Prize,
}

impl What {
    const ALL: [Self; 4] = [Self::Course, Self::Lesson, Self::Work, Self::Prize];

    const fn word(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::Lesson => "lesson",
            Self::Work => "work",
            Self::Prize => "prize",
        }
    }

    const fn name(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Course, Lang::Zh) => "自己参加的培训",
            (Self::Course, Lang::En) => "a course that I took",
            (Self::Lesson, Lang::Zh) => "公开课、示范课等",
            (Self::Lesson, Lang::En) => "a lesson that I gave",
            (Self::Work, Lang::Zh) => "发表的论文、著作",
            (Self::Work, Lang::En) => "a work that I published",
            (Self::Prize, Lang::Zh) => "论文、成果获奖",
            (Self::Prize, Lang::En) => "a prize for a work",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.word() == word)
    }
}

/// What was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Typed {
    claim: String,
    /// The submission that this one follows.
    after: String,
    teacher: String,
    from: String,
    to: String,
    name: String,
    provider: String,
    level: String,
    mode: String,
    hours: String,
    lesson_type: String,
    subject: String,
    periods: String,
    work_kind: String,
    award: String,
    contest: String,
    asked: String,
    statement: String,
    /// The SHA-256 of the files that are kept already, with commas between.
    evidence: String,
}

pub(super) async fn kinds(visitor: Visitor) -> Response {
    let lang = visitor.lang;
    let content = html! {
        p { (visitor.say("申报什么？一次申报一项活动。", "what do you claim? One activity at a time.")) }
        ul.doors { @for what in What::ALL { li { a href=(format!("/claims/new/{}", what.word())) { (what.name(lang)) } } } }
    };
    page(&visitor, visitor.say("新的申报", "A new claim"), &content)
}

fn what_of(visitor: &Visitor, word: &str) -> Result<What, crate::fault::Unanswered> {
    What::of(word).ok_or_else(|| {
        let says = visitor.say(
            "没有这种申报；请从“申报”页选",
            "there is no such claim: choose one on the page of claims",
        );
        visitor.unanswered(Status::not_found(says))
    })
}

pub(super) async fn show(visitor: Visitor, Named(word): Named<String>) -> Answer {
    let what = what_of(&visitor, &word)?;
    let day = today().to_string();
    let typed = Typed {
        // Stands in the form, so that the same form sent twice is one claim.
        claim: format!(
            "SB-{}-{}",
            day.replace('-', ""),
            Uuid::new_v4().simple().to_string().get(..8).unwrap_or_default()
        ),
        teacher: visitor.who.role.teacher_id().unwrap_or_default().to_owned(),
        from: day.clone(),
        level: Level::County.code().to_string(),
        ..Typed::default()
    };
    Ok(form(&visitor, what, &typed, &[]))
}

/// The form again with what was submitted last, to be mended.
pub(super) async fn mend(visitor: Visitor, Named(id): Named<String>) -> Answer {
    let request = api::GetClaimRequest {
        claim_id: id,
        ..api::GetClaimRequest::default()
    };
    let answer = visitor.api.claims().get_claim(visitor.api.call(request)).await;
    let claim = answer.map_err(|status| visitor.unanswered(status))?.into_inner();
    let mut events = Vec::with_capacity(claim.events.len());
    for index in claim.events.iter().filter_map(|event| event.index) {
        let request = api::GetEntryRequest {
            index,
            ..api::GetEntryRequest::default()
        };
        let answer = visitor.api.ledger().get_entry(visitor.api.call(request)).await;
        let entry = answer.map_err(|status| visitor.unanswered(status))?.into_inner().entry;
        events.extend(entry.and_then(|entry| entry.event));
    }
    let Some((what, typed)) = read_back(&claim, &events) else {
        let says = visitor.say(
            "这项申报不是在页面上填写的，请用原来的程序修改后重新提交",
            "this claim was not filled in here: mend it with the program that submitted it",
        );
        return Err(visitor.unanswered(Status::failed_precondition(says)));
    };
    let why: Vec<String> = Some(claim.last_reason.clone())
        .filter(|reason| !reason.is_empty())
        .into_iter()
        .collect();
    Ok(form(&visitor, what, &typed, &why))
}

pub(super) async fn take(
    visitor: Visitor,
    State(console): State<Console>,
    Named(word): Named<String>,
    request: Request,
) -> Result<Answer, Response> {
    let what = match what_of(&visitor, &word) {
        Ok(what) => what,
        Err(unanswered) => return Ok(Err(unanswered)),
    };
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        let Filled(typed) = Filled::from_request(request, &console).await?;
        return Ok(submit(visitor, what, typed).await);
    }
    let lang = visitor.lang;
    let says = |says: keshi_core::lang::Say| vec![says.pick(lang).to_owned()];
    let _place = match console.0.imports.receive(&visitor.owner()) {
        Ok(place) => place,
        Err(busy) => return Ok(Ok(again(&visitor, what, &Typed::default(), &says(busy)))),
    };
    let Received { fields, files, trouble } = attached::receive(request).await;
    let typed = serde_urlencoded::to_string(&fields).ok();
    let typed = typed.and_then(|text| serde_urlencoded::from_str(&text).ok());
    let mut typed: Typed = typed.unwrap_or_default();
    if let Some(why) = trouble {
        return Ok(Ok(again(&visitor, what, &typed, &says(why))));
    }
    if !files.is_empty() {
        let kept = keep(&visitor, &typed, files).await;
        match kept {
            Ok(kept) => typed.evidence = joined(&typed.evidence, &kept),
            Err(says) => return Ok(Ok(again(&visitor, what, &typed, &says))),
        }
    }
    Ok(submit(visitor, what, typed).await)
}

/// Has the files kept; their hashes, or what is wrong.
async fn keep(visitor: &Visitor, typed: &Typed, files: Vec<Attached>) -> Result<Vec<String>, Vec<String>> {
    let day = [&typed.to, &typed.from]
        .into_iter()
        .find_map(|day| day.trim().parse().ok());
    let Some(day) = day else {
        let says = visitor.say("请先写明日期，再附材料", "write the day first, then attach the files");
        return Err(vec![says.to_owned()]);
    };
    if typed.hashes().count() + files.len() > attached::FILES_MAX {
        let max = attached::FILES_MAX;
        return Err(vec![visitor.lang.pick(
            format!("一项申报至多附 {max} 份材料；请合并后再传"),
            format!("a claim has at most {max} files: put some together"),
        )]);
    }
    let kept = attached::keep(visitor, typed.teacher.trim(), day, files).await;
    kept.map_err(|status| vec![status.message().to_owned()])
}

fn joined(before: &str, more: &[String]) -> String {
    let mut all: Vec<&str> = before.split(',').filter(|hash| !hash.is_empty()).collect();
    for hash in more {
        if !all.contains(&hash.as_str()) {
            all.push(hash);
        }
    }
    all.join(",")
}

impl Typed {
    /// The files that are kept already.
    fn hashes(&self) -> impl Iterator<Item = &str> {
        self.evidence.split(',').map(str::trim).filter(|hash| !hash.is_empty())
    }
}

async fn submit(visitor: Visitor, what: What, typed: Typed) -> Answer {
    let lang = visitor.lang;
    let request = match submission(what, &typed, lang) {
        Ok(request) => request,
        Err(says) => return Ok(again(&visitor, what, &typed, &says)),
    };
    let answer = visitor.api.reviews().submit_claims(visitor.api.call(request)).await;
    let says = match answer {
        Ok(response) => refusals(&response.into_inner(), lang),
        Err(status) if status.code() == tonic::Code::Unauthenticated => return Err(visitor.unanswered(status)),
        Err(status) => vec![status.message().to_owned()],
    };
    if says.is_empty() {
        return Ok(Redirect::to(&address(&typed.claim)).into_response());
    }
    Ok(again(&visitor, what, &typed, &says))
}

fn again(visitor: &Visitor, what: What, typed: &Typed, says: &[String]) -> Response {
    let mut response = form(visitor, what, typed, says);
    *response.status_mut() = axum::http::StatusCode::BAD_REQUEST;
    response
}

/// What is posted, or what is wrong with what was typed.
fn submission(what: What, typed: &Typed, lang: Lang) -> Result<api::SubmitClaimsRequest, Vec<String>> {
    let mut wrong = Vec::new();
    let mut say = |zh: &str, en: &str| wrong.push(lang.pick(zh, en).to_owned());
    let from = typed.from.trim().parse().ok();
    if from.is_none() {
        say("开始日期应写成 2022-06-30", "write the first day as 2022-06-30");
    }
    let to = match typed.to.trim() {
        "" => from,
        text => text.parse().ok(),
    };
    if to.is_none() {
        say("结束日期应写成 2022-06-30", "write the last day as 2022-06-30");
    }
    let hours = Hours::parse(typed.hours.trim()).ok();
    if what == What::Course && hours.is_none() {
        say(
            "课时应是数字，如 12 或 7.5",
            "the hours are a number, such as 12 or 7.5",
        );
    }
    let periods = typed.periods.trim().parse::<i32>().ok();
    if what == What::Lesson && periods.is_none() {
        say("节数应是整数", "the lessons are a whole number");
    }
    let asked = match typed.asked.trim() {
        "" => Some(Hours::ZERO),
        text => Hours::parse(text).ok(),
    };
    if asked.is_none() {
        say("申报课时应是数字，或空着", "the hours asked for are a number, or empty");
    }
    let (Some(from), Some(to), Some(asked), true) = (from, to, asked, wrong.is_empty()) else {
        return Err(wrong);
    };
    let event = |fact: Fact| api::Event {
        occurred_from: Some(date_to_wire(from)),
        occurred_to: Some(date_to_wire(to)),
        fact: Some(fact.into()),
        source: "claim form".to_owned(),
        ..api::Event::default()
    };
    let facts = facts(what, typed, hours.unwrap_or(Hours::ZERO), periods.unwrap_or(0));
    let mut events: Vec<api::Event> = facts.into_iter().map(event).collect();
    // The last is what it comes down to: of a course, that she was there.
    if let Some(last) = events.last_mut() {
        last.evidence = typed.hashes().map(ToOwned::to_owned).collect();
    }
    // What a lesson was about has no field of its own.
    if let (What::Lesson, Some(lesson)) = (what, events.first_mut()) {
        typed.name.trim().clone_into(&mut lesson.note);
    }
    Ok(api::SubmitClaimsRequest {
        items: vec![api::submit_claims_request::Item {
            claim_id: typed.claim.trim().to_owned(),
            teacher_id: typed.teacher.trim().to_owned(),
            asked_centihours: asked.hundredths(),
            statement: typed.statement.trim().to_owned(),
            events,
            submitted_event: typed.after.trim().to_owned(),
        }],
        ..api::SubmitClaimsRequest::default()
    })
}

fn facts(what: What, typed: &Typed, hours: Hours, periods: i32) -> Vec<Fact> {
    let code = |text: &str| text.trim().parse::<i32>().unwrap_or(0);
    let text = |text: &str| text.trim().to_owned();
    let (teacher_id, level) = (text(&typed.teacher), code(&typed.level));
    let own = |what: &str| format!("{}.{what}", typed.claim.trim());
    match what {
        What::Course => vec![
            Fact::ProjectOpened(pb::ProjectOpened {
                project_id: own("p"),
                name: text(&typed.name),
                provider: text(&typed.provider),
                level,
                mode: code(&typed.mode),
                planned_centihours: hours.hundredths(),
                ..pb::ProjectOpened::default()
            }),
            Fact::SessionHeld(pb::SessionHeld {
                project_id: own("p"),
                session_id: own("s"),
                r#type: pb::SessionType::Training.into(),
                centihours: hours.hundredths(),
                ..pb::SessionHeld::default()
            }),
            Fact::AttendanceRecorded(pb::AttendanceRecorded {
                session_id: own("s"),
                teacher_id,
                role: pb::AttendanceRole::Learner.into(),
                present_centihours: hours.hundredths(),
                ..pb::AttendanceRecorded::default()
            }),
        ],
        What::Lesson => vec![Fact::LessonGiven(pb::LessonGiven {
            teacher_id,
            r#type: code(&typed.lesson_type),
            level,
            subject: text(&typed.subject),
            periods,
            ..pb::LessonGiven::default()
        })],
        What::Work => vec![Fact::WorkPublished(pb::WorkPublished {
            work_id: own("w"),
            work_kind: text(&typed.work_kind),
            level,
            title: text(&typed.name),
            author_ids: vec![teacher_id],
        })],
        What::Prize => vec![Fact::WorkAwarded(pb::WorkAwarded {
            work_id: own("w"),
            title: text(&typed.name),
            level,
            award: code(&typed.award),
            author_ids: vec![teacher_id],
            contest: text(&typed.contest),
        })],
    }
}

/// What was typed for a claim, from what it became; `None` if no form here makes the like of it.
fn read_back(claim: &api::Claim, events: &[api::Event]) -> Option<(What, Typed)> {
    let first = events.last()?;
    let mut typed = Typed {
        claim: claim.claim_id.clone(),
        after: claim.submitted_event.clone(),
        teacher: claim.teacher_id.clone(),
        from: date(first.occurred_from.as_ref()),
        to: date(first.occurred_to.as_ref()),
        asked: super::asked(claim),
        statement: claim.statement.clone(),
        evidence: first.evidence.join(","),
        ..Typed::default()
    };
    let facts: Vec<&Fact> = events
        .iter()
        .filter_map(|event| event.fact.as_ref()?.fact.as_ref())
        .collect();
    let what = match facts.as_slice() {
        [
            Fact::ProjectOpened(project),
            Fact::SessionHeld(_),
            Fact::AttendanceRecorded(there),
        ] => {
            typed.name.clone_from(&project.name);
            typed.provider.clone_from(&project.provider);
            (typed.level, typed.mode) = (project.level.to_string(), project.mode.to_string());
            typed.hours = amount(there.present_centihours);
            What::Course
        }
        [Fact::LessonGiven(lesson)] => {
            typed.name.clone_from(&first.note);
            typed.subject.clone_from(&lesson.subject);
            (typed.level, typed.lesson_type) = (lesson.level.to_string(), lesson.r#type.to_string());
            typed.periods = lesson.periods.to_string();
            What::Lesson
        }
        [Fact::WorkPublished(work)] => {
            typed.name.clone_from(&work.title);
            typed.work_kind.clone_from(&work.work_kind);
            typed.level = work.level.to_string();
            What::Work
        }
        [Fact::WorkAwarded(work)] => {
            typed.name.clone_from(&work.title);
            typed.contest.clone_from(&work.contest);
            (typed.level, typed.award) = (work.level.to_string(), work.award.to_string());
            What::Prize
        }
        _ => return None,
    };
    Some((what, typed))
}

fn form(visitor: &Visitor, what: What, typed: &Typed, says: &[String]) -> Response {
    let lang = visitor.lang;
    let line = |label: &str, name: &str, value: &str, needed: bool| {
        field(
            label,
            &html! { input name=(name) value=(value) maxlength="100" required[needed]; },
        )
    };
    let day = |label: &str, name: &str, value: &str, needed: bool| {
        field(
            label,
            &html! { input type="date" name=(name) value=(value) required[needed]; },
        )
    };
    let coded = |label: &str, name: &str, options: Vec<(String, String)>, chosen: &str| {
        field(label, &choice(name, &options, chosen))
    };
    macro_rules! all {
        ($of:ident) => {
            $of::ALL
                .iter()
                .map(|one| (one.code().to_string(), lang.pick(one.zh(), one.en()).to_owned()))
                .collect::<Vec<_>>()
        };
    }
    let for_another = visitor.who.role.teacher_id() != Some(&*typed.teacher) || visitor.who.role.school().is_some();
    let own: Markup = match what {
        What::Course => html! {
            (line(visitor.say("培训项目名称", "name of the course"), "name", &typed.name, true))
            (line(visitor.say("培训机构", "who held it"), "provider", &typed.provider, true))
            (coded(visitor.say("级别", "level"), "level", all!(Level), &typed.level))
            (coded(visitor.say("培训方式", "mode"), "mode", all!(Mode), &typed.mode))
            (line(visitor.say("课时", "hours"), "hours", &typed.hours, true))
        },
        What::Lesson => html! {
            (line(visitor.say("课题", "what about"), "name", &typed.name, true))
            (coded(visitor.say("课型", "kind of lesson"), "lesson_type", all!(LessonType), &typed.lesson_type))
            (coded(visitor.say("级别", "level"), "level", all!(Level), &typed.level))
            (line(visitor.say("学科", "subject"), "subject", &typed.subject, false))
            (line(visitor.say("节数", "lessons"), "periods", &typed.periods, true))
        },
        What::Work => html! {
            (line(visitor.say("题名", "title"), "name", &typed.name, true))
            (line(visitor.say("作品类别（论文、著作）", "kind of work (论文, 著作)"), "work_kind", &typed.work_kind, true))
            (coded(visitor.say("级别", "level"), "level", all!(Level), &typed.level))
        },
        What::Prize => html! {
            (line(visitor.say("题名", "title"), "name", &typed.name, true))
            (line(visitor.say("评选名称", "contest"), "contest", &typed.contest, true))
            (coded(visitor.say("级别", "level"), "level", all!(Level), &typed.level))
            (coded(visitor.say("奖次", "award"), "award", all!(Award), &typed.award))
        },
    };
    let content = html! {
        (problems(says))
        form method="post" enctype="multipart/form-data" action=(format!("/claims/new/{}", what.word())) {
            input type="hidden" name="evidence" value=(typed.evidence);
            input type="hidden" name="claim" value=(typed.claim);
            input type="hidden" name="after" value=(typed.after);
            div.fields {
                @if for_another { (line(visitor.say("教师编号", "teacher id"), "teacher", &typed.teacher, true)) }
                @else { input type="hidden" name="teacher" value=(typed.teacher); }
                (day(visitor.say("开始日期", "first day"), "from", &typed.from, true))
                (day(visitor.say("结束日期（一天的可空着）", "last day (empty for one day)"), "to", &typed.to, false))
                (own)
                (line(visitor.say("申报课时（按规则折算的可空着）", "hours asked for (empty: as the rules convert it)"), "asked", &typed.asked, false))
                (line(visitor.say("说明", "remark"), "statement", &typed.statement, false))
                (field(
                    visitor.say("佐证材料（PDF 或图片，每份至多 10 MiB，至多 5 份）", "evidence (PDF or pictures, up to 10 MiB each, up to 5)"),
                    &html! { input type="file" name="file" multiple accept=".pdf,.jpg,.jpeg,.png,.webp,application/pdf,image/jpeg,image/png,image/webp"; },
                ))
            }
            @match typed.hashes().count() {
                0 => {}
                kept => p.hint { (visitor.lang.pick(
                    format!("已附 {kept} 份材料，随申报一起提交。"),
                    format!("{kept} files are attached already and go with the claim."),
                )) }
            }
            div.actions { button { (visitor.say("提交申报", "submit the claim")) } }
        }
        p.hint { (visitor.say("不要填写身份证号、电话。", "no ID numbers and no telephone numbers, please.")) }
    };
    let title = match typed.after.as_str() {
        "" => lang.pick(
            format!("申报：{}", what.name(lang)),
            format!("Claim: {}", what.name(lang)),
        ),
        _ => lang.pick(
            format!("修改申报 {}", typed.claim),
            format!("Mend claim {}", typed.claim),
        ),
    };
    page(visitor, &title, &content)
}
