//! Folding one recorded entry into the state. No rules here: what was recorded happened.

use std::sync::Arc;

use jiff::civil::Date;

use super::events::{NOT_IN_LEDGER, kind_number};
use super::rows::{
    Assignment, AssignmentEnd, CompetitionDef, Detail, Exemption, Item, Load, ProfileView, ProjectDef, SchoolView,
    SessionDef, shifted,
};
use super::{CalendarVersion, PolicyVersion, State};
use crate::calendar::Calendar;
use crate::canonical::Fingerprint;
use crate::entry::{Entry, Posted, Verdict};
use crate::event::{Event, Fact};
use crate::ids::{EventId, TeacherId};
use crate::policy::Policy;
use crate::tier::default_valid_to;
use crate::time::Millis;

impl State {
    /// Folds `entry`, which must be the one at index `size()`.
    ///
    /// Never fails and applies no rule: a replay of old entries always succeeds. An entry that recorded
    /// nothing (refused, conflict) only leaves its id, so that the same refusal is not written twice.
    pub fn evolve(&mut self, entry: &Entry) {
        self.evolve_posted(entry.recorded_at, entry.verdict, &entry.posted);
    }

    /// As [`State::evolve`], for a caller that has the parts and not the entry.
    pub fn evolve_posted(&mut self, recorded_at: Millis, verdict: Verdict, posted: &Posted) {
        self.recorded_at = self.recorded_at.max(recorded_at);
        let in_ledger = matches!(verdict, Verdict::Recorded | Verdict::Waiting);
        match (posted, in_ledger) {
            (Posted::Event(event), true) => {
                let index = self
                    .events
                    .push(event.event_id, kind_number(&event.fact), Fingerprint::of(event));
                if !self.voids_ahead.is_empty()
                    && let Some(void) = self.voids_ahead.remove(&event.event_id)
                {
                    self.voids.insert(index, void);
                }
                self.fold(index, event);
            }
            (posted, _) => {
                self.events.push(posted.key(), NOT_IN_LEDGER, 0);
            }
        }
    }

    fn fold(&mut self, index: u32, event: &Event) {
        let folded =
            self.fold_register(index, event) || self.fold_training(index, event) || self.fold_works(index, event);
        if !folded {
            self.fold_rest(index, event);
        }
    }

    /// Schools, people, posts. Answers whether the event was one of these.
    fn fold_register(&mut self, index: u32, event: &Event) -> bool {
        match &event.fact {
            Fact::SchoolRegistered(f) => {
                if let Some(school) = self.schools.entry(f.school_id) {
                    school.profiles.push(SchoolView {
                        index,
                        on: event.to,
                        name: f.name.clone(),
                        stage: f.stage,
                        township: f.township.clone(),
                        group: f.group,
                    });
                }
            }
            Fact::SchoolClosed(f) => {
                if let Some(school) = self.schools.entry(f.school_id) {
                    school.closings.push((index, event.to, f.successor_id));
                }
            }
            Fact::SchoolsMerged(f) => {
                for id in f.school_ids.iter().filter(|&&id| id != f.successor_id) {
                    if let Some(school) = self.schools.entry(*id) {
                        school.closings.push((index, event.to, Some(f.successor_id)));
                    }
                }
            }
            Fact::PersonRegistered(f) => {
                if let Some(teacher) = self.teachers.entry(f.teacher_id) {
                    teacher.profiles.push(ProfileView {
                        index,
                        on: event.to,
                        stage: f.stage,
                        subject: f.subject.clone(),
                        hired_on: f.hired_on,
                        career_from: f.career_from,
                        rank: f.rank.clone(),
                    });
                }
            }
            Fact::AssignmentStarted(f) => {
                if let Some(teacher) = self.teachers.entry(f.teacher_id) {
                    teacher.assignments.push(Assignment {
                        index,
                        event_id: event.event_id,
                        school: f.school_id,
                        unit: f.unit.clone(),
                        post: f.post,
                        share_hundredths: f.share_hundredths,
                        from: event.from,
                        until: f.until,
                    });
                }
            }
            Fact::AssignmentEnded(f) => {
                if let Some(teacher) = self.teachers.entry(f.teacher_id) {
                    let end = AssignmentEnd {
                        index,
                        started_event: f.started_event,
                        last_day: event.to,
                    };
                    teacher.ends.push(end);
                }
            }
            _ => return false,
        }
        true
    }

    /// Projects, sessions and what teachers do. Answers whether the event was one of these.
    fn fold_training(&mut self, index: u32, event: &Event) -> bool {
        match &event.fact {
            Fact::ProjectOpened(f) => {
                if let Some(project) = self.projects.entry(f.project_id) {
                    project.definitions.push(ProjectDef {
                        index,
                        name: f.name.clone(),
                        provider: f.provider.clone(),
                        level: f.level,
                        mode: f.mode,
                        category: f.category.clone(),
                        topic: f.topic.clone(),
                    });
                }
            }
            Fact::SessionHeld(f) => {
                let project = self.projects.mention(f.project_id);
                if let Some(session) = self.sessions.entry(f.session_id) {
                    session.definitions.push(SessionDef {
                        index,
                        from: event.from,
                        to: event.to,
                        project,
                        session_type: f.session_type,
                        hours: f.hours,
                        base: f.base,
                    });
                }
            }
            Fact::SessionMoved(f) => {
                if let Some(session) = self.sessions.entry(f.session_id) {
                    session.moves.push((index, event.from, event.to));
                }
            }
            Fact::SessionCancelled(f) => {
                if let Some(session) = self.sessions.entry(f.session_id) {
                    session.cancellations.push(index);
                }
            }
            Fact::AttendanceRecorded(f) => {
                let session = self.sessions.mention(f.session_id);
                let centihours = f.hours_present.hundredths().clamp(0, u32::MAX.into());
                let centihours = u32::try_from(centihours).unwrap_or(u32::MAX);
                let detail = Detail::Attendance {
                    session,
                    centihours,
                    role: f.role,
                    result: f.result,
                };
                self.add(f.teacher_id, index, event, detail);
            }
            Fact::OutreachDelivered(f) => {
                let to_school = self.schools.mention(f.to_school);
                for delivery in &f.deliveries {
                    let detail = Detail::Outreach {
                        lessons: delivery.lessons,
                        talks: delivery.talks,
                        to_school,
                    };
                    self.add(delivery.teacher_id, index, event, detail);
                }
            }
            Fact::LessonGiven(f) => {
                let session = f.session_id.and_then(|id| shifted(self.sessions.mention(id)));
                let detail = Detail::LessonGiven {
                    periods: f.periods,
                    lesson_type: f.lesson_type,
                    level: f.level,
                    session,
                };
                self.add(f.teacher_id, index, event, detail);
            }
            Fact::LessonObserved(f) => {
                let school = self.schools.mention(f.school_id);
                self.add(
                    f.observer_id,
                    index,
                    event,
                    Detail::LessonObserved {
                        periods: f.periods,
                        school,
                    },
                );
            }
            Fact::SchoolVisit(f) => {
                let school = self.schools.mention(f.school_id);
                self.add(f.researcher_id, index, event, Detail::SchoolVisit { school });
            }
            _ => return false,
        }
        true
    }

    /// School-based terms, topics, works, exemptions. Answers whether the event was one of these.
    fn fold_works(&mut self, index: u32, event: &Event) -> bool {
        match &event.fact {
            Fact::SchoolBasedTerm(f) => {
                let detail = Detail::SchoolBasedTerm {
                    complete: f.plan && f.log && f.reflection,
                    semester: self.semesters_named.mention(f.semester),
                };
                self.add(f.teacher_id, index, event, detail);
            }
            Fact::TopicConcluded(f) => {
                let topic = self.topics.mention(f.topic_id);
                let result = f.result.as_ref().map(|result| self.word_number(result));
                let (leads, members) = (count(&f.lead_ids), count(&f.member_ids));
                let people = f.lead_ids.iter().map(|id| (id, true));
                for (id, lead) in people.chain(f.member_ids.iter().map(|id| (id, false))) {
                    let detail = Detail::TopicConcluded {
                        topic,
                        level: f.level,
                        lead,
                        leads,
                        members,
                        result,
                    };
                    self.add(*id, index, event, detail);
                }
            }
            Fact::WorkPublished(f) => {
                let (work, work_kind) = (self.works.mention(f.work_id), self.word_number(&f.work_kind));
                for (place, id) in f.author_ids.iter().enumerate() {
                    let detail = Detail::WorkPublished {
                        work,
                        work_kind,
                        level: f.level,
                        lead: place == 0,
                        authors: count(&f.author_ids),
                    };
                    self.add(*id, index, event, detail);
                }
            }
            Fact::WorkAwarded(f) => {
                let work = self.works.mention(f.work_id);
                for (place, id) in f.author_ids.iter().enumerate() {
                    let detail = Detail::WorkAwarded {
                        work,
                        level: f.level,
                        award: f.award,
                        lead: place == 0,
                        authors: count(&f.author_ids),
                    };
                    self.add(*id, index, event, detail);
                }
            }
            Fact::ExemptionGranted(f) => {
                if let Some(teacher) = self.teachers.entry(f.teacher_id) {
                    teacher.exemptions.push(Exemption {
                        index,
                        rule_id: f.rule_id,
                        policy_id: f.policy_id,
                        to: event.to,
                        reduce_by: f.reduce_by,
                    });
                }
            }
            _ => return false,
        }
        true
    }

    /// Competitions, titles, voids, documents and loads.
    fn fold_rest(&mut self, index: u32, event: &Event) {
        match &event.fact {
            Fact::CompetitionHeld(f) => {
                if let Some(competition) = self.competitions.entry(f.comp_id) {
                    competition.definitions.push(CompetitionDef {
                        index,
                        name: f.name.clone(),
                        level: f.level,
                    });
                }
            }
            Fact::EntryMade(f) => {
                let competition = self.competitions.mention(f.comp_id);
                self.add(f.teacher_id, index, event, Detail::CompetitionEntry { competition });
            }
            Fact::AwardGiven(f) => {
                let competition = self.competitions.mention(f.comp_id);
                let work = f.work_id.and_then(|id| shifted(self.works.mention(id)));
                self.add(
                    f.teacher_id,
                    index,
                    event,
                    Detail::Award {
                        competition,
                        award: f.award,
                        role: f.role,
                        work,
                    },
                );
            }
            Fact::Recommended(f) => {
                let detail = Detail::Recommended {
                    to_level: f.to_level,
                    from_comp: f.from_comp.and_then(|id| shifted(self.competitions.mention(id))),
                    from_title: f.from_title.and_then(|id| shifted(self.referred.mention(id))),
                };
                self.add(f.teacher_id, index, event, detail);
            }
            Fact::TitleConferred(f) => {
                let valid_to = f.valid_to.unwrap_or_else(|| default_valid_to(event.to));
                self.add(
                    f.teacher_id,
                    index,
                    event,
                    Detail::Title {
                        class: f.class,
                        level: f.level,
                        valid_to,
                    },
                );
            }
            Fact::EntryVoided(f) => self.fold_void(index, f.target_event),
            Fact::DocumentPart(f) => self.documents.add(index, f),
            Fact::PolicyAdopted(f) => {
                // decide found the whole document in the ledger and parsed it; one that no longer parses would be a
                // broken promise of the policy language, and leaves the policy out instead of stopping the replay.
                if let Some(policy) = self
                    .documents
                    .text(&f.sha256, self.size())
                    .and_then(|text| Policy::parse(&text).ok())
                {
                    let policy = Arc::new(policy);
                    self.policies.push(PolicyVersion {
                        index,
                        policy,
                        sha256: f.sha256,
                    });
                }
            }
            Fact::CalendarAdopted(f) => {
                if let Some(calendar) = self
                    .documents
                    .text(&f.sha256, self.size())
                    .and_then(|text| Calendar::parse(&text).ok())
                {
                    let calendar = Arc::new(calendar);
                    self.calendars.push(CalendarVersion {
                        index,
                        calendar,
                        sha256: f.sha256,
                    });
                }
            }
            Fact::HistoricalLoadOpened(f) => {
                // decide lets a load be opened once.
                self.loads.entry(f.load_id).or_insert(Load {
                    index,
                    from: event.from,
                    to: event.to,
                    closings: Vec::new(),
                });
            }
            Fact::HistoricalLoadClosed(f) => {
                if let Some(load) = self.loads.get_mut(&f.load_id) {
                    load.closings.push(index);
                }
            }
            _ => {}
        }
    }

    fn fold_void(&mut self, index: u32, target: EventId) {
        match self.events.recorded(target) {
            Some(target) => {
                self.voids.entry(target).or_insert(index);
            }
            None => {
                self.voids_ahead.entry(target).or_insert(index);
            }
        }
    }

    fn add(&mut self, teacher_id: TeacherId, index: u32, event: &Event, detail: Detail) {
        let (from, to): (Date, Date) = (event.from, event.to);
        if let Some(teacher) = self.teachers.entry(teacher_id) {
            teacher.push(Item {
                index,
                from,
                to,
                detail,
            });
        }
    }
}

/// How many people; at most 60 were let in.
fn count(people: &[TeacherId]) -> u8 {
    u8::try_from(people.len()).unwrap_or(u8::MAX)
}
