//! Streams of a server that is to end, and of callers who have gone quiet.

use std::time::Duration;

use futures::{Stream, StreamExt as _};
use tokio_util::sync::CancellationToken;
use tonic::Status;

/// How long a caller may send nothing on a stream. Whoever waits for a person to go on opens a new one then.
const QUIET_MAX: Duration = Duration::from_mins(1);

/// The same requests until `shutdown`, or until nothing has come for a minute; then one status in place of the rest: a
/// caller who keeps a stream open and sends nothing must not keep her place nor the server, and one who still sends must
/// learn that it was not taken.
pub(crate) fn until<T: Send + Sync>(
    shutdown: CancellationToken,
    requests: impl Stream<Item = Result<T, Status>> + Send + 'static,
) -> impl Stream<Item = Result<T, Status>> + Send {
    async_stream::stream! {
        let mut requests = Box::pin(requests);
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => {
                    yield Err(Status::unavailable("the server is stopping"));
                    return;
                }
                request = tokio::time::timeout(QUIET_MAX, requests.next()) => match request {
                    Ok(Some(request)) => yield request,
                    Ok(None) => return,
                    Err(_quiet) => {
                        yield Err(Status::deadline_exceeded("nothing was sent for a minute: open a new stream"));
                        return;
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    #[tokio::test]
    async fn a_quiet_stream_ends_with_a_status_when_the_server_is_to_end() {
        let shutdown = CancellationToken::new();
        let first = stream::iter([Ok::<_, Status>(1)]);
        let mut requests = Box::pin(until(shutdown.clone(), first.chain(stream::pending())));
        assert_eq!(requests.next().await.unwrap().unwrap(), 1);
        shutdown.cancel();
        let status = requests.next().await.unwrap().unwrap_err();
        assert_eq!(status.code(), tonic::Code::Unavailable);
        assert!(requests.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_on_which_nothing_comes_for_a_minute_ends_with_a_status() {
        let first = stream::iter([Ok::<_, Status>(1)]);
        let mut requests = Box::pin(until(CancellationToken::new(), first.chain(stream::pending())));
        assert_eq!(requests.next().await.unwrap().unwrap(), 1);
        let status = requests.next().await.unwrap().unwrap_err();
        assert_eq!(status.code(), tonic::Code::DeadlineExceeded);
        assert!(requests.next().await.is_none());
    }
}
