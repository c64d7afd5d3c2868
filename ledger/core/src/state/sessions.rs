//! Sessions, and who was at them, at any size.

use jiff::civil::Date;

use super::At;
use super::rows::{AttendanceView, Detail, Session, SessionView};
use crate::ids::{SessionId, TeacherId};
use crate::intern::Slot;

/// Whether and when a session takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// It is not in the ledger, or void.
    Awaited,
    /// From the first day to the last, after moves.
    On(Date, Date),
    /// Not at all.
    Cancelled,
}

impl At<'_> {
    /// Whether and when the session takes place at `size`.
    pub(crate) fn held(self, id: &SessionId) -> Held {
        let slot = self.state.sessions.slot(id);
        let known = slot.and_then(|slot| {
            self.state
                .session_def(slot, self.size)
                .zip(self.state.sessions.at(slot))
        });
        match known {
            None => Held::Awaited,
            Some((_, session)) if self.cancelled(session).is_some() => Held::Cancelled,
            Some((definition, session)) => {
                let moved = self.moved(session).map(|(_, from, to)| (from, to));
                let (from, to) = moved.unwrap_or((definition.from, definition.to));
                Held::On(from, to)
            }
        }
    }

    /// The session at `size`, if it has arrived and is not voided. Of several moves the one recorded last holds: a move
    /// says where to, not when it was made. No balance rests on it, for attendance keeps its own dates.
    pub fn session(self, id: &SessionId) -> Option<SessionView> {
        self.session_of(self.state.sessions.slot(id)?)
    }

    /// The sessions that have arrived and are not voided at `size`, the latest first by their first day after moves, then by
    /// id: each with that day and the last.
    pub fn sessions(self) -> Vec<(SessionId, (Date, Date))> {
        let mentioned = (0..).zip(self.state.sessions.iter());
        let held = mentioned.filter_map(|(slot, (id, session))| {
            let definition = self.state.session_def(slot, self.size)?;
            let moved = self.moved(session).map(|(_, from, to)| (from, to));
            Some((id, moved.unwrap_or((definition.from, definition.to))))
        });
        let mut held: Vec<_> = held.collect();
        held.sort_unstable_by(|(a, (a_from, _)), (b, (b_from, _))| b_from.cmp(a_from).then_with(|| a.cmp(b)));
        held
    }

    /// The sessions that took place until a day, and were not cancelled.
    pub fn sessions_held(self, until: Date) -> impl Iterator<Item = SessionView> {
        let slots = (0..).take(self.state.sessions.len());
        let views = slots.filter_map(move |slot| self.session_of(slot));
        views.filter(move |session| session.cancelled.is_none() && session.to <= until)
    }

    /// What the teacher did at the session, entry by entry, of what is neither void nor corrected at `size`: nothing if she was
    /// not there. Whoever spoke and listened has two.
    pub fn attendance(self, teacher: &TeacherId, session: &SessionId) -> Vec<AttendanceView> {
        let teacher = self.state.person(teacher, self.size);
        let (Some(teacher), Some(slot)) = (teacher, self.state.sessions.slot(session)) else {
            return Vec::new();
        };
        let there = teacher.items.iter().filter_map(|item| {
            let Detail::Attendance {
                session,
                centihours,
                role,
                result,
            } = item.detail
            else {
                return None;
            };
            (session == slot && self.state.live(item.index, self.size)).then(|| AttendanceView {
                index: item.index.into(),
                from: item.from,
                to: item.to,
                centihours,
                role,
                result,
            })
        });
        there.collect()
    }

    fn session_of(self, slot: Slot) -> Option<SessionView> {
        let definition = self.state.session_def(slot, self.size)?;
        let session = self.state.sessions.at(slot)?;
        let project = self.state.project_def(definition.project, self.size);
        let moved = self.moved(session);
        let (from, to) = moved.map_or((definition.from, definition.to), |(_, from, to)| (from, to));
        let cancelled = self.cancelled(session);
        Some(SessionView {
            index: definition.index.into(),
            moved: moved.map(|(index, ..)| index.into()),
            cancelled: cancelled.map(u64::from),
            from,
            to,
            session_type: definition.session_type,
            hours: definition.hours,
            base: definition.base,
            project_id: self.state.projects.key(definition.project)?,
            project: project.map(|project| project.name.clone()),
            provider: project.and_then(|project| project.provider.clone()),
            level: project.map(|project| project.level),
            mode: project.map(|project| project.mode),
            category: project.and_then(|project| project.category.clone()),
            topic: project.and_then(|project| project.topic.clone()),
        })
    }

    /// The entry that cancels it.
    fn cancelled(self, session: &Session) -> Option<u32> {
        let mut cancellations = session.cancellations.iter();
        cancellations.find(|index| self.state.live(**index, self.size)).copied()
    }

    /// The move that holds: its entry, and where to.
    fn moved(self, session: &Session) -> Option<(u32, Date, Date)> {
        let mut latest_first = session.moves.iter().rev();
        latest_first
            .find(|(index, ..)| self.state.live(*index, self.size))
            .copied()
    }
}
