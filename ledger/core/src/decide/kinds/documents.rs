//! Documents and what they bring into force.

use super::Judged;
use crate::calendar::Calendar;
use crate::decide::rules::View;
use crate::decide::ruling::Ruling;
use crate::document::Problem;
use crate::event::{CalendarAdopted, DocumentPart, Event, PolicyAdopted};
use crate::ids::Sha256;
use crate::policy::Policy;
use crate::reason::ReasonCode;

impl Judged for DocumentPart {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        view.offered
            .text(&self.sha256, 1)
            .is_none()
            .then(|| missing(&self.sha256))
    }
}

impl Judged for CalendarAdopted {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        self.refusal(view).err()
    }
}

impl CalendarAdopted {
    fn refusal(&self, view: &View<'_>) -> Result<(), Ruling> {
        let text = view.document(&self.sha256)?;
        let calendar = Calendar::parse(&text).map_err(|problems| invalid(&problems))?;
        if calendar.id != self.calendar_id {
            return Err(Ruling::refused(ReasonCode::DocumentInvalid, "calendar_id", calendar.id));
        }
        Ok(())
    }
}

impl Judged for PolicyAdopted {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        self.refusal(view).err()
    }
}

impl PolicyAdopted {
    fn refusal(&self, view: &View<'_>) -> Result<(), Ruling> {
        let text = view.document(&self.sha256)?;
        let policy = Policy::parse(&text).map_err(|problems| invalid(&problems))?;
        let as_named = policy.id == self.policy_id
            && policy.version == self.version
            && policy.effective_from == self.effective_from
            && policy.effective_to == self.effective_to;
        if !as_named {
            let what = "id / version / effective_*";
            return Err(Ruling::refused(ReasonCode::DocumentInvalid, "policy_id", what));
        }
        let versions = view.versions_of(&policy);
        if versions.contains(&policy.version) {
            return Err(Ruling::refused(ReasonCode::VersionTaken, "version", policy.version));
        }
        // The office may begin with rules that hold already; from then on the past stays as it is (DOMAIN §8).
        let may_begin_before = versions.is_empty() || policy.retroactive;
        if !may_begin_before && policy.effective_from < view.today {
            return Err(Ruling::refused(
                ReasonCode::Backdated,
                "effective_from",
                policy.effective_from,
            ));
        }
        Ok(())
    }
}

impl View<'_> {
    /// A document that stands in the ledger: its parts come before the event that adopts it.
    pub(super) fn document(&self, sha256: &Sha256) -> Result<String, Ruling> {
        let text = self.state.documents.text(sha256, self.size);
        text.ok_or_else(|| missing(sha256))
    }

    /// The versions of this policy that are adopted and not voided.
    fn versions_of(&self, policy: &Policy) -> Vec<u32> {
        let versions = self.state.at(self.size).policies();
        versions
            .filter(|row| row.policy.id == policy.id)
            .map(|row| row.policy.version)
            .collect()
    }
}

fn missing(sha256: &Sha256) -> Ruling {
    Ruling::refused(ReasonCode::DocumentMissing, "sha256", sha256)
}

pub(super) fn invalid(problems: &[Problem]) -> Ruling {
    let first = problems.first().map_or_else(String::new, ToString::to_string);
    let more = match problems.len() {
        0 | 1 => String::new(),
        count => format!(" (+{})", count - 1),
    };
    Ruling::refused(ReasonCode::DocumentInvalid, "sha256", format!("{first}{more}"))
}
