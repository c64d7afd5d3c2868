//! Training, outreach and competitions.

use keshi_proto::api::competition_service_server::CompetitionService;
use keshi_proto::api::outreach_service_server::OutreachService;
use keshi_proto::api::training_service_server::TrainingService;

use super::{Intake, postings};

#[tonic::async_trait]
impl TrainingService for Intake {
    postings! {
        open_projects OpenProjectsRequest { project => ProjectOpened }
        hold_sessions HoldSessionsRequest { session => SessionHeld }
        move_sessions MoveSessionsRequest { r#move => SessionMoved }
        cancel_sessions CancelSessionsRequest { cancellation => SessionCancelled }
        record_attendance RecordAttendanceRequest { attendance => AttendanceRecorded }
        record_school_based_terms RecordSchoolBasedTermsRequest { term => SchoolBasedTerm }
    }
}

#[tonic::async_trait]
impl OutreachService for Intake {
    postings! {
        deliver_outreach DeliverOutreachRequest { outreach => OutreachDelivered }
        give_lessons GiveLessonsRequest { lesson => LessonGiven }
        observe_lessons ObserveLessonsRequest { observation => LessonObserved }
        visit_schools VisitSchoolsRequest { visit => SchoolVisit }
    }
}

#[tonic::async_trait]
impl CompetitionService for Intake {
    postings! {
        hold_competitions HoldCompetitionsRequest { competition => CompetitionHeld }
        make_entries MakeEntriesRequest { entry => EntryMade }
        give_awards GiveAwardsRequest { award => AwardGiven }
        recommend RecommendRequest { recommendation => Recommended }
        confer_titles ConferTitlesRequest { title => TitleConferred }
        approve_topics ApproveTopicsRequest { topic => TopicApproved }
        conclude_topics ConcludeTopicsRequest { topic => TopicConcluded }
        publish_works PublishWorksRequest { work => WorkPublished }
        award_works AwardWorksRequest { prize => WorkAwarded }
    }
}
