//! Who is shown what: a page is there for exactly whom the services answer.

use axum::http::StatusCode;
use keshi_office::access::{DevRole, RoleName};
use keshi_proto::api;
use keshi_proto::api::audit_service_client::AuditServiceClient;
use keshi_proto::api::certificate_register_service_client::CertificateRegisterServiceClient;
use keshi_proto::api::claim_service_client::ClaimServiceClient;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::year_service_client::YearServiceClient;
use tonic::{Code, Status};

use crate::html;
use crate::office::{Pages, at, call, claim, roles};

/// The page of each, and the question whose answer it shows.
const PAGES: &[(&str, Asked)] = &[
    ("/shortfalls?period=2022", Asked::Shortfalls("")),
    ("/shortfalls?period=2022&school_id=S9", Asked::Shortfalls("S9")),
    ("/shortfalls.xlsx?period=2022", Asked::Shortfalls("")),
    ("/school?period=2022&school_id=S1", Asked::Balances("S1")),
    ("/school.xlsx?period=2022&school_id=S1", Asked::Balances("S1")),
    ("/teachers?name=x", Asked::Find),
    ("/teachers/T1?period=2022", Asked::Balance("T1")),
    ("/teachers/T2?period=2022", Asked::Balance("T2")),
    ("/teachers/T9?period=2022", Asked::Balance("T9")),
    ("/teachers/T1/balance.xlsx?period=2022", Asked::Balance("T1")),
    ("/teachers/T1/changes?period=2022&before=3", Asked::Difference),
    ("/me?period=2022", Asked::Balance("")),
    ("/me/held", Asked::Held("")),
    ("/teachers/T1/held", Asked::Held("T1")),
    ("/teachers/T9/held", Asked::Held("T9")),
    ("/entries", Asked::Entries("")),
    ("/entries?about=T1", Asked::Entries("T1")),
    ("/entries/2", Asked::Entry(2)),
    ("/entries/999999", Asked::Entry(999_999)),
    ("/contests?period=2022", Asked::Contests),
    ("/titles?on=2022-12-31", Asked::Ready("")),
    ("/organisations?on=2022-12-31", Asked::Organisations),
    ("/rotations?on=2022-12-31", Asked::Rotations),
    ("/topics?on=2022-12-31", Asked::Topics),
    ("/works?year=2022", Asked::Works("")),
    ("/works?about=T1", Asked::Works("T1")),
    ("/works?about=T9", Asked::Works("T9")),
    ("/year?year=2022", Asked::Year),
    ("/year/entries?year=2022&figure=trained", Asked::Figure),
    ("/national", Asked::National),
    ("/questions?on=2022-12-31", Asked::Questions("")),
    ("/questions?school_id=S1", Asked::Questions("S1")),
    ("/inspections?on=2022-12-31", Asked::Inspections("")),
    ("/inspections?school_id=S1", Asked::Inspections("S1")),
    ("/merges", Asked::Merges),
    ("/overlaps", Asked::Overlaps),
    ("/titles?on=2022-12-31&school_id=S9", Asked::Ready("S9")),
    ("/policies", Asked::Policies("")),
    ("/policies/teacher-90/1", Asked::Policies("teacher-90")),
    ("/policies/no-such/1", Asked::Policies("no-such")),
    ("/schools", Asked::Schools),
    ("/sessions", Asked::Sessions("")),
    ("/sessions?period=2022&own=1", Asked::Sessions("")),
    ("/sessions/X1", Asked::Roll("X1")),
    ("/sessions/X9", Asked::Roll("X9")),
    ("/submissions", Asked::Submissions),
    ("/reads?since=", Asked::Reads),
    ("/audit", Asked::Growth),
    ("/audit/bundle?year=2022", Asked::Bundle("")),
    ("/audit/bundle?year=2022&teacher_id=T1", Asked::Bundle("T1")),
    ("/audit/bundle?year=2022&teacher_id=T9", Asked::Bundle("T9")),
    ("/reviews", Asked::Claims("")),
    ("/reviews?stage=all&kind=no_such", Asked::Claims("no_such")),
    ("/claims/C-T1", Asked::Claim("C-T1")),
    ("/claims/C-none", Asked::Claim("C-none")),
    ("/certificates?year=2022", Asked::Certificates("")),
    ("/certificates?teacher=T1", Asked::Certificates("T1")),
];

#[derive(Clone, Copy)]
enum Asked {
    Held(&'static str),
    Shortfalls(&'static str),
    Balances(&'static str),
    Find,
    Balance(&'static str),
    Difference,
    Entries(&'static str),
    Entry(u64),
    Policies(&'static str),
    Contests,
    /// Who fulfils a step, of this school or of all.
    Ready(&'static str),
    Organisations,
    Rotations,
    Topics,
    /// Of this teacher or of all.
    Works(&'static str),
    National,
    Year,
    Figure,
    /// What this school asks, or all.
    Questions(&'static str),
    /// At this school, or all.
    Inspections(&'static str),
    Merges,
    Overlaps,
    Schools,
    Sessions(&'static str),
    /// One session, with the people of the caller's school.
    Roll(&'static str),
    Submissions,
    Reads,
    Growth,
    /// Of this teacher or of all.
    Bundle(&'static str),
    Claims(&'static str),
    Claim(&'static str),
    Certificates(&'static str),
}

impl Asked {
    /// What the services answer this role.
    async fn ask(self, pages: &Pages, role: &DevRole) -> Result<(), Status> {
        let mut ledger = LedgerServiceClient::new(pages.office.channel.clone());
        let mut audit = AuditServiceClient::new(pages.office.channel.clone());
        let mut years = YearServiceClient::new(pages.office.channel.clone());
        let period = || "2022".to_owned();
        let mut claims = ClaimServiceClient::new(pages.office.channel.clone());
        match self {
            Self::Held(id) => {
                let request = api::GetHeldRequest {
                    teacher_id: id.to_owned(),
                    ..Default::default()
                };
                audit.get_held(call(role, request)).await.map(drop)
            }
            Self::Year => {
                let request = api::GetYearReportRequest {
                    year: 2022,
                    ..Default::default()
                };
                years.get_year_report(call(role, request)).await.map(drop)
            }
            Self::Figure => {
                let request = api::ListFigureEntriesRequest {
                    year: 2022,
                    figure_id: "trained".to_owned(),
                    ..Default::default()
                };
                years.list_figure_entries(call(role, request)).await.map(drop)
            }
            Self::Claims(kind) => {
                let request = api::ListClaimsRequest {
                    kind: kind.to_owned(),
                    ..Default::default()
                };
                claims.list_claims(call(role, request)).await.map(drop)
            }
            Self::Claim(id) => {
                let request = api::GetClaimRequest {
                    claim_id: id.to_owned(),
                    ..Default::default()
                };
                claims.get_claim(call(role, request)).await.map(drop)
            }
            Self::Shortfalls(school) => {
                let school_id = school.to_owned();
                let request = api::ListShortfallsRequest {
                    period: period(),
                    school_id,
                    ..Default::default()
                };
                ledger.list_shortfalls(call(role, request)).await.map(drop)
            }
            Self::Balances(school) => {
                let school_id = school.to_owned();
                let request = api::ListBalancesRequest {
                    period: period(),
                    school_id,
                    ..Default::default()
                };
                ledger.list_balances(call(role, request)).await.map(drop)
            }
            Self::Find => {
                let request = api::FindPeopleRequest {
                    name: "x".to_owned(),
                    ..Default::default()
                };
                ledger.find_people(call(role, request)).await.map(drop)
            }
            Self::Balance(id) => {
                let request = api::GetBalanceRequest {
                    teacher_id: id.to_owned(),
                    period: period(),
                    ..Default::default()
                };
                ledger.get_balance(call(role, request)).await.map(drop)
            }
            Self::Difference => {
                let (teacher_id, before) = ("T1".to_owned(), Some(at(3)));
                let request = api::DiffBalanceRequest {
                    teacher_id,
                    period: period(),
                    before,
                    ..Default::default()
                };
                ledger.diff_balance(call(role, request)).await.map(drop)
            }
            Self::Certificates(about) => {
                let mut register = CertificateRegisterServiceClient::new(pages.office.channel.clone());
                let request = api::ListCertificatesRequest {
                    teacher_id: about.to_owned(),
                    ..Default::default()
                };
                register.list_certificates(call(role, request)).await.map(drop)
            }
            Self::Entries(about) => {
                let request = api::ListEntriesRequest {
                    about_teacher_id: about.to_owned(),
                    ..Default::default()
                };
                ledger.list_entries(call(role, request)).await.map(drop)
            }
            Self::Entry(index) => {
                let request = api::GetEntryRequest {
                    index,
                    ..Default::default()
                };
                ledger.get_entry(call(role, request)).await.map(drop)
            }
            Self::Policies(id) => {
                let request = api::ListPoliciesRequest {
                    policy_id: id.to_owned(),
                    ..Default::default()
                };
                ledger.list_policies(call(role, request)).await.map(drop)
            }
            Self::Contests => {
                let request = api::ListContestsRequest {
                    period: period(),
                    ..Default::default()
                };
                ledger.list_contests(call(role, request)).await.map(drop)
            }
            Self::Rotations => ledger
                .list_rotations(call(role, api::ListRotationsRequest::default()))
                .await
                .map(drop),
            Self::Topics => ledger
                .list_topics(call(role, api::ListTopicsRequest::default()))
                .await
                .map(drop),
            Self::Works(about) => {
                let request = api::ListWorksRequest {
                    teacher_id: about.to_owned(),
                    ..Default::default()
                };
                ledger.list_works(call(role, request)).await.map(drop)
            }
            Self::National => {
                let request = api::ListNationalRecordsRequest {
                    year: 2022,
                    purpose: "报送".to_owned(),
                    ..Default::default()
                };
                ledger.list_national_records(call(role, request)).await.map(drop)
            }
            Self::Questions(school) => {
                let request = api::ListQuestionsRequest {
                    school_id: school.to_owned(),
                    ..Default::default()
                };
                ledger.list_questions(call(role, request)).await.map(drop)
            }
            Self::Inspections(school) => {
                let request = api::ListInspectionsRequest {
                    school_id: school.to_owned(),
                    ..Default::default()
                };
                ledger.list_inspections(call(role, request)).await.map(drop)
            }
            Self::Organisations => ledger
                .list_organisations(call(role, api::ListOrganisationsRequest::default()))
                .await
                .map(drop),
            Self::Merges => ledger
                .list_merges(call(role, api::ListMergesRequest::default()))
                .await
                .map(drop),
            Self::Overlaps => ledger
                .list_overlaps(call(role, api::ListOverlapsRequest::default()))
                .await
                .map(drop),
            Self::Ready(school) => {
                let request = api::ListReadyRequest {
                    school_id: school.to_owned(),
                    ..Default::default()
                };
                ledger.list_ready(call(role, request)).await.map(drop)
            }
            Self::Schools => ledger
                .list_schools(call(role, api::ListSchoolsRequest::default()))
                .await
                .map(drop),
            Self::Sessions(id) | Self::Roll(id) => {
                let session_id = id.to_owned();
                let request = api::ListHeldSessionsRequest {
                    session_id,
                    ..Default::default()
                };
                ledger.list_sessions(call(role, request)).await?;
                let Some(school) = role.0.school().filter(|_| !id.is_empty()) else {
                    return Ok(());
                };
                let request = api::ListAttendanceRequest {
                    session_id: id.to_owned(),
                    school_id: school.to_owned(),
                    ..Default::default()
                };
                ledger.list_attendance(call(role, request)).await.map(drop)
            }
            Self::Submissions => ledger
                .list_submissions(call(role, api::ListSubmissionsRequest::default()))
                .await
                .map(drop),
            Self::Reads => audit
                .list_reads(call(role, api::ListReadsRequest::default()))
                .await
                .map(drop),
            Self::Bundle(teacher_id) => {
                let request = api::ExportBundleRequest {
                    year: "2022".to_owned(),
                    teacher_id: teacher_id.to_owned(),
                    ..api::ExportBundleRequest::default()
                };
                let mut pieces = audit.export_bundle(call(role, request)).await?.into_inner();
                // To its end: another is refused while it is made.
                while pieces.message().await?.is_some() {}
                Ok(())
            }
            Self::Growth => audit
                .list_growth(call(role, api::ListGrowthRequest::default()))
                .await
                .map(drop),
        }
    }
}

fn expected(answer: &Result<(), Status>) -> StatusCode {
    match answer.as_ref().map_err(Status::code) {
        Ok(()) => StatusCode::OK,
        Err(Code::PermissionDenied) => StatusCode::FORBIDDEN,
        Err(Code::InvalidArgument) => StatusCode::BAD_REQUEST,
        Err(Code::NotFound) => StatusCode::NOT_FOUND,
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_page_is_there_for_exactly_whom_the_services_answer_and_is_well_made_for_everybody() {
    let pages = Pages::furnished().await;
    claim(&pages, "C-T1", "T1").await.expect("claimed");
    let (mut shown, mut refused) = (0, 0);
    for role in roles() {
        for (address, asked) in PAGES {
            // The pages of a clerk are of her own school, whatever the address says.
            let said = asked.ask(&pages, &role).await;
            let told = pages.get(&role, address).await;
            let name = role.0.name();
            let of_own = role.0.school().is_some() && address.contains("school_id=S9");
            if !of_own {
                assert_eq!(told.status, expected(&said), "{name} {address}: {said:?}");
            }
            if told.status == StatusCode::OK {
                shown += 1;
            } else {
                refused += 1;
                let text = told.text();
                let says = said.err().map(|status| status.message().to_owned()).unwrap_or_default();
                assert!(of_own || !says.is_empty(), "{name} {address}");
                assert!(text.contains("role=\"alert\""), "{name} {address}: {text}");
            }
            if told.kind.starts_with("text/html") {
                html::check(address, &told.text());
            } else {
                let is_file = told.bytes.starts_with(b"PK") || told.bytes.starts_with(b"keshi-bundle@v1\n");
                assert!(is_file, "{name} {address}: {}", told.kind);
            }
        }
    }
    assert!(shown > 100 && refused > 60, "{shown} shown, {refused} refused");
}

#[tokio::test]
async fn everybodys_first_page_is_there_and_leads_nowhere_that_she_may_not_go() {
    let pages = Pages::furnished().await;
    for role in roles() {
        let name = role.0.name();
        let home = pages.get(&role, "/?year=2022").await;
        assert_eq!(home.status, StatusCode::OK, "{name}");
        let text = home.text();
        html::check("/", &text);
        let links = html::tags(&text).filter_map(|tag| tag.strip_prefix("a href=\"")?.split('"').next());
        let links: Vec<String> = links
            .filter(|to| to.starts_with('/'))
            .map(|to| to.replace("&amp;", "&"))
            .collect();
        // Whoever checks certificates has nothing to see here, and is told so.
        let has_nothing = name == RoleName::RegistryReader && text.contains("there is nothing to see here");
        assert!(links.len() > 1 || has_nothing, "{name}: {links:?}");
        // How the process does, only a process tells: that page is tried where the program runs (accounts/operations).
        for link in links.iter().filter(|link| *link != "/operations") {
            let told = pages.get(&role, link).await;
            assert_eq!(told.status, StatusCode::OK, "{name} {link}");
            html::check(link, &told.text());
        }
    }
}

#[tokio::test]
async fn a_replay_is_shown_with_its_result_to_who_audits_and_refused_to_others() {
    let pages = Pages::furnished().await;
    for role in roles() {
        let name = role.0.name();
        let told = pages.ask(&role, "POST", "/audit").await;
        let audits = matches!(name, RoleName::Auditor | RoleName::Admin | RoleName::Dev);
        assert_eq!(told.status == StatusCode::OK, audits, "{name}: {}", told.status);
        html::check("/audit", &told.text());
        assert_eq!(told.text().contains("it agrees"), audits, "{name}: {}", told.text());
    }
}
