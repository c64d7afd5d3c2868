//! Which column of a sheet holds a field of the ledger: what the ledger says of a field is said of the sheet's column.

use super::{Col, Kind};

/// The columns that may hold `field` of a fact in sheets of this kind, the likeliest first; none if no column does.
///
/// `field` is what the ledger calls it, also at the end of a path (`events[3].fact.attendance_recorded.hours_present`).
pub(crate) fn holders(kind: Kind, fact: &str, field: &str) -> &'static [Col] {
    let last = field.rsplit('.').next().unwrap_or(field);
    match last.split('[').next().unwrap_or(last) {
        "occurred_from" => first_day(fact),
        "occurred_to" => last_day(fact),
        "hours_present" | "present_centihours" => &[Col::Hours],
        "hours" | "centihours" => &[Col::SessionHours],
        "planned_hours" | "planned_centihours" => &[Col::PlannedHours],
        "teacher_id" if kind == Kind::LessonsObserved => &[Col::TaughtName, Col::TaughtTeacher],
        "lead_id" if kind == Kind::Groups => &[Col::Leads],
        "teacher_id" | "observer_id" | "researcher_id" | "started_event" | "lead_id" | "host_id" => {
            &[Col::Name, Col::Teacher]
        }
        "role" if fact == "award_given" => &[Col::AwardRole],
        "role" => &[Col::Role],
        "result" if fact == "topic_concluded" => &[Col::Conclusion],
        "result" => &[Col::Result],
        "name" if kind == Kind::Schools => &[Col::SchoolName],
        "name" if kind == Kind::Contests => &[Col::Contest],
        "name" if matches!(kind, Kind::Groups | Kind::Bases | Kind::Studios) => &[Col::OrgName],
        "group_id" => &[Col::Group, Col::OrgName],
        "base_id" | "studio_id" => &[Col::Base, Col::OrgName],
        "member_schools" => &[Col::Schools],
        "name" | "topic_id" if matches!(kind, Kind::Topics | Kind::TopicChecks) => &[Col::TopicName],
        "work_kind" => &[Col::WorkKind],
        "lead_ids" => &[Col::Leads, Col::Name, Col::Teacher],
        "member_ids" => &[Col::Members],
        "author_ids" => &[Col::Authors, Col::Name, Col::Teacher],
        "until" if matches!(kind, Kind::Candidates | Kind::Groups | Kind::Bases | Kind::Studios) => &[Col::ValidTo],
        "name" | "project_id" => &[Col::Project],
        "provider" => &[Col::Provider],
        "level" => &[Col::Level],
        "mode" => &[Col::Mode],
        "category" => &[Col::Category],
        "topic" => &[Col::Topic],
        "assessed" => &[Col::Assessed],
        "session_id" => &[Col::SessionId, Col::Session, Col::Project],
        "session_type" | "type" if fact == "session_held" => &[Col::SessionType],
        "lesson_type" | "type" => &[Col::LessonType],
        "place" => &[Col::Place],
        "base" => &[Col::Base],
        "group" => &[Col::Group],
        "doc_no" => &[Col::DocNo],
        "subject" => &[Col::Subject],
        "rule_id" => &[Col::Rule],
        "policy_id" => &[Col::Policy],
        "reduce_by" => &[Col::ReduceBy],
        "reason" | "remark" => &[Col::Why],
        "semester" => &[Col::Semester],
        "text" => &[Col::Question, Col::Finding],
        "question_id" | "question_ids" => &[Col::QuestionId, Col::Question],
        "into_id" => &[Col::Into],
        "asked_by" => &[Col::AskedBy],
        "rating" => &[Col::Rating],
        "inspector_ids" => &[Col::Inspectors],
        "finding_id" => &[Col::Finding],
        "aspect" => &[Col::Aspect],
        "due" => &[Col::Due],
        "outcome" => &[Col::Outcome],
        "checked_by" => &[Col::CheckedBy],
        "successor_id" => &[Col::Successor],
        "school_id" | "to_school" | "inspection_id" => &[Col::School],
        "from_org" => &[Col::FromSchool],
        "deliveries" => &[Col::Lessons, Col::Talks],
        "lessons" | "periods" => &[Col::Lessons],
        "talks" => &[Col::Talks],
        "listeners" => &[Col::Listeners],
        "requested_by_school" | "change_requested" => &[Col::Requested],
        "comment_given" => &[Col::Comment],
        "purpose" => &[Col::Purpose],
        "comp_id" | "from_comp" | "contest" => &[Col::Contest],
        "edition" => &[Col::Edition],
        "organiser" => &[Col::Organiser],
        "award" => &[Col::Award],
        "rank_no" => &[Col::Rank],
        "work_id" | "title" => &[Col::Work],
        "to_level" => &[Col::ToLevel],
        "from_title" | "title_event" | "class" => &[Col::Class],
        "valid_to" => &[Col::ValidTo],
        "stage" => &[Col::Stage],
        "township" => &[Col::Township],
        "hired_on" => &[Col::Hired],
        "career_from" => &[Col::CareerFrom],
        "rank" => &[Col::Grade],
        "unit" => &[Col::Unit],
        "post" => &[Col::Post],
        "until" => &[Col::PostTo],
        "nature" => &[Col::Nature],
        "pool" => &[Col::Pool],
        "share_hundredths" => &[Col::Share],
        _ => &[],
    }
}

fn first_day(fact: &str) -> &'static [Col] {
    match fact {
        "project_opened" => &[Col::Year, Col::From],
        "session_moved" => &[Col::NewFrom],
        "session_cancelled" => &[Col::CancelledOn],
        "question_planned" => &[Col::PlannedOn],
        "finding_checked" => &[Col::CheckedOn],
        "assignment_ended" => &[Col::LeftOn],
        "topic_concluded" => &[Col::ConcludedOn],
        "assignment_started" => &[Col::PostFrom, Col::Hired],
        "person_registered" => &[Col::Hired, Col::CareerFrom, Col::PostFrom],
        _ => &[Col::From],
    }
}

fn last_day(fact: &str) -> &'static [Col] {
    match first_day(fact) {
        // A blank last day is the first.
        [Col::From] => &[Col::To, Col::From],
        [Col::NewFrom] => &[Col::NewTo, Col::NewFrom],
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use keshi_core::event::Fact;

    use super::*;

    #[test]
    fn what_a_column_holds_is_found_by_the_words_of_the_ledger_and_of_the_wire() {
        for (kind, fact, field, col) in [
            (Kind::Training, "attendance_recorded", "hours_present", Col::Hours),
            (
                Kind::Training,
                "attendance_recorded",
                "events[3].fact.attendance_recorded.present_centihours",
                Col::Hours,
            ),
            (Kind::Training, "attendance_recorded", "occurred_to", Col::To),
            (Kind::Training, "project_opened", "occurred_from", Col::Year),
            (Kind::LessonsObserved, "lesson_observed", "teacher_id", Col::TaughtName),
            (Kind::LessonsObserved, "lesson_observed", "observer_id", Col::Name),
            (
                Kind::Outreach,
                "outreach_delivered",
                "deliveries[0].teacher_id",
                Col::Name,
            ),
            (Kind::Awards, "award_given", "role", Col::AwardRole),
            (Kind::Posts, "assignment_ended", "occurred_from", Col::LeftOn),
            (Kind::Moves, "session_moved", "occurred_to", Col::NewTo),
            (
                Kind::Cancellations,
                "session_cancelled",
                "occurred_to",
                Col::CancelledOn,
            ),
        ] {
            assert_eq!(holders(kind, fact, field).first(), Some(&col), "{fact} {field}");
            assert!(Fact::KINDS.contains(&fact), "{fact}");
        }
        for field in ["org", "load_id", "evidence", "kind"] {
            assert!(holders(Kind::Training, "attendance_recorded", field).is_empty());
        }
    }
}
