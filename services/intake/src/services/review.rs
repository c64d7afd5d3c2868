//! Claims, their reviews and publicity: thin calls, each of which becomes events of one submission.

use keshi_proto::api;
use keshi_proto::api::review_service_server::ReviewService;
use tonic::{Request, Response, Status};
use tracing::instrument;

use super::Intake;
use crate::review;

type Answered = Result<Response<api::SubmitResponse>, Status>;

#[tonic::async_trait]
impl ReviewService for Intake {
    #[instrument(level = "debug", skip_all, fields(items = request.get_ref().items.len()))]
    async fn submit_claims(&self, request: Request<api::SubmitClaimsRequest>) -> Answered {
        let call = self.0.guard.enter(&request)?;
        let answer = review::submit_claims(&self.0, &call, request.into_inner()).await;
        answer.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all, fields(items = request.get_ref().items.len()))]
    async fn review_claims(&self, request: Request<api::ReviewClaimsRequest>) -> Answered {
        let call = self.0.guard.enter(&request)?;
        let answer = review::review_claims(&self.0, &call, request.into_inner()).await;
        answer.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all)]
    async fn open_publicity(&self, request: Request<api::OpenPublicityRequest>) -> Answered {
        let call = self.0.guard.enter(&request)?;
        let answer = review::open_publicity(&self.0, &call, request.into_inner()).await;
        answer.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all)]
    async fn end_publicity(&self, request: Request<api::EndPublicityRequest>) -> Answered {
        let call = self.0.guard.enter(&request)?;
        let answer = review::end_publicity(&self.0, &call, request.into_inner()).await;
        answer.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all)]
    async fn raise_objection(&self, request: Request<api::RaiseObjectionRequest>) -> Answered {
        let call = self.0.guard.enter(&request)?;
        let answer = review::raise_objection(&self.0, &call, request.into_inner()).await;
        answer.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all)]
    async fn decide_objection(&self, request: Request<api::DecideObjectionRequest>) -> Answered {
        let call = self.0.guard.enter(&request)?;
        let answer = review::decide_objection(&self.0, &call, request.into_inner()).await;
        answer.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all, fields(items = request.get_ref().items.len()))]
    async fn merge_persons(&self, request: Request<api::MergePersonsRequest>) -> Answered {
        let call = self.0.guard.enter(&request)?;
        let answer = review::persons::merge(&self.0, &call, request.into_inner()).await;
        answer.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all, fields(items = request.get_ref().items.len()))]
    async fn accept_overlaps(&self, request: Request<api::AcceptOverlapsRequest>) -> Answered {
        let call = self.0.guard.enter(&request)?;
        let answer = review::persons::accept_overlaps(&self.0, &call, request.into_inner()).await;
        answer.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all, fields(items = request.get_ref().items.len()))]
    async fn reverse_merges(&self, request: Request<api::ReverseMergesRequest>) -> Answered {
        let call = self.0.guard.enter(&request)?;
        let answer = review::persons::reverse(&self.0, &call, request.into_inner()).await;
        answer.map(Response::new).map_err(|error| call.status(error))
    }
}
