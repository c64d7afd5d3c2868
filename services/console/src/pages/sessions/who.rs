//! Who is on the roll of a session: the people of a school, and what is recorded of them.

use keshi_proto::api;
use tonic::Status;

use super::roll::Asked;
use crate::ask::address;
use crate::fault::Unanswered;
use crate::visitor::Visitor;

/// Most people who are listed; of a larger school the others are named in a field of their own.
pub(super) const LISTED_MAX: usize = 400;

/// Somebody of the school, and what is recorded of her, once for each role in which she was there.
pub(super) struct Line {
    pub(super) teacher_id: String,
    pub(super) name: String,
    pub(super) there: Option<api::Attendance>,
}

/// A session as the page shows it.
pub(super) struct Roll {
    pub(super) session: api::HeldSession,
    /// Whose people are listed; empty if no school is chosen.
    pub(super) school: String,
    pub(super) lines: Vec<Line>,
    /// How many more there are.
    pub(super) more: usize,
}

impl Roll {
    pub(super) async fn ask(visitor: &Visitor, id: &str, school_id: &str) -> Result<Self, Unanswered> {
        let school = visitor.who.role.school().unwrap_or(school_id.trim()).to_owned();
        Self::look(visitor, id, school)
            .await
            .map_err(|status| visitor.unanswered(status))
    }

    async fn look(visitor: &Visitor, id: &str, school: String) -> Result<Self, Status> {
        let request = visitor.api.call(api::ListHeldSessionsRequest {
            session_id: id.to_owned(),
            ..api::ListHeldSessionsRequest::default()
        });
        let found = visitor.api.ledger().list_sessions(request).await?.into_inner();
        let session = found.sessions.into_iter().next().unwrap_or_default();
        let mut lines = Vec::new();
        if !school.is_empty() {
            let request = api::ListAttendanceRequest {
                session_id: id.to_owned(),
                school_id: school.clone(),
                purpose: visitor.say("点名", "attendance").to_owned(),
                ..api::ListAttendanceRequest::default()
            };
            let there = keshi_client::attendance(&visitor.api, &request).await?.attendance;
            lines = listed(staff(visitor, &school, &session).await?, there);
        }
        let more = lines.len().saturating_sub(LISTED_MAX);
        lines.truncate(LISTED_MAX);
        Ok(Self {
            session,
            school,
            lines,
            more,
        })
    }

    /// Where this page is.
    pub(super) fn address(&self) -> String {
        let asked = Asked {
            school_id: self.school.clone(),
            again: String::new(),
        };
        address(&format!("/sessions/{}", self.session.session_id), &asked)
    }
}

/// Who holds a post at the school on the session's last day: id and name.
async fn staff(visitor: &Visitor, school: &str, session: &api::HeldSession) -> Result<Vec<(String, String)>, Status> {
    let request = visitor.api.call(api::ListPostsRequest {
        school_ids: vec![school.to_owned()],
        on: session.to,
        purpose: visitor.say("点名", "attendance").to_owned(),
        ..api::ListPostsRequest::default()
    });
    let posts = visitor.api.ledger().list_posts(request).await?.into_inner().posts;
    Ok(posts
        .into_iter()
        .map(|post| (post.teacher_id, post.teacher_name))
        .collect())
}

/// Everybody once, and once for each role in which she is recorded, by id.
fn listed(staff: Vec<(String, String)>, there: Vec<api::Attendance>) -> Vec<Line> {
    let is_there = |id: &String| there.iter().any(|one| one.teacher_id == *id);
    let absent = staff.into_iter().filter(|(id, _)| !is_there(id));
    let mut lines: Vec<Line> = absent
        .map(|(teacher_id, name)| Line {
            teacher_id,
            name,
            there: None,
        })
        .collect();
    // Whoever holds two posts there stands in the list once.
    lines.sort_by(|one, other| one.teacher_id.cmp(&other.teacher_id));
    lines.dedup_by(|one, other| one.teacher_id == other.teacher_id);
    lines.extend(there.into_iter().map(|one| Line {
        teacher_id: one.teacher_id.clone(),
        name: one.name.clone(),
        there: Some(one),
    }));
    lines.sort_by(|one, other| one.teacher_id.cmp(&other.teacher_id));
    lines
}

#[cfg(test)]
mod tests {
    use keshi_core::codes::AttendanceRole;

    use super::super::ticks::key_of;
    use super::*;

    #[test]
    fn everybody_stands_in_the_list_once_and_once_for_each_role_recorded() {
        let who = |id: &str| (id.to_owned(), String::new());
        let there = |id: &str, role: AttendanceRole| api::Attendance {
            teacher_id: id.to_owned(),
            role: role.code(),
            ..api::Attendance::default()
        };
        let lines = listed(
            vec![who("T2"), who("T1"), who("T2"), who("T3")],
            vec![
                there("T3", AttendanceRole::Learner),
                there("T3", AttendanceRole::Speaker),
            ],
        );
        let keys: Vec<String> = lines.iter().map(key_of).collect();
        assert_eq!(keys, ["T1", "T2", "T3~1", "T3~3"]);
    }
}
