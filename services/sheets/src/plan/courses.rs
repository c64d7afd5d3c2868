//! Courses of one person that may be one under two names: flagged, never dropped.

use std::collections::{BTreeMap, HashMap};

use keshi_core::balance::Course;
use keshi_core::event::{Fact, ProjectOpened};
use keshi_core::ids::{ProjectId, SessionId, TeacherId};

use super::{Place, Plan};
use crate::heading::course_form;

/// Courses before it, by first day, with which one is compared: more share no days with it in one person's year.
const NEAR_MAX: usize = 32;

/// A row whose course may be that of another row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Like {
    /// The other row.
    pub place: Place,
    /// The name that it gives the course.
    pub name: String,
}

/// Attendance of somebody, and the row that gave it.
struct Attended<'p> {
    course: Course<'p, SessionId>,
    name: &'p str,
    row: usize,
}

/// Marks both rows of each such pair.
pub(super) fn mark_alike(plan: &mut Plan) {
    let mut found: BTreeMap<usize, Like> = BTreeMap::new();
    for mut attended in by_person_and_name(plan).into_values() {
        attended.sort_by_key(|one| (one.course.days, one.row));
        for (at, one) in attended.iter().enumerate() {
            let near = attended.get(at.saturating_sub(NEAR_MAX)..at).unwrap_or_default();
            let alike = near
                .iter()
                .rev()
                .find(|other| one.course.may_be_one_with(&other.course));
            let Some(other) = alike.filter(|other| other.name != one.name) else {
                continue;
            };
            for (here, there) in [(one, other), (other, one)] {
                if let Some(row) = plan.rows.get(there.row) {
                    found.entry(here.row).or_insert_with(|| Like {
                        place: row.place,
                        name: there.name.to_owned(),
                    });
                }
            }
        }
    }
    for (row, like) in found {
        if let Some(row) = plan.rows.get_mut(row) {
            row.like = Some(like);
        }
    }
}

fn by_person_and_name(plan: &Plan) -> HashMap<(TeacherId, String), Vec<Attended<'_>>> {
    let mut projects: HashMap<ProjectId, (&ProjectOpened, String)> = HashMap::new();
    let mut of_session: HashMap<SessionId, ProjectId> = HashMap::new();
    for event in &plan.events {
        if let Fact::ProjectOpened(project) = &event.fact {
            projects.insert(project.project_id, (project, course_form(project.name.as_str())));
        } else if let Fact::SessionHeld(session) = &event.fact {
            of_session.insert(session.session_id, session.project_id);
        }
    }
    let mut attended: HashMap<_, Vec<Attended<'_>>> = HashMap::new();
    for (event, givers) in plan.events.iter().zip(&plan.givers) {
        let Fact::AttendanceRecorded(fact) = &event.fact else {
            continue;
        };
        let project = of_session.get(&fact.session_id).and_then(|id| projects.get(id));
        if let (Some((project, form)), Some(&row)) = (project, givers.first()) {
            let course = Course {
                session: fact.session_id,
                provider: project.provider.as_ref(),
                days: (event.from, event.to),
            };
            attended
                .entry((fact.teacher_id, form.clone()))
                .or_default()
                .push(Attended {
                    course,
                    name: project.name.as_str(),
                    row,
                });
        }
    }
    attended
}
