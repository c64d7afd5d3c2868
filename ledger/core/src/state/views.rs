//! Reading single things from the state, at any size.

use std::ops::Range;

use jiff::civil::Date;

use super::rows::{CompetitionDef, Load, LoadView, ProfileView, ProjectDef, SchoolView, SessionDef};
use super::{At, State, Teacher};
use crate::codes::Level;
use crate::ids::{CompetitionId, EventId, LoadId, ProjectId, SchoolId, Sha256, TeacherId};
use crate::intern::Slot;
use crate::period::Semester;
use crate::text::Text;

impl State {
    /// The definition of a session that holds at `size`: of several live ones the earliest by date, then event id,
    /// so that it does not depend on the order of arrival.
    pub(crate) fn session_def(&self, slot: Slot, size: u64) -> Option<&SessionDef> {
        let live = self.live_session_defs(slot, size);
        live.min_by_key(|definition| self.order_of(definition))
    }

    /// All live definitions of a session at `size`, in no set order.
    pub(crate) fn live_session_defs(&self, slot: Slot, size: u64) -> impl Iterator<Item = &SessionDef> {
        let definitions = self
            .sessions
            .at(slot)
            .into_iter()
            .flat_map(|session| &session.definitions);
        definitions.filter(move |definition| self.live(definition.index, size))
    }

    /// By what the definitions of a session are ordered: date, then event id.
    pub(crate) fn order_of(&self, definition: &SessionDef) -> (Date, Option<EventId>) {
        (definition.from, self.events.id(definition.index))
    }

    /// The definition of a project that holds at `size`, chosen likewise.
    pub(crate) fn project_def(&self, slot: Slot, size: u64) -> Option<&ProjectDef> {
        let definitions = self.projects.at(slot)?.definitions.iter();
        let live = definitions.filter(|definition| self.live(definition.index, size));
        live.min_by_key(|definition| self.events.id(definition.index))
    }

    /// The definition of a competition that holds at `size`, chosen likewise.
    pub(crate) fn competition_def(&self, slot: Slot, size: u64) -> Option<&CompetitionDef> {
        let definitions = self.competitions.at(slot)?.definitions.iter();
        let live = definitions.filter(|definition| self.live(definition.index, size));
        live.min_by_key(|definition| self.events.id(definition.index))
    }

    pub(crate) fn project_name(&self, session: Slot, size: u64) -> Option<Text> {
        let project = self.session_def(session, size)?.project;
        Some(self.project_def(project, size)?.name.clone())
    }

    /// As [`State::profile`], of a teacher at hand.
    pub(crate) fn profile_of<'t>(&self, teacher: &'t Teacher, size: u64) -> Option<&'t ProfileView> {
        let live = teacher.profiles.iter().filter(|row| self.live(row.index, size));
        live.max_by_key(|row| (row.on, self.events.id(row.index)))
    }
}

fn indices(teacher: &Teacher) -> impl Iterator<Item = u32> {
    let register = teacher
        .profiles
        .iter()
        .map(|row| row.index)
        .chain(teacher.assignments.iter().map(|row| row.index));
    register
        .chain(teacher.ends.iter().map(|row| row.index))
        .chain(teacher.items.iter().map(|row| row.index))
        .chain(teacher.exemptions.iter().map(|row| row.index))
        .chain(teacher.accepted.iter().map(|row| row.index))
        .chain(teacher.named.iter().copied())
}

impl<'s> At<'s> {
    /// The person's data at `size`, as the id that stands for her was registered: of several registrations the latest by
    /// date, then event id, in whatever order they came.
    pub fn profile(self, id: &TeacherId) -> Option<&'s ProfileView> {
        let kept = self.kept_id(id);
        self.state.profile_of(self.state.teachers.get(&kept)?, self.size)
    }

    /// The school's data at `size`, chosen likewise.
    pub fn school(self, id: &SchoolId) -> Option<&'s SchoolView> {
        let profiles = self.state.schools.get(id)?.profiles.iter();
        let live = profiles.filter(|row| self.state.live(row.index, self.size));
        live.max_by_key(|row| (row.on, self.state.events.id(row.index)))
    }

    /// The school that goes on in this one's place at `size`, if it closed or merged: of several closings the latest
    /// by date, then event id.
    pub fn successor(self, id: &SchoolId) -> Option<SchoolId> {
        self.succession(id).map(|(_, successor)| successor)
    }

    /// The last day of a school that closed or merged at `size`, and the school that goes on from the next day.
    pub fn succession(self, id: &SchoolId) -> Option<(Date, SchoolId)> {
        let (last, successor) = self.closing(id)?;
        Some((last, successor?))
    }

    /// The last day of a school that closed or merged at `size`, and the school that goes on, if one does.
    pub fn closing(self, id: &SchoolId) -> Option<(Date, Option<SchoolId>)> {
        let closings = self.state.schools.get(id)?.closings.iter();
        let live = closings.filter(|(index, ..)| self.state.live(*index, self.size));
        let closing = live.max_by_key(|(index, day, _)| (*day, self.state.events.id(*index)))?;
        Some((closing.1, closing.2))
    }

    /// The schools registered at `size`, by id, each with its data.
    pub fn schools(self) -> Vec<(SchoolId, &'s SchoolView)> {
        let ids = self.state.schools.iter().map(|(id, _)| id);
        let mut known: Vec<_> = ids.filter_map(|id| Some((id, self.school(&id)?))).collect();
        known.sort_unstable_by_key(|(id, _)| *id);
        known
    }

    /// The level of a project at `size`, if it has arrived and is not voided.
    pub fn project_level(self, id: &ProjectId) -> Option<Level> {
        let slot = self.state.projects.slot(id)?;
        Some(self.state.project_def(slot, self.size)?.level)
    }

    /// Name and level of a competition at `size`.
    pub fn competition(self, id: &CompetitionId) -> Option<(&'s Text, Level)> {
        let definition = self
            .state
            .competition_def(self.state.competitions.slot(id)?, self.size)?;
        Some((&definition.name, definition.level))
    }

    /// All semesters known below `size`, by first day. Of a semester given by several calendars, the calendar adopted
    /// last says its dates.
    pub fn semesters(self) -> Vec<Semester> {
        let mut semesters: Vec<Semester> = Vec::new();
        for version in self.calendars() {
            for semester in &version.calendar.semesters {
                semesters.retain(|other| other.id != semester.id);
                semesters.push(*semester);
            }
        }
        semesters.sort_by_key(|semester| semester.from);
        semesters
    }

    /// Indices of the entries below `size` that credit or exempt the teacher, have effect, and whose last day is one of
    /// these.
    pub fn ending_on(self, id: &TeacherId, is_meant: impl Fn(Date) -> bool) -> Vec<u64> {
        let Some(teacher) = self.state.person(id, self.size) else {
            return Vec::new();
        };
        let items = teacher.items.iter().map(|item| (item.index, item.to));
        let rows = items.chain(teacher.exemptions.iter().map(|row| (row.index, row.to)));
        let meant = rows.filter(|&(index, to)| is_meant(to) && self.state.live(index, self.size));
        meant.map(|(index, _)| index.into()).collect()
    }

    /// All historical loads opened below `size`, in the order of opening.
    pub fn loads(self) -> Vec<LoadView> {
        let is_below = |index: &u32| u64::from(*index) < self.size;
        let opened = self.state.loads.iter().filter(|(_, load)| is_below(&load.index));
        let view = |(id, load): (&LoadId, &Load)| LoadView {
            id: *id,
            opened: load.index.into(),
            closed: load.closings.iter().copied().find(is_below).map(u64::from),
            from: load.from,
            to: load.to,
        };
        let mut loads: Vec<_> = opened.map(view).collect();
        loads.sort_unstable_by_key(|load| load.opened);
        loads
    }

    /// Of a part of the entries that were recorded under a load, how many have effect at `size`: neither void nor corrected
    /// since. `None` where no part is left. There may be a year of them: count them in parts.
    pub fn effective_under(self, id: &LoadId, part: Range<usize>) -> Option<u64> {
        let entries = &self.state.loads.get(id)?.entries;
        let part = entries.get(part.start..part.end.min(entries.len()))?;
        let live = part.iter().filter(|&&index| self.state.live(index, self.size));
        (!part.is_empty()).then(|| live.count() as u64)
    }

    /// The id of the event of the entry at `index`.
    pub fn event_id(self, index: u64) -> Option<EventId> {
        self.state.event_at(index).filter(|_| index < self.size)
    }

    /// The text of a document that is whole below `size`.
    pub fn document(self, sha256: &Sha256) -> Option<String> {
        self.state.documents.text(sha256, self.size)
    }

    /// Indices of all entries below `size` that are about the teacher, under whichever of her ids, rising.
    pub fn indices_about(self, id: &TeacherId) -> Vec<u64> {
        let Some(teacher) = self.state.person(id, self.size) else {
            return Vec::new();
        };
        let mut indices: Vec<u64> = indices(&teacher)
            .map(u64::from)
            .filter(|&index| index < self.size)
            .collect();
        let voids: Vec<u64> = indices
            .iter()
            .filter_map(|&index| {
                self.state
                    .voided_by(u32::try_from(index).ok()?, self.size)
                    .map(u64::from)
            })
            .collect();
        indices.extend(voids);
        indices.sort_unstable();
        indices.dedup();
        indices
    }
}
