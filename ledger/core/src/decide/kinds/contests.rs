//! Recommendations and titles.

use super::Judged;
use crate::decide::rules::View;
use crate::decide::ruling::Ruling;
use crate::event::{Event, Recommended, TitleConferred};
use crate::tier::{Title, settle};

impl Judged for Recommended {
    fn ruling(&self, view: &View<'_>, _: &Event) -> Option<Ruling> {
        view.wrong_target("from_title", self.from_title?, self.teacher_id, TitleConferred::KIND)
    }
}

/// It waits for the title that it presupposes and that is not held on the day (DOMAIN §7).
impl Judged for TitleConferred {
    fn ruling(&self, view: &View<'_>, event: &Event) -> Option<Ruling> {
        let mut titles = view.state.live_titles(&self.teacher_id, view.size);
        titles.push(Title {
            index: view.size,
            event_id: event.event_id,
            class: self.class,
            level: self.level,
            conferred_on: event.to,
            valid_to: self.last_day(event),
            waits_for: None,
        });
        settle(&mut titles);
        let own = titles.iter().find(|title| title.event_id == event.event_id)?;
        let (class, level) = own.waits_for?;
        Some(Ruling::waiting_for("title", format!("{}{}", level.zh(), class.zh())))
    }
}
