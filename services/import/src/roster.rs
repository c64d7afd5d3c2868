//! The yearly roster: who moved, from which day, and who is in the ledger and not in the sheet.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use keshi_core::check::DAYS;
use keshi_core::event::{Event, Fact};
use keshi_core::ids::{SchoolId, TeacherId};
use keshi_core::text::name_form;
use keshi_proto::api_convert::event_from_api;
use keshi_proto::{api, date_to_wire, event};
use keshi_sheets::plan::{PersonKey, Plan, Roster, Rows};
use keshi_sheets::read::Origin;
use keshi_sheets::report::Told;
use tonic::Code;

use crate::{Outcome, Watch, people};
use keshi_client::Client;
use keshi_core::lang::{Say, say};

/// Teachers in one question.
const TEACHERS_AT_ONCE: usize = 500;

/// Schools in one question.
const SCHOOLS_AT_ONCE: usize = 50;

/// Most lines that are printed of one thing.
const LINES_MAX: usize = 50;

/// Rows of 教师 that cannot be taken as they are: by place in the plan, what is to be told of them.
pub(crate) type Unsettled = BTreeMap<usize, Told>;

/// What is known of one teacher.
#[derive(Default)]
struct Known {
    /// In the people register; empty if she is not there.
    name: String,
    /// The starts of her posts.
    posts: Vec<Event>,
}

/// Compares the plan's rows of 教师 with the names in the people register and the posts in the ledger, and plans the moves.
/// Says what will change. Another name is taken where somebody says that the sheet is right: with `from`, or `is_right`.
pub(crate) async fn settle(
    watch: &dyn Watch,
    client: &Client,
    (rows, plan): (&Rows, &mut Plan),
    (from, today): (Option<Date>, Date),
    is_right: bool,
) -> Outcome<Unsettled> {
    let roster = plan.roster(rows);
    let mut unsettled = Unsettled::new();
    if roster.is_empty() {
        return Ok(unsettled);
    }
    let ids: Vec<String> = roster.iter().map(|row| row.teacher_id.to_string()).collect();
    let on = from.unwrap_or(today);
    let mut held = posts_of(client, &ids, on).await?;
    let names: BTreeMap<String, String> = plan
        .identities
        .iter()
        .map(|identity| (identity.teacher_id.clone(), identity.name.clone()))
        .collect();
    // Who holds none now may have left one before.
    let others: Vec<String> = ids.iter().filter(|id| !held.contains_key(*id)).cloned().collect();
    let before = posts_of(client, &others, DAYS.0).await?;
    names_of(client, plan, &mut held).await?;
    let mut renamed = BTreeMap::new();
    let mut rows_of: BTreeMap<TeacherId, usize> = BTreeMap::new();
    for row in &roster {
        *rows_of.entry(row.teacher_id).or_default() += 1;
    }
    let mut moves = Vec::new();
    for row in roster {
        let id = row.teacher_id.to_string();
        let known = held.get(&id);
        let posts = known.map_or(&[][..], |known| known.posts.as_slice());
        if let (Some(old), Some(new)) = (known.map(|known| &known.name), names.get(&id))
            && !old.is_empty()
            && name_form(old) != name_form(new)
        {
            if is_right || from.is_some() {
                renamed.insert(id.clone(), format!("{id}：{old} → {new}"));
            } else {
                let (old, new) = (old.clone(), new.clone());
                unsettled.insert(row.at, Told::Renamed { old, new });
                // Whoever it is, she is moved nowhere before that is known.
                continue;
            }
        }
        let in_sheet = rows_of.get(&row.teacher_id).copied().unwrap_or(1);
        let settled = match before.get(&id) {
            Some(known) => plan.settle_return(row, &known.posts, from),
            None => plan.settle_post(row, in_sheet, posts, from),
        };
        match settled {
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
    let renamed: Vec<_> = renamed.into_values().map(Say::same).collect();
    for (changed, zh, en) in [
        (moves, "任职变动", "change their post"),
        (renamed, "姓名变动", "have another name"),
    ] {
        let count = changed.len();
        if count > 0 {
            watch.note(say(format!("{zh} {count} 人："), format!("{count} {en}:")));
            changed.into_iter().take(LINES_MAX).for_each(|line| watch.note(line));
        }
    }
    // One teacher who is typed is no roster of her school.
    let is_roster = rows.books().iter().any(|book| book.origin == Origin::File);
    if from.is_some() && is_roster {
        tell_missing(watch, client, plan, &ids, on).await?;
    }
    Ok(unsettled)
}

/// The starts of the posts that these teachers hold on the day or later.
async fn posts_of(client: &Client, ids: &[String], on: Date) -> Outcome<BTreeMap<String, Known>> {
    let mut held: BTreeMap<String, Known> = BTreeMap::new();
    for part in ids.chunks(TEACHERS_AT_ONCE) {
        let request = api::ListPostsRequest {
            teacher_ids: part.to_vec(),
            on: Some(date_to_wire(on)),
            // One that begins later is not to be given a second beside it.
            or_later: true,
            ..api::ListPostsRequest::default()
        };
        let answer = client.ledger().list_posts(client.call(request)).await;
        let posts = match answer {
            Ok(answer) => answer.into_inner().posts,
            // A server that only takes postings knows of none.
            Err(status) if status.code() == Code::Unimplemented => return Ok(held),
            Err(status) => return Err(status.into()),
        };
        for post in posts {
            if let Some(Ok(event)) = post.event.map(|event| event_from_api(event, "")) {
                let known = held.entry(post.teacher_id).or_default();
                known.name = post.teacher_name;
                known.posts.push(event);
            }
        }
    }
    Ok(held)
}

/// Adds the names of those who hold no post, and whom the register may have all the same: who left, who is yet to begin.
async fn names_of(client: &Client, plan: &Plan, held: &mut BTreeMap<String, Known>) -> Outcome {
    let ids = plan.identities.iter().map(|identity| &identity.teacher_id);
    let keys = ids.filter(|id| !held.contains_key(*id)).map(|id| PersonKey {
        teacher_id: id.clone(),
        ..PersonKey::default()
    });
    let keys: Vec<PersonKey> = keys.collect();
    for part in keys.chunks(people::PEOPLE_AT_ONCE) {
        let answer = match people::ask(client, part).await {
            Ok(answer) => answer,
            // Who may not look for people puts none either.
            Err(status) if status.code() == Code::PermissionDenied => return Ok(()),
            Err(status) => return Err(status.into()),
        };
        for person in answer.matches.into_iter().flat_map(|matches| matches.people) {
            held.entry(person.teacher_id).or_default().name = person.name;
        }
    }
    Ok(())
}

/// Names who holds a post at one of the roster's schools and is not in it. Nobody's post ends in silence.
async fn tell_missing(watch: &dyn Watch, client: &Client, plan: &Plan, ids: &[String], on: Date) -> Outcome {
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
        let answer = client.ledger().list_posts(client.call(request)).await;
        let posts = answer?.into_inner().posts;
        let absent = posts.into_iter().filter(|post| !listed.contains(&post.teacher_id));
        missing.extend(absent.map(|post| {
            let who = format!("{} {}", post.teacher_id, post.teacher_name);
            match post.event.as_ref().and_then(school_of) {
                Some(school) => format!("{}（{school}）", who.trim_end()),
                None => who,
            }
        }));
    }
    if missing.is_empty() {
        return Ok(());
    }
    let count = missing.len();
    let shown: Vec<String> = missing.into_iter().take(LINES_MAX).collect();
    let (shown, more) = (shown.join("、"), if count > LINES_MAX { " …" } else { "" });
    watch.note(say(
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
