//! The kinds of events by their names on the wire, for the paths of wrong fields.

use keshi_proto::api::event::Fact;

macro_rules! kinds {
    ($($variant:ident $name:literal)*) => {
        /// The name of the fact's field in the API's event.
        pub(crate) const fn kind_of(fact: &Fact) -> &'static str {
            match fact { $(Fact::$variant(_) => $name,)* }
        }
    };
}

kinds! {
    SchoolRegistered "school_registered"
    SchoolClosed "school_closed"
    SchoolsMerged "schools_merged"
    PersonRegistered "person_registered"
    AssignmentStarted "assignment_started"
    AssignmentEnded "assignment_ended"
    CalendarAdopted "calendar_adopted"
    ProjectOpened "project_opened"
    SessionHeld "session_held"
    SessionMoved "session_moved"
    SessionCancelled "session_cancelled"
    AttendanceRecorded "attendance_recorded"
    OutreachDelivered "outreach_delivered"
    LessonGiven "lesson_given"
    LessonObserved "lesson_observed"
    SchoolVisit "school_visit"
    CompetitionHeld "competition_held"
    EntryMade "entry_made"
    AwardGiven "award_given"
    Recommended "recommended"
    TitleConferred "title_conferred"
    EntryVoided "entry_voided"
    PolicyAdopted "policy_adopted"
    DocumentPart "document_part"
    HistoricalLoadOpened "historical_load_opened"
    HistoricalLoadClosed "historical_load_closed"
    SchoolBasedTerm "school_based_term"
    TopicApproved "topic_approved"
    TopicConcluded "topic_concluded"
    WorkPublished "work_published"
    WorkAwarded "work_awarded"
    ExemptionGranted "exemption_granted"
    FigureNoted "figure_noted"
}

/// Where a caller wrote an event, so that a wrong field is named as she wrote it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// `events[3]` of a mixed submission.
    Event,
    /// `items[3]` of a call that takes one kind, whose fact lies in this field.
    Item(&'static str),
}

impl Form {
    /// The path of `field` (as the conversion names it, below the event) in the caller's request.
    pub(crate) fn path(self, position: usize, kind: &str, field: &str) -> String {
        let inner = field.strip_prefix(kind).and_then(|rest| rest.strip_prefix('.'));
        let of_fact = inner.or_else(|| (!is_common(field)).then_some(field)).map(on_the_wire);
        match (self, of_fact) {
            (Self::Event, Some(inner)) => format!("events[{position}].{kind}.{inner}"),
            (Self::Event, None) => format!("events[{position}].{field}"),
            (Self::Item(fact), Some(inner)) => format!("items[{position}].{fact}.{inner}"),
            (Self::Item(fact), None) if field == "fact" => format!("items[{position}].{fact}"),
            (Self::Item(_), None) => format!("items[{position}].head.{field}"),
        }
    }

    /// The path of the whole event.
    pub(crate) fn whole(self, position: usize) -> String {
        match self {
            Self::Event => format!("events[{position}]"),
            Self::Item(_) => format!("items[{position}]"),
        }
    }

    /// The path of all events.
    pub(crate) const fn all(self) -> &'static str {
        match self {
            Self::Event => "events",
            Self::Item(_) => "items",
        }
    }
}

/// Whether the field is one that all events have. Checks of an event as a whole name the fact's fields without a prefix.
fn is_common(field: &str) -> bool {
    let name = field.split(['[', '.']).next().unwrap_or(field);
    matches!(
        name,
        "event_id"
            | "occurred_from"
            | "occurred_to"
            | "org"
            | "source"
            | "evidence"
            | "note"
            | "supersedes"
            | "load_id"
            | "fact"
    )
}

/// The wire's name of a field that the domain calls otherwise.
fn on_the_wire(field: &str) -> &str {
    match field {
        "hours_present" => "present_centihours",
        "hours" => "centihours",
        "planned_hours" => "planned_centihours",
        "reduce_by" => "reduce_by_centiamount",
        "value" => "value_centiamount",
        "session_type" | "lesson_type" => "type",
        field => field,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_is_named_as_the_caller_wrote_it() {
        let kind = "attendance_recorded";
        for (field, in_event, in_item) in [
            ("occurred_to", "events[3].occurred_to", "items[3].head.occurred_to"),
            ("evidence[1]", "events[3].evidence[1]", "items[3].head.evidence[1]"),
            ("fact", "events[3].fact", "items[3].attendance"),
            (
                "attendance_recorded.session_id",
                "events[3].attendance_recorded.session_id",
                "items[3].attendance.session_id",
            ),
            (
                "hours_present",
                "events[3].attendance_recorded.present_centihours",
                "items[3].attendance.present_centihours",
            ),
        ] {
            assert_eq!(Form::Event.path(3, kind, field), in_event);
            assert_eq!(Form::Item("attendance").path(3, kind, field), in_item);
        }
    }
}
