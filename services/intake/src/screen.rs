//! Free text and ids are looked through for ID and phone numbers, which must never reach the log.

use keshi_core::event::{Event, Field};
use keshi_core::text::personal;

/// The fields of `event` that seem to hold personal data, by the conversion's names.
pub(crate) fn personal_fields(event: &Event) -> Vec<&'static str> {
    let mut found = Vec::new();
    event.fields(&mut |name, field| {
        let found_in = match (field, field.id()) {
            (Field::Text(text), _) => personal::in_text(text.as_str()),
            (_, id) => id.and_then(personal::in_id),
        };
        let is_personal = found_in.is_some();
        if is_personal && found.last() != Some(&name) {
            found.push(name);
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use keshi_core::event::{Fact, ProjectOpened, SchoolVisit, SessionCancelled};
    use keshi_core::ids::{EventId, ProjectId, SchoolId, SessionId, TeacherId};
    use keshi_core::text::Text;

    use super::*;

    const NUMBER: &str = "11010519491231002X";

    fn found_in(fact: impl Into<Fact>) -> Vec<&'static str> {
        let day = jiff::civil::date(2022, 3, 1);
        personal_fields(&Event {
            org: Some(SchoolId::new(NUMBER).unwrap()),
            ..Event::of(EventId::new(uuid::Uuid::max()), day, day, fact)
        })
    }

    #[test]
    fn an_id_number_is_found_in_every_id_and_every_text_of_an_event() {
        let text = || Text::new(NUMBER).unwrap();
        let visit = SchoolVisit {
            researcher_id: TeacherId::new(NUMBER).unwrap(),
            school_id: SchoolId::new(NUMBER).unwrap(),
            purpose: Some(text()),
        };
        assert_eq!(found_in(visit), ["org", "researcher_id", "school_id", "purpose"]);
        let cancelled = SessionCancelled {
            session_id: SessionId::new(NUMBER).unwrap(),
            reason: Some(text()),
        };
        assert_eq!(found_in(cancelled), ["org", "session_id", "reason"]);
        let opened = ProjectOpened {
            project_id: ProjectId::new(NUMBER).unwrap(),
            name: text(),
            provider: Some(text()),
            level: keshi_core::codes::Level::County,
            mode: keshi_core::codes::Mode::Online,
            category: Some(text()),
            topic: Some(text()),
            planned_hours: keshi_core::hours::Hours::whole(6),
            assessed: false,
        };
        assert_eq!(
            found_in(opened),
            ["org", "project_id", "name", "provider", "category", "topic"]
        );
    }
}
