//! The services' API with one visitor's credentials.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use axum::http;
use keshi_core::lang::Lang;
use keshi_proto::api::audit_service_client::AuditServiceClient;
use keshi_proto::api::ledger_service_client::LedgerServiceClient;
use tonic::Request;
use tonic::body::Body;
use tonic::codegen::{Service, StdError};
use tonic::metadata::{Ascii, MetadataValue};
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

/// How long a page waits for the services.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Largest answer that is taken, in bytes: a little more than the services give.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// The way to the services: in this process, or a connection.
pub type Way = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, Lost>;

/// The way to the services broke off.
#[derive(Debug)]
pub struct Lost(StdError);

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the services are not reached")
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
    B: axum::body::HttpBody<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<StdError>,
{
    BoxCloneSyncService::new(
        service
            .map_response(|response: http::Response<B>| response.map(Body::new))
            .map_err(|cause| Lost(cause.into())),
    )
}

/// The services, asked as one visitor.
#[derive(Clone)]
pub(crate) struct Api {
    way: Way,
    credentials: Option<MetadataValue<Ascii>>,
    lang: Lang,
}

impl Api {
    /// The services behind `way`, asked with these credentials (the text of an `authorization` header).
    pub(crate) fn new(way: Way, credentials: Option<MetadataValue<Ascii>>, lang: Lang) -> Self {
        Self { way, credentials, lang }
    }

    /// A request with credentials, language and time limit.
    pub(crate) fn call<T>(&self, message: T) -> Request<T> {
        let mut request = self.stream(message);
        request.set_timeout(TIMEOUT);
        request
    }

    /// A request that may last as long as it needs.
    pub(crate) fn stream<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        if let Some(credentials) = &self.credentials {
            metadata.insert("authorization", credentials.clone());
        }
        metadata.insert(
            "accept-language",
            MetadataValue::from_static(self.lang.pick("zh", "en")),
        );
        request
    }

    pub(crate) fn ledger(&self) -> LedgerServiceClient<Way> {
        LedgerServiceClient::new(self.way.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    pub(crate) fn audit(&self) -> AuditServiceClient<Way> {
        AuditServiceClient::new(self.way.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }
}
