//! Whether the caller may post each event of a submission. The table of rights is `keshi_office`'s; here its questions
//! (for which school, about whom, whose entry) are answered from the event, and where it does not say, by the ledger.
//!
//! What "for her own school" means where two schools are concerned (DOMAIN §3, §13.3):
//!
//! - Attendance: the host school and the home school may both post. A clerk may post anyone's attendance at a session
//!   that her school posted in a project of group or school level, and her own teachers' (who are or were hers) at any
//!   session, also one that nobody posted yet, since facts may arrive in any order.
//! - Posts: she takes on who is free. Whoever holds a post elsewhere, and none at her school, is moved or seconded by
//!   the county.
//!
//! A researcher posts attendance at the sessions that she posted, puts together and plans questions of her subjects, and posts what
//! was found by inspections that she carries out.
//!
//! The ledger is asked when the event is posted, before it is recorded: two schools that take on the same free teacher
//! in the same moment both succeed, which the ledger shows as two posts (ADR 14, 30).
//!
//! A void, and what takes another's place, needs the right to the entry that it acts on: a clerk's reach is what stands in
//! her school's books, others' what they posted. That entry must be there: what may yet come is nobody's to undo.
//!
//! What may not be posted is denied before anything compares it, so that nobody learns from a conflict what stands in
//! another's entry. What stands in the ledger already may be sent again, whatever changed since, by her who posted it,
//! by its school, and where it is about nobody but the caller or her school's teachers.

mod claims;
mod earlier;
mod refusals;
mod settle;

use keshi_core::codes::Level;
use keshi_core::event::{ClaimRejected, ClaimReturned, Event, Fact};
use keshi_core::ids::{BaseId, EventId, SchoolId, TeacherId};
use keshi_office::access::rights::{ActsOn, CORRECTION, REVIEWS, Right, acts_on, find};
use keshi_office::access::{Caller, Denied, RoleName, Target};

pub use self::earlier::Earlier;
use self::refusals::{beyond_school, not_in_her_name};

/// The rights of one caller to the events of one submission.
#[derive(Debug)]
pub struct Rights<'c> {
    caller: &'c Caller,
    /// The right to the kind seen last: most submissions have one kind.
    last: Option<(&'static str, Right)>,
    /// Sessions and projects that came before on the same stream.
    earlier: &'c mut Earlier,
    /// Those that come in this very submission.
    now: Earlier,
    /// Events of a caller whose rights end somewhere: what of them stands in the ledger may not be hers to compare.
    bounded: Vec<(usize, EventId)>,
    open: Vec<Open>,
    /// Whom the events of a reviewer are about: none of them may be herself under another id.
    about: Vec<(usize, &'static str, TeacherId)>,
    /// Who are to be one person.
    merging: Vec<(usize, TeacherId)>,
    /// Events that may not be posted by what they say themselves.
    denied: Vec<(usize, Denied)>,
}

/// An event whose right depends on what the ledger has.
#[derive(Debug)]
struct Open {
    position: usize,
    kind: &'static str,
    right: Right,
    acts_on: ActsOn,
    /// Whether the event names a claim that it stands under.
    under_claim: bool,
}

impl<'c> Rights<'c> {
    /// Of `caller`, before any event of the submission was seen. `earlier` is empty but on a stream.
    pub fn new(caller: &'c Caller, earlier: &'c mut Earlier) -> Self {
        Self {
            caller,
            last: None,
            earlier,
            now: Earlier::default(),
            bounded: Vec::new(),
            open: Vec::new(),
            about: Vec::new(),
            merging: Vec::new(),
            denied: Vec::new(),
        }
    }

    /// Checks what the event itself tells, and keeps the rest for [`Rights::settle`].
    pub fn see(&mut self, position: usize, event: &Event) {
        if let Err(denied) = self.look(position, event) {
            self.denied.push((position, denied));
        }
    }

    fn look(&mut self, position: usize, event: &Event) -> Result<(), Denied> {
        let kind = event.fact.kind();
        let right = self.right(kind);
        self.as_herself(event)?;
        // Whoever looks at what has changed does so in her own name.
        if let (Fact::FindingChecked(looked), Some(me)) = (&event.fact, self.caller.teacher_id())
            && looked.checked_by.as_str() != me
        {
            return Err(not_in_her_name(looked.checked_by.as_str()));
        }
        if let Some(answer) = self.claims(position, event) {
            return answer;
        }
        if self.caller.role().name() == RoleName::Reviewer {
            for id in event.fact.subjects() {
                let about = Some(id.as_str());
                self.caller.may_post(
                    kind,
                    Target {
                        about,
                        ..Target::default()
                    },
                )?;
                if self.caller.teacher_id().is_some() {
                    self.about.push((position, kind, *id));
                }
            }
        }
        if let Fact::PersonsMerged(merge) = &event.fact {
            let both = [merge.kept_id, merge.dropped_id];
            self.merging.extend(both.map(|id| (position, id)));
        }
        if let Fact::SessionHeld(session) = &event.fact {
            self.now.hold(session);
        }
        if let Fact::InspectionHeld(inspection) = &event.fact {
            self.now.inspect(inspection);
        }
        if let Fact::FindingMade(finding) = &event.fact {
            self.now.find(finding);
        }
        if let Fact::ProjectOpened(project) = &event.fact {
            self.now.open(project);
        }
        self.original(position, event);
        let is_void = matches!(event.fact, Fact::EntryVoided(_));
        let may_void_her_own = is_void && self.caller.role().name() == RoleName::Reviewer;
        if right == Right::All && !REVIEWS.contains(&kind) && !may_void_her_own {
            return Ok(());
        }
        if right != Right::All {
            self.bounded.push((position, event.event_id));
        }
        let mut target = target_of(event);
        if let Fact::InspectionHeld(held) = &event.fact {
            let own = held
                .inspector_ids
                .iter()
                .find(|id| Some(id.as_str()) == self.caller.teacher_id());
            target.about = own.map(TeacherId::as_str);
        }
        if let (Right::School, Fact::ProjectOpened(project)) = (right, &event.fact)
            && !is_schools(project.level.code())
        {
            return Err(beyond_school(project.level));
        }
        let home = event.fact.home();
        // A post at the office is at no school.
        if right == Right::School && (home.is_some() || matches!(event.fact, Fact::AssignmentStarted(_))) {
            // Both the poster and what it is about must be of the school.
            self.caller.may_post(kind, target)?;
            target.school = home.map(SchoolId::as_str);
        }
        let acts_on = match right {
            Right::School | Right::Posted | Right::Unit | Right::Subject | Right::Herself => {
                acts_on(&event.fact, right)
            }
            Right::All if may_void_her_own => acts_on(&event.fact, right),
            Right::No | Right::All => None,
        };
        let at_hers = event.fact.place().map(SchoolId::as_str) == self.caller.role().school();
        let acts_on = acts_on.filter(|acts_on| !(at_hers && matches!(acts_on, ActsOn::Crediting(_))));
        let Some(acts_on) = acts_on else {
            return self.caller.may_post(kind, target);
        };
        if right == Right::School {
            self.caller.may_post(kind, target)?;
        }
        if let (
            Right::School,
            Fact::ClaimReturned(ClaimReturned { claim_id, .. }) | Fact::ClaimRejected(ClaimRejected { claim_id, .. }),
        ) = (right, &event.fact)
        {
            self.open.push(Open {
                position,
                kind,
                right,
                acts_on: ActsOn::Claim(*claim_id),
                under_claim: false,
            });
        }
        self.open.push(Open {
            position,
            kind,
            right,
            acts_on,
            under_claim: event.claim_id.is_some(),
        });
        Ok(())
    }

    /// What takes the place of an entry needs the right to that one too.
    fn original(&mut self, position: usize, event: &Event) {
        let Some(original) = event.supersedes else { return };
        // Whoever may register her may change that, whoever did it first.
        if matches!(event.fact, Fact::PersonRegistered(_)) {
            return;
        }
        let right = self.right(CORRECTION);
        if right != Right::All || self.caller.role().name() == RoleName::Reviewer {
            self.open.push(Open {
                position,
                kind: CORRECTION,
                right,
                acts_on: ActsOn::Event(original),
                under_claim: event.claim_id.is_some(),
            });
        }
    }

    fn right(&mut self, kind: &'static str) -> Right {
        match self.last {
            Some((last, right)) if last == kind => right,
            _ => {
                let right = find(kind).map_or(Right::No, |row| row.right(self.caller.role().name()));
                self.last = Some((kind, right));
                right
            }
        }
    }
}

/// Whether a project of this level is one that schools open: group, school, other.
fn is_schools(level: i32) -> bool {
    level >= Level::DistrictGroup.code()
}

/// What the event says of its school, its unit, and the person it is about.
fn target_of(event: &Event) -> Target<'_> {
    let subjects = event.fact.subjects();
    Target {
        school: event.org.as_ref().map(SchoolId::as_str),
        unit: event.fact.unit().map(BaseId::as_str),
        about: subjects.first().filter(|_| subjects.len() == 1).map(|id| id.as_str()),
        posted_by: None,
        subject: None,
    }
}

#[cfg(test)]
mod tests {
    use keshi_office::access::rights::TABLE;

    use super::*;

    /// Kinds that have their rights before the ledger has them.
    const TO_COME: [&str; 1] = ["entry_amended"];

    #[test]
    fn the_table_has_a_row_for_every_kind_of_the_ledger_and_no_row_is_of_no_kind() {
        let mut rows: Vec<&str> = TABLE.iter().map(|row| row.kind).collect();
        let mut kinds: Vec<&str> = Fact::KINDS.iter().chain(&TO_COME).copied().collect();
        rows.sort_unstable();
        kinds.sort_unstable();
        assert_eq!(rows, kinds);
    }
}
