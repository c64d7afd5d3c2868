//! A small gRPC poster.

use std::time::{Duration, Instant};

use keshi_core::event::Event;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::submission_service_client::SubmissionServiceClient;
use keshi_proto::api::{self, Receipt, SubmitRequest, SubmitResponse};
use keshi_proto::api_convert::event_to_api;
use tonic::Code;
use tonic::transport::{Channel, Endpoint};

use crate::county;

/// Longest wait for something to be recorded.
pub const PATIENCE: Duration = Duration::from_secs(50);

/// Connects to a server.
///
/// # Errors
///
/// If nothing listens there.
pub async fn connect(url: &str) -> Result<SubmissionServiceClient<Channel>, tonic::transport::Error> {
    let channel = Endpoint::from_shared(url.to_owned())?
        .tcp_nodelay(true)
        .connect()
        .await?;
    Ok(SubmissionServiceClient::new(channel)
        .max_decoding_message_size(16 << 20)
        .max_encoding_message_size(16 << 20))
}

/// A request with these events under the `number`th submission id.
pub fn request(number: u64, events: &[Event]) -> SubmitRequest {
    SubmitRequest {
        submission_id: county::uuid(number | 1 << 63).to_string(),
        taking: api::Taking::Each.into(),
        events: events.iter().map(event_to_api).collect(),
    }
}

/// Posts the people, the project and the sessions that attendance refers to.
///
/// # Panics
///
/// If any of it is not recorded.
pub async fn post_register(client: &mut SubmissionServiceClient<Channel>) {
    post_all(client, 1 << 50, &county::register()).await;
}

/// Posts events, at most 2,000 at a time, under submission ids from `first` on.
///
/// # Panics
///
/// If any of it is not recorded.
pub async fn post_all(client: &mut SubmissionServiceClient<Channel>, first: u64, events: &[Event]) {
    for (number, events) in (first..).zip(events.chunks(2_000)) {
        let answer = client
            .submit(request(number, events))
            .await
            .expect("an answer")
            .into_inner();
        assert!(
            all_in_ledger(&answer),
            "{:?}",
            answer.receipt.map(|receipt| receipt.verdicts)
        );
    }
}

/// Posts one submission again and again, as a poster would, until it is recorded; its receipt.
///
/// # Panics
///
/// If it is rejected, or not recorded within [`PATIENCE`].
pub async fn post_until_recorded(client: &mut SubmissionServiceClient<Channel>, request: &SubmitRequest) -> Receipt {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let last = match client.submit(request.clone()).await {
            Ok(answer) => match answer.into_inner().receipt {
                Some(receipt) => return receipt,
                None => "accepted".to_owned(),
            },
            Err(status) => {
                let is_passing = matches!(
                    status.code(),
                    Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted
                );
                assert!(is_passing, "{status:?}");
                status.to_string()
            }
        };
        assert!(Instant::now() < give_up, "not recorded within {PATIENCE:?}: {last}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Size and root of a running ledger, once it has at least `min_size` entries.
///
/// # Panics
///
/// If it does not reach that size within [`PATIENCE`].
pub async fn head(url: &str, min_size: u64) -> api::Head {
    let channel = Endpoint::from_shared(url.to_owned()).expect("an address");
    let mut ledger = LedgerServiceClient::new(channel.connect().await.expect("connected"));
    let at = Some(api::At { at: None, min_size });
    let mut request = tonic::Request::new(api::GetHeadRequest { at });
    request.set_timeout(PATIENCE);
    ledger
        .get_head(request)
        .await
        .expect("it reaches that size")
        .into_inner()
}

/// Whether every event of the submission stands in the ledger.
pub fn all_in_ledger(answer: &SubmitResponse) -> bool {
    let Some(receipt) = &answer.receipt else { return false };
    receipt
        .verdicts
        .iter()
        .all(|verdict| keshi_proto::api_convert::is_in_ledger(verdict.verdict))
}
