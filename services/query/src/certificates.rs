//! Certificates (证书): the register, for those who may read about the teachers, and the check of one number, for everybody.

mod check;
mod list;

use keshi_core::certificate::paper;
use keshi_core::registry::{CertificateView, Validity};
use keshi_door::{AnswerRoom, Pace, Stranger};
use keshi_proto::api;
use keshi_proto::api::certificate_register_service_server::CertificateRegisterService;
use prost::Message as _;
use tonic::{Request, Response, Status};
use tracing::{Instrument as _, debug_span, instrument};

use crate::Query;
use crate::ledger::{Answer, questions};

/// What checking certificates needs beside what all services share.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    pace: Pace,
}

#[tonic::async_trait]
impl CertificateRegisterService for Query {
    questions! {
        list_certificates ListCertificatesRequest -> ListCertificatesResponse
    }

    #[instrument(level = "debug", skip_all)]
    async fn get_certificate_check(
        &self,
        request: Request<api::GetCertificateCheckRequest>,
    ) -> Result<Response<api::CertificateCheck>, Status> {
        let Some(stranger) = request.extensions().get::<Stranger>().cloned() else {
            return Err(Status::internal("the service is not behind its door"));
        };
        let answer = self.0.check_certificate(&stranger, &request.into_inner()).await;
        answer
            .map(Response::new)
            .map_err(|error| keshi_door::Fault::from(error).status(stranger.lang))
    }
}

fn state(validity: Validity) -> api::CertificateState {
    match validity {
        Validity::Valid => api::CertificateState::Valid,
        Validity::Reissued(_) => api::CertificateState::Reissued,
        Validity::ToBeRecalled => api::CertificateState::ToBeRecalled,
        Validity::Void => api::CertificateState::Void,
    }
}

/// Number on paper, number for machines, issuer; empty if the entry gave no number.
fn written(view: &CertificateView) -> (String, String, String) {
    view.number.as_ref().map_or_else(Default::default, |number| {
        (
            number.to_string(),
            number.machine(),
            number.form.issuer.clone().unwrap_or_default(),
        )
    })
}

fn kind(view: &CertificateView) -> (String, String) {
    paper(view.basis_kind).map_or_else(Default::default, |said| (said.zh, said.en))
}
