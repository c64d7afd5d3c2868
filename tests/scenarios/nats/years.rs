//! A year closed and restated on one stream: the same figures on every node, one closing of two at once, no false one.

use keshi_bus::testing::NatsServer;
use keshi_core::event::{Event, YearClosed};
use keshi_core::figures::Definitions;
use keshi_core::ids::{EventId, Sha256};
use keshi_proto::api;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::api::year_service_client::YearServiceClient;
use keshi_proto::api_convert::event_to_api;
use keshi_tests::{client, county};
use tempfile::tempdir;
use tonic::Code;
use tonic::transport::Channel;

use super::{post, post_attendances, up};

/// The year of the made-up postings.
const YEAR: i32 = 2013;

async fn registry(url: &str) -> RegistryServiceClient<Channel> {
    RegistryServiceClient::connect(url.to_owned()).await.expect("connected")
}

async fn close(url: &str) -> api::EventVerdict {
    let request = api::CloseYearRequest {
        year: YEAR,
        ..Default::default()
    };
    let answer = registry(url).await.close_year(request).await.expect("an answer");
    let receipt = answer.into_inner().receipt.expect("a receipt");
    receipt.verdicts.into_iter().next().expect("a verdict")
}

/// The year's report, as official or as known now, once the ledger has `min_size`.
async fn report(url: &str, official: bool, min_size: u64) -> api::YearReport {
    client::head(url, min_size).await;
    let mut years = YearServiceClient::connect(url.to_owned()).await.expect("connected");
    let request = api::GetYearReportRequest {
        year: YEAR,
        at: official.then_some(api::At {
            at: Some(api::at::At::OfficialYear(YEAR)),
            min_size: 0,
        }),
        with_statement: true,
        ..Default::default()
    };
    years.get_year_report(request).await.expect("an answer").into_inner()
}

fn hours(report: &api::YearReport) -> String {
    let figure = report.figures.iter().find(|figure| figure.id == "training-hours");
    figure.expect("the figure").exact.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_year_has_the_same_figures_on_every_node_and_changes_only_by_restating_it() {
    let nats = NatsServer::start().await;
    let (one, two) = (tempdir().expect("a directory"), tempdir().expect("a directory"));
    let primary = up(one.path(), &nats, &[]).expect("it listens");
    let url = primary.url();
    post(&url, 100).await;
    // Without definitions of its own an office closes nothing.
    let request = api::CloseYearRequest {
        year: YEAR,
        ..Default::default()
    };
    let refused = registry(&url)
        .await
        .close_year(request)
        .await
        .expect_err("no definitions");
    assert_eq!(refused.code(), Code::FailedPrecondition, "{refused:?}");
    let adopt = api::AdoptFiguresRequest {
        document: Definitions::USUAL_TEXT.to_owned(),
        ..Default::default()
    };
    let adopted = registry(&url).await.adopt_figures(adopt).await.expect("an answer");
    assert!(client::all_in_ledger(adopted.get_ref()));

    // Whoever says that the figures are others is refused before anything is on the stream.
    let size = client::head(&url, 1).await.size;
    let today = jiff::civil::date(2026, 1, 5);
    let fact = YearClosed {
        year: 2013,
        log_position: size,
        log_hash: Sha256([1; 32]),
        figures_hash: Sha256([2; 32]),
        policy_versions: Vec::new(),
    };
    let event = event_to_api(&Event::of(EventId::new(county::uuid(1 << 44)), today, today, fact));
    let mut poster = client::connect(&url).await.expect("connected");
    let false_one = api::SubmitRequest {
        events: vec![event],
        ..Default::default()
    };
    let refused = poster.submit(false_one).await.expect_err("a false closing");
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    assert_eq!(client::head(&url, 1).await.size, size);

    // Two at once: one is recorded, the other is told by which.
    let both = tokio::join!(close(&url), close(&url));
    let (first, second) = match both.0.verdict() {
        api::Verdict::Recorded => both,
        _ => (both.1, both.0),
    };
    assert_eq!(first.verdict(), api::Verdict::Recorded, "{first:?}");
    let why = second.reason.expect("a reason");
    assert_eq!((why.code.as_str(), why.index), ("YearIsClosed", first.index));

    let closed = first.index.expect("its entry") + 1;
    let official = report(&url, true, closed).await;
    let standby = up(two.path(), &nats, &["--roles", "ledger", "--standby"]).expect("it listens");
    let elsewhere = report(&standby.url(), true, closed).await;
    assert!(!official.statement.is_empty());
    assert_eq!(official.statement, elsewhere.statement, "byte for byte");
    assert_eq!(official.figures_hash, Sha256::of(&official.statement).0);
    assert_eq!(
        official.figures_hash,
        official.closing.as_ref().expect("closed").figures_hash
    );

    // What comes late changes what is known now, and nothing that is official.
    post_attendances(&url, 100..150).await;
    let size = client::head(&url, closed + 1).await.size;
    let (now, still) = (report(&url, false, size).await, report(&url, true, size).await);
    assert!(now.restatement_due && !still.restatement_due);
    assert_ne!(hours(&now), hours(&still));
    assert_eq!(still.statement, official.statement);
    let request = api::RestateYearRequest {
        year: YEAR,
        reason: "补报".to_owned(),
        ..Default::default()
    };
    let restated = registry(&url).await.restate_year(request).await.expect("an answer");
    assert!(client::all_in_ledger(restated.get_ref()));
    let restated = report(&url, true, size + 1).await;
    assert_eq!((hours(&restated), &restated.statement), (hours(&now), &now.statement));
    let elsewhere = report(&standby.url(), true, size + 1).await;
    assert_eq!(elsewhere.statement, restated.statement);
    let mut years = YearServiceClient::connect(url.clone()).await.expect("connected");
    let request = api::GetYearRequest { year: YEAR, at: None };
    let year = years.get_year(request).await.expect("an answer").into_inner();
    assert_eq!(
        (year.closings.len(), year.restatements.len(), year.changed.len()),
        (2, 1, 0)
    );
    let changed = &year.restatements[0].changed;
    let training = changed
        .iter()
        .find(|one| one.id == "training-hours")
        .expect("it changed");
    assert_eq!(
        (training.before.as_str(), training.after.as_str()),
        (hours(&official).as_str(), hours(&now).as_str())
    );
    assert_eq!((training.came_total, training.went_total), (50, 0));
    assert_eq!((primary.stop(), standby.stop()), (Some(0), Some(0)));
}
