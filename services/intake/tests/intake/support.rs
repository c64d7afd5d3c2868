//! An office as it runs: tokens, register, read log, ledger, embedded bus and both gRPC sides on a free port.
#![allow(
    dead_code,
    unused_imports,
    reason = "shared by the tests of both sides, each of which uses a part"
)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use keshi_bus::{Bus, Embedded};
use keshi_core::ids::OfficeCode;
use keshi_door::Guard;
use keshi_door::account::{Counter, add_service};
use keshi_engine::{Engine, OpenOptions};
use keshi_office::access::{Access, Request as TokenRequest, Role, RoleName, Scope};
use keshi_office::accounts::Accounts;
use keshi_office::evidence::Evidence;
use keshi_office::people::{KeyPlaces, Register};
use keshi_office::reads::ReadLog;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::api::submission_service_client::SubmissionServiceClient;
use keshi_proto::event::fact::Fact;
use keshi_proto::{api, event as pb};
use keshi_query::LedgerEnd;
pub use keshi_tests::caller::{
    assignment, attendance, day, event, furniture, new_id, person, project, project_of_level, refusal, school, session,
};
use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};
use tonic::{Code, Request, Status};
use uuid::Uuid;

pub const OFFICE: &str = "610729";

/// The time in all tests: 1 December 2022, afternoon in China.
pub const NOW: &str = "2022-12-01T08:00:00Z";

/// A running office. Dropping it stops the server and removes its files.
pub struct Office {
    pub access: Arc<Access>,
    pub engine: Engine,
    pub query: Arc<keshi_query::Context>,
    pub reads: Arc<ReadLog>,
    pub channel: Channel,
    pub address: SocketAddr,
    clock: Arc<Mutex<Timestamp>>,
    shutdown: CancellationToken,
    server: JoinHandle<()>,
    dir: TempDir,
}

impl Office {
    /// An empty office.
    pub async fn start() -> Self {
        Self::start_with(|guard| guard).await
    }

    /// An empty office whose door is changed by `door`.
    pub async fn start_with(door: impl FnOnce(Guard) -> Guard) -> Self {
        Self::start_at(NOW, door).await
    }

    /// The same, at another time.
    pub async fn start_at(now: &str, door: impl FnOnce(Guard) -> Guard) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let office = OfficeCode::new(OFFICE).unwrap();
        let options = OpenOptions {
            office,
            new_ledger_id: Uuid::from_u128(7),
        };
        let engine = Engine::open(dir.path().join("ledger"), &options, |_| {}).unwrap();
        let access_path = dir.path().join("access.redb");
        let accounts = Arc::new(Accounts::open_or_create(&access_path).unwrap());
        let access = Arc::new(Access::open_or_create(&access_path).unwrap().with_accounts(accounts));
        let reads = Arc::new(ReadLog::open(dir.path().join("reads")).unwrap());
        let clock = Arc::new(Mutex::new(now.parse().unwrap()));
        let told = Arc::clone(&clock);
        let guard = door(Guard::new(Arc::clone(&access), office, Arc::new(move || *told.lock())));
        let shutdown = CancellationToken::new();
        let people = Arc::new(Register::open_or_create(dir.path().join("people.redb"), &key_places()).unwrap());
        let parts = keshi_query::Parts {
            evidence: Arc::new(Evidence::new(dir.path().join("evidence"), Arc::clone(&people))),
            people,
            reads: Arc::clone(&reads),
            guard: guard.clone(),
            shutdown: shutdown.clone(),
        };
        let query = keshi_query::Context::new(engine.clone(), parts);
        let bus = Bus::Embedded(Embedded::new(Arc::new(LedgerEnd::new(&query))));
        let mut routes = RoutesBuilder::default();
        add_service(&Counter::new(guard.clone(), Arc::clone(&access)), &mut routes);
        let intake = keshi_intake::Context::new(bus, guard);
        keshi_intake::add_services(&intake, &mut routes);
        keshi_query::add_services(&query, &mut routes);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = shutdown.clone();
        let server = tokio::spawn(async move {
            // Without it an answer of more than one packet waits 40 ms for the delayed acknowledgement.
            let connections = TcpIncoming::from(listener).with_nodelay(Some(true));
            Server::builder()
                .add_routes(routes.routes())
                .serve_with_incoming_shutdown(connections, async move { stop.cancelled().await })
                .await
                .unwrap();
        });
        let channel = Channel::from_shared(format!("http://{address}"))
            .unwrap()
            .connect()
            .await
            .unwrap();
        Self {
            access,
            engine,
            query,
            reads,
            channel,
            address,
            clock,
            shutdown,
            server,
            dir,
        }
    }

    /// Moves the clock of both sides.
    pub fn set_clock(&self, now: &str) {
        *self.clock.lock() = now.parse().unwrap();
    }

    /// Revokes a token as another process does: this office's own learns of it by looking.
    pub fn revoke_elsewhere(&self, id: &str) {
        let elsewhere = Access::open(self.dir.path().join("access.redb")).unwrap();
        elsewhere.revoke(id, NOW.parse().unwrap()).unwrap();
    }

    /// A token whose id is known.
    pub fn named_token(&self, id: &str, role: RoleName, scope: Scope) -> String {
        let request = TokenRequest {
            id: Some(id.to_owned()),
            office: OFFICE.to_owned(),
            role: Role::new(role, scope).unwrap(),
            expires_on: None,
        };
        self.create(&request)
    }

    /// Where readings are noted.
    pub fn reads_dir(&self) -> PathBuf {
        self.dir.path().join("reads")
    }

    /// Tells the server and its endless streams to stop.
    pub fn stop(&self) {
        self.shutdown.cancel();
    }

    /// A new token of this role and scope.
    pub fn token(&self, role: RoleName, scope: Scope) -> String {
        self.create(&TokenRequest {
            id: None,
            office: OFFICE.to_owned(),
            role: Role::new(role, scope).unwrap(),
            expires_on: None,
        })
    }

    pub fn create(&self, request: &TokenRequest) -> String {
        let new = self.access.create(request, NOW.parse().unwrap()).unwrap();
        new.secret.reveal().to_owned()
    }

    pub fn admin(&self) -> String {
        self.token(RoleName::Admin, Scope::default())
    }

    pub fn clerk(&self, school: &str) -> String {
        self.token(RoleName::Clerk, of_school(school))
    }

    pub fn submissions(&self) -> SubmissionServiceClient<Channel> {
        SubmissionServiceClient::new(self.channel.clone())
    }

    /// Submits events one by one.
    pub async fn submit(&self, token: &str, events: Vec<api::Event>) -> Result<api::SubmitResponse, Status> {
        let request = each(events);
        let answer = self.submissions().submit(with(token, request)).await?;
        Ok(answer.into_inner())
    }

    /// Sends these on one stream; the responses to all, of which none may be a rejection.
    pub async fn stream(&self, token: &str, requests: Vec<api::SubmitRequest>) -> Vec<api::SubmitResponse> {
        let sent = with(token, tokio_stream::iter(requests));
        let mut answers = self.submissions().stream_submissions(sent).await.unwrap().into_inner();
        let mut responses = Vec::new();
        while let Some(answer) = answers.message().await.unwrap() {
            let Some(api::submit_progress::Outcome::Response(response)) = answer.outcome else {
                panic!("{answer:?}")
            };
            responses.push(response);
        }
        responses
    }

    /// Submits events that must all be recorded.
    pub async fn record(&self, token: &str, events: Vec<api::Event>) -> api::Receipt {
        let receipt = self.submit(token, events).await.unwrap().receipt.unwrap();
        for verdict in &receipt.verdicts {
            assert_eq!(verdict.verdict(), api::Verdict::Recorded, "{verdict:?}");
        }
        receipt
    }

    /// Two schools with one teacher each (`T1` at `S1`, `T2` at `S2`), a project, and a session of six hours.
    pub async fn furnished() -> (Self, String) {
        let office = Self::start().await;
        let admin = office.admin();
        office.record(&admin, furniture()).await;
        (office, admin)
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.shutdown.cancel();
        self.server.abort();
    }
}

pub fn of_school(school: &str) -> Scope {
    Scope {
        school: Some(school.to_owned()),
        ..Scope::default()
    }
}

pub fn of_teacher(teacher_id: &str) -> Scope {
    Scope {
        teacher_id: Some(teacher_id.to_owned()),
        ..Scope::default()
    }
}

/// A request with a token, in English.
pub fn with<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let metadata = request.metadata_mut();
    metadata.insert("authorization", format!("Bearer {token}").parse().unwrap());
    metadata.insert("accept-language", "en".parse().unwrap());
    request
}

/// Adopts a policy, which must be recorded.
pub async fn adopt(office: &Office, token: &str, document: &str) {
    let request = api::AdoptPolicyRequest {
        document: document.to_owned(),
        ..api::AdoptPolicyRequest::default()
    };
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    let answer = registry.adopt_policy(with(token, request)).await.unwrap();
    let receipt = answer.into_inner().receipt.unwrap();
    for verdict in &receipt.verdicts {
        assert_eq!(verdict.verdict(), api::Verdict::Recorded, "{verdict:?}");
    }
}

/// A calendar of one semester.
pub const CALENDAR: &str = r#"
id = "liuba-2022"
[[semester]]
id = "2022-2023-1"
from = 2022-09-01
to = 2023-01-13
teaching_weeks = 20
"#;

/// Adopts [`CALENDAR`], which must be recorded.
pub async fn adopt_calendar(office: &Office, token: &str) {
    let request = api::AdoptCalendarRequest {
        document: CALENDAR.to_owned(),
        ..api::AdoptCalendarRequest::default()
    };
    let mut registry = RegistryServiceClient::new(office.channel.clone());
    let answer = registry.adopt_calendar(with(token, request)).await.unwrap();
    let receipt = answer.into_inner().receipt.unwrap();
    for verdict in &receipt.verdicts {
        assert_eq!(verdict.verdict(), api::Verdict::Recorded, "{verdict:?}");
    }
}

/// A question of ordered research about 语文, asked by a school.
pub fn question(id: &str, school: &str) -> api::Event {
    api::Event {
        org: school.to_owned(),
        occurred_from: day(2022, 9, 5),
        ..event(Fact::QuestionSent(pb::QuestionSent {
            question_id: id.to_owned(),
            school_id: school.to_owned(),
            subject: "语文".to_owned(),
            semester: "2022-2023-1".to_owned(),
            text: format!("整本书阅读怎样推进 {id}"),
            asked_by: String::new(),
        }))
    }
}

/// Questions that go into another.
pub fn joined(into: &str, ids: &[&str]) -> api::Event {
    api::Event {
        occurred_from: day(2022, 9, 20),
        ..event(Fact::QuestionsJoined(pb::QuestionsJoined {
            into_id: into.to_owned(),
            question_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        }))
    }
}

/// A question that a session is to answer.
pub fn planned(id: &str, session: &str) -> api::Event {
    api::Event {
        occurred_from: day(2022, 9, 26),
        ..event(Fact::QuestionPlanned(pb::QuestionPlanned {
            question_id: id.to_owned(),
            session_id: session.to_owned(),
        }))
    }
}

/// A school's rating of an answer.
pub fn rated(id: &str, school: &str, rating: i32) -> api::Event {
    api::Event {
        org: school.to_owned(),
        occurred_from: day(2022, 11, 30),
        ..event(Fact::AnswerRated(pb::AnswerRated {
            question_id: id.to_owned(),
            school_id: school.to_owned(),
            rating,
            remark: String::new(),
        }))
    }
}

/// An inspection of a school.
pub fn inspection(id: &str, school: &str, inspectors: &[&str]) -> api::Event {
    api::Event {
        occurred_from: day(2022, 10, 11),
        ..event(Fact::InspectionHeld(pb::InspectionHeld {
            inspection_id: id.to_owned(),
            school_id: school.to_owned(),
            purpose: "教学常规".to_owned(),
            inspector_ids: inspectors.iter().map(|id| (*id).to_owned()).collect(),
        }))
    }
}

/// Something that it found, to change by the end of November.
pub fn finding(id: &str, inspection: &str) -> api::Event {
    api::Event {
        occurred_from: day(2022, 10, 11),
        ..event(Fact::FindingMade(pb::FindingMade {
            finding_id: id.to_owned(),
            inspection_id: inspection.to_owned(),
            aspect: pb::InspectionAspect::Homework.into(),
            text: format!("书面作业偏多 {id}"),
            change_requested: true,
            due: day(2022, 11, 30),
        }))
    }
}

/// Somebody who found it changed in part.
pub fn looked(finding: &str, by: &str) -> api::Event {
    api::Event {
        occurred_from: day(2022, 11, 20),
        ..event(Fact::FindingChecked(pb::FindingChecked {
            finding_id: finding.to_owned(),
            outcome: pb::FindingOutcome::Partly.into(),
            checked_by: by.to_owned(),
            remark: String::new(),
        }))
    }
}

/// A submission of single events.
pub fn each(events: Vec<api::Event>) -> api::SubmitRequest {
    api::SubmitRequest {
        submission_id: String::new(),
        taking: api::Taking::Each.into(),
        events,
    }
}

/// Checks code and reason, and that the text says something; returns the fields that are wrong.
#[track_caller]
pub fn refused(status: &Status, code: Code, reason: &str) -> Vec<String> {
    let found = refusal(status);
    assert_eq!((found.code, found.reason.as_str()), (code, reason), "{status:?}");
    found.fields
}

/// The same key for every office of a test.
pub fn key_places() -> KeyPlaces {
    KeyPlaces {
        given: Some("5e".repeat(32).into()),
        ..KeyPlaces::default()
    }
}
