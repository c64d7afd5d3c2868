//! An office at its fullest: a queue of 50,000 claims, who of 7,000 teachers is ready for a title, 1,000 certificates on
//! paper. There is no rival to put beside them; the two questions are asked once with nobody else there, and once while
//! somebody else calls, to whom they leave most of the time.

use std::time::Instant;

use jiff::civil::date;
use keshi_core::codes::{LessonType, Level, TitleClass};
use keshi_core::event::{CertificateIssued, ClaimSubmitted, Event, LessonGiven, TitleConferred};
use keshi_core::ids::{ClaimId, TeacherId};
use keshi_core::text::Text;
use keshi_proto::api;
use keshi_proto::api::claim_service_client::ClaimServiceClient;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::api::submission_service_client::SubmissionServiceClient;
use keshi_tests::process::{Keshi, run as keshi};
use keshi_tests::{client, county};
use tonic::transport::Channel;

const CLAIMS: u64 = 50_000;
const CERTIFICATES: u64 = 1_000;

/// Pages of claims that are timed, of 50 each, from the whole length of the queue.
const PAGES: usize = 1_000;

/// How often everybody is looked at for a title.
const LOOKS: usize = 20;

const LADDER: &str = "ledger/core/policies/shaanxi-ladder-2021.toml";

pub async fn run() {
    let data = tempfile::tempdir_in("target").expect("a directory");
    let server = Keshi::up(data.path(), &["--dev", "--office", "610729"]).expect("it listens");
    let url = server.url();
    let adopted = keshi(&["policy", "adopt", LADDER, "--server", &url]);
    assert_eq!(adopted.code, Some(0), "{}", adopted.err);
    let mut poster = client::connect(&url).await.expect("connected");
    client::post_register(&mut poster).await;
    people(&url).await;
    let titles: Vec<Event> = (0..county::TEACHERS / 5).map(|number| title(number * 5)).collect();
    client::post_all(&mut poster, 1 << 51, &titles).await;
    let claims: Vec<Event> = (0..CLAIMS).flat_map(claim).collect();
    client::post_all(&mut poster, 1 << 52, &claims).await;
    let bases: Vec<Event> = (0..CERTIFICATES).map(county::attendance).collect();
    client::post_all(&mut poster, 1 << 53, &bases).await;
    let certificates: Vec<Event> = (0..CERTIFICATES).map(certificate).collect();
    client::post_all(&mut poster, 1 << 54, &certificates).await;

    queue(&url, &mut poster).await;
    ready(&url, &mut poster).await;
    papers(&url);
}

fn teacher(number: u64) -> TeacherId {
    TeacherId::new(&format!("T{:06}", number % county::TEACHERS)).expect("a valid id")
}

/// Names and birth dates of all, since a ladder asks for her age.
async fn people(url: &str) {
    let mut register = RegistryServiceClient::connect(url.to_owned()).await.expect("connected");
    for batch in 0..county::TEACHERS / 500 {
        let one = |number: u64| api::Identity {
            teacher_id: teacher(number).to_string(),
            name: format!("教师{number:04}"),
            birth_date: Some(keshi_proto::date_to_wire(date(1975, 3, 1))),
            ..api::Identity::default()
        };
        let identities = (batch * 500..(batch + 1) * 500).map(one).collect();
        let request = api::PutIdentitiesRequest { identities };
        register.put_identities(request).await.expect("kept");
    }
}

fn title(number: u64) -> Event {
    let fact = TitleConferred {
        teacher_id: teacher(number),
        class: TitleClass::ExpertTeacher,
        level: if number.is_multiple_of(50) {
            Level::City
        } else {
            Level::County
        },
        doc_no: None,
        valid_to: None,
    };
    county::event(1 << 41 | number, date(2022, 5, 30), fact)
}

/// A lesson that is claimed, and its claim.
fn claim(number: u64) -> [Event; 2] {
    let day = date(2022, 12, 1);
    let claim_id = ClaimId::new(&format!("C-{number:06}")).expect("a valid id");
    let teacher_id = teacher(number);
    let lesson = LessonGiven {
        teacher_id,
        lesson_type: LessonType::Open,
        level: Level::School,
        school_id: None,
        subject: None,
        periods: 1,
        listeners: 0,
        session_id: None,
    };
    let lesson = Event {
        claim_id: Some(claim_id),
        ..county::event(1 << 42 | number, day, lesson)
    };
    let submitted = ClaimSubmitted {
        claim_id,
        teacher_id,
        submitted_by: teacher_id,
        what: vec![lesson.event_id],
        asked_hours: None,
        statement: None,
    };
    [lesson, county::event(1 << 43 | number, day, submitted)]
}

fn certificate(number: u64) -> Event {
    let fact = CertificateIssued {
        teacher_id: teacher(number),
        basis_event: county::attendance(number).event_id,
        attests: Text::new("参加县级培训，考核合格").expect("a text"),
        old_number: None,
    };
    county::event(1 << 44 | number, date(2022, 12, 30), fact)
}

async fn empty(poster: &mut SubmissionServiceClient<Channel>) {
    let request = api::GetSubmissionRequest::default();
    // Nothing is asked for, which is refused at once.
    let _refused = poster.get_submission(request).await;
}

/// One question, asked `times` times with nobody else there, and `times` times with another's call before each.
async fn both_ways(
    what: &str,
    poster: &mut SubmissionServiceClient<Channel>,
    times: usize,
    mut ask: impl AsyncFnMut(),
) {
    for is_alone in [true, false] {
        let mut took = Vec::new();
        for _ in 0..times {
            if !is_alone {
                empty(poster).await;
            }
            let started = Instant::now();
            ask().await;
            took.push(started.elapsed());
        }
        took.sort();
        let at = |part: usize| took[took.len() * part / 100].as_secs_f64() * 1e3;
        let who = if is_alone { "alone" } else { "beside another" };
        println!(
            "{:<48} p50 {:>8.2} ms   p99 {:>8.2} ms",
            format!("{what}, {who}"),
            at(50),
            at(99)
        );
    }
}

/// Pages of the queue, one after the other from its beginning on.
async fn queue(url: &str, poster: &mut SubmissionServiceClient<Channel>) {
    let mut claims = ClaimServiceClient::connect(url.to_owned()).await.expect("connected");
    let mut page_token = String::new();
    both_ways("a page of 50,000 claims", poster, PAGES, async || {
        let request = api::ListClaimsRequest {
            stages: vec![api::ClaimStage::Submitted.into()],
            page_size: 50,
            page_token: std::mem::take(&mut page_token),
            purpose: "bench".to_owned(),
            ..api::ListClaimsRequest::default()
        };
        let answer = claims.list_claims(request).await.expect("an answer").into_inner();
        assert_eq!((answer.total, answer.claims.len()), (50_000, 50));
        page_token = answer.next_page_token;
    })
    .await;
}

/// Who of everybody fulfils a step.
async fn ready(url: &str, poster: &mut SubmissionServiceClient<Channel>) {
    let mut ledger = LedgerServiceClient::connect(url.to_owned()).await.expect("connected");
    let what = format!("who of {} is ready for a title", county::TEACHERS);
    both_ways(&what, poster, LOOKS, async || {
        let answer = ledger.list_ready(api::ListReadyRequest::default()).await;
        assert!(answer.expect("an answer").into_inner().total > 0);
    })
    .await;
}

/// All certificates in one PDF, by the command.
fn papers(url: &str) {
    let dir = tempfile::tempdir_in("target").expect("a directory");
    let file = dir.path().join("certificates.pdf");
    let path = file.to_str().expect("a plain path");
    let started = Instant::now();
    let ran = keshi(&[
        "cert",
        "pdf",
        "--year",
        "2022",
        "--output",
        path,
        "--purpose",
        "bench",
        "--server",
        url,
    ]);
    let took = started.elapsed();
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let bytes = std::fs::metadata(&file).expect("written").len();
    println!(
        "{:<34} {:>14} {:>12.1} s   {bytes} bytes",
        format!("{CERTIFICATES} certificates as PDF"),
        "",
        took.as_secs_f64()
    );
}
