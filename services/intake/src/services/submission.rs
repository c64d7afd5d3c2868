//! Mixed submissions, dry runs, streams, and what became of a submission.

use std::pin::Pin;
use std::sync::Arc;

use futures::Stream;
use keshi_proto::api;
use keshi_proto::api::submission_service_server::SubmissionService;
use keshi_proto::api_convert::recorded;
use keshi_proto::log::{StatusAnswer, StatusQuestion};
use tonic::{Request, Response, Status, Streaming};
use tracing::instrument;
use uuid::Uuid;

use super::Intake;
use crate::ask::asker;
use crate::error::Error;
use crate::form::Form;
use crate::read::Batch;
use crate::submit::post;
use crate::{check, stream};
use keshi_door::topics;
use keshi_door::{Call, violation};

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl SubmissionService for Intake {
    #[instrument(level = "debug", skip_all, fields(events = request.get_ref().events.len()))]
    async fn submit(&self, request: Request<api::SubmitRequest>) -> Result<Response<api::SubmitResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        let api::SubmitRequest {
            submission_id,
            taking,
            events,
        } = request.into_inner();
        let batch = Batch {
            submission_id,
            taking,
            events,
            form: Form::Events,
        };
        let response = post(&self.0, &call, batch).await;
        response.map(Response::new).map_err(|error| call.status(error))
    }

    type CheckSubmissionsStream = Answers<api::CheckedSubmission>;

    #[instrument(level = "debug", skip_all)]
    async fn check_submissions(
        &self,
        request: Request<Streaming<api::SubmitRequest>>,
    ) -> Result<Response<Self::CheckSubmissionsStream>, Status> {
        let call = self.0.guard.enter(&request)?;
        let answers = check::answers(Arc::clone(&self.0), call, request.into_inner());
        Ok(Response::new(Box::pin(answers)))
    }

    type StreamSubmissionsStream = Answers<api::SubmitProgress>;

    #[instrument(level = "debug", skip_all)]
    async fn stream_submissions(
        &self,
        request: Request<Streaming<api::SubmitRequest>>,
    ) -> Result<Response<Self::StreamSubmissionsStream>, Status> {
        let call = self.0.guard.enter(&request)?;
        let answers = stream::answers(Arc::clone(&self.0), call, request.into_inner());
        Ok(Response::new(Box::pin(answers)))
    }

    #[instrument(level = "debug", skip_all)]
    async fn get_submission(
        &self,
        request: Request<api::GetSubmissionRequest>,
    ) -> Result<Response<api::SubmitResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        let response = self.status_of(&call, request.into_inner().submission_id).await;
        response.map(Response::new).map_err(|error| call.status(error))
    }
}

impl Intake {
    async fn status_of(&self, call: &Call, text: String) -> Result<api::SubmitResponse, Error> {
        let Ok(id) = Uuid::try_parse(&text) else {
            return Err(Error::Fields(vec![violation(
                "submission_id",
                text,
                "提交编号应为 UUID",
                "the submission id must be a UUID",
            )]));
        };
        let question = StatusQuestion {
            asker: Some(asker(&call.caller)),
            submission_id: id.as_bytes().to_vec().into(),
        };
        let answer: StatusAnswer = self.0.ask(topics::STATUS, &question, call.deadline).await?;
        let unknown = || Error::UnknownSubmission { id: id.to_string() };
        answer.receipt.map(recorded).ok_or_else(unknown)
    }
}
