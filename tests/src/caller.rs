//! A program that calls the services over the wire, with its token, and the events that it posts.

use std::sync::atomic::{AtomicU64, Ordering};

use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::submission_service_client::SubmissionServiceClient;
use keshi_proto::event::fact::Fact;
use keshi_proto::{api, event as pb};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;

/// A connection, with what every call carries.
#[derive(Clone)]
pub struct Caller {
    /// The connection itself.
    pub channel: Channel,
    token: Option<String>,
}

/// An answer that is an error, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its code.
    pub code: Code,
    /// `ErrorInfo.reason`.
    pub reason: String,
    /// The fields that are wrong.
    pub fields: Vec<String>,
}

// === impl Caller ===

impl Caller {
    /// Connects, without a token.
    ///
    /// # Panics
    ///
    /// If nobody listens.
    pub async fn connect(url: &str) -> Self {
        let endpoint = Endpoint::from_shared(url.to_owned()).expect("an address");
        Self {
            channel: endpoint.connect().await.expect("connected"),
            token: None,
        }
    }

    /// The same connection with a token.
    #[must_use]
    pub fn with(&self, token: &str) -> Self {
        Self {
            channel: self.channel.clone(),
            token: Some(token.to_owned()),
        }
    }

    /// The token, empty without one.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// A request with the token, in English.
    ///
    /// # Panics
    ///
    /// If the token cannot stand in a header.
    pub fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        if let Some(token) = &self.token {
            metadata.insert("authorization", format!("Bearer {token}").parse().expect("plain"));
        }
        metadata.insert("accept-language", "en".parse().expect("plain"));
        request
    }

    /// The service for any submission.
    pub fn submissions(&self) -> SubmissionServiceClient<Channel> {
        SubmissionServiceClient::new(self.channel.clone()).max_decoding_message_size(64 << 20)
    }

    /// The service that reads.
    pub fn ledger(&self) -> LedgerServiceClient<Channel> {
        LedgerServiceClient::new(self.channel.clone())
    }

    /// Posts events one by one, in one submission; their verdicts.
    ///
    /// # Errors
    ///
    /// What the server said.
    ///
    /// # Panics
    ///
    /// If it was only accepted.
    pub async fn submit(&self, events: Vec<api::Event>) -> Result<Vec<api::EventVerdict>, Status> {
        let answer = self.submissions().submit(self.request(each(events))).await?;
        Ok(answer.into_inner().receipt.expect("recorded").verdicts)
    }

    /// Posts events that must all be recorded.
    ///
    /// # Panics
    ///
    /// If one is not.
    pub async fn record(&self, events: Vec<api::Event>) {
        for verdict in self.submit(events).await.expect("an answer") {
            assert_eq!(verdict.verdict(), api::Verdict::Recorded, "{verdict:?}");
        }
    }

    /// Size and root.
    ///
    /// # Panics
    ///
    /// If the server does not tell.
    pub async fn head(&self) -> (u64, Vec<u8>) {
        let request = self.request(api::GetHeadRequest::default());
        let head = self.ledger().get_head(request).await.expect("an answer").into_inner();
        (head.size, head.root)
    }

    /// Reads a teacher's balance of 2022.
    ///
    /// # Errors
    ///
    /// What the server said.
    pub async fn balance(&self, teacher_id: &str) -> Result<api::Balance, Status> {
        let request = self.request(api::GetBalanceRequest {
            teacher_id: teacher_id.to_owned(),
            period: "2022".to_owned(),
            explain: true,
            ..api::GetBalanceRequest::default()
        });
        Ok(self.ledger().get_balance(request).await?.into_inner())
    }

    /// Hundredths of training hours in a teacher's balance of 2022.
    ///
    /// # Panics
    ///
    /// If the server does not tell.
    pub async fn centihours(&self, teacher_id: &str) -> i64 {
        let balance = self.balance(teacher_id).await.expect("an answer");
        let meters = balance.policies.into_iter().flat_map(|policy| policy.meters);
        let hours = meters.filter(|meter| meter.meter == "training_hours");
        hours.map(|meter| meter.centiamount).sum()
    }

    /// Records [`furniture`].
    pub async fn furnish(&self) {
        self.record(furniture()).await;
    }
}

/// Takes an error apart.
///
/// # Panics
///
/// If it gives no reason, or no text.
#[track_caller]
pub fn refusal(status: &Status) -> Refusal {
    let info = status.get_details_error_info();
    let info = info.unwrap_or_else(|| panic!("no ErrorInfo in {status:?}"));
    assert_eq!(info.domain, "keshi");
    assert!(status.message().len() > 10, "{status:?}");
    let bad = status.get_details_bad_request();
    let violations = bad.map_or_else(Vec::new, |bad| bad.field_violations);
    Refusal {
        code: status.code(),
        reason: info.reason,
        fields: violations.into_iter().map(|violation| violation.field).collect(),
    }
}

// === events ===

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A new event id, different for each call.
pub fn new_id() -> String {
    Uuid::from_u128(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)) << 64 | 0xe7e7).to_string()
}

/// A submission of single events under a new id.
pub fn each(events: Vec<api::Event>) -> api::SubmitRequest {
    api::SubmitRequest {
        submission_id: new_id(),
        taking: api::Taking::Each.into(),
        events,
    }
}

/// A day.
#[allow(clippy::unnecessary_wraps, reason = "as the fields of messages take it")]
pub fn day(year: i32, month: i32, day: i32) -> Option<pb::Date> {
    Some(pb::Date { year, month, day })
}

/// An event on 1 November 2022.
pub fn event(fact: Fact) -> api::Event {
    api::Event {
        event_id: new_id(),
        occurred_from: day(2022, 11, 1),
        fact: Some(fact.into()),
        ..api::Event::default()
    }
}

/// Two schools with one teacher each (`T1` at `S1`, `T2` at `S2`), a project, and a session of six hours.
pub fn furniture() -> Vec<api::Event> {
    let of = |n: &str| {
        let (school_id, teacher_id) = (format!("S{n}"), format!("T{n}"));
        [
            school(&school_id),
            person(&teacher_id),
            assignment(&teacher_id, &school_id),
        ]
    };
    let people = ["1", "2"].into_iter().flat_map(of);
    people.chain([project("P1"), session("P1", "X1")]).collect()
}

/// A primary school.
pub fn school(id: &str) -> api::Event {
    event(Fact::SchoolRegistered(pb::SchoolRegistered {
        school_id: id.to_owned(),
        name: format!("{id} 小学"),
        stage: 2,
        group: "G1".to_owned(),
        ..pb::SchoolRegistered::default()
    }))
}

/// A teacher.
pub fn person(id: &str) -> api::Event {
    event(Fact::PersonRegistered(pb::PersonRegistered {
        teacher_id: id.to_owned(),
        stage: 2,
        subject: "语文".to_owned(),
        ..pb::PersonRegistered::default()
    }))
}

/// A teacher's post at a school, from 2020 on.
pub fn assignment(teacher: &str, school: &str) -> api::Event {
    api::Event {
        occurred_from: day(2020, 9, 1),
        ..event(Fact::AssignmentStarted(pb::AssignmentStarted {
            teacher_id: teacher.to_owned(),
            school_id: school.to_owned(),
            post: 1,
            share_hundredths: 100,
            ..pb::AssignmentStarted::default()
        }))
    }
}

/// A project of the county.
pub fn project(id: &str) -> api::Event {
    project_of_level(id, 40)
}

/// The same, of this level.
pub fn project_of_level(id: &str, level: i32) -> api::Event {
    event(Fact::ProjectOpened(pb::ProjectOpened {
        project_id: id.to_owned(),
        name: "国培".to_owned(),
        level,
        mode: 2,
        planned_centihours: 600,
        ..pb::ProjectOpened::default()
    }))
}

/// A session of six hours.
pub fn session(project: &str, id: &str) -> api::Event {
    event(Fact::SessionHeld(pb::SessionHeld {
        project_id: project.to_owned(),
        session_id: id.to_owned(),
        r#type: 1,
        centihours: 600,
        ..pb::SessionHeld::default()
    }))
}

/// An attendance.
pub fn attendance(session: &str, teacher: &str, centihours: i64) -> api::Event {
    event(Fact::AttendanceRecorded(pb::AttendanceRecorded {
        session_id: session.to_owned(),
        teacher_id: teacher.to_owned(),
        role: 1,
        present_centihours: centihours,
        ..pb::AttendanceRecorded::default()
    }))
}

/// A visit to a school.
pub fn visit(researcher: &str, school: &str, purpose: &str) -> api::Event {
    event(Fact::SchoolVisit(pb::SchoolVisit {
        researcher_id: researcher.to_owned(),
        school_id: school.to_owned(),
        purpose: purpose.to_owned(),
    }))
}
