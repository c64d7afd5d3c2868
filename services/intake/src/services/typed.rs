//! Training, outreach, competitions and certificates.

use keshi_proto::api::certificate_service_server::CertificateService;
use keshi_proto::api::competition_service_server::CompetitionService;
use keshi_proto::api::outreach_service_server::OutreachService;
use keshi_proto::api::training_service_server::TrainingService;

use super::{Intake, postings};

#[tonic::async_trait]
impl TrainingService for Intake {
    postings! {
        open_projects OpenProjectsRequest
        hold_sessions HoldSessionsRequest
        move_sessions MoveSessionsRequest
        cancel_sessions CancelSessionsRequest
        record_attendance RecordAttendanceRequest
        record_school_based_terms RecordSchoolBasedTermsRequest
        send_questions SendQuestionsRequest
        join_questions JoinQuestionsRequest
        plan_questions PlanQuestionsRequest
        rate_answers RateAnswersRequest
    }
}

#[tonic::async_trait]
impl OutreachService for Intake {
    postings! {
        deliver_outreach DeliverOutreachRequest
        give_lessons GiveLessonsRequest
        observe_lessons ObserveLessonsRequest
        visit_schools VisitSchoolsRequest
        hold_inspections HoldInspectionsRequest
        make_findings MakeFindingsRequest
        check_findings CheckFindingsRequest
    }
}

#[tonic::async_trait]
impl CompetitionService for Intake {
    postings! {
        hold_competitions HoldCompetitionsRequest
        make_entries MakeEntriesRequest
        give_awards GiveAwardsRequest
        recommend RecommendRequest
        confer_titles ConferTitlesRequest
        choose_candidates ChooseCandidatesRequest
        renew_titles RenewTitlesRequest
        withdraw_titles WithdrawTitlesRequest
        approve_topics ApproveTopicsRequest
        open_topics OpenTopicsRequest
        check_topics CheckTopicsRequest
        conclude_topics ConcludeTopicsRequest
        publish_works PublishWorksRequest
        award_works AwardWorksRequest
    }
}

#[tonic::async_trait]
impl CertificateService for Intake {
    postings! {
        issue_certificates IssueCertificatesRequest
        reissue_certificates ReissueCertificatesRequest
        void_certificates VoidCertificatesRequest
    }
}
