//! One account for each teacher of a school.

use std::collections::{BTreeMap, BTreeSet};

use keshi_office::access::RoleName;
use keshi_proto::api;

use super::lists::all_accounts;
use crate::Ctx;
use crate::cli::RightsArgs;
use crate::exit::{Failure, Outcome, say};
use crate::remote::Session;

/// For what the posts of a school are read, where the command gives no other reason.
const PURPOSE: &str = "开通账号";

/// An account to be made, its holder's name, and her school's.
pub(super) type Wanted = (api::NewAccount, String, String);

/// Accounts for those who hold a post at `school` and have none yet.
pub(super) async fn for_school(
    ctx: &mut Ctx<'_>,
    session: &Session,
    school: &str,
    rights: &RightsArgs,
    note: &str,
) -> Outcome<Vec<Wanted>> {
    if rights.role.0 != RoleName::Teacher {
        return Err(Failure::usage(say(
            "--for-school 为每位教师各建一个账号，身份须为 teacher",
            "--for-school makes an account for each teacher: the role is teacher",
        )));
    }
    let school_name = name_of(session, school).await?;
    let request = session.call(api::ListPostsRequest {
        school_ids: vec![school.to_owned()],
        purpose: PURPOSE.to_owned(),
        ..api::ListPostsRequest::default()
    });
    let answer = session.ledger().list_posts(request).await;
    let posts = answer.map_err(|status| session.failed(&status))?.into_inner().posts;
    // She may hold two posts there.
    let teachers: BTreeMap<String, String> = posts
        .into_iter()
        .map(|post| (post.teacher_id, post.teacher_name))
        .collect();
    if teachers.is_empty() {
        return Err(Failure::failed(say(
            format!("{school_name}（{school}）现在没有教师任职；请先导入“任职”或“教师”表"),
            format!("nobody holds a post at {school_name} ({school}) now: import the sheet of posts or teachers first"),
        )));
    }
    let have = holders(session).await?;
    let all = teachers.len();
    let wanted: Vec<Wanted> = teachers
        .into_iter()
        .filter(|(id, _)| !have.contains(id))
        .map(|(teacher_id, name)| {
            let account = api::NewAccount {
                id: String::new(),
                role: RoleName::Teacher.to_string(),
                scope: Some(api::AccountScope {
                    teacher_id,
                    ..api::AccountScope::default()
                }),
                note: note.to_owned(),
            };
            (account, name, school_name.clone())
        })
        .collect();
    let left = all - wanted.len();
    if left > 0 {
        ctx.note(&say(
            format!("{school_name}现任教师 {all} 人，其中 {left} 人已有账号，不再建"),
            format!("{all} teachers are at {school_name} now, of whom {left} have an account and get no other"),
        ));
    }
    Ok(wanted)
}

/// The teachers who have an account that is not closed.
async fn holders(session: &Session) -> Outcome<BTreeSet<String>> {
    let accounts = all_accounts(session).await?;
    let open = accounts
        .into_iter()
        .filter(|account| account.state() != api::AccountState::Closed);
    let teachers = open.filter_map(|account| account.scope.map(|scope| scope.teacher_id));
    Ok(teachers.filter(|id| !id.is_empty()).collect())
}

async fn name_of(session: &Session, school: &str) -> Outcome<String> {
    let all = keshi_client::schools(session, "", None).await;
    let all = all.map_err(|status| session.failed(&status))?.schools;
    let found = all.into_iter().find(|known| known.school_id == school);
    let found = found.ok_or_else(|| {
        Failure::failed(say(
            format!("没有登记编号为 {school} 的学校；keshi schools 列出全部"),
            format!("there is no school {school}; keshi schools lists all"),
        ))
    })?;
    Ok(found.name)
}
