//! Which entries one person's balance rests on: those about her, and of the rest what those name.
//!
//! Found by passes over the entries, each of which may name more, until one finds nothing new. Other persons' entries are left out, also
//! of a session that she attended: nothing of her balance rests on them.

use std::collections::{BTreeSet, HashSet};

use keshi_core::entry::Entry;
use keshi_core::event::{Event, Field};
use keshi_core::ids::{BatchId, ClaimId, CompetitionId, EventId, LoadId, ProjectId, SchoolId, SessionId, TeacherId};

use crate::people::undoes;

/// Kinds that are in every bundle: what is counted by, and when that was.
const ALWAYS: [&str; 4] = ["policy_adopted", "calendar_adopted", "document_part", "clock_corrected"];

/// Kinds that do something to what others stand on, and are about nobody.
const UPON: [&str; 7] = [
    "school_closed",
    "schools_merged",
    "session_moved",
    "session_cancelled",
    "historical_load_closed",
    "publicity_opened",
    "publicity_ended",
];

/// The entries that a person's bundle shows.
#[derive(Clone, Debug)]
pub struct Selection {
    ids: Vec<TeacherId>,
    events: HashSet<EventId>,
    named: HashSet<Named>,
    chosen: BTreeSet<u64>,
    has_more: bool,
}

/// Something that an entry names and another defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Named {
    School(SchoolId),
    Project(ProjectId),
    Session(SessionId),
    Competition(CompetitionId),
    Load(LoadId),
    Claim(ClaimId),
    Batch(BatchId),
}

/// How a field names something.
enum How {
    Defines(Named),
    Mentions(Named),
    Rests(EventId),
}

impl Selection {
    /// What is about the person of these ids.
    pub fn about(ids: Vec<TeacherId>) -> Self {
        Self {
            ids,
            events: HashSet::new(),
            named: HashSet::new(),
            chosen: BTreeSet::new(),
            has_more: true,
        }
    }

    /// Whether another pass over all entries is needed.
    pub fn has_more(&mut self) -> bool {
        std::mem::take(&mut self.has_more)
    }

    /// Looks at an entry.
    pub fn look(&mut self, entry: &Entry) {
        if self.chosen.contains(&entry.index) {
            return;
        }
        let Some(event) = entry.posted.event() else { return };
        let is_about = event.fact.subjects().iter().any(|id| self.ids.contains(id));
        if !entry.verdict.is_in_ledger() {
            if is_about {
                self.chosen.insert(entry.index);
            }
            return;
        }
        if is_about || self.rests_on(event) {
            self.choose(entry.index, event);
        }
    }

    /// The indices of the entries, rising.
    pub fn chosen(&self) -> Vec<u64> {
        self.chosen.iter().copied().collect()
    }

    fn rests_on(&self, event: &Event) -> bool {
        let kind = event.fact.kind();
        if ALWAYS.contains(&kind) || undoes(event).is_some_and(|target| self.events.contains(&target)) {
            return true;
        }
        let mut found = false;
        let may_mention = UPON.contains(&kind);
        event.fact.fields(&mut |_, field| {
            found |= match how(field) {
                Some(How::Defines(named)) => self.named.contains(&named),
                Some(How::Mentions(named)) => may_mention && self.named.contains(&named),
                Some(How::Rests(_)) | None => false,
            };
        });
        // What was named by her entries and is an entry itself: the first event of an assignment, a title, what was claimed.
        found || self.events.contains(&event.event_id)
    }

    fn choose(&mut self, index: u64, event: &Event) {
        self.chosen.insert(index);
        let mut is_new = self.events.insert(event.event_id);
        event.fields(&mut |_, field| {
            is_new |= match how(field) {
                Some(How::Defines(named) | How::Mentions(named)) => self.named.insert(named),
                Some(How::Rests(event_id)) => self.events.insert(event_id),
                None => false,
            };
        });
        self.has_more |= is_new;
    }
}

fn how(field: Field<'_>) -> Option<How> {
    use How::{Defines, Mentions, Rests};
    Some(match field {
        Field::Home(id) | Field::Place(id) | Field::School(id) | Field::Sender(id) => Mentions(Named::School(*id)),
        Field::NewSchool(id) => Defines(Named::School(*id)),
        Field::Project(id) => Mentions(Named::Project(*id)),
        Field::NewProject(id) => Defines(Named::Project(*id)),
        Field::Session(id) => Mentions(Named::Session(*id)),
        Field::NewSession(id) => Defines(Named::Session(*id)),
        Field::Competition(id) => Mentions(Named::Competition(*id)),
        Field::NewCompetition(id) => Defines(Named::Competition(*id)),
        Field::Load(id) => Mentions(Named::Load(*id)),
        Field::NewLoad(id) => Defines(Named::Load(*id)),
        Field::Claim(id) => Mentions(Named::Claim(*id)),
        Field::Batch(id) => Mentions(Named::Batch(*id)),
        Field::Assignment(id) | Field::Title(id) | Field::Entry(id) | Field::Original(id) | Field::Claimed(id) => {
            Rests(*id)
        }
        Field::Text(_)
        | Field::Subject(_)
        | Field::Teacher(_)
        | Field::NewTeacher(_)
        | Field::Question(_)
        | Field::Inspection(_)
        | Field::Finding(_)
        | Field::Unit(_)
        | Field::Name(_) => return None,
    })
}
