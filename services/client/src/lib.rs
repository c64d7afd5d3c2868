//! The services' API with one caller's credentials, over a connection or in the same process: one client for the command
//! line, the pages, and an import that either of them makes.
#![deny(missing_docs)]

pub mod evidence;

use std::error::Error;
use std::fmt;
use std::time::Duration;

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_proto::api::account_service_client::AccountServiceClient;
use keshi_proto::api::audit_service_client::AuditServiceClient;
use keshi_proto::api::certificate_register_service_client::CertificateRegisterServiceClient;
use keshi_proto::api::certificate_service_client::CertificateServiceClient;
use keshi_proto::api::claim_service_client::ClaimServiceClient;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use keshi_proto::api::operations_service_client::OperationsServiceClient;
use keshi_proto::api::registry_service_client::RegistryServiceClient;
use keshi_proto::api::review_service_client::ReviewServiceClient;
use keshi_proto::api::submission_service_client::SubmissionServiceClient;
use keshi_proto::api::tile_service_client::TileServiceClient;
use keshi_proto::api::year_service_client::YearServiceClient;
use tonic::body::Body;
use tonic::codegen::{Service, StdError, http};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::{Request, Response, Status};
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

/// Largest answer, in bytes: a receipt of 5,000 refusals with their texts fits well.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The way to the services: in this process, or a connection.
pub type Way = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, Lost>;

/// The way to the services broke off.
#[derive(Debug)]
pub struct Lost(StdError);

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Lost {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

/// The way to `service`: routes in this process, or a channel.
pub fn over<S, B>(service: S) -> Way
where
    S: Service<http::Request<Body>, Response = http::Response<B>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<StdError>,
    B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<StdError>,
{
    BoxCloneSyncService::new(
        service
            .map_response(|response: http::Response<B>| response.map(Body::new))
            .map_err(|cause| Lost(cause.into())),
    )
}

/// The services, asked as one caller. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    way: Way,
    authorization: Option<MetadataValue<Ascii>>,
    lang: Lang,
    timeout: Duration,
}

impl Client {
    /// The services behind `way`, asked with this `authorization`, if any, and given `timeout` for each answer.
    pub fn new(way: Way, authorization: Option<MetadataValue<Ascii>>, lang: Lang, timeout: Duration) -> Self {
        Self {
            way,
            authorization,
            lang,
            timeout,
        }
    }

    /// The same without credentials.
    #[must_use]
    pub fn without_authorization(self) -> Self {
        Self {
            authorization: None,
            ..self
        }
    }

    /// The language in which texts come.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// A request with credentials, language and time limit.
    pub fn call<T>(&self, message: T) -> Request<T> {
        let mut request = self.stream(message);
        request.set_timeout(self.timeout);
        request
    }

    /// A request that may last as long as it needs.
    pub fn stream<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        if let Some(authorization) = &self.authorization {
            metadata.insert("authorization", authorization.clone());
        }
        let language = MetadataValue::from_static(self.lang.pick("zh", "en"));
        metadata.insert("accept-language", language);
        request
    }

    /// What is read of the ledger.
    pub fn ledger(&self) -> LedgerServiceClient<Way> {
        LedgerServiceClient::new(self.way.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// Years: reports, closings, definitions of figures.
    pub fn years(&self) -> YearServiceClient<Way> {
        YearServiceClient::new(self.way.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// What is read of claims.
    pub fn claims(&self) -> ClaimServiceClient<Way> {
        ClaimServiceClient::new(self.way.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// Claims, and their reviews.
    pub fn reviews(&self) -> ReviewServiceClient<Way> {
        ReviewServiceClient::new(self.way.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// Accounts, and signing in.
    pub fn accounts(&self) -> AccountServiceClient<Way> {
        AccountServiceClient::new(self.way.clone())
    }

    /// Certificates to issue, issue again and void.
    pub fn certificates(&self) -> CertificateServiceClient<Way> {
        CertificateServiceClient::new(self.way.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// Certificates as they stand, and their public check.
    pub fn certificate_register(&self) -> CertificateRegisterServiceClient<Way> {
        CertificateRegisterServiceClient::new(self.way.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// Checkpoints and tiles of hashes, for anybody.
    pub fn tiles(&self) -> TileServiceClient<Way> {
        TileServiceClient::new(self.way.clone())
    }

    /// The audit.
    pub fn audit(&self) -> AuditServiceClient<Way> {
        AuditServiceClient::new(self.way.clone())
    }

    /// How the services do, and their backups.
    pub fn operations(&self) -> OperationsServiceClient<Way> {
        OperationsServiceClient::new(self.way.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// Schools, people, policies, and what acts on entries.
    pub fn registry(&self) -> RegistryServiceClient<Way> {
        RegistryServiceClient::new(self.way.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// Postings of any kind.
    pub fn submissions(&self) -> SubmissionServiceClient<Way> {
        SubmissionServiceClient::new(self.way.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }
}

/// Asks for every page of a list, one after the other: `ask` with the token of the next one, `add` for what it has and where
/// the list goes on.
///
/// # Errors
///
/// As the server answers.
pub async fn each_page<P, F: Future<Output = Result<Response<P>, Status>>>(
    ask: impl Fn(String) -> F,
    mut add: impl FnMut(P) -> String,
) -> Result<(), Status> {
    let mut token = String::new();
    loop {
        token = add(ask(token).await?.into_inner());
        if token.is_empty() {
            return Ok(());
        }
    }
}

/// All sessions that `request` asks for, whatever page it names.
///
/// # Errors
///
/// As the server answers.
pub async fn sessions(
    client: &Client,
    request: &api::ListHeldSessionsRequest,
) -> Result<api::ListHeldSessionsResponse, Status> {
    let mut all = api::ListHeldSessionsResponse::default();
    let ask = |page_token| async {
        let request = api::ListHeldSessionsRequest {
            page_token,
            ..request.clone()
        };
        client.ledger().list_sessions(client.call(request)).await
    };
    let add = |page: api::ListHeldSessionsResponse| {
        all.sessions.extend(page.sessions);
        (all.size, all.total) = (page.size, page.total);
        page.next_page_token
    };
    each_page(ask, add).await?;
    Ok(all)
}

/// All who were at the session that `request` names, whatever page it names.
///
/// # Errors
///
/// As the server answers.
pub async fn attendance(
    client: &Client,
    request: &api::ListAttendanceRequest,
) -> Result<api::ListAttendanceResponse, Status> {
    let mut all = api::ListAttendanceResponse::default();
    let ask = |page_token| async {
        let request = api::ListAttendanceRequest {
            page_token,
            ..request.clone()
        };
        client.ledger().list_attendance(client.call(request)).await
    };
    let add = |page: api::ListAttendanceResponse| {
        all.attendance.extend(page.attendance);
        all.size = page.size;
        page.next_page_token
    };
    each_page(ask, add).await?;
    Ok(all)
}

/// All schools whose name has this part, as the ledger had them `at` a place.
///
/// # Errors
///
/// As the server answers.
pub async fn schools(client: &Client, name: &str, at: Option<api::At>) -> Result<api::ListSchoolsResponse, Status> {
    let mut all = api::ListSchoolsResponse::default();
    let ask = |page_token| async {
        let request = api::ListSchoolsRequest {
            at,
            name: name.to_owned(),
            page_token,
        };
        client.ledger().list_schools(client.call(request)).await
    };
    let add = |page: api::ListSchoolsResponse| {
        all.schools.extend(page.schools);
        all.size = page.size;
        page.next_page_token
    };
    each_page(ask, add).await?;
    Ok(all)
}
