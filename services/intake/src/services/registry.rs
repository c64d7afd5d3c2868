//! Schools, people, posts, rules, calendars, loads and voids.

use keshi_proto::api;
use keshi_proto::api::registry_service_server::RegistryService;
use keshi_proto::api_convert::event_of;
use tonic::{Request, Response, Status};
use tracing::instrument;

use super::{Intake, postings};
use crate::adopt;
use crate::error::Error;
use crate::form::Form;
use crate::people;
use crate::read::Batch;
use crate::submit::post;
use crate::years;
use keshi_door::rights::Earlier;
use keshi_door::{Call, violation};

#[tonic::async_trait]
impl RegistryService for Intake {
    postings! {
        register_schools RegisterSchoolsRequest
        close_schools CloseSchoolsRequest
        merge_schools MergeSchoolsRequest
        form_groups FormGroupsRequest
        form_bases FormBasesRequest
        form_studios FormStudiosRequest
        link_schools LinkSchoolsRequest
        pool_experts PoolExpertsRequest
        start_assignments StartAssignmentsRequest
        end_assignments EndAssignmentsRequest
        open_historical_loads OpenHistoricalLoadsRequest
        close_historical_loads CloseHistoricalLoadsRequest
        void_entries VoidEntriesRequest
        grant_exemptions GrantExemptionsRequest
        note_figures NoteFiguresRequest
    }

    #[instrument(level = "debug", skip_all, fields(items = request.get_ref().items.len()))]
    async fn register_people(
        &self,
        request: Request<api::RegisterPeopleRequest>,
    ) -> Result<Response<api::SubmitResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        let response = self.register(&call, request.into_inner()).await;
        response.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all)]
    async fn adopt_policy(
        &self,
        request: Request<api::AdoptPolicyRequest>,
    ) -> Result<Response<api::SubmitResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        let response = adopt::policy(&self.0, &call, request.into_inner()).await;
        response.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all)]
    async fn adopt_calendar(
        &self,
        request: Request<api::AdoptCalendarRequest>,
    ) -> Result<Response<api::SubmitResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        let response = adopt::calendar(&self.0, &call, request.into_inner()).await;
        response.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all)]
    async fn adopt_figures(
        &self,
        request: Request<api::AdoptFiguresRequest>,
    ) -> Result<Response<api::SubmitResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        let response = years::adopt(&self.0, &call, request.into_inner()).await;
        response.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all)]
    async fn close_year(
        &self,
        request: Request<api::CloseYearRequest>,
    ) -> Result<Response<api::SubmitResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        let response = years::close(&self.0, &call, request.into_inner()).await;
        response.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all)]
    async fn restate_year(
        &self,
        request: Request<api::RestateYearRequest>,
    ) -> Result<Response<api::SubmitResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        let response = years::restate(&self.0, &call, request.into_inner()).await;
        response.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all, fields(identities = request.get_ref().identities.len()))]
    async fn put_identities(
        &self,
        request: Request<api::PutIdentitiesRequest>,
    ) -> Result<Response<api::PutIdentitiesResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        let identities = request.into_inner().identities;
        let put = async {
            let violations = people::violations_of(&identities, |position| format!("identities[{position}]"));
            if !violations.is_empty() {
                return Err(Error::Fields(violations));
            }
            people::put(&self.0, &call, identities).await
        };
        let stored = put.await.map_err(|error| call.status(error))?;
        Ok(Response::new(api::PutIdentitiesResponse { stored }))
    }

    #[instrument(level = "debug", skip_all)]
    async fn erase_identity(
        &self,
        request: Request<api::EraseIdentityRequest>,
    ) -> Result<Response<api::EraseIdentityResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        let erased = people::erase(&self.0, &call, request.into_inner()).await;
        erased.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all)]
    async fn readmit_identity(
        &self,
        request: Request<api::ReadmitIdentityRequest>,
    ) -> Result<Response<api::ReadmitIdentityResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        let readmitted = people::readmit(&self.0, &call, request.into_inner()).await;
        readmitted.map(Response::new).map_err(|error| call.status(error))
    }

    #[instrument(level = "debug", skip_all, fields(queries = request.get_ref().queries.len()))]
    async fn resolve_people(
        &self,
        request: Request<api::ResolvePeopleRequest>,
    ) -> Result<Response<api::ResolvePeopleResponse>, Status> {
        let call = self.0.guard.enter(&request)?;
        let resolved = people::resolve(&self.0, &call, request.into_inner()).await;
        resolved.map(Response::new).map_err(|error| call.status(error))
    }
}

impl Intake {
    /// Identities go to the register first: should the ledger then refuse an event, sending the same again puts the same
    /// identity, which changes nothing.
    async fn register(&self, call: &Call, request: api::RegisterPeopleRequest) -> Result<api::SubmitResponse, Error> {
        let api::RegisterPeopleRequest {
            submission_id,
            taking,
            items,
        } = request;
        let mut violations = Vec::new();
        let (mut events, mut identities, mut places) = (Vec::with_capacity(items.len()), Vec::new(), Vec::new());
        for (position, item) in items.into_iter().enumerate() {
            if let Some(mut identity) = item.identity {
                let registered = item.fact.as_ref().map_or("", |person| person.teacher_id.as_str());
                if identity.teacher_id.is_empty() {
                    registered.clone_into(&mut identity.teacher_id);
                } else if identity.teacher_id != registered {
                    violations.push(violation(
                        format!("items[{position}].identity.teacher_id"),
                        &identity.teacher_id,
                        format!("身份信息的教师编号与建档的 {registered} 不一致；请改成一致或留空"),
                        format!(
                            "the identity is of another teacher than {registered}; make them the same or leave it empty"
                        ),
                    ));
                }
                identities.push(identity);
                places.push(position);
            }
            events.push(event_of(item.head, item.fact));
        }
        let path = |at: usize| format!("items[{}].identity", places.get(at).copied().unwrap_or_default());
        violations.extend(people::violations_of(&identities, path));
        if !violations.is_empty() {
            return Err(Error::Fields(violations));
        }
        let batch = Batch {
            submission_id,
            taking,
            events,
            form: Form::Items,
        };
        if identities.is_empty() {
            return post(&self.0, call, batch).await;
        }
        // The events are read before the identities are put, so that one wrong field leaves the register untouched too.
        let ready = crate::read::read(&self.0, call, batch, &mut Earlier::default()).await?;
        people::put(&self.0, call, identities).await?;
        crate::submit::publish(&self.0, call, &ready, call.deadline).await
    }
}
