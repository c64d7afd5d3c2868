//! Taking back the last entries: what a trial folded, and what a failed atomic submission had folded already.
//!
//! Every row says at which entry it came, and rows stand in the order of entries. So going back is cutting the ends off
//! the rows that the undone events name, and nothing has to be noted while folding.

use super::State;
use super::rows::{Competition, Load, Project, School, Session, Teacher};
use crate::entry::{Posted, Verdict};
use crate::event::{Event, Fact, Field, MergeReversed, PersonsMerged};
use crate::ids::LoadId;
use crate::time::Millis;

/// Where the state stood, to go back to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    size: u32,
    recorded_at: Millis,
    teachers: usize,
    schools: usize,
    projects: usize,
    sessions: usize,
    competitions: usize,
    works: usize,
    topics: usize,
    semesters_named: usize,
    words: usize,
    referred: usize,
    policies: usize,
    calendars: usize,
    clock_corrections: usize,
}

/// A row that consists of what came at different entries.
trait Cut {
    /// Takes back what came at entry `size` and after.
    fn cut(&mut self, size: u32);
}

impl State {
    /// Where the state stands.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            // The engine refuses the entry before index u32::MAX is reached.
            size: u32::try_from(self.events.len()).unwrap_or(u32::MAX),
            recorded_at: self.recorded_at,
            teachers: self.teachers.len(),
            schools: self.schools.len(),
            projects: self.projects.len(),
            sessions: self.sessions.len(),
            competitions: self.competitions.len(),
            works: self.works.len(),
            topics: self.topics.len(),
            semesters_named: self.semesters_named.len(),
            words: self.words.len(),
            referred: self.referred.len(),
            policies: self.policies.len(),
            calendars: self.calendars.len(),
            clock_corrections: self.clock_corrections.len(),
        }
    }

    /// Goes back to `mark`: afterwards the state is as though what was folded since had never come. `undone` must be
    /// all of that, in any order.
    pub(crate) fn take_back<'p>(&mut self, mark: &Mark, undone: impl Iterator<Item = (&'p Posted, Verdict)>) {
        for (posted, verdict) in undone {
            if let (Posted::Event(event), true) = (posted, verdict.is_in_ledger()) {
                self.cut_rows(event, mark.size);
            }
        }
        let Self {
            events,
            recorded_at,
            teachers,
            schools,
            projects,
            sessions,
            competitions,
            works,
            topics,
            semesters_named,
            words,
            referred,
            policies,
            calendars,
            clock_corrections,
            certificates,
            ties,
            topic_steps,
            figures,
            closings,
            noted,
            unattributed,
            // Cut by the events that name them.
            loads: _,
            organisations: _,
            questions: _,
            inspections: _,
            findings: _,
            effects: _,
            claims: _,
            documents: _,
            merges: _,
        } = self;
        events.truncate(mark.size);
        *recorded_at = mark.recorded_at;
        teachers.truncate(mark.teachers);
        schools.truncate(mark.schools);
        projects.truncate(mark.projects);
        sessions.truncate(mark.sessions);
        competitions.truncate(mark.competitions);
        works.truncate(mark.works);
        topics.truncate(mark.topics);
        semesters_named.truncate(mark.semesters_named);
        words.truncate(mark.words);
        referred.truncate(mark.referred);
        policies.truncate(mark.policies);
        calendars.truncate(mark.calendars);
        clock_corrections.truncate(mark.clock_corrections);
        certificates.cut(mark.size);
        cut_list(ties, mark.size, |tie| tie.index);
        cut_list(topic_steps, mark.size, |step| step.index);
        cut_list(figures, mark.size, |row| row.index);
        cut_list(closings, mark.size, |row| u32::try_from(row.index).unwrap_or(u32::MAX));
        cut_list(noted, mark.size, |row| row.index);
        cut_list(unattributed, mark.size, |row| row.index);
    }

    /// Cuts every row that the event has added to.
    fn cut_rows(&mut self, event: &Event, size: u32) {
        let original = event.supersedes.and_then(|id| self.events.recorded(id));
        let index = self.events.recorded(event.event_id);
        self.effects.depart(event, index, original, size);
        self.claims.depart(event, size);
        if let Fact::DocumentPart(part) = &event.fact {
            self.documents.cut(&part.sha256, size);
        }
        if let Some(id) = &event.load_id {
            self.cut_load(id, size);
        }
        if let Fact::PersonsMerged(PersonsMerged {
            kept_id, dropped_id, ..
        })
        | Fact::MergeReversed(MergeReversed {
            kept_id, dropped_id, ..
        }) = &event.fact
        {
            self.merges.cut(*kept_id, *dropped_id, size);
        }
        if let Some((kind, id)) = event.fact.organisation() {
            self.cut_organisation(kind, id, size);
        }
        event.fact.fields(&mut |_, field| match field {
            Field::Subject(id) | Field::Teacher(id) | Field::NewTeacher(id) => cut(self.teachers.get_mut(id), size),
            Field::Home(id) | Field::Place(id) | Field::School(id) | Field::Sender(id) | Field::NewSchool(id) => {
                cut(self.schools.get_mut(id), size);
            }
            Field::Project(id) | Field::NewProject(id) => cut(self.projects.get_mut(id), size),
            Field::Session(id) | Field::NewSession(id) => cut(self.sessions.get_mut(id), size),
            Field::Competition(id) | Field::NewCompetition(id) => cut(self.competitions.get_mut(id), size),
            Field::Entry(id) => self.effects.unvoid(*id, self.events.recorded(*id), size),
            Field::Load(id) | Field::NewLoad(id) => self.cut_load(id, size),
            Field::Claim(id) => {
                let last = self.claims.rows.get(id).and_then(|claim| claim.submissions.last());
                if let Some(teacher) = last.map(|last| last.teacher_id) {
                    cut(self.teachers.get_mut(&teacher), size);
                }
            }
            Field::Question(id) => self.cut_question(id, size),
            Field::Inspection(id) => self.cut_inspection(id, size),
            Field::Finding(id) => self.cut_finding(id, size),
            // They add nothing to the row of what they name.
            Field::Batch(_)
            | Field::Claimed(_)
            | Field::Assignment(_)
            | Field::Title(_)
            | Field::Original(_)
            | Field::Unit(_)
            | Field::Name(_)
            | Field::Text(_) => {}
        });
    }

    fn cut_load(&mut self, id: &LoadId, size: u32) {
        if self.loads.get(id).is_some_and(|load| load.index >= size) {
            self.loads.remove(id);
        }
        cut(self.loads.get_mut(id), size);
    }
}

fn cut(row: Option<&mut impl Cut>, size: u32) {
    if let Some(row) = row {
        row.cut(size);
    }
}

/// Cuts the end of a list of what came at rising entries.
fn cut_list<T>(list: &mut Vec<T>, size: u32, index: impl Fn(&T) -> u32) {
    while list.last().is_some_and(|last| index(last) >= size) {
        list.pop();
    }
}

impl Cut for Teacher {
    fn cut(&mut self, size: u32) {
        let Self {
            profiles,
            assignments,
            ends,
            items,
            exemptions,
            accepted,
            named,
        } = self;
        cut_list(profiles, size, |row| row.index);
        cut_list(assignments, size, |row| row.index);
        cut_list(ends, size, |row| row.index);
        cut_list(items, size, |row| row.index);
        cut_list(exemptions, size, |row| row.index);
        cut_list(accepted, size, |row| row.index);
        cut_list(named, size, |row| *row);
    }
}

impl Cut for School {
    fn cut(&mut self, size: u32) {
        let Self { profiles, closings } = self;
        cut_list(profiles, size, |row| row.index);
        cut_list(closings, size, |row| row.0);
    }
}

impl Cut for Project {
    fn cut(&mut self, size: u32) {
        let Self { definitions } = self;
        cut_list(definitions, size, |row| row.index);
    }
}

impl Cut for Session {
    fn cut(&mut self, size: u32) {
        let Self {
            definitions,
            cancellations,
            moves,
        } = self;
        cut_list(definitions, size, |row| row.index);
        cut_list(cancellations, size, |row| *row);
        cut_list(moves, size, |row| row.0);
    }
}

impl Cut for Competition {
    fn cut(&mut self, size: u32) {
        let Self { definitions } = self;
        cut_list(definitions, size, |row| row.index);
    }
}

impl Cut for Load {
    fn cut(&mut self, size: u32) {
        let Self {
            index: _,
            from: _,
            to: _,
            closings,
            entries,
        } = self;
        cut_list(entries, size, |row| *row);
        cut_list(closings, size, |row| *row);
    }
}
