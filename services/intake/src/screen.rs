//! Free text and teachers' ids are looked through for ID and phone numbers, which must never reach the log.

use keshi_core::event::{Event, Fact};
use keshi_core::ids::TeacherId;
use keshi_core::text::Text;
use keshi_office::screen::{Found, personal_data};

/// The fields of `event` that seem to hold personal data, by the conversion's names.
pub(crate) fn personal_fields(event: &Event) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut see = |field, text: Option<&Text>| {
        if text.is_some_and(|text| personal_data(text.as_str()).is_some()) {
            found.push(field);
        }
    };
    see("source", event.source.as_ref());
    see("note", event.note.as_ref());
    texts(&event.fact, &mut see);
    teachers(&event.fact, &mut |field, id| {
        // A phone number has the form of many offices' own numbers; an ID number with its check character does not.
        if personal_data(id.as_str()) == Some(Found::IdNumber) {
            found.push(field);
        }
    });
    found
}

/// The free texts of each kind. Exhaustive, so a new kind does not compile until its texts are named.
fn texts(fact: &Fact, see: &mut impl FnMut(&'static str, Option<&Text>)) {
    match fact {
        Fact::SchoolRegistered(f) => {
            see("name", Some(&f.name));
            see("township", f.township.as_ref());
        }
        Fact::PersonRegistered(f) => {
            see("subject", f.subject.as_ref());
            see("rank", f.rank.as_ref());
        }
        Fact::AssignmentStarted(f) => see("unit", f.unit.as_ref()),
        Fact::ProjectOpened(f) => {
            see("name", Some(&f.name));
            see("provider", f.provider.as_ref());
            see("category", f.category.as_ref());
            see("topic", f.topic.as_ref());
        }
        Fact::SessionHeld(f) => {
            see("place", f.place.as_ref());
            see("subject", f.subject.as_ref());
            see("doc_no", f.doc_no.as_ref());
        }
        Fact::SessionMoved(f) => {
            see("reason", f.reason.as_ref());
            see("place", f.place.as_ref());
        }
        Fact::SessionCancelled(f) => see("reason", f.reason.as_ref()),
        Fact::LessonGiven(f) => see("subject", f.subject.as_ref()),
        Fact::SchoolVisit(f) => see("purpose", f.purpose.as_ref()),
        Fact::CompetitionHeld(f) => {
            see("name", Some(&f.name));
            see("organiser", f.organiser.as_ref());
            see("edition", f.edition.as_ref());
        }
        Fact::TitleConferred(f) => see("doc_no", f.doc_no.as_ref()),
        Fact::EntryVoided(f) => {
            see("reason", Some(&f.reason));
            see("authorised_by", f.authorised_by.as_ref());
        }
        Fact::HistoricalLoadOpened(f) => {
            see("reason", Some(&f.reason));
            see("authorised_by", f.authorised_by.as_ref());
        }
        Fact::TopicApproved(f) => see("name", f.name.as_ref()),
        Fact::TopicConcluded(f) => {
            see("name", f.name.as_ref());
            see("result", f.result.as_ref());
        }
        Fact::WorkPublished(f) => {
            see("work_kind", Some(&f.work_kind));
            see("title", f.title.as_ref());
        }
        Fact::WorkAwarded(f) => {
            see("title", f.title.as_ref());
            see("contest", f.contest.as_ref());
        }
        Fact::ExemptionGranted(f) => see("reason", Some(&f.reason)),
        Fact::FigureNoted(f) => see("unit", f.unit.as_ref()),
        Fact::SchoolBasedTerm(_)
        | Fact::SchoolClosed(_)
        | Fact::SchoolsMerged(_)
        | Fact::AssignmentEnded(_)
        | Fact::CalendarAdopted(_)
        | Fact::AttendanceRecorded(_)
        | Fact::OutreachDelivered(_)
        | Fact::LessonObserved(_)
        | Fact::EntryMade(_)
        | Fact::AwardGiven(_)
        | Fact::Recommended(_)
        | Fact::PolicyAdopted(_)
        | Fact::DocumentPart(_)
        | Fact::HistoricalLoadClosed(_) => {}
    }
}

/// The teachers that each kind names.
fn teachers(fact: &Fact, see: &mut impl FnMut(&'static str, &TeacherId)) {
    match fact {
        Fact::PersonRegistered(f) => see("teacher_id", &f.teacher_id),
        Fact::AssignmentStarted(f) => see("teacher_id", &f.teacher_id),
        Fact::AssignmentEnded(f) => see("teacher_id", &f.teacher_id),
        Fact::AttendanceRecorded(f) => see("teacher_id", &f.teacher_id),
        Fact::OutreachDelivered(f) => f.deliveries.iter().for_each(|d| see("deliveries", &d.teacher_id)),
        Fact::LessonGiven(f) => see("teacher_id", &f.teacher_id),
        Fact::LessonObserved(f) => {
            see("observer_id", &f.observer_id);
            if let Some(id) = &f.teacher_id {
                see("teacher_id", id);
            }
        }
        Fact::SchoolVisit(f) => see("researcher_id", &f.researcher_id),
        Fact::EntryMade(f) => see("teacher_id", &f.teacher_id),
        Fact::AwardGiven(f) => see("teacher_id", &f.teacher_id),
        Fact::Recommended(f) => see("teacher_id", &f.teacher_id),
        Fact::TitleConferred(f) => see("teacher_id", &f.teacher_id),
        Fact::SchoolBasedTerm(f) => see("teacher_id", &f.teacher_id),
        Fact::ExemptionGranted(f) => see("teacher_id", &f.teacher_id),
        Fact::TopicApproved(f) => {
            f.lead_ids.iter().for_each(|id| see("lead_ids", id));
            f.member_ids.iter().for_each(|id| see("member_ids", id));
        }
        Fact::TopicConcluded(f) => {
            f.lead_ids.iter().for_each(|id| see("lead_ids", id));
            f.member_ids.iter().for_each(|id| see("member_ids", id));
        }
        Fact::WorkPublished(f) => f.author_ids.iter().for_each(|id| see("author_ids", id)),
        Fact::WorkAwarded(f) => f.author_ids.iter().for_each(|id| see("author_ids", id)),
        Fact::FigureNoted(_)
        | Fact::SchoolRegistered(_)
        | Fact::SchoolClosed(_)
        | Fact::SchoolsMerged(_)
        | Fact::CalendarAdopted(_)
        | Fact::ProjectOpened(_)
        | Fact::SessionHeld(_)
        | Fact::SessionMoved(_)
        | Fact::SessionCancelled(_)
        | Fact::CompetitionHeld(_)
        | Fact::EntryVoided(_)
        | Fact::PolicyAdopted(_)
        | Fact::DocumentPart(_)
        | Fact::HistoricalLoadOpened(_)
        | Fact::HistoricalLoadClosed(_) => {}
    }
}
