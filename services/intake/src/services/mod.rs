//! The services, each a thin adapter: convert, call, convert.

mod registry;
mod review;
mod submission;
mod typed;

use std::pin::Pin;
use std::sync::Arc;

use keshi_proto::api::SubmitResponse;
use keshi_proto::api::certificate_service_server::CertificateServiceServer;
use keshi_proto::api::competition_service_server::CompetitionServiceServer;
use keshi_proto::api::outreach_service_server::OutreachServiceServer;
use keshi_proto::api::registry_service_server::RegistryServiceServer;
use keshi_proto::api::review_service_server::ReviewServiceServer;
use keshi_proto::api::submission_service_server::SubmissionServiceServer;
use keshi_proto::api::training_service_server::TrainingServiceServer;
use tonic::service::RoutesBuilder;
use tonic::{Response, Status};

use crate::Context;
use keshi_door::{Dressed, MESSAGE_BYTES_MAX};

/// The adapter of all services.
#[derive(Clone, Debug)]
pub(crate) struct Intake(Arc<Context>);

/// The answer of a method that posts.
pub(crate) type Answer<'f> = Pin<Box<dyn Future<Output = Result<Response<SubmitResponse>, Status>> + Send + 'f>>;

pub(crate) fn add(context: &Arc<Context>, routes: &mut RoutesBuilder) {
    macro_rules! add {
        ($($server:ident)*) => { $(
            let service = $server::new(Intake(Arc::clone(context)));
            let service = service.max_decoding_message_size(MESSAGE_BYTES_MAX);
            routes.add_service(Dressed::new(context.guard.clone(), service));
        )* };
    }
    add! {
        TrainingServiceServer OutreachServiceServer CompetitionServiceServer RegistryServiceServer
        ReviewServiceServer SubmissionServiceServer CertificateServiceServer
    }
}

/// Methods that post items of one kind: `method Request`.
///
/// They are written out as `async_trait` would, which does not see into macros.
macro_rules! postings {
    ($($method:ident $request:ident)*) => { $(
        fn $method<'s, 'f>(
            &'s self,
            request: tonic::Request<keshi_proto::api::$request>,
        ) -> crate::services::Answer<'f>
        where
            's: 'f,
            Self: 'f,
        {
            let span = tracing::debug_span!(stringify!($method), items = request.get_ref().items.len());
            let answer = async move {
                let call = self.0.guard.enter(&request)?;
                let keshi_proto::api::$request { submission_id, taking, items } = request.into_inner();
                let events = items
                    .into_iter()
                    .map(|item| keshi_proto::api_convert::event_of(item.head, item.fact));
                let batch = crate::read::Batch {
                    submission_id,
                    taking,
                    events: events.collect(),
                    form: crate::form::Form::Items,
                };
                let response = crate::submit::post(&self.0, &call, batch).await;
                response.map(tonic::Response::new).map_err(|error| call.status(error))
            };
            Box::pin(tracing::Instrument::instrument(answer, span))
        }
    )* };
}
pub(crate) use postings;
