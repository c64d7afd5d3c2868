//! Recommendations and titles.

use super::Judged;
use crate::decide::rules::View;
use crate::decide::ruling::Ruling;
use crate::event::{Event, Recommended, TitleConferred, TitleRenewed, TitleWithdrawn};
use crate::ids::{EventId, TeacherId};
use crate::reason::{Reason, ReasonCode};
use crate::tier::Title;
use crate::title::title_zh;

/// It waits where the title that it comes from was not held on the day.
impl Judged for Recommended {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let title = self.from_title?;
        let wrong = view.wrong_target("from_title", title, self.teacher_id, TitleConferred::KIND);
        wrong.or_else(|| {
            let teacher = view.state.person(&self.teacher_id, view.size)?;
            let held = view.state.is_title_held(&teacher, (title, event.to), view.size)?;
            (!held).then(|| Ruling::waiting_for("from_title", title))
        })
    }
}

/// It waits for a title that it presupposes, where none is held on the day (DOMAIN §7).
impl Judged for TitleConferred {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let title = Title::conferred(
            (view.size, event.event_id),
            (self.class, self.level),
            (event.to, self.last_day(event)),
        );
        let awaited = view.state.would_wait_for(&self.teacher_id, title, view.size);
        let names: Vec<String> = awaited.iter().map(|&(class, level)| title_zh(class, level)).collect();
        (!names.is_empty()).then(|| Ruling::waiting_for("title", names.join("、")))
    }
}

/// It waits where the title does not hold on the day: an earlier renewal may be on its way.
impl Judged for TitleRenewed {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        view.about_a_title_in_force(self.teacher_id, self.title_event, event)
    }
}

/// As for a renewal.
impl Judged for TitleWithdrawn {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        view.about_a_title_in_force(self.teacher_id, self.title_event, event)
    }
}

impl View<'_> {
    fn about_a_title_in_force(&self, teacher: TeacherId, conferral: EventId, event: &Event) -> Option<Ruling> {
        let wrong = self.wrong_target("title_event", conferral, teacher, TitleConferred::KIND);
        wrong.or_else(|| {
            let title = self.state.title_named(&teacher, conferral, self.size)?;
            let holds = title.conferred_on <= event.to && event.to <= title.valid_to;
            (!holds).then(|| {
                Ruling::waiting(Reason {
                    index: Some(title.index),
                    ..Reason::about(ReasonCode::TitleNotInForce, "occurred_to", event.to)
                })
            })
        })
    }
}
