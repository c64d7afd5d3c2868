//! The yearly roster: who moved, from which day, and who is in the ledger and not in the sheet.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use keshi_core::event::{Event, Fact};
use keshi_core::ids::{SchoolId, TeacherId};
use keshi_proto::api_convert::event_from_api;
use keshi_proto::{api, date_to_wire, event};
use keshi_sheets::plan::{Plan, Roster, Rows};
use keshi_sheets::report::Told;
use tonic::Code;

use crate::Ctx;
use crate::exit::{Outcome, say};
use crate::remote::Session;

/// Teachers in one question.
const TEACHERS_AT_ONCE: usize = 500;

/// Schools in one question.
const SCHOOLS_AT_ONCE: usize = 50;

/// Most lines that are printed of one thing.
const LINES_MAX: usize = 50;

/// Rows of 教师 that cannot be taken as they are: by place in the plan, what is to be told of them.
pub(super) type Unsettled = BTreeMap<usize, Told>;

/// Compares the plan's rows of 教师 with the posts that the ledger has, and plans the moves. Says what will change.
pub(super) async fn settle(
    ctx: &mut Ctx<'_>,
    session: &Session,
    (rows, plan): (&Rows, &mut Plan),
    (from, today): (Option<Date>, Date),
) -> Outcome<Unsettled> {
    let roster = plan.roster(rows);
    let mut unsettled = Unsettled::new();
    if roster.is_empty() {
        return Ok(unsettled);
    }
    let ids: Vec<String> = roster.iter().map(|row| row.teacher_id.to_string()).collect();
    let on = from.unwrap_or(today);
    let held = posts_of(session, &ids, on).await?;
    let mut rows_of: BTreeMap<TeacherId, usize> = BTreeMap::new();
    for row in &roster {
        *rows_of.entry(row.teacher_id).or_default() += 1;
    }
    let mut moves = Vec::new();
    for row in roster {
        let id = row.teacher_id.to_string();
        let posts = held.get(&id).map_or(&[][..], Vec::as_slice);
        let in_sheet = rows_of.get(&row.teacher_id).copied().unwrap_or(1);
        match plan.settle_post(row, in_sheet, posts, from) {
            Roster::New | Roster::Same => {}
            Roster::Moves { from, old, new } => moves.push(say(
                format!("教师 {id}：{old} → {new}，自 {from}"),
                format!("teacher {id}: {old} → {new}, from {from}"),
            )),
            Roster::Undated { old, new } => {
                unsettled.insert(row.at, Told::Undated { old, new });
            }
            Roster::Several => {
                let in_ledger = posts.len();
                unsettled.insert(row.at, Told::SeveralPosts { in_ledger, in_sheet });
            }
        }
    }
    if !moves.is_empty() {
        let count = moves.len();
        ctx.note(&say(
            format!("任职变动 {count} 人："),
            format!("{count} change their post:"),
        ));
        moves.iter().take(LINES_MAX).for_each(|line| ctx.note(line));
    }
    if from.is_some() {
        tell_missing(ctx, session, plan, &ids, on).await?;
    }
    Ok(unsettled)
}

/// The starts of the posts that these teachers hold on the day or later.
async fn posts_of(session: &Session, ids: &[String], on: Date) -> Outcome<BTreeMap<String, Vec<Event>>> {
    let mut held: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for part in ids.chunks(TEACHERS_AT_ONCE) {
        let request = api::ListPostsRequest {
            teacher_ids: part.to_vec(),
            on: Some(date_to_wire(on)),
            // One that begins later is not to be given a second beside it.
            or_later: true,
            ..api::ListPostsRequest::default()
        };
        let answer = session.ledger().list_posts(session.call(request)).await;
        let posts = match answer {
            Ok(answer) => answer.into_inner().posts,
            // A server that only takes postings knows of none.
            Err(status) if status.code() == Code::Unimplemented => return Ok(held),
            Err(status) => return Err(session.failed(&status)),
        };
        for post in posts {
            if let Some(Ok(event)) = post.event.map(|event| event_from_api(event, "")) {
                held.entry(post.teacher_id).or_default().push(event);
            }
        }
    }
    Ok(held)
}

/// Names who holds a post at one of the roster's schools and is not in it. Nobody's post ends in silence.
async fn tell_missing(ctx: &mut Ctx<'_>, session: &Session, plan: &Plan, ids: &[String], on: Date) -> Outcome {
    let schools = plan.events.iter().filter_map(|event| match &event.fact {
        Fact::AssignmentStarted(start) => start.school_id,
        _ => None,
    });
    let schools: BTreeSet<SchoolId> = schools.collect();
    let schools: Vec<String> = schools.iter().map(ToString::to_string).collect();
    let listed: BTreeSet<&String> = ids.iter().collect();
    let mut missing = BTreeSet::new();
    for part in schools.chunks(SCHOOLS_AT_ONCE) {
        let request = api::ListPostsRequest {
            school_ids: part.to_vec(),
            on: Some(date_to_wire(on)),
            ..api::ListPostsRequest::default()
        };
        let answer = session.ledger().list_posts(session.call(request)).await;
        let posts = answer.map_err(|status| session.failed(&status))?.into_inner().posts;
        let absent = posts.into_iter().filter(|post| !listed.contains(&post.teacher_id));
        missing.extend(absent.map(|post| match post.event.as_ref().and_then(school_of) {
            Some(school) => format!("{}（{school}）", post.teacher_id),
            None => post.teacher_id,
        }));
    }
    if missing.is_empty() {
        return Ok(());
    }
    let count = missing.len();
    let shown: Vec<String> = missing.into_iter().take(LINES_MAX).collect();
    let (shown, more) = (shown.join("、"), if count > LINES_MAX { " …" } else { "" });
    ctx.note(&say(
        format!("台账中有 {count} 人任职于这些学校而名册中没有，未作变动：{shown}{more}。确已离任的，在“任职”表中写明离任日期后导入"),
        format!(
            "{count} hold a post at these schools in the ledger and are not in the roster; nothing changes for them: \
             {shown}{more}. If they left, say the day in the sheet 任职 and import that"
        ),
    ));
    Ok(())
}

/// The school of the post that the event starts.
fn school_of(event: &api::Event) -> Option<&str> {
    match event.fact.as_ref()?.fact.as_ref()? {
        event::fact::Fact::AssignmentStarted(start) => Some(&start.school_id),
        _ => None,
    }
}
