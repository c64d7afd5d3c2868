//! The transport's floor: a server of the same service that answers at once and does nothing.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::pin::Pin;
use std::process::{Child, Command, Stdio};

use futures::Stream;
use keshi_proto::api::submission_service_server::{SubmissionService, SubmissionServiceServer};
use keshi_proto::api::{CheckedSubmission, GetSubmissionRequest, SubmitProgress, SubmitRequest, SubmitResponse};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, Streaming};

struct Nothing;

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl SubmissionService for Nothing {
    type CheckSubmissionsStream = Answers<CheckedSubmission>;
    type StreamSubmissionsStream = Answers<SubmitProgress>;

    async fn submit(&self, request: Request<SubmitRequest>) -> Result<Response<SubmitResponse>, Status> {
        let submission_id = request.into_inner().submission_id;
        Ok(Response::new(SubmitResponse {
            submission_id,
            ..Default::default()
        }))
    }

    async fn check_submissions(
        &self,
        _: Request<Streaming<SubmitRequest>>,
    ) -> Result<Response<Self::CheckSubmissionsStream>, Status> {
        Err(Status::unimplemented("the floor"))
    }

    async fn stream_submissions(
        &self,
        _: Request<Streaming<SubmitRequest>>,
    ) -> Result<Response<Self::StreamSubmissionsStream>, Status> {
        Err(Status::unimplemented("the floor"))
    }

    async fn get_submission(&self, _: Request<GetSubmissionRequest>) -> Result<Response<SubmitResponse>, Status> {
        Ok(Response::new(SubmitResponse::default()))
    }
}

/// Serves until killed, after saying where.
pub fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        println!("{}", listener.local_addr().expect("its address"));
        tonic::transport::Server::builder()
            .add_service(SubmissionServiceServer::new(Nothing).max_decoding_message_size(16 << 20))
            .serve_with_incoming(TcpListenerStream::new(listener))
            .await
            .expect("served");
    });
}

/// The floor as a process of its own, like the binary it is compared with.
pub struct Floor {
    child: Child,
    address: SocketAddr,
}

impl Floor {
    pub fn start() -> Self {
        let own = std::env::current_exe().expect("this program");
        let mut child = Command::new(own)
            .arg("floor")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the floor starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped"))
            .read_line(&mut line)
            .expect("its address");
        Self {
            address: line.trim().parse().expect("an address"),
            child,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
