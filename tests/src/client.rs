//! A small gRPC poster.

use keshi_core::event::Event;
use keshi_proto::api::submission_service_client::SubmissionServiceClient;
use keshi_proto::api::{self, SubmitRequest, SubmitResponse};
use keshi_proto::api_convert::event_to_api;
use tonic::transport::{Channel, Endpoint};

use crate::county;

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
    for (number, events) in county::register().chunks(2_000).enumerate() {
        let answer = client
            .submit(request(1 << 50 | number as u64, events))
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

/// Whether every event of the submission stands in the ledger.
pub fn all_in_ledger(answer: &SubmitResponse) -> bool {
    let Some(receipt) = &answer.receipt else { return false };
    receipt
        .verdicts
        .iter()
        .all(|verdict| keshi_proto::api_convert::is_in_ledger(verdict.verdict))
}
