//! The counter where one signs in, and what is tended to behind it.

use std::sync::Arc;

use keshi_door::account::{Counter, add_service};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;

/// The task that tends to sessions and to the log of sign-ins.
pub(super) struct Tending {
    end: CancellationToken,
    task: JoinHandle<()>,
}

impl Tending {
    /// Adds the service to `routes`, and begins to tend.
    pub(super) fn begin(counter: &Arc<Counter>, routes: &mut RoutesBuilder) -> Self {
        add_service(counter, routes);
        let end = CancellationToken::new();
        let task = tokio::spawn(Arc::clone(counter).tend(end.clone().cancelled_owned()));
        Self { end, task }
    }

    /// Tends once more, after the last call: what was only counted is written.
    pub(super) async fn ended(self) {
        self.end.cancel();
        // A task that broke off has said so.
        let _ended = self.task.await;
    }
}
