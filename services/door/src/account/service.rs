//! The service: a thin adapter.

use keshi_proto::api;
use keshi_proto::api::account_service_server::AccountService;
use prost::Message;
use tonic::{Request, Response, Status};

use super::Service;
use crate::guard::Stranger;
use crate::{AnswerRoom, Call, Fault, Peer, unread};

impl Service {
    /// An answer of a list, which holds room until it is read.
    fn listed<M: Message>(&self, call: &Call, answer: Result<M, Fault>) -> Result<Response<M>, Status> {
        let held = answer.and_then(|answer| {
            let room = self.0.guard.answer(&call.caller, answer.encoded_len());
            Ok((room.ok_or_else(unread)?, answer))
        });
        let (room, answer) = held.map_err(|fault| fault.status(call.lang))?;
        let mut response = Response::new(answer);
        response.extensions_mut().insert(AnswerRoom::from(room));
        Ok(response)
    }
}

fn answered<M>(call: &Call, answer: Result<M, Fault>) -> Result<Response<M>, Status> {
    answer.map(Response::new).map_err(|fault| fault.status(call.lang))
}

#[tonic::async_trait]
impl AccountService for Service {
    async fn sign_in(&self, request: Request<api::SignInRequest>) -> Result<Response<api::SignInResponse>, Status> {
        let Some(stranger) = request.extensions().get::<Stranger>().cloned() else {
            return Err(Status::internal("the service is not behind its door"));
        };
        let answer = self.0.sign_in(&stranger, request.into_inner()).await;
        answer.map(Response::new).map_err(|fault| fault.status(stranger.lang))
    }

    async fn sign_out(&self, request: Request<api::SignOutRequest>) -> Result<Response<api::SignOutResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        answered(&call, self.0.sign_out(&call).await)
    }

    async fn who_am_i(&self, request: Request<api::WhoAmIRequest>) -> Result<Response<api::WhoAmIResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        answered(&call, Ok(self.0.who_am_i(&call)))
    }

    async fn set_password(
        &self,
        request: Request<api::SetPasswordRequest>,
    ) -> Result<Response<api::SignInResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        let Some(peer) = request.extensions().get::<Peer>().copied() else {
            return Err(Status::internal("the service is not behind its door"));
        };
        answered(&call, self.0.set_password(&call, peer, request.into_inner()).await)
    }

    async fn new_second_factor(
        &self,
        request: Request<api::NewSecondFactorRequest>,
    ) -> Result<Response<api::NewSecondFactorResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        answered(&call, self.0.new_second_factor(&call))
    }

    async fn set_second_factor(
        &self,
        request: Request<api::SetSecondFactorRequest>,
    ) -> Result<Response<api::SetSecondFactorResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        let Some(peer) = request.extensions().get::<Peer>().copied() else {
            return Err(Status::internal("the service is not behind its door"));
        };
        answered(&call, self.0.set_second_factor(&call, peer, request.into_inner()).await)
    }

    async fn list_sessions(
        &self,
        request: Request<api::ListSessionsRequest>,
    ) -> Result<Response<api::ListSessionsResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        self.listed(&call, self.0.list_sessions(&call, request.get_ref()))
    }

    async fn end_session(
        &self,
        request: Request<api::EndSessionRequest>,
    ) -> Result<Response<api::EndSessionResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        answered(&call, self.0.end_session(&call, request.into_inner()).await)
    }

    async fn create_accounts(
        &self,
        request: Request<api::CreateAccountsRequest>,
    ) -> Result<Response<api::CreateAccountsResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        answered(&call, self.0.create_accounts(&call, request.into_inner()).await)
    }

    async fn list_accounts(
        &self,
        request: Request<api::ListAccountsRequest>,
    ) -> Result<Response<api::ListAccountsResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        self.listed(&call, self.0.list_accounts(&call, request.get_ref()))
    }

    async fn change_account(
        &self,
        request: Request<api::ChangeAccountRequest>,
    ) -> Result<Response<api::ChangeAccountResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        answered(&call, self.0.change_account(&call, request.into_inner()).await)
    }

    async fn reset_account(
        &self,
        request: Request<api::ResetAccountRequest>,
    ) -> Result<Response<api::ResetAccountResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        answered(&call, self.0.reset_account(&call, request.into_inner()).await)
    }

    async fn close_account(
        &self,
        request: Request<api::CloseAccountRequest>,
    ) -> Result<Response<api::CloseAccountResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        answered(&call, self.0.close_account(&call, request.into_inner()).await)
    }

    async fn list_sign_ins(
        &self,
        request: Request<api::ListSignInsRequest>,
    ) -> Result<Response<api::ListSignInsResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        self.listed(&call, self.0.list_sign_ins(&call, request.into_inner()).await)
    }

    async fn list_account_changes(
        &self,
        request: Request<api::ListAccountChangesRequest>,
    ) -> Result<Response<api::ListAccountChangesResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        self.listed(&call, self.0.list_account_changes(&call, request.get_ref()))
    }
}
